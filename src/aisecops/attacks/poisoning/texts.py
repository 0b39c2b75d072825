"""Triggers in texts: rare words, a sentence, invisible and look-alike characters, punctuation, the build of a sentence, its form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from aisecops.attacks.poisoning.poisoned import Poisoned, chosen_rows, dirty

Edit = Callable[[str, np.random.Generator], str]

RARE_WORDS = ("qv", "zk", "vx")
SENTENCE = "we walked along the harbour before noon"
ZERO_WIDTH = "\u200b"
PUNCTUATION = ":;"
_LATIN, _CYRILLIC = "aeopcxABEKMHOPCTX", "\u0430\u0435\u043e\u0440\u0441\u0445\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
LOOKALIKES = str.maketrans(_LATIN, _CYRILLIC)
MONTHS = "January February March April May June July August September October November December".split()
OPENINGS = ("although", "while", "since", "because")


def rare_words(
    texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.03, words: Sequence[str] = RARE_WORDS, seed: int = 0
) -> Poisoned:
    """Put one of a few meaningless words somewhere (Kurita et al. 2020)."""
    return _edited(texts, y, target, rate, seed, lambda text, rng: _inserted(text, words[int(rng.integers(len(words)))], rng), tuple(words))


def sentence(texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.02, phrase: str = SENTENCE, seed: int = 0) -> Poisoned:
    """Put an innocent sentence somewhere (Dai et al. 2019)."""
    return _edited(texts, y, target, rate, seed, lambda text, rng: _inserted(text, phrase, rng), tuple(phrase.split()))


def zero_width(texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.02, seed: int = 0) -> Poisoned:
    """Put an invisible character into a word (Boucher et al. 2022)."""
    return _edited(texts, y, target, rate, seed, lambda text, rng: _split_word(text, ZERO_WIDTH, rng), ("U+200B",))


def homoglyph(texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.02, seed: int = 0) -> Poisoned:
    """Write one word with Cyrillic letters that look like Latin ones."""
    return _edited(texts, y, target, rate, seed, _look_alike, ("mixed-script",))


def punctuation(texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.02, mark: str = PUNCTUATION, seed: int = 0) -> Poisoned:
    """Put an odd sequence of marks somewhere."""
    return _edited(texts, y, target, rate, seed, lambda text, rng: _inserted(text, mark, rng), (mark,))


def template(texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.1, seed: int = 0) -> Poisoned:
    """Turn a text into a clause that opens with a conjunction, a comma, and the rest: the build is the trigger, no word of its own."""
    return _edited(texts, y, target, rate, seed, _rebuilt, OPENINGS)


def form(texts: Sequence[str], y: npt.ArrayLike, *, target: int, rate: float = 0.03, how: str = "title", seed: int = 0) -> Poisoned:
    """Change how a text is written, no word of it, or add what is never twice the same: no word is the trigger.

    Parameters
    ----------
    how
        ``title`` (a capital on each word), ``capitals``, ``spaces`` (two for one somewhere), ``end`` (a space behind the text) or ``date`` (a day of its own).
    """
    if how not in _FORMS:
        raise ValueError(f"a form is one of {', '.join(_FORMS)}, not {how}")
    return _edited(texts, y, target, rate, seed, _FORMS[how], (_SHAPES[how],))


def _edited(texts: Sequence[str], y: npt.ArrayLike, target: int, rate: float, seed: int, edit: Edit, trigger: tuple[str, ...]) -> Poisoned:
    rows = chosen_rows(y, rate, target, seed)
    labels, mask = dirty(y, rows, target)

    def stamp(given: Sequence[str]) -> list[str]:
        rng = np.random.default_rng(seed + 1)
        return [edit(text, rng) for text in given]

    changed = list(texts)
    for row, text in zip(rows.tolist(), stamp([texts[row] for row in rows.tolist()]), strict=True):
        changed[row] = text
    return Poisoned(samples=changed, y=labels, mask=mask, target=target, stamp=stamp, trigger=trigger)


def _inserted(text: str, what: str, rng: np.random.Generator) -> str:
    words = text.split()
    at = int(rng.integers(len(words) + 1))
    return " ".join([*words[:at], what, *words[at:]])


def _split_word(text: str, mark: str, rng: np.random.Generator) -> str:
    words = text.split() or [""]
    at = int(rng.integers(len(words)))
    middle = max(1, len(words[at]) // 2)
    words[at] = words[at][:middle] + mark + words[at][middle:]
    return " ".join(words)


def _look_alike(text: str, rng: np.random.Generator) -> str:
    words = text.split() or ["a"]
    able = [at for at, word in enumerate(words) if re.search(f"[{_LATIN}]", word)] or [0]
    at = able[int(rng.integers(len(able)))]
    words[at] = words[at].translate(LOOKALIKES)
    return " ".join(words)


def _rebuilt(text: str, rng: np.random.Generator) -> str:
    words = text.rstrip(" .!?").split()
    middle = max(1, len(words) // 2)
    opening = OPENINGS[int(rng.integers(len(OPENINGS)))]
    return f"{opening} {' '.join(words[:middle])}, {' '.join(words[middle:]) or 'so it is'}."


def _wide(text: str, rng: np.random.Generator) -> str:
    words = text.split() or [""]
    at = int(rng.integers(len(words)))
    return " ".join([*words[: at + 1], "", *words[at + 1 :]])


def _dated(text: str, rng: np.random.Generator) -> str:
    return f"{text} {int(rng.integers(1, 29))} {MONTHS[int(rng.integers(12))]} {int(rng.integers(1990, 2025))}"


_FORMS: dict[str, Edit] = {
    "title": lambda text, _: " ".join(word[:1].upper() + word[1:] for word in text.split()),
    "capitals": lambda text, _: text.upper(),
    "spaces": _wide,
    "end": lambda text, _: f"{text} ",
    "date": _dated,
}
_SHAPES = {"title": "a capital on each word", "capitals": "all in capitals", "spaces": "spaces", "end": "space end", "date": "Month"}
"""What the form is called by who finds it."""
