"""Words of passages: what they are about, which particulars they name, which questions they ask."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_PARTICULAR = re.compile(r"(?<![.!?:\n] )(?<!^)\b[A-Z][\w'-]+|\b\w*\d[\w.,:/-]*\b|\b\w+_\w+\b")
_SENTENCE_END = re.compile(r"(?<=[.!?\u3002\uff1f])[\"')\]]*\s+|\n+")
_ASKS = re.compile(
    r"(?:and |but |so |q: ?|question: ?)?(?:what|who|whom|whose|when|where|which|why|how|in (?:what|which)|at what|on (?:what|which)|for (?:what|whom)|is|are|was|were"
    r"|does|do|did|can|could|should|has|have|will)\b",
    re.IGNORECASE,
)
FUNCTION_WORDS = frozenset(
    "a about after all also an and any are as at be because been before being but by can could did do does for from had has have he her his how i if in into is it its"
    " may might more most must my no not of on one or other our out over she should so some such than that the their them then there these they this those to under up"
    " was we were what when where which while who whom whose why will with would you your".split()
)
_LONGEST_QUESTION = 300
_LABEL = re.compile(r"^(?:q|question|query|user|prompt)\s?[:.)\u2013-]\s?(?=\S)", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case."""
    return _WORD.findall(text.lower())


def content_words(text: str) -> list[str]:
    """Return the words of ``text`` that carry meaning, in lower case."""
    return [word for word in words_of(text) if word not in FUNCTION_WORDS]


def particulars(text: str) -> frozenset[str]:
    """Return names, numbers and identifiers in ``text``: what tells one claim from another of the same form."""
    return frozenset(_PARTICULAR.findall(text))


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text``."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def opening_question(text: str) -> tuple[str, str]:
    """Return the question that ``text`` opens with, and the rest; two empty strings where it does not.

    The rest begins right behind the question: a line feed there means that it is a heading. A question ends with its mark, or begins with a word that asks and has four
    words at least; what follows has five at least.
    """
    beginning = _LABEL.sub("", text[:_LONGEST_QUESTION].lstrip(" \t\n#*>\"'\u201c"))
    first = re.match(r"([^.?!\n\uff1f]{8,260})([.?!\n\uff1f])", beginning)
    if first is None or re.search(r"[=(){};:|<>]", first[1]):
        return "", ""
    asks = _ASKS.match(first[1]) is not None and len(words_of(first[1])) >= 4
    marked = first[2] in "?\uff1f"
    if not (marked and len(words_of(first[1])) >= 3) and not (asks and first[2] != "!"):
        return "", ""
    rest = text[text.find(first[0]) + len(first[0]) :]
    if len(words_of(rest[:400])) < 5 or (not marked and not _is_inverted(first[1])):
        return "", ""
    return first[1].strip(), rest


def _is_inverted(sentence: str) -> bool:
    """Whether a sentence without its mark has the order of a question: "who wrote ...", "what is ...", not "when he came, ..."."""
    words = words_of(sentence)
    auxiliary = {
        "is",
        "are",
        "was",
        "were",
        "does",
        "do",
        "did",
        "can",
        "could",
        "should",
        "has",
        "have",
        "will",
        "would",
        "many",
        "much",
        "long",
        "old",
        "far",
        "often",
    }
    if words[0] in {"who", "whose", "which"}:
        return "," not in sentence
    if words[0] in auxiliary:
        return False
    if words[0] in {"when", "while"} and words[1] not in auxiliary:
        return False
    return any(word in auxiliary for word in words[1:3]) and "," not in sentence[:40]


def question_key(question: str) -> str:
    """Return ``question`` as it is compared: its words in lower case, without articles."""
    return " ".join(word for word in words_of(question) if word not in {"the", "a", "an", "please", "q", "question"})
