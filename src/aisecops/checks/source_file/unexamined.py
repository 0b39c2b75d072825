"""What of a source file was not examined."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.source_file.subject import SourceFile
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.examination import NotExamined
from aisecops.core.taxonomy import Stage, Threat

_MOST = 50


@check(
    id="source-file/unexamined",
    title="Every part of the source was understood",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.INSECURE_OPERATION,
    categories=(),
    heeds="gaps",
)
def unexamined(file: SourceFile, ctx: Context) -> Iterator[NotExamined]:
    """Report every part of a source file or notebook that could not be understood.

    What it finds
        Regions with broken syntax, files that are too large or nested too deeply, bytes that are no text, cells in other languages.

    Why it matters
        A scanner that passes over what it cannot parse calls the file clean; whoever wants to hide something only has to break a line.

    Example
        A merge conflict left in ``train.py``: everything around it is examined, the region between the markers is listed here.

    How to fix
        Each entry says where and why. Repair the syntax, or leave the file out with ``exclude`` where it is no code of yours.

    Limits
        Syntax newer or older than the running Python (type parameters, nested quotes in f-strings, ``print`` statements) is understood by a second parser and is
        not listed.

    References
        CWE-1127.
    """
    yield from file.gaps[:_MOST]
    if len(file.gaps) > _MOST:
        yield NotExamined(
            code=file.gaps[_MOST].code, reason=f"{len(file.gaps) - _MOST} more parts were not understood", remedy="repair the file's syntax"
        )
