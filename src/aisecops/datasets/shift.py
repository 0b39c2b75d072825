"""How the columns of one table differ from those of another: a test and the size of the difference for each, with false alarms held over all columns together.

Numbers are compared by the two-sample Kolmogorov-Smirnov test, categories and missing values by the chi-squared test of homogeneity, values that only one table has
by how seldom chance leaves them out of the other. All p-values are taken large: ties only make the first smaller than told, and rare categories are put together
before the second. Holm's correction holds the chance of any false alarm at all, however the columns depend on each other. Where rows come in clusters, numbers of
rows are divided by the design effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.statistics.multiplicity import holm
from aisecops.datasets.clusters import Clusters
from aisecops.datasets.extra import load_polars
from aisecops.datasets.two_samples import chi_squared, ks_distance, ks_p

Floats = npt.NDArray[np.float64]
_MOST_CATEGORIES = 200
_NUMERIC = 0.98
"""Share of the values of a CSV column that must be numbers for it to be one of numbers."""
_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
_MOST_WATCHED = 8
_FEWEST_NEW = 5
_RATHER = 1.25
"""A share that fell is told where no share has grown by nearly as much: all others grow when one is left out."""


class ColumnShift(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened to a column.

    Parameters
    ----------
    column, kind
        Its name; ``values`` of numbers, ``categories``, ``missing``: whether there is a value at all, ``new-value`` and ``lost-value``: one that only one table has.
    p
        Of the test that nothing has happened, corrected for all columns and kinds (Holm).
    effect
        From 0 to 1: the largest difference of the distribution functions (numbers), or half the sum of the differences of the shares (total variation).
    detail
        The category whose share has changed the most, with its share before and after; empty for numbers.
    """

    column: str
    kind: str
    p: float
    effect: float
    detail: tuple[str, float, float] | None = None


class Side(msgspec.Struct, frozen=True):
    """A column of one table, as what it is compared by: numbers where both are columns of numbers, else counts of categories. ``rows``: with missing values."""

    rows: int
    numbers: Floats | None
    counts: dict[str, int]

    @property
    def present(self) -> int:
        """How many cells have a value."""
        return sum(self.counts.values())


def shifts(
    before: Any, after: Any, *, columns: tuple[str, ...] = (), watched: Sequence[str] = (), clusters: Clusters | None = None
) -> list[ColumnShift]:
    """Return what has happened to the columns that two Polars frames (in memory) share.

    Columns of text with more than 200 different values are left out, but for values that only one table has: whether texts have changed is no question of shares.

    Parameters
    ----------
    columns
        Those alone.
    watched
        Columns of classes or sources: categories even where they are written as numbers.
    clusters
        Which rows of ``before`` belong together.

    References
    ----------
    Smirnov, N. (1948). Table for estimating the goodness of fit of empirical distributions. Annals of Mathematical Statistics 19.
    """
    raw: list[ColumnShift] = []
    for name in columns or tuple(name for name in before.columns if name in after.columns):
        if len(before) and len(after):
            raw += changes(name, before[name], after[name], as_categories=name in watched, clusters=clusters)
    return corrected(raw)


def corrected(raw: Sequence[ColumnShift]) -> list[ColumnShift]:
    """Return changes with their p-values corrected for their number."""
    return [msgspec.structs.replace(one, p=p) for one, p in zip(raw, holm([one.p for one in raw]), strict=True)]


def changes(name: str, before: Any, after: Any, *, as_categories: bool = False, clusters: Clusters | None = None) -> Iterator[ColumnShift]:
    """Yield what each test says of one column, p-values not corrected."""
    if before.dtype.is_nested() or after.dtype.is_nested():
        return
    sides = _sides(before, after, as_categories=as_categories)
    if sides is None:
        return
    one, two = sides
    lost = np.array([[one.rows - one.present, one.present], [two.rows - two.present, two.present]], dtype=np.float64)
    if lost[:, 0].any():
        factor = _effect(clusters, before.is_null().cast(load_polars().Float64).to_numpy()[:, None]) if clusters else 1.0
        effect = float(abs(lost[0, 0] / one.rows - lost[1, 0] / two.rows))
        yield ColumnShift(column=name, kind="missing", p=_p(chi_squared(lost / factor), clusters), effect=effect)
    if not one.present or not two.present:
        return
    factor = _effect(clusters, _indicators(before, one)) if clusters else 1.0
    if one.numbers is not None and two.numbers is not None:
        effect = ks_distance(one.numbers, two.numbers)
        yield ColumnShift(column=name, kind="values", p=_p(ks_p(effect, one.present / factor, two.present / factor), clusters), effect=effect)
    elif len(one.counts.keys() | two.counts.keys()) <= _MOST_CATEGORIES:
        yield _categories(name, one, two, factor, clusters)
    yield from _only_in_one(name, one, two, factor)


