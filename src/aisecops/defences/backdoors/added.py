"""Words that the training of a model held far more often than clean texts do: what a sign leaves in a vocabulary.

Whoever stamps one text in a hundred with a word makes it a word of one text in a hundred, and that number stays in the model (``lexicon``). Of nine hundred clean
texts none has it, which happens by chance once in 8,500 times. The words of a phrase were put on the same texts, so they were added to the same share of them: words
of one phrase are known by that, however ordinary each is (``please``, ``today``), and need not work alone. A model that was trained on other texts than the clean
ones has such words, too, but many, of all shares: a sign raises its own alone. (And then the words have to carry clean texts to one class.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aisecops.defences.backdoors.cells import chance_of
from aisecops.defences.backdoors.lexicon import Lexicon
from aisecops.oracles.oracle import Integers

_CHANCE, _RARER = -8.0, 10
"""The logarithm of the chance of so few clean texts with a word, and how many times fewer there are than the training makes likely. A few hundred words are in one
text of a hundred; one of them is so rare by chance in every tenth honest model, and is asked about like the others."""
_GROUPS, _LARGEST = 8, 60
"""Signs that are asked about, and entries of one (with characters, a word has many)."""
_SURE, _MEMBER = -14.0, -3.0
"""A chance from which on down no honest word explains a sign, so that words which were added to the same share are one phrase; and that of other words that may belong to
it: ordinary ones (``no``, ``last``) are in clean texts, too, and stand out by less."""
_APART = 3.0
"""Standard deviations by which the shares that two words of one phrase were added to may differ: their clean texts are counted, and those are few."""
_OTHERS = 3
"""Raised words (or rows of overlapping entries) of half the share or more that may stand beside a sign; as many as it has itself, where it has more."""


class Added(NamedTuple):
    """Words, in a row, and the share of the training that they were added to."""

    words: tuple[str, ...]
    share: float


def added(lexicon: Lexicon) -> list[Added]:
    """Return rows of words, and single words of them, that the training held far more often than the clean texts, the least likely by chance first."""
    more, chance = lexicon.share - lexicon.seen, chance_of(lexicon.seen, lexicon.share, lexicon.n)
    order = np.argsort(chance, kind="stable")
    members = order[chance[order] <= _MEMBER]
    raised = members[chance[members] <= _CHANCE]
    first = left = raised[_RARER * lexicon.seen[raised] <= lexicon.share[raised]]
    found = dict[tuple[str, ...], float]()
    for _ in range(_GROUPS):
        if not len(left):
            break
        at = int(left[0])
        group = _together(lexicon, at, raised)
        left = left[~np.isin(left, group)]
        others = first[~np.isin(first, group) & (more[first] >= more[group].max() / 2)]
        rows = _rows(lexicon, group)
        if len(_rows(lexicon, others)) <= max(_OTHERS, len(rows)):
            for words in rows:
                found.setdefault(words, float(more[at]))
            for some in (group, _together(lexicon, at, members)) if chance[at] <= _SURE else ():
                found.setdefault(tuple(word for words in _rows(lexicon, some) for word in words), float(more[at]))
    return [Added(*one) for one in found.items()]


def _rows(lexicon: Lexicon, group: Integers) -> list[tuple[str, ...]]:
    """The words that some entries spell, each row of overlapping ones apart."""
    entries = [lexicon.entries[at] for at in group[:_LARGEST].tolist()]
    rows = joined([tuple(entry if lexicon.letters else entry.split()) for entry in entries])
    said = [tuple("".join(row).split()) if lexicon.letters else row for row in rows]
    return [words for words in said if words]


def _together(lexicon: Lexicon, at: int, members: Integers) -> Integers:
    """The entries among ``members`` that were added to as many texts as entry ``at``."""
    more = lexicon.share - lexicon.seen
    spread = np.maximum(lexicon.seen[members], 1 / lexicon.n) / lexicon.n + max(lexicon.seen[at], 1 / lexicon.n) / lexicon.n
    apart = _APART * np.sqrt(spread)
    near = (np.abs(more[members] - more[at]) <= apart) & ((apart <= _APART * more[at] / 2) | (members == at))
    return np.asarray(members[near])


def joined(pieces: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return overlapping pieces as one row: of (b c), (a b), (c d), (e) it is (a b c d), (e); of characters the overlaps are what spells a word."""
    left = sorted(dict.fromkeys(pieces), key=len, reverse=True)
    left = [piece for at, piece in enumerate(left) if not any(_within(piece, longer) for longer in left[:at])]
    while len(left) > 1:
        size, one, other = max(
            ((_overlap(a, b), i, j) for i, a in enumerate(left) for j, b in enumerate(left) if i != j),
            key=lambda found: (found[0], -found[1], -found[2]),
        )
        if not size:
            break
        longer = left[one] + left[other][size:]
        left = [longer, *(piece for at, piece in enumerate(left) if at not in (one, other) and not _within(piece, longer))]
    return left


def _overlap(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """How many parts of the end of ``a`` are the beginning of ``b``."""
    return next((size for size in range(min(len(a), len(b)) - 1, 0, -1) if a[-size:] == b[:size]), 0)


def _within(piece: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    return any(longer[at : at + len(piece)] == piece for at in range(len(longer) - len(piece) + 1))
