"""The ball of a fixed budget around each sample: drawing from it, clipping to it, and the step that climbs fastest in it."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.boundary_normal import unit
from aisecops.attacks.evasion.rounds import Rounds
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Floats, Integers


def radius(epsilon: float | None, attack: str) -> float:
    """Return the radius to clip to: a hair less than ``epsilon``, so that no rounding puts a point beyond.

    Raises
    ------
    UserError
        There is none, or it is not a positive number.
    """
    if epsilon is None or not 0 < epsilon < np.inf:
        raise UserError(f"the attack {attack} looks for evasions within a distance, and epsilon is {epsilon}", fix="give a positive epsilon")
    return epsilon * (1 - 1e-9)


def clip(rounds: Rounds, rows: Integers, points: Floats, reach: float) -> Floats:
    """Return ``points`` (m, d) brought into the ball of the samples ``rows``, and into their bounds."""
    origin = rounds.origin[rows]
    change = np.clip(points, rounds.low[rows], rounds.high[rows]) - origin
    if rounds.norm is Norm.LINF:
        return np.asarray(origin + np.clip(change, -reach, reach))
    length = np.sqrt((change * change).sum(axis=1, keepdims=True))
    return np.asarray(origin + change * np.minimum(1.0, reach / np.maximum(length, 1e-300)))


def drawn(rounds: Rounds, rows: Integers, reach: float, rng: np.random.Generator) -> Floats:
    """Return a random point of each ball: uniform in the cube for Linf, a random direction and length for L2."""
    shape = (len(rows), rounds.origin.shape[1])
    if rounds.norm is Norm.LINF:
        return clip(rounds, rows, rounds.origin[rows] + reach * rng.uniform(-1, 1, shape) * rounds.free[rows], reach)
    change = reach * rng.random((len(rows), 1)) * unit(rng.standard_normal(shape) * rounds.free[rows])
    return clip(rounds, rows, rounds.origin[rows] + change, reach)


def steepest(norm: Norm, slope: Floats) -> Floats:
    """Return the steps of length 1 by ``norm`` along which a loss with that slope grows fastest."""
    return np.sign(slope) if norm is Norm.LINF else unit(slope)
