"""Inversion by gradients: all classes at once, Adam, and a prior that pictures are smooth."""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Floats, Integers, Loss, Oracle

_RATE, _FAST, _SLOW = 0.1, 0.9, 0.99
_SMOOTH = 0.002
"""Weight of the squared differences of neighbours, in units of the range."""
_NEAR = 0.02
"""Standard deviation of starts about the middle of the box."""
_SMOOTHING = 50
"""Steps before which nothing stops."""
_SURE = 5e-3
"""The cross-entropy below which nothing more is gained: a confidence of 0.995."""


def ascend(oracle: Oracle, low: Floats, high: Floats, labels: Integers, *, steps: int, seed: int) -> Floats:
    """Return points, shape (c, ...), of which the model is sure; each step is one call with all that are not there yet.

    The ascent is in units of the range; the prior is the squared difference of neighbouring pixels, summed. Rows of tables have no neighbours.
    """
    rng = np.random.default_rng(seed)
    span = np.where(high > low, high - low, 1.0)
    at = np.clip(0.5 + rng.normal(0, _NEAR, (len(labels), *low.shape)), 0, 1)
    first, second = np.zeros_like(at), np.zeros_like(at)
    axes = _axes(low.shape)
    going = np.arange(len(labels))
    for step in range(1, steps + 1):
        loss, slope = oracle.gradient(low + span * at[going], labels[going], Loss.CROSS_ENTROPY)
        pull = slope * span + _SMOOTH * _roughness(at[going], axes)
        first[going] = _FAST * first[going] + (1 - _FAST) * pull
        second[going] = _SLOW * second[going] + (1 - _SLOW) * pull**2
        size = first[going] / (1 - _FAST**step), np.sqrt(second[going] / (1 - _SLOW**step))
        at[going] = np.clip(at[going] - _RATE * size[0] / (size[1] + 1e-8), 0, 1)
        if step >= min(steps, _SMOOTHING):  # smooth first, then stop where it is sure
            going = going[loss > _SURE]
            if not len(going):
                break
    return np.asarray(low + span * at)


def _axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of a batch along which pixels have neighbours."""
    match len(shape):
        case 2:
            return 1, 2
        case 3:
            return (2, 3) if shape[0] in (1, 3) else (1, 2)
        case _:
            return ()


def _roughness(at: Floats, axes: tuple[int, ...]) -> Floats:
    """The slope of the sum of squared differences between neighbours."""
    slope = np.zeros_like(at)
    for axis in axes:
        step = np.diff(at, axis=axis)
        edges = [(0, 0)] * at.ndim
        edges[axis] = (1, 1)
        slope -= 2 * np.diff(np.pad(step, edges), axis=axis)
    return slope
