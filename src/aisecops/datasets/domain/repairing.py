"""Projection onto a domain, for all rows at once.

Cells are settled by themselves first (bounds, groups, whole numbers). What then breaks relations, or puts a derived column out of its bounds, moves along the
gradient of the broken comparison: a Newton step in units of the columns' ranges, which for a linear comparison is the orthogonal projection. Comparisons take
turns for a bounded number of rounds (alternating projections). Whole numbers then move one column at a time. Where that does not end, the
columns of the broken rules go back to the origin's values, more of them each time: with everything back the row is the origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from aisecops.datasets.domain.binding import Cell, Claim, Operation
from aisecops.datasets.domain.claims import ROUNDING
from aisecops.datasets.domain.evaluation import Flags, Floats, Indices, dual
from aisecops.datasets.domain.rules import Derived, RelationIndex, Rules

_SMOOTH_TURNS = 12
_WHOLE_TURNS = 10
_TINY = 1e-300


class _Need(NamedTuple):
    """One comparison of a relation, with its number and that of its law; or a bound of the derived ``column``, with the value of the bound for each row."""

    claim: Claim
    number: int = -1
    law: int = -1
    column: int = -1
    bound: Floats | None = None


def repair(rules: Rules, points: Floats, origin: Floats) -> Floats:
    """Return valid points near ``points``, each given the row that it came from; see ``Domain.repair``."""
    result = points.copy()
    origin = np.broadcast_to(origin, points.shape)
    alike = np.all((points == origin) | (np.isnan(points) & np.isnan(origin)), axis=1)
    todo = np.flatnonzero(~alike & ~rules.valid(points, origin))
    if len(todo):
        work = _Work(rules, points[todo], origin[todo])
        result[todo] = work.settled()
    return result


class _Work:
    """Rows on their way into the domain."""

    def __init__(self, rules: Rules, points: Floats, origin: Floats) -> None:
        self.rules, self.origin = rules, origin
        self.low, self.high = rules.bounds(origin)
        self.span = rules.spans(origin)
        self.points = np.where(np.isnan(origin) | np.isnan(points), origin, points)
        self.grouped = np.isin(np.arange(points.shape[1]), np.concatenate([np.zeros(0, np.int64), *rules.groups.values()]))
        categories = np.array([bool(column.categories) for column in rules.domain.columns])
        self.stiff = rules.is_derived | self.grouped | categories
        """Columns that do not move along a gradient."""

    def settled(self) -> Floats:
        """Return the rows, valid where their origin is."""
        everything = np.arange(len(self.points))
        self.clip()
        self.groups(everything)
        self.rules.derive(self.points, self.origin)
        needs = [*self.needs()]
        if needs:
            self.settle(needs, _SMOOTH_TURNS, single=False)
        self.whole(everything)
        self.rules.derive(self.points, self.origin)
        if needs:
            self.settle(needs, _WHOLE_TURNS, single=True)
        self.give_back()
        return np.where(self.rules.valid(self.points, self.origin)[:, None], self.points, self.origin)

    def clip(self) -> None:
        """Put each cell within its bounds; what is infinite and unbounded goes back."""
        points = np.clip(self.points, self.low, self.high)
        self.points = np.where(np.isfinite(points), points, self.origin)

    def whole(self, rows: Indices) -> None:
        """Round what has to be whole, within the bounds; groups become one-hot."""
        low, high, points = np.ceil(self.low[rows]), np.floor(self.high[rows]), self.points[rows]
        origin = self.origin[rows]
        with np.errstate(invalid="ignore"):
            rounded = np.where(low <= high, np.clip(np.rint(points), low, high), origin)
        whole = self.rules.whole & ~self.rules.is_derived
        self.points[rows] = np.where(whole & (points != origin), rounded, points)
        self.groups(rows)

    def groups(self, rows: Indices) -> None:
        """Make each one-hot group one-hot: its largest allowed member is 1; a tie keeps the origin's."""
        for members in self.rules.groups.values():
            at = np.ix_(rows, members)
            cells, before = self.points[at], self.origin[at]
            allowed, forced = self.high[at] >= 1, self.low[at] >= 1
            allowed = np.where(forced.any(axis=1, keepdims=True), forced, allowed)
            best = np.argmax(np.where(allowed, cells + 1e-9 * (before == 1), -np.inf), axis=1)
            hot = (np.arange(len(members)) == best[:, None]).astype(np.float64)
            possible = allowed.any(axis=1, keepdims=True) & (hot >= self.low[at]).all(axis=1, keepdims=True)
            possible &= ~np.isnan(before).any(axis=1, keepdims=True) & np.any(cells != before, axis=1, keepdims=True)
            self.points[at] = np.where(possible, hot, before)

    def needs(self) -> Iterator[_Need]:
        """Yield all comparisons: those of the relations, and the bounds of derived columns."""
        for law, relation in enumerate(self.rules.relations, len(self.rules.derived)):
            for number in relation.consequences.tolist():
                yield _Need(self.rules.claims.claims[number], number, law)
        for item in self.rules.derived:
            for sign, bound in ((">=", self.low[:, item.column]), ("<=", self.high[:, item.column])):
                if np.isfinite(bound).any():
                    yield _Need(Claim(Cell(item.column), sign, 0.0), column=item.column, bound=bound)

    def settle(self, needs: list[_Need], turns: int, *, single: bool) -> None:
        """Let the comparisons take turns: each moves the rows that break it; rows that break none are left alone."""
        active = np.arange(len(self.points))
        for turn in range(turns):
            broken = self.broken(needs, active)
            moved = np.zeros(len(active), dtype=np.bool_)
            for need, flags in zip(needs, broken.T, strict=True):
                if flags.any():
                    rows = active[flags]
                    moved[flags] |= self.assign(need, rows) or self.step(need, rows, turn, single=single)
            active = active[moved]
            if not len(active):
                return

    def broken(self, needs: list[_Need], rows: Indices) -> Flags:
        """Which comparisons that have to hold do not, shape (rows, needs)."""
        points = self.points[rows]
        laws, claims = self.rules.broken_laws(points)
        result = np.zeros((len(rows), len(needs)), dtype=np.bool_)
        for place, need in enumerate(needs):
            if need.bound is None:
                result[:, place] = laws[:, need.law] & claims[:, need.number]
            else:
                held, bound = points[:, need.column], need.bound[rows]
                slack = self.rules.tolerance * (1 + np.abs(held))
                with np.errstate(invalid="ignore"):
                    off = held < bound - slack if need.claim.sign == ">=" else held > bound + slack
                result[:, place] = (off | ~np.isfinite(held)) & ~np.isnan(bound)
        return result

    def assign(self, need: _Need, rows: Indices) -> bool:
        """Meet ``column == constant`` for a category, truth value or member of a group at once; return whether it was that."""
        left, sign, right = need.claim
        if sign != "==" or not isinstance(left, Cell) or isinstance(right, Cell | Operation) or self.rules.is_derived[left.column]:
            return False
        column = left.column
        if column in np.flatnonzero(self.grouped):
            members = next(members for members in self.rules.groups.values() if column in members)
            self.points[np.ix_(rows, members)] = np.where(members == column, 2 * right - 1, 0.0)  # above or below all others
            self.groups(rows)
        elif not self.rules.whole[column]:
            return False
        else:
            self.points[rows, column] = np.clip(right, self.low[rows, column], self.high[rows, column])
        self.derive(rows)
        return True

    def derive(self, rows: Indices) -> None:
        """Compute the derived columns of some rows anew."""
        points = self.points[rows]
        self.rules.derive(points, self.origin[rows])
        self.points[rows] = points

    def step(self, need: _Need, rows: Indices, turn: int, *, single: bool) -> bool:
        """Move ``rows`` along the gradient of a comparison until, to first order, it holds; return whether any moved."""
        points = self.points[rows]
        left, sign, right = need.claim
        a, b = dual(left, points, self.rules.terms), dual(right, points, self.rules.terms)
        target = b.value if need.bound is None else need.bound[rows]
        columns = np.array(sorted({*a.gradient, *b.gradient}), dtype=np.int64)
        if not len(columns):
            return False
        zero = np.zeros(len(rows))
        with np.errstate(all="ignore"):
            slope = np.stack([a.gradient.get(int(c), zero) - b.gradient.get(int(c), zero) for c in columns], axis=1)
            delta = self.wanted(sign, a.value, target, columns, turn)
            moves = self.moves(slope, delta, rows, columns, turn, single=single)
        moved = np.where(np.isfinite(moves), points[:, columns] + moves, points[:, columns])
        moved = np.clip(moved, self.low[np.ix_(rows, columns)], self.high[np.ix_(rows, columns)])
        changed = bool(np.any(moved != points[:, columns]))
        self.points[np.ix_(rows, columns)] = moved
        if single:
            self.whole(rows)
        self.derive(rows)
        return changed

    def wanted(self, sign: str, left: Floats, right: Floats, columns: Indices, turn: int) -> Floats:
        """Return by how much the difference of the sides has to change, a little more than needed so that rounding does not undo it."""
        margin = 0.5 * ROUNDING * (1 + np.maximum(np.abs(left), np.abs(right)))
        difference = left - right
        if sign in {"<", ">", "!="} and self.rules.whole[columns].all():
            margin = np.ones_like(margin)
        match sign:
            case "<=" | "<":  # another comparison's turn may have met this one: then it stays
                return np.minimum(-difference - margin, 0.0)
            case ">=" | ">":
                return np.maximum(-difference + margin, 0.0)
            case "!=":
                return -difference + (margin if turn % 2 else -margin) * 4
            case _:
                return -difference

    def moves(
        self,
        slope: Floats,
        delta: Floats,
        rows: Indices,
        columns: Indices,
        turn: int,
        *,
        single: bool,
    ) -> Floats:
        """Return the step of each row and column: the least, in units of the ranges, that changes the difference by ``delta``."""
        at = np.ix_(rows, columns)
        points, span = self.points[at], self.span[at]
        direction = np.sign(delta)[:, None] * np.sign(slope)
        free = (
            ~self.stiff[columns] & ~((direction > 0) & (points >= self.high[at])) & ~((direction < 0) & (points <= self.low[at])) & np.isfinite(slope)
        )
        weight = np.where(free & (slope != 0), span, 0.0)
        pull = np.where(weight > 0, weight * slope, 0.0)
        if single:
            order = np.argsort(-np.abs(pull), axis=1, kind="stable")
            usable = np.maximum(1, np.count_nonzero(pull, axis=1))
            chosen = np.take_along_axis(order, (turn % usable)[:, None], axis=1)
            pull = np.where(np.arange(len(columns)) == chosen, pull, 0.0)
        total = np.sum(pull * pull, axis=1, keepdims=True)
        moves = np.where(total > _TINY, delta[:, None] * weight * pull / np.maximum(total, _TINY), 0.0)
        if single:
            whole = self.rules.whole[columns]
            moves = np.where(whole, np.sign(moves) * np.ceil(np.abs(moves) - 1e-6), moves)
        return moves

    def give_back(self) -> None:
        """Where rules stay broken, put the columns that they rest on back to the origin's values, until nothing is broken or nothing more can go back."""
        back = np.zeros(self.points.shape, dtype=np.bool_)
        for _ in range(self.points.shape[1] + 1):
            rows = ~self.rules.valid(self.points, self.origin)
            if not rows.any():
                return
            before = back.copy()
            for columns, flags in self.resisting():
                back[np.ix_(flags, columns)] = True
            if np.array_equal(before, back):
                return
            self.points = np.where(back, self.origin, self.points)
            self.rules.derive(self.points, self.origin)

    def resisting(self) -> Iterator[tuple[Indices, Flags]]:
        """Yield the columns behind each broken rule, and the rows that break it."""
        rules = self.rules
        for flags in rules.box_broken(self.points, self.origin).values():
            for column in np.flatnonzero(flags.any(axis=0)):
                yield rules.sources(frozenset((int(column),))), flags[:, column]
        for members in rules.groups.values():
            yield members, rules.group_broken(members, self.points, self.origin)
        laws = rules.broken_laws(self.points)[0]
        items: tuple[Derived | RelationIndex, ...] = (*rules.derived, *rules.relations)
        for item, flags in zip(items, laws.T, strict=True):
            if flags.any():
                yield rules.sources(frozenset(item.sources) if isinstance(item, Derived) else item.columns), flags
