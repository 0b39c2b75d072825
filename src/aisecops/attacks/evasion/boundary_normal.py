"""The normal of the decision boundary at a point on it, estimated from labels alone (Chen, Jordan and Wainwright, S&P 2020)."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.directions import orthonormal
from aisecops.attacks.evasion.rounds import MEMORY, Rounds
from aisecops.oracles.oracle import Floats, Integers


def normals(rounds: Rounds, rows: Integers, radius: Floats, count: int, rng: np.random.Generator, *, batch: int = 16) -> Floats:
    """Return the unit normals, towards evasion, at the best points of the samples ``rows``, shape (m, d); zero where no probe moved.

    ``count`` probes a sample lie at ``radius`` (m,) from its point, ``batch`` of them a call; all samples share their directions. Where one label prevails the
    boundary has bent away: the centre of the next batch moves along the line to the sample until both occur, for a probe whose answer is known tells nothing.
    """
    points, shape = rounds.points[rows], rounds.shape[1:]
    outward = unit(points - rounds.origin[rows])
    stretch = relative(rounds.scale[rows]) * rounds.free[rows]
    estimate, offset = np.zeros_like(points), np.zeros(len(rows))
    probes = orthonormal(rng, shape, count)
    batch = max(1, min(batch, MEMORY // max(1, points.size)))
    for first in range(0, count, batch):
        steps = probes[first : first + batch]
        centre = points + (offset * radius)[:, None] * outward
        asked = centre[:, None] + radius[:, None, None] * steps * stretch[:, None]
        placed, evades = rounds.ask(np.repeat(rows, len(steps)), asked.reshape(-1, points.shape[1]))
        signs = np.where(evades, 1.0, -1.0).reshape(len(rows), -1)
        mean = signs.mean(axis=1)
        weights = signs - np.where(np.abs(mean) < 1, mean, 0.0)[:, None]
        estimate += np.matmul(weights[:, None], placed.reshape(asked.shape) - centre[:, None])[:, 0] / radius[:, None]
        offset -= 0.15 * mean
    return unit(np.divide(estimate, stretch * stretch, out=np.zeros_like(estimate), where=stretch > 0))


def relative(scale: Floats) -> Floats:
    """Return scales with a root mean square of 1 in each row, so that a radius stays a length."""
    rms = np.sqrt(np.mean(scale * scale, axis=1, keepdims=True))
    return np.asarray(np.divide(scale, rms, out=np.ones_like(scale), where=rms > 0))


def unit(vectors: Floats) -> Floats:
    """Return rows of Euclidean length 1; zero rows stay."""
    length = np.sqrt(np.einsum("md,md->m", vectors, vectors))[:, None]
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0))
