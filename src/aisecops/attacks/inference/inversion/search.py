"""Inversion by scores alone: an evolution strategy over all classes at once."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.inference.membership.confidences import of_label
from aisecops.oracles.oracle import Flags, Floats, Integers, Oracle

_CHILDREN = 24
_SURE = 0.995


def evolve(oracle: Oracle, low: Floats, high: Floats, labels: Integers, *, whole: Flags | None, generations: int, seed: int) -> Floats:
    """Return points, shape (c, ...), each the best of its line: a child changes some columns, a little or altogether; images change in patches.

    The size of changes follows success (the one-fifth rule): doubled step where more than a fifth of the children are better, smaller where fewer are.
    """
    rng = np.random.default_rng(seed)
    shape, c = low.shape, len(labels)
    best = low + (high - low) * rng.random((c, *shape))
    if whole is not None:
        best = np.where(whole, np.round(best), best)
    sure = of_label(oracle.scores(best), labels)
    size = np.full(c, 0.3)
    for _ in range(generations):
        going = np.flatnonzero(sure < _SURE)
        if not len(going):
            break
        children = np.stack([_changed(best[place], low, high, size[place], whole, rng) for place in going])
        scores = oracle.scores(children.reshape(-1, *shape))
        found = of_label(scores, np.repeat(labels[going], _CHILDREN)).reshape(len(going), _CHILDREN)
        top = found.argmax(axis=1)
        better = found[np.arange(len(going)), top] >= sure[going]  # equal counts: trees are flat almost everywhere
        chosen = children[np.arange(len(going)), top]
        best[going[better]] = chosen[better]
        success = (found > sure[going, None]).mean(axis=1)
        sure[going[better]] = found[np.arange(len(going)), top][better]
        size[going] = np.clip(size[going] * np.where(success > 0.2, 1.5, 0.95), 0.02, 1.0)
    return best


def _changed(point: Floats, low: Floats, high: Floats, size: float, whole: Flags | None, rng: np.random.Generator) -> Floats:
    """Children of a point, shape (24, ...)."""
    shape = (_CHILDREN, *point.shape)
    where = _places(shape, rng)
    fresh = low + (high - low) * rng.random(shape)
    moved = point + size * (high - low) * _noise(shape, rng)
    children = np.clip(np.where(where, np.where(rng.random(shape) < 0.2, fresh, moved), point), low, high)
    return np.where(whole, np.round(children), children) if whole is not None else children


def _places(shape: tuple[int, ...], rng: np.random.Generator) -> Flags:
    """Which numbers change: for rows each with a probability drawn for the child; for images a rectangle."""
    if len(shape) == 2:
        share = np.exp(rng.uniform(np.log(1 / shape[1]), 0, size=(shape[0], 1)))
        return np.asarray(rng.random(shape) < share)
    where = np.zeros(shape, dtype=np.bool_)
    for child in where:
        corner = [sorted(rng.integers(0, side + 1, size=2)) for side in shape[1:]]
        child[tuple(slice(start, max(stop, start + 1)) for start, stop in corner)] = True
    return where


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """For rows one number each; for images one for a whole patch: models see shapes, not grains."""
    return rng.normal(size=shape) if len(shape) == 2 else rng.normal(size=(shape[0], *(1,) * (len(shape) - 1))) * np.ones(shape)
