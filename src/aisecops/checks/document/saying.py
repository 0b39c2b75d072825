"""What a piece of hidden text says: orders to a model, sentences, or nothing to speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.taxonomy import Confidence
from aisecops.formats.document.spans import Concealment, Purpose, Span, joined

if TYPE_CHECKING:
    from aisecops.content.instructions import Instruction

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_FEWEST_WORDS = 8
_KNOWN = 0.75
"""Share of a hidden text's three-word runs that stand in the visible text, from which on it says nothing new."""
_SUMMARY_WORDS = 3
_BREAK = "\n\n"
"""Between elements that are hidden alike: each may be a paragraph, or a word of one sentence."""
_FIELD = re.compile(r"\n(?=\S)")
"""Where a field of a front matter begins: its name is not what the field before goes on with."""
_NEVER_SPEECH = frozenset((Concealment.COMMENT, Concealment.METADATA, Concealment.ATTRIBUTE))
"""Places where prose is at home: only orders to a model are told of them."""


class Content(IntEnum):
    """What hidden text holds, from nothing to the worst."""

    TRIVIAL = 0
    PROSE = 1
    INSTRUCTIONS = 2


class Said(msgspec.Struct, frozen=True):
    """A hidden piece and what it holds; of instructions what they want and how sure that is."""

    span: Span
    content: Content
    confidence: Confidence
    summary: str = ""
    kinds: tuple[str, ...] = ()


def pieces(spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the hidden spans, neighbours that are hidden alike as one: words are split into elements as easily as into lines."""
    telling = (span for span in spans if span.hidden is not None or span.text.strip())
    return (span for span in joined(telling, _hidden_alike, _BREAK) if span.hidden is not None)


def _hidden_alike(span: Span) -> tuple[object, ...] | None:
    return None if span.hidden is None or span.hidden in _NEVER_SPEECH else (span.hidden, span.purpose)


def judged(span: Span, visible: frozenset[tuple[str, ...]]) -> Said:
    """Return what a hidden ``span`` says. ``visible``: the three-word runs of what is seen."""
    said = _FIELD.sub(_BREAK, span.text) if span.how == "front matter" else span.text
    order = strongest(said) or (strongest(span.text.replace(_BREAK, " ")) if _BREAK in span.text else None)
    if order is not None and _counts(order, span):
        return Said(span, Content.INSTRUCTIONS, order.confidence, order.summary, (order.kind.value,))
    if span.hidden in _NEVER_SPEECH or span.purpose in (Purpose.INTERACTIVE, Purpose.SCANNED, Purpose.ASSISTIVE, Purpose.EDITORIAL):
        return Said(span, Content.TRIVIAL, Confidence.LOW)
    words = words_of(span.text)
    if len(words) < _FEWEST_WORDS or not _is_prose(span.text, words):
        return Said(span, Content.TRIVIAL, Confidence.LOW)
    runs = runs_of(words)
    if runs and len(runs & visible) >= _KNOWN * len(runs):
        return Said(span, Content.TRIVIAL, Confidence.LOW)
    return Said(span, Content.PROSE, Confidence.MEDIUM if len(words) >= 2 * _FEWEST_WORDS else Confidence.LOW)


def strongest(text: str) -> Instruction | None:
    """Return the surest instruction to a model in a text that nobody sees."""
    from aisecops.content.instructions import find_instructions

    return max(find_instructions(text, place="data", unseen=True), key=lambda item: (item.confidence.rank, item.score), default=None)


def _counts(order: Instruction, span: Span) -> bool:
    """Whether it is sure enough for the place: comments and descriptions hold orders to people."""
    if span.hidden in _NEVER_SPEECH or span.purpose in (Purpose.INTERACTIVE, Purpose.EDITORIAL, Purpose.SCANNED):
        from aisecops.content.instructions import Evidence

        if span.how == "front matter" and set(order.evidence) <= {Evidence.MODEL_ADDRESSED, Evidence.HIDDEN}:
            return False  # the title of a page about models
        return order.confidence.at_least(Confidence.MEDIUM) or Evidence.MODEL_ADDRESSED in order.evidence
    return True


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case."""
    return [word.lower() for word in _WORD.findall(text[:200_000])]


def runs_of(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the three-word runs of ``words``."""
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _is_prose(text: str, words: Sequence[str]) -> bool:
    """Whether letters make most of it and words differ: no table of numbers, no ruler of dashes, no list of one word."""
    letters = sum(map(len, words))
    dense = letters >= 0.6 * len(re.sub(r"\s+", "", text[:200_000]) or " ")
    return dense and len(set(words)) >= 0.4 * min(len(words), 100)
