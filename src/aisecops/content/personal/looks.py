"""What the values of a column look like when its header promises a kind of personal data: the header decides, the values only have to agree with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from unicodedata import category

from aisecops.content.personal.checksums import digits_of
from aisecops.content.personal.contact import phones
from aisecops.content.personal.context import folded
from aisecops.content.personal.kinds import PersonalKind
from aisecops.content.personal.labelled import DATE, STREET
from aisecops.content.personal.national_ids import bare
from aisecops.content.personal.numbers import iban, is_card
from aisecops.content.personal.placeholders import is_nobody, is_sample_card, is_sample_number
from aisecops.core.taxonomy import Confidence
from aisecops.knowledge.given_names import given_names

_FIRST_IDEOGRAPH = "\u2e80"
_MOST_WORDS = 7
_COMPANY = re.compile(
    r"\b(?:inc|llc|ltd|plc|corp|corporation|company|co|gmbh|ag|kg|ohg|sarl|sas|srl|spa|bv|nv|ab|oy|aps|group|holdings?|partners|associates|and sons)\b\.?",
    re.IGNORECASE,
)
_AND = re.compile(r"(?i)(?: (?:and|und|et|e hijos|og|och|en|ja|ve) |[&+/]|\bs\.?a\b|\bs\.?c\b)")
_ACCOUNT = re.compile("[A-Z]{0,6}[0-9][0-9 -]{6,32}|[A-Z]{2}[0-9]{2}[A-Z0-9 ]{10,34}")
"""National account numbers, and IBANs with a slip of the pen."""
_DAY = re.compile(
    rf"{DATE}(?:[ T]00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?|(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}|[0-9]{2}\Z")
_WAY = re.compile(
    r"\b(?:street|st|avenue|ave?|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|circle|highway|expressway|crescent|parkway|square|close|rue|allee|cours"
    r"|chemin|impasse|quai|route|calle|avenida|plaza|paseo|camino|pasaje|rua|travessa|alameda|rodovia|estrada|largo|via|viale|piazza|corso|vicolo|ul|ulica|aleja|al|os|plac"
    r"|ulice|namesti|nabrezi|utca|ut|ter|cadde|caddesi|cad|sokak|sok|mahallesi|mah|bulvari|jalan|jl|jln|gang|gg|str|strada|bulevardul|calea|ulitsa|marg|nagar)\b"
    r"|(?:strasse|str|weg|platz|gasse|ring|damm|ufer|allee|straat|laan|plein|kade|gracht|dreef|singel|hof|gade|vej|vaenge|stien|veien|gata|gatan|vagen|grand|stigen|katu|tie"
    r"|kuja|polku|tanav)\b"
)
_NO_DAY = re.compile(r"(?:1900|1970|9999)-01-01|0?1[./]0?1[./](?:1900|1970)|9999-12-31|1234")
"""Days that forms and programs fill in."""
_IDENTITY = re.compile(r"(?![0-9]{1,6}\Z)(?=(?:[^0-9]*[0-9]){5})[A-Z]{0,6}[ -]?[0-9][0-9A-Z ./()-]{4,22}")
_LICENCE = re.compile("(?=(?:[^0-9]*[0-9]){3})[A-Z0-9][A-Z0-9 -]{4,24}")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15


def is_person(value: str) -> bool:
    """Whether a value may be the name of a person, in any script: words of letters, the first with a capital where there are capitals."""
    words = value.replace(",", " ").split()
    if not 1 <= len(words) <= _MOST_WORDS or len(value) > 80 or is_nobody(value) or _COMPANY.search(value):
        return False
    return all(map(_is_of_letters, words)) and any(word[0] == word[0].upper() for word in words) and (len(value) > 1 or value > _FIRST_IDEOGRAPH)


def is_full_name(value: str) -> bool:
    """Whether a value may be a name of several words, or of several ideographs: ``Premium`` and ``Yes`` may be names, but not where nobody speaks of names."""
    return is_person(value) and (" " in value.strip() or value > _FIRST_IDEOGRAPH)


_TITLES = frozenset(
    """
    dr mr mrs ms miss mx prof herr frau mme mlle m sr sra srta dna don dott dottssa sig signora ing mgr pan pani bay bayan sayin av doc dipl univ hr fr med bc mudr judr
    phdr pani dl dra drs ir tgk ny drg shri smt kumari
    """.split()
)
"""What stands before names."""
_BETWEEN = re.compile(r"[\s,.]+")


def has_given_name(value: str) -> bool:
    """Whether the first word of a value is a known given name, or what follows the family's: ``Maria Silva``, ``Dr. Jan Novak``, ``Allen, Ryan``."""
    family, comma, given = folded(value).partition(",")
    names = [word for word in _BETWEEN.split(given if comma else family) if word and word not in _TITLES]
    return bool(names) and (comma != "" or len(names) > 1) and _is_given(names[0])


def has_given_name_behind(value: str) -> bool:
    """Whether the second word of a value is a known given name, as where families come first."""
    names = folded(value).split()
    return len(names) > 1 and _is_given(names[1])


def is_given_name(value: str) -> bool:
    """Whether a value is one word, and a known given name."""
    return " " not in value and _is_given(folded(value))


