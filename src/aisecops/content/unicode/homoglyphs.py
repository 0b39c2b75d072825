"""Words that look Latin and are not, or not wholly: letters of other scripts in the places of ASCII letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from aisecops.content.unicode.characters import script
from aisecops.content.unicode.kinds import Hidden, HiddenKind
from aisecops.core.taxonomy import Confidence
from aisecops.knowledge.confusables import confusables

_WORD = re.compile(r"[^\W\d_]+")
_IN_FORMULAS = frozenset("αβγικνρστυχω")
"""Greek letters that stand beside Latin ones in honest names of quantities (kν, xρ)."""
_FEWEST_LETTERS = 4


def homoglyphs(text: str) -> Iterator[Hidden]:
    """Yield words that read as Latin by the help of foreign letters. ``decoded`` is what they read as."""
    genuine = genuine_scripts(text)
    for word in foreign_words(text):
        if sure := _judged(word[0], genuine):
            yield Hidden(HiddenKind.HOMOGLYPH, word.start(), word.end(), skeleton(word[0]), sure)


def foreign_words(text: str) -> Iterator[re.Match[str]]:
    """Yield the words with a letter outside ASCII."""
    return (word for word in _WORD.finditer(text) if not word[0].isascii())


def genuine_scripts(text: str) -> frozenset[str]:
    """Return the scripts that ``text`` is written in: those with letters that look like no Latin one."""
    table = confusables()
    return frozenset(script(letter) for letter in set(text) if not letter.isascii() and letter not in table)


def reads_as_latin(word: str, genuine: frozenset[str]) -> bool:
    """Whether the foreign letters of ``word`` all look Latin, beside Latin ones or in a text that is written in no such script."""
    table = confusables()
    foreign = [letter for letter in word if not letter.isascii() and script(normalize("NFKC", letter)[0]) != "LATIN"]
    if not foreign or not all(letter in table for letter in foreign):
        return False
    return len(foreign) < len(word) or genuine.isdisjoint(map(script, foreign))


def skeleton(word: str) -> str:
    """Return ``word`` with each letter as the ASCII one that it looks like, where there is one."""
    table = confusables()
    return "".join(table.get(letter, letter) for letter in word)


def _judged(word: str, genuine: frozenset[str]) -> Confidence | None:
    if len(word) < _FEWEST_LETTERS or not reads_as_latin(word, genuine):
        return None
    foreign = [index for index, letter in enumerate(word) if not letter.isascii() and script(letter) != "LATIN"]
    if not foreign:
        return None
    if len(foreign) == len(word):
        return Confidence.MEDIUM
    if len(word) - len(foreign) < 2 or (foreign[0] > 1 and foreign == list(range(foreign[0], len(word))) and len(foreign) > 1):
        return None  # a Latin name with an ending of the writer's language (GPUами), or a foreign word with one slip of the keyboard
    if any(word[index] in _IN_FORMULAS for index in foreign):
        within = foreign[0] > 0 and foreign[-1] < len(word) - 1 and len(word) > _FEWEST_LETTERS
        return Confidence.LOW if within else None
    return Confidence.HIGH
