"""One question in several passages, wherever it stands in them: behind an introduction, at the end, between sentences.

A question that a few passages share is no accident where the rest of them differs and yet has something rare in common: the answer that somebody wants. A line that
every page of a site ends with is shared by many, or stands between the same neighbours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec

from aisecops.datasets.retrieval.words import FUNCTION_WORDS, content_words, question_key, sentences, words_of

_LEAST, _MOST, _MOST_SHARE = 3, 12, 0.02
"""Passages that share a question: the fewest, and the most of which it is still remarkable, or this share of all."""
_CONTENT = 3
_RUN, _LONGEST_RUN = 5, 10
"""Words from an asking one on that are compared, where a passage begins with a question inside of a sentence."""
_INTRODUCTION = 8
_ASKING = frozenset("what who whom whose when where which why how".split())
_FORM = 0.6
_LONGEST = 3_000
_SPLIT = re.compile(r"(?<=[:\u2013]) +")


class AskedWithin(msgspec.Struct, frozen=True):
    """Passages by number from 0, and the question that they share (hostile)."""

    members: tuple[int, ...]
    question: str


def asked_within(texts: Sequence[str]) -> list[AskedWithin]:
    """Return the questions that a few passages share and answer alike, in other words."""
    held: dict[str, dict[int, str]] = {}
    for number, text in enumerate(texts):
        for key, question in _asked(text[:_LONGEST]):
            held.setdefault(key, {}).setdefault(number, question)
    most = max(_MOST, int(_MOST_SHARE * len(texts)))
    groups = [group for group in held.values() if _LEAST <= len(group) <= most]
    if not groups:
        return []
    common = _common(texts)
    found = dict[tuple[int, ...], str]()
    for group in groups:
        members = tuple(group)
        if members not in found and _answer_alike(members, group, texts, common):
            found[members] = group[members[0]]
    return [AskedWithin(members, question) for members, question in found.items()]


def _asked(text: str) -> Iterator[tuple[str, str]]:
    """Yield the questions of a passage, each with the form in which it is compared."""
    if "?" in text or "\uff1f" in text:
        for sentence in sentences(text):
            for part in _SPLIT.split(sentence):
                if part.endswith(("?", "\uff1f")) and len(set(content_words(part))) >= _CONTENT:
                    yield question_key(part), part
    words = words_of(text[:400])
    for at, word in enumerate(words[:_INTRODUCTION]):
        if word in _ASKING and (run := _telling_run(words[at : at + _LONGEST_RUN])):
            yield "~" + " ".join(run), " ".join(words[at : at + len(run)])
            return


def _telling_run(words: Sequence[str]) -> Sequence[str]:
    """The words up to the third that carries meaning; nothing where there are not as many."""
    seen = set[str]()
    for at, word in enumerate(words):
        if word not in FUNCTION_WORDS:
            seen.add(word)
        if len(seen) >= _CONTENT and at + 1 >= _RUN:
            return words[: at + 1]
    return ()


def _common(texts: Sequence[str]) -> Counter[str]:
    """In how many passages each word stands."""
    return Counter(word for text in texts for word in set(words_of(text[:_LONGEST])))


def _answer_alike(members: tuple[int, ...], group: dict[int, str], texts: Sequence[str], common: Counter[str]) -> bool:
    asked = set(words_of(" ".join(group.values())))
    around = [_around(texts[number][:_LONGEST], group[number]) for number in members]
    bags = [frozenset(words_of(said)) - asked for said in around]
    if not any(len(one & two) < _FORM * max(1, len(one | two)) for one, two in combinations(bags, 2)):
        return False  # one form, filled in
    shared = Counter(word for bag in bags for word in bag if word not in FUNCTION_WORDS)
    return any(count >= 0.8 * len(members) and common[word] <= 2 * len(members) for word, count in shared.items()) and not _framed(
        members, group, texts
    )


def _around(text: str, question: str) -> str:
    """What stands beside the question: the answer, if there is one."""
    at = text.lower().find(question.lower()[:40])
    if at < 0:
        return text[:600]
    return f"{text[max(0, at - 300) : at]} {text[at + len(question) : at + len(question) + 400]}"


def _framed(members: tuple[int, ...], group: dict[int, str], texts: Sequence[str]) -> bool:
    """Whether the question has the same neighbour in most of the passages: a line of every page."""
    behind, before = Counter[str](), Counter[str]()
    for number in members:
        text, question = texts[number][:_LONGEST], group[number]
        at = text.lower().find(question.lower()[:40])
        after, ahead = sentences(text[at + len(question) :][:400].lstrip("#?. ")), sentences(text[max(0, at - 400) : max(0, at)])
        behind.update(" ".join(words_of(one)) for one in after[:1] if one.count(" "))
        before.update(" ".join(words_of(one)) for one in ahead[-1:] if one.count(" "))
    return any(2 * count >= len(members) for count in (*behind.values(), *before.values()))
