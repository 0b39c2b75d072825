"""HopSkipJump: from labels alone along the boundary's normal, and back to the boundary.

An iteration estimates the normal at the boundary point, steps along it (for Linf along its signs) by ``r / sqrt(t)``, halved until the point evades, and bisects
towards the sample. It costs more queries than ``cgba`` for the same L2 distance, and knows Linf.

References
----------
Chen, Jordan, Wainwright: HopSkipJumpAttack: A Query-Efficient Decision-Based Attack. IEEE S&P 2020.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.boundary_normal import normals
from aisecops.attacks.evasion.boundary_start import begin, walk
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs

PROBES = 50
"""In the first iteration; later ones take the square root of their number times as many."""


def hop_skip_jump(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    *,
    space: Space,
    norm: Norm = Norm.L2,
    epsilon: float | None = None,
    queries: int = 1000,
    seed: int = 0,
    starts: Floats | None = None,
    target: Integers | None = None,
) -> Attempts:
    """Find a near evasion of each sample by L2 or Linf, from labels alone; parameters as of ``cgba``."""
    needs(oracle, Capability.LABELS, purpose="the attack hop-skip-jump")
    within(norm, Norm.L2, Norm.LINF, attack="hop-skip-jump")
    rounds = Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon)
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        begin(rounds, starts, rng)
        iteration = 1
        while len(rows := rounds.started()):
            count = int(min(PROBES * np.sqrt(iteration), max(8, rounds.left[rows].max() - 9)))
            normal = normals(rounds, rows, 0.4 * euclidean(rounds, rows), count, rng)
            jump(rounds, rows, normal, iteration)
            iteration += 1
    return rounds.attempts()


def euclidean(rounds: Rounds, rows: Integers) -> Floats:
    """Return the L2 distance of the best points."""
    return Norm.L2.distance(rounds.points[rows], rounds.origin[rows])


def jump(rounds: Rounds, rows: Integers, normal: Floats, iteration: int, *, halvings: int = 5, steps: int = 6) -> None:
    """Step from the best points along ``normal`` (m, d) to where the model still errs, and walk from there to the boundary."""
    direction = np.sign(normal) if rounds.norm is Norm.LINF else normal
    length, points = rounds.distance[rows] / np.sqrt(iteration), rounds.points[rows]
    for _ in range(halvings):
        if not len(rows):
            return
        placed, evades = rounds.ask(rows, points + length[:, None] * direction)
        walk(rounds, rows[evades], placed[evades], steps)
        rows, points, direction, length = rows[~evades], points[~evades], direction[~evades], length[~evades] / 2
