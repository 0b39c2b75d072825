"""Answers of one source that contradict what the other sources agree on.

A statement is a sentence with one particular (a number, a name) taken out: "The capital of Australia is _". Where four sources or more fill the gap and three quarters of
them agree, a source that fills it otherwise dissents. Questions with short answers are statements, too. A source is told if it dissents more often than the rest does:
the chance of as many dissents at the rate of the others (smoothed by one half) is below ``level`` (binomial).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from aisecops.datasets.retrieval.words import question_key, sentences, words_of

_SLOT = re.compile(r"(?<!^)\b(?:[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,3}|\d[\d.,:]*\d|\d)(?: ?%)?")
_LONGEST_ANSWER = 12
_MOST_SENTENCES = 200
_FEWEST_SOURCES, _AGREED = 4, 0.75
_FEWEST_DISSENTS = 2


class Contradiction(msgspec.Struct, frozen=True):
    """A statement, with ``_`` for the gap, the value that a passage fills it with, and the one that the others agree on; hostile."""

    passage: int
    statement: str
    value: str
    agreed: str


class Dissent(msgspec.Struct, frozen=True):
    """A source that contradicts: in how many of its statements that others make too, of how many, the chance of that, and at most five of them."""

    source: str
    dissents: int
    shared: int
    chance: float
    examples: tuple[Contradiction, ...]


def conflicts(texts: Sequence[str], sources: Sequence[str], questions: Sequence[str] = (), *, level: float = 0.01) -> list[Dissent]:
    """Return the sources that contradict the others, the most frequent first.

    Parameters
    ----------
    texts, sources
        Passages or answers, and where each comes from.
    questions
        What each answers; empty strings, or none at all: passages.
    """
    filled = _filled(texts, sources, questions)
    shared: Counter[str] = Counter()
    dissents: dict[str, list[Contradiction]] = defaultdict(list)
    for statement, values in filled.items():
        agreed = _consensus(values)
        if agreed is None:
            continue
        speakers = {source for holders in values.values() for source in holders}
        shared.update(speakers)
        for value, holders in values.items():
            if value != agreed:
                for source, passage in holders.items():
                    if source not in values[agreed]:
                        dissents[source].append(Contradiction(passage, statement, value, agreed))
    return _told(shared, dissents, level)


def _filled(texts: Sequence[str], sources: Sequence[str], questions: Sequence[str]) -> dict[str, dict[str, dict[str, int]]]:
    """Return statement to value to source to passage."""
    filled: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for number, (text, source) in enumerate(zip(texts, sources, strict=True)):
        question = questions[number] if questions else ""
        for statement, value in _statements(text, question):
            filled[statement][value].setdefault(source, number)
    return filled


def _statements(text: str, question: str) -> Iterator[tuple[str, str]]:
    if question:
        answer = words_of(text)
        if 0 < len(answer) <= _LONGEST_ANSWER:
            yield "? " + question_key(question), " ".join(answer)
        return
    for sentence in sentences(text[:60_000])[:_MOST_SENTENCES]:
        if not 4 <= sentence.count(" ") + 1 <= 40:
            continue
        for slot in list(_SLOT.finditer(sentence))[:6]:
            around = [*words_of(sentence[: slot.start()]), "_", *words_of(sentence[slot.end() :])]
            if len(around) >= 4:
                yield " ".join(around), slot[0].lower()


def _consensus(values: dict[str, dict[str, int]]) -> str | None:
    """Return the value that most sources agree on; None where too few speak or they do not agree."""
    if len(values) < 2:
        return None
    best = max(values, key=lambda value: (len(values[value]), value))
    speakers = {source for holders in values.values() for source in holders}
    return best if len(speakers) >= _FEWEST_SOURCES and len(values[best]) >= _AGREED * len(speakers) else None


def _told(shared: Counter[str], dissents: dict[str, list[Contradiction]], level: float) -> list[Dissent]:
    found = []
    every, wrong = sum(shared.values()), sum(map(len, dissents.values()))
    for source, examples in dissents.items():
        others = every - shared[source]
        rate = (wrong - len(examples) + 0.5) / (others + 1)
        chance = _tail(len(examples), shared[source], min(1.0, rate))
        if len(examples) >= _FEWEST_DISSENTS and chance < level:
            found.append(Dissent(source, len(examples), shared[source], chance, tuple(examples[:5])))
    return sorted(found, key=lambda item: (-item.dissents, item.source))


def _tail(hits: int, trials: int, rate: float) -> float:
    """Return the chance of ``hits`` or more of ``trials`` at ``rate``."""
    from math import comb

    trials = max(trials, hits)
    if trials > 1_000:  # the sum of a long tail: bounded from above (Chernoff)
        from math import exp, log

        share = hits / trials
        if share <= rate:
            return 1.0
        inner = share * log(share / rate) + ((1 - share) * log((1 - share) / (1 - rate)) if share < 1 else 0.0)
        return exp(-trials * inner)
    return min(1.0, sum(comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(hits, trials + 1)))
