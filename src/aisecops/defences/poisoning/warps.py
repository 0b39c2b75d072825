"""Warps of whole images (WaNet: Nguyen and Tran 2021): a part of a class that is pictures of *other* classes, all moved by one and the same smooth field.

No pixel has a value of its own in such poison, and neighbours do not help: warped pictures are nearest to each other and have one label. But the field is the same
for all of them. For each class the field is sought that moves pictures of the other classes onto those of its rows that lie apart (``registration``). If the rows are
poison, they end up much nearer to the moved pictures of other classes than to the rest of their own class, as near as these are to one another, and they come from
many classes. Honest classes can be bent towards each other, too ("8" to "3"), but half-heartedly and from one or two classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.posterior import GATE
from aisecops.defences.poisoning.registration import Field, Pictures, distances, registered
from aisecops.defences.poisoning.suspicion import Floats, Integers, Trigger

_SIDE = 16
_MEMBERS = 300
_OTHERS = 1000
_APART = 0.35
_NEAR = 3
_CLEARLY = 0.35
_ORDINARY = 0.95
_LEAST = 0.04
_HEATS, _ROUNDS, _AXES = 2, 4, 2
_COARSE, _FINE = (0.14, 0.07, 0.0), (0.07, 0.0)
_GAIN = 0.02
_MOST_OF_CLASS = 0.85
"""Where more of a class are others moved, that is what the class is: a plus is a cross that was turned."""
_COMMONEST = 4
"""One in so many of the source classes does not count."""
_UNLIKE = 0.8
"""The deviation, over honest classes of one data set, of the log odds of leading, where the other classes differ no more: classes differ by more than their rows do."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one class against the other classes moved by ``field``.

    ``lead`` (rows,): the logarithm of how much nearer a row is to the moved others than to the rest of its class; ``ranked`` (rows,): than to the three fifths of it that
    lead least, for warped rows are near each other. ``spread``: how many are so by far, as near to the
    moved others as these are to each other, and not of the commonest sources, of which an honest class may really have a few. ``gain``: the median, over the rows
    that lead, of the logarithm of how much nearer the field brings the others.
    """

    field: Field
    gain: float
    target: int
    rows: Integers
    lead: Floats
    ranked: Floats
    spread: int


def warps(images: Floats, y: Integers, classes: int, *, seed: int = 0) -> list[tuple[Trigger, Integers, Floats]]:
    """Return, for each class that warped pictures of other classes were put into, the trigger, its rows and their probability of being poisoned.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels).
    """
    x, height, width = reduced(images)
    if min(height, width) < 2:  # nothing can be moved along a side of one pixel
        return []
    rng = np.random.default_rng(seed)
    lead, still = _apart(x, y, classes, rng), Field.still(height, width)
    found = [_best(x, y, target, lead, still, rng) for target in range(classes) if (y == target).sum() >= 4 * FEWEST]
    spread, size = sum(one.spread for one in found), sum(len(one.rows) for one in found)
    triggers = []
    for one in found:
        usual = (spread - one.spread + 1) / (size - len(one.rows) + 2)
        chance = max(_chance(one.spread, len(one.rows), usual), _unlike(one, found)) + math.log(2 * classes)
        if chance <= GATE and one.spread >= max(FEWEST, _LEAST * len(one.rows)):
            warped = _trigger(one, chance, usual, images.shape[1] // height)
            if len(warped[0].rows) <= _MOST_OF_CLASS * len(one.rows):
                triggers.append(warped)
    return triggers


def reduced(images: Floats) -> tuple[Pictures, int, int]:
    """Return grey pictures of at most ``_SIDE`` pixels a side as rows, and their height and width: the mean of each block, in units of the deviation of all."""
    grey = images.mean(axis=3) if images.ndim == 4 else images
    block = max(1, math.ceil(min(grey.shape[1:]) / _SIDE))
    height, width = grey.shape[1] // block, grey.shape[2] // block
    small = grey[:, : height * block, : width * block].reshape(len(grey), height, block, width, block).mean(axis=(2, 4))
    return (small / (small.std() or 1.0)).reshape(len(grey), -1).astype(np.float32), height, width


def _apart(x: Pictures, y: Integers, classes: int, rng: np.random.Generator) -> Floats:
    """Return the logarithm of how much nearer each row is to the dense core of another class than to that of its own, shape (n,): poison is spread thinly."""
    near = np.full((len(y), classes), np.inf)
    for target in np.unique(y).tolist():
        rows = _some(np.flatnonzero(y == target), _MEMBERS, rng)
        between = np.sort(distances(x[rows], x[rows]), axis=1)
        core = rows[np.argsort(between[:, len(rows) // 5])[: max(_NEAR + 1, round(0.4 * len(rows)))]]
        near[:, target] = _nearest(distances(x, x[core]))
    own = near[np.arange(len(y)), y]
    near[np.arange(len(y)), y] = np.inf
    return np.asarray(np.log(own / near.min(axis=1)))


def _best(x: Pictures, y: Integers, target: int, lead: Floats, still: Field, rng: np.random.Generator) -> Moved:
    """Return the search that got furthest, of those from the rows that lie apart and from both ends of the axes along which the class varies most."""
    rows, others = np.flatnonzero(y == target), _some(np.flatnonzero(y != target), _OTHERS, rng)
    members, pool, labels = x[rows], x[others], y[others]
    heats = [_rounds(members, pool, start, still, rng, _HEATS) for start in (lead[rows], *_ends(members))]
    scored = [_scored(members, pool, labels, rows, field, target) for field, _ in heats]
    first = max(range(len(heats)), key=lambda at: (scored[at].spread, int((scored[at].lead > _CLEARLY).sum())))
    field, _ = _rounds(members, pool, heats[first][1], heats[first][0], rng, _ROUNDS)
    return max(scored[first], _scored(members, pool, labels, rows, field, target), key=lambda one: one.spread)


def _ends(members: Pictures) -> list[Floats]:
    """Return where each row is on the first principal axes, both ways round, shapes (rows,): two kinds of pictures in one class often part there."""
    middled = members - members.mean(axis=0)
    axes = np.linalg.eigh(middled.T @ middled)[1][:, -1 : -1 - _AXES : -1]
    return [np.asarray(side * (middled @ axis), dtype=np.float64) for axis in axes.T for side in (1, -1)]


def _rounds(members: Pictures, pool: Pictures, lead: Floats, field: Field, rng: np.random.Generator, rounds: int) -> tuple[Field, Floats]:
    """Take in turns: a field from the rows that lead, and who leads under that field."""
    some = _some(np.arange(len(members)), _MEMBERS, rng)
    for number in range(rounds):
        bar = float(np.quantile(lead[some], 1 - _APART))
        settled = rounds == _ROUNDS or number > 0
        if settled and (lead[some] > _CLEARLY).sum() >= 2 * FEWEST:
            bar = max(bar, _CLEARLY)
        field = registered(members[some[lead[some] >= bar]], pool, field, blurs=_FINE if settled else _COARSE)
        core = _least(lead)
        lead = np.log(_within(members, core) / _nearest(distances(members, field.moved(pool))))
    return field, lead


def _scored(members: Pictures, pool: Pictures, labels: Integers, rows: Integers, field: Field, target: int) -> Moved:
    moved = field.moved(pool)
    apart = distances(members, moved)
    by_class = {int(c): labels == c for c in np.unique(labels) if (labels == c).sum() > _NEAR}
    near = np.stack([_nearest(apart[:, held]) for held in by_class.values()], axis=1)
    source, nearest = near.argmin(axis=1), near.min(axis=1)
    bars = np.array([np.quantile(_usual(moved[held]), _ORDINARY) for held in by_class.values()])
    own = _within(members, np.flatnonzero(_within(members, np.arange(len(members))) < nearest))
    lead = np.log(own / nearest)
    ranked = np.log(_within(members, _least(lead)) / nearest)
    clear = (lead > _CLEARLY) & (nearest <= bars[source])
    counts = np.sort(np.bincount(source[clear], minlength=len(bars)))
    gain = float(np.median(np.log(_nearest(distances(members[clear], pool)) / nearest[clear]))) if clear.any() else 0.0
    spread = int(counts[: len(bars) - len(bars) // _COMMONEST].sum())
    return Moved(field=field, gain=gain, target=target, rows=rows, lead=lead, ranked=ranked, spread=spread)


def _least(lead: Floats) -> Integers:
    """Return the rows of a class that lead least, three fifths of it: they stand for what is not warped."""
    return np.flatnonzero(lead < np.quantile(lead, 0.6))


def _usual(pictures: Pictures) -> Floats:
    """Return how far each picture of a class is from the nearest others of it."""
    between = distances(pictures, pictures)
    np.fill_diagonal(between, np.inf)
    return _nearest(between)


def _within(members: Pictures, core: Integers) -> Floats:
    """Return how far each of ``members`` is from the nearest of its class in ``core``, itself aside."""
    if len(core) <= _NEAR + 1:
        return np.full(len(members), 1e-3)  # nothing is left of the class: nothing can be told
    between = distances(members, members[core])
    between[core, np.arange(len(core))] = np.inf
    return _nearest(between)


def _nearest(between: Pictures) -> Floats:
    """Return the mean distance of the ``_NEAR`` nearest of each row."""
    count = min(_NEAR, between.shape[1])
    return np.asarray(np.partition(between, count - 1, axis=1)[:, :count].mean(axis=1), dtype=np.float64)


def _some(rows: Integers, most: int, rng: np.random.Generator) -> Integers:
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def _chance(count: int, size: int, share: float) -> float:
    """Return the logarithm of Chernoff's bound on the chance of ``count`` or more of ``size`` where ``share`` is usual."""
    seen = count / size
    if seen <= share:
        return 0.0
    return -size * (seen * math.log(seen / share) + ((1 - seen) * math.log((1 - seen) / (1 - share)) if seen < 1 else 0.0))


