"""Numbers with an issuer: payment cards, bank accounts, identity numbers. Candidates are told by shape, then by check digits, then by the words beside them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from aisecops.content.personal.checksums import digits_of, luhn, mod_97
from aisecops.content.personal.context import OTHER_NUMBER, beside, names
from aisecops.content.personal.kinds import PersonalDatum, PersonalKind
from aisecops.content.personal.national_ids import bare, by_shape, holds
from aisecops.content.personal.placeholders import is_sample_account, is_sample_card, is_sample_number
from aisecops.core.taxonomy import Confidence

_JOINED = re.compile(r"(?<![\w.+:/$@-])[A-Z]{0,6}[0-9][0-9A-Z./+-]{6,18}(?<![./+-])(?![\w@]|[-/:]\w)")
_SPACED = re.compile(r"(?<![\w.+-])(?:[A-Z]{2} )?[0-9]{1,9}(?: [0-9A-Z]{1,6}){1,6}(?![\w.])")
SHAPE = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9" * 10 + "A" * 26)
"""Digits as 9, capital letters as A."""
_CARD = re.compile(
    r"(?<![\w.+-])(?:[0-9]{12,15}(?![ -]?[0-9])|[0-9]{4}([ -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}|3[0-9]{3}([ -]?)[0-9]{6}\2[0-9]{4,5})(?![\w]|[.,-][0-9])"
)
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"220[0-4]"), (16, 17, 18, 19)),
    (re.compile(r"6011|64[4-9]|65|62"), (16, 17, 18, 19)),
    (re.compile(r"30[0-5]|3[689]"), (14, 16)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),  # with 15 digits it is the number of a telephone
    (re.compile(r"2131|1800"), (15,)),
    (re.compile(r"50[1-3]|5893|6304|6759|676[1-3]"), range(12, 20)),
)
"""Prefixes and lengths of ISO/IEC 7812 issuers: Visa, Mastercard, American Express, Mir, Discover and UnionPay, Diners, JCB, Maestro."""
CARD_WORDS = (
    "card", "credit", "debit", "visa", "mastercard", "amex", "american express", "pan", "cc", "ccn", "cc num", "cc number", "card number", "kreditkarte",
    "tarjeta", "carte",
)  # fmt: skip
_IBAN = re.compile(r"(?<![\w])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w])")
_IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27
    GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29
    PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
    """.split()
}
"""ISO 13616: the length of an IBAN in each country."""


def cards(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[PersonalDatum]:
    """Yield numbers of payment cards: issuer, length and Luhn digit agree. Test numbers are of low confidence."""
    for match in _CARD.finditer(text, start, end):
        if is_card(match[0]):
            digits = digits_of(match[0])
            spoken_of = names(CARD_WORDS, beside(text, match.start(), match.end()))
            grouped = len(digits) != len(match[0])
            of_something_else = OTHER_NUMBER.search(text[max(0, match.start() - 30) : match.start()])
            sure = Confidence.LOW if of_something_else or not (grouped or spoken_of) else Confidence.HIGH if spoken_of else Confidence.MEDIUM
            if len(digits) < 14 and not spoken_of:
                continue
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PAYMENT_CARD, Confidence.LOW if is_sample_card(digits) else sure)


def is_card(value: str) -> bool:
    """Whether issuer prefix, length and check digit of ``value`` agree."""
    digits = digits_of(value)
    return any(prefix.match(digits) and len(digits) in lengths for prefix, lengths in _ISSUERS) and luhn(digits)


def bank_accounts(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[PersonalDatum]:
    """Yield IBANs: length of the country and check digits agree. Samples of the registry are of low confidence."""
    for match in _IBAN.finditer(text, start, end):
        if value := iban(match[0]):
            sure = Confidence.LOW if is_sample_account(value) or len(set(value[4:])) <= 2 else Confidence.HIGH
            yield PersonalDatum(match.start(), match.start() + _length_in(match[0], len(value)), PersonalKind.BANK_ACCOUNT, sure, f"IBAN {value[:2]}")


def iban(candidate: str) -> str:
    """Return the IBAN that ``candidate`` begins with, without spaces; empty if there is none."""
    joined = candidate.replace(" ", "")
    length = _IBAN_LENGTHS.get(joined[:2], 0)
    whole = 0 < length <= len(joined) < length + 3 and re.fullmatch("[A-Z0-9]+", joined[:length])
    return joined[:length] if whole and mod_97(joined[:length]) else ""


def _length_in(spaced: str, characters: int) -> int:
    """How many characters of ``spaced`` hold that many without the spaces."""
    for index, character in enumerate(spaced):
        characters -= character != " "
        if not characters:
            return index + 1
    return len(spaced)


def national_ids(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[PersonalDatum]:
    """Yield identity numbers of states, the surest scheme for each."""
    for pattern in (_JOINED, _SPACED):
        for match in pattern.finditer(text, start, end):
            for candidate in (match[0],) if pattern is _JOINED else _windows(match[0]):
                offset = match.start() + match[0].find(candidate)
                if datum := _identified(text, offset, candidate):
                    yield datum
                    break


_OTHER_NUMBER = re.compile(
    r"(?i)\b(?!(?:the|my|his|her|our|your|their|this|its|same|security|insurance|identity|identification|personal|patient|member|employee|customer|client|person|file"
    r"|citizen|resident|taxpayer|tax|id|and|or|is)\b)[^\W\d_]{3,}(?: (?:no|nr|num|number|nummer|code)\b\.?|\.? ?(?:#|\u2116))[: ]{0,2}\Z"
)
"""The number of something else: ``grant no. 123-45-6789``."""


def _windows(spaced: str) -> tuple[str, ...]:
    """A run of groups may be a number with another number beside it."""
    parts = spaced.split(" ")
    return (spaced,) if len(parts) <= 3 else (spaced, " ".join(parts[:3]), " ".join(parts[-3:]), " ".join(parts[1:]), " ".join(parts[:-1]))


def _identified(text: str, start: int, value: str) -> PersonalDatum | None:
    schemes = by_shape().get(value.translate(SHAPE))
    if not schemes:
        return None
    around = beside(text, start, start + len(value))
    best: PersonalDatum | None = None
    of_something_else = _OTHER_NUMBER.search(text[max(0, start - 40) : start]) is not None
    for scheme in schemes:
        sure = Confidence.HIGH if names(scheme.words, around) else scheme.alone if _distinct(scheme.shapes[0], value) else None
        if sure and (best is None or sure.rank > best.confidence.rank) and holds(scheme, value):
            if is_sample_number(bare(value)) or (of_something_else and not names(scheme.words, around)):
                sure = Confidence.LOW
            best = PersonalDatum(start, start + len(value), PersonalKind.NATIONAL_ID, sure, scheme.name)
    return best


def _distinct(shape: str, value: str) -> bool:
    """Whether the value is written in its scheme's most telling way: bare digits say nothing."""
    return not value.isdecimal() or (shape.isdecimal() and len(shape) >= 15)
