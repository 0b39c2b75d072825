r"""Where a pattern can begin, so that it is tried there and nowhere else.

Most rules begin at a word, and with few words. What a pattern can begin with is read off the pattern; where words of a text begin with it is looked up. What is found
is the same as by ``finditer``, at a small part of the cost: the engine of ``re`` tries each pattern that begins with ``\b`` at every character.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product

_LONGEST = 4
"""Characters of an opening; four tell most words apart."""
_SHORTEST = 2
_MOST = 4_000
_OPEN = "\0"
_WORD = re.compile(r"\b\w")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_QUANTIFIER = re.compile(r"([?*+]|\{(\d+),?(\d*)\})\??")
_BRACKET = re.compile(rf"\\.|{_CLASS.pattern}|[()]", re.DOTALL)


Table = tuple[tuple[int, Mapping[str, Sequence[str]]], ...]


class _UnlistedError(Exception):
    """The pattern may begin with more than can be listed."""


class Words:
    """Where each of some patterns may begin in ``text``: where a word begins as the pattern does."""

    def __init__(self, text: str, table: Table) -> None:
        self.text = text
        self.starts: dict[str, list[int]] = defaultdict(list)
        self._said: dict[str, bool] = {}
        for match in _WORD.finditer(text):
            start = match.start()
            for length, patterns in table:
                for pattern in patterns.get(text[start : start + length], ()):
                    self.starts[pattern].append(start)

    def say(self, pattern: re.Pattern[str]) -> bool:
        """Return whether ``pattern`` is found; what several rules ask is looked for once."""
        if (said := self._said.get(pattern.pattern)) is None:
            said = self._said[pattern.pattern] = next(matches(pattern, self), None) is not None
        return said


def table_of(patterns: Iterable[str]) -> Table:
    """Return the patterns that have openings by these: for each length of openings, which patterns begin so."""
    tables: dict[int, dict[str, list[str]]] = {}
    for pattern in dict.fromkeys(patterns):
        for opening in openings_of(pattern) or ():
            tables.setdefault(len(opening), {}).setdefault(opening, []).append(pattern)
    return tuple(tables.items())


def matches(pattern: re.Pattern[str], words: Words) -> Iterator[re.Match[str]]:
    """Yield the matches that ``pattern.finditer`` finds in the text."""
    if openings_of(pattern.pattern) is None:
        yield from pattern.finditer(words.text)
        return
    end, match = 0, pattern.match
    for start in words.starts.get(pattern.pattern, ()):
        if start >= end and (found := match(words.text, start)):
            yield found
            end = found.end()


@cache
def openings_of(pattern: str) -> frozenset[str] | None:
    """Return the two to four characters that each match of ``pattern`` begins with, at the start of a word; ``None`` if they cannot be listed."""
    try:
        found = {opening.rstrip(_OPEN) for branch in _branches(pattern) for opening in _at_word(branch)}
    except _UnlistedError:
        return None
    length = min(map(len, found), default=0)
    if length < _SHORTEST or not all(re.match(r"\w", opening) for opening in found):
        return None
    return frozenset(opening[:length] for opening in found)


def _at_word(branch: str) -> set[str]:
    """What a branch begins with that says itself, or whose own branches say, that it begins where a word does."""
    if branch.startswith((r"\b", r"(?<!\w)")):
        return _sequence(branch)
    if branch.startswith("(?:") and (end := _closing(branch, 0)) and not _QUANTIFIER.match(branch, end):
        return {opening for inner in _branches(branch[3 : end - 1]) for opening in _at_word(inner)}
    raise _UnlistedError


def _branches(pattern: str) -> list[str]:
    """The alternatives of a pattern, those within groups apart."""
    found, start, position = [], 0, 0
    while position < len(pattern):
        if pattern[position] == "|":
            found.append(pattern[start:position])
            start = position + 1
        position = _closing(pattern, position)
    return [*found, pattern[start:]]


def _closing(pattern: str, start: int) -> int:
    """Where the atom ends that begins at ``start``: a group, a class, an escape or a character."""
    if pattern[start] == "\\":
        return start + 2
    if pattern[start] == "[":
        body = _CLASS.match(pattern, start)
        if body is None:
            raise _UnlistedError
        return body.end()
    if pattern[start] != "(":
        return start + 1
    depth = 0
    for match in _BRACKET.finditer(pattern, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    raise _UnlistedError


def _sequence(pattern: str) -> set[str]:
    """What a pattern without alternatives of its own begins with. ``_OPEN`` ends an opening behind which anything may follow."""
    found: set[str] = set()
    growing, position = {""}, 0
    while position < len(pattern) and growing:
        end = _closing(pattern, position)
        quantifier = _QUANTIFIER.match(pattern, end)
        choices = _repeated(_atom(pattern[position:end]), quantifier)
        grown = {(opening + choice)[:_LONGEST] for opening, choice in product(growing, choices)}
        growing = {opening for opening in grown if len(opening) < _LONGEST and opening[-1:] != _OPEN}
        found |= grown - growing
        if len(found) + len(growing) > _MOST:
            raise _UnlistedError
        position = quantifier.end() if quantifier else end
    return found | growing


def _repeated(choices: set[str], quantifier: re.Match[str] | None) -> set[str]:
    if quantifier is None:
        return choices
    if quantifier[1] == "?":
        return choices | {""}
    once = {f"{choice}{_OPEN}" for choice in choices}
    return once if quantifier[1] == "+" or int(quantifier[2] or 0) else once | {""}


def _atom(atom: str) -> set[str]:
    if atom == r"\b" or atom.startswith(("(?=", "(?!", "(?<")):
        return {""}
    if atom.startswith("(?:"):
        return {opening for branch in _branches(atom[3:-1]) for opening in _sequence(branch)}
    if atom.startswith("[") and not re.search(r"[\\^]|.-.", atom[1:-1]):
        return set(atom[1:-1])
    if len(atom) == 2 and atom[0] == "\\" and not atom[1].isalnum():
        return {atom[1]}
    return {atom} if len(atom) == 1 and atom not in ".^$(" else {_OPEN}
