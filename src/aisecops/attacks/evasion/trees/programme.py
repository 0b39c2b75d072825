"""The nearest evasion within a radius as a mixed-integer linear programme (Kantchelian et al.), for norms whose costs add up over features.

Of each cut near the sample a variable says whether the point lies beyond it (``crossed``, integer), of each leaf how much of it is taken (``taken``, continuous):

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

from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.nearby import Nearby
from aisecops.oracles.oracle import Flags, Floats, Integers

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

ROUNDING = 1e-12
"""Of the sums of a bound, relative to the sizes of their terms: more than all additions can have lost."""
TOLERANCE = 1e-6
"""By how much HiGHS lets a row or an integer be off."""


class Relaxed(msgspec.Struct, frozen=True):
    """A bound proven by duality in our own arithmetic, which cuts may still be on either side, the leaves left, and the relaxation's own answer (fractions)."""

    bound: float
    leaves: Flags
    open: Flags
    crossed: Floats


class Programme:
    """A leaves and G cuts of ``nearby``; not for Linf."""

    def __init__(self, nearby: Nearby, cuts: Cuts) -> None:
        self._nearby, self._a, self._g = nearby, len(nearby.leaf), len(cuts.feature)
        self._up, cost = cuts.cost[0] == 0, np.max(cuts.cost, axis=0)
        self._open = np.isfinite(cost)
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
        leaf, cut, above = cuts.ends
        beyond = above == self._up[cut]
        group = self._nearby.tree[leaf] * (2 * int(np.max(cuts.feature, initial=0)) + 2) + self._way[cut]
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
        return np.zeros(self._a, dtype=np.int64), np.arange(self._a), self._nearby.gain, np.array([self._nearby.goal])

    def _one_a_tree(self, leaves: Integers) -> csr_matrix:
        from scipy.sparse import csr_matrix

        entries = (np.ones(len(leaves)), (self._nearby.tree[leaves], np.arange(len(leaves))))
        return csr_matrix(entries, shape=(self._nearby.trees, len(leaves) + self._g))

    def relaxed(self, limit: float, seconds: float) -> Relaxed | None:
        """Solve the relaxation; drop what cannot be part of any answer that costs less than ``limit``.

        None: it has no answer, or HiGHS gives none within ``seconds`` (wall). Whatever multipliers HiGHS finds, the bound that follows from them (Lagrange) is
        computed here and true.
        """
        from scipy.optimize import linprog  # type: ignore[import-untyped]

        top = np.append(np.ones(self._a), self._open)
        answer = linprog(
            self._cost, A_ub=self._rows, b_ub=self._most, A_eq=self._one_a_tree(np.arange(self._a)), b_eq=np.ones(self._nearby.trees),
            bounds=np.stack([np.zeros(len(top)), top], axis=1), method="highs", options={"time_limit": max(0.05, seconds)},
        )  # fmt: skip
        if answer.status != 0:
            return None
        price = np.maximum(-answer.ineqlin.marginals, 0.0)
        reduced = self._cost + self._rows.T @ price
        leaf, crossing = reduced[: self._a], np.where(self._open, reduced[self._a :], 0.0)
        least = np.minimum.reduceat(leaf, self._nearby.starts)
        terms = np.concatenate([least, np.minimum(crossing, 0.0), -price * self._most])
        bound = float(np.sum(terms) - ROUNDING * np.sum(np.abs(terms)))
        return Relaxed(bound, leaf - least[self._nearby.tree] <= limit - bound, self._open & (crossing <= limit - bound), answer.x[self._a :])

    def solved(self, relaxed: Relaxed, shift: float, seconds: float) -> tuple[Floats | None, float]:
        """Let HiGHS branch and cut for ``seconds`` (wall): the best crossings found (None: none) and its lower bound for the cost.

        The goal is moved by ``shift``: up by more than HiGHS's tolerance for a bound that holds, down for evasions that are no mere ties.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        leaves = np.flatnonzero(relaxed.leaves)
        kept = np.append(leaves, self._a + np.arange(self._g))
        most = self._most.copy()
        most[-1] += shift
        answer = milp(
            self._cost[kept],
            constraints=[LinearConstraint(self._rows[:, kept], -np.inf, most), LinearConstraint(self._one_a_tree(leaves), 1.0, 1.0)],
            integrality=np.append(np.zeros(len(leaves)), np.ones(self._g)),
            bounds=Bounds(0.0, np.append(np.ones(len(leaves)), relaxed.open)),
            options={"time_limit": max(0.05, seconds)},
        )
        infeasible = answer.status == 2
        bound = np.inf if infeasible else -np.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound)
        return (None if answer.x is None else answer.x[len(leaves) :]), bound * (1.0 - TOLERANCE) if bound > 0 else bound
