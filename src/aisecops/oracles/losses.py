"""The losses of ``Loss`` and their slopes by the logits, once for every oracle that has a gradient.

Computed in float64 whatever the model computes in: in float32 the cross-entropy of a sure model is exactly 0, and so is its gradient.
"""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import CapabilityError, Floats, Integers, Loss


def loss_of(logits: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
    """Return the loss of each sample, shape (n,), and its slope by the logits, shape (n, k).

    Raises
    ------
    CapabilityError
        The difference-of-logits ratio of two classes: it divides by the gap to the third.
    ValueError
        ``Loss.TARGET`` without ``target``.
    """
    match loss:
        case Loss.CROSS_ENTROPY:
            return _cross_entropy(logits, y)
        case Loss.MARGIN:
            return _difference(logits, _best_other(logits, y), y)
        case Loss.DLR:
            return _difference_of_logits_ratio(logits, y)
        case Loss.TARGET:
            if target is None:
                raise ValueError("the target loss needs `target`: a label for each sample")
            return _difference(logits, target, y)


def _cross_entropy(logits: Floats, y: Integers) -> tuple[Floats, Floats]:
    rows = np.arange(len(logits))
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponents = np.exp(shifted)
    sums = exponents.sum(axis=1)
    slope = exponents / sums[:, None]
    others = slope.copy()
    others[rows, y] = 0.0
    slope[rows, y] = -others.sum(axis=1)  # not p - 1: that is 0 as soon as p rounds to 1
    return np.log(sums) - shifted[rows, y], slope


def _best_other(logits: Floats, y: Integers) -> Integers:
    others = logits.copy()
    others[np.arange(len(logits)), y] = -np.inf
    return np.asarray(others.argmax(axis=1), dtype=np.int64)


def _difference(logits: Floats, other: Integers, y: Integers) -> tuple[Floats, Floats]:
    rows = np.arange(len(logits))
    slope = np.zeros_like(logits)
    slope[rows, other] += 1.0
    slope[rows, y] -= 1.0
    return logits[rows, other] - logits[rows, y], slope


def _difference_of_logits_ratio(logits: Floats, y: Integers) -> tuple[Floats, Floats]:
    if logits.shape[1] < 3:
        raise CapabilityError("the difference-of-logits ratio needs three classes, and this model has two", fix="use the margin loss")
    rows = np.arange(len(logits))
    margin, slope = _difference(logits, _best_other(logits, y), y)
    order = np.argsort(-logits, axis=1, kind="stable")
    first, third = order[:, 0], order[:, 2]
    gap = logits[rows, first] - logits[rows, third] + 1e-12  # as Croce and Hein: three equal logits divide by this
    slope /= gap[:, None]
    slope[rows, first] -= margin / gap**2
    slope[rows, third] += margin / gap**2
    return margin / gap, slope
