"""One id in the ways in which people and exports write it: a list of hashes finds a person only by the very letters that it was made from.

A hash cannot be read, so the cell is written anew: small letters, one form of Unicode, one space, the address in ``Anna <anna@example.org>``, the mailbox behind
``anna+news@...``, a telephone number with and without its signs, a whole number that became ``1007.0``. No form leaves out what tells two persons apart: zeros in front
stay, and dots of a mailbox count except at the one provider that says that they do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import product

from aisecops.content.personal.contact import CALLING_CODES, calling_code

MOST = 200
"""Letters of a cell up to which it is taken for an id."""
_MAIL = re.compile(r"(?:mailto:)?[^\s<>\"',;:()]{1,64}@[^\s<>\"',;:()@]+\.[^\s<>\"',;:()@.]+", re.IGNORECASE)
_WHOLE = re.compile(r"(-?\d+)\.0+")
_UUID = re.compile(r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")
_PHONE = re.compile(r"(?:tel:)?(\+?[\d\s()./\u2010-\u2015-]{7,30})")
_GMAIL = ("gmail.com", "googlemail.com")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_SIGNS = str.maketrans({**dict.fromkeys(map(chr, range(0x2010, 0x2016)), "-"), **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'")})
_PACKED, _CASES, _DAYS = 8, 5, 5
"""Letters and figures from which on spaces and dashes between them tell nobody apart; the ways of letters and of days that joined columns are tried in."""
_MOST_TRIED = 100_000
"""Values up to which a number without a country is tried in each: 210 hashes for each, some 15 seconds."""
_BETWEEN = ("", " ", "|", ",", ", ", ";", "-", "_", ":", "/", "#", "\t")
"""What stands between columns that were joined."""


def spellings(value: str, codes: Collection[str] = ()) -> set[str]:
    """Return the ways in which ``value`` may be on a list, itself (without space around it) among them.

    Parameters
    ----------
    codes
        Calling codes of the countries that a telephone number without one may belong to (``codes_among``).
    """
    text = value.strip()
    if len(text) > MOST:
        return {text}
    plain = _plain(text)
    found = {text, *_letters(plain)}
    if whole := _WHOLE.fullmatch(plain):
        found.add(whole[1])
    if uuid := _UUID.fullmatch(plain.lower()):
        found |= {form for joined in ("-".join(uuid.groups()), "".join(uuid.groups())) for form in (joined, joined.upper())}
    if "@" in plain:
        found |= set(_mailboxes(plain))
    elif phone := _PHONE.fullmatch(plain):
        found |= set(_numbers(phone[1], codes))
    packed = re.sub(r"[\s./-]", "", plain)
    if len(packed) >= _PACKED and packed.isascii() and packed.isalnum() and any(letter.isdigit() for letter in packed):
        found |= {packed, packed.upper(), " ".join(re.findall(".{1,4}", packed.upper()))}
        found |= {f"{packed[:3]}-{packed[3:5]}-{packed[5:]}"} if len(packed) == 9 and packed.isdecimal() else set()
    return found


def codes_among(values: Sequence[str]) -> Collection[str]:
    """Return the calling codes that telephone numbers among ``values`` have; all that there are where none has one, and values are not too many to try them."""
    found: set[str] = set()
    national = False
    for value in values:
        if (phone := _PHONE.fullmatch(value.strip())) is None:
            continue
        digits = re.sub(r"\D", "", phone[1])
        if phone[1].strip().startswith(("+", "00")) and (code := calling_code(digits.removeprefix("00"))) is not None:
            found.add(code)
        national = national or digits.startswith("0")
    if not national:
        return ()
    return found or (CALLING_CODES if len(values) <= _MOST_TRIED else ())


def _plain(text: str) -> str:
    kept = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(kept.translate(_SIGNS).split())


def joined(values: Sequence[str]) -> Iterator[str]:
    """Yield the ways in which several columns of a row may have been made one id, in their order."""
    forms = [(value.strip(), plain := _plain(value), plain.lower(), plain.upper(), plain.title(), *_days(plain)) for value in values]
    for parts, between in product(_rows(forms), _BETWEEN):
        yield between.join(parts)


def _rows(forms: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], None]:
    """Each way of case for all parts, with each way to write a day for those that are one."""
    found: dict[tuple[str, ...], None] = {}
    for case, way in product(range(_CASES), range(_DAYS)):
        found[tuple(form[_CASES + way] if len(form) > _CASES else form[case] for form in forms)] = None
    return found


def _days(plain: str) -> tuple[str, ...]:
    day = _ISO.fullmatch(plain)
    if not day:
        return ()
    year, month, date = day.groups()
    return (f"{year}-{month}-{date}", f"{date}.{month}.{year}", f"{date}/{month}/{year}", f"{month}/{date}/{year}", f"{year}{month}{date}")


def _letters(plain: str) -> Iterator[str]:
    yield from (plain, plain.lower(), plain.upper())
    if any(letter.isalpha() for letter in plain) and not any(letter.isdigit() for letter in plain):
        yield plain.title()
    if not plain.isascii():
        yield from (plain.casefold(), *(unicodedata.normalize("NFD", form) for form in (plain, plain.lower())))


def _mailboxes(plain: str) -> Iterator[str]:
    addresses = {one.lower().removeprefix("mailto:") for one in _MAIL.findall(plain)}
    if len(addresses) != 1:
        return
    address = addresses.pop()
    mailbox, _, domain = address.rpartition("@")
    mailbox = mailbox.partition("+")[0] or mailbox
    yield from (f"{box}@{host}" for host in _hosts(domain) for box in (address.rpartition("@")[0], mailbox))
    if domain in _GMAIL:
        yield from (f"{box}@{one}" for box in (mailbox, mailbox.replace(".", "")) for one in _GMAIL)


def _hosts(domain: str) -> Iterator[str]:
    yield domain
    if "xn--" in domain or not domain.isascii():
        with suppress(UnicodeError):
            yield from (domain.encode("idna").decode(), domain.encode("idna").decode("idna"))


def _numbers(text: str, codes: Collection[str]) -> Iterator[str]:
    written = text.strip()
    digits = "".join(re.findall(r"\d", re.sub(r"\(0\)", "", written) if written.startswith(("+", "00")) else written))
    if not 7 <= len(digits) <= 15:
        return
    yield digits
    if written.startswith("00"):
        digits = digits[2:]
    if written.startswith(("+", "00")) or len(digits) > 10:
        yield from (f"+{digits}", f"00{digits}", digits)
        if (code := calling_code(digits)) is not None:  # at home one dials 0 in its place; in Italy the 0 belongs to the number
            yield f"0{digits[len(code) :].removeprefix('0')}"
    if digits.startswith("0") and not written.startswith(("+", "00")):
        yield from (f"+{code}{digits[1:]}" for code in codes)
    if len(digits) == 10 or (len(digits) == 11 and digits[0] == "1"):  # North America writes one number in many ways
        area, office, line = digits[-10:-7], digits[-7:-4], digits[-4:]
        if area[0] in "23456789" and office[0] in "23456789":
            near = (f"{area}{office}{line}", f"({area}) {office}-{line}", *(sign.join((area, office, line)) for sign in "-. "))
            yield from (*near, *(f"{front}{one}" for one in near for front in ("+1 ", "+1", "1 ", "1-", "1", "+1-")))
