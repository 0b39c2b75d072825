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
from aisecops.datasets.extra import load_polars
from aisecops.datasets.shift import ColumnShift, changes

Floats = npt.NDArray[np.float64]
_FEWEST = 30
_MOST_GROUPS = 12
_MOST_COLUMNS = 150
"""Columns whose pairs are looked at: 11,175 pairs."""
_MOST_ROWS = 20_000
_EDGE = 1e-6


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
    ones, twos = (_standard(np.stack([pair[side] for _, *pair in ranked])) for side in (0, 1))
    known = clusters is not None and ones.shape[1] == len(clusters.codes)
    factors = np.array([clusters.effect(rank[:, None]) if clusters and known else 1.0 for rank in ones])
    pairs = np.tril_indices(len(ranked), -1)
    first, second = _Together.of(ones, pairs), _Together.of(twos, pairs)
    chances = _p(first, second, np.maximum(factors[pairs[0]], factors[pairs[1]]))
    found = []
    for i, j, p, before, after in zip(*pairs, chances, first.r.tolist(), second.r.tolist(), strict=True):
        found.append(PairShift(one=ranked[j][0], two=ranked[i][0], before=before, after=after, p=clusters.widened(p) if clusters else p))
    return found


class _Together(msgspec.Struct, frozen=True):
    """How pairs of columns go together over so many ``rows``, each of shape (pairs,).

    ``r``: the correlation; ``spread``: the variance of what a row adds to it; ``carried``: how many rows carry it, as if each of them added as much.
    """

    rows: int
    r: Floats
    spread: Floats
    carried: Floats

    @classmethod
    def of(cls, standard: Floats, pairs: tuple[Any, Any]) -> _Together:
        """Return it of columns with mean 0 and variance 1, shape (columns, rows), and the places of the pairs."""
        rows = standard.shape[1]
        squares = standard**2
        r, both = (standard @ standard.T / rows)[pairs], (squares @ squares.T / rows)[pairs]
        cubes = (standard * squares) @ standard.T / rows
        fourth = (squares**2).mean(axis=1)
        spread = both - r * (cubes + cubes.T)[pairs] + r**2 / 4 * (fourth[pairs[0]] + fourth[pairs[1]] + 2 * both)
        return cls(rows, r, np.maximum(spread, 0.0), rows * r**2 / np.maximum(both, _EDGE))


def _standard(ranks: Floats) -> Floats:
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    return np.asarray(centred / centred.std(axis=1, keepdims=True))


def _p(one: _Together, two: _Together, factors: Floats) -> list[float]:
    """Return the largest of three p-values for each pair; rows count 1 / ``factors``.

    Fisher's transformation, with its variance for ranks by Bonett and Wright at the more uncertain of both correlations; the distance between both correlations with the
    variance that their rows show, which does not ask for columns without ties; and, since either holds for many rows alone, how seldom chance leaves out of one table
    all of the rows that carry the correlation of the other: of two columns that are zero but for three rows, one row makes the correlation.
    """
    sizes = one.rows / factors, two.rows / factors
    first, second = (np.arctanh(np.clip(side.r, _EDGE - 1, 1 - _EDGE)) for side in (one, two))
    apart = sum(1.0 / np.maximum(1.0, size - 3.0) for size in sizes)
    fisher = np.abs(first - second) / np.sqrt((1.0 + np.maximum(one.r**2, two.r**2) / 2.0) * apart)
    shown = np.abs(one.r - two.r) / np.sqrt(np.maximum(np.maximum(one.spread, two.spread) * sum(1.0 / size for size in sizes), _EDGE**2))
    carried = (
        np.where(np.abs(one.r) >= np.abs(two.r), one.carried * min(1.0, two.rows / one.rows), two.carried * min(1.0, one.rows / two.rows)) / factors
    )
    normal = (min(1.0, 2.0 * normal_cdf(-float(z))) for z in np.minimum(fisher, shown))
    return [max(p, math.exp(-float(few) / 2)) for p, few in zip(normal, carried, strict=True)]


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
