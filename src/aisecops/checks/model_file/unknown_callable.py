"""The file needs code of a package that we do not know."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import allow_line, times, weakness, what_runs
from aisecops.checks.references import MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/unknown-callable",
    title="The file needs code of a package that we do not know",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("unknown-callable",),
    refs=(*MODEL_FILE_REFS, UNTRUSTED_FUNCTIONALITY),
    heeds="concerns",
)
def unknown_callable(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find callables of packages that the table does not know: your own modules, or a library that we have not examined.

    What it finds
        Every class or function that a stream names, calls, instantiates or sets the state of, whose package is neither the standard library nor one of the
        packages in the table of callables.

    Why it matters
        Loading imports that package and runs its code. Whether that is harmless is not written in the file: it depends on what is installed under that name
        where the file is loaded. An attacker who can publish a package of that name, or whose package you already have, decides what runs.

    Example
        ``torch.save(model, "model.pt")`` of a module class from ``training/nets.py`` stores the name ``training.nets.Classifier``, not its code.

    How to fix
        Read the named code once, then allow exactly what the file does with it in ``aisecops.yaml``; the finding prints the line. Better: save the weights alone
        (``torch.save(model.state_dict(), ...)``, safetensors) and build the object in code.

    Limits
        The check cannot say whether the package is yours, only that the table does not know it.

    References
        CWE-829; CWE-502; MITRE ATLAS AML.T0010.003 (AI Supply Chain Compromise: Model).
    """
    for group in file.groups(ConcernKind.UNKNOWN_CALLABLE):
        yield weakness(
            file,
            group,
            category="unknown-callable",
            title=f"Needs {group.name}, which nobody here has examined",
            message=f"Loading this file imports and uses {what_runs(group)} ({', '.join(o.value for o in group.operations)}){times(group)}: {group.first.reason}.",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            fix=f"Read that code; if it is harmless: {allow_line(group)}. Safer: save weights alone (state_dict, safetensors) and build the object in code.",
        )
