"""Which of the changed features carried the flip: the rest is put back, one after the other, as long as the model is still fooled."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Flags, Floats, Integers, Oracle

MOST = 64
"""Features that are tried, the least changed first; of an image, the rest stays as it is."""
_PASSES = 4
"""Once a feature is back, one that was needed before may be so no longer: it is tried again, so often at most."""


def carried(oracle: Oracle, points: Floats, origin: Floats, y: Integers, *, space: Space, most: int = MOST) -> tuple[Floats, Flags]:
    """Return evasions in which no tried change can be taken back alone, and where they differ from their samples.

    Parameters
    ----------
    points, origin
        Evasions and their samples, shape (n, d).
    y
        The labels that the model must not give, shape (n,).

    Returns
    -------
    tuple
        Points (n, d), and the features that carry the flip (n, d). At most ``4 * most`` queries a sample, all samples in one call a round.
    """
    points = points.copy()
    for _ in range(_PASSES):
        before = points.copy()
        _put_back(oracle, points, origin, y, space, most)
        if np.array_equal(points, before, equal_nan=True):
            break
    return points, points != origin


def _put_back(oracle: Oracle, points: Floats, origin: Floats, y: Integers, space: Space, most: int) -> None:
    """Try each changed feature of each row of ``points`` once, in place."""
    share = np.abs(points - origin) / np.maximum(np.abs(space.high - space.low), 1e-300)
    order = np.argsort(np.where(share > 0, share, np.inf), axis=1)
    every = np.arange(len(points))
    for step in range(min(most, points.shape[1])):
        column = order[:, step]
        rows = np.flatnonzero(share[every, column] > 0)
        if not len(rows):
            return
        trial = points[rows].copy()
        trial[np.arange(len(rows)), column[rows]] = origin[rows, column[rows]]
        trial = space.project(trial, origin[rows])
        fewer = np.count_nonzero(trial != origin[rows], axis=1) < np.count_nonzero(points[rows] != origin[rows], axis=1)
        rows, trial = rows[fewer], trial[fewer]
        if len(rows):
            still = oracle.labels(trial) != y[rows]
            points[rows[still]] = trial[still]
