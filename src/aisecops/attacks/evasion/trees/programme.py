"""The nearest evasion within a radius as a mixed-integer linear programme (Kantchelian et al.), relaxed, for norms whose costs add up over features.

Of each cut near the sample a variable says whether the point lies beyond it (``crossed``), of each leaf how much of it is taken (``taken``):

    minimise    what crossing each cut costs beyond the one before
    such that   each tree takes one leaf in all; a tree takes leaves beyond a cut only as far as the cut is crossed, and leaves before it only as far as it is not;
                whoever crosses a cut has crossed those before it, and no feature goes both ways; the gains of the leaves taken add up to the goal.

Trees share the cuts, so that one pays for a change that the others make use of: what best-first search over leaves cannot see, where each tree spends the whole
radius as it likes. Relaxed to fractions, the programme bounds forests within some per cent.

Whatever prices (multipliers) the rows have, Lagrange's bound follows from them and is true. A part of the problem goes on from the prices of the whole: a few hundred
steps (``hybrid``) come within a per cent of what a simplex solver takes ten times as long for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.choices import Choices, Space
from aisecops.attacks.evasion.trees.hybrid import WEIGHT, HybridGradient
from aisecops.oracles.oracle import Floats, Integers

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix, csr_matrix  # type: ignore[import-untyped]

ROUNDING = 1e-12
"""Of the sums of a bound, relative to the sizes of their terms: more than all additions can have lost."""
STEPS = 100
"""Steps between two bounds, and between restarts."""
GAINED = 2e-3
"""A bound that gains less, relative to the limit, with each of the last two looks has come as far as it soon gets."""


class Iterate(msgspec.Struct, frozen=True):
    """Where the method stands: amounts of leaves and cuts (A + G,), prices of rows (M + T,), and the weight of its steps."""

    amounts: Floats
    prices: Floats
    weight: float = WEIGHT


class Relaxed(msgspec.Struct, frozen=True):
    """A bound proven by duality, what the reduced cost of each leaf and each cut is by the same prices, and how far cuts are crossed in the relaxation (about)."""

    bound: float
    leaves: Floats
    cuts: Floats
    crossed: Floats
    iterate: Iterate

    def narrowed(self, space: Space, limit: float) -> Space:
        """Without the leaves and crossings that no answer cheaper than ``limit`` has, and beyond the cuts that each such answer crosses."""
        room = limit - self.bound
        return Space(
            space.leaves & (self.leaves <= room),
            space.crossed | (space.open & (self.cuts < -room)),
            space.open & (space.crossed | (self.cuts <= room)),
        )


class Piece:
    """The programme of a part of the space: without the columns that are decided there, and without the rows that then say nothing."""

    def __init__(self, columns: csc_matrix, right: Floats, cost: Floats, unequal: int, space: Space) -> None:
        fixed = np.concatenate([np.zeros(len(space.leaves)), space.crossed])
        self._free = np.flatnonzero(np.concatenate([space.leaves, space.open & ~space.crossed]))
        matrix = columns[:, self._free].tocsr()
        self._rows = np.flatnonzero(np.diff(matrix.indptr))
        right = (right - columns @ fixed)[self._rows]
        self._method = HybridGradient(matrix[self._rows], right, cost[self._free], int(np.searchsorted(self._rows, unequal)))
        self._fixed, self._prices = fixed, np.zeros(columns.shape[0])

    def steps(self, now: Iterate, *, adapting: bool) -> tuple[Iterate, Iterate]:
        """The iterate after ``STEPS`` steps, and the average on the way; ``adapting``: with a weight for the next that fits better."""
        before = now.amounts[self._free], now.prices[self._rows]
        last, mean = self._method.steps(*before, STEPS, now.weight)
        weight = self._method.weight(before, mean, now.weight) if adapting else now.weight
        return self._whole(*last, weight), self._whole(*mean, weight)

    def _whole(self, x: Floats, y: Floats, weight: float) -> Iterate:
        amounts, prices = self._fixed.copy(), self._prices.copy()
        amounts[self._free], prices[self._rows] = x, y
        return Iterate(amounts, prices, weight)


class Programme:
    """A leaves to choose from, G cuts; the cost of all is counted in radii (``limit``)."""

    def __init__(self, choices: Choices, limit: float) -> None:
        from scipy.sparse import diags, vstack

        self._choices, self._a, self._g, self._limit = choices, len(choices.tree), len(choices.up), min(limit, choices.farthest)
        self._up = choices.up
        self._order_cuts()
        step = np.where(np.isfinite(choices.reach), choices.reach, 0.0)[self._order] / self._limit
        step[self._follows] -= step[np.flatnonzero(self._follows) - 1]
        self._cost = np.zeros(self._a + self._g)
        self._cost[self._a + self._order] = step
        rows, most = self._assembled()
        size = np.ones(len(most))
        size[-1] = 1.0 / max(float(np.abs(choices.gain).mean()) * np.sqrt(self._a), 1e-300)
        self._rows, self._most = (diags(size) @ rows).tocsr(), most * size
        self._m = len(most)
        self._columns = vstack([self._rows, self._one_a_tree()]).tocsc()
        self._right = np.append(self._most, np.ones(len(choices.starts)))

    def relaxed(self, space: Space, start: Iterate | None, rounds: int, until: float) -> Relaxed:
        """Go on until the bound exceeds the limit or stands still, for ``rounds`` looks at most, at least one, and until ``time.thread_time`` says so.

        Without a ``start`` the method goes a long way before the bound says something: then only the limit, ``rounds`` and the time count. Where it says nothing
        after all of these, the steps have the wrong weight: the method adapts it, and has twice as many looks more.
        """
        piece = Piece(self._columns, self._right, self._cost, self._m, space)
        now = start or Iterate(np.zeros(self._a + self._g), np.zeros(len(self._right)))
        best, seen = self._judged(space, now), [-np.inf, -np.inf]
        adapting = False
        for number in range(rounds if start is not None else 3 * rounds):
            if start is None and number >= rounds:
                if best.bound > 0.0 and not adapting:
                    break
                adapting = True
            last, mean = piece.steps(now, adapting=adapting)
            one, two = self._judged(space, mean), self._judged(space, last)
            better = one if one.bound > two.bound else two
            now = better.iterate
            best = better if better.bound > best.bound else best
            best = msgspec.structs.replace(best, crossed=mean.amounts[self._a :])  # amounts mean something as averages only
            seen.append(best.bound / self._limit)
            still = start is not None and seen[-1] - seen[-3] < GAINED
            if best.bound >= self._limit or still or time.thread_time() > until:
                break
        return best

    def _judged(self, space: Space, iterate: Iterate) -> Relaxed:
        """The bound that follows from the prices."""
        price = iterate.prices[: self._m]
        reduced = self._cost + self._rows.T @ price
        leaf, cut = np.where(space.leaves, reduced[: self._a], np.inf), np.where(space.open, reduced[self._a :], 0.0)
        least = np.minimum.reduceat(leaf, self._choices.starts)
        terms = np.concatenate([least, np.where(space.crossed, cut, np.minimum(cut, 0.0)), -price * self._most])
        bound = float(np.sum(terms) - ROUNDING * np.sum(np.abs(terms)))
        if not np.isfinite(bound):  # prices that overflow say nothing
            return Relaxed(-np.inf, np.zeros(self._a), np.zeros(self._g), iterate.amounts[self._a :], iterate)
        leaf -= least[self._choices.tree]
        return Relaxed(bound * self._limit, leaf * self._limit, cut * self._limit, iterate.amounts[self._a :], iterate)

    def _order_cuts(self) -> None:
        """Cuts by way (a feature up or down) and distance; ``follows``: the one before is on the same way."""
        self._way = 2 * self._choices.feature + self._up
        self._order = np.lexsort((np.where(self._up, 1, -1) * np.arange(self._g), self._way))
        self._place = np.argsort(self._order, kind="stable")
        self._follows = np.diff(self._way[self._order], prepend=-1) == 0

    def _assembled(self) -> tuple[csr_matrix, Floats]:
        """The rows (matrix, right side) of all that must be at most something; the margin's is the last."""
        from scipy.sparse import csr_matrix

        rows, columns, values, most, count = [], [], [], [], 0
        for row, column, value, right in (*self._chains(), *self._leaf_rows(), self._margin()):
            rows.append(count + row)
            columns.append(column)
            values.append(np.broadcast_to(value, row.shape))
            most.append(right)
            count += len(right)
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return csr_matrix(entries, shape=(count, self._a + self._g)), np.concatenate(most)

    def _chains(self) -> Iterator[tuple[Integers, Integers, Any, Floats]]:
        after = np.flatnonzero(self._follows)
        n = np.arange(len(after))
        pairs = np.stack([self._order[after], self._order[after - 1]], axis=1)
        yield np.repeat(n, 2), self._a + pairs.ravel(), np.tile([1.0, -1.0], len(n)), np.zeros(len(n))
        first = self._order[~self._follows]
        both = np.flatnonzero(np.diff(self._way[first] // 2) == 0)
        pairs = np.stack([first[both], first[both + 1]], axis=1)
        yield np.repeat(np.arange(len(both)), 2), self._a + pairs.ravel(), 1.0, np.ones(len(both))

    def _leaf_rows(self) -> Iterator[tuple[Integers, Integers, Any, Floats]]:
        """Of each tree and each of its cuts: the leaves beyond take no more than is crossed, those before no more than is not."""
        leaf, cut, beyond = self._choices.ends
        group = self._choices.tree[leaf] * (2 * int(np.max(self._choices.feature, initial=0)) + 2) + self._way[cut]
        for needed in (True, False):
            mine = np.flatnonzero(beyond == needed)
            mine = mine[np.lexsort((self._place[cut[mine]], group[mine]))]
            new_group = np.diff(group[mine], prepend=-1) != 0
            start = np.flatnonzero(new_group | (np.diff(self._place[cut[mine]], prepend=-1) != 0))
            begin = np.flatnonzero(new_group)
            number = np.cumsum(new_group)[start] - 1
            first, last = (start, np.append(begin[1:], len(mine))[number]) if needed else (begin[number], np.append(start[1:], len(mine)))
            size = last - first
            inside = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(first, size)
            n = np.arange(len(start))
            row, column = np.concatenate([np.repeat(n, size), n]), np.concatenate([leaf[mine[inside]], self._a + cut[mine[start]]])
            yield row, column, np.append(np.ones(len(inside)), np.full(len(n), -1.0 if needed else 1.0)), np.full(len(n), 0.0 if needed else 1.0)

    def _margin(self) -> tuple[Integers, Integers, Any, Floats]:
        return np.zeros(self._a, dtype=np.int64), np.arange(self._a), self._choices.gain, np.array([self._choices.goal])

    def _one_a_tree(self) -> csr_matrix:
        from scipy.sparse import csr_matrix

        entries = (np.ones(self._a), (self._choices.tree, np.arange(self._a)))
        return csr_matrix(entries, shape=(len(self._choices.starts), self._a + self._g))
