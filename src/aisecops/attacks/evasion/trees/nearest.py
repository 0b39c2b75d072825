"""The nearest evasion of one sample, in rings of growing radius."""

from __future__ import annotations

import math
import time

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.leaves import Leaves
from aisecops.attacks.evasion.trees.margins import Rival, rivals
from aisecops.attacks.evasion.trees.nearby import Nearby, as_cost, total
from aisecops.attacks.evasion.trees.search import Problem, Search, Solution
from aisecops.oracles.oracle import Flags, Floats
from aisecops.oracles.structure import TreeEnsemble

FIRST_RING, NEXT_RING = 1.2, 1.35
"""The first radius, as a multiple of the first bound, and each further one of the one before: a small radius keeps few leaves, and the optimum is mostly near."""


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """The nearest evasion found (None: none) and the distance below which there is none; ``proven``: these two meet."""

    point: Floats | None
    lower: float
    proven: bool
    splits: int


class Ensemble:
    """An ensemble made ready for many samples."""

    def __init__(self, trees: TreeEnsemble) -> None:
        self.trees, self.leaves = trees, Leaves(trees)
        self._rivals: dict[int, list[Rival]] = {}

    def rivals(self, label: int) -> list[Rival]:
        """All classes but ``label``."""
        if label not in self._rivals:
            self._rivals[label] = rivals(self.trees, self.leaves, label)
        return self._rivals[label]


class Nearest:
    """One sample of ``label`` that may move between ``low`` and ``high``, each shape (d,)."""

    def __init__(self, ensemble: Ensemble, sample: Floats, label: int, low: Floats, high: Floats, norm: Norm) -> None:
        self._ensemble, self.sample, self._label, self.norm = ensemble, sample, label, norm
        self.low, self.high = low, high
        self._reachable, distance = ensemble.leaves.distances(sample, low, high)
        self._moves = as_cost(norm, np.where(np.isfinite(distance), distance, np.inf))
        self._cost = total(norm, np.where(self._reachable[ensemble.leaves.owner], self._moves, 0.0), ensemble.leaves.starts)

    def search(self, seconds: float, farthest: float = math.inf, known: float = math.inf, *, anything: bool = True) -> Bracket:
        """The bracket after at most ``seconds``, or as soon as nothing is nearer than ``farthest``.

        Parameters
        ----------
        known
            Only what is nearer than this is of interest.
        anything
            Where the time is over and nothing was found, look a little longer for any evasion.
        """
        until, splits = time.thread_time() + seconds, 0
        bounds = self.bounds()
        lower = min((bound for bound, _ in bounds), default=math.inf)
        whole = float(np.max(self._cost[self._reachable], initial=0.0)) * (1 if self.norm is Norm.LINF else len(self.sample))
        enough, most = (float(as_cost(self.norm, np.array(distance))) for distance in (farthest, known))
        ring = self._beyond(lower, FIRST_RING)
        best: Solution | None = None
        while lower < math.inf:
            limit = min(most, math.inf if ring > whole else ring)
            problems = [(bound, self.problem(rival, limit)) for bound, rival in bounds if bound < limit]
            search = Search(problems, self._accept, best, limit)
            done = search.run(until)
            lower, best, splits = max(lower, search.lower), search.best, splits + search.splits
            if anything and best is None and not done and most == math.inf:
                best = self._dived(bounds)
            if best is not None or not done or lower > enough or limit >= most:
                return self._bracket(best, lower, done, splits)
            ring = self._beyond(limit, NEXT_RING)
        return self._bracket(None, math.inf, True, splits)

    @property
    def trees(self) -> TreeEnsemble:
        """The ensemble."""
        return self._ensemble.trees

    @property
    def leaves(self) -> Leaves:
        """Its leaves."""
        return self._ensemble.leaves

    def by(self, norm: Norm) -> Nearest:
        """The same by another norm."""
        return Nearest(self._ensemble, self.sample, self._label, self.low, self.high, norm)

    def distance(self, point: Floats) -> float:
        """How far ``point`` (d,) is from the sample."""
        return float(self.norm.distance(point[None], self.sample[None])[0])

    def bounds(self) -> list[tuple[float, Rival]]:
        """All rivals, with the cost below which none of them wins."""
        return [(self._bound_of_whole(rival), rival) for rival in self._ensemble.rivals(self._label)]

    def evades(self, points: Floats) -> Flags:
        """Whether each of ``points`` (n, d) has another label."""
        return np.asarray(self._ensemble.trees.decide(points) != self._label)

    def _dived(self, bounds: list[tuple[float, Rival]]) -> Solution | None:
        """An evasion at any distance, when the time is over."""
        search = Search([(bound, self.problem(rival, math.inf)) for bound, rival in bounds if bound < math.inf], self._accept, None, math.inf)
        search.dive_all()
        return search.best

    def _beyond(self, cost: float, factor: float) -> float:
        """A cost greater by ``factor`` (of the distance), and at least that of the next leaf: from 0 one does not get far by factors."""
        following = float(np.min(self._cost[self._reachable & (self._cost > cost)], initial=math.inf))
        return max(cost * (factor * factor if self.norm is Norm.L2 else factor), following)

    def _bound_of_whole(self, rival: Rival) -> float:
        nearby = self._nearby(rival, math.inf)
        if not nearby.trees:
            return 0.0 if nearby.goal >= 0 else math.inf
        spent = np.zeros((1, 0 if self.norm is Norm.LINF else len(nearby.features)))
        return float(nearby.bound(np.ones((1, len(nearby.leaf)), dtype=np.bool_), spent)[0])

    def problem(self, rival: Rival, limit: float) -> Problem:
        """The leaves that cost at most ``limit``, and the cuts between them."""
        nearby = self._nearby(rival, limit)
        return Problem(nearby, Cuts(self._ensemble.leaves, nearby, self.sample, self.low, self.high))

    def _nearby(self, rival: Rival, limit: float) -> Nearby:
        return Nearby(self._ensemble.leaves, self._reachable & (self._cost <= limit), self._moves, rival.gain, rival.goal, self.norm)

    def _accept(self, solution: Solution) -> bool:
        return bool(self.evades(self._point(solution)[None])[0])

    def _point(self, solution: Solution) -> Floats:
        """The point nearest to the sample of all that reach the chosen leaves."""
        leaves = self._ensemble.leaves
        chosen = np.zeros(len(leaves.tree), dtype=np.bool_)
        chosen[solution.nearby.leaf[solution.leaves]] = True
        bound = np.flatnonzero(chosen[leaves.owner])
        low, high = self.low.copy(), self.high.copy()
        np.maximum.at(low, leaves.feature[bound], leaves.low[bound])
        np.minimum.at(high, leaves.feature[bound], leaves.high[bound])
        return np.where(np.isnan(self.sample), self.sample, np.clip(self.sample, low, high))

    def _bracket(self, best: Solution | None, lower: float, done: bool, splits: int) -> Bracket:
        lower = math.sqrt(lower) if self.norm is Norm.L2 else lower
        return Bracket(point=None if best is None else self._point(best), lower=lower, proven=done, splits=splits)
