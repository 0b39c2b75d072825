"""How columns go together in one table and in another: what has changed although each column, looked at alone, has not.

Labels turned round in the rows of one source, a join that gives each row another row's value, a column that was shuffled: shares and distributions stay as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.statistics.special import normal_cdf
from aisecops.datasets.clusters import Clusters
from aisecops.datasets.shift import ColumnShift, changes
from aisecops.datasets.sources import load_polars

Floats = npt.NDArray[np.float64]
_FEWEST = 30
_MOST_GROUPS = 12
_MOST_COLUMNS = 150
"""Columns whose pairs are looked at: 11,175 pairs."""
_MOST_ROWS = 20_000


class PairShift(msgspec.Struct, frozen=True, kw_only=True):
    """How two columns go together: Spearman's rank correlation ``before`` and ``after``, and the p-value that it is the same one, not corrected."""

    one: str
    two: str
    before: float
    after: float
    p: float


class GroupShift(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened to a column among the rows in which ``group`` is ``value``; the p-value is not corrected."""

    group: str
    value: str
    shift: ColumnShift


def group_shifts(
    before: Any, after: Any, groups: Sequence[str], columns: Sequence[str], watched: Sequence[str], clusters: Clusters | None = None
) -> Iterator[GroupShift]:
    """Yield what has happened to ``columns`` within each of the most frequent values of ``groups``; ``watched`` are categories however they are written."""
    pl = load_polars()
    for group in groups:
        counts = [dict(frame[group].drop_nulls().cast(pl.String).alias("value").value_counts().iter_rows()) for frame in (before, after)]
        for value in sorted(counts[0], key=lambda value: (-counts[0][value], value))[:_MOST_GROUPS]:
            if min(counts[0][value], counts[1].get(value, 0)) < _FEWEST:
                continue
            inside = [frame[group].cast(pl.String).eq_missing(value) for frame in (before, after)]
            within = clusters.among(inside[0].to_numpy()) if clusters else None
            if clusters and within is None:
                continue
            one, two = before.filter(inside[0]), after.filter(inside[1])
            for name in columns:
                if name != group:
                    for shift in changes(name, one[name], two[name], as_categories=name in watched, clusters=within):
                        yield GroupShift(group=group, value=value, shift=shift)


def pair_shifts(before: Any, after: Any, columns: Sequence[str], clusters: Clusters | None = None) -> list[PairShift]:
    """Return how each pair of columns of numbers goes together in both frames; of more than 150 columns the first.

    References
    ----------
    Bonett & Wright (2000). Sample size requirements for estimating Pearson, Kendall and Spearman correlations. Psychometrika 65.
    """
    ranked = [(name, one, two) for name in columns if (one := _ranks(before[name])) is not None and (two := _ranks(after[name])) is not None]
    ranked = ranked[:_MOST_COLUMNS]
    if len(ranked) < 2:
        return []
    ones, twos = np.stack([one for _, one, _ in ranked]), np.stack([two for _, _, two in ranked])
    known = clusters is not None and ones.shape[1] == len(clusters.codes)
    factors = [clusters.effect(rank[:, None]) if clusters and known else 1.0 for rank in ones]
    first, second = np.atleast_2d(np.corrcoef(ones)), np.atleast_2d(np.corrcoef(twos))
    found = []
    for i, (name, _, _) in enumerate(ranked):
        for j, (other, _, _) in enumerate(ranked[:i]):
            factor, r, s = max(factors[i], factors[j]), float(first[i, j]), float(second[i, j])
            p = _p(r, s, (ones.shape[1] / factor, twos.shape[1] / factor))
            found.append(PairShift(one=other, two=name, before=r, after=s, p=clusters.widened(p) if clusters else p))
    return found


def _p(one: float, two: float, rows: tuple[float, float]) -> float:
    """Fisher's transformation; its variance for ranks by Bonett and Wright, at the more uncertain of both correlations."""
    edge = 1.0 - 1e-6
    variance = (1.0 + max(one * one, two * two) / 2.0) * (1.0 / max(1.0, rows[0] - 3.0) + 1.0 / max(1.0, rows[1] - 3.0))
    z = abs(math.atanh(max(-edge, min(edge, one))) - math.atanh(max(-edge, min(edge, two)))) / math.sqrt(variance)
    return min(1.0, 2.0 * normal_cdf(-z))


def _ranks(series: Any) -> Floats | None:
    """Ranks of a column of numbers, those that are missing in the middle; None where it is none, or always the same."""
    pl = load_polars()
    step = max(1, -(-len(series) // _MOST_ROWS))
    numbers = series.gather_every(step).cast(pl.Float64, strict=False) if not series.dtype.is_nested() else None
    if numbers is None or numbers.null_count() > 0.2 * len(numbers) + series.gather_every(step).null_count() or numbers.n_unique() < 2:
        return None
    ranks = numbers.rank("average").cast(pl.Float64)
    array: Floats = ranks.fill_null(ranks.mean()).to_numpy()
    return array if array.std() > 0 else None
