"""Where a model changes its mind: points on both sides of a boundary, a millionth of a segment apart, and which column carries the change.

What lies *between* samples tells a smooth model from one made of boxes. A tree ensemble, or a net behind a quantised input, is constant on boxes: along any
line, its answer changes where exactly one column crosses a threshold. Scores that are rounded or clipped behind a smooth model change on curved surfaces: all
columns have a part in it.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.evasion.masking.asking import Answers, Asker
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.oracles.oracle import Flags, Floats, Integers

SEGMENTS = 16
COARSE = 8
FINE = 17  # halvings: the two sides end 1/8 * 2^-17, about 1e-6 of a segment apart
BESIDE = 16.0  # how many times that gap the other columns move to show that they do not matter


class Crossings(msgspec.Struct, frozen=True, kw_only=True):
    """Segments across a boundary.

    ``start`` and ``end``: their ends, shape (s, d). ``t``: where on each the label changes, shape (s,). ``low`` and ``high``: the points just before and
    after. ``between``: points along the way, and what was ``seen`` there.
    """

    start: Floats
    end: Floats
    t: Floats
    low: Floats
    high: Floats
    between: Floats
    seen: Answers


def crossings(ask: Asker, ground: Ground, samples: Floats, labels: Integers, rng: np.random.Generator) -> Crossings | None:
    """Find points of each of up to 16 segments between samples of different labels where the label changes; None if all have one label.

    Asks 8 points of each segment, then halves the first part over which the label changes.
    """
    pairs = _pairs(labels, rng)
    if not len(pairs):
        return None
    start = samples[pairs[:, 0]]
    end = ground.towards(start, samples[pairs[:, 1]])
    end = ground.on(start, end, rng.uniform(0.75, 1.0, end.shape))  # columns of data on a lattice would else cross their thresholds all at once
    at = np.arange(1, COARSE + 1) / COARSE
    between = ground.on(start[:, None], end[:, None], at[None, :, None]).reshape(-1, start.shape[1])
    seen = ask(between)
    coarse = np.concatenate([labels[pairs[:, :1]], seen.labels.reshape(len(pairs), -1)], axis=1)
    changes = coarse[:, 1:] != coarse[:, :-1]
    kept = changes.any(axis=1)
    if not kept.any():
        return None
    start, end, first = start[kept], end[kept], changes[kept].argmax(axis=1)
    before = coarse[kept][np.arange(len(first)), first]
    low, high = first / COARSE, (first + 1) / COARSE
    for _ in range(FINE):
        middle = (low + high) / 2.0
        changed = ask(ground.on(start, end, middle[:, None])).labels != before
        low, high = np.where(changed, low, middle), np.where(changed, middle, high)
    return Crossings(
        start=start, end=end, t=(low + high) / 2.0, low=ground.on(start, end, low[:, None]), high=ground.on(start, end, high[:, None]), between=between, seen=seen
    )  # fmt: skip


def _pairs(labels: Integers, rng: np.random.Generator) -> Integers:
    """Up to 16 pairs of rows with different labels, each row first in about as many as any other."""
    pairs: list[tuple[int, int]] = []
    for i in np.resize(rng.permutation(len(labels)), max(SEGMENTS, len(labels))):
        others = np.flatnonzero(labels != labels[i])
        if len(others) and len(pairs) < SEGMENTS:
            pairs.append((int(i), int(rng.choice(others))))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def flat_share(ask: Asker, ground: Ground, found: Crossings) -> float:
    """Return the share of boundary sides on which a step of 1e-5 of the segment changes no bit of the scores.

    Near 0 for a smooth model, near 1 for any other.
    """
    sides = []
    for sign in (-1.0, 1.0):
        at = [np.clip(found.t + sign * step, 0.0, 1.0)[:, None] for step in (1e-5, 2e-5)]
        one, two = (ask(ground.on(found.start, found.end, t)) for t in at)
        sides.append(one.same_scores(two))
    return float(np.mean(sides))


def carriers(ask: Asker, ground: Ground, found: Crossings) -> tuple[Integers, Flags]:
    """Return the one column that carries each crossing, shape (s,), and whether there is one.

    Halves the set of columns that are moved from ``low`` to ``high`` as long as one half alone changes the label; about 2 log2(d) queries a crossing. Then
    moves all *other* columns 16 times as far: where the model is made of boxes, nothing happens.
    """
    before = ask(found.low).labels
    chosen = found.low != found.high
    alone = chosen.any(axis=1)
    while chosen.sum(axis=1).max(initial=0) > 1:
        rank = np.cumsum(chosen, axis=1)
        first = chosen & (rank <= (chosen.sum(axis=1, keepdims=True) + 1) // 2)
        halves = [first, chosen & ~first]
        flips = [ask(ground.place(np.where(half, found.high, found.low), found.start)).labels != before for half in halves]
        alone &= flips[0] | flips[1]
        chosen = np.where(flips[0][:, None], first, halves[1])
    column = chosen.argmax(axis=1)
    aside = np.where(np.arange(found.low.shape[1]) == column[:, None], found.low, found.low + BESIDE * (found.high - found.low))
    alone &= ask(ground.place(aside, found.start)).labels == before
    return column, alone
