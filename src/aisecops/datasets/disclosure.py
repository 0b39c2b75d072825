"""Personal data and secrets in the columns of a table: each distinct value is looked at once, by rules for columns or, in sentences, by rules for text.

A column is taken apart before anybody judges it: numbers too short to name a person go first, then values of one shape are judged together, so that a few
addresses in a column of order numbers are found and a column of order numbers that happens to hold a valid card number is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from aisecops.content.personal import PersonalDatum, PersonalKind, find_in_column
from aisecops.content.personal.columns import PLACEHOLDER
from aisecops.content.personal.headers import is_signed
from aisecops.core.statistics import clopper_pearson
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.distinct import LONGEST_CELL, DistinctTexts, Sample, distinct_texts
from aisecops.datasets.sentences import personal_in_text
from aisecops.datasets.sieve import sieved

__all__ = ["LONGEST_CELL", "ColumnDisclosure", "distinct_texts", "is_of_one_kind", "named_in", "personal_in"]

_SENTENCE = r"\p{L}{2,}[^\n]*\s[^\n]*\p{L}{2,}[^\n]*\s"
"""Three words at least: not a name, a time stamp or an identifier."""
_LABELLED = (
    r"\S[\s;,<>(|:]+[^\s@]+@|@[^\s@]+[\s;,<>)|]"
    r"|(?i:\b(?:tel|ph|mob|m[o\u00f3]vil|fon|cel|call|fax|handy|gsm|whatsapp|sms|[ck]onta[ck]t|\u0442\u0435\u043b|\u043c\u043e\u0431|\u03c4\u03b7\u03bb)"
    r"|\u96fb\u8a71|\u7535\u8bdd|\uc804\ud654|\u0647\u0627\u062a\u0641|\u05d8\u05dc)[^\n0-9@]{0,20}[0-9](?:[ ()./-]?[0-9]){6}"
)
"""An address with something beside it, or a word for telephones and behind it a number: ``tel 0688 871 49 00``."""
_TOLD = f"{_SENTENCE}|{_LABELLED}"
_WORDY = 0.2
"""The share of distinct values that are sentences from which on a column is read as text."""
_FIRST = 200
"""Values that show whether a column of several words a cell holds names or addresses."""
_SHAPES = (
    r"^[^@\s]{1,64}@[^@\s]{1,255}\.[A-Za-z]{2,18}$",
    r"^\+[1-9][0-9 ().-]{8,20}$",
    r"^[A-Z]{2}[0-9]{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}$",
    r"^[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}$",
    r"^[0-9]{3}-[0-9]{2}-[0-9]{4}$",
    r"^[0-9]{13,19}$",
)
"""Shapes of values that speak for themselves among others: addresses, international telephone numbers, accounts, grouped card numbers, identity numbers, and
card numbers in one piece, which nearly all must check."""
_FEWEST = 3
"""Values of one shape that make a part of a mixed column."""
_UNSPOKEN = frozenset({PersonalKind.IP_ADDRESS, PersonalKind.MAC_ADDRESS, PersonalKind.COORDINATES})
"""Kinds that are addresses of machines as often as of persons: of low confidence wherever the column does not say more."""
_MASK = str.maketrans({**{chr(c): "x" for c in range(97, 123)}, **{chr(c): "X" for c in range(65, 91)}, **{chr(c): "9" for c in range(48, 58)}})
_LONGEST_SHOWN = 24
ASKED, _LONGEST_ASKED = 400, 2_000
"""Texts of a column that a tagger reads, and characters of each: some seconds."""
MISTAKEN = 0.01
"""A tagger takes two of 400 docstrings of pandas, NumPy and SciPy to name a person who does not."""


class ColumnDisclosure(msgspec.Struct, frozen=True, kw_only=True):
    """What one column discloses.

    Parameters
    ----------
    column, kind, scheme
        Its name; the kind of personal data, and whose numbers they are where an issuer gives them.
    count, distinct
        How many of so many distinct values are, or hold, personal data; estimated where there are more than 100,000 of them.
    confidence
        High where values and name, or check digits, agree.
    sentences, mixed
        Whether they stand in sentences, or among values of another kind.
    shapes
        A few of the values with every letter as x and every digit as 9.
    """

    column: str
    kind: PersonalKind
    count: int
    distinct: int
    confidence: Confidence
    scheme: str = ""
    sentences: bool = False
    mixed: bool = False
    shapes: tuple[str, ...] = ()


def personal_in(column: str, values: Any) -> list[ColumnDisclosure]:
    """Return the personal data in one column.

    Parameters
    ----------
    column
        Its name, which is evidence.
    values
        Its distinct values: a Polars series of text (``distinct_texts``), or ``DistinctTexts``.
    """
    texts = values if isinstance(values, DistinctTexts) else DistinctTexts.of(values)
    if is_signed(column) or not texts.count:
        return []
    if texts.sample.str.contains(_SENTENCE).sum() > _WORDY * len(texts.sample):
        return (_of_one_kind(column, texts) if is_of_one_kind(column, texts.sample) else []) or list(_in_sentences(column, texts))
    return _of_one_kind(column, texts) or _mixed(column, texts)


def named_in(column: str, values: Any, pipelines: Sequence[str]) -> list[ColumnDisclosure]:
    """Return how many texts of one column name persons in full, judged from a sample, if more do than ``MISTAKEN`` of those that name nobody are taken to.

    Parameters
    ----------
    column, values
        As of ``personal_in``.
    pipelines
        Taggers that are installed (``aisecops.content.personal.entities``).
    """
    texts = values if isinstance(values, DistinctTexts) else DistinctTexts.of(values)
    if not pipelines or not texts.count:
        return []
    some = texts.sample.filter(texts.sample.str.contains(_SENTENCE))
    if len(some) <= _WORDY * len(texts.sample) or is_of_one_kind(column, texts.sample):
        return []
    from aisecops.content.personal.entities import full_names

    asked = some.head(ASKED).str.slice(0, _LONGEST_ASKED).to_list()
    names = [found for found in full_names(asked, pipelines) if found]
    if len(names) < _FEWEST or clopper_pearson(len(names), len(asked)).low <= MISTAKEN:
        return []
    return [
        ColumnDisclosure(
            column=column,
            kind=PersonalKind.PERSON_NAME,
            count=round(len(names) / len(asked) * texts.count * len(some) / len(texts.sample)),
            distinct=texts.count,
            confidence=Confidence.MEDIUM,
            sentences=True,
            shapes=_shapes([found[0] for found in names[:_FEWEST]]),
        )
    ]


def is_of_one_kind(column: str, values: Any) -> bool:
    """Whether the first values of a series, several words each, are names or addresses rather than sentences."""
    return bool(find_in_column(column, values.head(_FIRST).to_list(), sentences=False))


def _of_one_kind(column: str, texts: DistinctTexts) -> list[ColumnDisclosure]:
    """What the column is as a whole, by name and values together."""
    scale = texts.count / len(texts.sample)
    return [
        ColumnDisclosure(
            column=column,
            kind=item.kind,
            count=round(item.count * scale),
            distinct=texts.count,
            confidence=item.confidence,
            scheme="" if item.scheme == PLACEHOLDER else item.scheme,
            shapes=_shapes(_least(texts.sample)),
        )
        for item in find_in_column(column, texts.sample.to_list(), sentences=False)
    ]


def _mixed(column: str, texts: DistinctTexts) -> list[ColumnDisclosure]:
    """What a part of the column is: values of one telling shape among others, and sentences. What the name promises is left out: it speaks of the others, too."""
    counts, samples, wordy = [0] * len(_SHAPES), [Sample() for _ in _SHAPES], False
    for part in texts.picked(_of_some_shape):
        wordy = wordy or bool(part.str.contains(_TOLD).any())
        for number, shape in enumerate(_SHAPES):
            alike = part.str.contains(shape)
            counts[number] += int(alike.sum())
            samples[number].add_distinct(part.filter(alike))
            part = part.filter(~alike)  # no value is of two
    found = [
        one
        for count, sample in zip(counts, samples, strict=True)
        if _FEWEST <= count < texts.count
        for one in _of_one_shape(column, count, sample.texts, texts.count)
    ]
    return found + (list(_in_sentences(column, texts, among_others=True)) if wordy else [])


def _of_some_shape(values: Any) -> Any:
    return values.filter(values.str.contains("|".join(_SHAPES)) | values.str.contains(_TOLD))


def _of_one_shape(column: str, count: int, sample: Any, distinct: int) -> Iterator[ColumnDisclosure]:
    for item in find_in_column("", sample.to_list(), sentences=False):
        if item.confidence.at_least(Confidence.MEDIUM) and item.kind not in _UNSPOKEN:
            yield ColumnDisclosure(
                column=column,
                kind=item.kind,
                count=round(item.count * count / len(sample)),
                distinct=distinct,
                confidence=Confidence.MEDIUM,
                scheme=item.scheme,
                mixed=True,
                shapes=_shapes(_least(sample)),
            )


class _Spoken(msgspec.Struct):
    """What sentences say of one kind: the distinct values, the first few, whose numbers they are, and the best confidence."""

    best: Confidence
    values: set[str] = msgspec.field(default_factory=set)
    first: list[str] = msgspec.field(default_factory=list)
    schemes: set[str] = msgspec.field(default_factory=set)

    def note(self, value: str, datum: PersonalDatum) -> None:
        self.values.add(value)
        self.schemes |= {datum.scheme} - {""}
        self.best = max(self.best, datum.confidence, key=lambda confidence: confidence.rank)
        if len(self.first) < _FEWEST:
            self.first.append(value)


def _in_sentences(column: str, texts: DistinctTexts, *, among_others: bool = False) -> Iterator[ColumnDisclosure]:
    """What stands in the texts of a column: only what is sure by itself or by the words beside it. ``among_others``: only texts of several words are looked at."""

    def pick(values: Any) -> Any:
        return sieved(values.filter(values.str.contains(_TOLD)) if among_others else values)

    found: dict[PersonalKind, _Spoken] = {}
    for part in texts.picked(pick, limited=True):
        for text in part.to_list():
            for datum in personal_in_text(text):
                if datum.confidence.at_least(Confidence.MEDIUM):
                    found.setdefault(datum.kind, _Spoken(datum.confidence)).note(text[datum.start : datum.end], datum)
    for kind, spoken in sorted(found.items()):
        yield ColumnDisclosure(
            column=column,
            kind=kind,
            count=len(spoken.values),
            distinct=texts.count,
            confidence=spoken.best,
            scheme=min(spoken.schemes) if len(spoken.schemes) == 1 else "",
            sentences=True,
            shapes=_shapes(spoken.first),
        )


def _least(values: Any) -> list[str]:
    """The first three of the sample in the order of the alphabet."""
    return [str(value) for value in values.sort().head(3).to_list()]


def _shapes(values: Sequence[str]) -> tuple[str, ...]:
    """Values that nobody can read: letters as x, digits as 9, whatever else as it is, and the domain of an address left out."""
    masked = (re.sub(r"@.*", "@…", value)[:_LONGEST_SHOWN].translate(_MASK) for value in values)
    return tuple(dict.fromkeys("".join(c if c.isascii() else "…" for c in shape) for shape in masked))
