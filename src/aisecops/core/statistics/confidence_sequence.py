"""An interval for a proportion that holds however long one looks."""

from __future__ import annotations

import math
from typing import SupportsIndex

from aisecops.core.statistics.interval import Interval, check_counts, check_level
from aisecops.core.statistics.special import beta_weight

_A = _B = 0.5  # Jeffreys' prior: narrow at the ends, where robust models and broken ones live


def confidence_sequence(successes: SupportsIndex, trials: SupportsIndex, level: float = 0.95) -> Interval:
    r"""Return an interval that covers the proportion at *every* number of trials at once, with probability at least ``level``.

    For whoever stopped when the result looked clear: a fixed-n interval (``clopper_pearson``) computed after peeking covers less than it says. The price is
    width: 60 to 80 % more at 100 to 1,000 trials.

    It holds every ``p`` that a gambler with a beta prior could not disprove: the *evidence* against p,

    .. math:: E_n(p) = \frac{B(a + k, b + n - k)}{B(a, b)\, p^k (1-p)^{n-k}} = \frac{\text{prior density at } p}{\text{posterior density at } p},

    starts at 1 and, if p is true, is a martingale that ever reaches 1/(1 - level) with probability at most 1 - level (Ville's inequality).

    Parameters
    ----------
    successes
        Whole number, 0 to ``trials``.
    trials
        Whole number, 1 to 10^12, drawn one after the other from the same population; why one stopped does not matter.
    level
        Confidence, between 0 and 1.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    References
    ----------
    Robbins, H. (1970). Statistical methods related to the law of the iterated logarithm. Annals of Mathematical Statistics 41, 1397-1409.
    Waudby-Smith, I., Ramdas, A. (2023). Estimating means of bounded random variables by betting. JRSS B 86, 1-27.
    """
    evidence = 1.0 / (2.0 * check_level(level))
    k, n = check_counts(successes, trials)
    low = 0.0 if k == 0 else _end(k, n, evidence)
    high = 1.0 if k == n else 1.0 - _end(n - k, n, evidence)
    return Interval(low, high, level, "beta-binomial-sequence")


def _end(k: int, n: int, evidence: float) -> float:
    """The p below k/n where the evidence is that much: bisection on the logarithm of p, the evidence falls all the way to k/n."""
    low, high = -745.0, math.log(k / n)
    if _evidence(k, n, math.exp(low)) < evidence:
        return 0.0
    for _ in range(64):
        middle = (low + high) / 2.0
        if _evidence(k, n, math.exp(middle)) >= evidence:
            low = middle
        else:
            high = middle
    return math.exp(low)


def _evidence(k: int, n: int, p: float) -> float:
    if p >= 1.0:
        return 0.0 if k == n else math.inf
    posterior = beta_weight(_A + k, _B + n - k, p)
    return beta_weight(_A, _B, p) / posterior if posterior > 0.0 else math.inf
