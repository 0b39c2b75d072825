"""How the columns of one table differ from those of another: a test and the size of the difference for each, with false alarms held over all columns together.

Numbers are compared by the two-sample Kolmogorov-Smirnov test, categories and missing values by the chi-squared test of homogeneity. Both p-values are taken
large: ties only make the first smaller than told, and rare categories are put together before the second. Holm's correction holds the chance of any false
alarm at all, however the columns depend on each other.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.statistics.multiplicity import holm
from aisecops.datasets.sources import load_polars

_MOST_CATEGORIES = 200
_FEWEST_EXPECTED = 5.0
_NUMERIC = 0.98
"""Share of the values of a CSV column that must be numbers for it to be one of numbers."""


class ColumnShift(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened to a column.

    Parameters
    ----------
    column, kind
        Its name; ``values`` of numbers, ``categories``, or ``missing``: whether there is a value at all.
    p
        Of the test that nothing has happened, corrected for all columns and kinds (Holm).
    effect
        From 0 to 1: the largest difference of the distribution functions (numbers), or half the sum of the differences of the shares (total variation).
    detail
        The category whose share has grown the most, with its share before and after; empty for numbers.
    """

    column: str
    kind: str
    p: float
    effect: float
    detail: tuple[str, float, float] | None = None


def shifts(before: Any, after: Any, *, columns: tuple[str, ...] = ()) -> list[ColumnShift]:
    """Return what has happened to the columns that two Polars frames (in memory) share; ``columns``: those alone.

    Columns of text with more than 200 different values are left out: whether texts have changed is no question of shares.

    References
    ----------
    Smirnov, N. (1948). Table for estimating the goodness of fit of empirical distributions. Annals of Mathematical Statistics 19.
    """
    raw: list[tuple[str, str, float, float, tuple[str, float, float] | None]] = []
    for name in columns or tuple(name for name in before.columns if name in after.columns):
        raw += _column(name, before[name], after[name])
    adjusted = holm([item[2] for item in raw])
    return [ColumnShift(column=n, kind=k, p=p, effect=e, detail=d) for (n, k, _, e, d), p in zip(raw, adjusted, strict=True)]


def _column(name: str, before: Any, after: Any) -> list[tuple[str, str, float, float, tuple[str, float, float] | None]]:
    found: list[tuple[str, str, float, float, tuple[str, float, float] | None]] = []
    if not len(before) or not len(after):
        return found
    lost = np.array(
        [[before.null_count(), len(before) - before.null_count()], [after.null_count(), len(after) - after.null_count()]], dtype=np.float64
    )
    if lost[:, 0].any():
        found.append((name, "missing", chi_squared(lost), float(abs(lost[0, 0] / lost[0].sum() - lost[1, 0] / lost[1].sum())), None))
    one, two = _numbers(before.drop_nulls()), _numbers(after.drop_nulls())
    if one is not None and two is not None:
        if len(one) and len(two):
            effect = ks_distance(one, two)
            found.append((name, "values", ks_p(effect, len(one), len(two)), effect, None))
    elif not before.dtype.is_nested() and not after.dtype.is_nested():
        found += _categories(name, before.drop_nulls(), after.drop_nulls())
    return found


def _numbers(series: Any) -> npt.NDArray[np.float64] | None:
    """Return a column as numbers; None where it is none. Few-valued numbers are numbers, too: the test only gets more careful by ties."""
    pl = load_polars()
    if series.dtype.is_numeric():
        values = series.cast(pl.Float64)
    elif series.dtype.is_temporal():
        values = series.to_physical().cast(pl.Float64)
    elif series.dtype == pl.String:
        values = series.cast(pl.Float64, strict=False)
        if len(series) and len(values) - values.null_count() < _NUMERIC * len(values):
            return None
    else:
        return None
    array: npt.NDArray[np.float64] = values.drop_nulls().to_numpy()
    return array[np.isfinite(array)]


def _categories(name: str, before: Any, after: Any) -> list[tuple[str, str, float, float, tuple[str, float, float] | None]]:
    pl = load_polars()
    counts = [dict(series.cast(pl.String).alias("value").value_counts().iter_rows()) for series in (before, after)]
    values = sorted({*counts[0], *counts[1]})
    if not len(before) or not len(after) or len(values) > _MOST_CATEGORIES:
        return []
    table = np.array([[count.get(value, 0) for value in values] for count in counts], dtype=np.float64)
    shares = table / table.sum(axis=1, keepdims=True)
    grown = int(np.argmax(shares[1] - shares[0]))
    detail = (values[grown], float(shares[0, grown]), float(shares[1, grown]))
    return [(name, "categories", chi_squared(table), float(np.abs(shares[0] - shares[1]).sum() / 2), detail)]


def ks_distance(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> float:
    """Return the largest difference between the empirical distribution functions of two samples."""
    one, two = np.sort(one), np.sort(two)
    values = np.concatenate([one, two])
    gaps = np.searchsorted(one, values, side="right") / len(one) - np.searchsorted(two, values, side="right") / len(two)
    return float(np.abs(gaps).max())


def ks_p(distance: float, one: int, two: int) -> float:
    """Return the chance of such a distance, or a greater one, between samples of ``one`` and ``two`` values of the same distribution.

    Smirnov's limit with Stephens' correction for small samples; for distributions with ties the true chance is smaller.
    """
    root = math.sqrt(one * two / (one + two))
    z = (root + 0.12 + 0.11 / root) * distance
    if z < 0.2:
        return 1.0
    return min(1.0, max(0.0, 2.0 * sum((-1.0) ** (k - 1) * math.exp(-2.0 * k * k * z * z) for k in range(1, 101))))


def chi_squared(table: npt.NDArray[np.float64]) -> float:
    """Return the p-value that both rows of a table of counts, shape (2, k), come from the same shares. Columns of few expected counts are put together first."""
    table = table[:, table.sum(axis=0) > 0]
    least = table.sum(axis=1).min() / table.sum() * table.sum(axis=0)
    rare = least < _FEWEST_EXPECTED
    if rare.any():
        rest = table[:, rare].sum(axis=1, keepdims=True)
        table = np.concatenate([table[:, ~rare], rest], axis=1)
        if table.shape[1] > 1 and table.sum(axis=1).min() / table.sum() * rest.sum() < _FEWEST_EXPECTED:
            table = np.concatenate([table[:, :-2], table[:, -2:].sum(axis=1, keepdims=True)], axis=1)
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return _upper_gamma((table.shape[1] - 1) / 2.0, float(((table - expected) ** 2 / expected).sum()) / 2.0)


def _upper_gamma(a: float, x: float) -> float:
    """Return the regularised incomplete gamma function Q(a, x): by its series below a + 1, by Lentz's continued fraction above."""
    if x <= 0.0:
        return 1.0
    scale = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        for n in range(1, 10_000):
            term *= x / (a + n)
            total += term
            if term < total * 1e-16:
                break
        return min(1.0, max(0.0, 1.0 - scale * total))
    b, c, d = x + 1.0 - a, 1e300, 1.0 / (x + 1.0 - a)
    value = d
    for n in range(1, 10_000):
        step = -n * (n - a)
        b += 2.0
        d = 1.0 / (step * d + b)
        c = b + step / c
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return min(1.0, scale * value)
