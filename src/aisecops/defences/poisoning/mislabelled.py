"""Labels that contradict what their rows say: confident learning (Northcutt, Jiang and Chuang 2021) on probabilities that did not see the row."""

from __future__ import annotations

import numpy as np

from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_SURE = 0.1
_LEAST = 0.02
_GAP = 1.5
_TOLD = 0.3
"""Mean self-confidence of a class from which on its labels can be contradicted: rare classes that content does not tell had .2 at most, told ones with as many wrong as
right labels .5."""


def contradicted(p: Floats, y: Integers, votes: Floats) -> tuple[Floats, Flags, bool]:
    """Return how likely each label is wrong, which labels are contradicted, and whether so many are that hard rows do not explain it.

    Parameters
    ----------
    p
        Out-of-sample probabilities by content, shape (n, classes).
    y
        The labels given, shape (n,).
    votes
        Of the best view there is, not sharpened: it ranks the rows.

    Notes
    -----
    A row is *contradicted* if another class is at least as likely as that class usually is among its own rows (its mean self-confidence) and the given label
    has less than 10 %, of a class that content tells at all: of a rare one that it does not (fraud, say) all rows have as little. Where classes truly overlap, rows
    between ``10 %`` and ``50 %`` are as common as those below: overlap fades, wrong labels stand apart.
    The alarm needs both: 2 % of the rows contradicted, and more of them than half-hearted ones by a factor of 1.5.
    """
    rows = np.arange(len(y))
    own = p[rows, y]
    usual = np.array([p[y == c, c].mean() if np.any(y == c) else 1.0 for c in range(p.shape[1])])
    other = p.copy()
    other[rows, y] = 0.0
    rival = other.argmax(axis=1)
    confident = (other[rows, rival] >= usual[rival] - 0.05) & (own < _SURE) & (usual[y] >= _TOLD)
    doubtful = (own >= _SURE) & (own < 0.5)
    share = float(confident.mean())
    noisy = share >= _LEAST and confident.sum() > _GAP * doubtful.sum()
    doubt = 1.0 - votes[rows, y]
    return np.asarray(doubt), np.asarray(confident), bool(noisy)
