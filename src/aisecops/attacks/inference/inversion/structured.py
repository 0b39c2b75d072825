"""Inversion by structure: the surest cell of a tree ensemble, the surest corner of a linear map. The model is not asked at all."""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.structure import LinearMap, Structure, TreeEnsemble

_STARTS, _SWEEPS, _CELLS = 3, 4, 24


def climb(structure: Structure, low: Floats, high: Floats, labels: Integers, *, seed: int) -> Floats:
    """Return points, shape (c, d): column by column the cell with the largest margin of the class, from several starts, until no column helps.

    Between two neighbouring thresholds a tree answers the same: a cell stands for all of its points, and its middle is returned. An overgrown tree has cells
    around single people.
    """
    rng = np.random.default_rng(seed)
    cells = [_cells(structure, column, low[column], high[column]) for column in range(len(low))]
    return np.stack([_climbed(structure, cells, int(label), rng) for label in labels])


def _cells(structure: Structure, column: int, low: float, high: float) -> Floats:
    if isinstance(structure, LinearMap):
        return np.array([low, high])
    cuts = np.unique(structure.threshold[(structure.feature == column) & ~structure.leaf])
    edges = np.concatenate([[low], cuts[(cuts > low) & (cuts < high)], [high]])
    return np.asarray((edges[1:] + edges[:-1]) / 2)


def _climbed(structure: Structure, cells: list[Floats], label: int, rng: np.random.Generator) -> Floats:
    points = np.stack([np.array([rng.choice(values) for values in cells]) for _ in range(_STARTS)])
    best = _margin(structure, points, label)
    for _ in range(_SWEEPS):
        before = best.copy()
        for column in rng.permutation(len(cells)):
            values = cells[column] if len(cells[column]) <= _CELLS else rng.choice(cells[column], _CELLS, replace=False)
            tried = np.repeat(points, len(values), axis=0)
            tried[:, column] = np.tile(values, len(points))
            margins = _margin(structure, tried, label).reshape(len(points), -1)
            top = margins.argmax(axis=1)
            reached = margins[np.arange(len(points)), top]
            better = reached > best
            points[better, column] = values[top[better]]
            best = np.maximum(best, reached)
        if (best <= before).all():
            break
    return np.asarray(points[best.argmax()])


def _margin(structure: Structure, points: Floats, label: int) -> Floats:
    """How far the score of ``label`` is above that of every other class, shape (n,)."""
    if isinstance(structure, TreeEnsemble):
        scores = np.asarray(structure.sums(structure.leaves(points)), dtype=np.float64)
        if scores.shape[1] == 1:
            return scores[:, 0] if label else -scores[:, 0]
    else:
        scores = points @ structure.weights.T + structure.offset
    return np.asarray(scores[:, label] - np.delete(scores, label, axis=1).max(axis=1))
