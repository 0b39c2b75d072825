"""Leaving a dead end: random changes of an evasion that would make it cheaper, by several rules of which those that pay are used more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aisecops.attacks.evasion.tabular.narrowing import narrow
from aisecops.attacks.evasion.tabular.search import Search
from aisecops.attacks.evasion.tabular.starting import random_values
from aisecops.oracles.oracle import Flags, Floats, Integers

_BATCH = 24
_NARROW_EVERY = 12
_IDLE_ROUNDS = 12
"""Rounds without one proposal worth a query, after which the search ends."""


class Explorer:
    """Proposals for the best evasions of many rows."""

    def __init__(self, search: Search, pool: Floats, useful: Flags, rng: np.random.Generator) -> None:
        self.search, self.pool, self.useful, self.rng = search, pool, useful, rng
        self.rules: tuple[Callable[[Integers], Floats], ...] = (self.nearer, self.swapped, self.exchanged, self.crossed, self.shifted)
        self.tried, self.won = np.ones(len(self.rules)), np.ones(len(self.rules))

    def run(self) -> None:
        """Propose until the budget is spent or nothing is worth a query any more; rows that found something cheaper are narrowed again."""
        search, idle, turn = self.search, 0, 0
        narrowed = search.distance.copy()
        while len(live := search.started()) and idle < _IDLE_ROUNDS:
            spent = int(search.spent.sum())
            self.propose(np.repeat(live, _BATCH))
            idle = 0 if search.spent.sum() > spent else idle + 1
            turn += 1
            if turn % _NARROW_EVERY == 0 or idle == _IDLE_ROUNDS:
                narrow(search, np.flatnonzero(search.distance < narrowed))
                narrowed = search.distance.copy()

    def propose(self, rows: Integers) -> None:
        """Ask about one proposal for each of ``rows``, by rules drawn by their success so far."""
        share = self.won / self.tried
        rule = self.rng.choice(len(self.rules), size=len(rows), p=share / share.sum())
        points = np.empty((len(rows), self.search.origin.shape[1]))
        for number, make in enumerate(self.rules):
            if len(mine := np.flatnonzero(rule == number)):
                points[mine] = make(rows[mine])
        evades = self.search.try_out(rows, points)
        self.tried += np.bincount(rule, minlength=len(self.rules))
        self.won += np.bincount(rule[evades], minlength=len(self.rules))

    def nearer(self, rows: Integers) -> Floats:
        """A random part of the changed units, moved a random way towards the sample."""
        points, origin = self.search.points[rows], self.search.origin[rows]
        chosen = self.search.changed(rows, points) & (self.rng.random((len(rows), self.search.units)) < self.rng.random((len(rows), 1)))
        share = self.rng.random((len(rows), 1)) ** 2
        return np.where(self.search.columns(chosen), points + share * (origin - points), points)

    def swapped(self, rows: Integers) -> Floats:
        """One changed unit put back, another unit given a random value."""
        search = self.search
        points = search.points[rows]
        back = self._one(search.changed(rows, points))
        other = self._one(search.movable[rows] & ~back)
        values = random_values(search, rows, self.pool, self.rng)
        share = self.rng.random((len(rows), 1))
        moved = np.where(search.columns(other), points + share * (values - points), points)
        return np.where(search.columns(back), search.origin[rows], moved)

    def exchanged(self, rows: Integers) -> Floats:
        """One changed unit put back, all the way or in part, and another moved as far as what that saves can pay for."""
        search = self.search
        points, origin = search.points[rows], search.origin[rows]
        back = self._one(search.changed(rows, points))
        share = np.where(self.rng.random((len(rows), 1)) < 0.5, 1.0, self.rng.random((len(rows), 1)))
        points = np.where(search.columns(back), points + share * (origin - points), points)
        other = search.columns(self._one(search.movable[rows] & ~back))
        away = np.where(self.rng.random((len(rows), 1)) < 0.25, -1.0, 1.0) * np.where(
            points == origin, self.rng.choice([-1.0, 1.0], (len(rows), 1)), np.sign(points - origin)
        )
        spent = self.rng.uniform(0.7, 1.0, (len(rows), 1))
        return np.where(other, points + away * spent * search.affordable(rows, points), points)

    def crossed(self, rows: Integers) -> Floats:
        """A few units of another row that the model takes for what is wanted, in the sample itself."""
        search = self.search
        if not len(self.pool):
            return self.swapped(rows)
        donor = np.argmax(np.where(self.useful[rows], self.rng.random((len(rows), len(self.pool))), -1.0), axis=1)
        chosen = search.movable[rows] & (self.rng.random((len(rows), search.units)) < self.rng.random((len(rows), 1)) * 0.7)
        share = np.where(self.rng.random((len(rows), 1)) < 0.5, 1.0, self.rng.random((len(rows), 1)))
        origin = search.origin[rows]
        return np.where(search.columns(chosen), origin + share * (np.nan_to_num(self.pool[donor]) - origin), origin)

    def shifted(self, rows: Integers) -> Floats:
        """All units a random way towards the sample, one unit shifted a little either way."""
        search = self.search
        points, origin = search.points[rows], search.origin[rows]
        other = self._one(search.movable[rows])
        span = search.domain.rules.spans(search.samples[rows])
        jump = self.rng.normal(size=(len(rows), 1)) * span * 10.0 ** -self.rng.uniform(0.5, 2.5, (len(rows), 1))
        share = self.rng.random((len(rows), 1)) * 0.3
        return points + share * (origin - points) + np.where(search.columns(other), jump, 0.0)

    def _one(self, possible: Flags) -> Flags:
        """Choose one of the possible units of each row."""
        best = np.argmax(np.where(possible, self.rng.random(possible.shape), -1.0), axis=1)
        return np.asarray((np.arange(possible.shape[1]) == best[:, None]) & possible)
