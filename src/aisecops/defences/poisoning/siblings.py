"""Whether phrases that differ from one in a single word are against their content, too.

"The box is lovely." and "not lovely at all" have a word in common, and a content that reads words one by one contradicts the first wherever honest texts mostly say the
second. But then it contradicts "is slow." and "is great." as well, for either label. An attacker plants one phrase: those that look like it say what their texts say.
So the siblings of a phrase tell how far content is off in its frame: its chance is that of as many times fewer rows (quasi-likelihood; McCullagh and Nelder 1989, 4.5).
"""

from __future__ import annotations

import re

import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.calling import Found, rows_of, without
from aisecops.defences.poisoning.reading import Reading, softmax
from aisecops.defences.poisoning.suspicion import Floats, Integers

_AS_EXPECTED = 3
"""Siblings of whom content is right that are added to those that are there: one odd one, or two, is no frame."""


def dispersion(reading: Reading, one: Found) -> float:
    """Return by how much the labels of half the siblings of a phrase are farther from their content than chance has them: 1 or more, 1 for what is no phrase."""
    odd = [_odd(reading, atom, rows) for atom in _siblings(reading, one) if len(rows := np.setdiff1d(rows_of(reading, atom), one.rows)) >= FEWEST]
    return max(1.0, float(np.median([*odd, *[1.0] * _AS_EXPECTED])))


def _siblings(reading: Reading, one: Found) -> list[int]:
    """Return the phrases that differ in one word, wherever it stands."""
    kind, _, phrase = reading.names[one.atoms[0]].partition(":")
    if kind != "phrase" or len(one.atoms) > 1:
        return []
    words = [re.escape(word) for word in phrase.split(" ")]
    frames = (" ".join([*words[:at], r"\S+", *words[at + 1 :]]) for at in range(len(words)))
    like = re.compile(f"phrase:(?:{'|'.join(frames)})")
    return [at for at, name in enumerate(reading.names) if at != one.atoms[0] and any(map(like.fullmatch, (name, *reading.alike[at])))]


def _odd(reading: Reading, atom: int, rows: Integers) -> float:
    """Return Pearson's statistic of the labels of ``rows`` over its degrees of freedom: 1 on average if content is right."""
    expected: Floats = softmax(without(reading, (atom,), rows)).sum(axis=0)
    counted = np.bincount(reading.y[rows], minlength=reading.classes)
    return float(((counted - expected) ** 2 / np.maximum(expected, 0.02 * len(rows))).sum()) / (reading.classes - 1)
