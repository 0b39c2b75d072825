"""Personal data and secrets in the columns of a table: each distinct value is looked at once, by rules for columns or, in sentences, by rules for text.

A column is taken apart before anybody judges it: numbers too short to name a person go first, then values of one shape are judged together, so that a few
addresses in a column of order numbers are found and a column of order numbers that happens to hold a valid card number is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from aisecops.content.personal import PersonalKind, find_in_column
from aisecops.content.personal.columns import PLACEHOLDER
from aisecops.content.personal.headers import is_signed
from aisecops.core.taxonomy import Confidence
from aisecops.datasets.sentences import personal_in_text
from aisecops.datasets.sources import load_polars

_SHORT_NUMBER = r"^\s*[-+]?[0-9]{0,7}(?:[.,][0-9]+)?(?:[eE][-+]?[0-9]+)?\s*$"
_SENTENCE = r"\p{L}{2,}[^\n]*\s[^\n]*\p{L}{2,}[^\n]*\s"
"""Three words at least: not a name, a time stamp or an identifier."""
_WORDY = 0.2
"""The share of distinct values that are sentences from which on a column is read as text."""
_SHAPES = (
    r"^[^@\s]{1,64}@[^@\s]{1,255}\.[A-Za-z]{2,18}$",
    r"^\+[1-9][0-9 ().-]{8,20}$",
    r"^[A-Z]{2}[0-9]{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}$",
    r"^[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}$",
    r"^[0-9]{3}-[0-9]{2}-[0-9]{4}$",
)
"""Shapes of values that speak for themselves among others: addresses, international telephone numbers, accounts, grouped card numbers, identity numbers."""
_SAMPLE = 100_000
"""Distinct values that a column is judged by as a whole: what nearly all of them must be, so many of them show."""
_FEWEST = 3
"""Values of one shape that make a part of a mixed column."""
_UNSPOKEN = frozenset({PersonalKind.IP_ADDRESS, PersonalKind.MAC_ADDRESS, PersonalKind.COORDINATES})
"""Kinds that are addresses of machines as often as of persons: of low confidence wherever the column does not say more."""
_MASK = str.maketrans({**{chr(c): "x" for c in range(97, 123)}, **{chr(c): "X" for c in range(65, 91)}, **{chr(c): "9" for c in range(48, 58)}})
_POSSIBLE = r"[0-9@]|(?i:nam|nom|patient |customer |client |employee |applicant |p<)|(?:Mr|Mrs|Ms)\. "
"""What a sentence must hold to hold personal data: digits, an at sign, or a word that announces a name."""
_LONGEST_SHOWN = 24
LONGEST_CELL = 20_000
"""Characters of one cell that are searched."""


class ColumnDisclosure(msgspec.Struct, frozen=True, kw_only=True):
    """What one column discloses.

    Parameters
    ----------
    column, kind, scheme
        Its name; the kind of personal data, and whose numbers they are where an issuer gives them.
    count, distinct
        How many of so many distinct values are, or hold, personal data; estimated from a sample where the column is of one kind.
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


def distinct_texts(frame: Any, column: str, *, part: tuple[int, int] = (0, 1)) -> Any:
    """Return the distinct values of a column as a Polars series of text: without missing ones, and without numbers too short to name anybody; empty for other types.

    Their order is that of a hash, so that the first of them are a sample. ``part``: of so many parts only this one, from 0, told apart by another hash.
    """
    pl = load_polars()
    dtype = frame.collect_schema()[column]
    name = pl.col(column)
    if dtype == pl.String or dtype in (pl.Categorical, pl.Enum):
        cells = frame.select(name.cast(pl.String).str.slice(0, LONGEST_CELL).str.strip_chars())
        cells = cells.filter(name.is_not_null() & ~name.str.contains(_SHORT_NUMBER))
    elif dtype.is_integer():
        cells = frame.filter(name > 9_999_999).select(name.cast(pl.String))
    else:
        return pl.Series(column, [], dtype=pl.String)
    number, parts = part
    if parts > 1:
        cells = cells.filter(pl.col(column).hash(seed=11) % parts == number)
    values = cells.unique().collect(engine="streaming")
    return values.sort(pl.col(column).hash(seed=7))[
        column
    ]  # an order that depends on the values alone, is as good as chance, and costs a third of the alphabet's


