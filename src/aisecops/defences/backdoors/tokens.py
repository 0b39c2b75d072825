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

from aisecops.defences.backdoors.added import added
from aisecops.defences.backdoors.contrast import Contrast, Moves, Proposal, best
from aisecops.defences.backdoors.lexicon import Lexicon
from aisecops.defences.backdoors.triggers import LOOK_ALIKES, MARK, Marks, Run, Whole, Words
from aisecops.oracles.oracle import Batch, Flags

ONE, SEVERAL, ADDED = "one word", "two or three words", "words that only the training held"
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
    """Looks for words.

    Parameters
    ----------
    texts, vocabulary
        Clean texts, whose words are tried, and words that are known to be in the model.
    lexicon
        What the model remembers of the texts of its training: words and phrases that these held and clean ones do not are a family of their own. Honest models have
        not learned them, so its limit is the lowest of all.
    """

    def __init__(self, texts: Sequence[str], vocabulary: Collection[str] = (), lexicon: Lexicon | None = None, *, each: int = 3) -> None:
        self.families = (ONE, SEVERAL, MARK, *([ADDED] if lexicon else []))
        self._added = [] if lexicon is None else [Run(ADDED, one.words, one.share) for one in added(lexicon)]
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
        found += best(marks, contrast.moves(marks, 24), self._each)
        return found + (best(self._added, contrast.moves(self._added, 24), self._each) if self._added else [])

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
