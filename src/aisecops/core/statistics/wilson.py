"""The score interval for a proportion."""

from __future__ import annotations

import math
from typing import SupportsIndex

from aisecops.core.statistics.interval import Interval, check_counts, check_level, clip
from aisecops.core.statistics.special import normal_quantile


def wilson(successes: SupportsIndex, trials: SupportsIndex, level: float = 0.95, *, correction: bool = False) -> Interval:
    """Return Wilson's score interval: covers the true proportion with about probability ``level``, averaged over proportions.

    For reports and comparisons; where less coverage than promised would do harm (a gate), use ``clopper_pearson``.

    Parameters
    ----------
    successes
        Whole number, 0 to ``trials``.
    trials
        Whole number, 1 to 10^12; independent of each other.
    level
        Confidence, between 0 and 1.
    correction
        With continuity correction: wider, close to Clopper-Pearson in coverage.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
    Newcombe, R. G. (1998). Two-sided confidence intervals for the single proportion: comparison of seven methods. Statistics in Medicine 17, 857-872
    (methods 3 and 4).
    """
    z = -normal_quantile(check_level(level))
    k, n = check_counts(successes, trials)
    if correction:
        return Interval(_corrected_low(k, n, z), 1.0 - _corrected_low(n - k, n, z), level, "wilson-cc")
    return Interval(*_score(k, n, z), level, "wilson")


def _score(k: int, n: int, z: float) -> tuple[float, float]:
    """The two roots of (p - k/n)^2 = z^2 p (1-p) / n; the smaller one from their product, so that it does not cancel away."""
    half = z * math.sqrt(k * (n - k) / n + z * z / 4.0)
    high = (k + z * z / 2.0 + half) / (n + z * z)
    low = k / n * k / ((n + z * z) * high)
    return clip(low), 1.0 if k == n else clip(high)


def _corrected_low(k: int, n: int, z: float) -> float:
    """Newcombe's method 4; its upper end is the mirror image."""
    if k == 0:
        return 0.0
    root = math.sqrt(z * z - 2.0 - 1.0 / n + 4.0 * k / n * (n - k + 1))
    return clip((2.0 * k + z * z - 1.0 - z * root) / (2.0 * (n + z * z)))
