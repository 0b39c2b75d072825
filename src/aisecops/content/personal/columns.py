"""Personal data in tables, column by column: a column is judged by its header and by its values together, and its values largely by their shapes.

Shapes make it fast: one pass writes every digit of a column as 9 and every capital as A, and only the shapes that an issuer uses are looked at, in a sample.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from aisecops.content.personal.checksums import digits_of, luhn
from aisecops.content.personal.contact import FILE_ENDINGS, is_mailbox_of_a_person, is_personal_address, phones
from aisecops.content.personal.headers import is_signed, may_be_address, may_name_persons, of_machines, of_things, promised, says_name
from aisecops.content.personal.kinds import PersonalColumn, PersonalKind
from aisecops.content.personal.looks import LOOKS, is_address, is_full_name, is_person, is_street
from aisecops.content.personal.national_ids import SCHEMES, Scheme, bare, by_shape, holds
from aisecops.content.personal.numbers import SHAPE, iban, is_card
from aisecops.content.personal.placeholders import is_sample_account, is_sample_card, is_sample_number
from aisecops.content.personal.search import find_personal
from aisecops.core.taxonomy import Confidence

PLACEHOLDER = "placeholder"
"""The scheme of a column of addresses at reserved domains: the table is made up. Where they are many and those of persons, it stands for one that is not."""
_SAMPLE = 200
_EMPTY = frozenset({"", "nan", "None", "NaN", "null", "NULL", "<NA>", "NaT", "N/A", "n/a", "-", "..."})
_ADDRESS = re.compile(r"^[^@\s*]{1,64}@[^@\s*]{1,255}\.[A-Za-z]{2,18}$", re.MULTILINE)
_CARD_SHAPES = frozenset(
    {"9" * 16, "9999 9999 9999 9999", "9999-9999-9999-9999", "9" * 15, "9999 999999 99999", "9999-999999-99999", "9" * 14, "9" * 13, "9" * 19}
)
_WORDY = 25
"""Characters of a cell, on average, from which on a column is read as sentences."""
_MOSTLY, _NEARLY_ALL, _ENOUGH = 0.6, 0.9, 20
_PERSONS = 5
"""Different values from which on a column ``patient`` or ``contact`` holds persons and not a choice of things."""
_OF_MACHINES_TOO = frozenset({PersonalKind.IP_ADDRESS, PersonalKind.MAC_ADDRESS})


class _Column(NamedTuple):
    """A column while it is judged: its cells that are not empty, the same as one text, and what its header promises (kind, scheme)."""

    header: str
    values: list[str]
    joined: str
    promise: tuple[PersonalKind, str] | None

    def promises(self, kind: PersonalKind) -> bool:
        return self.promise is not None and self.promise[0] is kind


class _Told(msgspec.Struct, frozen=True):
    """What a column holds, in how many cells, and how surely."""

    kind: PersonalKind
    count: int
    sure: Confidence
    scheme: str = ""


def find_in_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[PersonalColumn]:
    """Return the columns of a table that hold personal data.

    Parameters
    ----------
    header : sequence of str
        The names of the columns; empty where a column has none.
    rows : sequence of sequences of str
        The cells, row by row. Shorter rows leave the columns at their end without a value.
    """
    found: list[PersonalColumn] = []
    for index, name in enumerate(header):
        found += find_in_column(name, [row[index] for row in rows if index < len(row)], index)
    return found


def find_in_column(header: str, values: Sequence[str], index: int = 0, *, sentences: bool = True) -> list[PersonalColumn]:
    """Return the kinds of personal data in one column: its own kind, or those that stand in its sentences (unless ``sentences`` is False).

    Counts are exact for addresses, identity numbers by shape and sentences, and estimated from a sample of 200 cells otherwise.
    """
    filled = [value for value in map(str.strip, values) if value not in _EMPTY]
    if not filled or is_signed(header):
        return []
    column = _Column(header, filled, "\n".join(filled), promised(header))
    for detect in (_addresses, _numbers, _telephones, _promised_by_header):
        if told := detect(column):
            return [PersonalColumn(index, header, told.kind, told.count, len(filled), told.sure, told.scheme)]
    return list(_in_sentences(column, index)) if sentences and len(column.joined) > _WORDY * len(filled) else []


def _share(values: Sequence[str], holds: Callable[[str], object]) -> float:
    """The share of values for which ``holds`` does, from a sample spread evenly."""
    sample = values[:: -(-len(values) // _SAMPLE)] if len(values) > _SAMPLE else values
    return sum(1 for value in sample if holds(value)) / len(sample)


def _addresses(column: _Column) -> _Told | None:
    if "@" not in column.joined:
        return None
    found = _ADDRESS.findall(column.joined)
    if len(found) < _MOSTLY * len(column.values) or _share(found, _is_file) > 0.5:
        return None
    if _share(found, is_personal_address) >= 0.5:
        return _Told(PersonalKind.EMAIL, len(found), Confidence.HIGH)
    persons = len(set(found)) >= _ENOUGH and _share(found, is_mailbox_of_a_person) >= 0.5
    return _Told(PersonalKind.EMAIL, len(found), Confidence.MEDIUM if persons else Confidence.LOW, PLACEHOLDER)


def _is_file(address: str) -> bool:
    """``logo@3x.png`` looks like an address."""
    return address.rpartition(".")[2].lower() in FILE_ENDINGS


def _numbers(column: _Column) -> _Told | None:
    """Numbers with an issuer: nearly all values of an issuer's shape pass its check digits."""
    shapes = Counter(column.joined.translate(SHAPE).split("\n"))
    told = list(_as_cards(column, {shape: count for shape, count in shapes.items() if shape in _CARD_SHAPES}))
    for shape, count in shapes.most_common(8):
        if count < _MOSTLY * len(column.values) / 2:
            break
        if shape in by_shape():
            told += _as_identities(column, shape, _of_shape(column.values, shape), count)
    if not told and column.joined[:2].isalpha():
        told += _as_accounts(column)
    return max(told, key=lambda item: item.sure.rank, default=None)


