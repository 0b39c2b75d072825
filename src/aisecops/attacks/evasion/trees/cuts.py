"""Where to split: the thresholds among the leaves near a sample, and which leaves lie on either side of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.leaves import Leaves
from aisecops.attacks.evasion.trees.nearby import Nearby, as_cost
from aisecops.oracles.oracle import Flags, Floats, Integers

Packed = npt.NDArray[np.uint8]
"""Leaves allowed (one bit each)."""


class Cuts:
    """The G cuts near one sample, sorted by feature and value; a point is below a cut (``x <= cut``) or above it.

    Attributes
    ----------
    feature
        Which of ``nearby.features`` each cut is on, shape (G,); for Linf the feature's own number.
    cost
        What it costs the sample to be below and above each, shape (2, G), infinite where its box ends before.
    number, column, last_below
        Which of all cuts each is, its feature's own number, and the last value that is below, shape (G,).
    ends
        (leaf, cut, above): each place where one of the near leaves ends, and whether the leaf lies above the cut.
    """

    def __init__(self, leaves: Leaves, nearby: Nearby, sample: Floats, low: Floats, high: Floats) -> None:
        place = np.full(len(leaves.tree), -1)
        place[nearby.leaf] = np.arange(len(nearby.leaf))
        bound = np.flatnonzero((place[leaves.owner] >= 0) & ~np.isnan(sample)[leaves.feature])
        self._leaf = place[leaves.owner[bound]]
        cuts = np.unique(np.concatenate([leaves.above[bound], leaves.below[bound]]))
        cuts = cuts[cuts >= 0]
        self._above, self._below = (np.where(side >= 0, np.searchsorted(cuts, side), -1) for side in (leaves.above[bound], leaves.below[bound]))
        self._count, self._size, feature = len(cuts), len(nearby.leaf), leaves.cut_feature[cuts]
        self._start = np.searchsorted(feature, feature, side="left")
        self._end = np.searchsorted(feature, feature, side="right")
        self.feature = feature if nearby.norm is Norm.LINF else np.searchsorted(nearby.features, feature)
        cut, x = leaves.cut[cuts], sample[feature]
        self.number, self.column, self.last_below = cuts, feature, cut
        after = np.nextafter(cut, np.inf)
        below = np.where(cut < low[feature], np.inf, np.maximum(x - cut, 0.0))
        above = np.where(after > high[feature], np.inf, np.maximum(after - x, 0.0))
        self.cost = as_cost(nearby.norm, np.stack([below, above]))
        self._sides: dict[int, npt.NDArray[np.uint8]] = {}

    @property
    def ends(self) -> tuple[Integers, Integers, Flags]:
        """See the class."""
        lower, upper = self._above >= 0, self._below >= 0
        cut = np.concatenate([self._above[lower], self._below[upper]])
        return np.concatenate([self._leaf[lower], self._leaf[upper]]), cut, np.repeat([True, False], [lower.sum(), upper.sum()])

    def sides(self, cut: int) -> Packed:
        """The leaves that reach below and above a cut, shape (2, A/8)."""
        if cut not in self._sides:
            allowed = np.ones((2, self._size), dtype=np.bool_)
            allowed[0, self._leaf[(self._above >= cut) & (self._above < self._end[cut])]] = False
            allowed[1, self._leaf[(self._below <= cut) & (self._below >= self._start[cut])]] = False
            self._sides[cut] = np.packbits(allowed, axis=1)
        return self._sides[cut]

    def between(self, chosen: Integers) -> int:
        """The cut that most parts the ``chosen`` leaves (T,), many wholly below and many wholly above; -1: they share a point."""
        if not self._count:
            return -1
        ends, starts = self._numbers(self._flags(chosen))
        score = np.minimum(ends, starts) * (2 * self._size) + ends + starts
        cut = int(np.argmax(score))
        return cut if ends[cut] and starts[cut] else -1

    def dearest(self, chosen: Integers, spent: Floats) -> int:
        """The cut on which being where ``chosen`` leaves are costs most beyond what is ``spent`` (features,), times how many are there; -1: it costs nothing."""
        if not self._count:
            return -1
        more = np.maximum(self.cost - spent[self.feature], 0.0)
        more[np.isinf(more)] = 0.0
        score = more * np.stack(self._numbers(self._flags(chosen)))
        cut = int(np.argmax(np.max(score, axis=0)))
        return cut if np.max(score[:, cut]) > 0 else -1

    def apart(self, chosen: Integers, allowed: Flags) -> int:
        """A cut that some ``chosen`` leaf ends at and beyond which others are ``allowed``, of leaves that share a point; -1: no tree has a choice left."""
        if not self._count:
            return -1
        ends, starts = self._numbers(self._flags(chosen))
        other_ends, other_starts = self._numbers(allowed)
        cuts = np.flatnonzero((ends > 0) & (other_starts > 0) | (starts > 0) & (other_ends > 0))
        return int(cuts[0]) if len(cuts) else -1

    def _flags(self, chosen: Integers) -> Flags:
        flags = np.zeros(self._size, dtype=np.bool_)
        flags[chosen] = True
        return flags

    def _numbers(self, leaves: Flags) -> tuple[Integers, Integers]:
        """How many of ``leaves`` (A,) end at or below each cut, and how many start at or above it, shapes (G,)."""
        mine = leaves[self._leaf]
        ends = np.bincount(self._below[mine] + 1, minlength=self._count + 1)
        starts = np.bincount(self._above[mine] + 1, minlength=self._count + 1)
        ends[0] = starts[0] = 0
        ends, starts = np.cumsum(ends), np.cumsum(starts)
        return ends[1:] - ends[self._start], starts[self._end] - starts[:-1]
