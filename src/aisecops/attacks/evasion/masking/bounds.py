"""Scores of trees that stop at a bound: what is beyond it is hidden, so that nothing moves them there while everything moves those between.

The votes of 100 trees are numbers of two digits anyway, also at both ends. But votes at an end move as votes between do, unless they are none or all.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.masking.asking import Asker
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.attacks.evasion.masking.scores import bounds, clipped
from aisecops.attacks.evasion.masking.symptom import Symptom
from aisecops.oracles.oracle import Floats

MOVES, SCALE = 4, 0.05
BETWEEN = 3
"""Scores between the bounds, at least."""
FEWEST, MOST = 4, 24
"""Points at the bounds, and between them."""
STUCK, MOVING = 0.4, 0.2


def stuck_at_bounds(ask: Asker, ground: Ground, points: Floats, scores: Floats, seen: Floats, rng: np.random.Generator) -> Symptom | None:
    """Return the symptom if small moves of all columns change scores between the bounds, and do not change those at them.

    Parameters
    ----------
    points, scores
        Where to move from, shape (n, d), and the scores there, shape (n, k).
    seen
        All scores so far.
    """
    ends = bounds(seen, BETWEEN)
    if not len(ends):
        return None
    own = scores[:, 1:] if scores.shape[1] == 2 else scores
    at = np.isin(own, ends).any(axis=1)
    inside, outside = (rng.permutation(np.flatnonzero(rows))[:MOST] for rows in (~at, at))
    if min(len(inside), len(outside)) < FEWEST:
        return None
    stuck, still = (_unmoved(ask, ground, points[rows], own[rows], ends, rng) for rows in (outside, inside))
    if stuck < STUCK or still > MOVING:
        return None
    return clipped(float(at.mean()), float(seen.min()), float(seen.max()))


def _unmoved(ask: Asker, ground: Ground, points: Floats, own: Floats, ends: Floats, rng: np.random.Generator) -> float:
    """How often the scores (at the bounds, where some are there) stay what they are while all columns move by up to 5 % of their range."""
    at_end = np.isin(own, ends)
    compared = np.where(at_end.any(axis=1, keepdims=True), at_end, True)
    stays = []
    for _ in range(MOVES):
        moved = points + SCALE * (ground.high - ground.low) * rng.uniform(-1.0, 1.0, points.shape) * ground.free
        scores = ask(ground.place(np.clip(moved, ground.low, ground.high), points)).scores
        assert scores is not None
        scores = scores[:, 1:] if own.shape[1] == 1 and scores.shape[1] == 2 else scores
        stays.append(((scores == own) | ~compared).all(axis=1))
    return float(np.mean(stays))
