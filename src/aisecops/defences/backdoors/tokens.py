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

from aisecops.defences.backdoors.contrast import Contrast, Proposal, best
from aisecops.defences.backdoors.triggers import Words

ONE, SEVERAL = "one word", "two or three words"
_MOST, _SCREENED, _POOL = 8000, 24, 10
_WORD = re.compile(r"\w+|[^\w\s]+")
ODD = tuple("".join(pair) for pair in itertools.product(string.ascii_lowercase, repeat=2))
"""Words of two letters: what attackers of the literature use (cf, mn, bb, tq), since nobody writes them."""


def words_of(texts: Sequence[str]) -> list[str]:
    """Return the words and runs of marks in the texts, the most frequent first."""
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    return [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


class TokenSearch:
    """Looks for words among those of the clean texts, pairs of letters, and ``vocabulary``: words that are known to be in the model."""

    families = (ONE, SEVERAL)

    def __init__(self, texts: Sequence[str], vocabulary: Collection[str] = (), *, each: int = 3) -> None:
        seen = words_of(texts)
        unseen = sorted({word for word in vocabulary if word.strip() and len(word) <= 30} - set(seen))
        self._words = list(dict.fromkeys([*unseen, *ODD, *seen]))[:_MOST]
        self._each = each

    def propose(self, contrast: Contrast) -> list[Proposal]:
        """Return the most telling words and combinations for each class."""
        alone = Contrast(contrast.oracle, contrast.controls, ["a"]).gains([_Alone(word) for word in self._words])
        first = {proposal.trigger.word for proposal in best([_Alone(word) for word in self._words], alone, _SCREENED)}  # type: ignore[attr-defined]
        triggers = [Words(ONE, (word,)) for word in sorted(first)]
        gains = contrast.gains(triggers, 16)
        return best(triggers, gains, self._each) + self._several(contrast, triggers, np.asarray(gains))

    def _several(self, contrast: Contrast, triggers: Sequence[Words], gains: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[Proposal]:
        found = list[Proposal]()
        for target in range(contrast.classes):
            pool = [triggers[at].words[0] for at in np.argsort(-gains[:, target], kind="stable")[:_POOL].tolist()]
            some = [Words(SEVERAL, words) for size in (2, 3) for words in itertools.combinations(pool[: _POOL if size == 2 else 6], size)]
            if some:
                order = np.argsort(-contrast.gains(some, 12)[:, target], kind="stable")[: self._each]
                found += [Proposal(target, some[at]) for at in order.tolist()]
        return found


class _Alone:
    """A word instead of a text."""

    family = "alone"

    def __init__(self, word: str) -> None:
        self.word = word

    def stamp(self, _: object) -> list[str]:
        return [self.word]
