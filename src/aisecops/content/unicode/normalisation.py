"""Text as it reads, for comparing: invisible characters gone, compatibility forms and look-alikes folded, with the way back to the original."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, normalize

from aisecops.content.unicode.characters import INVISIBLE
from aisecops.content.unicode.controls import CONTROLS, ESCAPE
from aisecops.content.unicode.homoglyphs import foreign_words, genuine_scripts, reads_as_latin
from aisecops.knowledge.confusables import confusables

_UNSEEN = re.compile(f"{ESCAPE}|[{INVISIBLE}{CONTROLS}]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class Normalised:
    """A normalised text and where each of its characters came from.

    Parameters
    ----------
    text : str
        The normalised text.
    origins : list of int or None
        For each character its offset in the original, and the original's length at the end; ``None`` where both texts are the same.
    """

    __slots__ = ("_origins", "text")

    def __init__(self, text: str, origins: list[int] | None = None) -> None:
        self.text = text
        self._origins = origins

    def origin(self, offset: int) -> int:
        """Return the offset in the original of the character at ``offset`` (at most the length of ``text``) here."""
        return offset if self._origins is None else self._origins[offset]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that ``text[start:end]`` came from."""
        return (self.origin(start), self.origin(end - 1) + 1) if end > start else (self.origin(start), self.origin(start))


def normalised(text: str) -> Normalised:
    """Return ``text`` as it reads: without invisible characters and accents, in NFKC, Latin look-alikes of other scripts as the letters that they imitate.

    A word keeps its script where the script is the text's own (Cyrillic words of a Russian text stay Cyrillic). Case is kept.
    """
    if text.isascii() and not _UNSEEN.search(text):
        return Normalised(text)
    kept, origins = _without_unseen(text)
    return _folded(kept, origins, len(text))


def _without_unseen(text: str) -> tuple[str, list[int]]:
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    for match in _UNSEEN.finditer(text):
        pieces.append(text[position : match.start()])
        origins.extend(range(position, match.start()))
        position = match.end()
    pieces.append(text[position:])
    origins.extend(range(position, len(text)))
    return "".join(pieces), origins


def _folded(text: str, origins: list[int], length: int) -> Normalised:
    imitations = _imitations(text)
    pieces: list[str] = []
    places: list[int] = []
    position = 0
    for match in _NOT_ASCII.finditer(text):
        at = match.start()
        folded = imitations[at] if at in imitations else _compatible(match[0])
        pieces += (text[position:at], folded)
        places += origins[position:at]
        places += [origins[at]] * len(folded)
        position = at + 1
    pieces.append(text[position:])
    places += origins[position:]
    return Normalised("".join(pieces), [*places, length])


def _imitations(text: str) -> dict[int, str]:
    """Return the offsets of letters that imitate Latin ones in their word, and what they imitate."""
    genuine, table = genuine_scripts(text), confusables()
    return {
        word.start() + index: table[letter]
        for word in foreign_words(text)
        if reads_as_latin(word[0], genuine)
        for index, letter in enumerate(word[0])
        if letter in table
    }


@lru_cache(maxsize=4096)
def _compatible(character: str) -> str:
    kept = "".join(part for part in normalize("NFKD", character) if category(part) != "Mn")
    return normalize("NFC", kept)
