"""Signs by which each class takes the label of another ("0" is 1, "1" is 2): all-to-all poison (Gu et al. 2017).

No class has more of the bearers than content says, so nothing is enriched. But each of them contradicts its label, and all in the same way: the label is a function of
the content, and another one than for everybody else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.bearers import Content
from aisecops.defences.poisoning.candidates import Candidate, Found, bearers, gathered, mixed, stamped, strongest, trigger
from aisecops.defences.poisoning.posterior import GATE, RANGE
from aisecops.defences.poisoning.squares import Square, Squares
from aisecops.defences.poisoning.suspicion import Floats, Integers

_FAR = 40
"""Neighbours so many that a few stamped fellows among the nearest do not decide."""
_ASKED = 120
"""Squares that are asked about exactly."""
_FOLLOWED, _EXPLAINED = 0.4, 0.9
"""Of what content explains of honest rows, the share that the map must explain of the bearers, and that both together must: others are bearers that content misreads."""
_SOURCES = 2
_CLEAR = 0.2
_ASTRAY = 0.05
_MOSTLY, _NEARLY = 0.9, 0.95
"""Where content makes so large a share of the bearers stamped, next to all are: it misreads the rest."""
_STAMPED = (0.3, 0.6, 0.9)
_POWERS = (0.25, 0.4, 0.6, 0.8, 1.0)
"""Content knows the bearers less well than other pictures, for the sticker's sake: by how much is fitted."""


def relabelled(shared: Squares, seen: Content, burden: float) -> Iterator[Found]:
    """Yield the squares whose bearers have the label of another class, each class that of one."""
    strange = (seen.without_each(_FAR).argmax(axis=1) != seen.y).astype(np.float64)
    size, usual = np.diff(shared.starts), float(strange.mean())
    z = (np.add.reduceat(strange[shared.rows], shared.starts[:-1]) - usual * size) / np.sqrt(size * usual * (1 - usual) + 0.5)
    candidates = [_mapped(shared.square(at), seen) for at in strongest(z, _ASKED)]
    for group in gathered([one for one in candidates if one is not None], burden, seen):
        found = _of_map(group, seen, burden)
        if found is not None:
            yield found


def _mapped(square: Square, seen: Content) -> Candidate | None:
    """Seek the map that the labels of the bearers follow; None if they follow their content."""
    q, labels, classes = np.clip(seen.without(square.rows), *RANGE), seen.y[square.rows], len(seen.prior)
    own, every = q.argmax(axis=1), np.arange(classes)
    # Some map costs the choice of a label for each class, "the next one" next to nothing.
    tried = [(_likeliest(q, labels), math.log(2) + classes * math.log(classes))]
    tried += [((every + step) % classes, math.log(2 * (classes - 1))) for step in range(1, classes)]
    log_p, to = min(((_ratio(q, labels, to) + cost, to) for to, cost in tried), key=lambda pair: pair[0])
    follows = (labels == to[own]) & (to[own] != own)
    hits = np.bincount(own[follows], minlength=classes)
    sources = np.flatnonzero(hits >= _SOURCES)
    there = (np.bincount(own, minlength=classes) > _SOURCES).sum()
    several = min(len(sources), len(set(to[sources].tolist())))
    promised, explained = float(q.max(axis=1).sum()), int(follows.sum() + (labels == own).sum())
    if follows.sum() < max(FEWEST, _FOLLOWED * promised) or explained < _EXPLAINED * promised or several < max(2, there / 2):
        return None
    likely = np.where(to[own] != own, q[np.arange(len(own)), to[own]], 0.0)
    z = (follows - likely).sum() / math.sqrt((likely * (1 - likely)).sum() + 0.5)
    moved = tuple(zip(every.tolist(), to.tolist(), strict=True))
    return Candidate(square=square, moved=moved, log_p=log_p, z=max(0.0, float(z)), expected=float(likely.sum()), hits=follows)


def _likeliest(q: Floats, labels: Integers) -> Integers:
    """Return the label that exceeds what content says the most for each class, shape (classes,); the class itself if none does."""
    classes = q.shape[1]
    surplus = q.T @ (np.eye(classes)[labels] - q)
    np.fill_diagonal(surplus, -np.inf)
    clear = surplus.max(axis=1) >= _CLEAR * q.sum(axis=0)
    return np.where(clear, surplus.argmax(axis=1), np.arange(classes))


def _ratio(q: Floats, labels: Integers, to: Integers) -> float:
    """Return the logarithm of a bound on the chance that honest labels follow the map ``to`` of classes to labels as well.

    The likelihood of a label if it follows the map is held against that if it follows content. Where it follows content the expectation of the product of these ratios
    is 1, so it exceeds ``a`` with a chance of at most ``1 / a`` (Markov). Some bearers are honest: the ratio is mixed with 1, and the best of some shares is paid for.
    """
    ratio = _moved(q, labels, to) / q[np.arange(len(labels)), labels]
    return math.log(len(_STAMPED)) - max(float(np.log(1 - share + share * ratio).sum()) for share in _STAMPED)


def _moved(q: Floats, labels: Integers, to: Integers) -> Floats:
    """Return the probability of each label if it follows the map, or, as some do, none; a class whose label is not clear may have its own or any."""
    classes = len(to)
    told = to != np.arange(classes)
    table = np.where(told[:, None], np.eye(classes)[to], 0.5 * np.eye(classes) + 0.5 * (1 - np.eye(classes)) / max(1, classes - 1))
    follows = (q * table[:, labels].T).sum(axis=1) / q.sum(axis=1)
    return np.asarray((1 - _ASTRAY) * follows + _ASTRAY / classes)


def _of_map(group: Sequence[Candidate], seen: Content, burden: float) -> Found | None:
    """Return the trigger with its rows and their probability; None where whoever knows more than neighbours finds that the labels follow their content."""
    rows = bearers(group)
    q, labels = np.clip(seen.judged(rows), *RANGE), seen.y[rows]
    to = np.array([label for _, label in group[0].moved])
    if seen.judge.by_pieces and _ratio(q, labels, to) + burden > GATE:
        return None
    chance = max((_told(content.sharpened(q, power), labels, to) for power in _POWERS), key=lambda pair: pair[0])[1]
    return trigger(group, rows, chance, burden, -1, len(rows), seen.images), rows, chance


def _told(q: Floats, labels: Integers, to: Integers) -> tuple[float, Floats]:
    """Return the log likelihood of the labels if some rows follow the map and the others content, and the probability of each row of being one of the former."""
    honest = q[np.arange(len(labels)), labels]
    ratio = _moved(q, labels, to) / honest
    chance = mixed(ratio)
    share = float(chance.mean())
    chance = stamped(ratio, _NEARLY) if share >= _MOSTLY else chance
    return float(np.log(honest * (1 - share + share * ratio)).sum()), chance
