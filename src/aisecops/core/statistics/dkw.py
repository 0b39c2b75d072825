"""A band around a whole empirical distribution."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from aisecops.core.statistics.interval import Interval, check_level, clip


def dkw_width(n: int, level: float = 0.95) -> float:
    """Return half the width of the Dvoretzky-Kiefer-Wolfowitz band around the empirical distribution of ``n`` independent observations.

    The distribution function lies within it *everywhere at once* with probability at least ``level``, whatever it is: sqrt(ln(2 / (1 - level)) / (2 n)),
    0.043 at n = 1,000.
    """
    if n < 1:
        raise ValueError(f"a distribution needs at least one observation, not {n}")
    return math.sqrt(-math.log(check_level(level)) / (2.0 * n))


def dkw_band(values: Sequence[float], at: Sequence[float], level: float = 0.95) -> tuple[tuple[float, Interval], ...]:
    """Return the share of ``values`` that are at most x, with its interval, for each x of ``at``: a curve that may be read at any point, or at all of them.

    For curves over budgets: how many samples are evaded within distance x. Pointwise intervals would each hold with probability ``level``, all together with
    much less; this band holds as a whole, for points chosen after seeing it, too.

    Parameters
    ----------
    values
        n independent observations. An infinite one is censored: beyond every x.
    at
        Where to read the curve; any order, any number.
    level
        Confidence of the band as a whole.

    Raises
    ------
    ValueError
        If there is no observation, or one is NaN.

    References
    ----------
    Massart, P. (1990). The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality. Annals of Probability 18, 1269-1283.
    """
    width = dkw_width(len(values), level)
    if any(math.isnan(value) for value in values):
        raise ValueError("an observation is NaN: say infinity if it is censored")
    ordered = sorted(values)
    shares = [bisect_right(ordered, x) / len(ordered) for x in at]
    return tuple((share, Interval(clip(share - width), clip(share + width), level, "dkw")) for share in shares)
