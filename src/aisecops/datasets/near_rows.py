"""Rows of numbers that are nearly the same: a copy with a little noise, or rounded otherwise.

Two rows are near if no continuous column differs by more than 0.5 % of its middle range (10 % to 90 %) and all other columns agree. In a dense table such pairs are
chance: where rows are spread smoothly over d dimensions, four times the distance holds 4^d times the pairs. So pairs are told only where at least a quarter of those
within four times the distance lie within the distance itself: copies do that, chance does not from two dimensions on. Each pair that is told was compared in all columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars
from aisecops.datasets.pieces import mixed

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
MOST_ROWS = 50_000
"""Rows of each side that are compared; callers sample more."""
_MOST_CELLS = 24_000_000
"""Cells that are compared: of each number 8 bytes are kept."""
_DISTANCE, _WIDER, _QUARTER = 0.005, 4.0, 0.25
_FEWEST_COLUMNS, _FEWEST_DISTINCT = 4, 20
_MOST_STEPS = 5_000
"""Neighbours in the order of one column that a row is compared with: where more lie within the distance, near rows say nothing."""
_NO_NUMBER = 1e6


class NearRows(msgspec.Struct, frozen=True):
    """Pairs of rows, from 0, that are near and not equal: ``left`` in the one table, ``right`` in the other, or ``left < right`` in one."""

    left: Integers
    right: Integers


_NONE = NearRows(np.zeros(0, np.int64), np.zeros(0, np.int64))


def most_rows(columns: int) -> int:
    """Return of how many rows of a table of so many columns a sample is compared."""
    return min(MOST_ROWS, _MOST_CELLS // max(1, columns))


def near_rows(table: Any, names: Sequence[str], others: Any = None) -> NearRows | None:
    """Return the pairs of near rows in a Polars frame, or between it and ``others``; none where chance explains them.

    Parameters
    ----------
    table, others
        Frames with the columns ``names``, at most ``most_rows`` rows each.

    Returns
    -------
    NearRows or None
        None: the table has too few continuous columns, or is so dense that near rows say nothing.
    """
    pl = load_polars()
    both = table.select(names) if others is None else pl.concat([table.select(names), others.select(names)])
    return near_among(both.iter_columns(), None if others is None else len(table))


def near_among(columns: Iterable[Any], first: int | None = None) -> NearRows | None:
    """Return what ``near_rows`` does of a table that comes column by column, as Polars series: none is kept as it is.

    Parameters
    ----------
    first
        The rows of the first table, where those of a second one follow: only pairs across the two are told.
    """
    numbers, codes = _split(columns)
    if len(numbers) < _FEWEST_COLUMNS or len(codes) < _FEWEST_DISTINCT:
        return None
    wider = _within(numbers, codes, _DISTANCE * _WIDER)
    if wider is None:
        return None
    if first is not None:
        wider = np.sort(wider, axis=1)
        wider = wider[(wider[:, 0] < first) & (wider[:, 1] >= first)]
    near, differ = np.ones(len(wider), bool), np.zeros(len(wider), bool)
    for cells in numbers:
        left, right = cells[wider[:, 0]], cells[wider[:, 1]]
        near &= np.abs(left - right) <= _DISTANCE
        differ |= left != right
    if near.sum() < _QUARTER * len(wider):
        return _NONE
    kept = wider[near & differ]
    return NearRows(kept.min(axis=1), kept.max(axis=1) - (first or 0))


def _within(numbers: Sequence[Floats], codes: Hashes, distance: float) -> Integers | None:
    """Pairs of rows that lie within ``distance`` in each column and agree in all codes, shape (n, 2): each row with those next to it in the order of the first column."""
    order = np.argsort(numbers[0], kind="stable")
    first = numbers[0][order]
    found = [np.zeros((0, 2), np.int64)]
    for step in range(1, len(order)):
        at = np.flatnonzero(first[step:] - first[:-step] <= distance)
        if not len(at):
            break
        if step > _MOST_STEPS:
            return None
        left, right = order[at], order[at + step]
        for cells in numbers[1:]:
            if not len(left):
                break
            kept = np.abs(cells[left] - cells[right]) <= distance
            left, right = left[kept], right[kept]
        kept = codes[left] == codes[right]
        found.append(np.column_stack([left[kept], right[kept]]))
    return np.concatenate(found)


def _split(columns: Iterable[Any]) -> tuple[list[Floats], Hashes]:
    """Continuous columns, scaled by their middle range, the fullest first, and a hash of the other cells of each row; a missing number lies far from all others."""
    pl = load_polars()
    numbers: list[tuple[int, int, Floats]] = []
    codes = np.zeros(0, np.uint64)
    for series in columns:
        if not len(codes):
            codes = np.zeros(len(series), np.uint64)
        if series.dtype.is_nested() or series.dtype == pl.Object:
            continue
        scaled = _scaled(series) if _may_count(series.dtype) else None
        if scaled is None:
            codes = mixed(codes, (series if series.dtype == pl.Binary else series.cast(pl.String, strict=False)).hash(seed=1).to_numpy())
        else:
            numbers.append(scaled)
    numbers.sort(key=lambda one: (one[1], -one[0]))  # rows are put in the order of the first: with few gaps, and many values
    return [cells for _, _, cells in numbers], codes


def _may_count(dtype: Any) -> bool:
    """Whether values of this type lie on a line, or are texts that may be numbers."""
    pl = load_polars()
    return bool(dtype.is_numeric() or dtype.is_temporal() or dtype in (pl.Boolean, pl.String, pl.Null))


def _scaled(series: Any) -> tuple[int, int, Floats] | None:
    """How many values of a column differ, how many are missing, and the values by its middle range; None where it is not continuous."""
    pl = load_polars()
    cells = series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
    present = len(series) - series.null_count()
    found = np.sort(cells[np.isfinite(cells)])
    distinct = 1 + int(np.count_nonzero(found[1:] != found[:-1]))
    if not len(found) or len(found) < 0.98 * present or distinct < max(_FEWEST_DISTINCT, 0.02 * len(found)):
        return None
    low, high = (_at(found, share) for share in (0.1, 0.9))
    scaled = (cells - low) / (high - low) if high > low else cells * 0
    scaled[~np.isfinite(scaled)] = _NO_NUMBER
    return distinct, int((scaled == _NO_NUMBER).sum()), scaled


def _at(ordered: Floats, share: float) -> float:
    """The quantile of numbers in order, as numpy has it: its own sorts them again, and takes longer than all else here where columns are many."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
