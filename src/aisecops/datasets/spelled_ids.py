"""One id in the ways in which people and exports write it: a list of hashes finds a person only by the very letters that it was made from.

A hash cannot be read, so the cell is written anew: small letters, one form of Unicode, one space, the address in ``Anna <anna@example.org>``, the mailbox behind
``anna+news@...``, a telephone number with and without its signs, a whole number that became ``1007.0``. No form leaves out what tells two persons apart: zeros in front
stay, and dots of a mailbox count except at the one provider that says that they do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import product

MOST = 200
"""Letters of a cell up to which it is taken for an id."""
_MAIL = re.compile(r"(?:mailto:)?[^\s<>\"',;:()]{1,64}@[^\s<>\"',;:()@]+\.[^\s<>\"',;:()@.]+", re.IGNORECASE)
_WHOLE = re.compile(r"(-?\d+)\.0+")
_UUID = re.compile(r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")
_PHONE = re.compile(r"(?:tel:)?(\+?[\d\s()./\u2010-\u2015-]{7,30})")
_GMAIL = ("gmail.com", "googlemail.com")
_BETWEEN = ("", " ", "|", ",", ", ", ";", "-", "_", ":", "/", "#", "\t")
"""What stands between columns that were joined."""


def spellings(value: str) -> set[str]:
    """Return the ways in which ``value`` may be on a list, itself (without space around it) among them."""
    text = value.strip()
    if len(text) > MOST:
        return {text}
    plain = " ".join("".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf").split())
    found = {text, *_letters(plain)}
    if whole := _WHOLE.fullmatch(plain):
        found.add(whole[1])
    if uuid := _UUID.fullmatch(plain.lower()):
        found |= {form for joined in ("-".join(uuid.groups()), "".join(uuid.groups())) for form in (joined, joined.upper())}
    if "@" in plain:
        found |= set(_mailboxes(plain))
    elif phone := _PHONE.fullmatch(plain):
        found |= set(_numbers(phone[1]))
    return found


def joined(values: Sequence[str]) -> Iterator[str]:
    """Yield the ways in which several columns of a row may have been made one id, in their order."""
    forms = [
        (text := value.strip(), plain := " ".join(unicodedata.normalize("NFKC", text).split()), plain.lower(), plain.upper()) for value in values
    ]
    for parts, between in product(dict.fromkeys(zip(*forms, strict=True)), _BETWEEN):
        yield between.join(parts)


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
    yield from (address, f"{mailbox}@{domain}")
    if domain in _GMAIL:
        yield from (f"{box}@{one}" for box in (mailbox, mailbox.replace(".", "")) for one in _GMAIL)


def _numbers(text: str) -> Iterator[str]:
    written = text.strip()
    digits = "".join(re.findall(r"\d", re.sub(r"\(0\)", "", written) if written.startswith(("+", "00")) else written))
    if not 7 <= len(digits) <= 15:
        return
    yield digits
    if written.startswith("00"):
        digits = digits[2:]
    if written.startswith(("+", "00")) or len(digits) > 10:
        yield from (f"+{digits}", f"00{digits}", digits)
    if len(digits) == 10 or (len(digits) == 11 and digits[0] == "1"):  # North America writes one number in many ways
        area, office, line = digits[-10:-7], digits[-7:-4], digits[-4:]
        if area[0] in "23456789" and office[0] in "23456789":
            near = (f"{area}{office}{line}", f"({area}) {office}-{line}", *(sign.join((area, office, line)) for sign in "-. "))
            yield from (*near, *(f"{front}{one}" for one in near for front in ("+1 ", "+1", "1 ", "1-", "1", "+1-")))
