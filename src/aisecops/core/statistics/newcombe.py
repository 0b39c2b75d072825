"""The interval for the difference of two independent proportions."""

from __future__ import annotations

import math
from typing import SupportsIndex

from aisecops.core.statistics.interval import Interval, check_counts, clip
from aisecops.core.statistics.wilson import wilson


def newcombe(
    successes: SupportsIndex,
    trials: SupportsIndex,
    other_successes: SupportsIndex,
    other_trials: SupportsIndex,
    level: float = 0.95,
    *,
    correction: bool = False,
) -> Interval:
    """Return Newcombe's hybrid score interval for ``successes/trials - other_successes/other_trials``, within [-1, 1].

    For two *independent* samples. Two models tried on the same inputs are paired: their difference is narrower than this says.

    Parameters
    ----------
    successes, trials, other_successes, other_trials
        Whole numbers, as ``wilson`` takes them.
    level
        Confidence, between 0 and 1.
    correction
        Built from intervals with continuity correction (method 11 instead of 10): wider.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven methods. Statistics in
    Medicine 17, 873-890 (methods 10 and 11).
    """
    one = wilson(successes, trials, level, correction=correction)
    two = wilson(other_successes, other_trials, level, correction=correction)
    k, n = check_counts(successes, trials)
    j, m = check_counts(other_successes, other_trials)
    p, q = k / n, j / m
    low = p - q - math.hypot(p - one.low, two.high - q)
    high = p - q + math.hypot(one.high - p, q - two.low)
    return Interval(clip(low, -1.0), clip(high, -1.0), level, "newcombe-cc" if correction else "newcombe")
