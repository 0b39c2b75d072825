"""Close the bracket of a search whose time is over, for norms whose costs add up: by linear programming, and by steps from cut to cut."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.axes import Axes
from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.margins import Rival
from aisecops.attacks.evasion.trees.nearby import as_cost
from aisecops.attacks.evasion.trees.nearest import Nearest
from aisecops.attacks.evasion.trees.programme import ROUNDING, Programme
from aisecops.attacks.evasion.trees.search import Problem
from aisecops.oracles.oracle import Flags, Floats, Integers

ROUNDED_AT = (0.9, 0.5, 0.2, 0.05, 0.001)
"""Cuts of which so much is crossed in the relaxation are crossed by a point that is tried."""
NO_TIE = -1e-5
"""How far below the goal an evasion has to be that HiGHS, with its tolerance of 1e-6, does not mistake a tie for."""
SLACK = 1e-9
SLOWEST = 5.0
LEAST = 0.2
"""Seconds for the relaxation even where the time is over: without it there is no bound at all."""
MOST_LEAVES = 20_000
"""A larger programme is not begun: its rows alone would take the time."""
FIRST = 0.65
"""The share of the time that is left for the bound; the rest is for evasions, where the bound's own was a tie."""
WANDERING = 0.2
"""The share of the time for steps from cut to cut."""
KICKS, STEPS, WORSE = 30, 12, 1.3
"""Fruitless ways in a row that end it; steps of one; how much dearer than the best so far one may become before it is shortened."""


