"""Putting back what an evasion does not need: changes that buy little are undone, in groups, as long as the model still errs.

A model of trees hears a feature only where it crosses a threshold; a step along a normal changes many features by a little for nothing. Smooth models hear all
of them, and a first try tells.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.rounds import MEMORY, Rounds
from aisecops.oracles.oracle import Floats, Integers

SHARES = (0.01, 0.02, 0.05, 0.1)
"""The share of the squared distance that each group of a try makes up."""


def put_back(rounds: Rounds, normal: Floats, rng: np.random.Generator, *, tries: int = 8) -> None:
    """Undo changes of the best points, a group for each of ``SHARES`` in one call, again where one of them went well.

    Features with much distance and little effect (their change times ``normal``, shape (n, d)) come first, in an order that chance alters each time.
    """
    rows = rounds.started()
    most = max(1, MEMORY // (len(SHARES) * rounds.origin.shape[1]))
    for first in range(0, len(rows), most):
        put_back_of(rounds, rows[first : first + most], normal, rng, tries)


def put_back_of(rounds: Rounds, rows: Integers, normal: Floats, rng: np.random.Generator, tries: int) -> None:
    """As ``put_back``, of the samples ``rows``."""
    for _ in range(tries):
        if not len(rows):
            return
        before, origin = rounds.distance[rows], rounds.origin[rows]
        change = rounds.points[rows] - origin
        squares = change * change
        worth = squares / (np.maximum(normal[rows] * change, 0) + 1e-9 * np.abs(change) + 1e-12)
        order = np.argsort(-worth * rng.exponential(size=(len(SHARES), *worth.shape)), axis=2)
        undone = np.take_along_axis(np.broadcast_to(squares, order.shape), order, 2).cumsum(axis=2)
        stays = undone > np.array(SHARES)[:, None, None] * squares.sum(axis=1)[None, :, None]
        stays[:, :, 0] = False
        kept = np.empty_like(stays)
        np.put_along_axis(kept, order, stays, 2)
        rounds.ask(np.tile(rows, len(SHARES)), np.where(kept, rounds.points[rows], origin).reshape(-1, origin.shape[1]))
        rows = np.intersect1d(rows[rounds.distance[rows] < before], rounds.started())
