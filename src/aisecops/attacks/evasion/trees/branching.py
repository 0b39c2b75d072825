"""Branch and bound on the programme: always go on where the bound is least, and let each bound rule out what it can before the next.

A part of the space is bounded; what its prices say cannot belong to an evasion nearer than the nearest so far falls away (reduced costs), and what is left is split
between the places that the relaxation mixes. It mixes because the margin, as the cost rises, falls late: half of a far point and half of a near one is cheaper than
any point. So the split is at the mean of the two, on the feature where they lie farthest apart, and neither side has both.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.choices import Choices, Space
from aisecops.attacks.evasion.trees.programme import Iterate, Programme, Relaxed
from aisecops.oracles.oracle import Flags, Floats

SLACK = 1e-9
WHOLE = 1e-3
"""A cut less crossed than this, or left uncrossed, is as good as decided."""
WHOLE_ROUNDS, PART_ROUNDS = 20, 4
"""Looks at the bound of the whole, and of a part, at most."""


class Part(msgspec.Struct, frozen=True):
    """A part of the space and its relaxation."""

    space: Space
    relaxed: Relaxed


class Branching:
    """One rival within the radius of the nearest evasion so far."""

    def __init__(self, choices: Choices, upper: Callable[[], float], offer: Callable[[Flags], None]) -> None:
        """``upper``: the cost of the nearest evasion; ``offer``: takes cuts that a point beyond may evade."""
        self._choices, self._upper, self._offer = choices, upper, offer
        self._programme = Programme(choices, upper())
        self._measure_steps()
        self._queue: list[tuple[float, int, Part]] = []
        self._count, self._given_up = 0, np.inf

    def start(self, until: float) -> Relaxed:
        """Relax the whole; look at ``until`` as ``run`` does."""
        return self._add(0.0, self._choices.whole, None, WHOLE_ROUNDS, until)

    def run(self, until: float) -> float:
        """Branch until the clock of this thread, ``time.thread_time``, says ``until``; return the cost below which there is no evasion."""
        while self._queue and self._queue[0][0] < min(self._upper() * (1 - SLACK), self._given_up) and time.thread_time() < until:
            bound, _, part = heapq.heappop(self._queue)
            self._offer(part.relaxed.crossed > 0.5)
            self._split(bound, part, until)
        return min(self._upper(), self._given_up, self._queue[0][0] if self._queue else np.inf)

    def _add(self, floor: float, space: Space, start: Iterate | None, rounds: int, until: float) -> Relaxed:
        relaxed = self._programme.relaxed(space, start, rounds, until)
        self._count += 1
        bound = max(floor, relaxed.bound, float(self._choices.spent(space).sum()))
        if bound < self._upper():
            heapq.heappush(self._queue, (bound, self._count, Part(space, relaxed)))
        return relaxed

    def _split(self, bound: float, part: Part, until: float) -> None:
        """Rule out, and push both sides of a cut."""
        limit = self._upper() * (1 + SLACK)
        space = self._choices.settled(part.relaxed.narrowed(part.space, limit), limit)
        if space is None:
            return
        cut = self._cut(space, part.relaxed.crossed)
        if cut < 0:  # one cell, and yet no evasion: a tie that the model's own order of additions decides
            self._given_up = min(self._given_up, bound)
            return
        for crossed in (True, False):
            side = self._choices.settled(self._choices.beside(space, cut, crossed=crossed), limit)
            if side is not None:
                self._add(bound, side, part.relaxed.iterate, PART_ROUNDS, until)

    def _cut(self, space: Space, crossed: Floats) -> int:
        """The cut between the places that a relaxation mixes, on the feature where these lie farthest apart; -1: all is decided."""
        choices, undecided = self._choices, space.open & ~space.crossed
        if not np.any(undecided):
            return -1
        crossed = np.where(undecided, crossed, space.crossed)
        half = np.where(undecided, np.minimum(crossed, 1.0 - crossed), 0.0)
        if np.max(half) <= WHOLE:
            return int(np.argmax(half + 1e-6 * undecided))
        features = int(np.max(choices.feature)) + 1
        mean = np.bincount(choices.feature, crossed * self._step, features)
        spread = np.bincount(choices.feature, crossed * self._square, features) - mean * mean
        spread[np.bincount(choices.feature, half > WHOLE, features) == 0] = -np.inf
        feature = int(np.argmax(spread))
        cuts = np.flatnonzero((choices.feature == feature) & (half > WHOLE))
        return int(cuts[np.argmin(np.abs(self._place[cuts] - mean[feature]))])

    def _measure_steps(self) -> None:
        """What each cut adds to where a point is on its feature (a signed cost), and to the square of that, beyond the cut before it."""
        choices = self._choices
        number, finite, way = np.arange(len(choices.up)), np.isfinite(choices.reach), 2 * choices.feature + choices.up
        order = np.lexsort((np.where(choices.up, number, -number), way))
        follows = np.diff(way[order], prepend=-1) == 0
        self._place = np.where(choices.up, 1.0, -1.0) * np.where(finite, choices.reach, 0.0)
        self._step, self._square = np.zeros(len(number)), np.zeros(len(number))
        for step, values in ((self._step, self._place), (self._square, self._place * self._place)):
            step[order] = values[order] - np.where(follows, np.roll(values[order], 1), 0.0)
            step[~finite] = 0.0
