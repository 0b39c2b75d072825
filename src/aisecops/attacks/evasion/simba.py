"""SimBA: by scores, one direction of an orthonormal basis after the other, forwards or else backwards, kept if the margin rises.

The basis is single columns or pixels, in random order; of images also cosine waves (``waves``), the lowest frequencies first, as models hear them best.

References
----------
Guo, Gardner, You, Wilson, Weinberger: Simple Black-box Adversarial Attacks. ICML 2019.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.ball import clip, radius
from aisecops.attacks.evasion.directions import cosines, picture_axes
from aisecops.attacks.evasion.rounds import Rounds, within
from aisecops.attacks.evasion.space import Space
from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle, needs


def simba(
    oracle: Oracle,
    samples: Floats,
    y: Integers,
    *,
    space: Space,
    norm: Norm = Norm.L2,
    epsilon: float | None = None,
    queries: int = 1000,
    seed: int = 0,
    starts: Floats | None = None,  # noqa: ARG001 - one signature for all attacks
    target: Integers | None = None,
    step: float | None = None,
    waves: bool = False,
) -> Attempts:
    """Look for an evasion of each sample within ``epsilon`` by L2 or Linf, by scores.

    Parameters
    ----------
    step
        The length of a step; None: epsilon for Linf, a fifth of it for L2.
    waves
        Step along the cosine waves of images (n, ..., height, width).
    """
    needs(oracle, Capability.SCORES, purpose="the attack simba")
    within(norm, Norm.L2, Norm.LINF, attack="simba")
    reach = radius(epsilon, "simba")
    size = step or (reach if norm is Norm.LINF and not waves else reach / 5)
    rounds = Rounds(oracle, samples, y, space=space, norm=norm, queries=queries, target=target, epsilon=epsilon, limit=epsilon)
    if waves and len(rounds.shape) < 3:
        raise UserError(f"the attack simba steps along waves of images, and samples have the shape {rounds.shape[1:]}", fix="leave out waves")
    with rounds.until_spent():
        rng = np.random.default_rng(seed)
        _, margin = rounds.margins(np.arange(rounds.n), rounds.origin)
        points = rounds.origin.copy()
        order = frequencies_first(rounds, rng) if waves else columns_shuffled(rounds, rng)
        usable, turn = np.full(rounds.n, order.shape[1]) if waves else np.maximum(1, rounds.free.sum(axis=1)), 0
        while len(rows := rounds.live()):
            index = order[rows, turn % usable[rows]]
            direction = wave(index, rounds.shape[1:]) if waves else one_hot(index, order.shape[1])
            for sign in (size, -size):
                placed, margins = rounds.margins(rows, clip(rounds, rows, points[rows] + sign * direction * rounds.free[rows], reach))
                better = margins > margin[rows]
                points[rows[better]], margin[rows[better]] = placed[better], margins[better]
                rows, direction = rows[~better], direction[~better]
                if not len(rows):
                    break
            turn += 1
    return rounds.attempts()


def columns_shuffled(rounds: Rounds, rng: np.random.Generator) -> Integers:
    """Return an order of the features for each sample, the free ones first, shape (n, d)."""
    return np.argsort(np.where(rounds.free, rng.random(rounds.free.shape), 2.0), axis=1)


def one_hot(index: Integers, size: int) -> Floats:
    """Return unit vectors along the features ``index``."""
    vectors = np.zeros((len(index), size))
    vectors[np.arange(len(index)), index] = 1.0
    return vectors


def frequencies_first(rounds: Rounds, rng: np.random.Generator) -> Integers:
    """Return an order of the waves for each sample: by frequency, at random among those alike."""
    shape = rounds.shape[1:]
    down, across = (np.arange(shape[axis]).reshape([-1 if other == axis else 1 for other in range(len(shape))]) for axis in picture_axes(shape))
    frequency = np.broadcast_to(np.maximum(down, across), shape).reshape(1, -1)
    return np.argsort(frequency + rng.random((rounds.n, frequency.shape[1])), axis=1)


def wave(index: Integers, shape: tuple[int, ...]) -> Floats:
    """Return the cosine waves (unit length, flat) of the coefficients ``index`` of images of ``shape``."""
    return cosines(one_hot(index, int(np.prod(shape))).reshape(len(index), *shape), shape)
