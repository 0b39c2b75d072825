"""The leaves of an ensemble as boxes: which points reach each, and how far each is from a sample.

A point reaches one leaf in each tree, so an evasion is a choice of leaves, one a tree, whose boxes share a point. They do as soon as each two of them do (Helly's
theorem for boxes): as soon as on no feature one leaf ends before another starts.
"""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Flags, Floats, Integers
from aisecops.oracles.structure import TreeEnsemble


class Leaves:
    """L leaves in the order of their trees, with E bounds: leaf ``owner[e]`` holds x[feature[e]] between ``low[e]`` and ``high[e]``, both included.

    Attributes
    ----------
    tree, value
        Of each leaf, shapes (L,) and (L, k).
    owner, feature, low, high, missing
        Of each bound, sorted by leaf; every leaf has one at least. ``missing``: whether a missing value of this feature reaches the leaf, too.
    cut, cut_feature
        The thresholds of all trees, sorted by feature and value, shape (G,).
    above, below
        The number of the cut that each bound starts above and ends at, shape (E,); -1: it has no such end.
    """

    def __init__(self, trees: TreeEnsemble) -> None:
        node = np.flatnonzero(trees.leaf)
        node = node[np.argsort(_tree_of(trees)[node], kind="stable")]
        rows = _bounds(trees, node)
        self.owner, self.feature = rows[0].astype(np.int64), rows[1].astype(np.int64)
        self.low, self.high, self.missing = np.nextafter(rows[2], np.inf), rows[3], rows[4] > 0
        self.low[np.isneginf(rows[2])] = -np.inf
        self._number_cuts(rows[2])
        possible = np.logical_and.reduceat((self.low <= self.high) | self.missing, self._starts())
        self._keep(possible)
        self.tree, self.value = _tree_of(trees)[node[possible]], trees.value[node[possible]]

    def _starts(self) -> Integers:
        return np.flatnonzero(np.diff(self.owner, prepend=-1))

    def _number_cuts(self, after: Floats) -> None:
        """Number the thresholds; ``after`` (E,) are those that bounds start above."""
        feature, cut = np.concatenate([self.feature, self.feature]), np.concatenate([after, self.high])
        order = np.lexsort((cut, feature))
        order = order[np.isfinite(cut[order])]
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (np.diff(feature[order]) != 0) | (np.diff(cut[order]) != 0)
        number = np.full(len(cut), -1)
        number[order] = np.cumsum(new) - 1
        self.cut, self.cut_feature = cut[order[new]], feature[order[new]]
        self.above, self.below = np.split(number, 2)

    def _keep(self, possible: Flags) -> None:
        kept = possible[self.owner]
        number = np.cumsum(possible) - 1
        self.owner, self.feature = number[self.owner[kept]], self.feature[kept]
        self.low, self.high, self.missing = self.low[kept], self.high[kept], self.missing[kept]
        self.above, self.below = self.above[kept], self.below[kept]
        self.starts = self._starts()

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
    """Rows owner, feature, last value before, last value, missing of all bounds, shape (5, E): from each leaf up to its root, the tightest of each feature."""
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
        low = np.where(went_left, -np.inf, threshold)
        high = np.where(went_left, threshold, np.inf)
        parts.append(np.array([owner, trees.feature[above], low, high, trees.missing_left[above] == went_left]))
        node = above
    rows = np.concatenate(parts, axis=1)
    rows = rows[:, np.lexsort((rows[1], rows[0]))]
    first = np.flatnonzero(np.any(np.diff(rows[:2], axis=1, prepend=-1) != 0, axis=0))
    low, high = np.maximum.reduceat(rows[2], first), np.minimum.reduceat(rows[3], first)
    return np.concatenate([rows[:2, first], [low, high, np.minimum.reduceat(rows[4], first)]])
