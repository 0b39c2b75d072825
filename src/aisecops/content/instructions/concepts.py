"""What the words of a text mean to an order: who is spoken to, what is asked for, of what, and how, in many languages alike.

"Tell the user", "dis à l'utilisateur" and "告诉用户" are the same two concepts. The words are in ``knowledge/orders/words.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from aisecops.knowledge.orders import Lexicon

_WORD = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*(?![\w@]|://)"
_TOKEN = re.compile(rf"{_WORD}|https?://[^\s)>\"']+|[\w+-]+@[\w-]+\.\w+|[^\W_]+_\w+|\d+|[.!?:;,\"()\[\]{{}}<>|=*#`/\u3002\uff0c-]")
_WORDS = re.compile(_WORD)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_OPENS = frozenset('.!?:;,"()[]{}<>|=*#`/-\u3002\uff0c')
_BEFORE_ORDERS = frozenset(
    "please and then to kindly also always just now so instead must should shall will can or but you silently only not never do don t let".split()
)
_IDEOGRAPHS_A_WORD = 3
"""Characters of such scripts that stand for about a word, so that distances compare."""
_MOST_KNOWN = 50_000

Said = list[tuple[float, str]]
"""Concepts with the number of the word at which each stands, ascending."""


class _Meaning(NamedTuple):
    """What a word or mark says: where a clause begins, and elsewhere; the phrases that begin with it; whether a clause begins behind it; what it holds."""

    opening: tuple[str, ...]
    elsewhere: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    opens: bool
    within: tuple[tuple[float, str], ...]


class Reader:
    """Reads texts, in lower case and normalised, by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._lengths = sorted({len(stem) for stem in lexicon.stems}, reverse=True)
        self._ideographs = re.compile("|".join(sorted(map(re.escape, lexicon.ideographs), key=lambda item: (-len(item), item))))
        self._known: dict[str, _Meaning] = {}

    def read(self, text: str) -> tuple[Said, int]:
        """Return the concepts of ``text`` and the number of its words and marks."""
        tokens = _TOKEN.findall(text)
        said: Said = []
        opens, known = True, self._known
        for number, token in enumerate(tokens):
            meaning = known.get(token) or self._meaning(token)
            for *rest, concept in meaning.phrases:
                if tokens[number + 1 : number + 1 + len(rest)] == rest:
                    said.append((number, _told(concept, opens)))
                    break
            for concept in meaning.opening if opens else meaning.elsewhere:
                said.append((number, concept))
            if meaning.within:
                said.extend((number + offset, concept) for offset, concept in meaning.within)
            opens = meaning.opens
        return said, len(tokens)

    def means(self, words: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield which of ``words`` carry concepts, with these: first words of phrases, and runs of ideographs, with all that they may begin or hold."""
        for word in words:
            meaning = self._known.get(word) or self._meaning(word)
            concepts = (*meaning.opening, *(_told(phrase[-1], True) for phrase in meaning.phrases), *(concept for _, concept in meaning.within))
            if concepts:
                yield word, concepts

    def _meaning(self, token: str) -> _Meaning:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        concepts = self._of_word(token)
        self._known[token] = meaning = _Meaning(
            tuple(_told(concept, True) for concept in concepts),
            tuple(_told(concept, False) for concept in concepts),
            self._lexicon.phrases.get(token, ()),
            token in _OPENS or token in _BEFORE_ORDERS,
            tuple(self._within(token)) if has_ideographs(token) else (),
        )
        return meaning

    def _of_word(self, word: str) -> tuple[str, ...]:
        if kind := mark(word):
            return (kind,)
        found = set(self._lexicon.words.get(word, ()))
        for length in self._lengths:
            if len(word) >= length and (concepts := self._lexicon.stems.get(word[:length])):
                found.update(concepts)
                break
        if not found and "-" in word:
            found.update(concept for part in word.split("-") for concept in self._lexicon.words.get(part, ()))
        return tuple(sorted(found))

    def _within(self, token: str) -> Iterator[tuple[float, str]]:
        for match in self._ideographs.finditer(token):
            for concept in self._lexicon.ideographs[match[0]]:
                yield match.start() / _IDEOGRAPHS_A_WORD, _told(concept, False)


def tokens(text: str) -> list[str]:
    """Return the words, addresses and marks of a text."""
    return _TOKEN.findall(text)


def words(text: str) -> list[str]:
    """Return the words of a text only, which is quicker."""
    return _WORDS.findall(text)


def has_ideographs(token: str) -> bool:
    """Return whether a token is of a script that sets no spaces between words."""
    return not token.isascii() and _IDEOGRAPH.search(token) is not None


def mark(word: str) -> str:
    """Return which mark a token is (an address, a name of a program, a colon), if any."""
    if word.startswith(("http://", "https://")):
        return "url"
    if "@" in word:
        return "mail"
    if "_" in word:
        return "call"
    return "colon" if word == ":" else ""


def _told(concept: str, opens: bool) -> str:
    """Return the concept as it counts: an order keeps its mark where it stands as one."""
    if concept[-1] == "!":
        return concept if opens else concept[:-1]
    if concept[-1] == "=":
        return "read" if concept == "read=" else concept[:-1] + "!"
    return concept
