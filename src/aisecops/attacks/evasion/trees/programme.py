"""The nearest evasion within a radius as a mixed-integer linear programme (Kantchelian et al.), relaxed, for norms whose costs add up over features.

Of each cut near the sample a variable says whether the point lies beyond it (``crossed``), of each leaf how much of it is taken (``taken``):

    minimise    what crossing each cut costs beyond the one before
    such that   each tree takes one leaf in all; a tree takes leaves beyond a cut only as far as the cut is crossed, and leaves before it only as far as it is not;
                whoever crosses a cut has crossed those before it, and no feature goes both ways; the gains of the leaves taken add up to the goal.

Trees share the cuts, so that one pays for a change that the others make use of: what best-first search over leaves cannot see, where each tree spends the whole
radius as it likes. Relaxed to fractions, the programme bounds forests within a few per cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.choices import Choices
from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.oracles.oracle import Flags, Floats, Integers

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

ROUNDING = 1e-12
"""Of the sums of a bound, relative to the sizes of their terms: more than all additions can have lost."""
MISSING = 1e5
"""What it costs in the relaxation to miss the goal by the sum of all gains, in multiples of the radius."""


class Relaxed(msgspec.Struct, frozen=True):
    """A bound proven by duality in our own arithmetic, by how much each leaf and each crossing would raise it, and the relaxation's own answer (fractions)."""

    bound: float
    leaves: Floats
    crossings: Floats
    taken: Floats
    crossed: Floats

    def left(self, limit: float) -> tuple[Flags, Flags]:
        """The leaves and the crossings that can be part of an answer that costs less than ``limit``."""
        return self.leaves <= limit - self.bound, self.crossings <= limit - self.bound


class Programme:
    """A leaves (boxes) to choose from, G cuts of which only those that are ``open`` may be crossed; not for Linf."""

    def __init__(self, choices: Choices, cuts: Cuts, open_cuts: Flags) -> None:
        self._choices, self._a, self._g = choices, len(choices.tree), len(cuts.feature)
        self._up, cost = cuts.cost[0] == 0, np.max(cuts.cost, axis=0)
        self._open = open_cuts & np.isfinite(cost)
        self._order_cuts(cuts)
        step = np.where(self._open, cost, 0.0)[self._order]
        step[self._follows] -= step[np.flatnonzero(self._follows) - 1]
        self._cost = np.zeros(self._a + self._g)
        self._cost[self._a + self._order] = step
        self._rows, self._most = self._assembled(cuts)

    def _order_cuts(self, cuts: Cuts) -> None:
        """Cuts by way (a feature up or down) and distance; ``follows``: the one before is on the same way."""
        self._way = 2 * cuts.feature + self._up
        self._order = np.lexsort((np.where(self._up, 1, -1) * np.arange(self._g), self._way))
        self._place = np.argsort(self._order, kind="stable")
        self._follows = np.diff(self._way[self._order], prepend=-1) == 0

    def _assembled(self, cuts: Cuts) -> tuple[csr_matrix, Floats]:
        """The rows (matrix, right side) of all that must be at most something."""
        from scipy.sparse import csr_matrix

        rows, columns, values, most, count = [], [], [], [], 0
        for row, column, value, right in (*self._chains(), *self._leaf_rows(cuts), self._margin()):
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

    def _leaf_rows(self, cuts: Cuts) -> Iterator[tuple[Integers, Integers, Any, Floats]]:
        """Of each tree and each of its cuts: the leaves beyond take no more than is crossed, those before no more than is not."""
        leaf, cut, above = self._choices.ends
        beyond = above == self._up[cut]
        group = self._choices.tree[leaf] * (2 * int(np.max(cuts.feature, initial=0)) + 2) + self._way[cut]
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
        return csr_matrix(entries, shape=(self._choices.trees, self._a + self._g + 1))

    def relaxed(self, limit: float, seconds: float) -> Relaxed | None:
        """Solve the relaxation.

        None: HiGHS gives no answer within ``seconds`` (wall). Whatever multipliers HiGHS finds, the bound that follows from them (Lagrange) is computed here and
        true. So that it finds some where the goal is out of reach, missing it is allowed, at a price that brings the bound above ``limit``; the bound itself allows
        nothing. Where trees have no choice that fits together at all, the bound is infinite.
        """
        from scipy.optimize import linprog  # type: ignore[import-untyped]
        from scipy.sparse import csr_matrix, hstack

        missing = csr_matrix(([-1.0], ([self._rows.shape[0] - 1], [0])), shape=(self._rows.shape[0], 1))
        penalty = MISSING * min(limit, float(self._cost.sum())) / max(float(np.abs(self._choices.gain).sum()), 1e-300)
        top = np.append(np.ones(self._a), self._open)
        answer = linprog(
            np.append(self._cost, penalty), A_ub=hstack([self._rows, missing]), b_ub=self._most, A_eq=self._one_a_tree(), b_eq=np.ones(self._choices.trees),
            bounds=np.stack([np.zeros(len(top) + 1), np.append(top, np.inf)], axis=1), method="highs", options={"time_limit": max(0.05, seconds), "presolve": False},
        )  # fmt: skip
        if answer.status == 2:
            return Relaxed(np.inf, np.zeros(self._a), np.zeros(self._g), np.zeros(self._a), np.zeros(self._g))
        if answer.status != 0:
            return None
        price = np.maximum(-answer.ineqlin.marginals, 0.0)
        reduced = self._cost + self._rows.T @ price
        leaf, crossing = reduced[: self._a], np.where(self._open, reduced[self._a :], 0.0)
        least = np.minimum.reduceat(leaf, self._choices.starts)
        terms = np.concatenate([least, np.minimum(crossing, 0.0), -price * self._most])
        bound = float(np.sum(terms) - ROUNDING * np.sum(np.abs(terms)))
        crossing = np.where(self._open, crossing, np.inf)
        return Relaxed(bound, leaf - least[self._choices.tree], crossing, answer.x[: self._a], answer.x[self._a : -1])
