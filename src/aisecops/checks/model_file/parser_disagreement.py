"""Two readers of the same bytes see different contents."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.model_file.telling import weakness
from aisecops.checks.references import INTERPRETATION_CONFLICT, MODEL_FILE_REFS
from aisecops.core.asset import AssetKind, FileVerdict
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.formats.loading.concern import ConcernKind


@check(
    id="model-file/parser-disagreement",
    title="Two readers of the same bytes see different contents",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("parser-disagreement",),
    refs=(*MODEL_FILE_REFS, INTERPRETATION_CONFLICT),
    heeds="concerns",
)
def parser_disagreement(file: ModelFile, ctx: Context) -> Iterator[Weakness]:
    """Find files that are one thing to a scanner and another to a loader.

    What it finds
        Zip members whose name, size, method or flags differ between the central directory and the local header, or that occur twice; files that are valid as two
        formats; pickle frames and text arguments that unpicklers read differently.

    Why it matters
        This is how scanners are bypassed without hiding anything: CVE-2025-1944 and CVE-2025-1945 (picklescan) changed one name or one flag bit of a PyTorch zip,
        and the scanner read nothing while ``torch.load`` ran the payload; python/cpython#154848 let one pickle be two programs.

    Example
        A zip whose local header calls a member ``data.pkl`` while the central directory calls it ``notes.txt``.

    How to fix
        Do not load the file: no honest writer makes it. Get it again from its source; if it comes from your own tool, repair the tool.

    Limits
        All views that we know of are examined, so a payload in any of them is reported as well; the disagreement is blocked on its own account.

    References
        CWE-436 (Interpretation Conflict); GHSA-7q5r-7gvp-wc82; GHSA-w8jq-xcqf-f792; PEP 3154.
    """
    for group in file.groups(ConcernKind.PARSER_DISAGREEMENT):
        yield weakness(
            file,
            group,
            category="parser-disagreement",
            title=f"Readers disagree about this file ({group.name.partition(':')[0]})",
            message=f"Two readers of this file see different contents: {group.first.reason}.",
            severity=Severity.HIGH if group.first.verdict is FileVerdict.BLOCK else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            fix="Do not load it: no honest writer makes such a file. Get it again from its source."
            if group.first.verdict is FileVerdict.BLOCK
            else "Get it again from its source, or save it again; what stands in it was examined.",
        )
