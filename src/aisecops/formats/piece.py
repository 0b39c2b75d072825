"""Bytes on their way to becoming parts: pieces, drafts of parts, and the budget that all parts of one file share."""

from __future__ import annotations

from enum import Enum
from mmap import mmap
from typing import Protocol

from aisecops.core.examination import Code
from aisecops.core.text import inert, inert_path
from aisecops.formats.artifact import Anomaly, Coverage, Format, Limits, Part, PartAnomaly, Span, Unread
from aisecops.formats.pickle.trace import Trace

Bytes = bytes | mmap | memoryview

_COPIED = 1 << 16
"""Pieces up to this size are copied out of what holds them: indexing bytes is faster than indexing a view."""


class Role(Enum):
    """What the container, or the user, makes of a piece."""

    FILE = "file"
    """Given by a user: worth a word even if nothing is known about it."""
    MEMBER = "member"
    """A member of an archive: interpreted if it is something, data if not."""
    STORAGE = "storage"
    """Tensor data by its place; looked at only at its head."""
    PICKLE = "pickle"
    """A loader unpickles it, whatever it is."""


class Piece:
    """The bytes of one part, from 0 to ``len(data)``, and how it is meant. ``offset`` is its place in its parent, where it is stored there as it is."""

    __slots__ = ("data", "depth", "name", "offset", "path", "role")

    def __init__(self, data: Bytes, *, name: str, role: Role, path: tuple[str, ...] = (), depth: int = 0, offset: int | None = None) -> None:
        self.data, self.name, self.role, self.path, self.depth, self.offset = data, name, role, path, depth, offset

    def inside(self, start: int, end: int, name: str, role: Role = Role.MEMBER) -> Piece:
        """Return the piece that is stored at [start, end), without copying much."""
        data = self.data
        if start or end < len(data):
            data = bytes(data[start:end]) if end - start <= _COPIED else memoryview(data)[start:end]
        return Piece(data, name=name, role=role, path=(*self.path, inert_path(name)), depth=self.depth + 1, offset=start)

    def unpacked(self, data: Bytes, name: str, role: Role) -> Piece:
        """Return the piece that decompression made of (a part of) this one."""
        return Piece(data, name=name, role=role, path=(*self.path, inert_path(name)), depth=self.depth + 1)


class Draft:
    """A part in the making. What is neither marked opaque nor unaccounted counts as parsed."""

    __slots__ = ("_anomalies", "_counts", "_opaque", "_unaccounted", "_unread", "parts", "piece", "plain_traces", "traces")

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.parts: list[Part] = []
        self.traces: tuple[Trace, ...] = ()
        self.plain_traces: tuple[Trace, ...] = ()
        self._anomalies: list[Anomaly] = []
        self._counts: dict[PartAnomaly, int] = {}
        self._unread: list[Unread] = []
        self._unaccounted: list[Span] = []
        self._opaque = 0

    def anomaly(self, kind: PartAnomaly, offset: int, detail: str) -> None:
        """Note what is wrong; of one kind at most a hundred times, as a hostile archive has as many as it likes."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count <= 100:
            self._anomalies.append(Anomaly(kind, offset, inert(detail)))

    def unread(self, code: Code, reason: str, remedy: str = "") -> None:
        """Note what was not examined."""
        self._unread.append(Unread(code, inert(reason), remedy))

    def opaque(self, count: int) -> None:
        """Count bytes that no loader interprets."""
        self._opaque += count

    def leave(self, start: int, end: int) -> None:
        """Note bytes that nothing accounts for."""
        if end > start:
            self._unaccounted.append(Span(start, end))

    @property
    def covered_to_the_end(self) -> bool:
        """Whether a child stands at the very end of the piece."""
        size = len(self.piece.data)
        return any(p.offset is not None and p.offset + p.size == size for p in self.parts)

    def finish(self, kind: Format) -> Part:
        """Return the part."""
        piece, size = self.piece, len(self.piece.data)
        lost = sum(s.end - s.start for s in self._unaccounted)
        return Part(
            path=piece.path, format=kind, size=size, offset=piece.offset, traces=self.traces, plain_traces=self.plain_traces, parts=tuple(self.parts),
            coverage=Coverage(size - self._opaque - lost, self._opaque, tuple(self._unaccounted)),
            anomalies=tuple(self._anomalies), unread=tuple(self._unread),
        )  # fmt: skip


class Budget:
    """What is left of the limits, for all parts of one file together."""

    __slots__ = ("limits", "members", "opcodes", "unpacked")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members, self.opcodes, self.unpacked = limits.members, limits.opcodes, limits.unpacked_bytes

    def take_member(self) -> bool:
        """Count one more part; False if there may be no more."""
        self.members -= 1
        return self.members >= 0


class Reader(Protocol):
    """What a parser of a container needs for what stands in it."""

    budget: Budget

    def part(self, piece: Piece) -> Part:
        """Return the part that ``piece`` is."""

    def walk(self, data: Bytes, start: int, *, joblib: bool = False) -> Trace:
        """Return the trace of the pickle stream at ``start``."""

    def remainder(self, draft: Draft, start: int, what: str) -> None:
        """Account for the bytes of the draft's piece from ``start`` on, behind the end of ``what``."""
