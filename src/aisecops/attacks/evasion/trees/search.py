"""Best-first search (A*) for the nearest evasion of one sample: always go on where the bound is least.

The bound at the head of the queue is a certificate: no evasion is nearer. When the best leaves of all trees there share a point at that very cost, this point is the
nearest evasion. Until then the search splits at the threshold that most of these leaves disagree about, into what lies below and what lies above.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.cuts import Cuts, Packed
from aisecops.attacks.evasion.trees.nearby import Nearby
from aisecops.oracles.oracle import Flags, Floats, Integers

FIRST_ALONE = 20
"""Parts split one by one; later ones in batches that double up to ``BATCH``, where numpy's cost for a call no longer counts."""
BATCH = 64
DEAR = 1.5
"""Where costs add up: if the best leaves together cost so much more than the bound, the split is at the dearest threshold (measured: LightGBM twice as fast)."""
LAST_DIVES = 8
"""Parts to dive from when the time is over and nothing was found."""
STEPS = 400
"""Cuts in one dive, at most."""
DIVES = 250
"""After so many splits without an evasion, and each time that they have doubled, one dive: an evasion found bounds the rest."""


class Problem(msgspec.Struct, frozen=True):
    """One rival within the radius."""

    nearby: Nearby
    cuts: Cuts


class Part(msgspec.Struct):
    """The space on one side each of some cuts: the leaves still allowed, and what being there costs, feature by feature."""

    problem: Problem
    allowed: Packed
    spent: Floats


class Solution(msgspec.Struct, frozen=True):
    """A choice of leaves that share a point, and the cost of the nearest such point."""

    nearby: Nearby
    leaves: Integers
    cost: float


Accept: TypeAlias = Callable[[Solution], bool]
"""Whether a choice of leaves really changes the label."""


