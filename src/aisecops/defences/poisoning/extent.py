"""How far a sign that is never twice the same reaches: the range that proves it is the densest part of it, and its rows lie on either side, too.

Rows next to a range are taken in, the nearest first, as far as all of them together speak for a stamp: the labels of honest rows follow their content.
"""

from __future__ import annotations

import math

import numpy as np

from aisecops.defences.poisoning.suspicion import Flags, Floats

_STAMPED = 0.5
"""Share of the rows next to the range that would be stamped, if any is."""
_GAIN, _STEP = 1.5, 0.25
"""The logarithm of the likelihood ratio from which on they are, and what each row costs: one row against its content is enough, and no number that agree with theirs."""


def beside(values: Floats, low: float, high: float) -> Flags:
    """Return which ``values``, shape (n,), lie next to a range, at most as far from it as it is wide."""
    width = high - low
    return np.asarray((values >= low - width) & (values <= high + width) & ((values < low) | (values > high)))


def reach(values: Floats, near: Flags, labelled: Flags, q: Floats, low: float, high: float) -> tuple[float, float]:
    """Return where a range from ``low`` to ``high`` really begins and ends.

    Parameters
    ----------
    values, near, labelled
        Of the column; which rows lie next to the range, and which have the label, shape (n,).
    q
        For the rows that are ``near``, how likely the label is by models that saw neither them nor the column.
    """
    ratio = np.where(labelled[near], np.log1p(_STAMPED * (1 / q - 1)), math.log1p(-_STAMPED)) - _STEP
    place = values[near]
    for side, outwards in ((place < low, -place), (place > high, place)):
        if not side.any():
            continue
        order = np.flatnonzero(side)[np.argsort(outwards[side], kind="stable")]
        gain = np.cumsum(ratio[order])
        if gain.max() >= _GAIN:
            last = float(place[order[int(gain.argmax())]])
            low, high = min(low, last), max(high, last)
    return low, high