def is_of_several(value: str) -> bool:
    """Whether a value names a firm, or several partners: ``Allen, Brown and White``, ``Jarvis-Mayo Ltd``."""
    return _COMPANY.search(value) is not None or _AND.search(value) is not None


def _is_given(word: str) -> bool:
    return word in given_names() or ("-" in word and all(part in given_names() for part in word.split("-")))


def _is_of_letters(word: str) -> bool:
    """Letters with their marks; hyphens, apostrophes, dots and brackets within."""
    return word.isalpha() or (
        word[:1] not in "-." and all(c.isalpha() or c in "-.'\u2019()\u00b7\u30fb" or category(c) in ("Mn", "Mc") for c in word)
    )


def year_of(day: str) -> int:
    """Return the year of a day as people write it, 0 where there is none; of two digits, those above 25 are of the last century."""
    told = _YEAR.search(day)
    year = int(told[0]) if told else 0
    return year + (1900 if year > 25 else 2000) if 0 < year < 100 else year


def is_address(value: str) -> bool:
    """Whether a value may be a postal address behind a header that says so: words and a number, in any language."""
    if not 6 <= len(value) <= 300 or "@" in value or "://" in value:
        return False
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdecimal, value))
    written_together = value > _FIRST_IDEOGRAPH
    return digits > 0 and letters >= (2 if written_together else 4) and (len(value.split()) > 1 or written_together)


def is_street(value: str) -> bool:
    """Whether a value is a street with a house number, whatever the header."""
    return re.search(STREET, value[:200]) is not None


def has_street(value: str) -> bool:
    """Whether a value has a number and a word for streets, in more languages than ``is_street`` is sure of."""
    return _WAY.search(folded(value[:200])) is not None and any(map(str.isdecimal, value)) and "@" not in value


def is_street_name(value: str) -> bool:
    """Whether a value may be the name of a street behind a header that says so: words without a number."""
    return 4 <= len(value) <= 80 and value[0] == value[0].upper() and all(c.isalpha() or c in " .'\u2019-()/" for c in value)


def is_telephone(value: str) -> bool:
    """Whether a value may be a telephone number behind a header that says so."""
    digits = sum(map(str.isdecimal, value))
    written = _FEWEST_DIGITS <= digits <= _MOST_DIGITS and re.fullmatch(r"[+(]?[0-9](?:[0-9 ()./\u2013-]|ext\.?|x|#)*", value, re.IGNORECASE)
    return len(value) <= 40 and (bool(written) or any(True for _ in phones(f"phone {value}")))


def is_public_address(value: str) -> bool:
    """Whether a value is an IP address that is reached from everywhere."""
    try:
        return ip_address(value).is_global
    except ValueError:
        return False


def _full(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


LOOKS: dict[PersonalKind, tuple[Callable[[str], object], Confidence]] = {
    PersonalKind.PERSON_NAME: (is_person, Confidence.MEDIUM),
    PersonalKind.BIRTH_DATE: (lambda value: _DAY.fullmatch(value) and not _NO_DAY.match(value), Confidence.MEDIUM),
    PersonalKind.POSTAL_ADDRESS: (is_address, Confidence.MEDIUM),
    PersonalKind.PHONE: (is_telephone, Confidence.HIGH),
    PersonalKind.NATIONAL_ID: (lambda value: _IDENTITY.fullmatch(value) and not is_sample_number(bare(value)), Confidence.MEDIUM),
    PersonalKind.PASSPORT: (_full("(?=(?:[A-Z]{0,4} ?[0-9]){4})[A-Z0-9]{7,9}|[A-Z0-9]{2,4} [0-9]{6,7}|[0-9]{2} [0-9]{2} [0-9]{6}"), Confidence.HIGH),
    PersonalKind.DRIVING_LICENCE: (lambda value: _LICENCE.fullmatch(value) and not _DAY.fullmatch(value), Confidence.MEDIUM),
    PersonalKind.VEHICLE: (_full(r"(?=.*[0-9])(?=.*[^\W\d_])[^\W_][\w \u00b7\u30fb-]{3,16}"), Confidence.MEDIUM),
    PersonalKind.MEDICAL_RECORD: (_full("[A-Za-z]{0,4}[-# ]?[0-9][0-9-]{3,14}"), Confidence.HIGH),
    PersonalKind.PAYMENT_CARD: (lambda value: is_card(value) and not is_sample_card(digits_of(value)), Confidence.HIGH),
    PersonalKind.BANK_ACCOUNT: (lambda value: iban(value) or _ACCOUNT.fullmatch(value), Confidence.MEDIUM),
    PersonalKind.IP_ADDRESS: (is_public_address, Confidence.MEDIUM),
    PersonalKind.MAC_ADDRESS: (_full(r"[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}"), Confidence.MEDIUM),
    PersonalKind.COORDINATES: (_full(r"[(\[]?-?[0-9]{1,3}\.[0-9]{3,15}(?:[,; ]{1,3}-?[0-9]{1,3}\.[0-9]{3,15})?[)\]]?"), Confidence.MEDIUM),
}
"""What the values look like that only a header tells of, and how sure both together are."""
