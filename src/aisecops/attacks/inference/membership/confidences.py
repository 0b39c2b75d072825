"""From what a model answers to one number a record: how sure it is of the right label."""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Floats, Integers

_LEAST, _MOST = 1e-6, 1e-2


def probabilities(scores: Floats) -> Floats:
    """Return scores, shape (n, k), as probabilities: as they are where every row is a distribution, by a softmax otherwise (logits, margins)."""
    scores = np.asarray(scores, dtype=np.float64)
    sums = scores.sum(axis=1)
    if (scores >= 0).all() and (scores <= 1).all() and np.allclose(sums, 1.0, atol=1e-3):
        return scores
    return softmax(scores)


def softmax(scores: Floats) -> Floats:
    """Return the distribution over classes that logits, shape (n, k), stand for."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def of_label(scores: Floats, y: Integers) -> Floats:
    """Return the probability that the model gives the right label of each sample, shape (n,)."""
    return probabilities(scores)[np.arange(len(y)), y]


def floor_of(confidences: Floats) -> float:
    """Return what to add to probabilities before a logarithm.

    Forests answer in steps (votes, shares of leaves): a smaller number than half a step says how a computer writes 0, nothing about the model, and it decides about
    the result (with 100 trees 1e-6 and 1e-2 differ by a factor of 18 in the rate at 0.1 %). Elsewhere 1e-6, where float32 ends.
    """
    values = np.unique(np.round(confidences, 9))
    if len(values) < 2 or len(values) > 2000:
        return _LEAST
    return float(np.clip(np.median(np.diff(values)) / 2.0, _LEAST, _MOST))


def logits(confidences: Floats, floor: float) -> Floats:
    """Return log(p / (1 - p)) with ``floor`` added on both sides: nearly normal over models, where p is not (Carlini et al. 2022)."""
    confidences = np.clip(np.asarray(confidences, dtype=np.float64), 0.0, 1.0)
    return np.asarray(np.log((confidences + floor) / (1.0 - confidences + floor)))