class Tightening:
    """One sample's bracket: the nearest evasion so far, and the cost below which there is none."""

    def __init__(self, nearest: Nearest, point: Floats | None, lower: float) -> None:
        """``lower``: a cost that is certified already."""
        self._nearest, self.point, self.lower = nearest, point, lower
        self._upper = np.inf if point is None else self._cost(point[None])[0]

    @property
    def met(self) -> bool:
        """Whether the nearest evasion is proven to be that."""
        return bool(self._upper <= self.lower * (1 + SLACK))

    def run(self, seconds: float) -> None:
        """Improve both ends for at most about ``seconds``."""
        until, nearest = time.thread_time() + seconds, self._nearest
        self._began = time.perf_counter(), time.thread_time()
        bounds = []
        for bound, rival in sorted(nearest.bounds(), key=lambda pair: pair[0]):
            if bound < self._upper:
                problem = nearest.problem(rival, self._upper * (1 + SLACK))
                bounds.append(self._of_rival(rival, problem, until) if problem.nearby.trees else bound)
        self.lower = min(self._upper, max(self.lower, min(bounds, default=np.inf)))

    def _of_rival(self, rival: Rival, problem: Problem, until: float) -> float:
        """Try what the programme says; return its certificate."""
        if len(problem.nearby.leaf) > MOST_LEAVES:
            return self.lower
        programme = Programme(problem.nearby, problem.cuts)
        relaxed = programme.relaxed(self._upper, max(LEAST, self._slowness() * (until - time.thread_time())))
        if relaxed is None:
            return self.lower
        axes = Axes(self._nearest.leaves, rival, problem.cuts, self._nearest.sample)
        self._try(axes, problem.cuts, (relaxed.crossed > share for share in ROUNDED_AT))
        self._wander(axes, time.thread_time() + WANDERING * max(0.0, until - time.thread_time()))
        bound = relaxed.bound
        if bound < self.lower:  # the search sees more here than the programme: it shall go on
            return self.lower
        for shift in (0.0, NO_TIE):
            left = until - time.thread_time()
            if left <= 0 or bound >= self._upper * (1 - SLACK):
                break
            crossed, lower = programme.solved(relaxed, shift, self._slowness() * (FIRST * left if shift == 0 else left))
            bound = max(bound, lower) if shift == 0 else bound
            if crossed is None:
                continue
            self._try(axes, problem.cuts, [crossed > 0.5])
            if self._evades(self._beyond(problem.cuts, crossed > 0.5)):
                break
        return bound

    def _slowness(self) -> float:
        """How many seconds pass for one of computing: HiGHS goes by the clock on the wall, and a loaded machine must not count."""
        passed, computed = time.perf_counter() - self._began[0], time.thread_time() - self._began[1]
        return min(SLOWEST, max(1.0, passed / max(computed, 1e-3)))

    def _try(self, axes: Axes, cuts: Cuts, choices: Iterable[Flags]) -> None:
        """Take the points beyond the chosen cuts, or beyond one more, for evasions, and walk from cut to cut towards the sample."""
        for crossed in choices:
            point = self._beyond(cuts, crossed)
            if not self._evades(point):
                further = self._cheapest(axes, point, away=True, below=self._upper)
                if further is None:
                    continue
                point = further
            self._keep(self._shrunk(axes, point))

    def _exchanged(self, axes: Axes, point: Floats, until: float) -> Floats:
        """``point`` with one column nearer and another one farther, as often as that is cheaper and evades."""
        while time.thread_time() < until:
            best, least = None, self._cost(point[None])[0]
            for step in self._steps(axes, point, away=False):
                further = self._cheapest(axes, step, away=True, below=least)
                if further is not None:
                    best, least = further, self._cost(further[None])[0]
            if best is None:
                break
            point = self._shrunk(axes, best)
        return point

    def _wander(self, axes: Axes, until: float) -> None:
        """Exchange; then take columns of the nearest evasion back at random, find another way from there, and exchange again."""
        if self.point is None:
            return
        self._keep(self._exchanged(axes, self.point, until))
        rng, failed = np.random.default_rng(0), 0
        while time.thread_time() < until and failed < KICKS:
            point, sample, before = self.point.copy(), self._nearest.sample, self._upper
            moved = np.flatnonzero((point != sample) & ~np.isnan(sample))
            back = rng.choice(moved, min(len(moved), 1 + int(rng.integers(2))), replace=False)
            point[back] = sample[back]
            found = self._repaired(axes, point, back)
            if found is not None:
                self._keep(self._exchanged(axes, self._shrunk(axes, found), until))
            failed = failed + 1 if self._upper >= before else 0

    def _repaired(self, axes: Axes, point: Floats, barred: Integers) -> Floats | None:
        """From ``point``, by the steps that bring the margin down most for what they cost, to an evasion; not by the columns ``barred``."""
        for _ in range(STEPS):
            further = self._cheapest(axes, point, away=True, below=self._upper * WORSE)
            if further is not None:
                return further
            usable = ~np.isin(axes.column, barred)
            steps, excess = self._steps(axes, point, away=True, chosen=usable), axes.excess(point)
            excess = excess[self._fitting(axes, point, away=True) & usable]
            paid = self._cost(steps) - self._cost(point[None])[0]
            here = axes.here(point)
            worth = np.where(paid > 0, (here - excess) / np.maximum(paid, 1e-300), -np.inf)
            if not len(worth) or np.max(worth) <= 0:
                return None
            point = steps[int(np.argmax(worth))]
            if self._cost(point[None])[0] >= self._upper * WORSE:
                return None
        return None

    def _keep(self, point: Floats) -> None:
        cost = self._cost(point[None])[0]
        if cost < self._upper:
            self.point, self._upper = point, cost

    def _beyond(self, cuts: Cuts, crossed: Flags) -> Floats:
        """The nearest point beyond all ``crossed`` cuts."""
        point, sample = self._nearest.sample.copy(), self._nearest.sample
        for cut in np.flatnonzero(crossed & np.isfinite(np.max(cuts.cost, axis=0))):
            column = cuts.column[cut]
            value = np.nextafter(cuts.last_below[cut], np.inf) if cuts.cost[0, cut] == 0 else cuts.last_below[cut]
            if abs(value - sample[column]) > abs(point[column] - sample[column]):
                point[column] = value
        return point

    def _steps(self, axes: Axes, point: Floats, *, away: bool, chosen: Flags | None = None) -> Floats:
        """Points that differ from ``point`` in one column, which lies just beyond another cut on its way (or at the sample): farther away, or nearer."""
        fitting = self._fitting(axes, point, away=away)
        steps = np.flatnonzero(fitting if chosen is None else fitting & chosen)
        points = np.tile(point, (len(steps), 1))
        points[np.arange(len(steps)), axes.column[steps]] = axes.value[steps]
        return points

    def _fitting(self, axes: Axes, point: Floats, *, away: bool) -> Flags:
        sample = self._nearest.sample
        now, there = point[axes.column] - sample[axes.column], axes.value - sample[axes.column]
        farther = np.abs(there) > np.abs(now)
        return np.asarray((now * there >= 0) & (farther if away else ~farther & (there != now)))

    def _cheapest(self, axes: Axes, point: Floats, *, away: bool, below: float) -> Floats | None:
        """The cheapest step from ``point`` that evades and costs less than ``below``."""
        steps = self._steps(axes, point, away=away, chosen=axes.excess(point) <= 0)
        cost = self._cost(steps)
        for number in np.argsort(cost, kind="stable"):
            if cost[number] >= below:
                break
            if self._evades(steps[number]):
                return np.asarray(steps[number])
        return None

    def _shrunk(self, axes: Axes, point: Floats) -> Floats:
        """``point`` after the best steps towards the sample, one by one, that it can take and still evade."""
        while (nearer := self._cheapest(axes, point, away=False, below=np.inf)) is not None:
            point = nearer
        return point

    def _evades(self, point: Floats) -> bool:
        return bool(self._nearest.evades(point[None])[0])

    def _cost(self, points: Floats) -> Floats:
        sample, norm = self._nearest.sample, self._nearest.norm
        return as_cost(norm, norm.distance(points, np.broadcast_to(sample, points.shape)))


def tightened(nearest: Nearest, points: Iterable[Floats], lower: float, seconds: float) -> tuple[Floats | None, float, bool]:
    """From the evasions ``points`` and the certified distance ``lower``: the nearest evasion now, the certificate now, and whether they meet."""
    best = min(points, key=nearest.distance, default=None)
    tightening = Tightening(nearest, best, float(as_cost(nearest.norm, np.array(lower))))
    tightening.run(seconds)
    certificate = float(np.sqrt(tightening.lower)) * (1 - ROUNDING) if nearest.norm is Norm.L2 else tightening.lower
    return tightening.point, max(lower, certificate), tightening.met
