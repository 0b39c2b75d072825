"""Membership in a logistic regression, in closed form: no shadow model, no fit, a few milliseconds.

A fitted logistic regression is where the gradients of its training records balance. So what its parameters say about record i is known exactly. Let g_i be the gradient
of the loss of record i at the target's own parameters, s_i whether it was trained on (a share w of the records was), r the gradients of what surely was, and
R that of the penalty. At the optimum

    sum_i s_i g_i + r + lambda R = 0,   so that   D = sum_i (s_i - w) g_i = -(w sum_i g_i + r + lambda R)

is seen by whoever can ask the model. With g centred, D is nearly normal with covariance C = w (1 - w) sum g g', and record i moves its mean by g_i. The best test between
"inside" and "outside" is therefore

    score_i = g_i' C^-1 D,   of size m_i^2 = g_i' C^-1 g_i:   normal with mean -m_i^2/2 or m_i^2/2 about its middle, and variance m_i^2.

The same m_i tell in advance how well the attack does (``predicted_rate``). D' C^-1 D is chi-square distributed if the target is what it is taken for: where it is far
larger (training was stopped early, classes were weighted, other records were used), there is no closed form, and shadow models are needed. Who is a member is not
looked at.

References
----------
Koh, Liang, Understanding black-box predictions via influence functions (ICML 2017), for the one Newton step; Leemann, Pawelczyk, Kasneci, Gaussian membership
inference privacy (NeurIPS 2023), for the test along gradients.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from aisecops.attacks.inference.membership.confidences import probabilities, softmax
from aisecops.core.statistics.special import normal_cdf
from aisecops.oracles.oracle import Floats, Integers

_PARAMETERS = 400
_UNEXPLAINED = 1e-6
"""The share of the variance of log odds that a linear map may leave: rounding of float32 answers."""
_ODDS = (1e-4, 1e-9)
"""Log odds are computed from records whose rarest class has at least this probability: below, 1 - p has lost its digits."""
_DEVIATIONS = 4.0
"""Standard deviations of the chi-square distribution by which D' C^-1 D may be too large."""


class Influence(msgspec.Struct, frozen=True, kw_only=True):
    """What the parameters say of each record.

    ``scores``: higher for members, shape (n,). ``effects``: m_i, how far apart its two distributions are, in standard deviations, shape (n,). ``features``: the
    gradients, which the scores are linear in, and the columns, shape (n, p): what would have to differ between members and others for the attack to see it.
    """

    scores: Floats
    effects: Floats
    features: Floats


def influence(scores: Floats, X: Floats, y: Integers, *, share: float, rest: tuple[Floats, Integers] | None = None) -> Influence | None:  # noqa: N803
    """Return the scores of the records of a logistic regression (binary or multinomial; behind scalers, too), or None if the target is no such model.

    Parameters
    ----------
    scores
        What it answers about the records, shape (n, k).
    X, y
        The records, shape (n, d), and their labels.
    share
        Of the records that it was trained on.
    rest
        What else it was trained on: samples (m, d) and labels.
    """
    p = probabilities(scores)
    (n, k), d = p.shape, X.shape[1]
    if not np.isfinite(X).all() or (k - 1) * (d + 1) > min(_PARAMETERS, n / 4):
        return None
    spread = X.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    design = _design(X, X.mean(axis=0), scale)
    weights = _linear(p, design)
    if weights is None:
        return None
    gradients = _gradients(p, y, design)
    push = share * gradients.sum(axis=0)
    if rest is not None and len(rest[1]):
        others = _design(rest[0], X.mean(axis=0), scale)
        push = push + _gradients(_answers(weights, others), rest[1], others).sum(axis=0)
    centred = gradients - gradients.mean(axis=0)
    inverse = np.linalg.pinv(share * (1.0 - share) * centred.T @ centred, hermitian=True)
    seen, excess = _balanced(push, _penalties(weights, scale, k), inverse)
    freedom = centred.shape[1]
    if excess > freedom + _DEVIATIONS * math.sqrt(2.0 * freedom):
        return None
    sizes = np.einsum("ij,jk,ik->i", centred, inverse, centred)
    features = np.column_stack([gradients, design[:, 1:], y[:, None] == np.arange(1, k)])
    return Influence(scores=centred @ (inverse @ seen), effects=np.sqrt(np.maximum(sizes, 0.0)), features=features)


def predicted_rate(effects: Floats, fpr: float) -> float:
    """Return the true-positive rate at ``fpr`` that ``effects`` promise, before any truth is looked at."""
    active = np.maximum(effects, 1e-9)
    low, high = -float((active**2).max() + 10 * active.max()), float((active**2).max() + 10 * active.max())
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _above(active, middle, -0.5) > fpr else (low, middle)
    return _above(active, high, 0.5)


def _above(effects: Floats, threshold: float, side: float) -> float:
    """The share of scores above ``threshold``: of members (side 0.5) or of others (-0.5)."""
    return float(np.mean([1.0 - normal_cdf(z) for z in (threshold / effects - side * effects).tolist()]))


def _design(samples: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.column_stack([np.ones(len(samples)), (samples - mean) / scale])


def _linear(p: Floats, design: Floats) -> Floats | None:
    """The weights of the log odds of classes 1 to k-1 against class 0, shape (d + 1, k - 1), if those are linear."""
    least = p.min(axis=1)
    rows = next((rows for odds in _ODDS if (rows := least > odds).sum() > 3 * design.shape[1]), None)
    if rows is None:
        return None
    odds = np.log(p[rows, 1:]) - np.log(p[rows, :1])
    weights = np.linalg.lstsq(design[rows], odds, rcond=None)[0]
    left, all_ = ((odds - design[rows] @ weights) ** 2).sum(), ((odds - odds.mean(axis=0)) ** 2).sum()
    return np.asarray(weights) if all_ > 0 and left <= _UNEXPLAINED * all_ else None


def _answers(weights: Floats, design: Floats) -> Floats:
    return softmax(np.column_stack([np.zeros(len(design)), design @ weights]))


def _gradients(p: Floats, y: Integers, design: Floats) -> Floats:
    """Of the log loss of each record by the weights, shape (n, (k - 1)(d + 1))."""
    wrong = p[:, 1:].copy()
    rows = np.flatnonzero(y > 0)
    wrong[rows, y[rows] - 1] -= 1.0
    return np.asarray((wrong[:, :, None] * design[:, None, :]).reshape(len(p), -1))


def _penalties(weights: Floats, scale: Floats, k: int) -> list[Floats]:
    """Gradients of a ridge penalty, whose weight nobody knows: of scaled columns, and of columns as they are."""
    own = weights[1:].T if k == 2 else weights[1:].T - weights[1:].T.sum(axis=0) / k  # of several classes each has weights, and their sum is 0
    return [np.column_stack([np.zeros(k - 1), own / by]).ravel() for by in (np.ones_like(scale), scale**2)]


def _balanced(push: Floats, penalties: list[Floats], inverse: Floats) -> tuple[Floats, float]:
    """D with the penalty that leaves the least of it, and D' C^-1 D."""
    found = []
    for penalty in penalties:
        size = float(penalty @ inverse @ penalty)
        seen = -(push + max(0.0, -float(push @ inverse @ penalty) / size if size > 0 else 0.0) * penalty)
        found.append((float(seen @ inverse @ seen), seen))
    excess, seen = min(found, key=lambda pair: pair[0])
    return seen, excess
