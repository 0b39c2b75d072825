"""Passages that read like an order to a machine, whatever their words: a judge that learned which meanings stand together there and nowhere else.

Rules know what was seen; attackers write anew. Here no word weighs anything, only what it means (somebody spoken to, a deed, a verdict, secrecy), alone and before
one another, so that what was learned of some words holds for others of that meaning and for other languages. What it learned from is in ``tools/build_orders.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import msgspec

from aisecops.content.instructions.concepts import Reader, Said, words
from aisecops.knowledge.orders import Weights, knowledge

_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]* +|(?<=[\u3002\uff01\uff1f])")
_LONGEST_SENTENCE = 300
_SHORTEST = 20
_FAR = 25
_NEAR = 3
_TEN = 10
_LEAST_ALONE = 0.5
"""What the concepts of a passage weigh alone, below which hardly one of five hundred orders lies: saves looking at the pairs of two thirds of the others."""
_SPOKEN_TO = frozenset(
    ("machine", "role", "secret", "nowon", "cancel", "cancel!", "private", "output", "prompt", "noask", "free", "human", "you", "task", "persona")
)
_ASKED = frozenset(("say!", "favour!", "omit!", "cancel!", "send!", "show!", "act!", "ask!", "become!", "modal", "secret", "noask", "nowon", "free"))


class Judged(msgspec.Struct, frozen=True):
    """The passage ``text[start:end]`` and what speaks for an order to a machine, in log odds."""

    start: int
    end: int
    odds: float


def judged(text: str, *, least: float) -> Iterator[Judged]:
    """Yield the passages of ``text``, as a view has it, whose odds are at least ``least``."""
    reader, weights = _reader(), knowledge().weights
    spoken_to, asked = set(), set()
    for word, concepts in reader.means(set(words(text))):
        if not _SPOKEN_TO.isdisjoint(concepts):
            spoken_to.add(word)
        if not _ASKED.isdisjoint(concepts):
            asked.add(word)
    for start, end in passages(text):
        present = words(text[start:end])
        if spoken_to.isdisjoint(present) or asked.isdisjoint(present):
            continue
        said, length = reader.read(text[start:end])
        meant = {concept for _, concept in said}
        if _ASKED.isdisjoint(meant) or sum(weights.alone.get(concept, 0.0) for concept in meant) < _LEAST_ALONE:
            continue
        odds = _odds(said, length, weights)
        if odds >= least:
            yield Judged(start, end, odds)


def passages(text: str) -> Iterator[tuple[int, int]]:
    """Yield where passages begin and end: every two sentences of a paragraph, or one that stands alone; of long sentences parts of 300 characters."""
    start = 0
    for paragraph in text.split("\n"):
        bounds = list(_sentences(paragraph)) if len(paragraph) >= _SHORTEST else []
        if len(bounds) == 1:
            yield start + bounds[0][0], start + bounds[0][1]
        for (first, _), (_, last) in pairwise(bounds):
            yield start + first, start + last
        start += len(paragraph) + 1


def _sentences(paragraph: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end, following in [*((match.start(), match.end()) for match in _SENTENCE.finditer(paragraph)), (len(paragraph), len(paragraph))]:
        while end - start > _LONGEST_SENTENCE:
            cut = paragraph.rfind(" ", start + _LONGEST_SENTENCE // 2, start + _LONGEST_SENTENCE)
            cut = cut if cut > 0 else start + _LONGEST_SENTENCE
            yield start, cut
            start = cut
        if end > start:
            yield start, end
        start = following


@cache
def _reader() -> Reader:
    return Reader(knowledge().lexicon)


def _odds(said: Said, length: int, weights: Weights) -> float:
    """Return the odds of a passage: every feature counts once."""
    total = weights.bias + _step(weights.length, length // _TEN) + _step(weights.density, _TEN * len(said) // max(length, 1))
    total += sum(weights.alone.get(concept, 0.0) for concept in {concept for _, concept in said})
    total += sum(weights.first.get(concept, 0.0) for concept in {concept for number, concept in said if number == 0})
    before, near = pairs(said)
    nothing: dict[str, float] = {}
    total += sum(weights.before.get(one, nothing).get(other, 0.0) for one, other in before)
    return total + sum(weights.next.get(one, nothing).get(other, 0.0) for one, other in near)


def pairs(said: Said) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return which concepts stand before which others, within 25 words and within three."""
    before, near = set(), set()
    for position, (number, concept) in enumerate(said):
        for other_number, other in said[position + 1 : position + 30]:
            apart = other_number - number
            if apart > _FAR:
                break
            before.add((concept, other))
            if 0 < apart <= _NEAR:
                near.add((concept, other))
    return before, near


def _step(steps: tuple[float, ...], number: int) -> float:
    return steps[min(number, len(steps) - 1)]