class Search:
    """One sample within one radius, all rivals in one queue.

    ``accept`` says whether a choice of leaves really changes the label: sums that agree to rounding are the model's to decide.
    """

    def __init__(self, problems: list[tuple[float, Problem]], accept: Accept, best: Solution | None, limit: float) -> None:
        """``problems``: with a lower bound each; ``limit``: the cost from which on nothing is of interest."""
        self.best, self.limit, self.splits = best, limit, 0
        self._accept, self._count, self._batch = accept, 0, 1
        self._queue: list[tuple[float, int, Part]] = []
        for bound, problem in problems:
            whole = np.packbits(np.ones(len(problem.nearby.leaf), dtype=np.bool_))
            spent = np.zeros(0 if problem.nearby.norm is Norm.LINF else len(problem.nearby.features))
            self._push(bound, Part(problem, whole, spent))

    @property
    def lower(self) -> float:
        """The certificate: no evasion costs less."""
        return min(self.limit, self._queue[0][0] if self._queue else np.inf)

    def run(self, until: float) -> bool:
        """Search until the answer is proven within the limit (True), or until the clock of this thread, ``time.thread_time``, says ``until``."""
        dive_at = DIVES
        while self._queue and self._queue[0][0] < self.limit:
            if time.thread_time() > until:
                return False
            self._round()
            if self.splits >= dive_at and self._queue:
                dive_at = 2 * self.splits
                self.dive(*self._queue[0][::2])
        return True

    def dive(self, bound: float, part: Part) -> None:
        """Follow the better side of each cut down to an evasion, and from dead ends go back to the last side left out: no proof, but quick."""
        before, stack = self.best, [(bound, part)]
        for _ in range(STEPS):
            if self.best is not before or not stack:
                return
            bound, part = stack.pop()
            costs = part.problem.nearby.costs(part.spent[None])[0]
            cut = self._cut(bound, part, _unpacked(part.allowed[None], len(costs))[0], costs)
            if cut >= 0:
                sides, bounds = self._sides(part.problem, [(bound, part, cut)])
                stack += [(float(bounds[i]), sides[i]) for i in np.argsort(-bounds) if bounds[i] < self.limit]

    def dive_all(self) -> None:
        """Dive from the best parts of the queue."""
        for bound, _, part in sorted(self._queue, key=lambda entry: entry[:2])[:LAST_DIVES]:
            if part.problem.nearby.trees:
                self.dive(bound, part)

    def _push(self, bound: float, part: Part) -> None:
        if bound < self.limit:
            self._count += 1  # of equal bounds the newest first: deeper parts are nearer to an answer
            heapq.heappush(self._queue, (bound, -self._count, part))

    def _round(self) -> None:
        """Take the best parts of one rival and split them all at once."""
        problem = self._queue[0][2].problem
        nearby = problem.nearby
        taken: list[tuple[float, Part]] = []
        while self._queue and len(taken) < self._batch and self._queue[0][2].problem is problem and self._queue[0][0] < self.limit:
            bound, _, part = heapq.heappop(self._queue)
            taken.append((bound, part))
        if not nearby.trees:
            self._decided(taken[0][0], nearby)
            return
        costs = nearby.costs(np.stack([part.spent for _, part in taken]))
        allowed = _unpacked(np.stack([part.allowed for _, part in taken]), len(nearby.leaf))
        cuts = [self._cut(bound, part, allowed[i], costs[i]) for i, (bound, part) in enumerate(taken)]
        self._split(problem, [(bound, part, cut) for (bound, part), cut in zip(taken, cuts, strict=True) if cut >= 0])
        self.splits += len(taken)
        if self.splits > FIRST_ALONE:
            self._batch = min(BATCH, 2 * self._batch)

    def _decided(self, bound: float, nearby: Nearby) -> None:
        """No tree changes within the radius: the label is the same everywhere."""
        solution = Solution(nearby, np.empty(0, np.int64), bound)
        if nearby.goal >= 0 and self._accept(solution):
            self._improve(solution)

    def _improve(self, solution: Solution) -> None:
        if solution.cost < self.limit:
            self.best, self.limit = solution, solution.cost

    def _cut(self, bound: float, part: Part, allowed: Flags, cost: Floats) -> int:
        """Where to split a part; -1 where its best leaves are an answer at its bound, or nothing is left to split."""
        nearby, cuts = part.problem.nearby, part.problem.cuts
        chosen = nearby.best(allowed, cost, bound)
        if nearby.norm is not Norm.LINF and self._cost(nearby, chosen) > bound * DEAR and (cut := cuts.dearest(chosen, part.spent)) >= 0:
            return cut
        cut = cuts.between(chosen)
        if cut >= 0:
            return cut
        solution = Solution(nearby, chosen, self._cost(nearby, chosen))
        if (solution.cost < self.limit or solution.cost <= bound) and self._accept(solution):
            self._improve(solution)
            if solution.cost <= bound:
                return -1
        cut = -1 if nearby.norm is Norm.LINF else cuts.dearest(chosen, part.spent)
        return cut if cut >= 0 else cuts.apart(chosen, allowed)

    @staticmethod
    def _cost(nearby: Nearby, chosen: Integers) -> float:
        """What the nearest point that reaches all of ``chosen`` costs."""
        return float(np.max(nearby.cost[chosen])) if nearby.norm is Norm.LINF else float(np.sum(nearby.spent_by(chosen)))

    def _split(self, problem: Problem, parts: list[tuple[float, Part, int]]) -> None:
        """Push both sides of each cut, with their bounds."""
        if parts:
            for side, bound in zip(*self._sides(problem, parts), strict=True):
                self._push(float(bound), side)

    @staticmethod
    def _sides(problem: Problem, parts: list[tuple[float, Part, int]]) -> tuple[list[Part], Floats]:
        """What lies below and above the cut of each part, and the bounds of all of these."""
        nearby, cuts, at = problem.nearby, problem.cuts, np.array([cut for _, _, cut in parts])
        allowed = np.concatenate([part.allowed & cuts.sides(cut) for _, part, cut in parts])
        spent = np.repeat(np.stack([part.spent for _, part, _ in parts]), 2, axis=0)
        floor, cost = np.repeat([bound for bound, _, _ in parts], 2), cuts.cost[:, at].T.ravel()
        if nearby.norm is Norm.LINF:
            floor = np.maximum(floor, cost)
        else:
            row, feature = np.arange(len(spent)), np.repeat(cuts.feature[at], 2)
            spent[row, feature] = np.maximum(spent[row, feature], cost)
        bounds = np.maximum(floor, nearby.bound(_unpacked(allowed, len(nearby.leaf)), spent))
        return [Part(problem, allowed[i], spent[i]) for i in range(len(spent))], bounds


def _unpacked(allowed: Packed, size: int) -> Flags:
    return np.unpackbits(allowed, axis=1, count=size).view(np.bool_)
