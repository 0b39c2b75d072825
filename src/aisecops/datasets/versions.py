"""Versions of a table: one digest over all cells, in a tree of digests that finds the difference between two versions without reading what has stayed.

Rows are cut into chunks where a hash of the row says so, not at fixed numbers: a row that is put in at the top changes the chunk that it is in and no other.
Of each chunk every column has a digest, of these the chunk has one (a leaf), and the leaves make a Merkle tree whose root, with the schema, is the version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars

Words = npt.NDArray[np.uint64]
_CHUNK = 512
"""Rows of a chunk, on average."""
_LONGEST = 8 * _CHUNK
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
"""Constants of splitmix64 (Steele et al., 2014)."""


class Chunk(msgspec.Struct, frozen=True):
    """So many rows in a row, and the digest of all their cells, column names included."""

    rows: int
    digest: str


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a table: what is kept of it to tell later what has changed.

    Parameters
    ----------
    digest
        Over schema and cells, in order: two tables have the same one if and only if they are the same (BLAKE2b, 160 bits).
    schema
        Column names and types.
    columns
        The digest of each column by its name.
    chunks
        The leaves of the tree, in the order of the rows.
    """

    digest: str
    schema: tuple[tuple[str, str], ...]
    columns: dict[str, str]
    chunks: tuple[Chunk, ...]

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return sum(chunk.rows for chunk in self.chunks)


class Span(msgspec.Struct, frozen=True, order=True):
    """Rows ``[start, end)``, from 0."""

    start: int
    end: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions: columns by name, and the rows of each version that lie in chunks which the other does not have."""

    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    columns_changed: tuple[str, ...] = ()
    before: tuple[Span, ...] = ()
    after: tuple[Span, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self == Difference()


def version(table: Any) -> Version:
    """Return the version of a Polars frame, lazy or not.

    Text is digested once for each distinct value of a column; one column is in memory at a time.
    """
    frame = table.lazy()
    schema = {name: str(dtype) for name, dtype in frame.collect_schema().items()}
    mixed: Words | None = None
    for name in schema:
        cells = _cells(frame, name)
        mixed = _mix(cells[:, 1] if mixed is None else mixed ^ cells[:, 1])
    ends = _ends(mixed if mixed is not None else np.zeros(0, np.uint64))
    leaves = [blake2b(digest_size=20) for _ in ends]
    columns = {}
    for name in schema:
        cells, start = _cells(frame, name), 0
        columns[name] = blake2b(cells.tobytes(), digest_size=20).hexdigest()  # over all rows: chunks depend on the other columns
        for leaf, end in zip(leaves, ends, strict=True):
            leaf.update(blake2b(cells[start:end].tobytes(), digest_size=20).digest())
            start = end
    digests = [leaf.hexdigest() for leaf in leaves]
    starts = [0, *ends[:-1]]
    root = blake2b(msgspec.json.encode(list(schema.items())) + _root(digests), digest_size=20).hexdigest()
    chunks = tuple(Chunk(end - start, digest) for start, end, digest in zip(starts, ends, digests, strict=False))
    return Version(digest=root, schema=tuple(schema.items()), columns=columns, chunks=chunks)


def difference(before: Version, after: Version) -> Difference:
    """Return what differs: in time of the number of chunks, with no row read.

    Rows that were only moved to another place among unchanged chunks do not count; a chunk that one version has more often does.
    """
    old, new = dict(before.schema), dict(after.schema)
    shared = [name for name in new if name in old]
    return Difference(
        columns_added=tuple(name for name in new if name not in old),
        columns_removed=tuple(name for name in old if name not in new),
        columns_changed=tuple(name for name in shared if old[name] != new[name] or before.columns[name] != after.columns[name]),
        before=_lacking(before.chunks, after.chunks),
        after=_lacking(after.chunks, before.chunks),
    )


def _lacking(chunks: Sequence[Chunk], others: Sequence[Chunk]) -> tuple[Span, ...]:
    """The rows of chunks that are not among ``others``; neighbours as one."""
    left = Counter(chunk.digest for chunk in others)
    spans: list[Span] = []
    start = 0
    for chunk in chunks:
        if left[chunk.digest]:
            left[chunk.digest] -= 1
        elif spans and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, start + chunk.rows)
        else:
            spans.append(Span(start, start + chunk.rows))
        start += chunk.rows
    return tuple(spans)


def changed_rows(before: Any, after: Any, found: Difference) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the rows that only ``before`` has (removed) and those that only ``after`` has (added); a changed row is both.

    Parameters
    ----------
    before, after
        The two tables as Polars frames: only the rows of ``found`` are read.
    """
    shared = [name for name in before.lazy().collect_schema().names() if name in after.lazy().collect_schema().names()]
    ours, theirs = _rows_in(before, found.before, shared), _rows_in(after, found.after, shared)
    return _surplus(ours, theirs), _surplus(theirs, ours)


