"""Tables larger than memory, a piece of some columns at a time: what is kept of a row is a hash, or nothing.

Two things make Polars hold more than it seems to: a query over many columns unpacks a row group of each at once, and a few strings that are picked out of a column
keep all of its text alive. So columns are read one at a time where the file has them apart (Parquet, Arrow), and what is picked out is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
PIECE = 1 << 18
"""Rows of a piece: as many as Polars writes to a row group."""
_PIECE_BYTES = 32 << 20
_GROUPS = 100
_MOST_AT_ONCE = 250
"""Columns of a file of lines that are asked about at once: each takes memory for its answer, and each further group reads the file once more."""
HELD = 1 << 18
"""Cells of columns of text that are held in memory at once."""
_READ_AT_ONCE = ("Csv SCAN", "NDJson SCAN", "DF [")
"""What a plan says of files that are read line by line, and of tables in memory."""
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""Mixes the hashes of columns: 2^64 by the golden ratio."""


def pieces(frame: Any, rows: int = PIECE) -> Iterator[Any]:
    """Yield what a lazy Polars frame gives in frames of at most ``rows`` rows, in order; of long texts of fewer. None where it gives no rows."""
    held: list[Any] = []
    count = size = 0
    for batch in frame.collect_batches(maintain_order=True, engine="streaming"):  # as it comes: a size that is asked for is held until it is full
        held.append(batch)
        count, size = count + len(batch), size + batch.estimated_size()
        if count >= rows or size >= _PIECE_BYTES:
            yield from _cut(held, rows)
            held, count, size = [], 0, 0
    yield from _cut(held, rows)


def _cut(held: list[Any], rows: int) -> Iterator[Any]:
    if held:
        whole = load_polars().concat(held)
        yield from (whole[start : start + rows] for start in range(0, len(whole), rows))


def read_at_once(frame: Any) -> bool:
    """Whether each line is read for any column of a lazy Polars frame, or all of them are in memory."""
    return any(kind in frame.explain(optimized=False) for kind in _READ_AT_ONCE)


