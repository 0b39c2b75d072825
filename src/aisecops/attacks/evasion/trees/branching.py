"""Branch and bound on the programme: always go on where the relaxation's bound is least, and let each bound rule out what it can before the next.

A part of the problem is relaxed; what its multipliers say cannot belong to an evasion nearer than the nearest so far falls away (reduced costs), trees whose boxes
clash are merged, and what is left is split at a cut that is half crossed and dear. Bounds are computed here from the multipliers, so none rests on the tolerances of
the linear programme's solver. General solvers spend a second on the root of such a programme; that is enough for twenty to a hundred parts here.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.choices import Choices, clashing
from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.programme import Programme, Relaxed
from aisecops.oracles.oracle import Flags, Floats

MOST_BOXES = 1500
"""Trees are merged up to about as many boxes: beyond, one relaxation takes longer than branching would."""
SLACK = 1e-9
WHOLE = 1e-7


class Part(msgspec.Struct, frozen=True):
    """What is left to choose from, which cuts may be crossed, and the relaxation of it."""

    choices: Choices
    crossable: Flags
    relaxed: Relaxed


class Branching:
    """One rival within the radius of the nearest evasion so far."""

    def __init__(self, cuts: Cuts, upper: Callable[[], float], offer: Callable[[Flags], None], allowed: Callable[[], float]) -> None:
        """``upper``: the cost of the nearest evasion; ``offer``: takes cuts that a point beyond may evade; ``allowed``: seconds (wall) for one relaxation."""
        self._cuts, self._upper, self._offer, self._allowed = cuts, upper, offer, allowed
        self._up, self._reach = cuts.cost[0] == 0, np.max(cuts.cost, axis=0)
        self._measure_steps()
        self._queue: list[tuple[float, int, Part]] = []
        self._count, self._given_up = 0, np.inf

    def _measure_steps(self) -> None:
        """What each cut adds to where a point is on its feature (a signed cost), and to the square of that, beyond the cut before it."""
        number, finite = np.arange(len(self._up)), np.isfinite(self._reach)
        order = np.lexsort((np.where(self._up, number, -number), 2 * self._cuts.feature + self._up))
        follows = np.diff((2 * self._cuts.feature + self._up)[order], prepend=-1) == 0
        place = np.where(self._up, 1.0, -1.0) * np.where(finite, self._reach, 0.0)
        self._step, self._square = np.zeros(len(place)), np.zeros(len(place))
        for step, values in ((self._step, place), (self._square, place * place)):
            step[order] = values[order] - np.where(follows, np.roll(values[order], 1), 0.0)
            step[~finite] = 0.0

    def start(self, choices: Choices) -> Relaxed | None:
        """Relax the whole; None: the solver gave nothing."""
        crossable = np.ones(len(self._up), dtype=np.bool_)
        relaxed = self._relaxed(choices, crossable)
        if relaxed is not None:
            self._push(0.0, choices, crossable, relaxed)
        return relaxed

    def run(self, until: float) -> float:
        """Branch until the clock of this thread, ``time.thread_time``, says ``until``; return the cost below which there is no evasion."""
        while self._queue and self._queue[0][0] < min(self._upper() * (1 - SLACK), self._given_up) and time.thread_time() < until:
            bound, _, part = heapq.heappop(self._queue)
            self._offer(part.relaxed.crossed > 0.5)
            self._split(bound, part)
        return min(self._upper(), self._given_up, self._queue[0][0] if self._queue else np.inf)

    def _push(self, floor: float, choices: Choices, crossable: Flags, relaxed: Relaxed) -> None:
        self._count += 1
        heapq.heappush(self._queue, (max(floor, relaxed.bound), self._count, Part(choices, crossable, relaxed)))

    def _relaxed(self, choices: Choices, crossable: Flags) -> Relaxed | None:
        return Programme(choices, self._cuts, crossable).relaxed(self._upper(), self._allowed())

    def _split(self, bound: float, part: Part) -> None:
        """Rule out, merge, and push both sides of a cut."""
        relaxed, limit = part.relaxed, self._upper() * (1 + SLACK)
        boxes, crossable = self._left(part, limit)
        choices = part.choices.within(boxes)
        if choices is None:
            return
        choices = choices.merged(clashing(choices, relaxed.taken[boxes], MOST_BOXES), limit)
        if choices is None:
            return
        cut = self._cut(relaxed.crossed)
        if cut < 0:  # whole, and yet no evasion: a tie that the model's own order of additions decides
            self._given_up = min(self._given_up, bound)
            return
        for crossed in (True, False):
            side = choices.beside(cut, int(self._cuts.feature[cut]), above=bool(self._up[cut]) == crossed, limit=limit)
            if side is not None:
                self._add(bound, side, self._crossable(crossable, cut, crossed))

    def _cut(self, crossed: Floats) -> int:
        """The cut between the places that a relaxation mixes, on the feature where these lie farthest apart; -1: it mixes none.

        At the mean, for both sides then lose some of the mixture. A cut far out is no good: without it the mixture takes the one before.
        """
        half = np.minimum(crossed, 1.0 - crossed)
        features = int(np.max(self._cuts.feature, initial=0)) + 1
        mean = np.bincount(self._cuts.feature, crossed * self._step, features)
        spread = np.bincount(self._cuts.feature, crossed * self._square, features) - mean * mean
        spread[np.bincount(self._cuts.feature, half > WHOLE, features) == 0] = -1.0
        feature = int(np.argmax(spread))
        cuts = np.flatnonzero((self._cuts.feature == feature) & (half > WHOLE))
        if not len(cuts):
            return -1
        return int(cuts[np.argmin(np.abs(np.where(self._up, 1.0, -1.0)[cuts] * self._reach[cuts] - mean[feature]))])

    def _add(self, bound: float, choices: Choices, crossable: Flags) -> None:
        relaxed = self._relaxed(choices, crossable)
        if relaxed is None:
            self._given_up = min(self._given_up, bound)
        else:
            self._push(bound, choices, crossable, relaxed)

    def _left(self, part: Part, limit: float) -> tuple[Flags, Flags]:
        """The boxes and the crossings that an evasion cheaper than ``limit`` can have."""
        boxes, crossings = part.relaxed.left(limit)
        crossable = part.crossable & crossings
        box, cut, above = part.choices.ends
        boxes = boxes & (part.choices.distances() <= limit)
        boxes[box[(above == self._up[cut]) & ~crossable[cut]]] = False
        return boxes, crossable

    def _crossable(self, crossable: Flags, cut: int, crossed: bool) -> Flags:
        """Whoever does not cross a cut crosses none behind it; whoever does, none on the feature's other way."""
        feature, number = self._cuts.feature == self._cuts.feature[cut], np.arange(len(crossable))
        same = self._up == self._up[cut]
        behind = number >= cut if self._up[cut] else number <= cut
        return np.asarray(crossable & ~(feature & (~same if crossed else same & behind)))
