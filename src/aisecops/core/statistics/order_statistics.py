"""Quantiles with exact intervals, of values that may be censored."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from aisecops.core.statistics.interval import Interval, check_level
from aisecops.core.statistics.special import beta_tails


def quantile_interval(values: Sequence[float], p: float = 0.5, level: float = 0.95) -> tuple[float, Interval]:
    """Return the ``p`` quantile of ``values`` and an interval for that of the population, both of them values that were seen.

    The interval goes from one order statistic to another, chosen so that the number of observations below the true quantile, a binomial variable, falls
    outside with probability at most 1 - ``level``: no assumption about the distribution, and infinite (censored) values count as what they are, beyond
    all others. Its ends are infinite where n is too small to say (fewer than 6 values for a median at 95 %).

    Parameters
    ----------
    values
        n independent observations; infinity is allowed, NaN is not.
    p
        Which quantile, between 0 and 1; 0.5 is the median. The estimate is the least value that at least a share p does not exceed, so that a median is infinite only
        where more than half of the values are.

    References
    ----------
    David, H. A., Nagaraja, H. N. (2003). Order Statistics, section 7.1.
    """
    tail = check_level(level)
    if not 0.0 < p < 1.0:
        raise ValueError(f"a quantile needs p between 0 and 1, both excluded, not {p}")
    if not values or any(math.isnan(value) for value in values):
        raise ValueError("a quantile needs at least one value, and no NaN")
    ordered, n = sorted(values), len(values)
    estimate = ordered[max(0, math.ceil(p * n - 1e-9) - 1)]
    low, high = _ranks(n, p, tail)
    ends = (ordered[low - 1] if low >= 1 else -math.inf, ordered[high - 1] if high <= n else math.inf)
    return estimate, Interval(*ends, level, "order-statistics")


def _ranks(n: int, p: float, tail: float) -> tuple[int, int]:
    """The ranks, from 1, of the two ends: 0 and n + 1 where there is none."""
    low = _last(n, lambda rank: _at_most(n, p, rank - 1) <= tail)
    high = _last(n, lambda rank: 1.0 - _at_most(n, p, n - rank) <= tail)
    return low, n + 1 - high


def _last(n: int, holds: Callable[[int], bool]) -> int:
    """The greatest rank from 1 to n for which a condition that holds up to some rank does; 0: for none."""
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def _at_most(n: int, p: float, k: int) -> float:
    """The probability that at most ``k`` of ``n`` are below the ``p`` quantile."""
    return 1.0 if k >= n else beta_tails(k + 1.0, float(n - k), p)[1]
