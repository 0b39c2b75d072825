"""Pictures of other classes under one label, all with a faint picture over them (blends: Chen et al. 2017) or of another grain (warps: Nguyen and Tran 2021).

Before a flat background a blend shows in single pixels. In photographs none has a value of its own, and the blended pictures are each other's nearest neighbours, with
one label, so that content seems to explain it. Two things are left that honest parts of a class hardly have together (the idea of activation clustering, Chen et al.
2019, checked by what looks at content alone):

1. They stand apart from the rest of their class along what hardly varies in the others (``marks.parted``), in their pixels, or in their *grain*: whatever is moved or
   resampled between pixels is a little smoother, wherever it went (``grain``), and smoother at the same places if one field has moved all of them (``traces``).
2. To what has seen none of them they look like the *other* classes, and like all of them, as often as these occur. An honest style of a class ("1" with a foot) looks
   like its own class, or like one or two others (``judge``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.marks import Parted, parted, probability_of_side
from aisecops.defences.poisoning.places import region
from aisecops.defences.poisoning.posterior import GATE
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Trigger
from aisecops.defences.poisoning.traces import traces
from aisecops.defences.poisoning.warps import reduced

GRAIN = "grain"
_TRACES = "traces"
_CUTS = {0.1: 6.0, 0.02: 8.0}
"""The share of the class that a side has at least, and the deviations between the sides that are asked for: what parts less is a style, and a few rows soon lie
far out. Honest classes of digits reach 10, and look like one class then."""
_PURE = 0.75
"""Of all rows beyond the cut, those that must have the label."""
_STRANGE = 0.3
"""How near to their class the rows may be: 0 is where rows of other classes are, 1 where the rest of the class is."""
_SPREAD, _SPREAD_OF_PIECES = 0.8, 0.5
"""How evenly they must look like the other classes: the exponential of minus the divergence from what other rows look like (1: the same). Votes of trees and neighbours
are timid, and spread for that alone; pieces are sure: a half means that about half of the other classes are there."""
_TWO = 10.0
"""The deviations where there are only two classes, and nothing can be spread."""
_NAMED = 0.5


class Strange(NamedTuple):
    """What content says of some rows of a class: ``near``: see ``_STRANGE``, with its standard error; ``spread``: see ``_SPREAD``; ``like``: each row's own class."""

    near: float
    error: float
    spread: float
    like: Floats


def strangers(images: Floats, y: Integers, classes: int, judge: Judge) -> list[tuple[Trigger, Integers, Floats]]:
    """Return, for each class a part of which is pictures of the others, the trigger, the rows and their probability of being such.

    It is named by what parts them furthest: a pattern, or the ``GRAIN``.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels).
    judge
        Of these pictures.
    """
    views = [("picture", np.asarray(reduced(images)[0], dtype=np.float64)), (GRAIN, grain(images)), (_TRACES, traces(images))]
    sides = [(name, one, side) for name, x in views for one, side in _sides(x, y, classes)]
    if not sides:
        return []
    bar = _SPREAD_OF_PIECES if judge.by_pieces else _SPREAD
    triggers = dict[int, tuple[Trigger, Integers, Floats]]()
    for name, one, side in sides:
        held = np.isin(np.arange(len(y)), one.rows[side])
        seen = _looks(judge, y, classes, held, one.target)
        chance = math.log(max(math.erfc((0.5 - seen.near) / seen.error / math.sqrt(2)) / 2 * len(sides), 1e-300))
        if chance > GATE or seen.near > _STRANGE or (classes > 2 and seen.spread < bar):
            continue
        found = _trigger(name, one, side, seen, chance, images, y)
        if one.target not in triggers or found[0].z > triggers[one.target][0].z:
            triggers[one.target] = found
    return list(triggers.values())


