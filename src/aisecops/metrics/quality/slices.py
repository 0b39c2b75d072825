"""Whom the model serves worse: accuracy on slices of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from aisecops.core.errors import UserError
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import Interval, bonferroni, clopper_pearson, mover
from aisecops.core.text import inert
from aisecops.metrics.quality.correctness import proportion
from aisecops.metrics.quality.judged import Judged
from aisecops.oracles.oracle import Flags

CATEGORIES = 10
QUANTILES = 4


def slice_accuracy(judged: Judged, columns: Mapping[str, Sequence[Any]], *, level: float = 0.95) -> tuple[Reading, ...]:
    """Return ``slice-accuracy`` for each slice, and ``slice-accuracy-gap`` for the one that is surely worst off.

    A column of strings, truth values or up to ten numbers gives a slice for each value, any other four of equal size by quantiles; missing values are a slice of
    their own. With many slices one of them looks bad by chance: all intervals hold *together* at ``level`` (Bonferroni), so that the worst may be picked
    after looking.

    The gap is the accuracy elsewhere minus that on the slice (at the same joint level), of the slice where its lower end is largest. Where
    this end is not above 0, no slice is worse than the others as far as n samples can tell.

    Raises
    ------
    UserError
        If a column has not one value for each sample.
    """
    found = [(title, members) for name, values in columns.items() for title, members in _slices(name, values, len(judged.y))]
    if not found:
        return ()
    each, right = bonferroni(level, len(found)), judged.right
    readings, gaps = [], []
    for title, members in found:
        hits, n = int(right[members].sum()), int(members.sum())
        readings.append(_jointly(proportion("slice-accuracy", hits, n, each, subject=title), level, len(found)))
        if 0 < n < len(right):
            rest, others = int(right[~members].sum()), len(right) - n
            parts = [(rest / others, clopper_pearson(rest, others, each)), (hits / n, clopper_pearson(hits, n, each))]
            gaps.append((title, n, parts[0][0] - parts[1][0], mover(parts, [1.0, -1.0])))
    return (*readings, *_worst(gaps, level, len(found)))


def _jointly(reading: Reading, level: float, slices: int) -> Reading:
    return replace(reading, level=level, method=f"{reading.method}-bonferroni-{slices}")


def _worst(gaps: list[tuple[str, int, float, Interval]], level: float, slices: int) -> Iterator[Reading]:
    if gaps:
        title, n, gap, interval = max(gaps, key=lambda entry: entry[3].low)
        reading = Reading(name="slice-accuracy-gap", value=gap, unit="1", n=n, better=Better.LOWER, bound=Bound.ESTIMATE, subject=title)
        yield _jointly(reading.within(interval), level, slices)


def _slices(name: str, values: Sequence[Any], n: int) -> Iterator[tuple[str, Flags]]:
    """Titles and members of a column's slices; those without members are left out."""
    if len(values) != n:
        raise UserError(f"the column has {len(values)} values for {n} samples", where=inert(name))
    column = np.asarray(values, dtype=object)
    missing = np.array([value is None or value != value for value in column], dtype=bool)
    title = inert(name, limit=60)
    if missing.any():
        yield f"{title} missing", missing
    known = column[~missing]
    numeric = all(isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_) for value in known)
    distinct = sorted({value.item() if isinstance(value, np.generic) else value for value in known}, key=lambda value: (str(type(value)), value))
    if numeric and len(distinct) > CATEGORIES:
        yield from _quantiles(title, column, missing)
        return
    for value in distinct:
        yield (
            f"{title} = {inert(str(value), limit=60)}",
            np.array([not gone and here == value for here, gone in zip(column, missing, strict=True)], dtype=bool),
        )


def _quantiles(title: str, column: np.ndarray[tuple[int, ...], np.dtype[Any]], missing: Flags) -> Iterator[tuple[str, Flags]]:
    numbers = np.where(missing, np.nan, column).astype(np.float64)
    edges = np.unique(np.nanquantile(numbers, np.arange(1, QUANTILES) / QUANTILES))
    which = np.where(missing, -1, np.searchsorted(edges, numbers, side="right"))
    bounds = [f"{edge:.4g}" for edge in edges]
    for i in range(len(edges) + 1):
        low, high = bounds[i - 1] if i else "", bounds[i] if i < len(edges) else ""
        text = f"{low} <= {title} < {high}" if low and high else f"{title} >= {low}" if low else f"{title} < {high}"
        if (which == i).any():
            yield text, which == i
