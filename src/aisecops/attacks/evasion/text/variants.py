"""What each family of edits makes of one word. No randomness: places are chosen by the word itself and the seed, so that a run can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, zip_longest
from unicodedata import name
from zlib import crc32

from aisecops.attacks.evasion.text.edits import Family
from aisecops.knowledge.confusables import confusables

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LEET = {"a": "@4", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7", "z": "2"}
_SCRIPTS = ("CYRILLIC", "GREEK", "LATIN")
"""Where look-alikes are taken from, the most alike first. Scripts that run from right to left, or that few fonts have, would show."""
_RARE = "\u0590"
"""From here on few fonts have Latin, Greek or Cyrillic letters that look as those of everyday text do."""
_WITHOUT_WIDTH = "\u200b\u2060\u00ad"
"""Zero width space, word joiner, soft hyphen."""


@cache
def look_alikes() -> dict[str, str]:
    """Return for each ASCII letter or digit the characters that look like it, the most alike first: the confusables of UTS #39, turned round."""
    found: dict[str, list[tuple[int, str]]] = {}
    for character, prototype in confusables().items():
        script = name(character, "").partition(" ")[0]
        if script in _SCRIPTS and character < _RARE and len(prototype) == 1:
            found.setdefault(prototype, []).append((_SCRIPTS.index(script), character))
    return {prototype: "".join(character for _, character in sorted(pairs)) for prototype, pairs in found.items()}


@cache
def neighbours() -> dict[str, str]:
    """Return the keys beside each letter on an English keyboard, those of the same row first."""
    beside: dict[str, str] = {}
    for row, keys in enumerate(_KEYS):
        for column, key in enumerate(keys):
            same = keys[max(column - 1, 0) : column] + keys[column + 1 : column + 2]
            below = _KEYS[row + 1][max(column - 1, 0) : column + 1] if row < 2 else ""
            above = _KEYS[row - 1][column : column + 2] if row else ""
            beside[key] = same + below + above
    return beside


def _inner(word: str, seed: int) -> list[int]:
    """Offsets within ``word``, from one that its letters choose on; the first and the last letter, which readers go by, come last."""
    inner = list(range(1, len(word) - 1))
    turn = (crc32(word.encode("utf-8", "surrogatepass")) + seed) % len(inner) if inner else 0
    return [*inner[turn:], *inner[:turn], *sorted({0, len(word) - 1})]


def _like(model: str, letter: str) -> str:
    return letter.upper() if model.isupper() else letter


def _homoglyph(word: str, seed: int) -> Iterator[str]:
    table = look_alikes()
    places = [at for at in _inner(word, seed) if word[at] in table]
    if places:
        yield "".join(table[letter][0] if letter in table else letter for letter in word)
    for at in places:
        yield word[:at] + table[word[at]][0] + word[at + 1 :]


def _invisible(word: str, seed: int) -> Iterator[str]:
    if len(word) > 1:
        for turn in range(len(_WITHOUT_WIDTH)):
            character = _WITHOUT_WIDTH[(turn + seed) % len(_WITHOUT_WIDTH)]
            yield character.join(word)
            middle = len(word) // 2
            yield word[:middle] + character + word[middle:]


def _swap(word: str, seed: int) -> Iterator[str]:
    for at in _inner(word, seed):
        if at + 1 < len(word) and word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _delete(word: str, seed: int) -> Iterator[str]:
    if len(word) > 2:
        for at in _inner(word, seed):
            yield word[:at] + word[at + 1 :]


def _insert(word: str, seed: int) -> Iterator[str]:
    for at in _inner(word, seed):
        yield word[:at] + word[at] + word[at:]


def _keyboard(word: str, seed: int) -> Iterator[str]:
    table = neighbours()
    for at in _inner(word, seed):
        for key in table.get(word[at].lower(), "")[:2]:
            yield word[:at] + _like(word[at], key) + word[at + 1 :]


def _split(word: str, seed: int) -> Iterator[str]:
    if len(word) > 1:
        yield " ".join(word)
        for at in _inner(word, seed):
            if at:
                yield word[:at] + " " + word[at:]


def _leet(word: str, seed: int) -> Iterator[str]:
    places = [at for at in _inner(word, seed) if word[at].lower() in _LEET]
    if places:
        yield "".join(_LEET.get(letter.lower(), letter)[0] for letter in word)
    for at in places:
        yield word[:at] + _LEET[word[at].lower()][-1] + word[at + 1 :]


_OF_WORDS: dict[Family, Callable[[str, int], Iterator[str]]] = {
    Family.HOMOGLYPH: _homoglyph,
    Family.INVISIBLE: _invisible,
    Family.SWAP: _swap,
    Family.DELETE: _delete,
    Family.INSERT: _insert,
    Family.KEYBOARD: _keyboard,
    Family.SPLIT: _split,
    Family.LEET: _leet,
}


@lru_cache(maxsize=65_536)
def variants(word: str, families: frozenset[Family], most: int, seed: int = 0) -> Sequence[tuple[str, Family]]:
    """Return up to ``most`` rewritings of ``word``, each family's first, then each one's second, and so on; never ``word`` itself, none twice."""
    rows = [[(after, family) for after in make(word, seed)] for family, make in _OF_WORDS.items() if family in families]
    seen = {word}
    found: list[tuple[str, Family]] = []
    for item in chain.from_iterable(zip_longest(*rows)):
        if item is not None and item[0] not in seen and len(found) < most:
            seen.add(item[0])
            found.append(item)
    return tuple(found)
