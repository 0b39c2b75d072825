"""The mean of anything bounded, without a word about its distribution."""

from __future__ import annotations

import math

from aisecops.core.statistics.interval import Interval, clip


def hoeffding(mean: float, n: float, level: float = 0.95) -> Interval:
    """Return the interval of the mean of ``n`` independent values between 0 and 1, whatever their distribution. Wide; for few values and for what depends on each other.

    References
    ----------
    Hoeffding, W. (1963). Probability inequalities for sums of bounded random variables. Journal of the American Statistical Association 58, 13-30.
    """
    width = math.sqrt(math.log(2.0 / (1.0 - level)) / (2.0 * n))
    return Interval(clip(mean - width), clip(mean + width), level, "hoeffding")
