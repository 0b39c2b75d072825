"""What the shape of a container means for whoever loads or unpacks it."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.core.asset import FileVerdict
from aisecops.core.examination import Code
from aisecops.formats.artifact import Part, PartAnomaly, Unread
from aisecops.formats.loading.concern import Concern, ConcernKind
from aisecops.formats.pickle.trace import OUT_OF_MEMORY, Ending, Trace

_MEANING: dict[PartAnomaly, tuple[ConcernKind, FileVerdict]] = {
    PartAnomaly.NAME_MISMATCH: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    PartAnomaly.DATA_MISMATCH: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    PartAnomaly.WRONG_CHECKSUM: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.REVIEW),
    PartAnomaly.DUPLICATE_MEMBER: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    PartAnomaly.POLYGLOT: (ConcernKind.PARSER_DISAGREEMENT, FileVerdict.BLOCK),
    PartAnomaly.PATH_ESCAPE: (ConcernKind.PATH_ESCAPE, FileVerdict.BLOCK),
    PartAnomaly.FILE_OPERATOR: (ConcernKind.FILE_OPERATOR, FileVerdict.BLOCK),
    PartAnomaly.BOMB: (ConcernKind.RESOURCE_BOMB, FileVerdict.INCOMPLETE),
    PartAnomaly.TRAILING_BYTES: (ConcernKind.UNACCOUNTED_BYTES, FileVerdict.REVIEW),
    PartAnomaly.MISLABELLED: (ConcernKind.MISLABELLED, FileVerdict.CLEAN),
}
"""Anomalies that are findings. The others (broken, encrypted, an external file) mean that something was not examined: see ``unread``."""

_UNREAD: dict[PartAnomaly, tuple[Code, str]] = {
    PartAnomaly.BROKEN: (Code.BAD_INPUT, "get the file again from its source: as it stands it cannot be read to its end"),
    PartAnomaly.ENCRYPTED: (Code.UNREADABLE, "decrypt it and scan the result"),
    PartAnomaly.EXTERNAL_FILE: (Code.UNREADABLE, "scan the file that it names as well, or save the model again with a current joblib"),
}


def container_concerns(part: Part) -> Iterator[Concern]:
    """Findings about the shape of one part (not its children)."""
    for anomaly in part.anomalies:
        if anomaly.kind in _MEANING:
            kind, verdict = _MEANING[anomaly.kind]
            yield Concern(kind=kind, verdict=verdict, part=part.path, offset=anomaly.offset, reason=anomaly.detail, rule=anomaly.kind.value)
    said = {a.offset for a in part.anomalies if a.kind is PartAnomaly.TRAILING_BYTES}
    for span in part.coverage.unaccounted:
        if span.start not in said:
            reason = f"{span.end - span.start} bytes at {span.start} belong to nothing"
            yield Concern(
                kind=ConcernKind.UNACCOUNTED_BYTES, verdict=FileVerdict.REVIEW, part=part.path, offset=span.start, reason=reason, rule="unaccounted"
            )


def unread(part: Part) -> Iterator[Unread]:
    """What of one part (not its children) was not examined."""
    yield from part.unread
    for anomaly in part.anomalies:
        if anomaly.kind in _UNREAD:
            code, remedy = _UNREAD[anomaly.kind]
            yield Unread(code=code, reason=f"{anomaly.detail} (byte {anomaly.offset})", remedy=remedy)
    for trace in part.traces:
        if trace.ending is not Ending.STOP:
            yield _ending(trace)


def _ending(trace: Trace) -> Unread:
    where = f"byte {trace.end}"
    match trace.ending:
        case Ending.TRUNCATED:
            return Unread(
                code=Code.TRUNCATED, reason=f"the pickle stream breaks off at {where}: {trace.error}", remedy="get the whole file and scan again"
            )
        case Ending.MALFORMED:
            return Unread(
                code=Code.BAD_INPUT,
                reason=f"the pickle stream is broken at {where}: {trace.error}; what stands before would still run",
                remedy="do not load it; get the file again from its source",
            )
        case _:
            more = trace.error.startswith(OUT_OF_MEMORY)
            remedy = "scan again with a larger --memory" if more else "look at this file by hand: no library writes such a stream"
            return Unread(code=Code.TOO_LARGE, reason=f"the walk stopped at {where}: {trace.error}", remedy=remedy)
