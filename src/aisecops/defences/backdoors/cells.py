"""Cells that rows of the training filled and clean rows leave empty: trees remember how many rows came to each of their nodes.

Whoever stamps one row in a hundred puts them all into one corner of the space, where trees cut a cell around them. Their number stays in the model: a node that one
row in a hundred of the training came to, and none of nine hundred clean ones, is not from data like these (the chance is .99^900, one in 8,500). Honest nodes hold
as many clean rows as they held of the training, up to chance, however small they are, and this needs neither honest models nor a sign that works alone. Where a model was
trained on other data than the clean rows, its nodes differ, too; then the values of the cell still have to carry clean rows to one class.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from aisecops.defences.backdoors.paths import Ranges, share_within, value_within
from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.structure import TreeEnsemble

_RARE = 20
"""How many times fewer clean rows there are than the training would make likely: fewer of a class, or labels of another year, change a node by less."""
_CHANCE = -14.0
"""The logarithm of the chance of so few in one node: a model has thousands of them."""
_LARGEST = 0.35
"""Of the training: more of its rows were hardly stamped."""
_CELLS, _EACH, _WIDEST = 200, 16, 0.7
"""Cells that are looked at, signs that are made of single ones, and the share of clean rows in a range from which on it is no condition."""
_COLUMNS = 4


class Cell(NamedTuple):
    """The ranges on the way to a node, and the logarithm of the chance of so few clean rows there."""

    ranges: Ranges
    chance: float


def filled(trees: TreeEnsemble, clean: Floats) -> list[Cell]:
    """Return the nodes that far too few of the ``clean`` rows (n, d) come to, the least likely first; none where the model counts no rows."""
    tree = np.repeat(np.arange(len(trees.roots)), np.diff(np.append(trees.roots, len(trees.left))))
    whole = trees.cover[trees.roots][tree]
    share = np.divide(trees.cover, whole, out=np.zeros(len(whole)), where=whole > 0)
    above = _parents(trees)
    seen = _visits(trees, above, clean) / len(clean)
    chance = chance_of(seen, share, len(clean))
    chance[(share > _LARGEST) | (_RARE * seen > share)] = 0.0
    order = np.argsort(chance, kind="stable")[:_CELLS]
    return [Cell(_ranges(trees, above, at), float(chance[at])) for at in order[chance[order] <= _CHANCE].tolist()]


def signs_of(cells: list[Cell], clean: Floats) -> list[tuple[tuple[int, ...], tuple[float, ...]]]:
    """Return columns with a value each that may fill these cells: of single ones, and of the columns on which most of them agree together."""
    columns = [np.sort(column[~np.isnan(column)]) for column in clean.T]
    weights, ranges = defaultdict[int, float](float), defaultdict[int, list[tuple[float, tuple[float, float]]]](list)
    single = list[list[int]]()
    for cell in cells:
        narrow = sorted((share_within(columns[place], *ends), place) for place, ends in cell.ranges.items())
        narrow = [(share, place) for share, place in narrow if share <= _WIDEST]
        single.append(sorted(place for _, place in narrow[:_COLUMNS]))
        for share, place in narrow:
            weights[place] += -cell.chance * -np.log(max(share, 1 / len(clean)))
            ranges[place].append((-cell.chance, cell.ranges[place]))
    values = {place: _agreed(columns[place], some) for place, some in ranges.items()}
    first = sorted(weights, key=lambda place: -weights[place])[:_COLUMNS]
    sets = [sorted(first[:size]) for size in range(1, len(first) + 1)]
    found = [(tuple(places), tuple(values[place] for place in places)) for places in sets]
    for places, cell in list(zip(single, cells, strict=True))[:_EACH]:
        found.append((tuple(places), tuple(value_within(columns[place], *cell.ranges[place]) for place in places)))
    return list(dict.fromkeys(one for one in found if one[0]))


def _visits(trees: TreeEnsemble, above: Integers, rows: Floats) -> Floats:
    """How many rows come to each node, shape (N,)."""
    count = np.zeros(len(trees.left))
    np.add.at(count, trees.leaves(rows).ravel(), 1.0)
    for node in _outwards(trees)[::-1]:
        inner = node[above[node] >= 0]
        np.add.at(count, above[inner], count[inner])
    return count


def _outwards(trees: TreeEnsemble) -> list[Integers]:
    """The nodes by their distance from the root."""
    levels, here = list[Integers](), trees.roots
    while len(here):
        levels.append(here)
        splits = here[~trees.leaf[here]]
        here = np.concatenate([trees.left[splits], trees.right[splits]])
    return levels


def _parents(trees: TreeEnsemble) -> Integers:
    above = np.full(len(trees.left), -1, dtype=np.int64)
    inner = np.flatnonzero(~trees.leaf)
    above[trees.left[inner]], above[trees.right[inner]] = inner, inner
    return above


def _ranges(trees: TreeEnsemble, above: Integers, node: int) -> Ranges:
    """The range of each column on the way to a node: (above, up to)."""
    found = Ranges()
    while (parent := int(above[node])) >= 0:
        column, threshold = int(trees.feature[parent]), float(trees.threshold[parent])
        low, high = found.get(column, (-np.inf, np.inf))
        found[column] = (low, min(high, threshold)) if trees.left[parent] == node else (max(low, threshold), high)
        node = parent
    return found


def chance_of(seen: Floats, share: Floats, n: int) -> Floats:
    """The logarithm of Chernoff's bound on the chance of no more than a share ``seen`` of n rows where ``share`` is usual."""
    fewer = seen < share
    seen, share = np.where(fewer, seen, 0.0), np.where(fewer, np.clip(share, 0.0, 1 - 1e-12), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        there = np.where(seen > 0, seen * np.log(seen / share), 0.0)
        return np.asarray(-n * (there + (1 - seen) * np.log((1 - seen) / (1 - share))))


def _agreed(column: Floats, ranges: list[tuple[float, tuple[float, float]]]) -> float:
    """Of the values in the middle of each range the one that lies in the most ranges, by their weights."""
    middles = [value_within(column, *ends) for _, ends in ranges]
    return max(middles, key=lambda value: sum(weight for weight, (low, high) in ranges if low < value <= high))
