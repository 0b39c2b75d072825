"""The account of a search in a table: what can change in each row, and which proposals are worth a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.rounds import Rounds, occurrence
from aisecops.datasets.domain import Domain
from aisecops.oracles.oracle import Flags, Floats, Integers, Oracle

_SAVING = 1e-6
"""A proposal has to be cheaper by this share: smaller steps only burn queries."""
_HOPELESS = 1.5
"""A proposal that is dearer by this factor before it is repaired is not repaired: the repair seldom makes it cheap."""

Measure: TypeAlias = Callable[[Floats, Floats], Floats]
"""How far rows (m, columns) are from their samples (m, columns), shape (m,)."""


class Search(Rounds):
    """One search on n rows of a table.

    A *unit* is what moves together: a column without a formula, or a one-hot group.

    Attributes
    ----------
    unit
        The unit of each column, -1 for derived columns, shape (columns,).
    units
        How many units there are.
    movable
        Which units can change in each row, shape (n, units).
    floor, ceiling
        The bounds of each row, shape (n, columns).
    """

    def __init__(
        self,
        oracle: Oracle,
        samples: Floats,
        y: Integers,
        *,
        domain: Domain,
        norm: Norm,
        queries: int,
        target: Integers | None,
        epsilon: float | None,
        measure: Measure | None = None,
    ) -> None:
        super().__init__(oracle, samples, y, space=domain, norm=norm, queries=queries, target=target, epsilon=epsilon)
        self._told = None if measure is None else _Told(measure, self.samples, self._checkpoints)
        self.domain = domain
        low, high = domain.bounds(self.samples)
        self.floor, self.ceiling = np.where(self.missing, 0.0, low), np.where(self.missing, 0.0, high)
        self.unit = _units(domain)
        self.units = int(self.unit.max(initial=-1)) + 1
        self._order = np.argsort(self.unit, kind="stable")[np.count_nonzero(self.unit < 0) :]
        self.movable = self._any(self.ceiling > self.floor)

    def length(self, points: Floats, samples: Floats) -> Floats:
        """How far points are from their samples: what the change costs, or the norm."""
        return self.domain.cost(points, samples) if self.norm == Norm.COST else self.norm.distance(points, samples)

    def _keep(self, rows: Integers, placed: Floats, evades: Flags, position: Integers) -> None:
        super()._keep(rows, placed, evades, position)
        if self._told is not None:
            self._told.keep(rows[evades], placed[evades], position[evades])

    def attempts(self) -> Attempts:
        """Return what was found: the cheapest, or the nearest by the measure that was asked for."""
        attempts = super().attempts()
        if self._told is None:
            return attempts
        curve = tuple((int(queries), distance.copy()) for queries, distance in zip(self._checkpoints, self._told.curve, strict=True))
        return msgspec.structs.replace(attempts, points=self._told.points.copy(), distance=self._told.distance.copy(), curve=curve)

    def columns(self, chosen: Flags) -> Flags:
        """Return the columns of the chosen units, shape (m, units) to (m, columns)."""
        return np.asarray(np.where(self.unit >= 0, chosen[:, self.unit], False))

    def changed(self, rows: Integers, points: Floats) -> Flags:
        """Return the units in which points differ from their samples, shape (m, units)."""
        return self._any(points != self.origin[rows])

    def _any(self, flags: Flags) -> Flags:
        """Return for which units any column is marked, shape (m, columns) to (m, units)."""
        if not self.units:
            return np.zeros((len(flags), 0), dtype=np.bool_)
        first = np.searchsorted(self.unit[self._order], np.arange(self.units))
        return np.asarray(np.logical_or.reduceat(flags[:, self._order], first, axis=1))

    def repaired(self, rows: Integers, points: Floats) -> Floats:
        """Return the possible rows near proposals, flat."""
        given = np.where(self.missing[rows], np.nan, points)
        return np.where(self.missing[rows], 0.0, self.domain.repair(given, self.samples[rows]))

    def try_out(self, rows: Integers, points: Floats) -> Flags:
        """Ask about the proposals that, once repaired, would be the cheapest evasion of their row; return which of all proposals evade.

        Repeated proposals are asked about once.
        """
        evades = np.zeros(len(rows), dtype=np.bool_)
        worth = np.flatnonzero(self.price(rows, points) < self.distance[rows] * _HOPELESS)
        if not len(worth):
            return evades
        placed = self.repaired(rows[worth], points[worth])
        cost = self.price(rows[worth], placed)
        cheaper = np.flatnonzero((cost > 0) & (cost < self.distance[rows[worth]] * (1 - _SAVING)))
        first = np.unique(np.column_stack((rows[worth][cheaper], placed[cheaper])), axis=0, return_index=True)[1]
        chosen = cheaper[np.sort(first)]
        if len(chosen):
            evades[worth[chosen]] = self.ask(rows[worth[chosen]], placed[chosen])[1]
        return evades

    def affordable(self, rows: Integers, points: Floats) -> Floats:
        """How far each column of flat points can move on before they are as dear as the best evasion of their row, shape (m, columns)."""
        best, now = self.distance[rows], self.price(rows, points)
        match self.norm:
            case Norm.COST:
                left, unit = best - now, self.domain.rules.prices(self.samples[rows])
            case Norm.L1:
                left, unit = best - now, np.ones(1)
            case Norm.L2:
                left, unit = np.sqrt(np.maximum(best * best - now * now, 0.0)), np.ones(1)
            case _:
                left, unit = np.broadcast_to(np.where(self.norm == Norm.LINF, best, np.inf), best.shape), np.ones(1)
        span = self.domain.rules.spans(self.samples[rows])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.clip(np.nan_to_num(np.maximum(left, 0.0)[:, None] / unit, posinf=np.inf), 0.0, span))

    def price(self, rows: Integers, points: Floats) -> Floats:
        """How far flat points are from their samples."""
        return self.length(np.where(self.missing[rows], np.nan, points), self.samples[rows])


class _Told:
    """The nearest of all evasions that were asked about by a measure other than the one that the search makes small."""

    def __init__(self, measure: Measure, samples: Floats, checkpoints: Integers) -> None:
        self._measure, self._samples, self._checkpoints = measure, samples, checkpoints
        self.points, self.distance = samples.copy(), np.full(len(samples), np.inf)
        self.curve = np.full((len(checkpoints), len(samples)), np.inf)

    def keep(self, rows: Integers, points: Floats, position: Integers) -> None:
        """Note evasions of ``rows``, each found by its ``position``-th query."""
        distance = self._measure(points, self._samples[rows])
        for curve, checkpoint in zip(self.curve, self._checkpoints, strict=True):
            np.minimum.at(curve, rows[position <= checkpoint], distance[position <= checkpoint])
        order = np.lexsort((distance, rows))
        first = order[occurrence(rows[order]) == 0]
        first = first[distance[first] < self.distance[rows[first]]]
        self.points[rows[first]], self.distance[rows[first]] = points[first], distance[first]


def _units(domain: Domain) -> Integers:
    """Return the unit of each column."""
    units: dict[str, int] = {}
    return np.array(
        [
            -1 if column.formula else units.setdefault(f"group {column.group}" if column.group else f"column {column.name}", len(units))
            for column in domain.columns
        ]
    )