def grain(images: Floats) -> Floats:
    """Return how much each picture varies from pixel to pixel, shape (n, 16): logarithms of the mean and the middle response to eight cosines of 3 x 3 pixels."""
    grey = images.mean(axis=3) if images.ndim == 4 else images
    height, width = grey.shape[1:]
    if min(height, width) < 3:
        return np.zeros((len(grey), 1))
    lines = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
    span = float(np.ptp(grey)) or 1.0
    found = []
    for number in range(1, 9):
        down, across = lines[number // 3], lines[number % 3]
        rows = sum(down[at] * grey[:, at : height - 2 + at] for at in range(3))
        size = np.abs(sum(across[at] * rows[:, :, at : width - 2 + at] for at in range(3)) / span).reshape(len(grey), -1)
        mean = size.mean(axis=1)
        found += [np.log(mean + 1e-4), np.log(np.median(size, axis=1) + 1e-2 * mean + 1e-6)]
    return np.stack(found, axis=1)


def _sides(x: Floats, y: Integers, classes: int) -> Iterator[tuple[Parted, Flags]]:
    """Yield the smaller sides of the cuts that part a class far enough, beyond which hardly any other row lies."""
    known = set[tuple[int, bytes]]()
    for one in parted(x, y, classes, smallest=tuple(_CUTS)):
        if one.apart < (_CUTS[one.smallest] if classes > 2 else _TWO) or (one.target, one.side.tobytes()) in known:
            continue
        known.add((one.target, one.side.tobytes()))
        side = one.side if 2 * one.side.sum() <= len(one.side) else ~one.side
        place = (x - x[one.rows].mean(axis=0)) @ one.direction
        cut = (one.place[one.side].min() + one.place[~one.side].max()) / 2
        beyond = (place > cut) == one.side[side][0]
        if side.sum() >= FEWEST and (y[beyond] == one.target).mean() >= _PURE:
            yield one, side


def _looks(judge: Judge, y: Integers, classes: int, held: Flags, target: int) -> Strange:
    """Ask a judge who has seen neither the rows ``held`` nor some others, with which they are compared."""
    some, asked = judge.beside(held)
    seen = judge.unshown(some, asked)
    mine, labels = held[some[asked]], y[some[asked]]
    own, other = seen[~mine & (labels == target)], seen[labels != target]
    like = seen[mine, target]
    if not len(own) or not len(other) or (reach := own[:, target].mean() - other[:, target].mean()) <= 0:
        return Strange(1.0, 1.0, 0.0, like)
    error = math.sqrt((like.var() + 0.005) / len(like)) / reach
    classes_of_others = [label for label in range(classes) if label != target]
    shares = seen[mine][:, classes_of_others].sum(axis=0) + 0.5 / classes
    usual = other[:, classes_of_others].sum(axis=0) + 1e-9
    shares, usual = shares / shares.sum(), usual / usual.sum()
    spread = math.exp(-float((shares * np.log(shares / usual)).sum()))
    return Strange(float((like.mean() - other[:, target].mean()) / reach), error, spread, like)


def _trigger(name: str, one: Parted, side: Flags, seen: Strange, chance: float, images: Floats, y: Integers) -> tuple[Trigger, Integers, Floats]:
    probability = probability_of_side(one.place if side is one.side else -one.place, side)
    held = one.rows[probability >= 0.5]
    told, features = _called(name, images, one.rows[side], np.flatnonzero(y != one.target))
    trigger = Trigger(
        name=told,
        features=features,
        target=one.target,
        rows=held,
        expected=float(seen.like.sum()),
        carried=len(held),
        z=one.apart,
        p=min(1.0, math.exp(max(chance, -700.0))),
    )
    return trigger, one.rows, probability


def _called(name: str, images: Floats, rows: Integers, others: Integers) -> tuple[str, tuple[str, ...]]:
    """What the rows have in common that pictures of other classes have not."""
    if name == GRAIN:
        return "pictures of another grain (a warp, a blur or a resampling of the whole image)", (GRAIN,)
    if name == _TRACES:
        return "pictures that were moved between their pixels, all in the same way (a warp of the whole image)", (GRAIN,)
    apart = np.abs(images[rows].mean(axis=0) - images[others].mean(axis=0)) / (images[others].std(axis=0) + 1e-9 + 0.05 * images.std())
    pattern = apart.mean(axis=2) if apart.ndim == 3 else apart
    first = np.argsort(-pattern, axis=None)[: max(1, int((pattern >= _NAMED * pattern.max()).sum()))]
    return region([np.unravel_index(at, pattern.shape) for at in first], pattern.size)
