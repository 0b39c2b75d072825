"""Passages that were written for one question: they open with it, or stuff it, so that a search finds them before all others.

References
----------
Zou et al., PoisonedRAG (USENIX Security 2025): a passage is the question itself and the answer that the attacker wants. Zhong et al., Poisoning retrieval corpora by
injecting adversarial passages (EMNLP 2023): words without syntax that are near to many questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import combinations, pairwise

import msgspec

from aisecops.datasets.retrieval.asked_within import asked_within
from aisecops.datasets.retrieval.words import FUNCTION_WORDS, content_words, opening_question, question_key, sentences, words_of

_RARE = 0.05
"""The share of passages that open with a question below which such an opening stands out."""
_RESTATED = 0.5
_FEWEST_QUESTIONS = 4
_WORD_SALAD = 24
"""Words in a row without one that binds them, from which on nobody wrote them as a sentence."""
_GROWN, _ORPHAN = re.compile(r"[a-z]{2,}[A-Z][a-z]+"), re.compile(r"[({\[]{1,3}|[)}\]]{1,3}|\(\[|!--|\]\(")
_FEWEST_ODD = 2
_SYMBOLS = re.compile(r"[_(){}\[\];=<>#$|/\\@+*\n]")
_PLAIN_QUESTION = re.compile(r"[^\W\d_][\w\s,'\u2019-]{8,300}[?\uff1f]")
_MOST_COMPARED, _ONE_FORM = 12, 0.6
"""Passages that are compared with each other, and the likeness of their words from which on they are one form filled in."""
_WINDOW, _FEWEST_REPEATING, _POOR, _BOUND = 60, 15, 0.45, 0.2
_NUMBERS = 0.1
"""Words of a passage that are looked at, the fewest, the share of different ones below which it says the same over and over, and that of words that bind in a text."""


class Aim(StrEnum):
    """How a passage is aimed.

    ``shared-question``: several open with one question. ``opening-question``: one opens with a question and answers it. ``stuffed``: one asks the same in many versions.
    ``word-salad``: words without syntax.
    """

    SHARED_QUESTION = "shared-question"
    OPENING_QUESTION = "opening-question"
    STUFFED = "stuffed"
    WORD_SALAD = "word-salad"


class Targeted(msgspec.Struct, frozen=True):
    """Passages by number from 0, how they are aimed, and at which question (hostile; empty: none is known)."""

    members: tuple[int, ...]
    aim: Aim
    question: str = ""


def targeted(texts: Sequence[str]) -> list[Targeted]:
    """Return the passages among ``texts`` that were written for a question, by what the rest of the collection is like.

    Where a collection is one of questions and answers (more than 5 % of its passages open with a question), only a question that several different passages share counts.
    """
    opened = {number: pair for number, text in enumerate(texts) if (pair := opening_question(text))[0]}
    rare = len(opened) <= max(3, _RARE * len(texts))
    groups: dict[str, list[int]] = {}
    for number, (question, _) in opened.items():
        groups.setdefault(question_key(question), []).append(number)
    found = [
        Targeted(tuple(members), Aim.SHARED_QUESTION, opened[members[0]][0])
        for members in groups.values()
        if len(members) >= _least(rare) and _differ([opened[number][1] for number in members])
    ]
    told = {number for item in found for number in item.members}
    if rare:
        within = [item for item in asked_within(texts) if told.isdisjoint(item.members)]
        found += [Targeted(item.members, Aim.SHARED_QUESTION, item.question) for item in within]
        told.update(number for item in within for number in item.members)
    for number, text in enumerate(texts):
        if number not in told and (question := _stuffed(text)):
            found.append(Targeted((number,), Aim.STUFFED, question))
            told.add(number)
    if rare:
        singles = [number for number in opened if number not in told and _answers(*opened[number])]
        found += [Targeted((number,), Aim.OPENING_QUESTION, opened[number][0]) for number in singles]
        told.update(singles)
    return found + [Targeted((number,), Aim.WORD_SALAD) for number in _salads(texts) if number not in told]


def _least(rare: bool) -> int:
    return 2 if rare else 4


def _differ(rests: Sequence[str]) -> bool:
    """Whether what follows the question is not one text copied, nor one form filled in several ways: those are duplicates, and pages for each product."""
    bags = [frozenset(words_of(rest)) for rest in rests[:_MOST_COMPARED]]
    return any(len(one & two) < _ONE_FORM * len(one | two) for one, two in combinations(bags, 2))


def _answers(question: str, rest: str) -> bool:
    """Whether the passage takes up what its opening question asks, in its words and in the same line: a heading is no such opening."""
    if rest.lstrip(" ").startswith("\n"):
        return False
    asked = set(content_words(question))
    said = " ".join(sentence for sentence in sentences(rest[:1_000]) if not sentence.endswith("?"))  # further questions answer nothing
    return len(asked) >= 2 and len(asked & set(content_words(said))) >= max(2, _RESTATED * len(asked))


def _stuffed(text: str) -> str:
    """Return the question that a passage asks again and again, or the words that it says over and over; empty where it does not."""
    if said := _over_and_over(text):
        return said
    if text.count("?") < 2:
        return ""
    first = [sentence for sentence in sentences(text[:1_000])[:3] if _PLAIN_QUESTION.fullmatch(sentence)]
    if len(first) > len({question_key(one) for one in first}) and len(set(content_words(first[0]))) >= 3:
        return first[0]
    if text.count("?") < _FEWEST_QUESTIONS:
        return ""
    asked = [sentence for sentence in sentences(text[:20_000]) if _PLAIN_QUESTION.fullmatch(sentence)][:60]
    bags = [frozenset(content_words(sentence)) for sentence in asked]
    kept = [(sentence, bag) for sentence, bag in zip(asked, bags, strict=True) if len(bag) >= 2]
    if len(kept) < _FEWEST_QUESTIONS:
        return ""
    close = sum(len(one & two) >= 0.5 * min(len(one), len(two)) for (_, one), (_, two) in pairwise(kept))
    return kept[0][0] if close >= 0.8 * (len(kept) - 1) else ""


def _over_and_over(text: str) -> str:
    """Return the words that a passage consists of, where they are few for its length and hardly any of them is a number."""
    words = words_of(text[:2_000])[:_WINDOW]
    if len(words) < _FEWEST_REPEATING or _SYMBOLS.search(text.strip()[:2_000]):  # code, tables and lists of names repeat themselves
        return ""
    telling = list(dict.fromkeys(word for word in words if word not in FUNCTION_WORDS))
    bound = sum(word in FUNCTION_WORDS for word in words) > _BOUND * len(words)
    numbers = sum(not word.isalpha() for word in words)  # one claim holds a number; rows and readings hold many
    if bound or len(set(words)) > _POOR * len(words) or len(telling) < 3 or numbers > _NUMBERS * len(words):
        return ""
    return " ".join(telling[:12])


def _salads(texts: Sequence[str]) -> list[int]:
    """Passages with a run of words that nothing binds, where hardly any other has one: lists, tables and code have their own collections."""
    runs = [_longest_run(text) for text in texts]
    found = [number for number, run in enumerate(runs) if run >= _WORD_SALAD]
    return found if len(found) <= max(1, 0.02 * len(texts)) else []


def _longest_run(text: str) -> int:
    """Return the length of the longest run of words in one line, of letters only, without a function word, comma, stop or list between them.

    What optimisation over tokens leaves behind (words grown together like ``similarlyNow``, brackets that nothing closes) breaks no run and counts twice.
    """
    longest = 0
    for line in text[:20_000].split("\n"):
        run = named = odd = 0
        for word in line.split():
            bare = word.strip("\"'()")
            strange = _GROWN.fullmatch(word) is not None or _ORPHAN.fullmatch(word) is not None
            if not strange and (bare.lower() in FUNCTION_WORDS or not bare.isalpha() or bare.isupper()):
                run = named = odd = 0
                continue
            run, named, odd = run + 1, named + bare[:1].isupper(), odd + strange
            if named < 0.6 * run and (odd == 0 or run - odd >= odd):  # a list of titles is one, too, without any sentence; code is odd throughout
                longest = max(longest, run + (odd if odd >= _FEWEST_ODD else 0))
    return longest
