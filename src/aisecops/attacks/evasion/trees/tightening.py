"""Close the bracket of a search whose time is over, for norms whose costs add up: by linear programming, and by steps from cut to cut."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.axes import Axes
from aisecops.attacks.evasion.trees.branching import Branching
from aisecops.attacks.evasion.trees.choices import Choices
from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.margins import Rival
from aisecops.attacks.evasion.trees.nearby import as_cost
from aisecops.attacks.evasion.trees.nearest import Nearest
from aisecops.attacks.evasion.trees.oscillation import Oscillation
from aisecops.attacks.evasion.trees.programme import ROUNDING
from aisecops.attacks.evasion.trees.search import Problem
from aisecops.oracles.oracle import Flags, Floats

ROUNDED_AT = (0.9, 0.5, 0.2, 0.05, 0.001)
"""Cuts of which so much is crossed in the relaxation are crossed by a point that is tried."""
SLACK = 1e-9
LEAST = 0.2
"""Seconds for the relaxation even where the time is over: without it there is no bound at all."""
MOST_LEAVES = 20_000
"""A larger programme is not begun: its rows alone would take the time."""
OSCILLATING = 0.2
"""The share of the time for walks, before the relaxation and after it."""


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
        bounds, rivals = [], sorted(nearest.bounds(), key=lambda pair: pair[0])
        for number, (bound, rival) in enumerate(rivals):
            if bound < self._upper:
                problem, now = self._problem(rival), time.thread_time()
                share = now + (until - now) / sum(further < self._upper for further, _ in rivals[number:])
                bounds.append(self._of_rival(rival, problem, share) if problem.nearby.trees else bound)
        self.lower = min(self._upper, max(self.lower, min(bounds, default=np.inf)))

    def _problem(self, rival: Rival) -> Problem:
        """What lies within the radius of the nearest evasion so far."""
        return self._nearest.problem(rival, self._upper * (1 + SLACK))

    def _of_rival(self, rival: Rival, problem: Problem, until: float) -> float:
        """Look for nearer evasions, then prove what can be proven within their radius; return the certificate."""
        self._oscillate(rival, problem, until, [])
        problem = self._problem(rival)
        if len(problem.nearby.leaf) > MOST_LEAVES or not problem.nearby.trees:
            return self.lower
        axes, cuts = self._axes(rival, problem), problem.cuts
        branching = Branching(Choices(problem), lambda: self._upper, lambda crossed: self._try(axes, cuts, [crossed]))
        relaxed = branching.start(max(until, time.thread_time() + LEAST))
        rounded = [relaxed.crossed > share for share in ROUNDED_AT]
        self._try(axes, cuts, rounded)
        self._oscillate(rival, problem, until, [self._beyond(cuts, crossed) for crossed in rounded])
        if relaxed.bound < self.lower:  # the search sees more here than the programme: it shall go on
            return self.lower
        return branching.run(until)

    def _axes(self, rival: Rival, problem: Problem) -> Axes:
        return Axes(self._nearest.leaves, rival, problem.cuts, self._nearest.sample)

    def _oscillate(self, rival: Rival, problem: Problem, until: float, starts: list[Floats]) -> None:
        """Look for nearer evasions for a share of the time that is left."""
        if self.point is None:
            return
        axes = self._axes(rival, problem)
        stop = time.thread_time() + OSCILLATING * max(0.0, until - time.thread_time())
        Oscillation(axes, self._nearest.sample, self._nearest.norm).run(self._best, lambda point: self._offered(axes, point), stop, starts)

    def _best(self) -> tuple[Floats, float]:
        assert self.point is not None
        return self.point, self._upper

    def _offered(self, axes: Axes, point: Floats) -> bool:
        evades = self._evades(point)
        if evades:
            self._keep(self._shrunk(axes, point))
        return evades

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