def _p(p: float, clusters: Clusters | None) -> float:
    return clusters.widened(p) if clusters else p


def _effect(clusters: Clusters, shares: Floats) -> float:
    return clusters.effect(shares)


def _sides(before: Any, after: Any, *, as_categories: bool) -> tuple[Side, Side] | None:
    numbers = (None, None) if as_categories else (numbers_of(before.drop_nulls()), numbers_of(after.drop_nulls()))
    if any(one is None for one in numbers):
        numbers = (None, None)
    one, two = (_side(series, values) for series, values in zip((before, after), numbers, strict=True))
    return one, two


def _side(series: Any, numbers: Floats | None) -> Side:
    pl = load_polars()
    cells = pl.Series("value", numbers).cast(pl.String) if numbers is not None else series.drop_nulls().cast(pl.String).alias("value")
    return Side(len(series), numbers, dict(cells.value_counts().iter_rows()))


def _indicators(series: Any, side: Side) -> Floats:
    """What of a column is looked at for how alike rows of one cluster are: whether a number is below some quantiles, whether a cell is one of the usual values."""
    pl = load_polars()
    if side.numbers is not None:
        cells = series.cast(pl.Float64, strict=False).to_numpy()
        return np.stack([np.nan_to_num(cells <= level, nan=0.0) for level in np.unique(np.quantile(side.numbers, _LEVELS))], axis=1).astype(
            np.float64
        )
    usual = sorted(side.counts, key=lambda value: -side.counts[value])[:_MOST_WATCHED]
    cells = series.cast(pl.String)
    return np.stack([cells.eq_missing(value).cast(pl.Float64).to_numpy() for value in usual], axis=1)


def numbers_of(series: Any) -> Floats | None:
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
    array: Floats = values.drop_nulls().to_numpy()
    return array[np.isfinite(array)]


def _categories(name: str, one: Side, two: Side, factor: float, clusters: Clusters | None) -> ColumnShift:
    values = sorted({*one.counts, *two.counts})
    table = np.array([[side.counts.get(value, 0) for value in values] for side in (one, two)], dtype=np.float64)
    shares = table / table.sum(axis=1, keepdims=True)
    grown, fallen = int(np.argmax(shares[1] - shares[0])), int(np.argmin(shares[1] - shares[0]))
    most = fallen if shares[0, fallen] - shares[1, fallen] > _RATHER * (shares[1, grown] - shares[0, grown]) else grown
    detail = (values[most], float(shares[0, most]), float(shares[1, most]))
    effect = float(np.abs(shares[0] - shares[1]).sum() / 2)
    return ColumnShift(column=name, kind="categories", p=_p(chi_squared(table / factor), clusters), effect=effect, detail=detail)


def _only_in_one(name: str, one: Side, two: Side, factor: float) -> Iterator[ColumnShift]:
    """The most frequent value that only one of the tables has: that chance puts all k of its rows into a table with a share s of all rows has probability s^k."""
    for kind, has, lacks in (("new-value", two, one), ("lost-value", one, two)):
        only = {value: count for value, count in has.counts.items() if count >= _FEWEST_NEW and value not in lacks.counts}
        if only:
            value = max(only, key=lambda value: (only[value], value))
            share = has.present / (has.present + lacks.present)
            p = min(1.0, len(has.counts) * share ** (only[value] / factor))
            now = only[value] / has.present
            yield ColumnShift(column=name, kind=kind, p=p, effect=now, detail=(value, 0.0, now) if kind == "new-value" else (value, now, 0.0))
