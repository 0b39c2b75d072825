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
from aisecops.content.personal.contact import FILE_ENDINGS, is_mailbox_of_a_person, is_national_phone, is_personal_address, phones
from aisecops.content.personal.headers import (
    is_signed,
    may_be_address,
    may_name_persons,
    of_events,
    of_machines,
    of_references,
    of_streets,
    of_things,
    promised,
    says_name,
    says_number,
    speaks_of_names,
    speaks_of_persons,
)
from aisecops.content.personal.kinds import PersonalColumn, PersonalKind
from aisecops.content.personal.looks import (
    LOOKS,
    has_given_name,
    has_given_name_behind,
    has_street,
    is_address,
    is_full_name,
    is_given_name,
    is_of_several,
    is_person,
    is_street,
    is_street_name,
    year_of,
)
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
_SOME, _MOSTLY, _NEARLY_ALL, _ENOUGH = 0.1, 0.6, 0.9, 20
_PERSONS = 5
"""Different values from which on a column ``patient`` or ``contact`` holds persons and not a choice of things."""
_MANY = 50
"""Different values of one word from which on what somebody's name is called holds names, and not a choice of groups."""
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
    """The share of values for which ``holds`` does, from a sample spread evenly; none of none: a shape may be that of lines inside of values only."""
    if not values:
        return 0.0
    sample = values[:: -(-len(values) // _SAMPLE)] if len(values) > _SAMPLE else values
    return sum(1 for value in sample if holds(value)) / len(sample)


def _different(values: Sequence[str]) -> int:
    """How many different values there are, or that there are ``_MANY``: the first few mostly show it."""
    some = len(set(values[:_SAMPLE]))
    return some if some >= _MANY else len(set(values))


def _addresses(column: _Column) -> _Told | None:
    if "@" not in column.joined:
        return None
    found = _ADDRESS.findall(column.joined)
    if len(found) < _MOSTLY * len(column.values) or _share(found, _is_file) > 0.5:
        return None
    if _share(found, is_personal_address) >= 0.5:
        return _Told(PersonalKind.EMAIL, len(found), Confidence.HIGH)
    persons = _different(found) >= _ENOUGH and _share(found, is_mailbox_of_a_person) >= 0.5
    return _Told(PersonalKind.EMAIL, len(found), Confidence.MEDIUM if persons else Confidence.LOW, PLACEHOLDER)


def _is_file(address: str) -> bool:
    """``logo@3x.png`` looks like an address."""
    return address.rpartition(".")[2].lower() in FILE_ENDINGS


def _numbers(column: _Column) -> _Told | None:
    """Numbers with an issuer: nearly all values of an issuer's shape pass its check digits."""
    shapes = Counter(column.joined.translate(SHAPE).split("\n"))
    told = list(_as_cards(column, {shape: count for shape, count in shapes.items() if shape in _CARD_SHAPES}))
    for scheme, shape, count in _schemes_of(shapes):
        if count >= _MOSTLY * len(column.values) / 2:
            told += _as_identity(column, scheme, shape, count)
    if not told and column.joined[:2].isalpha():
        told += _as_accounts(column)
    return max(told, key=lambda item: item.sure.rank, default=None)


def _schemes_of(shapes: Counter[str]) -> Iterator[tuple[Scheme, str, int]]:
    """Yield the schemes that common shapes belong to, the commonest shape of each, and how many values have one of its shapes."""
    counts: Counter[str] = Counter()
    first: dict[str, tuple[Scheme, str]] = {}
    for shape, count in shapes.most_common(8):
        for scheme in by_shape().get(shape, ()):
            counts[scheme.name] += count
            first.setdefault(scheme.name, (scheme, shape))
    yield from ((*first[name], count) for name, count in counts.items())


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


def _as_identity(column: _Column, scheme: Scheme, shape: str, count: int) -> Iterator[_Told]:
    values = _of_shape(column.values, shape)
    if _share(values, partial(holds, scheme)) >= _NEARLY_ALL and (sure := _identity(column, scheme, shape, len(values))):
        samples = _share(values, lambda value: is_sample_number(bare(value))) > 0.5
        yield _Told(PersonalKind.NATIONAL_ID, count, Confidence.LOW if samples else sure, scheme.name)


def _identity(column: _Column, scheme: Scheme, shape: str, count: int) -> Confidence | None:
    """A promised scheme is sure; without a promise the shape must be a telling one, or many numbers pass what few do by chance."""
    if column.promises(PersonalKind.NATIONAL_ID) and column.promise and column.promise[1] in (scheme.name, ""):
        return Confidence.HIGH
    if (column.promise and not column.promises(PersonalKind.PERSON_NAME)) or of_things(column.header):
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
    if share < _MOSTLY and (column.promise is None or column.promises(PersonalKind.PERSON_NAME)) and not of_references(column.header):
        share = _national(column.values)
    return _Told(PersonalKind.PHONE, round(share * len(column.values)), sure) if share >= _MOSTLY else None


def _national(values: Sequence[str]) -> float:
    """The share of telephone numbers as they are dialled within a country, where nearly all are; 0 where all have one form that parts have, too: 0123-456789."""
    if len(values) < _ENOUGH or (share := _share(values, is_national_phone)) < _NEARLY_ALL:
        return 0.0
    shapes = {value.translate(SHAPE) for value in values}
    return share if len(shapes) > 1 or not re.fullmatch("9+[-/ ]9+", shapes.pop()) or _prefixes(values) <= _FEW_NETWORKS else 0.0


_FEW_NETWORKS = 0.25


def _prefixes(values: Sequence[str]) -> float:
    """How many different beginnings there are for each value: networks and towns have many numbers."""
    return len({re.split("[-/ ]", value)[0] for value in values}) / len(values)


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
        return _names(column)
    if kind is PersonalKind.POSTAL_ADDRESS and _share(column.values, LOOKS[PersonalKind.IP_ADDRESS][0]) >= _MOSTLY:
        kind, (looks, sure) = PersonalKind.IP_ADDRESS, LOOKS[PersonalKind.IP_ADDRESS]  # client_addr
        sure = Confidence.LOW if of_machines(column.header) else sure
    share = _share(column.values, looks)
    if share < _MOSTLY and kind is PersonalKind.POSTAL_ADDRESS and of_streets(column.header) and _different(column.values) >= _ENOUGH:
        looks, sure = is_street_name, Confidence.LOW
        share = _share(column.values, looks)
    return _Told(kind, round(share * len(column.values)), sure) if share >= _MOSTLY else _of_the_promised_shape(column, kind, scheme)


def _of_the_promised_shape(column: _Column, kind: PersonalKind, scheme: str) -> _Told | None:
    """Many numbers of the promised form whose check digits do not agree: tokens that keep the form, or made up for persons of whom there are real ones."""
    shapes = (
        _CARD_SHAPES if kind is PersonalKind.PAYMENT_CARD else {shape for one in SCHEMES if scheme and one.name == scheme for shape in one.shapes}
    )
    share = _share(column.values, lambda value: value.translate(SHAPE) in shapes)
    if share < _NEARLY_ALL and scheme and says_number(column.header):
        share = _share(column.values, lambda value: LOOKS[PersonalKind.NATIONAL_ID][0](value) and not LOOKS[PersonalKind.BIRTH_DATE][0](value))
    if share < _NEARLY_ALL or _different(column.values) < _ENOUGH:
        return None
    return _Told(kind, round(share * len(column.values)), Confidence.MEDIUM, scheme)


def _unpromised(column: _Column) -> _Told | None:
    """Names, streets and days of birth show themselves; of plain ``name`` nobody knows whose it is."""
    if told := _names(column) or _births(column):
        return told
    if may_be_address(column.header) and (share := _share(column.values, is_address)) >= _MOSTLY:
        return _Told(PersonalKind.POSTAL_ADDRESS, round(share * len(column.values)), Confidence.LOW)
    if len(column.values) < _ENOUGH:
        return None
    for looks, sure, least in ((is_street, Confidence.MEDIUM, _NEARLY_ALL), (has_street, Confidence.LOW, _MOSTLY)):
        if (share := _share(column.values, looks)) >= least:
            return _Told(PersonalKind.POSTAL_ADDRESS, round(share * len(column.values)), sure)
    return None


_SPOKEN_OF, _UNSPOKEN_OF = 0.2, 0.4
"""The share of values with a known given name from which on a column holds names of persons, where its header speaks of persons and where it does not. Of names from
lists that are not ours it is .4 to 1 in most languages; of cities, companies, products and titles below .15, of colours up to .34."""


def _known_names(values: Sequence[str]) -> float:
    """The share of values that have a known given name where persons have it; those of one word count where they are one."""
    return max(_share(values, has_given_name), _share(values, has_given_name_behind) - _SPOKEN_OF, _share(values, is_given_name))


def _names(column: _Column) -> _Told | None:
    """Names of persons that the header does not promise: told by the given names among them, or perhaps by a plain ``name``."""
    share, plain, several = _share(column.values, is_person), may_name_persons(column.header), _different(column.values)
    if share < _MOSTLY:
        return None
    told = _Told(PersonalKind.PERSON_NAME, round(share * len(column.values)), Confidence.LOW)
    firms = _share(column.values, is_of_several)
    if firms >= _SOME:
        return told if plain and firms < _MOSTLY / 2 else None
    known, full = _known_names(column.values), _share(column.values, is_full_name) >= _MOSTLY
    of_names, of_persons = speaks_of_names(column.header), speaks_of_persons(column.header)
    each = of_names and of_persons and share >= _NEARLY_ALL and (full or several >= _MANY)
    if several >= _PERSONS and (each or (of_persons and known >= _SPOKEN_OF and (of_names or full))):
        return msgspec.structs.replace(told, sure=Confidence.MEDIUM)
    if plain and full and known >= _UNSPOKEN_OF and several >= _ENOUGH:
        return msgspec.structs.replace(told, sure=Confidence.MEDIUM)
    return told if plain or (known >= _UNSPOKEN_OF and several >= _ENOUGH) else None


def _births(column: _Column) -> _Told | None:
    """Days that are spread over a lifetime, and end long ago, may be those on which persons were born."""
    if _different(column.values) < _ENOUGH or of_events(column.header) or _share(column.values, LOOKS[PersonalKind.BIRTH_DATE][0]) < _NEARLY_ALL:
        return None
    years = sorted(filter(None, map(year_of, column.values[:: -(-len(column.values) // _SAMPLE)])))
    if len(years) < _ENOUGH:
        return None
    early, middle, late = (years[round(part * (len(years) - 1))] for part in (0.1, 0.5, 0.9))
    alike = late - early >= _LIFETIME and early >= _FIRST_BORN and middle <= _HALF_BORN
    return _Told(PersonalKind.BIRTH_DATE, len(column.values), Confidence.LOW) if alike else None


_LIFETIME, _FIRST_BORN, _HALF_BORN = 20, 1900, 2002
"""Years between the tenth part that is born first and the one that is born last, and when the first and half of them are born: those who work, buy and fall ill. What
a firm writes down as it happens is spread over fewer years, and most of it is younger."""


def _in_sentences(column: _Column, index: int) -> Iterator[PersonalColumn]:
    sure = [datum for datum in find_personal(column.joined) if datum.confidence.at_least(Confidence.MEDIUM)]
    for kind, count in sorted(Counter(datum.kind for datum in sure).items()):
        best = max((datum.confidence for datum in sure if datum.kind is kind), key=lambda confidence: confidence.rank)
        yield PersonalColumn(index, column.header, kind, min(count, len(column.values)), len(column.values), best)
