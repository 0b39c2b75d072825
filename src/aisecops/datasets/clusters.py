"""Rows that are not independent: of one customer, of one week. What a table says about their number is less than its rows suggest, and by how much is found from it.

The variance of a share among rows that come in clusters is the variance of independent rows times the *design effect* (Kish, 1965). Tests of change divide their
numbers of rows by it (Rao and Scott, 1981), and take the quantiles of Student's t with one degree of freedom less than there are clusters.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.statistics.special import beta_tails, normal_quantile
from aisecops.datasets.extra import load_polars
from aisecops.datasets.written_days import written_days

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_BLOCKS = 20
"""Stretches of time that a table is cut into: long enough that neighbours hardly depend on each other, enough of them to see how they differ."""
_FEWEST = 8
_LATER = 0.9


class Clusters(msgspec.Struct, frozen=True):
    """Which rows belong together: ``codes``, shape (n,), from 0, of ``count`` clusters."""

    codes: Integers
    count: int

    def effect(self, shares: Floats) -> float:
        """Return the largest design effect, at least 1, of the columns of ``shares``: indicators or other numbers, shape (n, k)."""
        rest = shares - shares.mean(axis=0)
        alone = (rest**2).sum(axis=0)
        together = np.zeros((self.count, shares.shape[1]))
        np.add.at(together, self.codes, rest)
        useful = alone > 0
        if not useful.any():
            return 1.0
        return max(1.0, float(((together**2).sum(axis=0)[useful] / alone[useful]).max()) * self.count / (self.count - 1))

    def among(self, rows: npt.NDArray[np.bool_]) -> Clusters | None:
        """Return the clusters of some rows, shape (n,); None where they are too few to tell how they differ."""
        codes = np.unique(self.codes[rows], return_inverse=True)[1].astype(np.int64)
        count = int(codes.max()) + 1 if len(codes) else 0
        return Clusters(codes, count) if count >= _FEWEST else None

    def widened(self, p: float) -> float:
        """Return a p-value of the normal distribution as one of Student's: the design effect is itself an estimate, from so many clusters."""
        if not 1e-300 < p < 1.0:
            return p
        z = -normal_quantile(p / 2)
        freedom = self.count - 1.0
        return min(1.0, beta_tails(freedom / 2, 0.5, freedom / (freedom + z * z))[0])


def by_group(groups: Any) -> Clusters | None:
    """Return the clusters of a column that says whose row each is; None where rows hardly share an owner, or owners are too few."""
    codes = groups.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    _, codes = np.unique(codes, return_inverse=True)
    count = int(codes.max()) + 1 if len(codes) else 0
    return Clusters(codes.astype(np.int64), count) if _FEWEST <= count <= 0.8 * len(codes) else None


def by_time(before: Any, after: Any) -> Clusters | None:
    """Return stretches of the time in which ``before`` was recorded, if ``after`` was recorded later: what differs between them differs from then to now, too."""
    one, two = _times(before), _times(after)
    if one is None or two is None or not len(one) or np.mean(two > np.quantile(one, _LATER)) < _LATER:
        return None
    order = np.argsort(one, kind="stable")
    codes = np.empty(len(one), dtype=np.int64)
    codes[order] = np.arange(len(one)) * _BLOCKS // len(one)
    first = {time: int(code) for time, code in zip(one[order][::-1], codes[order][::-1], strict=True)}  # one moment, one stretch
    codes = np.unique(np.array([first[time] for time in one], dtype=np.int64), return_inverse=True)[1].astype(np.int64)
    count = int(codes.max()) + 1
    return Clusters(codes, count) if count >= _FEWEST else None


def _times(series: Any) -> Floats | None:
    """When each row was recorded, as numbers in order; None where cells don't say so."""
    pl = load_polars()
    if series.dtype.is_numeric() or series.dtype.is_temporal():
        numbers = series.to_physical().cast(pl.Float64)
    else:
        numbers = series.cast(pl.Float64, strict=False)
        if numbers.null_count() > 0.02 * len(series):
            days = next(written_days(series.rename("time").to_frame().lazy(), ["time"]), None)
            numbers = pl.Series(days.days) if days is not None else numbers
    array: Floats = numbers.cast(pl.Float64).fill_null(math.nan).to_numpy().astype(np.float64)
    kept = np.isfinite(array)
    if kept.mean() < 0.98 if len(array) else True:
        return None
    array = array.copy()
    array[~kept] = np.median(array[kept])
    return array
