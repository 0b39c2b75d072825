"""The leaves of an ensemble as boxes: which points reach each, which two can be reached by one point, how far each is from a sample.

A point reaches one leaf in each tree, so an evasion is a choice of leaves, one a tree, whose boxes share a point. By Helly's theorem for boxes they do as soon as
each two of them do: that is a table of pairs, made once a model.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.structure import TreeEnsemble

LARGEST_TABLE = 6000
"""Leaves up to which the table of pairs is made once for all samples (36 MB); of larger models each sample makes its own for the leaves near it."""


class Leaves:
    """L leaves in the order of their trees, with E bounds: leaf ``owner[e]`` holds x[feature[e]] between ``low[e]`` and ``high[e]``, both included.

    Attributes
    ----------
    tree, value
        Of each leaf, shapes (L,) and (L, k).
    owner, feature, low, high, missing
        Of each bound, sorted by leaf; every leaf has one at least. ``missing``: whether a missing value of this feature reaches the leaf, too.
    """

    def __init__(self, trees: TreeEnsemble) -> None:
        node = np.flatnonzero(trees.leaf)
        node = node[np.argsort(_tree_of(trees)[node], kind="stable")]
        rows = _bounds(trees, node)
        self.owner, self.feature = rows[0].astype(np.int64), rows[1].astype(np.int64)
        self.low, self.high, self.missing = rows[2], rows[3], rows[4] > 0
        possible = np.logical_and.reduceat((self.low <= self.high) | self.missing, self._starts())
        self._keep(possible)
        self.tree, self.value = _tree_of(trees)[node[possible]], trees.value[node[possible]]

    def _starts(self) -> Integers:
        return np.flatnonzero(np.diff(self.owner, prepend=-1))

    def _keep(self, possible: Flags) -> None:
        kept = possible[self.owner]
        number = np.cumsum(possible) - 1
        self.owner, self.feature = number[self.owner[kept]], self.feature[kept]
        self.low, self.high, self.missing = self.low[kept], self.high[kept], self.missing[kept]
        self.starts = self._starts()

    @cached_property
    def overlap(self) -> Flags | None:
        """Whether each two leaves share a point, shape (L, L); None for models with more than ``LARGEST_TABLE`` leaves."""
        return self.overlap_of(np.arange(len(self.tree))) if len(self.tree) <= LARGEST_TABLE else None

    def overlap_of(self, some: Integers) -> Flags:
        """The same for the leaves ``some``, shape (len(some), len(some))."""
        place = np.full(len(self.tree), -1)
        place[some] = np.arange(len(some))
        table: Flags = self.tree[some][:, None] != self.tree[some][None, :]
        np.fill_diagonal(table, True)
        present = np.flatnonzero(place[self.owner] >= 0)
        present = present[np.argsort(self.feature[present], kind="stable")]
        for group in np.split(present, np.flatnonzero(np.diff(self.feature[present])) + 1):
            leaf, low, high, missing = place[self.owner[group]], self.low[group], self.high[group], self.missing[group]
            apart = (low[:, None] > high[None, :]) | (low[None, :] > high[:, None])
            table[np.ix_(leaf, leaf)] &= ~apart | (missing[:, None] & missing[None, :])
        return table

    def distances(self, sample: Floats, low: Floats, high: Floats) -> tuple[Flags, Floats]:
        """How far ``sample`` must move along each bound's feature to reach its leaf within the box ``low`` to ``high`` (each (d,)).

        Returns
        -------
        reachable
            Of each leaf, shape (L,).
        distance
            Of each bound, shape (E,): 0 where the sample satisfies it. A missing value stays missing.
        """
        x = sample[self.feature]
        least, most = np.maximum(self.low, low[self.feature]), np.minimum(self.high, high[self.feature])
        absent = np.isnan(x)
        fine = np.where(absent, self.missing, least <= most)
        distance = np.where(absent, 0.0, np.maximum(np.maximum(least - x, x - most), 0.0))
        return np.logical_and.reduceat(fine, self.starts), distance


def _tree_of(trees: TreeEnsemble) -> Integers:
    """The tree of each node, shape (N,): nodes of a tree follow its root."""
    number = np.zeros(len(trees.left), dtype=np.int64)
    number[trees.roots[1:]] = 1
    return np.cumsum(number)


def _bounds(trees: TreeEnsemble, leaves: Integers) -> Floats:
    """Rows owner, feature, low, high, missing of all bounds, shape (5, E): from each leaf up to its root, the tightest of each feature."""
    parent, is_left = np.full(len(trees.left), -1), np.zeros(len(trees.left), dtype=np.bool_)
    inner = np.flatnonzero(~trees.leaf)
    parent[trees.left[inner]] = parent[trees.right[inner]] = inner
    is_left[trees.left[inner]] = True
    owner, node, parts = (
        np.arange(len(leaves)),
        leaves,
        [np.array([np.arange(len(leaves)), 0 * leaves, 0 * leaves - np.inf, 0 * leaves + np.inf, 0 * leaves + 1.0])],
    )
    while np.any(up := parent[node] >= 0):
        owner, node = owner[up], node[up]
        above, went_left = parent[node], is_left[node]
        threshold = trees.threshold[above]
        low = np.where(went_left, -np.inf, np.nextafter(threshold, np.inf))
        high = np.where(went_left, threshold, np.inf)
        parts.append(np.array([owner, trees.feature[above], low, high, trees.missing_left[above] == went_left]))
        node = above
    rows = np.concatenate(parts, axis=1)
    rows = rows[:, np.lexsort((rows[1], rows[0]))]
    first = np.flatnonzero(np.any(np.diff(rows[:2], axis=1, prepend=-1) != 0, axis=0))
    low, high = np.maximum.reduceat(rows[2], first), np.minimum.reduceat(rows[3], first)
    return np.concatenate([rows[:2, first], [low, high, np.minimum.reduceat(rows[4], first)]])