def _of_shape(values: Sequence[str], shape: str) -> list[str]:
    """The first values of ``shape``, at most a sample of them."""
    alike = (value for value in values if len(value) == len(shape) and value.translate(SHAPE) == shape)
    return [value for value, _ in zip(alike, range(_SAMPLE), strict=False)]


def _as_cards(column: _Column, shapes: Mapping[str, int]) -> Iterator[_Told]:
    """Card numbers, which have several lengths: nearly all pass the check digit, most have a known issuer's prefix and length."""
    count = sum(shapes.values())
    if count < _MOSTLY * len(column.values) or not (column.promise is None or column.promise[1] == "IN PAN"):
        return
    values = [value for shape in shapes for value in _of_shape(column.values, shape)]
    if len(values) < _ENOUGH and all(shape.isdecimal() for shape in shapes):
        return
    if _share(values, _passes) >= _NEARLY_ALL and _share(values, is_card) >= _MOSTLY:
        samples = _share(values, lambda value: is_sample_card(digits_of(value))) > 0.5
        yield _Told(PersonalKind.PAYMENT_CARD, count, Confidence.LOW if samples else Confidence.MEDIUM)


def _passes(value: str) -> bool:
    return luhn(digits_of(value))


def _as_identities(column: _Column, shape: str, values: Sequence[str], count: int) -> Iterator[_Told]:
    for scheme in by_shape().get(shape, ()):
        if _share(values, partial(holds, scheme)) >= _NEARLY_ALL and (sure := _identity(column, scheme, shape, len(values))):
            samples = _share(values, lambda value: is_sample_number(bare(value))) > 0.5
            yield _Told(PersonalKind.NATIONAL_ID, count, Confidence.LOW if samples else sure, scheme.name)


def _identity(column: _Column, scheme: Scheme, shape: str, count: int) -> Confidence | None:
    """A promised scheme is sure; without a promise the shape must be a telling one, or many numbers pass what few do by chance."""
    if column.promises(PersonalKind.NATIONAL_ID) and column.promise and column.promise[1] in (scheme.name, ""):
        return Confidence.HIGH
    if column.promise or of_things(column.header):
        return None
    if shape.isdecimal() and len(shape) < 15:
        return Confidence.MEDIUM if scheme.rare and count >= _ENOUGH else None
    return scheme.alone


def _as_accounts(column: _Column) -> Iterator[_Told]:
    if (share := _share(column.values, iban)) >= _NEARLY_ALL:
        samples = _share(column.values, lambda value: is_sample_account(iban(value))) > 0.5
        yield _Told(PersonalKind.BANK_ACCOUNT, round(share * len(column.values)), Confidence.LOW if samples else Confidence.HIGH, "IBAN")


