"""How well a single column tells the label of rows that were not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.statistics import clopper_pearson
from aisecops.core.statistics.multiplicity import bonferroni
from aisecops.datasets.extra import load_polars

Integers = npt.NDArray[np.int64]
_FEW = 128
_ERROR_SHARE = 1e-9


class Giveaway(msgspec.Struct, frozen=True, kw_only=True):
    """What one column says of the label.

    Parameters
    ----------
    accuracy, guess
        The share of rows that it tells right, each half of the rows told by the other half; and that of always guessing the most frequent class.
    cleared, low
        The share of what guessing gets wrong that comes right, at most 1, and its lower bound at 97.5 % for all columns together (Clopper-Pearson, Bonferroni).
    by_presence
        Whether it is its being there at all that tells.
    """

    column: str
    accuracy: float
    guess: float
    cleared: float
    low: float
    by_presence: bool


def giveaways(table: Any, label: str, features: Sequence[str], *, seed: int = 0) -> list[Giveaway]:
    """Return what each of ``features`` says of ``label`` in a Polars frame; columns that can say nothing (one value, all missing) are left out.

    Categories are told by their majority in the other half of the rows, numbers by the nearest one there; a category that the other half does not have is guessed.
    """
    pl = load_polars()
    table = table.filter(pl.col(label).is_not_null())
    classes = _codes(table[label])
    half = np.random.default_rng(seed).permutation(len(table)) % 2 == 0
    guess = float(np.bincount(classes).max() / len(classes))
    found = []
    for name in features:
        series = table[name]
        if series.dtype.is_nested() or series.null_count() == len(series):
            continue
        told = [(_of_values(series, classes, half), False)] if series.n_unique() > 1 else []
        if series.null_count():
            told.append((_right(series.is_null().to_numpy().astype(np.int64), classes, half), True))
        if told:
            right, presence = max(told)
            found.append((name, right, presence))
    level = bonferroni(0.95, max(1, 2 * len(found)))
    return [_giveaway(name, right, len(classes), guess, presence=presence, level=level) for name, right, presence in found]


def in_tenths(table: Any, label: str) -> Any:
    """Return a Polars frame whose label, where it is a number with more than 128 values, is the tenth of the rows that it lies in; any other is as it was."""
    pl = load_polars()
    numbers = _numbers(table[label].drop_nulls())
    if numbers is None:
        return table
    edges = np.unique(np.quantile(numbers, np.arange(0.1, 1.0, 0.1)))
    known = table[label].is_not_null().to_numpy()
    tenths = np.zeros(len(table), np.int64)
    tenths[known] = np.searchsorted(edges, numbers, side="right")
    return table.with_columns(pl.Series(label, tenths).set(~pl.Series(known), None))


def _giveaway(name: str, right: int, rows: int, guess: float, *, presence: bool, level: float) -> Giveaway:
    accuracy, left = right / rows, max(1.0 - guess, _ERROR_SHARE)
    low = clopper_pearson(right, rows, level).low
    return Giveaway(
        column=name,
        accuracy=accuracy,
        guess=guess,
        cleared=max(0.0, min(1.0, (accuracy - guess) / left)),
        low=max(0.0, min(1.0, (low - guess) / left)),
        by_presence=presence,
    )


def _of_values(series: Any, classes: Integers, half: npt.NDArray[np.bool_]) -> int:
    numbers = _numbers(series)
    return _right(_codes(series), classes, half) if numbers is None else _nearest(numbers, classes, half)


def _codes(series: Any) -> Integers:
    pl = load_polars()
    codes: Integers = series.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64)
    return codes - 1


def _numbers(series: Any) -> npt.NDArray[np.float64] | None:
    """The values as numbers where there are more than 128 different ones; a missing one lies below all others. None for categories."""
    pl = load_polars()
    if not (series.dtype.is_numeric() or series.dtype == pl.String) or series.n_unique() <= _FEW:
        return None
    numbers = series.cast(pl.Float64, strict=False)
    if numbers.null_count() > series.null_count():
        return None
    array: npt.NDArray[np.float64] = numbers.to_numpy()
    least = np.nanmin(array[np.isfinite(array)], initial=0.0)
    return np.where(np.isfinite(array), array, least - 1.0 - abs(least))


def _nearest(values: npt.NDArray[np.float64], classes: Integers, half: npt.NDArray[np.bool_]) -> int:
    """How many rows are told right by the row of the other half whose number is nearest."""
    right = 0
    for known in (half, ~half):
        order = np.argsort(values[known], kind="stable")
        sorted_values, sorted_classes, asked = values[known][order], classes[known][order], values[~known]
        after = np.clip(np.searchsorted(sorted_values, asked), 1, len(sorted_values) - 1)
        nearer = asked - sorted_values[after - 1] <= sorted_values[after] - asked
        right += int((sorted_classes[np.where(nearer, after - 1, after)] == classes[~known]).sum())
    return right


def _right(cells: Integers, classes: Integers, half: npt.NDArray[np.bool_]) -> int:
    """How many rows are told right, each half by the other."""
    count, right = int(classes.max()) + 1, 0
    for known in (half, ~half):
        order = np.lexsort((classes[known], cells[known]))
        pairs, counts = np.unique(cells[known][order] * count + classes[known][order], return_counts=True)
        ranked = np.lexsort((counts, pairs // count))
        last = np.append(np.diff(pairs[ranked] // count) > 0, True)
        majority = dict(zip((pairs[ranked] // count)[last].tolist(), (pairs[ranked] % count)[last].tolist(), strict=True))
        default = int(np.bincount(classes[known]).argmax())
        told = np.array([majority.get(cell, default) for cell in cells[~known].tolist()], dtype=np.int64)
        right += int((told == classes[~known]).sum())
    return right
