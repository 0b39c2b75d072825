"""Intervals for many proportions at once, and for how they differ: numpy over all groups, never narrower than promised."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from aisecops.core.statistics import clopper_pearson
from aisecops.core.statistics.special import normal_quantile
from aisecops.oracles.oracle import Flags, Floats, Integers

_SMALL = 1000
"""Up to here the beta quantile itself, whose time grows with the count; beyond, Zubkov and Serov's bound, which is wider by less than one success."""
_STEPS = 80
_MANY = 4.0
"""Hits and misses, times the squared normal quantile of the level, from which MOVER keeps what it promises (held by a test over exact probabilities)."""


class Band(msgspec.Struct, frozen=True):
    """Ends of intervals, each of shape (g,)."""

    low: Floats
    high: Floats


def proportions(hits: Integers, trials: Integers, level: float) -> Band:
    """Return an interval for each of g proportions ``hits / trials`` that covers it with probability at least ``level``; [0, 1] where nothing was tried.

    Clopper and Pearson's up to 1,000 trials. Beyond: the bounds of Zubkov and Serov on the binomial distribution, turned round; they are theorems, too (never
    narrower than Clopper and Pearson's, wider by less than one success in n), and cost the same for any n.

    References
    ----------
    Zubkov, A. M., Serov, A. A. (2013). A complete proof of universal inequalities for the distribution function of the binomial law. Theory of Probability
    and its Applications 57(3), 539-544.
    """
    low, high = np.zeros(len(hits)), np.ones(len(hits))
    small = (trials > 0) & (trials <= _SMALL)
    pairs, which = np.unique(np.stack([hits[small], trials[small]]), axis=1, return_inverse=True)
    exact = [clopper_pearson(k, n, level) for k, n in pairs.T.tolist()]
    if exact:
        low[small] = np.array([interval.low for interval in exact])[which.ravel()]
        high[small] = np.array([interval.high for interval in exact])[which.ravel()]
    large = trials > _SMALL
    high[large] = _upper(hits[large], trials[large], (1.0 - level) / 2.0)
    low[large] = 1.0 - _upper(trials[large] - hits[large], trials[large], (1.0 - level) / 2.0)
    return Band(low, high)


def differences(hits: Integers, trials: Integers, rest_hits: Integers, rest_trials: Integers, level: float) -> Band:
    """Return intervals for ``hits / trials - rest_hits / rest_trials`` of independent groups, each covering it with probability at least ``level``.

    Where all four counts (hits and misses on both sides) are large, by MOVER from exact intervals of both (Donner and Zou, 2012). Elsewhere MOVER
    fails at the strict levels that many questions ask for (20 beside 1,000 samples at 1 - 0.00025: six times as many misses as promised); there from
    the lowest to the highest difference that the two intervals allow, with most of the error spent on the smaller group. [-1, 1] where one side is empty.
    """
    counts = np.stack([hits, trials - hits, rest_hits, rest_trials - rest_hits])
    many = counts.min(axis=0) >= _MANY * normal_quantile((1.0 - level) / 2.0) ** 2
    low, high = np.full(len(hits), -1.0), np.full(len(hits), 1.0)
    for chosen, own in _spending(trials, rest_trials, many):
        k, n, j, m = hits[chosen], trials[chosen], rest_hits[chosen], rest_trials[chosen]
        if own is None:
            one, two = proportions(k, n, level), proportions(j, m, level)
            p, q = k / n, j / m
            low[chosen], high[chosen] = p - q - np.hypot(p - one.low, two.high - q), p - q + np.hypot(one.high - p, q - two.low)
        else:
            one, two = proportions(k, n, 1.0 - own * (1.0 - level)), proportions(j, m, 1.0 - (1.0 - own) * (1.0 - level))
            low[chosen], high[chosen] = one.low - two.high, one.high - two.low
    return Band(low, high)


def _spending(trials: Integers, rest: Integers, many: Flags) -> Iterator[tuple[Integers, float | None]]:
    """Comparisons that are computed alike, and the part of the error that the group's own interval gets; None: by MOVER."""
    yield np.flatnonzero(many), None
    known = ~many & (trials > 0) & (rest > 0)
    size = np.where(known, rest / np.maximum(trials, 1), 1.0)
    for own, least, below in ((0.05, 0.0, 0.05), (0.2, 0.05, 1 / 3), (0.5, 1 / 3, 3.0), (0.8, 3.0, 20.0), (0.95, 20.0, np.inf)):
        yield np.flatnonzero(known & (size >= least) & (size < below)), own


def ratio(band: Band, rest: Band) -> Band:
    """Return intervals for the ratio of two rates: the quotients of the ends. With both bands at level 1 - a/2 they hold at 1 - a; the upper end may be infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(rest.high > 0, band.low / rest.high, 0.0)
        high = np.where(rest.low > 0, band.high / rest.low, np.inf)
    return Band(low, high)


def mean_width(squares: Floats, sums: Floats, n: Floats, spread: float, level: float) -> Floats:
    """Return by how much a mean of n bounded values may differ from its expectation, at ``level``, two-sided: Maurer and Pontil's empirical Bernstein bound.

    Parameters
    ----------
    squares, sums
        Of the values, shape (g,).
    spread
        How far apart the largest and smallest possible value are.

    References
    ----------
    Maurer, A., Pontil, M. (2009). Empirical Bernstein bounds and sample-variance penalization. COLT.
    """
    logarithm = math.log(4.0 / (1.0 - level))
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(0.0, (squares - sums**2 / n) / (n - 1))
        width = np.sqrt(2.0 * variance * logarithm / n) + 7.0 * spread * logarithm / (3.0 * (n - 1))
    return np.asarray(np.where(n > 1, np.minimum(width, spread), spread))


def _upper(hits: Integers, trials: Integers, tail: float) -> Floats:
    """The proportion above which ``hits`` or fewer have probability below ``tail``."""
    n = trials.astype(np.float64)
    top = np.ones(len(n))
    none, some = hits == 0, (hits > 0) & (hits < trials - 1)
    top[none] = -np.expm1(math.log(tail) / n[none])
    one_short = hits == trials - 1
    top[one_short] = np.exp(np.log1p(-tail) / n[one_short])
    x, m = (hits[some] + 1) / n[some], n[some]
    aim = normal_quantile(tail) ** 2 / (2.0 * m)
    low, high = x.copy(), np.ones(len(x))
    for _ in range(_STEPS):  # bisection: the divergence grows with p above x, and a bracket cannot run away
        middle = 0.5 * (low + high)
        with np.errstate(divide="ignore"):
            reached = x * np.log(x / middle) + (1.0 - x) * np.log((1.0 - x) / (1.0 - middle))
        low, high = np.where(reached < aim, middle, low), np.where(reached < aim, high, middle)
    top[some] = high
    return top
