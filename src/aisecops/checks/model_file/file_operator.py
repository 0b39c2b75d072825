"""Code inside the model reads or writes files."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/file-operator",
    title="Code inside the model reads or writes files",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("model-code-file-access",),
    refs=(*MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY),
    heeds="concerns",
)
def file_operator(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find code inside a TorchScript model that reaches files.

    What it finds
        Calls of operators that read or write files (``torch.save``, ``torch.load``, ``torch.from_file``, ``ops.*`` that open or write) in the code that a
        TorchScript archive carries. That code cannot import, but these operators are within its reach, and run when the model is called.

    Why it matters
        A model that writes files can overwrite a key or a start-up file of the server that runs it; one that reads files can answer with what stands in them.

    Example
        A ``forward`` that ends in ``torch.save(x, "/home/serve/.ssh/authorized_keys")``.

    How to fix
        Do not run the model. Get its weights in a format that holds data alone, and its code as source that can be reviewed.

    Limits
        Operators are recognised by name in the archive's own text; operators of libraries that the server has registered may do more than their names say.

    References
        CWE-829; MITRE ATLAS AML.T0011.000.
    """
    for group in file.groups(ConcernKind.FILE_OPERATOR):
        yield weakness(
            file,
            group,
            category="model-code-file-access",
            title="Code inside the model reaches files",
            message=f"Running this model can read or write files: {group.first.reason}.",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            fix="Do not run it. Get its weights as data alone, and its code as source that can be reviewed.",
        )
