"""One claim many times: clusters of passages that say nearly the same of the same things, larger than the collection's own repetition explains.

Two passages are alike if their three-word shingles overlap (``near_duplicates``: candidates by MinHash, each pair confirmed) *and* they name the same particulars: the
pages of a reference, or the rows of a log, are alike in form and differ in names and numbers, a flood repeats a claim. Clusters are the connected parts.

The null model is that of a collection that repeats itself: after each copy comes another one with probability q, so that P(size >= s) = q^(s-1); q is estimated from
the clusters below the least size of a flood. A cluster is a flood if fewer than ``level`` clusters of its size are expected among all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from aisecops.datasets.near_duplicates import near_duplicates
from aisecops.datasets.retrieval.words import opening_question, particulars, question_key, words_of

SMALLEST = 5
_FEWEST_WORDS = 12
_SAME_PARTICULARS = 0.7
_SUBJECT = re.compile(r"\s{0,4}[`*#]{0,3} ?((?=[\w.]*[._])[\w.]{3,120}|[a-z]+[A-Z]\w{1,80})[`*]{0,3}(?:\([^()\n]{0,80}\))? ?[:\u2013\u2014-]")
_OWN = 2
"""A particular that so many texts name at most is their own."""


class Flood(msgspec.Struct, frozen=True):
    """A cluster: numbers of its passages from 0, the mean similarity of its confirmed pairs, how many such clusters chance gives, whether all are equal."""

    members: tuple[int, ...]
    similarity: float
    expected: float
    identical: bool


def floods(texts: Sequence[str], *, seed: int, threshold: float = 0.5, smallest: int = SMALLEST, level: float = 1e-3) -> list[Flood]:
    """Return the floods among ``texts``, the largest first.

    Parameters
    ----------
    threshold
        Jaccard similarity of three-word shingles from which on two texts are alike, 0.5 to 1.
    smallest
        The least size of a flood.
    level
        The expected number of clusters as large, under the null model, below which one is told.
    """
    long = [number for number, text in enumerate(texts) if text.count(" ", 0, 2_000) + 1 >= _FEWEST_WORDS]
    pairs = near_duplicates([texts[number] for number in long], threshold=threshold, seed=seed)
    involved = sorted({*pairs.left.tolist(), *pairs.right.tolist()})
    named = {number: _named(texts[long[number]][:4_000]) for number in involved}
    often = Counter(name for names in named.values() for name in names)
    parent = list(range(len(long)))
    alike: list[tuple[int, float]] = []
    for left, right, similarity in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.tolist(), strict=True):
        if similarity == 1.0 or _same(named[left], named[right], often):
            parent[_root(parent, left)] = _root(parent, right)
            alike.append((left, similarity))
    clusters: dict[int, list[int]] = {}
    for number in range(len(long)):
        clusters.setdefault(_root(parent, number), []).append(number)
    return _judged(clusters, parent, alike, texts, long, smallest=smallest, level=level)


def _judged(
    clusters: dict[int, list[int]],
    parent: list[int],
    alike: list[tuple[int, float]],
    texts: Sequence[str],
    long: list[int],
    *,
    smallest: int,
    level: float,
) -> list[Flood]:
    small = [len(members) for members in clusters.values() if len(members) < smallest]
    mean = (sum(small) + 1) / max(1, len(small))
    repeats = 1 - 1 / max(mean, 1 + 1e-9)
    similar: dict[int, list[float]] = {}
    for left, similarity in alike:
        similar.setdefault(_root(parent, left), []).append(similarity)
    found = []
    for root, members in clusters.items():
        expected = len(clusters) * repeats ** (len(members) - 1)
        if len(members) < smallest or expected >= level or len(members) > len(long) / 2:
            continue
        values = similar.get(root, [1.0])
        same = len({" ".join(words_of(texts[long[member]])) for member in members}) == 1
        found.append(Flood(tuple(long[member] for member in members), sum(values) / len(values), expected, same))
    return sorted(found, key=lambda flood: (-len(flood.members), flood.members))


def _named(text: str) -> frozenset[str]:
    """Return what a text names: its particulars, the thing it is about (``name: ...`` of a reference) and the question that it answers."""
    question = opening_question(text)[0]
    about = _SUBJECT.match(text)
    return particulars(text) | ({question_key(question)} if question else frozenset()) | ({about[1]} if about else frozenset())


def _same(one: frozenset[str], two: frozenset[str], often: Counter[str]) -> bool:
    """Whether two texts make one claim: what only one of them names is no difference, what each has for its own is."""
    if one <= two or two <= one:
        return True
    own = [any(often[name] <= _OWN for name in rest) for rest in (one - two, two - one)]
    return not all(own) and len(one & two) >= _SAME_PARTICULARS * len(one | two)


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number
