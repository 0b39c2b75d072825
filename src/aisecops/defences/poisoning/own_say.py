"""What the columns of a sign say by themselves: a long stay, a high score, a first class, whose neighbours say the same, only less.

Models that do not see a column cannot know what it honestly says. The rows next to the sign can: those with values a little smaller and a little larger, and those with a
part of it only. How far their labels exceed what the other columns promise is what the column says there; a sign that somebody has written is no larger than itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.defences.poisoning.atoms import Atom
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_FEWEST, _MOST = 12, 100
"""Rows next to a sign that are asked."""
_SURE, _SURER = 2.0, 3.0
"""Deviations by which they must exceed what is promised; more for one side of a range alone, where a column that was sorted by the label changes over."""
STEPS = 12
"""Different values from which on a column has more and less, and not only this and that."""


def shift(x: Floats, carries: Flags, labelled: Flags, atoms: Sequence[Atom], promised: Sequence[Floats]) -> float:
    """Return how much the columns of ``atoms`` add to the logarithm of the odds of the label next to the rows that have all of them; never less than 0.

    Parameters
    ----------
    x
        Shape (n, columns).
    carries, labelled
        Which rows have the sign, and which the label, shape (n,).
    promised
        For each atom, how likely the label is of each row without its column, shape (n,).
    """
    total = 0.0
    for atom, p in zip(atoms, promised, strict=True):
        below, above = _beside(x, carries, atom)
        near = _excess(np.concatenate([below, above]), labelled, p)
        if atom.high > atom.low:
            near = max(near, _excess(below, labelled, p, _SURER), _excess(above, labelled, p, _SURER))
        part = _excess(np.flatnonzero(atom.holds(x) & ~carries), labelled, p) if len(atoms) > 1 else 0.0
        total += max(near, part)
    return total


def _beside(x: Floats, carries: Flags, atom: Atom) -> tuple[Integers, Integers]:
    """The rows with the next smaller and the next larger values, half as many on each side as carry the sign; beside a range, behind a gap: its noise reaches further."""
    values = x[:, atom.column]
    known = np.flatnonzero(~np.isnan(values) & ~carries)
    if len(np.unique(values[known])) < STEPS:
        return known[:0], known[:0]
    order = known[np.argsort(values[known], kind="stable")]
    count = int(min(max(_FEWEST, carries.sum() // 2), _MOST))
    low = int(np.searchsorted(values[order], atom.low, side="left"))
    high = int(np.searchsorted(values[order], atom.high, side="right"))
    gap = count if atom.high > atom.low else 0
    return order[max(0, low - gap - count) : max(0, low - gap)], order[high + gap : high + gap + count]


def _excess(rows: Integers, labelled: Flags, p: Floats, sure: float = _SURE) -> float:
    if len(rows) < _FEWEST:
        return 0.0
    expected, count = float(p[rows].sum()), float(labelled[rows].sum())
    if count - expected < sure * float(np.sqrt((p[rows] * (1 - p[rows])).sum() + 0.5)):
        return 0.0
    return _logit((count + 0.5) / (len(rows) + 1)) - _logit((expected + 0.5) / (len(rows) + 1))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
