"""All personal data in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from aisecops.content.personal.contact import emails, hardware_addresses, internet_addresses, phones
from aisecops.content.personal.kinds import PersonalDatum
from aisecops.content.personal.labelled import labelled
from aisecops.content.personal.numbers import bank_accounts, cards, national_ids

_NUMERIC = re.compile(r"[0-9][0-9A-Z ./()+-]{4,}")
"""Where a number may stand, but for what is before its first digit."""
_CANDIDATE = re.compile(
    r"[0-9A-Z]{7,}|\+[0-9]|[0-9]{2,}[ ./()-]{1,3}[0-9A-Z]{2,}[ ./()-]{1,3}[0-9A-Z]{2,}|(?:[0-9]{1,3}\.){3}|[0-9]{2,}[ -][0-9]{4,}|[0-9]{6}[-+A/][0-9]{3}"
)
"""Digits enough in a row, or in groups: not a column of small decimal numbers."""
_LONG_NUMERIC = re.compile(r"[0-9](?:[0-9A-Z-]{8,}|[0-9]{2,3}[ .-][0-9]{2,6}[ .-][0-9A-Z ./-]{3,}|[0-9]{1,7}[A-Z-][0-9A-Z ]{1,})")
"""Begins with one set of characters, which the search then jumps to."""
_BEFORE = 9
_DETECTORS: tuple[Callable[[str, int, int], Iterator[PersonalDatum]], ...] = (bank_accounts, cards, national_ids, phones, internet_addresses)


def find_personal(text: str) -> list[PersonalDatum]:
    """Return the personal data in ``text``, in the order of its places; where readings of one value compete, the surest stays.

    Placeholders (reserved domains, roles, numbers of fiction) are left out; published samples are of low confidence. Time is linear in the text.
    """
    found: list[PersonalDatum] = list(emails(text)) if "@" in text else []
    for start, end in _numeric_parts(text):
        if not _CANDIDATE.search(text, start, end):
            continue
        for detector in _DETECTORS:
            found += detector(text, start, end)
    found += hardware_addresses(text)
    found += labelled(text)
    return _without_overlaps(found)


def find_issued(text: str) -> list[PersonalDatum]:
    """Return only numbers with an issuer: accounts, cards, identity numbers. It is several times as fast, for texts in which nothing else counts."""
    found = [
        datum
        for start, end in _numeric_parts(text, _LONG_NUMERIC)
        for detector in (bank_accounts, cards, national_ids)
        for datum in detector(text, start, end)
    ]
    return _without_overlaps(found)


def _numeric_parts(text: str, pattern: re.Pattern[str] = _NUMERIC) -> Iterator[tuple[int, int]]:
    """The parts of ``text`` with digits enough, with some characters around for what begins with letters; close ones as one."""
    start = end = 0
    for match in pattern.finditer(text):
        if match.start() - _BEFORE > end:
            if end:
                yield start, end
            start = max(0, match.start() - _BEFORE)
        end = match.end() + 2
    if end:
        yield start, end


def _without_overlaps(found: Iterable[PersonalDatum]) -> list[PersonalDatum]:
    kept: list[PersonalDatum] = []
    for datum in sorted(found, key=lambda datum: (datum.start, -datum.confidence.rank, -datum.end)):
        if kept and datum.start < kept[-1].end:
            if datum.confidence.rank > kept[-1].confidence.rank:
                kept[-1] = datum
        else:
            kept.append(datum)
    return kept
