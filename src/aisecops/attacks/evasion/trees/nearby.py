"""One sample against one rival class: the leaves within a radius, and how far at least any choice among some of them must go.

The margin of the label over its rival is a sum of leaves, one a tree. Within a radius each tree can do no better than its best leaf within it; as the radius
grows, a tree's best falls from leaf to leaf. The smallest radius at which the sum of these minima falls to the goal is a lower bound for every norm, of the whole
problem and of any part of it in which some leaves are ruled out. All of it is one sorted running minimum and one running sum.
"""

from __future__ import annotations

import math

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.leaves import Leaves
from aisecops.oracles.oracle import Flags, Floats, Integers


class Nearby:
    """The A leaves within a radius of trees that can change the margin, T trees, in the order of trees and within a tree of distance.

    Distances are *costs* here: of L2 the squares, of L1 and Linf themselves, so that costs of features add up (or their maximum is taken).

    Attributes
    ----------
    leaf
        Which of all leaves, shape (A,).
    tree, starts
        The tree of each, counted here, shape (A,); where each tree's leaves start, shape (T,).
    gain
        What each adds to the margin of the label over the rival, shape (A,).
    goal
        The margin at which the label may change, less what the other trees add.
    cost
        The cost of reaching each leaf from the sample, shape (A,).
    """

    def __init__(self, leaves: Leaves, near: Flags, moves: Floats, gain: Floats, goal: float, norm: Norm) -> None:
        """``near`` (L,): the leaves within the radius; ``moves`` (E,): the cost of each bound; ``gain`` (L,); ``goal``: for the sum of all trees."""
        cost = total(norm, moves, leaves.starts)
        leaf = np.flatnonzero(near)
        leaf = leaf[np.lexsort((cost[leaf], leaves.tree[leaf]))]
        first = np.flatnonzero(np.diff(leaves.tree[leaf], prepend=-1))
        least, most = np.minimum.reduceat(gain[leaf], first), np.maximum.reduceat(gain[leaf], first)
        matters = least < most
        size = np.diff(np.append(first, len(leaf)))
        self.goal = goal - math.fsum(least[~matters])
        self.leaf = leaf[np.repeat(matters, size)]
        self.starts = np.cumsum(np.append(0, size[matters]))[:-1]
        self.ends = np.append(self.starts[1:], len(self.leaf))
        self.tree = np.repeat(np.arange(len(self.starts)), size[matters])
        self.gain, self.cost, self.norm, self._leaves = gain[self.leaf], cost[self.leaf], norm, leaves
        self._number_ranks()
        if norm is Norm.LINF:
            self._by_cost = np.argsort(self.cost, kind="stable")
            self._position = np.argsort(self._by_cost, kind="stable")
        else:
            self._index_moves(moves)

    @property
    def trees(self) -> int:
        """How many trees matter."""
        return len(self.starts)

    def _number_ranks(self) -> None:
        """Leaves by gain as integers, offset so that each tree's lie below all of the tree before: one running minimum then starts afresh at each tree.

        Integers, because sums and offsets in floats would lose the last digits, which decide ties.
        """
        size = len(self.leaf)
        self._of_rank = np.lexsort((self.cost, self.gain))
        rank = np.argsort(self._of_rank, kind="stable")
        self._offset = (self.trees - 1 - self.tree) * (size + 1)
        self._key, self._none = self._offset + rank, self._offset + size
        self._gain_of_rank = np.append(self.gain[self._of_rank], 0.0)
        self._goes_on = np.ones(size)
        self._goes_on[self.starts] = 0.0

    def _index_moves(self, moves: Floats) -> None:
        """Keep, leaf after leaf, the bounds that the sample violates, with the features of all bounds numbered from 0."""
        owner, place = self._leaves.owner, self._place()
        self.features = np.unique(self._leaves.feature[place[owner] >= 0])
        violated = np.flatnonzero((moves > 0) & (place[owner] >= 0))
        violated = violated[np.argsort(place[owner[violated]], kind="stable")]
        self._move_feature = np.searchsorted(self.features, self._leaves.feature[violated])
        self._move = moves[violated]
        self._move_leaf = place[owner[violated]]
        self._move_starts = np.flatnonzero(np.diff(self._move_leaf, prepend=-1))
        self._moved_leaves = self._move_leaf[self._move_starts]

    def _place(self) -> Integers:
        place = np.full(len(self._leaves.tree), -1)
        place[self.leaf] = np.arange(len(self.leaf))
        return place

    def bound(self, allowed: Flags, spent: Floats) -> Floats:
        """The least cost at which the best allowed leaves of all trees add up to the goal, infinite where they never do, shape (C,).

        Parameters
        ----------
        allowed
            The leaves not ruled out, of each of C parts of the problem, shape (C, A).
        spent
            What each part costs already, feature by feature, shape (C, features); not read for Linf.
        """
        if self.norm is Norm.LINF:
            falls = self._falls(np.where(allowed, self._key, self._none))[:, self._by_cost]
            found, at = self._first(falls, np.where(allowed, self._position, len(self.leaf)))
            return np.where(found, self.cost[self._by_cost[at]], np.inf)
        cost, row = self.costs(spent), np.arange(len(spent))
        by_cost = np.argsort(cost, axis=1)
        by_tree = np.take_along_axis(by_cost, np.argsort(self.tree.astype(np.int16)[by_cost], axis=1, kind="stable"), axis=1)
        position = np.empty_like(by_cost)
        np.put_along_axis(position, by_cost, np.arange(len(self.leaf))[None, :], axis=1)
        position, allowed = np.take_along_axis(position, by_tree, axis=1), np.take_along_axis(allowed, by_tree, axis=1)
        falls = np.empty(allowed.shape)
        np.put_along_axis(falls, position, self._falls(np.where(allowed, self._key[by_tree], self._none)), axis=1)
        found, at = self._first(falls, np.where(allowed, position, len(self.leaf)))
        return np.where(found, cost[row, by_cost[row, at]], np.inf)

    def _falls(self, key: Integers) -> Floats:
        """By how much each leaf, in the order of trees and costs, lowers its tree's best; the first of a tree brings its gain."""
        np.minimum.accumulate(key, axis=1, out=key)
        best = self._gain_of_rank[key - self._offset]
        falls: Floats = best.copy()
        falls[:, 1:] -= best[:, :-1] * self._goes_on[1:]
        return falls

    def _first(self, falls: Floats, position: Integers) -> tuple[Flags, Integers]:
        """Where the running sum of ``falls`` (in order of cost) first is at the goal with a leaf of every tree, whose ``position`` is by trees."""
        covered = np.max(np.minimum.reduceat(position, self.starts, axis=1), axis=1)
        reached = np.cumsum(falls, axis=1) <= self.goal
        reached &= np.arange(len(self.leaf)) >= covered[:, None]
        at = np.argmax(reached, axis=1)
        return reached[np.arange(len(at)), at], at

    def costs(self, spent: Floats) -> Floats:
        """The cost of each leaf for each part, on top of what it has ``spent``, shape (C, A)."""
        if self.norm is Norm.LINF:
            return np.broadcast_to(self.cost, (len(spent), len(self.leaf)))
        more = np.maximum(self._move - spent[:, self._move_feature], 0.0)
        cost = np.zeros((len(spent), len(self.leaf)))
        if len(self._move):
            cost[:, self._moved_leaves] = np.add.reduceat(more, self._move_starts, axis=1)
        return np.asarray(cost + np.sum(spent, axis=1, keepdims=True))

    def spent_by(self, chosen: Integers) -> Floats:
        """What the nearest point that reaches all of ``chosen`` leaves costs, feature by feature, shape (features,); not for Linf."""
        mine = np.zeros(len(self.leaf), dtype=np.bool_)
        mine[chosen] = True
        mine = mine[self._move_leaf]
        spent = np.zeros(len(self.features))
        np.maximum.at(spent, self._move_feature[mine], self._move[mine])
        return spent

    def best(self, allowed: Flags, cost: Floats, radius: float) -> Integers:
        """The best allowed leaf of each tree within ``radius`` (a cost), shape (T,); all of ``allowed`` and ``cost`` have shape (A,)."""
        key = np.where(allowed & (cost <= radius), self._key, self._none)
        rank = np.minimum.reduceat(key, self.starts) - self._offset[self.starts]
        return np.where(rank < len(self.leaf), self._of_rank[np.minimum(rank, len(self.leaf) - 1)], -1)


def total(norm: Norm, moves: Floats, starts: Integers) -> Floats:
    """The costs of leaves (or boxes) of which ``moves`` are the costs of single features: their maximum for Linf, else their sum."""
    return (np.maximum if norm is Norm.LINF else np.add).reduceat(moves, starts)


def as_cost(norm: Norm, distance: Floats) -> Floats:
    """Of a distance along one feature, or in all: the cost."""
    return distance * distance if norm is Norm.L2 else distance
