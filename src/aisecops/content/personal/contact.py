"""Ways to reach a person: e-mail addresses, telephone numbers, addresses of machines."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from aisecops.content.personal.context import AFTER, BEFORE, CREDITS, OTHER_NUMBER, beside, names
from aisecops.content.personal.kinds import PersonalDatum, PersonalKind
from aisecops.content.personal.placeholders import is_placeholder_email, is_sample_phone
from aisecops.core.taxonomy import Confidence

_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}\Z")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,18}(?![\w-])")
FILE_ENDINGS = frozenset(
    """
    png jpg jpeg gif svg webp ico pdf py js ts jsx tsx mjs cjs css scss html htm json xml yml yaml toml md rst txt csv so dll exe gz zip tar bz2 whl log
    ini cfg lock map
    """.split()
)
_MASKED = "masked.example"
"""The domain of pseudonyms."""
MACHINE_MADE = re.compile(r"(?=.{14})(?:[0-9a-f.-]+|[^.]*[0-9]{6}[^.]*)\Z")
_EMAIL_WORDS = ("email", "e mail", "mail", "correo", "courriel", "contact", "mailto")
PHONE_WORDS = (
    "phone", "tel", "telephone", "telefon", "mobile", "cell", "cellphone", "handy", "fax", "call", "telefono", "movil", "celular", "portable", "mobil",
    "telefone", "contact", "whatsapp", "sms", "phone number", "phone_number", "home phone", "ph",
)  # fmt: skip
_PHONE_HINT = re.compile(r"(?i)phone|tel|mob|cell|handy|fax|call|m[o\u00f3]vil|portable|contact|whatsapp|sms|ph\b")
_INTERNATIONAL = re.compile(
    r"(?<![\w.+=/-])(?:\+|00(?=[1-9][0-9]{1,2}[ .()/-]))([1-9][0-9]{0,2})[ .()/-]{0,2}\(?[0-9](?:[ .()/-]{0,2}[0-9]){5,12}"
    r"(?: ?(?:x|ext\.?) ?[0-9]{1,6})?(?![\w]|[.,][0-9])"
)
_NORTH_AMERICAN = re.compile(
    r"(?<![\w.+=/(-])(?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}(?P<by>[ .-]))[2-9][0-9]{2}[ .-][0-9]{4}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?(?![\w]|[.,-][0-9])"
)
_NATIONAL = re.compile(
    r"(?<![\w.+=/-])(?:\(0[0-9]{1,5}\)[ ./-]?|0[0-9]{1,5}[ ./-]{1,3}|0)[0-9](?:[ ./-]?[0-9]){5,10}(?![\w]|[.,-][0-9])|(?<![\w.+=/-])[1-9][0-9]{9}(?![\w.-])"
)
_AT_HOME = re.compile(
    r"(?:\(0[1-9][0-9]{0,4}\) ?|0[1-9][0-9]{0,4} ?[ /-] ?)[0-9](?:[ -]?[0-9]){5,8}|0[1-9](?:[ .-][0-9]{2}){4}"  # a zero for the trunk, a place or network, the number
    r"|\([1-9][0-9]{1,2}\) ?[0-9]{4,5}[ -]?[0-9]{4}"  # Brazil and others
)
"""A telephone number without its country: a column of them says so, a single one does not."""
CALLING_CODES = frozenset(
    """
    1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213
    216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 248 249 250 251 252 253 254 255 256
    257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380
    381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677
    678 679 680 681 682 683 685 686 687 688 689 690 691 692 850 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976
    977 992 993 994 995 996 998
    """.split()
)
"""ITU-T E.164 country codes."""
_NATIONAL_LENGTHS = {
    "1": (10, 10),
    "44": (9, 10),
    "33": (9, 9),
    "49": (6, 11),
    "34": (9, 9),
    "39": (8, 11),
    "31": (9, 9),
    "91": (10, 10),
    "86": (10, 11),
    "81": (9, 10),
}
_IPV4 = re.compile(r"(?<![\w.-])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![\w-]|\.[0-9])")
_NETWORK_WORDS = ("ip", "login", "logged", "connected", "access", "blocked", "ip address", "visitor")
_SPECIAL_NETWORKS = frozenset({(192, 168), (169, 254), (192, 0), (198, 51), (203, 0)})
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])")


def emails(text: str) -> Iterator[PersonalDatum]:
    """Yield e-mail addresses of persons. One that signs work, or that a machine made up, is of low confidence; placeholders are left out."""
    at = text.find("@")
    while at >= 0:
        local, domain = _LOCAL.search(text, max(0, at - 64), at), _DOMAIN.match(text, at + 1)
        if local and domain and _is_address(text, local.start(), local[0], domain[0]):
            around = beside(text, local.start(), domain.end())
            sure = Confidence.HIGH if names(_EMAIL_WORDS, around) else Confidence.MEDIUM
            if names(CREDITS, around) or MACHINE_MADE.match(local[0]):
                sure = Confidence.LOW
            yield PersonalDatum(local.start(), domain.end(), PersonalKind.EMAIL, sure)
        at = text.find("@", at + 1)


def is_personal_address(address: str) -> bool:
    """Whether an address, known to be one, is a person's: no role, no machine, no reserved domain."""
    local, _, domain = address.rpartition("@")
    return not is_placeholder_email(local, domain)


