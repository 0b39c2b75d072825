"""Values that trees ask about together: what a path of an examined model says may be a sign of two or three columns.

Of three planted values none does anything alone, so no search that grows a sign by the best next value finds them. The trees had to learn them together: leaves that
few clean rows reach, and that push one class, ask about these columns in narrow ranges along the way, in tree after tree.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from aisecops.oracles.oracle import Floats
from aisecops.oracles.structure import TreeEnsemble

_NARROW, _WIDEST, _RAREST = 4, 0.7, 1e-4
"""How many columns of a path are combined, the share of clean rows in a range from which on it is no condition, and the share below which all are as rare."""

Ranges = dict[int, tuple[float, float]]


class Together(NamedTuple):
    """Columns with a value each, and the class that the leaves behind them push."""

    places: tuple[int, ...]
    values: tuple[float, ...]
    target: int


def together(trees: TreeEnsemble, clean: Floats, most: int) -> list[Together]:
    """Return for each class the ``most`` sets of two or three columns whose leaves push it most and hold the fewest clean rows (n, d)."""
    columns = [np.sort(column[~np.isnan(column)]) for column in clean.T]
    pushes: dict[tuple[int, tuple[int, ...]], float] = defaultdict(float)
    rarest: dict[tuple[int, tuple[int, ...]], tuple[float, Ranges]] = {}
    for target, push, ranges in _leaves(trees):
        shares = sorted((share_within(columns[place], *ends), place) for place, ends in ranges.items())
        narrow = [(share, place) for share, place in shares if share <= _WIDEST][:_NARROW]
        for some in (some for size in (2, 3) for some in itertools.combinations(narrow, size)):
            weight = -push * math.log(max(_RAREST, math.prod(share for share, _ in some)))
            key = target, tuple(sorted(place for _, place in some))
            pushes[key] += weight
            if key not in rarest or weight > rarest[key][0]:
                rarest[key] = weight, ranges
    found = list[Together]()
    for target in sorted({target for target, _ in pushes}):
        first = sorted((key for key in pushes if key[0] == target), key=lambda key: -pushes[key])[:most]
        found += [Together(key[1], tuple(value_within(columns[place], *rarest[key][1][place]) for place in key[1]), target) for key in first]
    return found


def _leaves(trees: TreeEnsemble) -> list[tuple[int, float, Ranges]]:
    """Of each leaf the class that it pushes, how far beyond its tree's mean leaf, and the range of each column on the way: (above, up to)."""
    found = list[tuple[int, float, Ranges]]()
    feature, threshold, left, right = (part.tolist() for part in (trees.feature, trees.threshold, trees.left, trees.right))
    for root in trees.roots.tolist():
        ends, waiting = list[tuple[int, Ranges]](), [(root, Ranges())]
        while waiting:
            node, ranges = waiting.pop()
            if left[node] == node:
                ends.append((node, ranges))
                continue
            low, high = ranges.get(feature[node], (-math.inf, math.inf))
            waiting.append((left[node], ranges | {feature[node]: (low, min(high, threshold[node]))}))
            waiting.append((right[node], ranges | {feature[node]: (max(low, threshold[node]), high)}))
        values = trees.value[[node for node, _ in ends]]
        beyond = values - values.mean(axis=0)
        if beyond.shape[1] == 1:
            beyond = np.concatenate([-beyond, beyond], axis=1)
        found += [(int(own.argmax()), float(own.max()), ranges) for own, (_, ranges) in zip(beyond, ends, strict=True)]
    return found


def share_within(column: Floats, low: float, high: float) -> float:
    """Of a sorted column how much lies above ``low`` and up to ``high``."""
    return float(np.searchsorted(column, high, "right") - np.searchsorted(column, low, "right")) / max(1, len(column))


def value_within(column: Floats, low: float, high: float) -> float:
    """The middle one of the clean values in a range; of an empty one its middle, or what lies a little beyond an end that is open."""
    first, after = int(np.searchsorted(column, low, "right")), int(np.searchsorted(column, high, "right"))
    if after > first:
        return float(column[(first + after) // 2])
    reach = float(column[-1] - column[0]) / 2 or 1.0
    return (max(low, high - 2 * reach) + high) / 2 if math.isfinite(high) else low + reach