def personal_in(column: str, values: Any) -> list[ColumnDisclosure]:
    """Return the personal data in one column.

    Parameters
    ----------
    column
        Its name, which is evidence.
    values
        Its distinct values, a Polars series of text (``distinct_texts``).
    """
    if not len(values) or is_signed(column):
        return []
    wordy = values.str.contains(_SENTENCE)
    if wordy.sum() > _WORDY * len(values):
        return list(_in_sentences(column, values))
    told = _of_one_kind(column, values)
    return told or list(_in_parts(column, values)) + (list(_in_sentences(column, values.filter(wordy))) if wordy.any() else [])


def joined(parts: Sequence[ColumnDisclosure]) -> list[ColumnDisclosure]:
    """Return what parts of one column disclose as of the whole: equal kinds are one, their counts added up."""
    found: dict[tuple[Any, ...], ColumnDisclosure] = {}
    for one in parts:
        key = (one.kind, one.scheme, one.sentences, one.mixed)
        known = found.get(key)
        found[key] = (
            one
            if known is None
            else msgspec.structs.replace(
                known,
                count=known.count + one.count,
                distinct=known.distinct + one.distinct,
                confidence=max(known.confidence, one.confidence, key=lambda confidence: confidence.rank),
            )
        )
    return list(found.values())


def _of_one_kind(column: str, values: Any) -> list[ColumnDisclosure]:
    """What the column is as a whole, by name and values together."""
    texts = values.head(_SAMPLE).to_list()
    scale = len(values) / len(texts)
    found = find_in_column(column, texts, sentences=False)
    return [
        ColumnDisclosure(
            column=column,
            kind=item.kind,
            count=round(item.count * scale),
            distinct=len(values),
            confidence=Confidence.LOW if item.kind in _UNSPOKEN or item.scheme == PLACEHOLDER else item.confidence,
            scheme="" if item.scheme == PLACEHOLDER else item.scheme,
            shapes=_shapes(_least(values)),
        )
        for item in found
    ]


def _in_parts(column: str, values: Any) -> Iterator[ColumnDisclosure]:
    """What a part of the column is: values of one telling shape among others. What the name promises is left out: it speaks of the others, too."""
    for shape in _SHAPES:
        part = values.filter(values.str.contains(shape))
        if _FEWEST <= len(part) < len(values):
            for item in find_in_column("", part.to_list(), sentences=False):
                if item.confidence.at_least(Confidence.MEDIUM) and item.kind not in _UNSPOKEN:
                    yield ColumnDisclosure(
                        column=column,
                        kind=item.kind,
                        count=item.count,
                        distinct=len(values),
                        confidence=Confidence.MEDIUM,
                        scheme=item.scheme,
                        mixed=True,
                        shapes=_shapes(_least(part)),
                    )


def _in_sentences(column: str, values: Any) -> Iterator[ColumnDisclosure]:
    """What stands in the texts of a column: only what is sure by itself or by the words beside it."""
    counts: dict[PersonalKind, list[Any]] = {}
    for text in values.filter(values.str.contains(_POSSIBLE)).to_list():
        for datum in personal_in_text(text):
            if datum.confidence.at_least(Confidence.MEDIUM) and datum.kind not in _UNSPOKEN:
                counts.setdefault(datum.kind, []).append((datum.confidence, datum.scheme, text[datum.start : datum.end]))
    for kind, found in sorted(counts.items()):
        best = max((confidence for confidence, _, _ in found), key=lambda confidence: confidence.rank)
        schemes = sorted({scheme for _, scheme, _ in found if scheme})
        yield ColumnDisclosure(
            column=column,
            kind=kind,
            count=len({value for _, _, value in found}),
            distinct=len(values),
            confidence=best,
            scheme=schemes[0] if len(schemes) == 1 else "",
            sentences=True,
            shapes=_shapes([value for _, _, value in found[:3]]),
        )


def _least(values: Any) -> list[str]:
    """The first three of the sample in the order of the alphabet."""
    return [str(value) for value in values.head(_SAMPLE).sort().head(3).to_list()]


def _shapes(values: Sequence[str]) -> tuple[str, ...]:
    """Values that nobody can read: letters as x, digits as 9, whatever else as it is, and the domain of an address left out."""
    masked = (re.sub(r"@.*", "@…", value)[:_LONGEST_SHOWN].translate(_MASK) for value in values)
    return tuple(dict.fromkeys("".join(c if c.isascii() else "…" for c in shape) for shape in masked))