def column_groups(frame: Any, names: Sequence[str]) -> list[list[str]]:
    """Return ``names`` in groups that are best read together: one by one, or a few of very many; a thousand where each line is read for any, or all are in memory."""
    together = _MOST_AT_ONCE if names and read_at_once(frame) else max(1, len(names) // _GROUPS)
    return [list(names[start : start + together]) for start in range(0, len(names), together)]


def columns_apart(frame: Any, names: Sequence[str], together: int) -> Iterator[tuple[str, Any]]:
    """Yield the name of each column and a lazy frame of it alone, so that a table of thousands of columns isn't read, nor its plan made, once for each.

    Parameters
    ----------
    together
        Columns that fit into memory at once: so many are read and held where each line is read for any; 250 at most.
    """
    together = min(together, _MOST_AT_ONCE)
    if together < 2 or not names or not read_at_once(frame):
        yield from ((name, frame.select(name)) for name in names)
        return
    for start in range(0, len(names), together):
        held = frame.select(names[start : start + together]).collect(engine="streaming")
        for column in held.iter_columns():
            yield column.name, column.to_frame().lazy()


def row_keys(frame: Any, names: Sequence[str], *, as_text: bool = False) -> Hashes:
    """Return a hash of the cells of each row in ``names``: equal rows have equal ones, others do not, but for one pair in 2^64. They hold within one process.

    Parameters
    ----------
    as_text
        Compare cells as they are written: 1 in a column of numbers is ``1`` in one of text.
    """
    pl = load_polars()
    keys: Hashes | None = None
    schema = frame.collect_schema()
    for group in column_groups(frame, names):
        cells = (
            pl.col(name).cast(pl.String, strict=False) if as_text else pl.struct(name) if schema[name].is_nested() else pl.col(name) for name in group
        )
        keys = _mixed_into(keys, frame.select(cell.hash(seed=1).alias(name) for name, cell in zip(group, cells, strict=True)))
    return np.zeros(0, np.uint64) if keys is None else keys


def _mixed_into(keys: Hashes | None, hashed: Any) -> Hashes:
    found, start = [], 0
    for piece in pieces(hashed):
        part = np.zeros(len(piece), np.uint64) if keys is None else keys[start : start + len(piece)]
        for column in piece.iter_columns():
            part[:] = mixed(part, column.to_numpy())
        found.append(part)
        start += len(piece)
    if keys is not None:
        return keys
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def mixed(keys: Hashes, hashes: Hashes) -> Hashes:
    """Return hashes of rows to which a further cell, of these hashes, was added; the order of cells counts."""
    return (keys * _ODD) ^ (keys >> np.uint64(29)) ^ hashes


def distinct(keys: Hashes) -> Hashes:
    """Return the different ones among hashes, in order: numpy's ``unique`` goes by a hash table, which takes ten times as long."""
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def repeats(keys: Hashes) -> Integers:
    """Return the places, from 0 and in order, of hashes that stand further ahead, too."""
    found = [np.zeros(0, np.int64)]
    for rows in _by_prefix(keys):
        ordered = np.sort(keys[rows])  # less than half of what it takes to keep the places, too
        again = ordered[1:][ordered[1:] == ordered[:-1]]
        rows = rows[_among(keys[rows], again)]
        order = np.argsort(keys[rows], kind="stable")
        ordered = keys[rows][order]
        found.append(rows[order[1:][ordered[1:] == ordered[:-1]]])
    return np.sort(np.concatenate(found))


def shared(keys: Hashes, others: Hashes) -> Integers:
    """Return the places, from 0 and in order, of those of ``keys`` that ``others`` have, too."""
    found = [np.zeros(0, np.int64)]
    for rows, theirs in zip(_by_prefix(keys), _by_prefix(others), strict=True):
        found.append(rows[_among(keys[rows], np.sort(others[theirs]))])
    return np.sort(np.concatenate(found))


def _among(keys: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Which of ``keys`` are among ``known``, which are in order."""
    if not len(known):
        return np.zeros(len(keys), bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys)


def _by_prefix(keys: Hashes) -> Iterator[Integers]:
    """The places of hashes in sixteen parts by their first bits: to put all in order at once takes several times their memory."""
    prefix = (keys >> np.uint64(60)).astype(np.uint8)
    for part in range(16):
        yield np.flatnonzero(prefix == part)


def rows_at(frame: Any, names: Sequence[str], rows: Integers) -> Any:
    """Return the columns ``names`` of some rows as a Polars frame in memory that keeps nothing else alive.

    Parameters
    ----------
    rows
        Their places from 0, in order.
    """
    return load_polars().DataFrame(list(columns_at(frame, names, rows)))


def columns_at(frame: Any, names: Sequence[str], rows: Integers) -> Iterator[Any]:
    """Yield the columns of ``rows_at`` one by one, as Polars series."""
    for group in column_groups(frame, names):
        found, start = [], 0
        for piece in pieces(frame.select(group)):
            first, end = np.searchsorted(rows, [start, start + len(piece)])
            found.append(_copied(piece[rows[first:end] - start]))
            start += len(piece)
        yield from (load_polars().concat(found) if found else frame.select(group).clear().collect()).iter_columns()


def every(frame: Any, names: Sequence[str], step: int, rows: int) -> Any:
    """Return every ``step``-th of ``rows`` rows, from the first on, as ``rows_at`` does; all of them as they are where ``step`` is 1."""
    if step == 1:
        return frame.select(names).collect(engine="streaming")
    return rows_at(frame, names, np.arange(0, rows, step))


def _copied(frame: Any) -> Any:
    pl = load_polars()
    return frame.with_columns(pl.Series(name, frame[name].to_list(), dtype=pl.String) for name, dtype in frame.schema.items() if dtype == pl.String)
