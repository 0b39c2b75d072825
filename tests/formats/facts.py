"""What tests ask of a tree of parts."""

from __future__ import annotations

from aisecops.formats.artifact import Part, PartAnomaly


def calls(part: Part) -> set[str]:
    """The callables that anything in the tree names."""
    return {".".join(g.resolved) for p in part.walk() for t in p.traces for g in t.globals}


def anomalies(part: Part) -> set[PartAnomaly]:
    """The anomalies anywhere in the tree."""
    return {a.kind for p in part.walk() for a in p.anomalies}


def account(part: Part) -> list[tuple[object, ...]]:
    """Everything that tells of bytes: what a hidden change would have to leave equal."""
    return [
        (p.member, p.size, p.coverage, tuple((a.kind, a.offset) for a in p.anomalies), tuple((t.end, t.ending) for t in p.traces), p.unread)
        for p in part.walk()
    ]


def is_whole(part: Part) -> bool:
    """Whether everything was examined and nothing is odd."""
    return not any(p.anomalies or p.unread or p.coverage.unaccounted or any(t.ending.value != "stop" for t in p.traces) for p in part.walk())
