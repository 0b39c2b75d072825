"""Passages that read like an order to a machine, whatever their words: a judge that learned what stands together there and nowhere else.

Rules know what was seen; attackers write anew. What words mean weighs (somebody spoken to, a deed, a verdict, secrecy), alone and before one another, so that what was
learned of some words holds for others of that meaning and for other languages; and so do words, and two that stand side by side or with one between them, for the
turns that no list of meanings has. What it learned from is in ``tools/orders``, how in ``tools/build_orders.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

import msgspec

from aisecops.content.instructions.concepts import Reader, Said, has_ideographs, mark, tokens, words
from aisecops.knowledge.orders import Weights, knowledge

_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]* +|(?<=[\u3002\uff01\uff1f])")
_LONGEST_SENTENCE = 300
_SHORTEST = 20
_LONGEST_WORD = 14
_FAR = 25
_NEAR = 3
_TEN = 10
_LEAST_ALONE = 0.4
"""What the words of a passage and their concepts weigh alone, below which hardly an order lies: saves reading most of what is honest."""


class Judged(msgspec.Struct, frozen=True):
    """The passage ``text[start:end]`` and what speaks for an order to a machine, in log odds."""

    start: int
    end: int
    odds: float


def judged(text: str, *, least: float) -> Iterator[Judged]:
    """Yield the passages of ``text``, as a view has it, whose odds are at least ``least``."""
    reader, weights = _reader(), knowledge().weights
    alone = _alone(set(words(text)), reader, weights)
    for bounds in _paragraphs(text):
        before: frozenset[str] = frozenset()
        for number, (start, end) in enumerate(bounds):
            present = alone.keys() & words(text[start:end])
            for first, found in ((start, present), (bounds[number - 1][0], present | before))[: 1 + (number > 0)]:
                if sum(map(alone.__getitem__, found)) >= _LEAST_ALONE:
                    odds = _odds(text[first:end], reader, weights)
                    if odds >= least:
                        yield Judged(first, end, odds)
            before = frozenset(present)


def _alone(present: Iterable[str], reader: Reader, weights: Weights) -> dict[str, float]:
    """Return what each of ``present`` weighs alone, with its concepts; those that weigh nothing are left out."""
    found = {word: sum(weights.turns.get(part, 0.0) for part in _parts(word)) for word in present}
    for word, concepts in reader.means(found):
        found[word] += sum(weights.alone.get(concept, 0.0) for concept in concepts)
    return {word: weight for word, weight in found.items() if weight}


def passages(text: str) -> Iterator[tuple[int, int]]:
    """Yield where passages begin and end: every sentence, and every two of a paragraph; of long sentences parts of 300 characters."""
    for bounds in _paragraphs(text):
        yield from bounds
        yield from ((first, last) for (first, _), (_, last) in pairwise(bounds))


def _paragraphs(text: str) -> Iterator[list[tuple[int, int]]]:
    start = 0
    for paragraph in text.split("\n"):
        if len(paragraph) >= _SHORTEST:
            yield [(start + first, start + last) for first, last in _sentences(paragraph)]
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


def _odds(passage: str, reader: Reader, weights: Weights) -> float:
    """Return the odds of a passage: every feature counts once."""
    said, length = reader.read(passage)
    total = weights.bias + _step(weights.length, length // _TEN) + _step(weights.density, _TEN * len(said) // max(length, 1))
    total += sum(weights.alone.get(concept, 0.0) for concept in {concept for _, concept in said})
    total += sum(weights.first.get(concept, 0.0) for concept in {concept for number, concept in said if number == 0})
    before, near = pairs(said)
    nothing: dict[str, float] = {}
    total += sum(weights.before.get(one, nothing).get(other, 0.0) for one, other in before)
    total += sum(weights.next.get(one, nothing).get(other, 0.0) for one, other in near)
    return total + sum(weights.turns.get(turn, 0.0) for turn in turns(passage))


def turns(passage: str) -> set[str]:
    """Return the words of a passage, and which two stand side by side or, with ``_`` for it, have one between them; ``^`` and ``$`` are its ends."""
    spoken = [part for token in tokens(passage) for part in _parts(token)]
    ended = ["^", *spoken, "$"]
    return {*spoken, *map(" ".join, pairwise(ended)), *(f"{one} _ {other}" for one, other in zip(ended, ended[2:], strict=False))}


def _parts(token: str) -> Iterable[str]:
    """Return what counts as a word of a token: its beginning; what kind of mark it is; of a run of ideographs every two."""
    if token.isdecimal():
        return ("0",)
    if kind := mark(token):
        return (":" if kind == "colon" else f"<{kind}>",)
    if has_ideographs(token):
        return [token[number : number + 2] for number in range(max(len(token) - 1, 1))]
    return (token[:_LONGEST_WORD],)


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
