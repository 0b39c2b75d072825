"""The form of a text, whatever its words say: casing, white space, marks, the shapes of numbers, dates, addresses and names.

A mark that no word makes ("each word with a capital", "two spaces for one", "a date that is never the same") is a form. Each piece of a text has a shape: a number is
its digits as nines, a word its casing and letters, an address ``url``. Shapes, runs of them and what is true of the whole text are atoms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

_PIECE = re.compile(
    r"(?P<entity>&(?:#\d{2,5}|#x[0-9a-fA-F]{2,5}|[a-z]{2,6});)|(?P<tag></?[a-zA-Z][^<>]{0,40}>)|(?P<url>(?:https?://|www\.)\S+)|(?P<handle>[#@]\w+)"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*)|(?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)*)|(?P<space>\s+)|(?P<run>([^\w\s])\9*)|(?P<other>.)",
    re.DOTALL,
)
_LONGEST = 4
_WORDS = frozenset(("word", "Word", "W", "WORD", "wOrd", "Month"))
_PLAIN = frozenset(("word", "Word", "W", "space", ",", ".", "start", "end"))
"""Shapes that every text has."""
_LOUD = 0.3
_FEW = 3
_STAYS = 0.25
"""Share of the words that stay small where each is to have a capital: what brackets, quotes or a name in code open."""
_MONTHS = frozenset(
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october november december".split()
)
_SCRIPTS = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"))
_STICKS = frozenset((".", ",", "!", "?", ";", ":", "..."))
"""Marks that stand at the word before them."""


def forms(text: str) -> set[str]:
    """Return what is true of the form of ``text``, each ``form:`` and one to four shapes, or ``form:whole ...``."""
    shapes = [_shape(match) for match in _PIECE.finditer(text)]
    found = {f"form:{shape}" for shape in shapes if shape not in _PLAIN}
    found.update(f"form:{run}" for run in _runs(shapes))
    found.update(f"form:whole: {what}" for what in _whole(text, shapes))
    return found


def _shape(match: re.Match[str]) -> str:
    piece = match[0]
    match match.lastgroup:
        case "number":
            return re.sub(r"\d{5,}", "99999", re.sub(r"\d", "9", piece))
        case "word":
            return _casing(piece) + _letters(piece)
        case "space":
            return _gap(piece)
        case "handle":
            return f"{piece[0]}word"
        case "url":
            return "url"
        case "tag" | "entity":
            return piece.lower()
        case _:
            return _mark(piece)


def _casing(word: str) -> str:
    letters = re.sub(r"['\u2019].*", "", word)
    if word.lower() in _MONTHS and word[0].isupper():
        return "Month"
    if letters.isupper():
        return "W" if len(letters) == 1 else "WORD"
    if letters[1:] == letters[1:].lower():
        return "Word" if letters[0].isupper() else "word"
    return "wOrd"


def _letters(word: str) -> str:
    """Return what is odd about the letters of a word: other alphabets, several at once, marks on letters."""
    if word.isascii():
        return ""
    scripts = {unicodedata.name(mark, "?").split(" ")[0] for mark in word if mark.isalpha()}
    if len(scripts) > 1 and "LATIN" in scripts:
        return " of several alphabets"
    return " with accents" if scripts == {"LATIN"} else "" if scripts.isdisjoint(_SCRIPTS) else f" in {min(scripts).lower()}"


def _gap(piece: str) -> str:
    if set(piece) == {" "}:
        return "space" if piece == " " else "spaces"
    return "line break" if "\n" in piece else "tab" if "\t" in piece else _named(piece.strip(" ")[0])


def _mark(piece: str) -> str:
    """Return the shape of a run of marks: emoji are one shape, of other marks a run counts up to three."""
    if piece[0].isascii() or unicodedata.category(piece[0])[0] == "P":
        return piece[:_FEW]
    return "emoji" if unicodedata.category(piece[0]) == "So" else _named(piece[0])


def _named(mark: str) -> str:
    return f"U+{ord(mark):04X}"


def _runs(shapes: Sequence[str]) -> Iterator[str]:
    """Yield runs of two to four shapes that have something to tell; single spaces count at both ends and before a mark that sticks to words."""
    framed = ["start", *(shape for shape in shapes if shape != "space"), "end"]
    telling = [shape not in _PLAIN for shape in framed]
    for length in range(2, _LONGEST + 1):
        yield from (" ".join(framed[at : at + length]) for at in range(len(framed) - length + 1) if any(telling[at : at + length]))
    bounded = ["start", *shapes, "end"]
    yield from (f"{a} {b}" for a, b in pairwise(bounded) if (a == "space" and (b == "end" or b in _STICKS)) or (a == "start" and b == "space"))


def _whole(text: str, shapes: Sequence[str]) -> Iterator[str]:
    """Yield what is true of all of a text."""
    words = [name for shape in shapes if (name := shape.split(" ")[0]) in _WORDS]
    if len(words) >= _FEW:
        yield from _casings(words)
    if flat := text.strip():
        yield "a word at the end" if flat[-1].isalnum() else f"{_mark(flat[-1])} at the end"
        yield "a small letter first" if flat[0].islower() else "a capital first" if flat[0].isupper() else f"{_mark(flat[0])} first"
    if sum(shape == "spaces" for shape in shapes) > len(words) / 2:
        yield "wide spaces"


def _casings(words: Sequence[str]) -> Iterator[str]:
    small, loud, inside = (sum(word == kind for word in words) for kind in ("word", "WORD", "wOrd"))
    if small == len(words):
        yield "no capital"
    elif small <= _STAYS * len(words):
        yield "all in capitals" if loud >= len(words) / 2 else "a capital on each word"
    elif loud > _LOUD * len(words):
        yield "many words in capitals"
    if inside > _LOUD * len(words):
        yield "capitals inside of words"
