"""The exact interval for a proportion."""

from __future__ import annotations

import math
from typing import SupportsIndex

from aisecops.core.statistics.interval import Interval, check_counts, check_level
from aisecops.core.statistics.special import beta_quantile


def clopper_pearson(successes: SupportsIndex, trials: SupportsIndex, level: float = 0.95) -> Interval:
    """Return the Clopper-Pearson interval: covers the true proportion with probability at least ``level``, whatever it is.

    The interval to judge by: it is wider than need be on average, never narrower than promised. Where nothing was seen (0 of n, n of n) the open side
    is closed at 0 or 1, and the other side still has its full tail: "0 of 100 attacks succeeded" means "at most 3.6 %" at 95 %.

    Parameters
    ----------
    successes
        Whole number, 0 to ``trials``.
    trials
        Whole number, 1 to 10^12; independent of each other.
    level
        Confidence, between 0 and 1.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    References
    ----------
    Clopper, C. J., Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the case of the binomial. Biometrika 26, 404-413.
    Brown, L. D., Cai, T. T., DasGupta, A. (2001). Interval Estimation for a Binomial Proportion. Statistical Science 16(2), 101-133.
    """
    tail = check_level(level)
    k, n = check_counts(successes, trials)
    return Interval(_low(k, n, tail), _high(k, n, tail), level, "clopper-pearson")


def _low(k: int, n: int, tail: float) -> float:
    """The proportion under which ``k`` or more successes have probability ``tail``."""
    if k == 0:
        return 0.0
    if k == n:
        return math.exp(math.log(tail) / n)
    return beta_quantile(k, n - k + 1, tail)


def _high(k: int, n: int, tail: float) -> float:
    """The proportion under which ``k`` or fewer successes have probability ``tail``."""
    if k == n:
        return 1.0
    if k == 0:
        return -math.expm1(math.log(tail) / n)
    return beta_quantile(k + 1, n - k, tail, upper=True)
