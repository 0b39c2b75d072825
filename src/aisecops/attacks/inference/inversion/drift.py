"""Where a model wants the people of a class to go: a picture of what it learned of the few whom it has seen of it.

From the middle of the box the way to a class leads mostly away from the other classes. From people of the class, most of whom the model has never seen, it leads
to whom it has seen. It starts from members and others alike, so that their mean says nothing of who is who.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aisecops.oracles.oracle import Floats, Integers, Loss, Oracle

_STARTS = 64
_STEP, _STEPS = 0.01, 100
"""Root of the mean square of a step, in shares of the range; and how many, at most."""
_SURE = 5e-3


def drift(
    oracle: Oracle, low: Floats, high: Floats, people: Floats, label: int, *, seed: int, coordinates: Callable[[Floats], Floats] | None = None
) -> Floats:
    """Return the mean direction, of the shape of a sample, in which people have to change until the model is sure that they are of class ``label``.

    Parameters
    ----------
    low, high
        The bounds of what an input can be, of the shape of a sample.
    people
        Records of the class, members and others, finite, shape (n, ...); 64 are drawn by ``seed``.
    coordinates
        In which directions are compared: from inputs, shape (m, ...), to points, shape (m, ...). The inputs themselves, if left out.
    """
    rng = np.random.default_rng(seed)
    starts = people[rng.permutation(len(people))[:_STARTS]]
    ends = _walk(oracle, low, high, starts, np.full(len(starts), label))
    moved = ends - starts if coordinates is None else coordinates(ends) - coordinates(starts)
    return np.asarray(_unit(moved).mean(axis=0))


def _walk(oracle: Oracle, low: Floats, high: Floats, starts: Floats, labels: Integers) -> Floats:
    """Steps of one length along the slope, each until the model is sure."""
    span = np.where(high > low, high - low, 1.0)
    at, going = np.clip((starts - low) / span, 0, 1), np.arange(len(starts))
    length = _STEP * np.sqrt(low.size)
    for _ in range(_STEPS):
        loss, slope = oracle.gradient(low + span * at[going], labels[going], Loss.CROSS_ENTROPY)
        at[going] = np.clip(at[going] - length * _unit(slope * span), 0, 1)
        going = going[loss > _SURE]
        if not len(going):
            break
    return np.asarray(low + span * at)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors.reshape(len(vectors), -1), axis=1).reshape(-1, *[1] * (vectors.ndim - 1))
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))
