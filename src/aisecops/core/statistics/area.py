"""The area under a ROC curve."""

from __future__ import annotations

import math

from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.core.statistics.hoeffding import hoeffding
from aisecops.core.statistics.interval import Interval
from aisecops.core.statistics.special import normal_quantile


def area_interval(value: float, error: float, pairs: int, level: float = 0.95, *, few: int = 1) -> Interval:
    """Return the interval of an area under a ROC curve: DeLong's on the logit scale, where it stays within 0 and 1.

    Parameters
    ----------
    value
        The area, 0 to 1.
    error
        DeLong's standard error. Where it is 0, or ``pairs`` are fewer than ``few``, Hoeffding's bound over the pairs takes its place.
    pairs
        The smaller of the numbers of positives and negatives: so many disjoint pairs there are. Where all pairs are in order, or none, DeLong's error is 0; the
        interval then is what these prove: Clopper and Pearson's.

    References
    ----------
    DeLong, E. R., DeLong, D. M., Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated ROC curves. Biometrics 44, 837-845.
    """
    if value in (0.0, 1.0):
        exact = clopper_pearson(pairs * int(value), pairs, level)
        return Interval(exact.low, exact.high, level, "clopper-pearson-of-disjoint-pairs")
    if pairs < few or error <= 0.0:
        return hoeffding(value, pairs, level)
    return delong_logit(value, error, level)


def delong_logit(value: float, error: float, level: float = 0.95) -> Interval:
    """Return the normal interval of an area strictly between 0 and 1 on the logit scale; ``error`` is its standard error."""
    z, centre = -normal_quantile((1.0 - level) / 2.0), math.log(value / (1.0 - value))
    width = z * error / (value * (1.0 - value))
    low, high = (1.0 / (1.0 + math.exp(max(-700.0, min(700.0, -end)))) for end in (centre - width, centre + width))
    return Interval(low, high, level, "delong-logit")
