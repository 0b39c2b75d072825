"""Fisher's exact test: how likely so many of all hits fall into one group by chance alone."""

from __future__ import annotations

import math

import numpy as np

from aisecops.oracles.oracle import Floats, Integers

_EXACT = 64
_SMALL_FACTORIALS = np.array([math.lgamma(i + 1.0) for i in range(_EXACT)])
_TERMS = 4096


def log_factorial(n: Integers) -> Floats:
    """The natural logarithm of n!, elementwise: from a table below 64, by Stirling's series (error below 1e-15 relative) above."""
    x = np.maximum(n, 1).astype(np.float64)
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * x * x)) / (x * x)) / (x * x)) / x
    far = x * np.log(x) - x + 0.5 * np.log(2.0 * math.pi * x) + series
    return np.asarray(np.where(n < _EXACT, _SMALL_FACTORIALS[np.minimum(n, _EXACT - 1)], far))


def log_probability(hits: Integers, members: Integers, all_hits: int, all_members: int) -> Floats:
    """The logarithm of the probability that exactly ``hits`` of ``all_hits`` fall among ``members`` of ``all_members`` drawn without looking, elementwise."""

    def choose(n: Integers, k: Integers) -> Floats:
        return log_factorial(n) - log_factorial(k) - log_factorial(n - k)

    whole = choose(np.array([all_members]), np.array([all_hits]))
    return choose(members, hits) + choose(all_members - members, all_hits - hits) - whole


def upper_tail(hits: int, members: int, all_hits: int, all_members: int) -> float:
    """Return the probability of at least ``hits`` hits among ``members``: the one-sided p-value of Fisher's exact test."""
    most = min(members, all_hits)
    if hits <= max(0, members + all_hits - all_members):
        return 1.0
    if hits * all_members <= members * all_hits:  # not above the mean: terms would grow first, so take the other side from 1
        return 1.0 - upper_tail(members - hits + 1, members, all_members - all_hits, all_members)
    first = float(log_probability(np.array([hits]), np.array([members]), all_hits, all_members)[0])
    total, term, start = 1.0, 1.0, hits
    while start < most and term > 1e-17 * total:
        j = np.arange(start, min(most, start + _TERMS), dtype=np.float64)
        factors = (members - j) * (all_hits - j) / ((j + 1.0) * (all_members - members - all_hits + j + 1.0))
        terms = term * np.cumprod(factors)
        total, term, start = total + float(terms.sum()), float(terms[-1]), int(j[-1]) + 1
    return min(1.0, math.exp(min(0.0, first + math.log(total))))


def two_sided(hits: int, members: int, all_hits: int, all_members: int) -> float:
    """Return twice the smaller tail: the p-value of "the group is treated like the rest", exact whatever the numbers are."""
    above = upper_tail(hits, members, all_hits, all_members)
    below = upper_tail(members - hits, members, all_members - all_hits, all_members)
    return min(1.0, 2.0 * min(above, below))
