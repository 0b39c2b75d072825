"""From scores of members and others to an epsilon that the training cannot have kept.

A claimed epsilon is an upper bound, by accounting. An audit gives a lower one: if an attacker tells members from others this well, then no smaller epsilon is true
(with confidence ``level``). All bounds are at a fixed number of thresholds, with what trying several costs taken off: the largest of many intervals is no bound.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from aisecops.core.statistics import clopper_pearson
from aisecops.core.statistics.special import beta_tails, normal_cdf, normal_quantile
from aisecops.oracles.oracle import Floats

_THRESHOLDS = 16


class Bounded(msgspec.Struct, frozen=True, kw_only=True):
    """At confidence ``level``, epsilon at ``delta`` is at least ``epsilon`` (0: nothing is shown); ``assumes``: what that rests on beside independent records."""

    epsilon: float
    delta: float
    level: float
    method: str
    assumes: str = ""


def one_run_bound(members: Floats, others: Floats, delta: float = 1e-5, level: float = 0.95) -> Bounded:
    """Return the bound of Steinke, Nasr and Jagielski from one training run with many canaries, each included by a coin.

    The r records that look most and least like members are guessed. Were training (epsilon, 0)-private, then the number of right guesses would be at most binomial(r, p)
    with p = e^eps / (1 + e^eps), as if each guess were a randomised response; delta adds at most m * delta * the largest weight that the tail allows. The number of
    guesses is chosen among 8, and the confidence divided by that.

    Parameters
    ----------
    members, others
        Scores of the canaries that were included, and of those that were not, shapes (m1,) and (m0,).

    References
    ----------
    Steinke, Nasr, Jagielski, Privacy auditing with one (1) training run (NeurIPS 2023), theorem 5.2.
    """
    scores = np.concatenate([members, others])
    truth = np.repeat([True, False], [len(members), len(others)])
    order = np.lexsort((np.random.default_rng(0).random(len(scores)), scores))  # equal scores in any order, not in that of the truth
    m, best = len(scores), 0.0
    counts = sorted({max(1, int(m * share / 2)) for share in (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)})
    for half in counts:
        right = int((~truth[order[:half]]).sum() + truth[order[-half:]].sum())
        best = max(best, _one_run(m, 2 * half, right, delta, (1.0 - level) / len(counts)))
    return Bounded(epsilon=best, delta=delta, level=level, method="one-run")


def clopper_pearson_bound(members: Floats, others: Floats, delta: float = 1e-5, level: float = 0.95) -> Bounded:
    """Return the largest log((tpr - delta) / fpr) over 16 thresholds, with exact bounds of both rates, and of the same for telling others from members.

    Thresholds are taken from one half of the records and tried on the other; 16 thresholds, two directions and two rates share the error (Bonferroni).

    References
    ----------
    Jagielski, Ullman, Oprea, Auditing differentially private machine learning (NeurIPS 2020).
    """
    inner = 1.0 - 2.0 * (1.0 - level) / (4 * _THRESHOLDS)  # of two-sided intervals of which one side is used
    chosen = np.concatenate([members[::2], others[::2]])
    members, others = members[1::2], others[1::2]
    best = 0.0
    for threshold in np.quantile(chosen, (np.arange(_THRESHOLDS) + 0.5) / _THRESHOLDS):
        for mine, theirs in ((members >= threshold, others >= threshold), (others < threshold, members < threshold)):
            low = clopper_pearson(int(mine.sum()), len(mine), inner).low - delta
            high = clopper_pearson(int(theirs.sum()), len(theirs), inner).high
            best = max(best, math.log(low / high) if low > 0 else 0.0)
    return Bounded(epsilon=best, delta=delta, level=level, method="clopper-pearson+bonferroni")


def gaussian_bound(members: Floats, others: Floats, delta: float = 1e-5, level: float = 0.95) -> Bounded:
    """Return the bound that holds if the mechanism is a Gaussian one (as DP-SGD's nearly is): far tighter, and only then a bound.

    Exact bounds of both rates at one threshold, the median of half of the records, bound the distance mu of the two Gaussians; the other half is used. Epsilon
    follows from mu at delta.

    References
    ----------
    Dong, Roth, Su, Gaussian differential privacy (JRSS B 2022); Nasr et al., Tight auditing of differentially private machine learning (USENIX Security 2023).
    """
    threshold = float(np.median(np.concatenate([members[::2], others[::2]])))
    members, others = members[1::2], others[1::2]
    tpr = clopper_pearson(int((members >= threshold).sum()), len(members), level).low
    fpr = clopper_pearson(int((others >= threshold).sum()), len(others), level).high
    mu = normal_quantile(tpr) - normal_quantile(fpr) if tpr > 0 and fpr < 1 else 0.0
    return Bounded(
        epsilon=gaussian_epsilon(max(0.0, mu), delta), delta=delta, level=level, method="gaussian", assumes="the mechanism is a Gaussian one"
    )


def gaussian_epsilon(mu: float, delta: float) -> float:
    """Return the epsilon at ``delta`` of a Gaussian mechanism of sensitivity / deviation ``mu``: the root of delta(eps) (Balle and Wang 2018), to 1e-9."""
    if _gaussian_delta(0.0, mu) <= delta:
        return 0.0
    low, high = 0.0, 1.0
    while _gaussian_delta(high, mu) > delta:
        low, high = high, 2 * high
    while high - low > 1e-9 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if _gaussian_delta(middle, mu) > delta else (low, middle)
    return low


def _gaussian_delta(epsilon: float, mu: float) -> float:
    if mu <= 0:
        return 0.0
    tail = normal_cdf(-epsilon / mu - mu / 2)
    return normal_cdf(-epsilon / mu + mu / 2) - (math.exp(epsilon + math.log(tail)) if tail > 0 else 0.0)


def _one_run(m: int, guesses: int, right: int, delta: float, error: float) -> float:
    """The largest epsilon that ``right`` of ``guesses`` refutes, to 1e-4."""
    if _p_value(m, guesses, right, 0.0, delta) > error:
        return 0.0
    low, high = 0.0, 1.0
    while high < 64 and _p_value(m, guesses, right, high, delta) <= error:
        low, high = high, 2 * high
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if _p_value(m, guesses, right, middle, delta) <= error else (low, middle)
    return low


def _p_value(m: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """The most probable it can be, under (epsilon, delta), to guess ``right`` or more: beta + 2 m delta alpha of the paper."""
    p = 1.0 / (1.0 + math.exp(-epsilon))
    above = _binomial_tail(guesses, right, p)
    if not delta or not right:
        return min(1.0, above)
    below = np.cumsum(_binomial_weights(guesses, right - 1, p))  # of right - 1, right - 1 or right - 2, ...
    alpha = float((below / np.arange(1, right + 1)).max())
    return min(1.0, above + 2 * m * delta * alpha)


def _binomial_weights(n: int, k: int, p: float) -> Floats:
    """The probabilities of k, k - 1, ..., 0 of ``n``, by ratios from that of k."""
    first = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    down = np.arange(k, 0, -1)
    ratios = np.log(down / (n - down + 1.0)) + math.log1p(-p) - math.log(p)
    return np.exp(first + np.concatenate([[0.0], np.cumsum(ratios)]))


def _binomial_tail(n: int, k: int, p: float) -> float:
    """The probability of ``k`` or more of ``n``."""
    if k <= 0:
        return 1.0
    return beta_tails(k, n - k + 1, p)[0] if k <= n else 0.0