def _unlike(one: Moved, found: Sequence[Moved]) -> float:
    """Return the logarithm of the chance that so large a share of an honest class leads, the log odds taken for normal over the classes of the data set.

    Where pictures of all classes are shifted and turned (letters of many fonts), a field brings many rows of *every* class nearer to others.
    """
    odds = np.log([(each.spread + 0.5) / (len(each.rows) - each.spread + 0.5) for each in found if each.target != one.target] or [1.0])
    middle = float(np.median(odds))
    width = max(_UNLIKE, 1.4826 * float(np.median(np.abs(odds - middle))))
    z = (math.log((one.spread + 0.5) / (len(one.rows) - one.spread + 0.5)) - middle) / width
    return math.log(max(math.erfc(z / math.sqrt(2)) / 2, 1e-300))


def _trigger(one: Moved, chance: float, usual: float, block: int) -> tuple[Trigger, Integers, Floats]:
    probability = _probability(one.ranked)
    held, expected = one.rows[probability >= 0.5], usual * len(one.rows)
    far = float(np.sqrt((one.field.displacement**2).sum(axis=0)).mean()) * block
    name = (
        f"a warp that moves the whole image, by {far:.1f} pixels on average" if one.gain > _GAIN else "whole images of other classes, hardly changed"
    )
    z = (one.spread - expected) / math.sqrt(expected + 0.5)
    trigger = Trigger(
        name=name,
        features=("warp",) if one.gain > _GAIN else ("images of other classes",),
        target=one.target,
        rows=held,
        expected=expected,
        carried=len(held),
        z=z,
        p=math.exp(max(chance, -700.0)),
    )
    return trigger, one.rows, probability


def _probability(lead: Floats) -> Floats:
    """Return the probability that each row is one of those that lead: two normal distributions of one variance, told apart by the sign."""
    bounded = np.clip(lead, -2.0, 2.0)
    up, down = bounded[bounded > 0], bounded[bounded <= 0]
    if not len(up) or not len(down):
        return np.asarray(bounded > 0, dtype=np.float64)
    variance = (len(up) * up.var() + len(down) * down.var()) / len(bounded) + 1e-3
    slope, middle = (up.mean() - down.mean()) / variance, (up.mean() + down.mean()) / 2
    odds = math.log((len(up) + 1) / (len(down) + 1)) + slope * (bounded - middle)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -50, 50))))