def _rows_in(table: Any, spans: Sequence[Span], names: Sequence[str]) -> list[tuple[int, bytes]]:
    rows: list[tuple[int, bytes]] = []
    for span in spans:
        part = table.lazy().slice(span.start, span.end - span.start).select(names).collect()
        cells = np.concatenate([_cells(part.lazy(), name) for name in names], axis=1) if names else np.zeros((len(part), 0), np.uint64)
        rows += [(span.start + number, row.tobytes()) for number, row in enumerate(cells)]
    return rows


def _surplus(ours: Sequence[tuple[int, bytes]], theirs: Sequence[tuple[int, bytes]]) -> tuple[int, ...]:
    left = Counter(content for _, content in theirs)
    lacking = []
    for number, content in ours:
        if left[content]:
            left[content] -= 1
        else:
            lacking.append(number)
    return tuple(lacking)


def _root(digests: Sequence[str]) -> bytes:
    """The root of the Merkle tree; leaves and inner nodes are told apart, so that no table can pass for a part of another."""
    level = [blake2b(b"\0" + bytes.fromhex(digest), digest_size=20).digest() for digest in digests] or [b""]
    while len(level) > 1:
        level = [blake2b(b"\1" + b"".join(level[n : n + 2]), digest_size=20).digest() for n in range(0, len(level), 2)]
    return level[0]


def _cells(frame: Any, name: str) -> Words:
    """Return the cells of a column as 128 bits each, shape (rows, 2): what they are by kind and value, a missing one zero."""
    pl = load_polars()
    series = frame.select(pl.col(name)).collect(engine="streaming").to_series()
    dtype, cells = series.dtype, np.zeros((len(series), 2), dtype=np.uint64)
    present = series.is_not_null().to_numpy()
    if dtype.is_integer() and dtype not in (pl.Int128, getattr(pl, "UInt128", pl.Int128)):
        cells[:, 0] = 1
        cells[:, 1] = series.fill_null(0).to_numpy().astype(np.int64 if dtype.is_signed_integer() else np.uint64).view(np.uint64)
    elif dtype.is_float():
        cells[:, 0] = 2
        cells[:, 1] = (series.fill_null(0.0).to_numpy().astype(np.float64) + 0.0).view(np.uint64)
    else:
        cells = _digested(pl, series)
    cells[~present] = 0
    return cells


def _digested(pl: Any, series: Any) -> Words:
    """Text and whatever else, by the digests of its distinct values."""
    texts = series if series.dtype == pl.String else _as_text(pl, series)
    codes = texts.fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    distinct = texts.fill_null("").unique().sort().to_list()
    digests = b"".join(blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).digest() for value in distinct)
    return np.frombuffer(digests, dtype="<u8").reshape(-1, 2)[codes].astype(np.uint64) if distinct else np.zeros((0, 2), np.uint64)


def _as_text(pl: Any, series: Any) -> Any:
    try:
        return series.cast(pl.String)
    except pl.exceptions.PolarsError:
        return pl.Series(series.name, [None if value is None else repr(value) for value in series.to_list()], dtype=pl.String)


def _mix(words: Words) -> Words:
    """One round of splitmix64: every bit of a row decides where a chunk ends."""
    words = words + _MIX[0]
    words = (words ^ (words >> np.uint64(30))) * _MIX[1]
    words = (words ^ (words >> np.uint64(27))) * _MIX[2]
    return words ^ (words >> np.uint64(31))


def _ends(mixed: Words) -> list[int]:
    """Where chunks end: after a row whose hash says so; at the latest after ``_LONGEST`` rows, since nobody keeps a table from holding one row a million times."""
    ends: list[int] = []
    last = 0
    for end in (*(np.flatnonzero(mixed % np.uint64(_CHUNK) == 0) + 1).tolist(), len(mixed)):
        while end - last > _LONGEST:
            last += _LONGEST
            ends.append(last)
        if end > last:
            ends.append(end)
            last = end
    return ends
