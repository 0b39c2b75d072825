"""Personal data in sentences that people wrote: the rules for any text, and what only words around a number say.

In a table such loose patterns would turn dates and amounts into telephone numbers; in a sentence the words before them decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from aisecops.content.personal import PersonalDatum, PersonalKind, find_personal
from aisecops.content.personal.checksums import digits_of, luhn
from aisecops.content.personal.contact import MACHINE_MADE
from aisecops.content.personal.context import OTHER_NUMBER, beside, folded, names
from aisecops.content.personal.labelled import DATE
from aisecops.content.personal.numbers import iban, is_card
from aisecops.content.personal.placeholders import is_fiction, is_sample_account, is_sample_card, is_sample_phone
from aisecops.content.personal.tongues import BORN, BORN_AFTER, BORN_IN_FRENCH, CALLED, CALLED_AFTER, CARD
from aisecops.core.taxonomy import Confidence

_NUMBER = re.compile(
    r"(?<![0-9.])\+?\(?[0-9](?:[ ()./-]{0,2}[0-9]){6,14}(?:(?= ?(?:x|ext\.?) ?[0-9]{1,6}\b)|(?![A-Za-z0-9_\u00c0-\u04ff]|[.,:/-][0-9]))"
)
CALLS = (
    "(?:call(?:ed|ing)?|reach(?:ed)?|text(?:ed|ing)?|ring(?:ing)?|rang|dial(?:l?ed|l?ing)?|phon(?:e|ed|ing)|fax|messag(?:e|ed|ing)|buzz|paged?|paging|shout|hit)"
    "(?: (?:me|us|him|her|them|back|someone|up))*|(?:tele)?phone|tel|tlf|mobile|cell|landline|hotline|helpline|switchboard|reception|front desk|callback|pager|tone"
    "|answering|messages?|whatsapp|sms|signal|telegram|viber|facetime|contact(?: number)?|next of kin|picks? up"
    "|(?:my|our|his|her|their|new|old|home|work|cell|phone) number|number (?:for|of|to reach)"
    "|(?:the|right|correct|another) number|(?:il|el|le) n[u\u00fa]m[e\u00e9]ro|line|t[e\u00e9]l[e\u00e9](?:phone|fono|fone)"
    "|telefon(?:nummer)?|telefoon(?:nummer)?|rufnummer|handy|celular|m[o\u00f3]vil"
)
_TITLED = r"(?:[^.\n\d+(]|\b(?:Dr|Mrs?|Ms|Prof|Nr)\.)"
_CALLED = re.compile(
    rf"(?i)\b(?:{CALLS})\b(?:{_TITLED}{{0,24}}\b(?:at|on|under|by|back|from)\b|[^.\n\d+(]{{0,14}}(?:\b(?:to|is|ist|est|es|\u00e8|\u00e9)\b(?: l[ea]\b)?|[:=])"
    r"|\.?[ #,]{{1,2}}|'s)[ ]?\(?\Z"
)
"""Somebody is called, or a telephone is spoken of, just before a number."""
_NEAR = re.compile(rf"(?i)\b(?:{CALLS})\b{_TITLED}{{0,32}}\Z")
"""The same further off, which is enough for what is written as telephone numbers are."""
_CLOSE = re.compile(
    rf"(?i)\b(?:{CALLS})\b(?:\.?[ :=#,]{{1,3}}|(?:[ .]?(?:no|nr|number|at|on|to|is|under|by|me|us|him|her|ist|est|es)\b[.:]? ?){{1,3}}"
    r"|.{0,24}\b(?:at|on|under|from) )\(?\Z"
)
"""The same, for digits in a row that may be any number."""
CALLED_BEHIND = (
    "as (?:a|my|the) (?:callback|number)|is (?:the best|my|his|her|a good|the right) (?:number|cell|mobile|phone|line)|to reach (?:me|us|him|her)"
)
_CALLED_BEHIND = re.compile(rf"(?i)\W{{1,3}}(?:{CALLED_BEHIND})\b")
"""The same behind the number."""
SPOKEN = "spoke|spoken|talked|voicemail|left (?:an? )?(?:message|word)|called back"
_SPOKEN_TO = re.compile(rf"(?i)\b(?:{SPOKEN})\b[^.\n\d]{{0,50}}?\b(?:on|at|under) ?\Z")
"""Whom somebody spoke to stands between the word for it and the number."""
_AREA_CODE = re.compile(r"\(0[0-9]{1,4}\) ?[0-9]{2,4}(?:[ -]?[0-9]{2,4}){1,3}\Z")
"""Nothing but a telephone number has an area code in brackets that begins with a zero."""
_WRITTEN_AS_ONE = re.compile(
    r"\+|\(?0[1-9]|\([1-9][0-9]{1,3}\)|[2-9][0-9]{2}[ .-][2-9][0-9]{2}[ .-][0-9]{4}\Z|[1-9][0-9]{1,3}(?:[ .-][0-9]{2,4}){2,4}\Z|1[-. ][2-9][0-9]{2}[-. ]"
)
"""Telephone numbers with a country, an area or in groups, to tell from digits in a row."""
AT_HOME = (
    r"\(0[1-9][0-9]{0,4}\) ?[0-9](?:[ -]?[0-9]){5,8}|0[1-9][0-9]{1,4} [0-9]{3,4} ?[0-9]{3,4}|0[1-9][0-9]{1,4}[ /-] ?[0-9]{5,8}|0[1-9](?:[ .-][0-9]{2}){4}"
    r"|\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"
)
"""Telephone numbers as people write them at home, which no word need speak of: with the area in brackets or apart, in pairs, in North American groups."""
_AT_HOME = re.compile(rf"(?<![\w.+=/:-])(?<![0-9] )(?:{AT_HOME})(?![\w]|[.,:/-][0-9]| [0-9])")
_ALL_OF_FOUR = re.compile(r"[0-9]{4}(?: [0-9]{4})+\Z")
"""Codes are written like that, too."""
_ONLINE = (
    "ip", "ips", "ip address", "login", "log in", "logged", "signed in", "sign in", "session", "connected", "connection", "client", "visitor", "user", "customer",
    "traffic", "requests", "banned", "blocked", "failed password", "access", "reach", "browser", "device", "location", "adresse ip", "direccion ip", "ip adresse",
    "indirizzo ip",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{2,}")
_BEFORE = 60
"""Characters before a number in which that is said."""
PAID = (
    "pay|paid|payments?|refund(?:ed)?|charged?|debit(?:ed)?|credit(?:ed)?|declined|billing|bill|billed|visa|mastercard|amex|cvv|cvc|cards?|kreditkarte|tarjeta|carte"
    "|buy|buying|bought|purchased?|purchases|spent|withdr[ae]w|withdrawn|withdrawal|transactions?|checkout|fraud|stolen|exp(?:iry|ires?)?|valid (?:thru|until|through)"
    "|the (?:front|back)|security code|atm"
)
_PAID = re.compile(rf"(?i)\b(?:{PAID})\b")
_LONG_NUMBER = re.compile(r"(?<![\w.+-])(?:[0-9]{12,19}|[0-9]{4}(?: [0-9]{4}){2} [0-9]{3,4}|[0-9]{4}(?:-[0-9]{4}){2}-[0-9]{3,4})(?![\w-]|[.,][0-9])")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]|[0-3]?[0-9]-[01]?[0-9]-(?:19|20)[0-9]{2}")
_SMALL_ACCOUNT = re.compile(r"(?i)\biban\b[^0-9\n]{0,20}?\b([a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?)\b")
_BIRTH = re.compile(
    rf"(?<![\w.-])(?:{DATE}|(?:0?[1-9]|[12][0-9]|3[01])\.? (?:de |di )?[^\W\d_]{{3,12}}\.? (?:de |del )?(?:19|20)[0-9]{{2}}(?![0-9])"
    "|(?:19|20)[0-9]{2}[\u5e74\ub144] ?[01]?[0-9][\u6708\uc6d4] ?[0-3]?[0-9][\u65e5\uc77c])"
)
"""A day as it is written in any of these languages."""
_SHORTEST, _LONG, _LONGEST = 7, 9, 13
"""Digits of a telephone number; from ``_LONG`` on it has an area."""


def personal_in_text(text: str) -> list[PersonalDatum]:
    """Return the personal data in ``text``, in the order of its places."""
    found = [_of_a_person(text, datum) for datum in find_personal(text)]
    for datum in (*_telephones(text), *_accounts(text), *_cards(text), *_births(text)):
        clashing = [other for other in found if datum.start < other.end and other.start < datum.end]
        if not any(other.confidence.at_least(Confidence.MEDIUM) for other in clashing):
            found = [other for other in found if other not in clashing] + [datum]
    return sorted(found)


def _of_a_person(text: str, datum: PersonalDatum) -> PersonalDatum:
    """Raise what counts for little in programs: an address beside ``contact``, which signs them there, and one of a machine, where a sentence says who was on it."""
    if datum.confidence is not Confidence.LOW:
        return datum
    if datum.kind is PersonalKind.EMAIL:
        raised = MACHINE_MADE.match(text, datum.start, text.find("@", datum.start)) is None
    else:
        raised = datum.kind is PersonalKind.IP_ADDRESS and names(_ONLINE, beside(text, datum.start, datum.end))
    return msgspec.structs.replace(datum, confidence=Confidence.MEDIUM) if raised else datum


def _telephones(text: str) -> Iterator[PersonalDatum]:
    for match in _AT_HOME.finditer(text) if _is_prose(text) else ():
        digits = digits_of(match[0])
        if len(digits) >= _LONG and not (
            is_sample_phone(digits) or _DATE.match(match[0]) or _ALL_OF_FOUR.match(match[0]) or _is_of_something_else(match)
        ):
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PHONE, Confidence.MEDIUM)
    for match in _NUMBER.finditer(text):
        digits = digits_of(match[0])
        if not _SHORTEST <= len(digits) <= _LONGEST or _DATE.match(match[0]):
            continue
        if _is_of_something_else(match):
            continue
        if _is_spoken_of(match, text[max(0, match.start() - _BEFORE) : match.start()]) or (
            _AREA_CODE.match(match[0]) and not is_sample_phone(digits)
        ):
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PHONE, Confidence.MEDIUM)


def _is_prose(text: str) -> bool:
    return len(list(islice(_WORD.finditer(text), 2))) == 2


def _is_of_something_else(number: re.Match[str]) -> bool:
    return OTHER_NUMBER.search(number.string[max(0, number.start() - _BEFORE) : number.start()]) is not None


def _is_spoken_of(number: re.Match[str], before: str) -> bool:
    """Whether words around ``number`` speak of a telephone: the less it is written like one, the closer they have to be."""
    digits = digits_of(number[0])
    if is_sample_phone(digits) and not is_fiction(digits):
        return False
    if _CALLED_BEHIND.match(number.string, number.end()) or CALLED_AFTER.match(number.string, number.end()) or _SPOKEN_TO.search(before):
        return True
    if CALLED.search(folded(before)):
        return True
    if _WRITTEN_AS_ONE.match(number[0]) and not (number[0].isdecimal() and len(number[0]) < _LONG):
        return (_CALLED.search(before) or _NEAR.search(before)) is not None
    return _CLOSE.search(before) is not None


def _cards(text: str) -> Iterator[PersonalDatum]:
    """Long numbers whose check digit holds: in a sentence those of a known issuer (one number of forty is like that by chance), others where somebody pays."""
    for match in _LONG_NUMBER.finditer(text):
        digits = digits_of(match[0])
        if not ((digits[0] in "23456" and luhn(digits)) or is_card(digits)) or is_sample_card(digits):
            continue
        if _is_of_something_else(match):
            continue
        alone = is_card(digits) and 15 <= len(digits) <= 16 and text[match.start() - 1 : match.start()] not in ("/", "=", ":") and _is_prose(text)
        if alone or _PAID.search(text) or CARD.search(folded(text[max(0, match.start() - _BEFORE) : match.start()])):
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