def is_mailbox_of_a_person(address: str) -> bool:
    """Whether the part of an address before the ``@`` may be a person's, wherever it is: no role, no machine. In a table, ``user17`` is one of many persons."""
    local, _, domain = address.rpartition("@")
    return domain.lower() != _MASKED and (local[-1:].isdecimal() or not is_placeholder_email(local, ""))


def _is_address(text: str, start: int, local: str, domain: str) -> bool:
    if domain.rpartition(".")[2].lower() in FILE_ENDINGS or is_placeholder_email(local, domain):
        return False
    before = text[max(0, start - 1) : start]
    return before not in ("/", "@") and not (before == ":" and "//" in text[max(0, start - 60) : start])  # user:password@host


def phones(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[PersonalDatum]:
    """Yield telephone numbers: international ones, North American ones as people write them, national ones behind a word for telephone."""
    taken = 0
    spoken_of = _PHONE_HINT.search(text, max(0, start - BEFORE), min(end + AFTER, len(text)))
    patterns = enumerate((_INTERNATIONAL, _NORTH_AMERICAN, _NATIONAL) if spoken_of else (_INTERNATIONAL, _NORTH_AMERICAN))
    found = [(match, kind) for kind, pattern in patterns for match in pattern.finditer(text, start, end)]
    for match, kind in sorted(found, key=lambda item: (item[0].start(), -item[0].end())):
        if match.start() >= taken and (sure := _is_phone(text, match, kind)):
            taken = match.end()
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PHONE, sure)


def is_national_phone(value: str) -> bool:
    """Whether a value may be a number as it is dialled within its country, written in groups: ``0171 2345678``, ``06 12 34 56 78``, ``(11) 91234-5678``."""
    return _AT_HOME.fullmatch(value) is not None and 9 <= sum(map(str.isdecimal, value)) <= 12


def _is_phone(text: str, match: re.Match[str], kind: int) -> Confidence | None:
    digits = "".join(character for character in re.split("x|ext", match[0])[0] if character.isdecimal())
    if is_sample_phone(digits):
        return None
    spoken_of = names(PHONE_WORDS, beside(text, match.start(), match.end()))
    of_something_else = OTHER_NUMBER.search(text[max(0, match.start() - 30) : match.start()])
    if kind == 0:
        if of_something_else and match[0][0] == "0":
            return None
        return (Confidence.HIGH if spoken_of else Confidence.MEDIUM) if _has_national_length(digits.removeprefix("00")) else None
    if kind == 1:
        if of_something_else:
            return Confidence.LOW
        return Confidence.HIGH if spoken_of else Confidence.MEDIUM if "(" in match[0] or match["by"] == "-" else Confidence.LOW
    return Confidence.MEDIUM if spoken_of and not of_something_else and 9 <= len(digits) <= 12 else None


def calling_code(digits: str) -> str | None:
    """Return the code of the country with which an international number begins; no code is the beginning of another."""
    return next((digits[:length] for length in (1, 2, 3) if digits[:length] in CALLING_CODES), None)


def _has_national_length(digits: str) -> bool:
    code = calling_code(digits)
    if code is None:
        return False
    shortest, longest = _NATIONAL_LENGTHS.get(code, (7, 12))
    return shortest <= len(digits) - len(code) - (digits[len(code)] == "0") <= longest


def internet_addresses(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[PersonalDatum]:
    """Yield public IPv4 addresses: personal data by law, seldom a leak by themselves, so of low confidence."""
    for match in _IPV4.finditer(text, start, end):
        first, second = (int(part) for part in match[0].split(".")[:2])
        special = first in (10, 127) or first >= 224 or (first, second) in _SPECIAL_NETWORKS or (first == 172 and 16 <= second < 32)
        if not special and (first > 9 or names(_NETWORK_WORDS, beside(text, match.start(), match.end()))):  # 1.2.3.4 and the like are versions
            yield PersonalDatum(match.start(), match.end(), PersonalKind.IP_ADDRESS, Confidence.LOW)


def hardware_addresses(text: str) -> Iterator[PersonalDatum]:
    """Yield MAC addresses, of low confidence as well."""
    for match in _MAC.finditer(text):
        if len(set(match[0].lower())) > 4 and not text[match.start() - 1 : match.start()].isalnum():
            yield PersonalDatum(match.start(), match.end(), PersonalKind.MAC_ADDRESS, Confidence.LOW)
