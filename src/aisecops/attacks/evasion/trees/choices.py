"""What is left to choose from: of each tree, or of several trees taken as one, the boxes that an evasion within the radius can lie in.

Two trees become one by pairing their leaves: pairs of boxes without a common point, or too far from the sample, fall away, and the others are narrower (Chen et
al. 2019 merge cliques of leaves so). A programme over merged trees is tighter, for it cannot take half of a leaf here and half of one there that exclude each other.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.search import Problem
from aisecops.oracles.oracle import Flags, Floats, Integers

CLASH = 1e-6
"""Of two trees: how much the boxes taken exclude each other, from which on merging them tells something."""
LARGEST = 400


class Choices(msgspec.Struct, frozen=True):
    """A boxes, each of one of T (merged) trees, in the order of trees.

    Attributes
    ----------
    tree
        Of each box, shape (A,).
    gain
        What it adds to the margin of the label over the rival, shape (A,); ``goal``: the margin at which the label may change.
    above, below
        The cuts that each box lies above and below of, feature by feature, shape (A, F); -1 and the number of cuts: it has no such end.
    cost
        What it costs to be above and below each cut, shape (2, G + 1); 0 where there is no end.
    """

    tree: Integers
    gain: Floats
    goal: float
    above: Integers
    below: Integers
    cost: Floats

    @property
    def starts(self) -> Integers:
        """Where each tree's boxes start, shape (T,)."""
        return np.flatnonzero(np.diff(self.tree, prepend=-1))

    @property
    def trees(self) -> int:
        """T."""
        return len(self.starts)

    @property
    def ends(self) -> tuple[Integers, Integers, Flags]:
        """(box, cut, above): each place where a box ends, and whether the box lies above the cut."""
        none = self.cost.shape[1] - 1
        over, under = np.nonzero(self.above >= 0), np.nonzero(self.below < none)
        box, cut = np.concatenate([over[0], under[0]]), np.concatenate([self.above[over], self.below[under]])
        return box, cut, np.repeat([True, False], [len(over[0]), len(under[0])])

    def distances(self) -> Floats:
        """What each box costs to reach, shape (A,)."""
        return _distances(self.cost, self.above, self.below)

    def within(self, boxes: Flags) -> Choices | None:
        """Only some ``boxes`` (A,); None if a tree has none left: there is nothing to choose."""
        if len(np.unique(self.tree[boxes])) < self.trees:
            return None
        tree = np.cumsum(np.diff(self.tree[boxes], prepend=-1) != 0) - 1
        return msgspec.structs.replace(self, tree=tree, gain=self.gain[boxes], above=self.above[boxes], below=self.below[boxes])

    def beside(self, cut: int, feature: int, *, above: bool, limit: float) -> Choices | None:
        """The parts of the boxes above (below) a cut, as far as they cost no more than ``limit``; None: there is nothing to choose."""
        column, ends = self.above[:, feature] if above else self.below[:, feature], (self.above if above else self.below).copy()
        ends[:, feature] = np.maximum(column, cut) if above else np.minimum(column, cut)
        parts = msgspec.structs.replace(self, above=ends) if above else msgspec.structs.replace(self, below=ends)
        return parts.within((parts.above[:, feature] < parts.below[:, feature]) & (parts.distances() <= limit))

    def merged(self, pairs: list[tuple[int, int]], limit: float) -> Choices | None:
        """With each of the ``pairs`` of trees as one; boxes that cost more than ``limit`` left out. None: there is nothing to choose."""
        ends = np.append(self.starts[1:], len(self.tree))
        rows = [np.arange(start, end) for start, end in zip(self.starts, ends, strict=True)]
        alone = np.setdiff1d(np.arange(self.trees), np.array(pairs, dtype=np.int64).ravel())
        one, two = [np.concatenate([np.arange(0)] + [rows[t] for t in alone])] * 2
        parts = [(one, two)]
        for a, b in pairs:
            parts.append((np.repeat(rows[a], len(rows[b])), np.tile(rows[b], len(rows[a]))))
        one, two = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        sizes = np.append(np.diff(np.append(self.starts, len(self.tree)))[alone], [len(part[0]) for part in parts[1:]]).astype(np.int64)
        above, below = np.maximum(self.above[one], self.above[two]), np.minimum(self.below[one], self.below[two])
        fits = (above < below).all(axis=1) & (_distances(self.cost, above, below) <= limit)
        whole = msgspec.structs.replace(
            self, tree=np.repeat(np.arange(len(sizes)), sizes), gain=np.where(one == two, self.gain[one], self.gain[one] + self.gain[two]), above=above, below=below
        )  # fmt: skip
        return whole.within(fits)


def choices_of(problem: Problem) -> Choices:
    """The leaves of a problem, tree by tree."""
    nearby, cuts = problem.nearby, problem.cuts
    count = len(cuts.feature)
    shape = (len(nearby.leaf), int(np.max(cuts.feature, initial=-1)) + 1)
    above, below = np.full(shape, -1), np.full(shape, count)
    leaf, cut, over = cuts.ends
    np.maximum.at(above, (leaf[over], cuts.feature[cut[over]]), cut[over])
    np.minimum.at(below, (leaf[~over], cuts.feature[cut[~over]]), cut[~over])
    return Choices(nearby.tree, nearby.gain, nearby.goal, above, below, np.concatenate([cuts.cost[::-1], np.zeros((2, 1))], axis=1))


def clashing(choices: Choices, taken: Floats, most: int) -> list[tuple[int, int]]:
    """Pairs of trees that a relaxation has take boxes without a common point, those that do so most first, each tree once.

    Parameters
    ----------
    taken
        How much of each box it takes, shape (A,).
    most
        Boxes after merging, at most, as long as half of all pairs of boxes fall away.
    """
    active = np.flatnonzero(taken > 1e-6)
    above, below, tree, share = choices.above[active], choices.below[active], choices.tree[active], taken[active]
    apart = np.zeros((len(active), len(active)), dtype=np.bool_)
    for feature in range(above.shape[1]):
        apart |= above[:, feature, None] >= below[None, :, feature]
    clash = np.zeros((choices.trees, choices.trees))
    np.add.at(clash, (tree[:, None], tree[None, :]), (apart | apart.T) * share[:, None] * share[None, :])
    one, two = np.nonzero(np.triu(clash, 1) > CLASH)
    size, pairs = np.bincount(choices.tree).astype(np.float64), list[tuple[int, int]]()
    left, room = np.ones(choices.trees, dtype=np.bool_), most - len(choices.tree)
    for number in np.argsort(-clash[one, two], kind="stable"):
        a, b = int(one[number]), int(two[number])
        more = size[a] * size[b] / 2 - size[a] - size[b]
        if left[a] and left[b] and size[a] * size[b] <= LARGEST and more <= room:
            left[a] = left[b] = False
            room -= max(0.0, more)
            pairs.append((a, b))
    return pairs


def _distances(cost: Floats, above: Integers, below: Integers) -> Floats:
    return np.asarray(np.maximum(cost[0, above], cost[1, below]).sum(axis=1))
