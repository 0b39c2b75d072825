"""Best-first search (A*) for the nearest evasion of one sample: always go on where the bound is least.

The bound at the head of the queue is a certificate: no evasion is nearer. When the best leaves of all trees there share a point at that very cost, this point is the
nearest evasion. Until then the search splits at the tree that disagrees with most others, one part for each of its leaves.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.nearby import Nearby
from aisecops.oracles.oracle import Flags, Floats, Integers

FIRST_ALONE = 20
"""Parts split one by one; later ones in batches that double up to ``BATCH``, where numpy's cost for a call no longer counts."""
BATCH = 64


class Part(msgspec.Struct):
    """Some leaves of one ``Nearby`` ruled out, by having chosen some trees' leaves."""

    nearby: Nearby
    allowed: npt.NDArray[np.uint8]
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

    def __init__(self, problems: list[tuple[float, Nearby]], accept: Accept, best: Solution | None, limit: float) -> None:
        """``problems``: with a lower bound each; ``limit``: the cost from which on nothing is of interest."""
        self.best, self.limit, self.splits = best, limit, 0
        self._accept, self._count, self._batch = accept, 0, 1
        self._queue: list[tuple[float, int, Part]] = []
        for bound, nearby in problems:
            whole = np.packbits(np.ones(len(nearby.leaf), dtype=np.bool_))
            spent = np.zeros(0 if nearby.norm is Norm.LINF else len(nearby.features))
            self._push(bound, Part(nearby, whole, spent))

    @property
    def lower(self) -> float:
        """The certificate: no evasion costs less."""
        return min(self.limit, self._queue[0][0] if self._queue else np.inf)

    def run(self, until: float) -> bool:
        """Search until the answer is proven within the limit (True), or until the clock ``time.perf_counter`` says ``until``."""
        while self._queue and self._queue[0][0] < self.limit:
            if time.perf_counter() > until:
                return False
            self._round()
        return True

    def _push(self, bound: float, part: Part) -> None:
        if bound < self.limit:
            self._count += 1  # of equal bounds the newest first: deeper parts are nearer to an answer
            heapq.heappush(self._queue, (bound, -self._count, part))

    def _round(self) -> None:
        """Take the best parts of one rival and split them all at once."""
        nearby = self._queue[0][2].nearby
        taken: list[tuple[float, Part]] = []
        while self._queue and len(taken) < self._batch and self._queue[0][2].nearby is nearby and self._queue[0][0] < self.limit:
            bound, _, part = heapq.heappop(self._queue)
            taken.append((bound, part))
        if not nearby.trees:
            self._decided(taken[0][0], nearby)
            return
        spent = np.stack([part.spent for _, part in taken])
        allowed = nearby.unpack(np.stack([part.allowed for _, part in taken]))
        split = [self._split(bound, part, allowed[i], cost) for i, ((bound, part), cost) in enumerate(zip(taken, nearby.costs(spent), strict=True))]
        self._bound_all(nearby, [children for children in split if children is not None])
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

    def _split(self, bound: float, part: Part, allowed: Flags, cost: Floats) -> tuple[float, npt.NDArray[np.uint8], Floats] | None:
        """Children of a part, or None where its best leaves are an answer at its bound."""
        nearby = part.nearby
        chosen = nearby.best(allowed, cost, bound)
        rows = nearby.overlap[chosen]
        apart = ~nearby.unpack(rows)[:, chosen]
        conflicts = np.count_nonzero(apart, axis=1)
        tree = int(np.argmax(conflicts))
        if not conflicts[tree]:
            ends = self._consistent(bound, part, chosen)
            if ends:
                return None
            tree = self._undecided(nearby, allowed, cost, chosen)
            if tree < 0:
                return None
        inside = slice(nearby.starts[tree], nearby.ends[tree])
        children = np.flatnonzero(allowed[inside]) + nearby.starts[tree]
        spent = part.spent[None] if nearby.norm is Norm.LINF else np.maximum(part.spent, nearby.spent[children])
        return bound, part.allowed & nearby.overlap[children], np.broadcast_to(spent, (len(children), len(part.spent)))

    def _consistent(self, bound: float, part: Part, chosen: Integers) -> bool:
        """Whether the choice, whose leaves share a point, ends this part: it costs no more than the bound, and changes the label."""
        nearby = part.nearby
        cost = float(np.max(nearby.cost[chosen])) if nearby.norm is Norm.LINF else float(np.sum(np.max(nearby.spent[chosen], axis=0)))
        solution = Solution(nearby, chosen, cost)
        if cost >= self.limit and cost > bound:
            return False
        if not self._accept(solution):
            return False
        self._improve(solution)
        return cost <= bound * (1 + 1e-14)

    @staticmethod
    def _undecided(nearby: Nearby, allowed: Flags, cost: Floats, chosen: Integers) -> int:
        """The tree to split where no two disagree, of those with a choice left: the one whose leaf costs most; -1 if none."""
        open_trees = np.add.reduceat(allowed.astype(np.int64), nearby.starts) > 1
        return int(np.argmax(np.where(open_trees, cost[chosen], -1.0))) if np.any(open_trees) else -1

    def _bound_all(self, nearby: Nearby, split: list[tuple[float, npt.NDArray[np.uint8], Floats]]) -> None:
        if not split:
            return
        allowed, spent = np.concatenate([children[1] for children in split]), np.concatenate([children[2] for children in split])
        floor = np.repeat([bound for bound, _, _ in split], [len(packed) for _, packed, _ in split])
        bounds = np.maximum(floor, nearby.bound(nearby.unpack(allowed), spent))
        for i in np.flatnonzero(bounds < self.limit):
            self._push(float(bounds[i]), Part(nearby, allowed[i], spent[i]))
