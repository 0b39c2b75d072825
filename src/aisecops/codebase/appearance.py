"""What a source shows to its readers and what runs: text in another order, names that look like others (Trojan Source, CVE-2021-42574 and CVE-2021-42694)."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from unicodedata import name, normalize

import msgspec

from aisecops.codebase.syntax.comments import code_in_place
from aisecops.core.taxonomy import Confidence

_NAME = re.compile(r"[^\W\d]\w*")
_EMPTY_TEXT = re.compile(r"(?P<quote>['\"])[^\w'\"\n]{0,400}(?P=quote)")
"""A constant text without a letter or digit: a list of the characters themselves, as whoever removes them needs it."""
_SPOKEN_OF = re.compile(r"(?i)\bU\+?20(2[A-E]|6[6-9])|\\u20(2[a-e]|6[6-9])|override|embedding|isolate|bidi|right-to-left|left-to-right")
"""Who names a character shows it."""
_FEWEST_STYLED = 3
_BUILTINS = frozenset(dir(builtins))
_ASCII = bytes(range(128))


class Misleading(msgspec.Struct, frozen=True):
    """Something at ``offset`` that looks like something else.

    ``kind``: ``order``, ``look-alike`` or ``styled``; ``text``: what stands there; ``read``: what a reader sees.
    ``imitates``: the file, or Python, has what it is taken for.
    """

    kind: str
    text: str
    read: str
    offset: int
    imitates: bool
    confidence: Confidence


def misleading(content: str, *, python: bool) -> Iterator[Misleading]:
    """Yield what misleads the readers of a source; names are looked at in Python only.

    Comments and texts in other languages, right-to-left ones with their marks, quantities with Greek letters and programs written in other scripts mislead nobody.
    """
    if content.isascii():
        return
    foreign = _foreign(content)
    if any(map(_is_control, foreign)):
        yield from _turned(content)
    if python and any(map(_may_mislead, foreign)):
        yield from _imitating(content)


def _foreign(content: str) -> set[str]:
    """The characters of ``content`` beyond ASCII."""
    written = content.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return set(written.decode("utf-8", "surrogatepass"))


def _turned(content: str) -> Iterator[Misleading]:
    """Lines that show their characters in another order."""
    from aisecops.content.unicode.bidirectional import directional_controls

    for item in directional_controls(content):
        start, end = content.rfind("\n", 0, item.start) + 1, content.find("\n", item.end)
        line = content[start : end if end >= 0 else len(content)]
        shown = _EMPTY_TEXT.sub("", line)
        if item.confidence is Confidence.HIGH and any(map(_is_control, shown)) and not _SPOKEN_OF.search(line):
            yield Misleading("order", line.strip()[:200], "", item.start, imitates=True, confidence=Confidence.HIGH)


def _is_control(character: str) -> bool:
    return "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"


def _imitating(content: str) -> Iterator[Misleading]:
    """Names with letters that are not what they look like."""
    code = code_in_place(content)
    words = list(_NAME.finditer(code))
    known = _BUILTINS.union(word[0] for word in words if word[0].isascii())
    alike = _look_alikes(code)
    for word in words:
        if word[0].isascii():
            continue
        plain = normalize("NFKC", word[0])
        if plain.isascii():
            if sum(not letter.isascii() for letter in word[0]) >= _FEWEST_STYLED or plain in _BUILTINS:
                sure = Confidence.HIGH if plain in known else Confidence.MEDIUM
                yield Misleading("styled", word[0], plain, word.start(), imitates=plain in known, confidence=sure)
        elif (read := _read_as(word[0], content)) and (read in known or word.start() in alike):
            yield Misleading("look-alike", word[0], read, word.start(), imitates=read in known, confidence=Confidence.HIGH)


def _may_mislead(character: str) -> bool:
    """Whether a character can stand for an ASCII letter in a name."""
    if not character.isalpha():
        return False
    from aisecops.knowledge.confusables import confusables

    return character in confusables() or normalize("NFKC", character).isascii()


def _look_alikes(code: str) -> set[int]:
    """The offsets of names of which a part surely mixes letters that look alike."""
    from aisecops.content.unicode.homoglyphs import homoglyphs

    sure = [item.start for item in homoglyphs(code) if item.confidence is Confidence.HIGH]
    return {word.start() for word in _NAME.finditer(code) if not word[0].isascii() and any(word.start() <= at < word.end() for at in sure)}


def _read_as(word: str, content: str) -> str:
    """The ASCII name that ``word`` looks like; empty if it looks like none. Single Greek letters beside others are quantities."""
    from aisecops.content.unicode.characters import script
    from aisecops.content.unicode.homoglyphs import genuine_scripts, reads_as_latin, skeleton

    read = skeleton(word)
    foreign = [letter for letter in word if not letter.isascii()]
    if not read.isascii() or len(word) < 2 or not reads_as_latin(re.sub(r"[\W\d_]", "", word), genuine_scripts(content)):
        return ""
    return "" if all(script(letter) == "GREEK" for letter in foreign) and len(foreign) < _FEWEST_STYLED and len(word) < 2 * _FEWEST_STYLED else read


def named_letters(word: str, most: int = 3) -> str:
    """Return which letters of ``word`` are not ASCII, by name: ``CYRILLIC SMALL LETTER A (U+0430)``."""
    letters = list(dict.fromkeys(letter for letter in word if not letter.isascii()))
    return ", ".join(f"{name(letter, 'a letter without a name')} (U+{ord(letter):04X})" for letter in letters[:most])
