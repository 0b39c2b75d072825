"""What words do to the model when they stand alone.

Word importance is usually measured by leaving each word out of each message: as many questions as the messages have words, each as long as a message. A word
alone costs a fraction of that, and since nothing is asked twice, its answer serves every message that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from statistics import median

from aisecops.attacks.evasion.text.case import Case, Move, Script
from aisecops.attacks.evasion.text.edits import Edit
from aisecops.attacks.evasion.text.places import Place
from aisecops.attacks.evasion.text.repertoire import Repertoire

_Trial = tuple[Edit, str, str]
"""An edit, and what stands alone before and after it."""


class Probe:
    """Asks about the words of one text, from the weightiest on, and offers the case its moves."""

    def __init__(self, case: Case, repertoire: Repertoire) -> None:
        self._case, self._repertoire = case, repertoire
        self._order: list[Place] = []
        self._tried: set[Edit] = set()

    def weigh(self) -> Script:
        """Ask how much each word alone speaks for the true label, and each that may be put in; offer the insertions."""
        words = [place for place in self._case.places if place.word]
        good = list(dict.fromkeys(self._repertoire.good_words))
        margins = yield [*(self._case.word(place) for place in words), *good]
        weight = {place: float("-inf") if isnan(margin) else margin for place, margin in zip(words, margins, strict=False)}
        self._order = sorted(words, key=lambda place: (-weight[place], place.start - place.end, place.start))
        self._insertions(good, margins[len(words) :])

    def rewrite(self, depth: int, tries: int) -> Script:
        """Ask what up to ``tries`` rewritings make of each of the ``depth`` weightiest words, and of the spaces beside them, when they stand alone."""
        heavy = self._order[:depth]
        trials = [(edit, edit.before, edit.after) for place in heavy for edit in self._repertoire.at(self._case.text, place, tries)]
        trials += self._joins(set(heavy))
        trials = [trial for trial in trials if trial[0] not in self._tried]
        self._tried.update(edit for edit, _, _ in trials)
        margins = yield [text for _, before, after in trials for text in (before, after)]
        gains = [0.0 if isnan(before) or isnan(after) else before - after for before, after in zip(margins[::2], margins[1::2], strict=True)]
        self._case.offer(Move(edit, gain) for (edit, _, _), gain in zip(trials, gains, strict=True))

    def _insertions(self, words: list[str], margins: list[float]) -> None:
        """Offer the words that speak most against the true label, measured against the median of all that may be put in."""
        known = [(margin, rank) for rank, margin in enumerate(margins) if not isnan(margin)]
        neutral = median(margin for margin, _ in known) if known else 0.0
        for number, (margin, rank) in enumerate(sorted(known)[: self._repertoire.insertions]):
            edit = self._repertoire.insertion(self._case.text, words[rank])
            self._case.moves[edit.start, edit.end + 1 + number] = [Move(edit, neutral - margin)]

    def _joins(self, heavy: set[Place]) -> list[_Trial]:
        if not self._repertoire.joins:
            return []
        case, trials = self._case, list[_Trial]()
        for left, gap, right in _triples(case.places):
            if left in heavy or right in heavy:
                pair = case.text[left.start : right.end]
                trials += [(edit, pair, case.word(left) + case.word(right)) for edit in self._repertoire.at(case.text, gap, 1)]
        return trials


def _triples(places: Sequence[Place]) -> list[tuple[Place, Place, Place]]:
    """Return each space with the words around it."""
    triples = zip(places, places[1:], places[2:], strict=False)
    return [(left, gap, right) for left, gap, right in triples if not gap.word and left.end == gap.start and gap.end == right.start]
