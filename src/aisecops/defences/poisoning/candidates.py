"""Squares of pixels that may be the sign of poison: gathered to triggers, with the probability of each row, and named."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning.bearers import Content, strangeness
from aisecops.defences.poisoning.places import named
from aisecops.defences.poisoning.squares import Square
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers, Trigger

_GATE = math.log(1e-8)
"""Higher than elsewhere: content that misreads some bearers, dark ones say, does so in the same way each time. Stickers were below 1e-15, most below 1e-20."""
_LEAST = 3.0
"""Deviations from which on a square is asked about exactly."""
_SHARED = 0.6
_AS_PURE = 0.75
_ROUNDS = 10
_NEARER, _FARTHER = 0.8, 1.4
"""Times as far from the nearest others as these are from each other that stamped pictures may be: they were .85 to 1.3, dark pictures .7 and negatives 1.6 and more."""

Found = tuple[Trigger, Integers, Floats]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A square, the map of classes to labels that it may call for, and the logarithm of the chance of that.

    ``z``: the surplus of labels in deviations; ``expected``: how many there would be anyway; ``hits`` (bearers,): which have
    one of these and content speaks for another.
    """

    square: Square
    moved: tuple[tuple[int, int], ...]
    log_p: float
    z: float
    expected: float
    hits: Flags


def strongest(z: Floats, most: int) -> list[int]:
    """Return the numbers of the candidates of the largest surplus."""
    return [at for at in np.argsort(-z, kind="stable")[:most].tolist() if z[at] >= _LEAST]


def gathered(candidates: list[Candidate], burden: float, seen: Content) -> list[list[Candidate]]:
    """Gather those that chance does not explain and that share their bearers, as one trigger each; bearers that are strange without the sign, too, are left out."""
    groups: list[list[Candidate]] = []
    for one in sorted([one for one in candidates if one.log_p + burden <= _GATE], key=_order):
        home = next((group for group in groups if _within(one, group[0]) or _within(group[0], one)), None)
        if home is None:
            groups.append([one])
        elif _adds(one, home):
            home.append(one)
    return [group for group in groups if _NEARER <= strangeness(seen.images, [one.square for one in group]) <= _FARTHER]


def mixed(ratio: Floats, least: float = 0.0) -> Floats:
    """Return the probability of each row of being stamped, by how much likelier it is if it is (expectation maximisation of the share that is, ``least`` or more)."""
    share = 0.5
    for _ in range(_ROUNDS):
        share = float(max(least, stamped(ratio, share).mean()))
    return stamped(ratio, share)


def stamped(ratio: Floats, share: float) -> Floats:
    """Return the probability of each row of being stamped where a share of them is."""
    return np.asarray(share * ratio / (share * ratio + 1 - share))


def _order(one: Candidate) -> tuple[bool, float, int]:
    """The least likely first, and what is thinner than two pixels last: it is often an edge of the whole, and on some of its bearers only."""
    area = one.square.height * one.square.width
    return min(one.square.height, one.square.width) == 1 < area, one.log_p, -area


def _adds(one: Candidate, group: Sequence[Candidate]) -> bool:
    """Tell whether the bearers that a candidate adds contradict their content as often as those of the first: others have the square by nature."""
    new = ~np.isin(one.square.rows, bearers(group))
    return not new.any() or bool(one.hits[new].mean() >= _AS_PURE * group[0].hits.mean())


def _within(one: Candidate, other: Candidate) -> bool:
    return bool(np.isin(one.square.rows, other.square.rows).mean() >= _SHARED)


def bearers(group: Sequence[Candidate]) -> Integers:
    """Return the pictures that have any of the squares."""
    return np.unique(np.concatenate([one.square.rows for one in group]))


def trigger(group: Sequence[Candidate], rows: Integers, chance: Floats, burden: float, target: int, carried: int, images: Floats) -> Trigger:
    """Return the trigger that a group is, on those of ``rows`` whose ``chance`` of being stamped is a half or more."""
    best, held = group[0], rows[chance >= 0.5]
    name, features = named([one.square for one in group], held, images)
    p = min(1.0, math.exp(max(best.log_p + burden, -700.0)))
    moved = tuple((source, to) for source, to in best.moved if source != to)
    return Trigger(name=name, features=features, target=target, rows=held, expected=best.expected, carried=carried, z=best.z, p=p, moved=moved)
