"""Misspelt categories: rare values of a column that are a frequent one but for a letter or two.

Two spellings a letter apart may well be two things (Ireland and Iceland, hypertension and hypotension), so the pair alone says nothing. What tells a column with
mistakes is that its rare values are *mostly* such: names of many things have many rare values, and few of them lie next to a frequent one. A mistake is also rare
for itself: twice, or once in five hundred of what was meant; it keeps the first letter; and it does not only put something before or behind the word (a plural, a
negation). Values with digits are codes, short ones are near each other anyway: both are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import msgspec

_SHORTEST, _SHORTEST_OF_TWO = 5, 10
"""Letters of a value from which on one edit, or two, may be a mistake."""
_FREQUENT, _SELDOM, _ONCE_IN = 20, 2, 500
_MOSTLY = 0.5
"""The share of a column's rare values that must lie next to a frequent one."""
_NOT_WORDS = re.compile(r"[^\W\d_]+(?:[ '.&/-]+[^\W\d_]+)*\.?")
_OPPOSITES = (
    ("hyper", "hypo"), ("inter", "intra"), ("macro", "micro"), ("ante", "anti"), ("pre", "pro"), ("over", "under"), ("intro", "extro"), ("intra", "extra"),
    ("endo", "exo"), ("ortho", "para"), ("meta", "para"), ("in", "ex"), ("im", "ex"), ("north", "south"), ("east", "west"), ("mono", "poly"), ("ab", "ad"),
)  # fmt: skip
"""Stems that make the opposite of a word by a letter or two."""


class Misspelling(msgspec.Struct, frozen=True):
    """A rare value, the frequent one that it nearly is, and how often the rare one stands there."""

    value: str
    meant: str
    cells: int


def misspellings(counts: Mapping[str, int]) -> list[Misspelling]:
    """Return the misspelt values among those of a column; none where its rare values are mostly not near frequent ones.

    Parameters
    ----------
    counts
        Value to how often it stands there; a thousand values at most are meant.
    """
    most = max(counts.values(), default=0)
    rare = {value for value, count in counts.items() if count <= _limit(most)}
    known: dict[str, list[str]] = {}
    plain = {value: _plain(value) for value, count in counts.items() if _NOT_WORDS.fullmatch(value.strip())}
    for value in plain.keys() - rare:
        if counts[value] >= _FREQUENT:
            for form in _shortened(plain[value]):
                known.setdefault(form, []).append(value)
    found = []
    for value in sorted(rare & plain.keys()):
        near = sorted({other for form in _shortened(plain[value]) for other in known.get(form, ())}, key=lambda other: (-counts[other], other))
        meant = next((other for other in near if counts[value] <= _limit(counts[other]) and _is_mistake(plain[value], plain[other])), None)
        if meant is not None:
            found.append(Misspelling(value, meant, counts[value]))
    return found if found and len(found) >= _MOSTLY * len(rare) else []


def _limit(count: int) -> int:
    return max(_SELDOM, count // _ONCE_IN) if count >= _FREQUENT else 0


def _plain(value: str) -> str:
    """A value in small letters without accents: these are what people leave out most."""
    return "".join(c for c in unicodedata.normalize("NFKD", " ".join(value.split()).casefold()) if not unicodedata.combining(c))


def _shortened(word: str) -> Iterator[str]:
    """The word without each one of its letters, and without each two of a long one: words an edit or two apart share a form (symmetric deletion)."""
    yield word
    for edits in (1, 2) if len(word) >= _SHORTEST_OF_TWO - 1 else (1,):
        for left_out in combinations(range(len(word)), edits) if len(word) <= 40 else ():
            yield "".join(c for place, c in enumerate(word) if place not in left_out)


def _is_mistake(value: str, meant: str) -> bool:
    if value == meant:  # but for accents
        return len(meant) >= _SHORTEST
    if (
        len(meant) < _SHORTEST
        or value[:1] != meant[:1]
        or _is_affixed(value, meant)
        or _are_opposites(value, meant)
        or _differ_in_letters(value, meant)
    ):
        return False
    return _distance(value, meant) <= (2 if min(len(value), len(meant)) >= _SHORTEST_OF_TWO else 1)


def _is_affixed(one: str, two: str) -> bool:
    """Whether one is the other with something before or behind it; a last letter that is typed twice is a mistake for all that."""
    short, long = sorted((one, two), key=len)
    if long.startswith(short):
        return long != short + short[-1]
    return long.endswith(short)


def _are_opposites(one: str, two: str) -> bool:
    return any(word.replace(a, b) == other for a, b in _OPPOSITES for word, other in ((one, two), (two, one)))


def _differ_in_letters(one: str, two: str) -> bool:
    """Whether they differ in a short word: ``class a`` is not ``class b``, nor ``phase ii`` ``phase iii``."""
    words, others = re.split(r"[ '.&/-]+", one), re.split(r"[ '.&/-]+", two)
    return len(words) == len(others) and any(a != b and min(len(a), len(b)) < _SHORTEST - 1 for a, b in zip(words, others, strict=True))


def _distance(one: Iterable[str], two: str) -> int:
    """Edits from one to the other: a letter more, fewer or another, or two that changed places (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    last = ""
    for count, letter in enumerate(one, 1):
        new = [count]
        for place, other in enumerate(two, 1):
            best = min(new[-1] + 1, row[place] + 1, row[place - 1] + (letter != other))
            if place > 1 and count > 1 and letter == two[place - 2] and last == other:
                best = min(best, before[place - 2] + 1)
            new.append(best)
        before, row, last = row, new, letter
    return row[-1]
