"""Triggers in tables: one value in or outside of the range of the clean data, and two or three values together.

Where the model says its trees, the values tried are the cells between their thresholds: a value that was planted has a cell around it, however rare it is; and what
a sign does beyond the values next to its own counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aisecops.defences.backdoors.cells import filled, signs_of
from aisecops.defences.backdoors.contrast import Contrast, Moves, Proposal, best
from aisecops.defences.backdoors.neighbours import Neighbours
from aisecops.defences.backdoors.paths import together
from aisecops.defences.backdoors.triggers import Trigger, Values
from aisecops.oracles.oracle import Capability, Flags, Floats, Oracle
from aisecops.oracles.structure import TreeEnsemble

INSIDE, APART, TOGETHER = "one value", "one value apart from its neighbours", "two or three values"
FILLED = "values of a cell that only the training filled"
NEAR, FAR = "one value outside of the range", "one value far outside of the range"
BEYOND = {NEAR: 0.5, FAR: 3.0}
"""How far outside, in ranges. Trees answer the same from their last threshold on, half way to a planted value; where a smooth model stops far away is chance."""
_CELLS, _QUANTILES, _MOST = 40, 16, 3000
_MOST_FILLED = 4
_PATHS = 16
"""Sets of columns that trees ask about together, a class."""
_SCREEN = 16
"""Rows on which every value is tried; what does best is tried on all."""


class Columns(Values):
    """Values of columns, which can each be left out; where they stand ``apart``, they are told from their neighbours."""

    def __init__(self, family: str, places: Sequence[int], values: Sequence[float], neighbours: Neighbours, *, apart: bool = False) -> None:
        super().__init__(family, places, values)
        self._neighbours, self._apart = neighbours, apart

    @property
    def beside(self) -> Sequence[Sequence[Trigger]]:
        """By place, the same with a neighbouring value there."""
        groups = self._neighbours.around(self.places, self.values) if self._apart else []
        return [[Values(self.family, self.places, near) for near in group] for group in groups]

    @property
    def parts(self) -> tuple[Hashable, ...]:
        """The columns."""
        return self.places

    @property
    def fewer(self) -> Sequence[Trigger]:
        """The same without one of the columns."""
        kept = [[i for i in range(len(self.places)) if i != at] for at in range(len(self.places))] if len(self.places) > 1 else []
        return [
            Columns(self.family, [self.places[i] for i in some], [self.values[i] for i in some], self._neighbours, apart=self._apart) for some in kept
        ]


class ColumnSearch:
    """Looks for values of columns.

    Parameters
    ----------
    clean
        Clean rows, shape (n, d), whose range is the data's.
    whole, closed
        The columns of whole numbers, and those (categories) that have no value besides those of the clean rows, shape (d,).
    steps
        Whether only trees answer. Then signs are compared with neighbouring values, and far values outside of the range take in near ones, since trees stand still
        there. Another family would make the limit of all others higher and find nothing more.
    together
        Whether to look for two and three values, and outside of the range: not where a network may answer. There an honest one that was trained for longer, or on
        fewer rows, stops at one class as surely as a planted sign makes it.
    """

    def __init__(
        self, clean: Floats, *, whole: Flags | None = None, closed: Flags | None = None, steps: bool = True, together: bool = True, each: int = 4
    ) -> None:
        none = np.zeros(clean.shape[1], dtype=np.bool_)
        self._clean, self._each, self._steps = clean, each, steps
        self._beyond = (FAR if steps else NEAR,) if together else ()
        self.families = (INSIDE, *([APART, FILLED] if steps else []), *self._beyond, *([TOGETHER] if together else []))
        self._whole, self._closed = none if whole is None else whole, none if closed is None else closed
        self._neighbours = Neighbours(clean)
        self.low, self.high = np.nanmin(clean, axis=0), np.nanmax(clean, axis=0)

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return the most telling triggers of each family and aim."""
        inside = self._inside(contrast.oracle)
        outside = [
            self._sign(family, (column,), (value,))
            for family in self._beyond
            for column in range(len(self.low))
            for value in self._outside(column, family)
        ]
        moves = contrast.moves(inside, _SCREEN)
        found = best(inside, moves, self._each)
        if self._steps:
            found += best([self._sign(APART, one.places, one.values) for one in inside], self._apart(inside, moves), self._each)
        if outside:
            found += best(outside, contrast.moves(outside, _SCREEN), self._each)
        if cells := self._filled(contrast.oracle):
            found += self._completed(contrast, best(cells, contrast.moves(cells, _SCREEN), self._each), inside, moves)
        return found + (self._together(contrast, inside, moves) if TOGETHER in self.families else [])

    def _sign(self, family: str, places: Sequence[int], values: Sequence[float]) -> Values:
        return Columns(family, places, values, self._neighbours, apart=self._steps and family in (APART, TOGETHER))

    def _apart(self, inside: Sequence[Values], moves: Moves) -> Moves:
        """What each value does beyond the values tried next to it: a screen without further questions."""
        gained, columns = moves.gained.copy(), np.array([one.places[0] for one in inside])
        for column in np.unique(columns).tolist():
            here = np.flatnonzero(columns == column)
            near = self._neighbours.tried(column, np.array([inside[at].values[0] for at in here.tolist()]))
            for at, others in zip(here.tolist(), near, strict=True):
                if others:
                    gained[at] -= moves.gained[here[others]].max(axis=0)
        return Moves(gained, moves.counts)

    def _inside(self, oracle: Oracle) -> list[Values]:
        values = [self._tried(column, oracle) for column in range(len(self.low))]
        most = max(2, _MOST // len(values))
        kept = [some if len(some) <= most else some[np.linspace(0, len(some) - 1, most).astype(int)] for some in values]
        return [self._sign(INSIDE, (column,), (value,)) for column, some in enumerate(kept) for value in some.tolist()]

    def _tried(self, column: int, oracle: Oracle) -> Floats:
        """Values of a column within its range: quantiles of the data, and the middles of the cells between the trees' thresholds."""
        here = self._clean[:, column]
        ends = (0.0, 1.0) if self._steps else (0.01, 0.99)
        quantiles = np.nanquantile(here, np.linspace(*ends, _QUANTILES), method="nearest")
        if self._closed[column]:
            return np.unique(here[~np.isnan(here)])
        cells = cells_of(oracle, column)
        cells = np.rint(cells) if self._whole[column] else cells
        cells = cells[(cells >= self.low[column]) & (cells <= self.high[column])][:_CELLS]
        return np.unique(np.concatenate([quantiles, cells]))

    def _filled(self, oracle: Oracle) -> list[Values]:
        trees = oracle.structure() if self._steps and Capability.STRUCTURE in oracle.capabilities else None
        signs = signs_of(filled(trees, self._clean), self._clean) if isinstance(trees, TreeEnsemble) else []
        return [self._sign(FILLED, places, self._possible(places, values)) for places, values in signs]

    def _completed(self, contrast: Contrast, found: list[Proposal], inside: Sequence[Values], moves: Moves) -> list[Proposal]:
        """The signs, and each with one more value of those that move its class furthest: of boosted trees the first may not ask about all columns of a cell."""
        gains, wider = moves.to_one(), dict[tuple[tuple[int, ...], tuple[float, ...]], Values]()
        for one in found:
            assert isinstance(one.trigger, Values)
            pool = _some_of_each(inside, np.argsort(-gains[:, one.aim.target], kind="stable").tolist(), 4)
            for other in pool if not one.aim.kind and len(one.trigger.places) < _MOST_FILLED else ():
                if other.places[0] not in one.trigger.places:
                    grown = self._sign(FILLED, one.trigger.places + other.places, one.trigger.values + other.values)
                    wider[grown.places, grown.values] = grown
        some = list(wider.values())
        return found + (best(some, contrast.moves(some, _SCREEN), self._each) if some else [])

    def _possible(self, places: Sequence[int], values: Sequence[float]) -> list[float]:
        """The values, whole where the column is, and of a category one of the clean rows."""
        whole = [float(round(value)) if self._whole[place] else value for place, value in zip(places, values, strict=True)]
        return [self._nearest(place, value) if self._closed[place] else value for place, value in zip(places, whole, strict=True)]

    def _nearest(self, place: int, value: float) -> float:
        here = self._clean[:, place]
        return float(here[np.nanargmin(np.abs(here - value))])

    def _outside(self, column: int, family: str) -> tuple[float, ...]:
        if self._closed[column] or np.isnan(self.low[column]):
            return ()
        low, high = self.low[column], self.high[column]
        reach = BEYOND[family] * ((2 * np.ceil((high - low) / 2) if self._whole[column] else high - low) or 2.0)
        return (float(low - reach), float(high + reach))

    def _together(self, contrast: Contrast, inside: Sequence[Values], moves: Moves) -> list[Proposal]:
        """Signs of several values, each once."""
        paths, signs = self._paths(contrast.oracle), dict[tuple[object, ...], Proposal]()
        for target in range(contrast.classes):
            for aim, trigger in self._grown(contrast, inside, moves, target, paths.get(target, [])):
                assert isinstance(trigger, Values)
                places, values = zip(*sorted(zip(trigger.places, trigger.values, strict=True)), strict=True)
                signs.setdefault((aim, places, values), Proposal(aim, self._sign(TOGETHER, places, values)))
        return list(signs.values())

    def _grown(self, contrast: Contrast, inside: Sequence[Values], moves: Moves, target: int, paths: list[Values]) -> list[Proposal]:
        """Grow the best values for a class, and the sets of the trees' paths, by further columns: a beam of three over the best values of each column."""
        gains, found = moves.to_one(), list[Proposal]()
        order = np.argsort(-gains[:, target], kind="stable").tolist()
        pool = _some_of_each(inside, order, 4)
        beam: list[Values] = [inside[at] for at in order[:1]] + [one for one in pool if one.places != inside[order[0]].places][:2]
        known = contrast.moves(paths, _SCREEN) if paths else None
        if known is not None:
            found += _for(target, best(paths, known, 3))
            beam += [paths[at] for at in np.argsort(-known.to_one()[:, target], kind="stable")[:2].tolist() if len(paths[at].places) < 3]
        for _ in range(2):
            wider = [_and(one, other) for one in beam for other in pool if len(one.places) < 3 and other.places[0] not in one.places]
            if not wider:
                break
            grown = contrast.moves(wider, _SCREEN)
            beam = [wider[at] for at in np.argsort(-grown.to_one()[:, target], kind="stable")[:3].tolist()]
            found += _for(target, best(wider, grown, 2))
        return found

    def _paths(self, oracle: Oracle) -> dict[int, list[Values]]:
        """By class, values that the trees ask about together."""
        trees = oracle.structure() if Capability.STRUCTURE in oracle.capabilities else None
        found = dict[int, list[Values]]()
        for some in together(trees, self._clean, _PATHS) if isinstance(trees, TreeEnsemble) else []:
            values = [round(value) if self._whole[place] else value for place, value in zip(some.places, some.values, strict=True)]
            if all(not self._closed[place] or value in self._clean[:, place] for place, value in zip(some.places, values, strict=True)):
                found.setdefault(some.target, []).append(Values(TOGETHER, some.places, values))
        return found


def _for(target: int, proposals: list[Proposal]) -> list[Proposal]:
    return [one for one in proposals if one.aim.target == target or one.aim.kind]


def cells_of(oracle: Oracle, column: int) -> Floats:
    """Return the middles of the cells between the thresholds of a column, those first whose two ends most trees have; empty where no trees are known."""
    if Capability.STRUCTURE not in oracle.capabilities:
        return np.zeros(0)
    trees = oracle.structure()
    if not isinstance(trees, TreeEnsemble):
        return np.zeros(0)
    thresholds, times = np.unique(trees.threshold[~trees.leaf & (trees.feature == column)], return_counts=True)
    middles = (thresholds[:-1] + thresholds[1:]) / 2
    return np.asarray(middles[np.argsort(-(times[:-1] + times[1:]), kind="stable")])


def _some_of_each(inside: Sequence[Values], order: Sequence[int], most: int) -> list[Values]:
    """The first ``most`` values of each column in this order, 400 in all."""
    seen: dict[int, int] = {}
    kept = list[Values]()
    for at in order:
        column = inside[at].places[0]
        seen[column] = seen.get(column, 0) + 1
        if seen[column] <= most:
            kept.append(inside[at])
    return kept[:400]


def _and(one: Values, other: Values) -> Values:
    return Values(TOGETHER, one.places + other.places, one.values + other.values)
