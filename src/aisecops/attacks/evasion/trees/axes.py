"""The margin of the label over a rival at all steps of one column from a point, in one pass over the leaves.

Moving one column reaches leaves that nothing but this column keeps the point out of, and leaves those whose end it passes. So the margin along each axis is a sum
of steps between cuts, at the cost of asking about one point.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.trees.cuts import Cuts
from aisecops.attacks.evasion.trees.leaves import Leaves
from aisecops.attacks.evasion.trees.margins import Rival
from aisecops.oracles.oracle import Flags, Floats, Integers


class Axes:
    """One rival, and the steps that a sample can take: just beyond each of ``cuts``, away from it, or a column back to where it was."""

    def __init__(self, leaves: Leaves, rival: Rival, cuts: Cuts, sample: Floats) -> None:
        self._leaves, self._rival, self._sample = leaves, rival, sample
        features = np.arange(len(sample))
        first = np.searchsorted(leaves.cut_feature, features) + features  # cells: one more than cuts on each axis
        last = np.searchsorted(leaves.cut_feature, features, side="right") + features
        self._first, self._last = (
            np.where(end >= 0, end + leaves.feature + shift, edge[leaves.feature])
            for end, shift, edge in ((leaves.above, 1, first), (leaves.below, 0, last))
        )
        self._cells = len(leaves.cut) + len(sample)
        up = cuts.cost[0] == 0
        fine = np.isfinite(np.max(cuts.cost, axis=0))
        home = first + np.array([np.searchsorted(leaves.cut[first[f] - f : last[f] - f], sample[f]) for f in features])
        self.column = np.append(cuts.column[fine], features)
        self.value = np.append(np.where(up, np.nextafter(cuts.last_below, np.inf), cuts.last_below)[fine], sample)
        self._cell = np.append((cuts.number + cuts.column + up)[fine], home)

    def excess(self, point: Floats) -> Floats:
        """The margin above the goal after each step (column, value) from ``point`` (d,), shape (S,): where it is not above 0 the point evades, as far as sums say."""
        leaves, gain = self._leaves, self._rival.gain
        outside, kept_out = self._outside(point)
        change = self._stairs(np.flatnonzero(outside & (kept_out[leaves.owner] == 1)), gain) - self._gone(
            np.flatnonzero(kept_out[leaves.owner] == 0), gain
        )
        return np.asarray(float(np.sum(gain[kept_out == 0])) + change[self._cell] - self._rival.goal)

    def here(self, point: Floats) -> float:
        """The margin above the goal at ``point`` itself."""
        return float(np.sum(self._rival.gain[self._outside(point)[1] == 0]) - self._rival.goal)

    def _outside(self, point: Floats) -> tuple[Flags, Integers]:
        """Whether ``point`` is outside of each bound, and how many bounds keep it out of each leaf."""
        leaves, x = self._leaves, point[self._leaves.feature]
        outside = (x < leaves.low) | (x > leaves.high)
        if np.any(np.isnan(point)):
            outside = np.where(np.isnan(x), ~leaves.missing, outside)
        return outside, np.add.reduceat(outside, leaves.starts, dtype=np.int64)

    def _stairs(self, bounds: Integers, gain: Floats) -> Floats:
        """The sum of the gains of the leaves of ``bounds`` that hold each cell, shape (cells,)."""
        gains = gain[self._leaves.owner[bounds]]
        size = self._cells + 1
        return np.cumsum(np.bincount(self._first[bounds], gains, size) - np.bincount(self._last[bounds] + 1, gains, size))[:-1]

    def _gone(self, bounds: Integers, gain: Floats) -> Floats:
        """The sum of the gains of the leaves of ``bounds`` that do not hold each cell of their bound's axis."""
        gains = gain[self._leaves.owner[bounds]]
        whole = np.bincount(self._leaves.feature[bounds], gains, len(self._sample))
        size = np.bincount(self._leaves.cut_feature, minlength=len(self._sample)) + 1
        return np.repeat(whole, size) - self._stairs(bounds, gain)
