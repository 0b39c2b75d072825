"""How well a score tells members from others: the true-positive rate at a small false-positive rate, and the area under the curve, each with its interval.

An attacker who names a few records and is right about them does harm; one who is right about slightly more than half of all records hardly does. Hence the rate
at small false-positive rates comes first (Carlini et al., Membership inference attacks from first principles, S&P 2022), and the area second.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from aisecops.core.statistics import Interval, area_interval, clopper_pearson
from aisecops.core.statistics.special import beta_tails
from aisecops.oracles.oracle import Floats


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """The share of members that are recognised where at most ``fpr`` of all others are taken for members.

    ``value`` is None where so small a false-positive rate cannot be resolved by the others at hand; ``needed`` says how many would do.
    """

    fpr: float
    value: float | None
    interval: Interval
    members: int
    others: int
    needed: int


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """The probability that a member scores above another record, ties counted half."""

    value: float
    interval: Interval
    members: int
    others: int


def others_needed(fpr: float, level: float = 0.9) -> int:
    """Return the least number of non-members with which a rate at ``fpr`` can be bounded from below: (1 - fpr)^n must not exceed a quarter of the error."""
    return math.ceil(math.log((1.0 - level) / 4.0) / math.log1p(-fpr) - 1e-9)


def rate_at(members: Floats, others: Floats, fpr: float, level: float = 0.9) -> Rate:
    """Return the true-positive rate at a false-positive rate of at most ``fpr``, with an exact interval for that of the population.

    The threshold is estimated, too: an interval for the share of members above the *observed* threshold is too narrow. Each end holds with confidence
    (1 + ``level``) / 2, half of its error for either part. Lower end: flag what lies above the j-th largest score of the others, j as large as the order statistics
    allow for the true false-positive rate to be at most ``fpr`` (it is beta distributed, whatever the distribution of the scores, and ties only lower it), and take the
    Clopper-Pearson bound of the members flagged. Upper end: the same with a threshold whose true rate is at least ``fpr``.

    Parameters
    ----------
    members, others
        Scores, shape (n,) each, higher for records that look like members; independent records.
    fpr
        Between 0 and 1.
    level
        Of the two-sided interval; 0.9: each end alone holds with 95 %.

    Raises
    ------
    ValueError
        There are no members or no others, or a score is NaN.
    """
    members, others = _checked(members), _checked(others)
    n, tail = len(others), (1.0 - level) / 4.0
    descending = -np.sort(-others)
    allowed = int(n * fpr + 1e-9)
    low_rank, high_rank = _rank_below(n, fpr, tail), _rank_above(n, fpr, tail)
    inner = 1.0 - 2.0 * tail
    low = clopper_pearson(int((members > descending[low_rank - 1]).sum()), len(members), inner).low if low_rank else 0.0
    high = clopper_pearson(int((members >= descending[high_rank - 1]).sum()), len(members), inner).high if high_rank <= n else 1.0
    value = float((members > descending[allowed]).mean()) if low_rank and allowed < n else None
    if value is not None:
        low, high = min(low, value), max(high, value)
    interval = Interval(low, high, level, "order-statistics+clopper-pearson")
    return Rate(fpr=fpr, value=value, interval=interval, members=len(members), others=n, needed=others_needed(fpr, level))


def area(members: Floats, others: Floats, level: float = 0.95) -> Area:
    """Return the area under the ROC curve with DeLong's interval on the logit scale; where all pairs are in order, the exact bound of the disjoint pairs.

    References
    ----------
    DeLong, E. R., DeLong, D. M., Clarke-Pearson, D. L. (1988). Biometrics 44, 837-845.
    """
    members, others = _checked(members), _checked(others)
    above, below = _shares(members, others), 1.0 - _shares(others, members)
    value, pairs = float(above.mean()), min(len(members), len(others))
    variance = sum(float(part.var(ddof=1)) / len(part) if len(part) > 1 else 0.25 for part in (above, below))
    interval = area_interval(value, math.sqrt(variance), pairs, level)
    return Area(value=value, interval=interval, members=len(members), others=len(others))


def _checked(scores: Floats) -> Floats:
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or not len(scores) or np.isnan(scores).any():
        raise ValueError("scores are one number a record, at least one on each side, and no NaN")
    return scores


def _shares(values: Floats, others: Floats) -> Floats:
    """The share of ``others`` below each value, ties half."""
    ordered = np.sort(others)
    return np.asarray((np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / (2.0 * len(ordered)))


def _rank_below(n: int, fpr: float, tail: float) -> int:
    """The largest rank j, from above, over whose score lies more than a share ``fpr`` of the population with probability ``tail`` at most; 0: none."""
    low, high = 0, n
    while low < high:
        rank = (low + high + 1) // 2
        low, high = (rank, high) if beta_tails(rank, n - rank + 1, fpr)[1] <= tail else (low, rank - 1)
    return low


def _rank_above(n: int, fpr: float, tail: float) -> int:
    """The least rank j at or over whose score lies less than a share ``fpr`` of the population with probability ``tail`` at most; n + 1: none."""
    low, high = 1, n + 1
    while low < high:
        rank = (low + high) // 2
        low, high = (low, rank) if beta_tails(rank, n - rank + 1, fpr)[0] <= tail else (rank + 1, high)
    return low
