"""Where a text can be edited: its words and the spaces between them, less what has to stay as it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

import msgspec

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GAP = re.compile(r"[ \t]+")


class Protected(StrEnum):
    """What may be left alone, so that a message still does its work.

    ``urls``: addresses of the web and of mail. ``numbers``: amounts, telephone numbers, dates, codes with digits. ``names``: words with a capital letter that begin no
    sentence, roughly: people, places, brands.
    """

    URLS = "urls"
    NUMBERS = "numbers"
    NAMES = "names"


_PATTERNS = {
    Protected.URLS: re.compile(
        r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|biz|io|co|uk|de|eu|tv)\b(?:/\S*)?", re.IGNORECASE
    ),
    Protected.NUMBERS: re.compile(r"\b\w*\d\w*(?:[.,:/+-]\d+\w*)*"),
    Protected.NAMES: re.compile(r"(?<![.!?]\s)(?<!^)\b[^\W\d_a-z][^\W\d_A-Z]+\b"),
}


class Place(msgspec.Struct, frozen=True):
    """``text[start:end]``: a word, or the space between two words."""

    start: int
    end: int
    word: bool


def places(text: str, protected: Collection[Protected] = (), keep: Sequence[str] = ()) -> list[Place]:
    """Return the words of ``text`` and the spaces between two words that may be edited, in order.

    ``keep`` are words or phrases that stay as they are, whatever their case.
    """
    kept = [match.span() for match in _kept(text, protected, keep)]
    found = [Place(match.start(), match.end(), True) for match in _WORD.finditer(text)]
    gaps = [Place(match.start(), match.end(), False) for match in _GAP.finditer(text)]
    starts, ends = {place.start for place in found}, {place.end for place in found}
    found += [gap for gap in gaps if gap.start in ends and gap.end in starts]
    return sorted((place for place in found if not _touches(place, kept)), key=lambda place: place.start)


def word_count(text: str) -> int:
    """Return the number of words, protected ones too."""
    return sum(1 for _ in _WORD.finditer(text))


def words(text: str) -> list[str]:
    """Return the words as the attack sees them."""
    return _WORD.findall(text)


def _kept(text: str, protected: Collection[Protected], keep: Sequence[str]) -> Iterator[re.Match[str]]:
    for kind in protected:
        yield from _PATTERNS[Protected(kind)].finditer(text)
    for phrase in keep:
        if phrase:
            yield from re.finditer(re.escape(phrase), text, re.IGNORECASE)


def _touches(place: Place, kept: list[tuple[int, int]]) -> bool:
    """Whether an edit of ``place`` would change something kept: a word that overlaps it, a space beside or within it."""
    slack = 0 if place.word else 1
    return any(start < place.end + slack and place.start < end + slack for start, end in kept)
