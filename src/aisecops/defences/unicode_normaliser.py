"""Text as a reader sees it, before a model does: look-alikes, invisible characters and compatibility forms undone.

A filter that learned ``free`` has never seen ``frее`` with two Cyrillic letters, and readers cannot tell them apart. Put this in front of the model, in training and in
use: what looks the same is then the same to it, and the edits that readers do not see are worth nothing. Edits that they see (typing errors, spaces) are not touched.

    from aisecops.defences.unicode_normaliser import normalise_all
    model = make_pipeline(FunctionTransformer(normalise_all), TfidfVectorizer(), LogisticRegression())
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from aisecops.content.unicode import normalised
from aisecops.knowledge.confusables import confusables

_LEET = str.maketrans("@4830!1$57", "aabeoiisst")
_LEET_WORD = re.compile(r"(?<![^\W_])(?=[\w@!$]*[^\W\d_])[\w@$](?:[\w@$!]*[\w@$])?(?![^\W_])")
_NUMBER = re.compile(r"[26]|(?<![^\W\d_])\d{2}|(\d)(?!\1)\d(?![^\W\d_])")
"""What marks digits as digits: some that stand for no letter, two in a row at an end of the word, unless they are the same twice (``fr33``)."""


def normalise(text: str, *, leet: bool = False) -> str:
    """Return ``text`` as it reads.

    In this order: escape codes, control and invisible characters dropped; compatibility forms (full width, mathematical, ligatures) and accents folded (NFKD without
    marks); every letter that UTS #39 lists as confusable with an ASCII letter or digit replaced by it, whatever the rest of the text is written in. Text in
    Cyrillic or Greek stays distinct from other such text but no longer reads well: use it as the model's input, not as output. Doing it twice changes nothing.

    Parameters
    ----------
    text
        Any text.
    leet
        Whether digits and signs inside words with letters become letters, too (``fr33``, ``c@sh``). It costs what such words told the model: off unless asked for.
    """
    read = normalised(text).text
    if not read.isascii():
        read = read.translate(_folding())
    return _LEET_WORD.sub(_without_leet, read) if leet else read


def normalise_all(texts: Iterable[str]) -> list[str]:
    """Return each of ``texts`` normalised: a function for pipelines (it can be pickled)."""
    return [normalise(str(text)) for text in texts]


def normalise_all_with_leet(texts: Iterable[str]) -> list[str]:
    """Return each of ``texts`` normalised, leet writing undone, too."""
    return [normalise(str(text), leet=True) for text in texts]


def changed(texts: Sequence[str]) -> int:
    """Return how many of ``texts`` normalising changes: of honest messages few, of an attack's nearly all."""
    return sum(normalise(text) != text for text in texts)


@cache
def _folding() -> dict[int, str]:
    return {ord(letter): prototype for letter, prototype in confusables().items()}


def _without_leet(match: re.Match[str]) -> str:
    """Amounts, numbers and codes stay: more signs than letters, or digits that are meant as such."""
    word = match[0]
    letters = sum(letter.isalpha() for letter in word)
    return word.translate(_LEET) if letters >= 2 and letters * 2 >= len(word) and not _NUMBER.search(word) else word
