"""Personal data in sentences that people wrote: the rules for any text, and what only words around a number say.

In a table such loose patterns would turn dates and amounts into telephone numbers; in a sentence the words before them decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.content.personal import PersonalDatum, PersonalKind, find_personal
from aisecops.content.personal.checksums import digits_of, luhn
from aisecops.content.personal.context import folded
from aisecops.content.personal.labelled import DATE
from aisecops.content.personal.numbers import iban, is_card
from aisecops.content.personal.placeholders import is_sample_account, is_sample_card, is_sample_phone
from aisecops.content.personal.tongues import BORN, BORN_AFTER, BORN_IN_FRENCH, CALLED, CALLED_AFTER, CARD
from aisecops.core.taxonomy import Confidence

_NUMBER = re.compile(
    r"(?<![0-9.])\+?\(?[0-9](?:[ ()./-]{0,2}[0-9]){6,14}(?:(?= ?(?:x|ext\.?) ?[0-9]{1,6}\b)|(?![A-Za-z0-9_\u00c0-\u04ff]|[.,:/-][0-9]))"
)
CALLS = (
    "(?:call(?:ed|ing)?|reach(?:ed)?|text(?:ed)?|ring|dial|phone|fax|message)(?: (?:me|us|him|her|them|back|someone))*|(?:tele)?phone|tel|tlf|mobile|cell"
    "|answering|messages?|whatsapp|sms|contact(?: number)?|(?:my|our|his|her|their|new|old|home|work|cell|phone) number|line|t[e\u00e9]l[e\u00e9](?:phone|fono|fone)"
    "|telefon(?:nummer)?|telefoon(?:nummer)?|rufnummer|handy|celular|m[o\u00f3]vil"
)
_CALLED = re.compile(
    rf"(?i)\b(?:{CALLS})\b"
    r"(?:[^.\n\d+(]{0,14}(?:\b(?:at|on|to|is|under|by|back|ist|est|es|\u00e8|\u00e9)\b(?: l[ea]\b)?|[:=])|\.?[ #]{1,2})[ ]?\Z"
)
"""Somebody is called, or a telephone is spoken of, just before a number."""
SPOKEN = "spoke|spoken|talked|voicemail|left (?:an? )?(?:message|word)|called back"
_SPOKEN_TO = re.compile(rf"(?i)\b(?:{SPOKEN})\b[^.\n\d]{{0,50}}?\b(?:on|at|under) ?\Z")
"""Whom somebody spoke to stands between the word for it and the number."""
_AREA_CODE = re.compile(r"\(0[0-9]{1,4}\) ?[0-9]{2,4}(?:[ -]?[0-9]{2,4}){1,3}\Z")
"""Nothing but a telephone number has an area code in brackets that begins with a zero."""
_BEFORE = 60
"""Characters before a number in which that is said."""
PAID = "pay|paid|payments?|refund(?:ed)?|charged?|debit(?:ed)?|credit(?:ed)?|declined|billing|bill|billed|visa|mastercard|amex|cvv|cvc|cards?|kreditkarte|tarjeta|carte"
_PAID = re.compile(rf"(?i)\b(?:{PAID})\b")
_LONG_NUMBER = re.compile(r"(?<![\w.+-])(?:[0-9]{12,19}|[0-9]{4}(?: [0-9]{4}){2} [0-9]{3,4}|[0-9]{4}(?:-[0-9]{4}){2}-[0-9]{3,4})(?![\w-]|[.,][0-9])")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]|[0-3]?[0-9]-[01]?[0-9]-(?:19|20)[0-9]{2}")
_SMALL_ACCOUNT = re.compile(r"(?i)\biban\b[^0-9\n]{0,20}?\b([a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?)\b")
_BIRTH = re.compile(
    rf"(?<![\w.-])(?:{DATE}|(?:0?[1-9]|[12][0-9]|3[01])\.? (?:de |di )?[^\W\d_]{{3,12}}\.? (?:de |del )?(?:19|20)[0-9]{{2}}(?![0-9])"
    "|(?:19|20)[0-9]{2}[\u5e74\ub144] ?[01]?[0-9][\u6708\uc6d4] ?[0-3]?[0-9][\u65e5\uc77c])"
)
"""A day as it is written in any of these languages."""
_SHORTEST, _LONGEST = 7, 13


def personal_in_text(text: str) -> list[PersonalDatum]:
    """Return the personal data in ``text``, in the order of its places."""
    found = find_personal(text)
    for datum in (*_telephones(text), *_accounts(text), *_cards(text), *_births(text)):
        clashing = [other for other in found if datum.start < other.end and other.start < datum.end]
        if not any(other.confidence.at_least(Confidence.MEDIUM) for other in clashing):
            found = [other for other in found if other not in clashing] + [datum]
    return sorted(found)


def _telephones(text: str) -> Iterator[PersonalDatum]:
    for match in _NUMBER.finditer(text):
        digits = digits_of(match[0])
        if not _SHORTEST <= len(digits) <= _LONGEST or _DATE.match(match[0]) or is_sample_phone(digits):
            continue
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        spoken_of = _CALLED.search(before) or _SPOKEN_TO.search(before) or CALLED.search(folded(before)) or CALLED_AFTER.match(text, match.end())
        if spoken_of or _AREA_CODE.match(match[0]):
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PHONE, Confidence.MEDIUM)


def _cards(text: str) -> Iterator[PersonalDatum]:
    """Long numbers whose check digit holds where somebody pays; the known issuers are not all."""
    for match in _LONG_NUMBER.finditer(text):
        digits = digits_of(match[0])
        if not ((digits[0] in "23456" and luhn(digits)) or is_card(digits)) or is_sample_card(digits):
            continue
        if _PAID.search(text) or CARD.search(folded(text[max(0, match.start() - _BEFORE) : match.start()])):
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PAYMENT_CARD, Confidence.MEDIUM)


def _accounts(text: str) -> Iterator[PersonalDatum]:
    """Account numbers in small letters, where the sentence says that it is one."""
    if "iban" not in text.lower():
        return
    for match in _SMALL_ACCOUNT.finditer(text):
        number = match[1].upper()
        if iban(number) and not is_sample_account(iban(number)):
            yield PersonalDatum(match.start(1), match.end(1), PersonalKind.BANK_ACCOUNT, Confidence.HIGH, "IBAN")


def _births(text: str) -> Iterator[PersonalDatum]:
    for day in _BIRTH.finditer(text):
        before = text[max(0, day.start() - _BEFORE) : day.start()]
        if BORN.search(folded(before)) or BORN_IN_FRENCH.search(before) or BORN_AFTER.match(folded(text[day.end() : day.end() + 20])):
            yield PersonalDatum(day.start(), day.end(), PersonalKind.BIRTH_DATE, Confidence.HIGH)
