"""The curvature-aware geometric attack: from labels alone to a near evasion by semicircles through the sample and its boundary point.

At a boundary point ``p`` at distance ``r`` from the sample ``x``, in direction ``u``, the normal ``n`` of the boundary is estimated. In the plane of ``u`` and
``n``, all points seen from which ``x`` and ``p`` lie at a right angle form a circle: ``x + r cos(a) (cos(a) u + sin(a) w)``, ``w`` the part of ``n`` across
``u``. They come nearer as ``a`` grows, the foot of the perpendicular on a flat boundary lies on it, and the last one that still evades is found by bisection.

Ours differs from the paper: probes are orthonormal and kept balanced, normals have momentum, changes that trees do not hear are put back, the best point ever
seen is the iterate, all samples go at once.

References
----------
Reza, Rahmati, Wu, Dai: CGBA: Curvature-aware Geometric Black-box Attack. ICCV 2023.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.boundary_normal import normals, unit
from aisecops.attacks.evasion.boundary_start import begin, walk
from aisecops.attacks.evasion.resets import put_back
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs

PROBES = 30
"""In the first iteration; later ones take the square root of their number times as many, as normals have to get finer."""


def cgba(
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
    """Find a near evasion of each sample by L2, from labels alone.

    Parameters
    ----------
    oracle
        Answers labels.
    samples
        Shape (n, ...); missing values (NaN) stay missing.
    y
        Their labels, 0 to k-1, shape (n,). A sample that the model gets wrong is found at distance 0 for one query.
    space
        Every query is projected into it.
    norm
        L2.
    epsilon
        Stop with a sample once it is evaded within this distance; None: get as near as the budget allows.
    queries
        The most to ask on behalf of each sample.
    starts
        Samples, some of other classes, to start from, shape (m, ...); None: noise.
    target
        The label that each sample shall get, shape (n,); None: any but ``y``.

    Raises
    ------
    CapabilityError, UserError
        The oracle gives no labels; the input is unusable.
    """
    needs(oracle, Capability.LABELS, purpose="the attack cgba")
    within(norm, Norm.L2, attack="cgba")
    rounds = Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon)
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        begin(rounds, starts, rng)
        momentum, iteration = np.zeros_like(rounds.origin), 1
        while len(rows := rounds.started()):
            count = int(min(PROBES * np.sqrt(iteration), max(8, rounds.left[rows].max() - 9)))
            estimate = normals(rounds, rows, 0.4 * rounds.distance[rows], count, rng)
            momentum[rows] = unit(estimate + 0.5 * momentum[rows])
            semicircle(rounds, rows, momentum[rows])
            rows = rounds.started()
            walk(rounds, rows, rounds.points[rows], 3, near=0.9, known=True)
            if iteration % 2 == 0:
                put_back(rounds, momentum, rng)
            iteration += 1
    return rounds.attempts()


def semicircle(rounds: Rounds, rows: Integers, normal: Floats, *, steps: int = 6) -> None:
    """Search the semicircle of each sample for its nearest evasion: first where a flat boundary would have it, then around, then by bisection."""
    origin, reach = rounds.origin[rows], rounds.distance[rows]
    outward = unit(rounds.points[rows] - origin)
    cosine = np.einsum("md,md->m", outward, normal)
    across = unit(normal - cosine[:, None] * outward)
    low, high = np.zeros(len(rows)), np.full(len(rows), np.pi / 2)
    angle = np.clip(np.arccos(np.clip(cosine, -1.0, 1.0)), 0.02, 1.4)
    for _ in range(steps):
        direction = np.cos(angle)[:, None] * outward + np.sin(angle)[:, None] * across
        _, evades = rounds.ask(rows, origin + (reach * np.cos(angle))[:, None] * direction)
        low, high = np.where(evades, angle, low), np.where(evades, high, angle)
        around = np.where(evades, np.minimum(1.3 * angle, (angle + high) / 2), 0.7 * angle)
        angle = np.where(high - low > 0.3, around, (low + high) / 2)
