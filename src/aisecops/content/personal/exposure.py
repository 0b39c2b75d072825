"""How much of persons a text exposes: what its tables, records and sentences hold, taken together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from aisecops.content.personal.columns import PLACEHOLDER, find_in_table
from aisecops.content.personal.headers import may_speak_of_persons, tells, words
from aisecops.content.personal.kinds import PersonalColumn, PersonalDatum, PersonalKind
from aisecops.content.personal.printed import tables_in
from aisecops.content.personal.search import find_issued, find_personal
from aisecops.core.taxonomy import Confidence

ISSUED = frozenset(
    {PersonalKind.NATIONAL_ID, PersonalKind.PAYMENT_CARD, PersonalKind.BANK_ACCOUNT, PersonalKind.PASSPORT, PersonalKind.MEDICAL_RECORD}
)
"""What an issuer gives to one person: it identifies by itself."""
CONTACTS = frozenset({PersonalKind.EMAIL, PersonalKind.PHONE})
LINKED = frozenset({PersonalKind.PERSON_NAME, PersonalKind.BIRTH_DATE, PersonalKind.POSTAL_ADDRESS})
"""What makes a contact a person, and two of these make one without a contact."""
_FEW, _SEVERAL = 2, 3
"""Contacts that are a list of persons: with a label or header that says so, and without."""
_MOST_LOOKED_AT = 50


class Exposure(msgspec.Struct, frozen=True):
    """What a text exposes: how many values of each kind, the headers that say so, where the first stands, and how surely."""

    counts: dict[PersonalKind, int]
    headers: tuple[str, ...]
    schemes: tuple[str, ...]
    start: int
    confidence: Confidence


def exposure(text: str) -> Exposure | None:
    """Return what ``text``, the output of a program, exposes of persons; ``None`` where that is nothing worth a word.

    One contact alone is nothing (it may be anybody's), names alone are not, and a table whose addresses are placeholders is made up.
    """
    data = find_personal(text)
    if not data and not may_speak_of_persons(text.lower()):
        return None
    columns = [column for table in tables_in(text) for column in find_in_table(table.header, table.rows)]
    counts, sure = _tally(text, data, columns)
    confidence = _judged(counts, sure, made_up=any(column.scheme == PLACEHOLDER for column in columns))
    if confidence is None:
        return None
    items: list[PersonalDatum | PersonalColumn] = [*data, *columns]
    schemes = {item.scheme for item in items if item.scheme not in ("", PLACEHOLDER, "IBAN") and item.confidence.at_least(Confidence.MEDIUM)}
    headers = dict.fromkeys(words(column.header) for column in columns if column.kind in counts and tells(column.header))
    start = min((datum.start for datum in data if datum.kind in counts), default=0)
    return Exposure(counts, tuple(headers), tuple(sorted(schemes)), start, confidence)


def _tally(
    text: str, data: Sequence[PersonalDatum], columns: Sequence[PersonalColumn]
) -> tuple[dict[PersonalKind, int], dict[PersonalKind, Confidence]]:
    """Count distinct values by kind and keep the best confidence of each; a column and the text around it may count the same values: the larger count stays."""
    distinct = {(datum.kind, text[datum.start : datum.end]) for datum in data if datum.confidence.at_least(Confidence.MEDIUM) or datum.kind in LINKED}
    counts = Counter(kind for kind, _ in distinct)
    in_columns = Counter[PersonalKind]()
    sure: dict[PersonalKind, Confidence] = {}
    for column in columns:
        if column.scheme != PLACEHOLDER and (column.confidence.at_least(Confidence.MEDIUM) or column.kind in LINKED):
            in_columns[column.kind] += column.count
    items: list[PersonalDatum | PersonalColumn] = [*data, *columns]
    for item in items:
        if item.kind in counts or item.kind in in_columns:
            sure[item.kind] = max(sure.get(item.kind, Confidence.LOW), item.confidence, key=lambda confidence: confidence.rank)
    return {kind: max(counts[kind], in_columns[kind]) for kind in sorted({*counts, *in_columns})}, sure


def _judged(counts: dict[PersonalKind, int], sure: dict[PersonalKind, Confidence], *, made_up: bool) -> Confidence | None:
    issued = [kind for kind in counts if kind in ISSUED and sure[kind].at_least(Confidence.HIGH if made_up else Confidence.MEDIUM)]
    if issued:
        return max((sure[kind] for kind in issued), key=lambda confidence: confidence.rank)
    contacts = [kind for kind in counts if kind in CONTACTS]
    linked = [kind for kind in counts if kind in LINKED]
    if made_up:
        return None
    if contacts and (linked or len(contacts) > 1):
        return Confidence.HIGH
    if any(counts[kind] >= (_FEW if sure[kind] is Confidence.HIGH else _SEVERAL) for kind in contacts):
        return Confidence.MEDIUM
    if len([kind for kind in linked if sure[kind].at_least(Confidence.MEDIUM)]) > 1:
        return Confidence.MEDIUM
    return None


_NEAR = 600
"""Characters around an identity number in which a person's name or address makes it that person's."""
_MADE_UP = re.compile(
    r"\b(?:faker?|fictitious|fictional|synthetic|dummy|mock(?:ed)?|sample|examples?|placeholder|test(?:s|ing|_?data)?|fixture)\b", re.IGNORECASE
)


def exposure_in_source(text: str) -> Exposure | None:
    """Return what code or settings expose of real persons: numbers whose check digits and labels agree, beside a name or a way to reach the person.

    Much stricter than ``exposure``: sources are full of made-up persons. What calls itself a sample is one.
    """
    issued = [datum for datum in find_issued(text) if datum.confidence is Confidence.HIGH]
    near: list[PersonalDatum] = []
    for datum in issued[:_MOST_LOOKED_AT]:
        start = max(0, datum.start - _NEAR)
        around = text[start : datum.end + _NEAR]
        who = [] if _MADE_UP.search(around) else [other for other in find_personal(around) if _names_someone(other)]
        near += [datum, *who] if who else []
    if not near:
        return None
    counts = Counter(datum.kind for datum in near)
    schemes = {datum.scheme for datum in near if datum.scheme}
    return Exposure(dict(sorted(counts.items())), (), tuple(sorted(schemes)), near[0].start, Confidence.MEDIUM)


def _names_someone(datum: PersonalDatum) -> bool:
    return datum.kind is PersonalKind.PERSON_NAME or (datum.kind in LINKED | CONTACTS and datum.confidence.at_least(Confidence.MEDIUM))
