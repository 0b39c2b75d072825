"""The file asks the loading process for objects."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import MODEL_FILE_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/loader-supplied",
    title="The file asks the loading process for objects",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("loader-supplied-object",),
    refs=MODEL_FILE_REFS,
    heeds="concerns",
)
def loader_supplied(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    r"""Find objects that are not in the file: the stream asks the loading process for them.

    What it finds
        Persistent ids outside PyTorch files, extension codes (``copyreg.add_extension``) and out-of-band buffers. Each names an object by an id or number whose
        meaning lives in the process that loads.

    Why it matters
        The same bytes mean different things in different processes. An extension code can stand for any callable that the process has registered.

    Example
        ``b"\x80\x02\x82\x01."`` loads whatever was registered as extension 1.

    How to fix
        Save the object with a plain pickler, or examine the loader's ``persistent_load`` and the registered extensions and accept the finding with a waiver.

    Limits
        In PyTorch files persistent ids stand for tensor storage, which torch checks itself: these are not reported.

    References
        CWE-502; PEP 574; pickle documentation ("Persistence of External Objects").
    """
    for group in file.groups(ConcernKind.LOADER_SUPPLIED):
        yield weakness(
            file,
            group,
            category="loader-supplied-object",
            title=f"Asks the loader for objects ({group.name})",
            message=f"Loading this file needs objects that the loading process supplies: {group.first.reason}.",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            fix="Save the object with a plain pickler; or examine what the loading process supplies and accept this finding with a waiver.",
        )
