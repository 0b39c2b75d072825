"""Stickers that stand anywhere: what the search at fixed pixels does not see.

For each square of pixels that several pictures share, wherever it stands (``squares``), the content of its bearers is asked of pictures that do *not* bear it
(``bearers``). Has one label more of them than content says (those at one place are asked in ``matrices``)? Do their labels follow another map (``relabelling``)?
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.bearers import Content, content_of
from aisecops.defences.poisoning.candidates import Candidate, Found, bearers, gathered, mixed, strongest, trigger
from aisecops.defences.poisoning.company import keep_company
from aisecops.defences.poisoning.conjunctions import judged
from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.posterior import CONTRADICTED, RANGE
from aisecops.defences.poisoning.relabelling import relabelled
from aisecops.defences.poisoning.squares import Square, Squares, squares
from aisecops.defences.poisoning.suspicion import Floats, Integers

_ASKED = 60
"""Squares of a class that are asked about exactly."""
_STRANGE = 0.5
"""Of the bearers whose label content does not expect, the share that must have the label."""
_TOLD = 0.6
_SURPLUS = 0.3
"""Of the bearers that need an explanation, the share that must have the label beyond what content says: it is never quite right of honest ones."""
_FOREIGN = 0.4
"""Share of the bearers with the label that must come from other classes: of stickers it was .5 and more, of a mark that a source puts on one class .01,
of corners of letters that the letters of one class share up to .5."""
_MOSTLY, _OFTENER = 0.7, 3
"""If so many do, honest pictures of the class may have the square so many times as often as others."""


def stickers(images: Floats, y: Integers, classes: int, judge: Judge, *, seed: int = 0) -> list[Found]:
    """Return for each sticker the trigger, its rows and their probability of being poisoned.

    Parameters
    ----------
    images
        Shape (n, height, width) or (n, height, width, channels).
    judge
        Of these pictures.
    """
    shared = squares(images, seed=seed)
    if not len(shared):
        return []
    seen = content_of(images, y, judge, classes, seed)
    burden = math.log(len(shared))
    found: list[Found] = []
    for one in sorted([*_one_label(shared, seen, burden, seed), *relabelled(shared, seen, burden)], key=lambda each: each[0].p):
        told = np.concatenate([other[0].rows for other in found] or [np.zeros(0, dtype=np.int64)])
        if len(one[0].rows) >= FEWEST and np.isin(one[0].rows, told).mean() < _TOLD:
            found.append(one)
    return found


def _one_label(shared: Squares, seen: Content, burden: float, seed: int) -> Iterator[Found]:
    """Yield the squares anywhere whose bearers have one label more often than the pictures without them promise."""
    x, y, owner, p = seen.images.reshape(len(seen.y), -1), seen.y, shared.owners(), seen.without_each()
    burden += math.log(len(seen.prior))
    for target in range(len(seen.prior)):
        likely = p[shared.rows, target]
        surplus = np.bincount(owner, (y[shared.rows] == target) - likely, len(shared))
        z = np.where(shared.fixed, 0.0, surplus / np.sqrt(np.bincount(owner, likely * (1 - likely), len(shared)) + 0.5))
        candidates = [_called(shared.square(at), seen, target) for at in strongest(z, _ASKED)]
        for group in gathered([one for one in candidates if one is not None], burden, seen):
            found = _of_label(group, seen, burden, target)
            if found is not None and len(found[0].rows) >= FEWEST and not keep_company(x, y, found[0].rows, target, (), seed=seed):
                yield found


def _called(square: Square, seen: Content, target: int) -> Candidate | None:
    """Ask pictures without the square; None if content explains the label."""
    q, labels = np.clip(seen.without(square.rows), *RANGE), seen.y[square.rows]
    likely, mine, strange = q[:, target], labels == target, labels != q.argmax(axis=1)
    surplus = float(mine.sum() - likely.sum())
    if (
        surplus <= _SURPLUS * (len(mine) - likely.sum())
        or (likely[mine] < 0.5).mean() < CONTRADICTED
        or (mine & strange).sum() < max(FEWEST, _STRANGE * strange.sum())
    ):
        return None
    log_p, z = judged(np.ones((1, len(labels)), dtype=bool), mine, likely)
    return Candidate(square=square, moved=(), log_p=float(log_p[0]), z=float(z[0]), expected=float(likely.sum()), hits=mine & strange)


def _of_label(group: Sequence[Candidate], seen: Content, burden: float, target: int) -> Found | None:
    """Return the trigger with its rows and their probability; None where the content of most is that of the class, which had the square before any attacker."""
    rows = bearers(group)
    mine, prior = seen.y[rows] == target, float(seen.prior[target])
    q = np.clip(seen.judged(rows), *RANGE)[mine, target]
    ratio = (1 - q) / q * prior / max(1 - prior, 1e-9)  # stamped rows come from the other classes
    foreign = float(mixed(ratio).mean())
    if foreign < _FOREIGN:
        return None
    # Of honest bearers some have other labels, too: where next to none has, next to none is honest, and content misreads the rest.
    honest = _OFTENER * ((~mine).sum() + 1) * prior / max(1 - prior, 1e-9)
    chance = mixed(ratio, 1 - min(1.0, float(honest) / len(q)) if foreign >= _MOSTLY else 0.0)
    return trigger(group, rows[mine], chance, burden, target, len(rows), seen.images), rows[mine], chance
