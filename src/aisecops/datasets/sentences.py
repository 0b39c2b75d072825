"""Personal data in sentences that people wrote: the rules for any text, and what only words around a number say.

In a table such loose patterns would turn dates and amounts into telephone numbers; in a sentence the words before them decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.personal import PersonalDatum, PersonalKind, find_personal
from aisecops.content.personal.numbers import iban
from aisecops.content.personal.placeholders import is_sample_account, is_sample_phone
from aisecops.core.taxonomy import Confidence

_CALLED = re.compile(
    r"(?i)\b(?:call(?:ed|ing)?(?: (?:me|us|him|her|them|back|someone))?|reach(?:ed)?(?: (?:me|us|him|her|them))?|phone|telephone|tel|fax|mobile|cell|ring|dial"
    r"|answering|text(?:ed)?(?: (?:me|us))?|messages?|whatsapp|sms|contact(?: number)?)\b[^.\n\d+(]{0,12}(?:\b(?:at|on|to|is|under|by)\b|[:=])[ ]?"
    r"(\+?\(?[0-9]{1,4}\)?(?:[ -][0-9]{2,8}){1,4})(?![\w]|[.,:/-][0-9])"
)
"""Somebody is called, and then a number stands there."""
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]|[0-3]?[0-9]-[01]?[0-9]-(?:19|20)[0-9]{2}")
_SMALL_ACCOUNT = re.compile(r"(?i)\biban\b[^0-9\n]{0,20}?\b([a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?)\b")
_SHORTEST, _LONGEST = 7, 13


def personal_in_text(text: str) -> list[PersonalDatum]:
    """Return the personal data in ``text``, in the order of its places."""
    found = find_personal(text)
    for datum in (*_telephones(text), *_accounts(text)):
        if not any(datum.start < other.end and other.start < datum.end and other.confidence.at_least(Confidence.MEDIUM) for other in found):
            found.append(datum)
    return sorted(found)


def _telephones(text: str) -> Iterator[PersonalDatum]:
    for match in _CALLED.finditer(text):
        digits = re.sub("[^0-9]", "", match[1])
        if _SHORTEST <= len(digits) <= _LONGEST and not _DATE.fullmatch(match[1]) and not is_sample_phone(digits):
            yield PersonalDatum(match.start(1), match.end(1), PersonalKind.PHONE, Confidence.MEDIUM)


def _accounts(text: str) -> Iterator[PersonalDatum]:
    """Account numbers in small letters, where the sentence says that it is one."""
    for match in _SMALL_ACCOUNT.finditer(text):
        number = match[1].upper()
        if iban(number) and not is_sample_account(iban(number)):
            yield PersonalDatum(match.start(1), match.end(1), PersonalKind.BANK_ACCOUNT, Confidence.HIGH, "IBAN")
