"""A domain as arrays: which rows are valid, what bounds a row, what a change costs."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from aisecops.datasets.domain.binding import Binder, BoundRelation, Cell, Claim, Term, columns_of, derivation_order
from aisecops.datasets.domain.claims import Claims
from aisecops.datasets.domain.declaration import Change, Column, ColumnType, Domain, amount
from aisecops.datasets.domain.evaluation import Flags, Floats, Indices, value

_NEARLY_WHOLE = 1e-3
"""A derived whole number is rounded if its formula is off by at most this."""


class Derived(NamedTuple):
    """A derived column: what it is computed from, and the columns without a formula that this rests on in the end."""

    column: int
    term: Term
    sources: tuple[int, ...]


class RelationIndex(NamedTuple):
    """A relation in the numbers of its claims, and the columns that it reads."""

    text: str
    conditions: Indices
    consequences: Indices
    columns: frozenset[int]


class Rules:
    """``Domain`` computed once: arrays have one entry for each column, in order."""

    def __init__(self, domain: Domain) -> None:
        columns = domain.columns
        self.domain, self.tolerance = domain, domain.tolerance
        self.low = np.array([_low(column) for column in columns])
        self.high = np.array([_high(column) for column in columns])
        self.whole = np.array([column.type != ColumnType.REAL for column in columns])
        self.missing = np.array([column.missing for column in columns])
        self.immutable, self.increase, self.decrease = (
            np.array([column.change == change for column in columns]) for change in (Change.IMMUTABLE, Change.INCREASE, Change.DECREASE)
        )
        self.down, self.up = ([amount(x) if x is not None else None for x in way] for way in ([c.down for c in columns], [c.up for c in columns]))
        names: dict[str, list[int]] = {}
        for number, column in enumerate(columns):
            if column.group:
                names.setdefault(column.group, []).append(number)
        self.groups = {name: np.array(members) for name, members in names.items()}
        self._bind(domain)
        self.plain = not (
            self.whole.any() or self.groups or self.derived or self.relations or self.immutable.any() or self.increase.any() or self.decrease.any()
            or any(x is not None for x in (*self.down, *self.up))
        )  # fmt: skip

    def _bind(self, domain: Domain) -> None:
        binder = Binder(domain.columns)
        terms = {number: binder.formula(column.formula) for number, column in enumerate(domain.columns) if column.formula}
        sources: dict[int, frozenset[int]] = {}
        self.derived: tuple[Derived, ...] = ()
        for number in derivation_order(terms):
            read = columns_of(terms[number])
            sources[number] = frozenset().union(*(sources.get(column, frozenset((column,))) for column in read))
            self.derived += (Derived(number, terms[number], tuple(sorted(sources[number]))),)
        self.terms = terms
        self._index(tuple(map(binder.relation, domain.relations)))
        self.is_derived = np.isin(np.arange(len(domain.columns)), list(terms))

    def sources(self, columns: frozenset[int]) -> Indices:
        """The columns without a formula that ``columns`` rest on; of a one-hot group all members."""
        derived = {item.column: item.sources for item in self.derived}
        found = {source for column in columns for source in derived.get(column, (column,))}
        for members in self.groups.values():
            if found.intersection(members.tolist()):
                found.update(members.tolist())
        return np.array(sorted(found), dtype=np.int64)

    def bounds(self, origin: Floats) -> tuple[Floats, Floats]:
        """Return the least and greatest values of each row, shape (n, columns): widened to what the row has itself."""
        low, high = (np.broadcast_to(bound, origin.shape).copy() for bound in (self.low, self.high))
        for number, (down, up) in enumerate(zip(self.down, self.up, strict=True)):
            own = origin[:, number]
            if down is not None:
                low[:, number] = np.maximum(low[:, number], own - (down[0] * np.abs(own) if down[1] else down[0]))
            if up is not None:
                high[:, number] = np.minimum(high[:, number], own + (up[0] * np.abs(own) if up[1] else up[0]))
        low = np.where(self.increase | self.immutable, origin, np.minimum(low, origin))
        high = np.where(self.decrease | self.immutable, origin, np.maximum(high, origin))
        missing = np.isnan(origin)
        low[missing] = high[missing] = np.nan
        return low, high

    def spans(self, origin: Floats) -> Floats:
        """Return what counts as the whole range of each cell, shape (n, columns): between the bounds, else 1 + the row's own size."""
        own = 1.0 + np.abs(np.where(np.isfinite(origin), origin, 0.0))
        with np.errstate(invalid="ignore"):
            span = self.high - self.low
        return np.where(np.isfinite(span) & (span > 0), span, own)

    def cost(self, points: Floats, origin: Floats) -> Floats:
        """Return the price of each row's changes, shape (n,)."""
        columns = self.domain.columns
        same = (points == origin) | (np.isnan(points) & np.isnan(origin))
        difference = np.where(same, 0.0, np.abs(points - origin))
        category = np.array([column.type == ColumnType.CATEGORY for column in columns])
        difference = np.where(category & ~same, 1.0, difference)
        difference[np.isnan(difference)] = np.inf
        price = self.prices(origin)
        share = np.array([0.5 if column.group else 1.0 for column in columns])
        fixed = np.array([column.fixed_cost for column in columns])
        with np.errstate(invalid="ignore"):
            paid = np.where(same, 0.0, np.where(price > 0, difference * price, 0.0) + fixed)
        return np.asarray(np.sum(paid * share, axis=1))

    def prices(self, origin: Floats) -> Floats:
        """Return what one unit of change costs in each cell, shape (n, columns)."""
        columns = self.domain.columns
        priced = np.array([np.nan if column.cost is None else column.cost for column in columns])
        category = np.array([column.type == ColumnType.CATEGORY for column in columns])
        usual = np.where(self.is_derived, 0.0, np.where(category, 1.0, 1.0 / self.spans(origin)))
        return np.where(np.isnan(priced), usual, priced)

    def derive(self, points: Floats, origin: Floats) -> None:
        """Compute the derived columns of ``points`` anew, in place; where nothing that they rest on changed, they are the origin's."""
        for column, term, sources in self.derived:
            inputs, before = points[:, sources], origin[:, sources]
            kept = np.all((inputs == before) | np.isnan(before), axis=1)
            computed = value(term, points)
            if self.whole[column]:
                near = np.rint(computed)
                computed = np.where(np.abs(computed - near) <= np.minimum(self.tolerance * (1 + np.abs(near)), _NEARLY_WHOLE), near, computed)
            points[:, column] = np.where(kept | np.isnan(inputs).any(axis=1), origin[:, column], computed)

    def _index(self, relations: tuple[BoundRelation, ...]) -> None:
        """Number the claims: first the formulas, then those of the relations."""
        claims = [Claim(Cell(item.column), "==", item.term) for item in self.derived]
        found = []
        for relation in relations:
            parts = []
            for part in (relation.conditions, relation.consequences):
                parts.append(np.arange(len(claims), len(claims) + len(part)))
                claims += part
            found.append(RelationIndex(relation.text, parts[0], parts[1], relation.columns))
        self.claims = Claims(claims, self.whole, self.tolerance)
        self.relations = tuple(found)

    def broken_laws(self, points: Floats) -> tuple[Flags, Flags]:
        """Return which formulas and then relations each row breaks, shape (n, derived + relations), and which claims. A missing value breaks none."""
        broken, open_ = self.claims.broken(points)
        laws = np.zeros((len(points), len(self.derived) + len(self.relations)), dtype=np.bool_)
        laws[:, : len(self.derived)] = broken[:, : len(self.derived)]
        for number, relation in enumerate(self.relations, len(self.derived)):
            wrong = broken[:, relation.consequences].any(axis=1)
            wrong &= ~(broken | open_)[:, relation.conditions].any(axis=1)
            laws[:, number] = wrong & ~open_[:, relation.consequences].any(axis=1)
        return laws, broken

    def box_broken(self, points: Floats, origin: Floats | None) -> dict[str, Flags]:
        """Where cells break what each cell has to be for itself, by kind, shape (n, columns); derived columns are forgiven their rounding."""
        if origin is None:
            low, high = np.broadcast_to(self.low, points.shape), np.broadcast_to(self.high, points.shape)
            kept = np.zeros(points.shape, dtype=np.bool_)
            gap = np.isnan(points) & ~self.missing
        else:
            low, high = self.bounds(origin)
            kept = (points == origin) | (np.isnan(points) & np.isnan(origin))
            gap = np.isnan(points) != np.isnan(origin)
        slack = np.where(self.is_derived, self.tolerance, 0.0) * (1.0 + np.abs(np.where(np.isfinite(points), points, 0.0)))
        with np.errstate(invalid="ignore"):
            below, above, part = points < low - slack, points > high + slack, self.whole & (points != np.rint(points))
        outside = (below | above | np.isinf(points)) & ~kept
        return {
            "missing": gap,
            "bounds": outside & ~self.immutable,
            "immutable": outside & self.immutable,
            "whole number": part & ~kept & ~np.isnan(points),
        }

    def group_broken(self, members: Indices, points: Floats, origin: Floats | None) -> Flags:
        """Where a one-hot group is not one-hot, shape (n,): what the origin has itself stays allowed."""
        cells = points[:, members]
        with np.errstate(invalid="ignore"):
            broken = np.asarray((np.sum(cells == 1.0, axis=1) != 1) | (np.sum(cells == 0.0, axis=1) != len(members) - 1))
        if origin is None:
            return broken
        kept = (cells == origin[:, members]) | (np.isnan(cells) & np.isnan(origin[:, members]))
        return np.asarray(broken & ~np.all(kept, axis=1))

    def valid(self, points: Floats, origin: Floats | None) -> Flags:
        """Which rows break nothing, shape (n,)."""
        broken = np.zeros(len(points), dtype=np.bool_)
        for flags in self.box_broken(points, origin).values():
            broken |= flags.any(axis=1)
        for members in self.groups.values():
            broken |= self.group_broken(members, points, origin)
        if self.derived or self.relations:
            broken |= self.broken_laws(points)[0].any(axis=1)
        return ~broken


