"""What there is to choose from: of each tree the leaves that an evasion within the radius can lie in, and what is left of them in a part of the space."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.search import Problem
from aisecops.oracles.oracle import Flags, Floats, Integers


class Ends(NamedTuple):
    """Each place where a leaf ends: leaf, cut, and whether the leaf lies beyond the cut, as seen from the sample."""

    leaf: Integers
    cut: Integers
    beyond: Flags


class Space(msgspec.Struct, frozen=True):
    """A part of the space: the leaves (A,) that reach into it, the cuts (G,) that all of it is beyond, and those that some of it may be beyond."""

    leaves: Flags
    crossed: Flags
    open: Flags


class Choices:
    """A leaves, each of one of T trees, in the order of trees, between G cuts; not for Linf.

    Attributes
    ----------
    tree, starts
        Of each leaf, shape (A,); where each tree's leaves start, shape (T,).
    gain, goal
        What each leaf adds to the margin of the label over the rival, shape (A,); the margin at which the label may change.
    ends
        Where leaves end.
    feature, up, reach
        Of each cut its feature, whether the sample is below it, and the cost of crossing it (infinite where the sample's box ends before), shape (G,).
    """

    def __init__(self, problem: Problem) -> None:
        nearby, cuts = problem.nearby, problem.cuts
        self.tree, self.starts, self.gain, self.goal = nearby.tree, nearby.starts, nearby.gain, nearby.goal
        self.feature, self.up, self.reach = cuts.feature, cuts.cost[0] == 0, np.max(cuts.cost, axis=0)
        leaf, cut, above = cuts.ends
        self.ends = Ends(leaf, cut, above == self.up[cut])
        self._way, self._number = 2 * self.feature + self.up, np.arange(len(self.feature))
        self._features = int(np.max(self.feature, initial=-1)) + 1
        self._base = self._costs(cuts)

    @property
    def whole(self) -> Space:
        """The space within the radius."""
        return Space(np.ones(len(self.tree), dtype=np.bool_), np.zeros(len(self.up), dtype=np.bool_), np.isfinite(self.reach))

    @property
    def farthest(self) -> float:
        """What crossing all cuts costs, both ways: no point within the box costs more."""
        return max(float(self.reach[np.isfinite(self.reach)].sum()), 1e-300)

    def spent(self, space: Space) -> Floats:
        """What it costs to get there, feature by feature, shape (F,)."""
        cost = np.zeros(self._features)
        np.maximum.at(cost, self.feature[space.crossed], self.reach[space.crossed])
        return cost

    def beside(self, space: Space, cut: int, *, crossed: bool) -> Space:
        """What is beyond a cut, or before it. Who crosses it crosses those before it, and none on the feature's other way."""
        same = self._way == self._way[cut]
        behind = self._number >= cut if self.up[cut] else self._number <= cut
        if not crossed:
            return msgspec.structs.replace(space, open=space.open & ~(same & behind))
        before = same & (~behind | (self._number == cut))
        other = (self.feature == self.feature[cut]) & ~same
        return msgspec.structs.replace(space, crossed=space.crossed | before, open=space.open & ~other)

    def settled(self, space: Space, limit: float) -> Space | None:
        """Without what costs more than ``limit`` or is on the wrong side of a cut; None: there is nothing to choose."""
        spent = self.spent(space)
        room = limit - spent.sum()
        if room < 0 or np.any(space.crossed & ~space.open):
            return None
        usable = space.crossed | (space.open & (self.reach - spent[self.feature] <= room))
        leaves, ends = space.leaves & (np.maximum(self._base, spent).sum(axis=1) <= limit), self.ends
        leaves[ends.leaf[np.where(ends.beyond, ~usable[ends.cut], space.crossed[ends.cut])]] = False
        if not np.all(np.logical_or.reduceat(leaves, self.starts)):
            return None
        return Space(leaves, space.crossed, usable)

    def _costs(self, cuts: Cuts) -> Floats:
        """What each leaf costs to reach, feature by feature, shape (A, F)."""
        cost = np.zeros((len(self.tree), self._features))
        ends = self.ends
        leaf, cut = ends.leaf[ends.beyond], ends.cut[ends.beyond]
        np.maximum.at(cost, (leaf, cuts.feature[cut]), self.reach[cut])
        return cost
