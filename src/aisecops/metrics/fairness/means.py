"""Differences of means between groups: calibration of scores, and the errors of a regression."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import bonferroni
from aisecops.core.statistics.special import normal_quantile
from aisecops.metrics.fairness.groups import Groups
from aisecops.metrics.fairness.intervals import mean_width
from aisecops.oracles.oracle import Floats, Integers

_ENOUGH = 30
"""Values on a side from which a mean of unbounded values is trusted to be about normal."""
_SKEWED = 25.0
"""Times the squared skewness: values that a mean of skewed ones takes (Cochran's rule, at 95 %). Stricter levels look farther into the tail, and take more."""


_Z = 1.96


class MeanGap(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of one group, that of the rest, and how much they differ, with an interval that holds together with those of the other groups."""

    group: str
    n: int
    value: float
    rest: float
    difference: float
    low: float
    high: float
    method: str


def calibration_gaps(groups: Groups, y: Floats | Sequence[float], scores: Floats | Sequence[float], *, level: float = 0.95) -> tuple[MeanGap, ...]:
    """Return by how much scores miss the truth in each group (mean of outcome minus probability: above 0, the group is underrated), beside the rest.

    Parameters
    ----------
    y
        Outcomes, 0 or 1, shape (n,).
    scores
        Probabilities of 1, shape (n,). The intervals are Maurer and Pontil's: they hold for any n and any distribution.
    """
    truth, told = np.asarray(y, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if truth.shape != told.shape or not (np.all((truth == 0) | (truth == 1)) and np.all((told >= 0) & (told <= 1))):
        raise UserError("calibration compares outcomes of 0 and 1 with probabilities of the same samples", fix="give probabilities, not margins")
    return mean_gaps(groups, truth - told, spread=2.0, level=level)


def mean_gaps(groups: Groups, values: Floats | Sequence[float], *, spread: float | None = None, level: float = 0.95) -> tuple[MeanGap, ...]:
    """Return each group's mean beside that of the rest: of residuals (who is overrated?), of absolute errors, of predictions.

    Parameters
    ----------
    values
        One for each sample, finite, shape (n,).
    spread
        How far apart the largest and smallest possible value are: intervals that hold for any n (``empirical-bernstein``). None: not known; then the normal
        approximation (``normal``), which is refused (an infinite interval) where a side has fewer than 30 values, or fewer than 25 times their squared skewness: the
        mean of incomes, or of errors of which a few are huge, is that of whoever happens to be there. Take logarithms, or compare how often an error is large.

    Raises
    ------
    UserError
        A value is not finite, or lengths differ.

    References
    ----------
    Cochran, Sampling techniques (1977), 2.15; Maurer, Pontil, Empirical Bernstein bounds (COLT 2009).
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != groups.member.shape or not np.all(np.isfinite(numbers)):
        raise UserError("every sample needs one finite value", fix="leave out samples without one")
    g = len(groups.names)
    if g < 2:
        return ()
    n = np.bincount(groups.member, minlength=g).astype(np.float64)
    sums, squares = (np.asarray(np.bincount(groups.member, weights, g), dtype=np.float64) for weights in (numbers, numbers**2))
    others = n.sum() - n
    mean, rest = sums / n, (sums.sum() - sums) / others
    each = bonferroni(level, g if g > 2 else 1)
    if spread is not None:
        half = bonferroni(each, 2)
        wide = mean_width(squares, sums, n, spread, half) + mean_width(squares.sum() - squares, sums.sum() - sums, others, spread, half)
        method = "empirical-bernstein"
    else:
        wide = _normal(squares, sums, n, each, _skewness(numbers, groups.member, g))
        method = "normal"
    shown = range(g if g > 2 else 1)
    gap = mean - rest
    return tuple(
        MeanGap(
            group=groups.names[i], n=int(n[i]), value=float(mean[i]), rest=float(rest[i]), difference=float(gap[i]), low=float(gap[i] - wide[i]),
            high=float(gap[i] + wide[i]), method=method,
        )
        for i in shown
    )  # fmt: skip


def _normal(squares: Floats, sums: Floats, n: Floats, level: float, skewness: Floats) -> Floats:
    """Half widths by the two variances; infinite where a side has too few values for a normal mean."""
    others = n.sum() - n
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (squares - sums**2 / n) / (n - 1) / n
        two = (squares.sum() - squares - (sums.sum() - sums) ** 2 / others) / (others - 1) / others
    z = -normal_quantile((1.0 - level) / 2.0)
    student = z + (z**3 + z) / (4.0 * np.maximum(1.0, np.minimum(n, others) - 1))  # of that many degrees, to the first order
    width = student * np.sqrt(np.maximum(0.0, one) + np.maximum(0.0, two))
    needed = np.maximum(_ENOUGH, _SKEWED * (z / _Z) ** 2 * skewness**2)
    return np.asarray(np.where(np.minimum(n, others) >= needed, width, math.inf))


def _skewness(values: Floats, member: Integers, g: int) -> Floats:
    """The larger of each group's skewness and that of all deviations from the groups' means, shape (g,): a small group rarely shows its own tail."""
    n = np.maximum(1, np.bincount(member, minlength=g))
    away = values - (np.bincount(member, values, g) / n)[member]
    second, third = (np.bincount(member, away**power, g) for power in (2, 3))
    own, everybody = _standardised(second / n, third / n), _standardised(second.sum() / n.sum(), third.sum() / n.sum())
    return np.maximum(np.abs(own), np.abs(everybody))


def _standardised(second: Floats, third: Floats) -> Floats:
    return np.asarray(np.divide(third, second**1.5, out=np.zeros_like(np.asarray(third, dtype=np.float64)), where=np.asarray(second) > 0))
