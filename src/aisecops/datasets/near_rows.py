"""Rows of numbers that are nearly the same: a copy with a little noise, or rounded otherwise.

Two rows are near if no continuous column differs by more than 0.5 % of its middle range (10 % to 90 %) and all other columns agree. In a dense table such pairs are
chance: where rows are spread smoothly over d dimensions, four times the distance holds 4^d times the pairs. So pairs are told only where at least a quarter of those
within four times the distance lie within the distance itself: copies do that, chance does not from two dimensions on. Each pair that is told was compared in all columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.datasets.sources import load_polars

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
MOST_ROWS = 50_000
"""Rows of each side that are compared; callers sample more."""
_DISTANCE, _WIDER, _QUARTER = 0.005, 4.0, 0.25
_FEWEST_COLUMNS, _FEWEST_DISTINCT = 4, 20
_MOST_STEPS = 5_000
"""Neighbours in the order of one column that a row is compared with: where more lie within the distance, near rows say nothing."""


class NearRows(msgspec.Struct, frozen=True):
    """Pairs of rows, from 0, that are near and not equal: ``left`` in the one table, ``right`` in the other, or ``left < right`` in one."""

    left: Integers
    right: Integers


_NONE = NearRows(np.zeros(0, np.int64), np.zeros(0, np.int64))


def near_rows(table: Any, names: Sequence[str], others: Any = None) -> NearRows | None:
    """Return the pairs of near rows in a Polars frame, or between it and ``others``; none where chance explains them.

    Parameters
    ----------
    table, others
        Frames with the columns ``names``, at most ``MOST_ROWS`` rows each.

    Returns
    -------
    NearRows or None
        None: the table has too few continuous columns, or is so dense that near rows say nothing.
    """
    pl = load_polars()
    both = table.select(names) if others is None else pl.concat([table.select(names), others.select(names)])
    numbers, codes = _split(both)
    if numbers.shape[1] < _FEWEST_COLUMNS or len(both) < _FEWEST_DISTINCT:
        return None
    wider = _within(numbers, codes, _DISTANCE * _WIDER)
    if wider is None:
        return None
    if others is not None:
        wider = np.sort(wider, axis=1)
        wider = wider[(wider[:, 0] < len(table)) & (wider[:, 1] >= len(table))]
    near = wider[(np.abs(numbers[wider[:, 0]] - numbers[wider[:, 1]]) <= _DISTANCE).all(axis=1)]
    if len(near) < _QUARTER * len(wider):
        return _NONE
    kept = near[(numbers[near[:, 0]] != numbers[near[:, 1]]).any(axis=1)]
    return NearRows(kept.min(axis=1), kept.max(axis=1) - (0 if others is None else len(table)))


def _within(numbers: Floats, codes: Integers, distance: float) -> Integers | None:
    """Pairs of rows that lie within ``distance`` in each column and agree in all codes, shape (n, 2): each row with those next to it in the order of the first column."""
    order = np.argsort(numbers[:, 0], kind="stable")
    first = numbers[order, 0]
    found = [np.zeros((0, 2), np.int64)]
    for step in range(1, len(order)):
        at = np.flatnonzero(first[step:] - first[:-step] <= distance)
        if not len(at):
            break
        if step > _MOST_STEPS:
            return None
        left, right = order[at], order[at + step]
        for column in range(1, numbers.shape[1]):
            if not len(left):
                break
            kept = np.abs(numbers[left, column] - numbers[right, column]) <= distance
            left, right = left[kept], right[kept]
        kept = (codes[left] == codes[right]).all(axis=1)
        found.append(np.column_stack([left[kept], right[kept]]))
    return np.concatenate(found)


def _split(table: Any) -> tuple[Floats, Integers]:
    """Continuous columns, scaled by their middle range, the fullest first, and the others as codes; a missing number lies far from all others."""
    pl = load_polars()
    numbers: list[tuple[int, Floats]] = []
    codes: list[Integers] = []
    for name in table.columns:
        series = table[name]
        if series.dtype.is_nested():
            continue
        cells = series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
        present = series.is_not_null().to_numpy()
        found = np.sort(cells[np.isfinite(cells)])
        distinct = 1 + int(np.count_nonzero(found[1:] != found[:-1]))
        if len(found) and len(found) >= 0.98 * present.sum() and distinct >= max(_FEWEST_DISTINCT, 0.02 * len(found)):
            low, high = (_at(found, share) for share in (0.1, 0.9))
            scaled = (cells - low) / (high - low) if high > low else cells * 0
            numbers.append((distinct, np.where(np.isfinite(scaled), scaled, 1e6)))
        else:
            codes.append(series.cast(pl.String, strict=False).fill_null("").rank("dense").to_numpy().astype(np.int64))
    numbers.sort(key=lambda one: (int((one[1] == 1e6).sum()), -one[0]))  # rows are put in the order of the first: with few gaps, and many values
    rows = len(table)
    return (
        np.stack([values for _, values in numbers]).T if numbers else np.zeros((rows, 0)),  # column after column in memory, as they are compared
        np.column_stack(codes) if codes else np.zeros((rows, 0), np.int64),
    )


def _at(ordered: Floats, share: float) -> float:
    """The quantile of numbers in order, as numpy has it: its own sorts them again, and takes longer than all else here where columns are many."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
