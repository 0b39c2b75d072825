"""The name promises another format than the content."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import MODEL_FILE_REFS, WRONG_FILE_TYPE
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/mislabelled",
    title="The name promises another format than the content",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("mislabelled-file",),
    refs=(*MODEL_FILE_REFS, WRONG_FILE_TYPE),
    heeds="concerns",
)
def mislabelled(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    r"""Find files whose name promises one format while the content is another.

    What it finds
        A pickle named ``.npy`` or ``.safetensors``, a zip named ``.pkl``, and the like. Contents are judged by what they are, whatever the name; this finding only
        says that the name misleads.

    Why it matters
        People, allow-lists of extensions and other scanners trust the name. ``numpy.load(..., allow_pickle=True)`` unpickles a pickle named ``.npy``.

    Example
        ``weights.safetensors`` that begins with a pickle's ``\x80\x04``.

    How to fix
        Rename the file to what it is, and ask why it was named otherwise.

    Limits
        Only names that promise a format are compared; ``.bin``, ``.model`` and the like promise nothing.

    References
        CWE-351.
    """
    for group in file.groups(ConcernKind.MISLABELLED):
        yield weakness(
            file,
            group,
            category="mislabelled-file",
            title="The name promises another format",
            message=f"The name of this file misleads: {group.first.reason}.",
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            fix="Rename the file to what it is, and find out why it was named otherwise.",
        )