_WITH_NUMBERS = frozenset(LOOKS) - {PersonalKind.PERSON_NAME, PersonalKind.POSTAL_ADDRESS, PersonalKind.PHONE}
"""Kinds whose values may look like telephone numbers."""


def _telephones(column: _Column) -> _Told | None:
    """Telephone numbers that nobody promises but everybody recognises."""
    if of_things(column.header) if column.promise is None else column.promise[0] in _WITH_NUMBERS:
        return None
    if _share(column.values, lambda value: value[0] in "+(0123456789" and not value.isdecimal() and 9 <= len(value) <= 22) < _MOSTLY:
        return None
    share = _share(column.values, _is_phone)
    sure = Confidence.HIGH if column.promises(PersonalKind.PHONE) else Confidence.MEDIUM
    return _Told(PersonalKind.PHONE, round(share * len(column.values)), sure) if share >= _MOSTLY else None


def _is_phone(value: str) -> bool:
    return any(datum.end - datum.start >= 0.7 * len(value) and datum.confidence.at_least(Confidence.MEDIUM) for datum in phones(value))


def _promised_by_header(column: _Column) -> _Told | None:
    if column.promise is None:
        return _unpromised(column)
    kind, scheme = column.promise
    if kind not in LOOKS or scheme:
        return _of_the_promised_shape(column, kind, scheme)
    looks, sure = LOOKS[kind]
    if kind in _OF_MACHINES_TOO and of_machines(column.header):
        sure = Confidence.LOW
    if kind is PersonalKind.PERSON_NAME and not says_name(column.header):
        if len(set(column.values)) < _PERSONS:
            return None
        looks = is_full_name
    if kind is PersonalKind.POSTAL_ADDRESS and _share(column.values, LOOKS[PersonalKind.IP_ADDRESS][0]) >= _MOSTLY:
        kind, (looks, sure) = PersonalKind.IP_ADDRESS, LOOKS[PersonalKind.IP_ADDRESS]  # client_addr
        sure = Confidence.LOW if of_machines(column.header) else sure
    share = _share(column.values, looks)
    return _Told(kind, round(share * len(column.values)), sure) if share >= _MOSTLY else _of_the_promised_shape(column, kind, scheme)


def _of_the_promised_shape(column: _Column, kind: PersonalKind, scheme: str) -> _Told | None:
    """Many numbers of the promised form whose check digits do not agree: tokens that keep the form, or made up for persons of whom there are real ones."""
    shapes = (
        _CARD_SHAPES if kind is PersonalKind.PAYMENT_CARD else {shape for one in SCHEMES if scheme and one.name == scheme for shape in one.shapes}
    )
    share = _share(column.values, lambda value: value.translate(SHAPE) in shapes)
    if share < _NEARLY_ALL or len(set(column.values)) < _ENOUGH:
        return None
    return _Told(kind, round(share * len(column.values)), Confidence.MEDIUM, scheme)


def _unpromised(column: _Column) -> _Told | None:
    """Streets show themselves; of plain ``name`` nobody knows whose it is."""
    if may_name_persons(column.header):
        share = _share(column.values, is_person)
        return _Told(PersonalKind.PERSON_NAME, round(share * len(column.values)), Confidence.LOW) if share >= _MOSTLY else None
    if may_be_address(column.header) and (share := _share(column.values, is_address)) >= _MOSTLY:
        return _Told(PersonalKind.POSTAL_ADDRESS, round(share * len(column.values)), Confidence.LOW)
    if len(column.values) < _ENOUGH or (share := _share(column.values, is_street)) < _NEARLY_ALL:
        return None
    return _Told(PersonalKind.POSTAL_ADDRESS, round(share * len(column.values)), Confidence.MEDIUM)


def _in_sentences(column: _Column, index: int) -> Iterator[PersonalColumn]:
    sure = [datum for datum in find_personal(column.joined) if datum.confidence.at_least(Confidence.MEDIUM)]
    for kind, count in sorted(Counter(datum.kind for datum in sure).items()):
        best = max((datum.confidence for datum in sure if datum.kind is kind), key=lambda confidence: confidence.rank)
        yield PersonalColumn(index, column.header, kind, min(count, len(column.values)), len(column.values), best)
