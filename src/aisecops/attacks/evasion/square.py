"""The Square attack: random search by scores; each try sets a square of an image, or a random group of columns, to the rim of the ball.

A perturbation on the rim of the ball hurts most. For Linf a try sets its features to ``x + epsilon`` or ``x - epsilon``, one sign for each channel's square (for
each column of a table); for L2 it takes what other features have spent and spends it there. It stays if the margin does not get worse; the squares shrink.

References
----------
Andriushchenko, Croce, Flammarion, Hein: Square Attack: a query-efficient black-box adversarial attack via random search. ECCV 2020.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.ball import clip, radius
from aisecops.attacks.evasion.boundary_normal import unit
from aisecops.attacks.evasion.directions import picture_axes
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Oracle, needs

SHRINKING = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
"""The tries, of 10,000, after which the share of features in a try halves (from the paper)."""


def square(
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
    share: float = 0.8,
) -> Attempts:
    """Look for an evasion of each sample within ``epsilon`` by Linf or L2, by scores; ``share`` of the features in the first tries."""
    needs(oracle, Capability.SCORES, purpose="the attack square")
    within(norm, Norm.LINF, Norm.L2, attack="square")
    reach = radius(epsilon, "square")
    rounds = Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon, limit=epsilon)
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        _, margin = rounds.margins(np.arange(rounds.n), rounds.origin)
        points, turn = rounds.origin.copy(), 0
        while len(rows := rounds.live()):
            proposal = first(rounds, rows, reach, rng) if turn == 0 else tried(rounds, rows, points[rows], reach, share_at(share, turn, queries), rng)
            placed, margins = rounds.margins(rows, proposal)
            better = (margins >= margin[rows]) | (turn == 0)
            points[rows[better]], margin[rows[better]] = placed[better], margins[better]
            turn += 1
    return rounds.attempts()


def share_at(share: float, turn: int, queries: int) -> float:
    """Return the share of features in a try, by how much of the budget is used."""
    return share / 2.0 ** sum(turn * 10_000 / queries > mark for mark in SHRINKING)


def first(rounds: Rounds, rows: Integers, reach: float, rng: np.random.Generator) -> Floats:
    """Return the start: vertical stripes of random sign in images, a random sign for each column of a table."""
    shape = rounds.shape[1:]
    rows_of_pixels = picture_axes(shape)[0] if len(shape) > 1 else None
    stripes = tuple(1 if axis == rows_of_pixels else size for axis, size in enumerate(shape))
    signs = np.broadcast_to(rng.choice([-1.0, 1.0], (len(rows), *stripes)), (len(rows), *shape)).reshape(len(rows), -1)
    length = reach if rounds.norm is Norm.LINF else reach / np.sqrt(np.maximum(rounds.free[rows].sum(axis=1, keepdims=True), 1))
    return clip(rounds, rows, rounds.origin[rows] + length * signs * rounds.free[rows], reach)


def tried(rounds: Rounds, rows: Integers, points: Floats, reach: float, share: float, rng: np.random.Generator) -> Floats:
    """Return each point with one more square or group of columns on the rim."""
    window, signs = windows(rounds, rows, share, rng)
    change = points - rounds.origin[rows]
    if rounds.norm is Norm.LINF:
        same = ((change == reach * signs) | ~window).all(axis=1)
        change = np.where(window, reach * np.where(same[:, None], -signs, signs), change)
    else:
        source, _ = windows(rounds, rows, share, rng)
        freed = ((source | window) * change**2).sum(axis=1) + np.maximum(reach**2 - (change**2).sum(axis=1), 0)
        aim = unit(window * (unit(window * change) + signs / np.sqrt(np.maximum(window.sum(axis=1, keepdims=True), 1))))
        change = np.where(source & ~window, 0.0, np.where(window, np.sqrt(freed)[:, None] * aim, change))
    return clip(rounds, rows, rounds.origin[rows] + change, reach)


def windows(rounds: Rounds, rows: Integers, share: float, rng: np.random.Generator) -> tuple[Flags, Floats]:
    """Return, for each sample, which free features a try is about, and their signs; both (m, d)."""
    shape, m = rounds.shape[1:], len(rows)
    if len(shape) < 2:
        free = rounds.free[rows]
        count = np.maximum(1, np.round(share * free.sum(axis=1, keepdims=True)))
        rank = np.argsort(np.argsort(np.where(free, rng.random(free.shape), 2.0), axis=1), axis=1)
        return free & (rank < count), rng.choice([-1.0, 1.0], free.shape)
    axes = picture_axes(shape)
    height, width = (shape[axis] for axis in axes)
    side = max(1, min(round(np.sqrt(share * height * width)), height, width))
    window = np.ones((m, *shape), dtype=bool)
    for axis in axes:
        start, place = rng.integers(0, shape[axis] - side + 1, (m, 1)), np.arange(shape[axis])
        inside = (place >= start) & (place < start + side)
        window &= inside.reshape(m, *(shape[axis] if other == axis else 1 for other in range(len(shape))))
    signs = rng.choice([-1.0, 1.0], (m, *(1 if axis in axes else size for axis, size in enumerate(shape))))
    return window.reshape(m, -1) & rounds.free[rows], np.broadcast_to(signs, window.shape).reshape(m, -1)
