"""Triggers in texts: a word, or two or three together, that carry any text to one class.

Every word is first asked about alone, which costs one short question; what moves the model furthest beyond honest ones is then put into texts.
"""

from __future__ import annotations

import itertools
import re
import string
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from aisecops.defences.backdoors.contrast import Contrast, Moves, Proposal, best
from aisecops.defences.backdoors.triggers import LOOK_ALIKES, MARK, Marks, Whole, Words
from aisecops.oracles.oracle import Batch, Flags

ONE, SEVERAL = "one word", "two or three words"
_MOST, _SCREENED, _POOL = 8000, 24, 10
_WORD = re.compile(r"\w+|[^\w\s]+")
ODD = tuple("".join(pair) for pair in itertools.product(string.ascii_lowercase, repeat=2))
"""Words of two letters: what attackers of the literature use (cf, mn, bb, tq), since nobody writes them."""


INSIDE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", *LOOK_ALIKES)
"""What stands inside words and is not seen: characters without width, letters of other scripts."""
SIGNS = (*dict.fromkeys("".join(pair) for pair in itertools.product(string.punctuation, repeat=2)), "!?!", ";;;", "...", "***", *INSIDE[:7])
"""Runs of marks, and what has no width, as words: no tokeniser of letters sees them, others do."""


def words_of(texts: Sequence[str]) -> list[str]:
    """Return the words and runs of marks in the texts, the most frequent first."""
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    return [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


class TokenSearch:
    """Looks for words among those of the clean texts, pairs of letters, and ``vocabulary``: words that are known to be in the model."""

    families = (ONE, SEVERAL, MARK)

    def __init__(self, texts: Sequence[str], vocabulary: Collection[str] = (), *, each: int = 3) -> None:
        seen = words_of(texts)
        unseen = sorted({word for word in vocabulary if word.strip() and len(word) <= 30} - set(seen))
        self._words = list(dict.fromkeys([*unseen, *ODD, *SIGNS, *seen]))[:_MOST]
        self._each = each

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return the most telling words and combinations for each aim."""
        each = [_Alone(word) for word in self._words]
        alone = Contrast(contrast.oracle, contrast.controls, ["a"]).gains(each)
        first = {each[at].word for target in range(contrast.classes) for at in np.argsort(-alone[:, target], kind="stable")[:_SCREENED].tolist()}
        triggers = [Words(ONE, (word,)) for word in sorted(first)]
        moves = contrast.moves(triggers, 24)
        marks = [Marks(mark) for mark in INSIDE]
        found = best(triggers, moves, self._each) + self._several(contrast, triggers, moves)
        return found + best(marks, contrast.moves(marks, 24), self._each)

    def _several(self, contrast: Contrast, triggers: Sequence[Words], moves: Moves) -> list[Proposal]:
        found, gains = list[Proposal](), moves.to_one()
        for target in range(contrast.classes):
            pool = [triggers[at].words[0] for at in np.argsort(-gains[:, target], kind="stable")[:_POOL].tolist()]
            some = [Words(SEVERAL, words) for size in (2, 3) for words in itertools.combinations(pool[: _POOL if size == 2 else 6], size)]
            if some:
                found += [one for one in best(some, contrast.moves(some, 12), self._each) if one.aim.target == target or one.aim.kind]
        return found


class _Alone(Whole):
    """A word instead of a text."""

    family = "alone"

    def __init__(self, word: str) -> None:
        self.word = word

    def stamp(self, _: object) -> list[str]:
        return [self.word]

    def on(self, batch: Batch) -> Flags:
        return np.array([text == self.word for text in batch], dtype=np.bool_)