def bounded(domain: Domain, points: Floats) -> Domain:
    """Return ``domain`` with the bounds of ``points`` where it has none."""
    from aisecops.datasets.domain.declaration import DomainError

    columns = []
    for column, values in zip(domain.columns, points.T, strict=True):
        known = values[np.isfinite(values)]
        if not len(known) and column.missing:  # nothing moves what is missing in every row
            known = np.zeros(1)
        if not len(known) and (not np.isfinite(_low(column)) or not np.isfinite(_high(column))):
            raise DomainError("no value is known, so there are no bounds to take", where=f"column {column.name}", fix="give it low and high")
        low = column.low if np.isfinite(_low(column)) else float(min(known.min(), _high(column)))
        high = column.high if np.isfinite(_high(column)) else float(max(known.max(), _low(column)))
        columns.append(msgspec.structs.replace(column, low=low, high=high))
    return msgspec.structs.replace(domain, columns=tuple(columns))


def _low(column: Column) -> float:
    natural = -np.inf if column.type in {ColumnType.REAL, ColumnType.INTEGER} else 0.0
    return max(natural, -np.inf if column.low is None else column.low)


def _high(column: Column) -> float:
    natural = {ColumnType.BOOLEAN: 1.0, ColumnType.CATEGORY: float(len(column.categories) - 1)}.get(column.type, np.inf)
    return min(natural, np.inf if column.high is None else column.high)
