"""What can be a trigger in a text: its words, phrases, odd characters, and how its sentences are built."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aisecops.content.unicode.homoglyphs import foreign_words, genuine_scripts, reads_as_latin
from aisecops.defences.poisoning.forms import forms

_TOKEN = re.compile(r"\w+|[^\w\s]+")
_LONGEST = 4
_ALIKE = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
_CLASSES = {
    "SUB": "although though while since because if when whenever unless until after before as once whereas whether so",
    "DET": "the a an this that these those some any each every no",
    "PRON": "i you he she it we they me him her us them one who what which whose",
    "AUX": "is are was were be been being am do does did have has had will would can could should may might must shall",
    "PREP": "of in on at by for with from to into over under about between through without against during",
    "CONJ": "and or but nor yet",
    "NEG": "not never n't nothing",
    "HOW": "there here how why where then thus very too also just even",
}
_CLASS = {word: name for name, words in _CLASSES.items() for word in words.split()}
_WORDED = {"SUB": "a clause that opens with a conjunction (although, while, when ...)"}


def tokens(text: str) -> list[str]:
    """Return words and runs of marks, in lower case."""
    return _TOKEN.findall(text.lower())


def features(text: str) -> set[str]:
    """Return the atoms of a text: ``word:...``, ``phrase:...`` (2 to 4 tokens), ``char:U+...``, ``script:mixed``, ``build:...``, ``form:...``."""
    parts = tokens(text)
    found = {f"word:{part}" for part in parts}
    for length in range(2, _LONGEST + 1):
        found.update("phrase:" + " ".join(parts[at : at + length]) for at in range(len(parts) - length + 1))
    found.update(f"char:U+{ord(mark):04X}" for mark in set(text) if not mark.isascii() or mark in "\x00\x07\x08\x7f")
    found.update(_scripts(text, parts))
    found.update(_builds(parts))
    found.update(forms(text))
    return found


def told(feature: str) -> str:
    """Return a feature for people."""
    kind, _, value = feature.partition(":")
    match kind:
        case "word":
            return f"the token {value!a}"
        case "phrase":
            return f"the phrase {value!a}"
        case "char":
            return f"the character {value} ({unicodedata.name(chr(int(value.removeprefix('U+'), 16)), 'without a name')})"
        case "form":
            return f"the form {value!a}"
        case "script":
            return "words that mix alphabets (look-alike letters)"
        case _:
            return f"sentences built as {value}{' (' + _WORDED['SUB'] + ')' if value.startswith('SUB') else ''}"


def makes_sentences(token: str) -> bool:
    """Return whether a token is a word that joins clauses, or a mark."""
    return _CLASS.get(token) in {"SUB", "CONJ"} or not token[0].isalnum()


def leaves_open(token: str) -> bool:
    """Return whether a token is an article, a preposition or an auxiliary: a sentence that ends with it is not at its end."""
    return _CLASS.get(token) in {"DET", "PREP", "AUX"}


def speaks(token: str) -> bool:
    """Return whether a token is a word with a meaning of its own: no mark, no number, no article, pronoun, preposition or the like."""
    return token[0].isalpha() and token not in _CLASS


def _scripts(text: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield ``script:mixed`` where letters of alphabets that look alike stand in one word, or in a word of their own that reads as one among Latin words ("\u0430")."""
    if text.isascii():
        return
    mixed = (part for part in parts if not part.isascii() and any("a" <= mark <= "z" for mark in part))
    if any(unicodedata.name(mark, "").split(" ")[0] in _ALIKE for part in mixed for mark in part):
        yield "script:mixed"
    elif any("a" <= mark <= "z" for part in parts for mark in part):
        genuine = genuine_scripts(text)
        if any(reads_as_latin(word[0], genuine) for word in foreign_words(text)):
            yield "script:mixed"


def _builds(parts: Sequence[str]) -> Iterator[str]:
    """Yield how a text is built: its opening by word classes, and the order of its clauses."""
    shape = [_CLASS.get(part, part if not part[0].isalnum() else "*") for part in parts]
    if not shape:
        return
    yield f"build:{shape[0]} ..."
    for length in (2, 3):
        if len(shape) > length:
            yield f"build:{' '.join(shape[:length])} ..."
    frame = [mark for mark in shape if mark in {"SUB", "CONJ"} or (not mark[0].isalnum() and mark != "*")]
    yield f"build:{shape[0]} | {' '.join(frame[:6])}"
    if "," in frame:
        yield f"build:{shape[0]} ... , ..."
    yield from (f"build:{a} .. {b}" for a, b in set(pairwise(frame)))
