"""NES: the gradient of the margin estimated from scores of pairs of points, and projected steps along it.

Probes are orthonormal, in pairs on both sides of the point. They reach half as far as the ball, not the paper's thousandth: the score of a tree is flat at
any smaller scale.

References
----------
Ilyas, Engstrom, Athalye, Lin: Black-box Adversarial Attacks with Limited Queries and Information. ICML 2018.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.ball import clip, radius, steepest
from aisecops.attacks.evasion.boundary_normal import unit
from aisecops.attacks.evasion.directions import orthonormal
from aisecops.attacks.evasion.rounds import MEMORY, Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs


def nes(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    *,
    space: Space,
    norm: Norm = Norm.LINF,
    epsilon: float | None = None,
    queries: int = 1000,
    seed: int = 0,
    starts: Floats | None = None,  # noqa: ARG001 - one signature for all attacks
    target: Integers | None = None,
    pairs: int = 10,
) -> Attempts:
    """Look for an evasion of each sample within ``epsilon`` by Linf or L2, by scores; ``pairs`` of probes a step."""
    needs(oracle, Capability.SCORES, purpose="the attack nes")
    within(norm, Norm.LINF, Norm.L2, attack="nes")
    reach = radius(epsilon, "nes")
    rounds = Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon, limit=epsilon)
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        rounds.margins(np.arange(rounds.n), rounds.origin)
        points, velocity = rounds.origin.copy(), np.zeros_like(rounds.origin)
        while len(rows := rounds.live()):
            velocity[rows] = 0.7 * velocity[rows] + unit(slope(rounds, rows, points[rows], reach, pairs, rng))
            points[rows] = clip(rounds, rows, points[rows] + 0.25 * reach * steepest(norm, velocity[rows]), reach)
            rows = rounds.live()
            points[rows], _ = rounds.margins(rows, points[rows])
    return rounds.attempts()


def slope(rounds: Rounds, rows: Integers, points: Floats, reach: float, pairs: int, rng: np.random.Generator) -> Floats:
    """Return the slope of the margin at ``points`` (m, d), from ``pairs`` of probes, in one call unless they are large."""
    length = 0.5 * reach * (np.sqrt(points.shape[1]) if rounds.norm is Norm.LINF else 1.0)
    steps, total = orthonormal(rng, rounds.shape[1:], pairs) * length, np.zeros_like(points)
    batch = max(1, MEMORY // max(1, 2 * points.size))
    for first in range(0, pairs, batch):
        few = steps[first : first + batch]
        sides = np.concatenate([few, -few])[None] * rounds.free[rows][:, None]
        owner = np.repeat(rows, 2 * len(few))
        placed, margins = rounds.margins(owner, clip(rounds, owner, (points[:, None] + sides).reshape(len(owner), -1), reach))
        answered = np.isfinite(margins).reshape(len(rows), -1)
        margins = np.where(answered, margins.reshape(len(rows), -1), 0.0)
        mean = margins.sum(axis=1) / np.maximum(answered.sum(axis=1), 1)
        centred = np.where(answered, margins - mean[:, None], 0.0)
        total += np.matmul(centred[:, None], placed.reshape(sides.shape) - points[:, None])[:, 0]
    return total
