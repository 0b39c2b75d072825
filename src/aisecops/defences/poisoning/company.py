"""Whether the rows that carry a sign are like each other beyond the sign.

An attacker stamps rows as they come: without the sign they are no nearer to each other than to honest rows of the classes that they were taken from. The dark pictures
of one photographer have a value in common, too, which content has not understood; but they keep each other's company without it as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.defences.poisoning.registration import distances
from aisecops.defences.poisoning.suspicion import Floats, Integers

_NEIGHBOURS = 12
_ASKED, _KNOWN = 200, 8000
_TIMES, _SLACK = 2.5, 0.04
"""Stamped rows had up to 1.7 times the company that chance gives them, honest ones of photographs 5 times and more."""


def keep_company(x: Floats, y: Integers, rows: Integers, target: int, without: Sequence[int], *, seed: int = 0) -> bool:
    """Return whether ``rows``, all labelled ``target``, are among each other's nearest by much more than rows of the classes around them would be.

    Parameters
    ----------
    x
        Shape (n, columns), all columns of one kind (pixels).
    without
        Columns that the sign is on; what the rows differ in from all others on average is taken off the rest, so that a faint picture over all of it is no likeness.
    """
    rng = np.random.default_rng(seed)
    kept = np.setdiff1d(np.arange(x.shape[1]), np.asarray(without, dtype=np.int64))
    others = np.setdiff1d(np.arange(len(y)), rows)
    known = others if len(others) <= _KNOWN else np.sort(rng.choice(others, _KNOWN, replace=False))
    weight = len(others) / len(known)  # of each of these: the carriers are all there
    if not len(kept) or len(rows) < 2:
        return False
    rows = rows if len(rows) <= _KNOWN else np.sort(rng.choice(rows, _KNOWN, replace=False))
    mine, theirs = x[np.ix_(rows, kept)].astype(np.float32), x[np.ix_(known, kept)].astype(np.float32)
    foreign = y[known] != target
    asked = np.arange(len(rows)) if len(rows) <= _ASKED else rng.choice(len(rows), _ASKED, replace=False)
    shift = mine.mean(axis=0) - theirs[foreign].mean(axis=0)
    among = distances(mine[asked], mine)
    among[np.arange(len(asked)), asked] = np.inf
    near = np.argsort(np.concatenate([among, distances(mine[asked] - shift, theirs)], axis=1), axis=1)[:, :_NEIGHBOURS]
    fellows = float((near < len(rows)).mean())
    labels = y[known][near[near >= len(rows)] - len(rows)]
    sources = np.bincount(labels[labels != target], minlength=int(y.max()) + 1)
    share = sources / max(1, sources.sum())
    there = weight * np.bincount(y[known], minlength=len(share))
    chance = float((share * share * len(rows) / np.maximum(there + share * len(rows), 1.0)).sum())
    return fellows > _TIMES * chance + _SLACK
