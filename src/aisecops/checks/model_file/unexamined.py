"""What of a model file was not examined."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model_file.subject import ModelFile
from aisecops.checks.references import MODEL_FILE_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import NotExamined
from aisecops.core.taxonomy import Stage, Threat

_MOST = 100


@check(
    id="model-file/unexamined",
    title="Every part of the file was examined",
    inputs=(AssetKind.MODEL_FILE,),
    stage=Stage.RELEASE,
    threat=Threat.SUPPLY_CHAIN,
    categories=(),
    refs=MODEL_FILE_REFS,
    heeds="unread",
)
def unexamined(file: ModelFile, ctx: Context) -> Iterator[NotExamined]:
    """Report every part of a model file that could not be read to its end.

    What it finds
        Formats without a parser yet, streams that break off, encrypted members, parts beyond a limit. Each makes the file's verdict *incomplete*, never clean.

    Why it matters
        "Scanned, no issues found" for a file that was skipped is the commonest lie of scanners. A stream that breaks off has already run everything before the
        break when the loader notices.

    Example
        A 7z archive named ``model.pt``; a pickle that was cut in transfer.

    How to fix
        Each entry says what to do: fetch the whole file, decrypt it, convert it, or raise a limit. A gate can demand that nothing was left unexamined.

    Limits
        At most 100 entries a file are listed; the last one says how many more there are.

    References
        CWE-502.
    """
    for part, gap in file.unread[:_MOST]:
        yield NotExamined(code=gap.code, reason=gap.reason, remedy=gap.remedy, member=part.member)
    if len(file.unread) > _MOST:
        code = file.unread[_MOST][1].code
        yield NotExamined(
            code=code, reason=f"{len(file.unread) - _MOST} more parts were not examined", remedy="unpack the archive and scan the folder"
        )
