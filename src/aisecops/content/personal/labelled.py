"""Personal data that only its label tells, or an unmistakable form: dates of birth, names, addresses, passports, medical records.

Labels are looked for in the lower-case text and values behind them in the original: so both are found at the speed of plain searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from aisecops.content.personal.checksums import mrz
from aisecops.content.personal.kinds import PersonalDatum, PersonalKind
from aisecops.content.personal.placeholders import is_nobody, is_sample_phone
from aisecops.core.taxonomy import Confidence

_LETTERS = "A-Za-z'\u00c0-\u024f-"
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
DATE = (
    f"(?:{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}|{_DAY}[-/.]{_DAY}[-/.](?:19|20)?[0-9]{{2}}"
    f"|{_DAY}(?:st|nd|rd|th|\\.)? (?:of )?[A-Z][a-z]{{2,9}}\\.?,? {_YEAR}"
    f"|{_DAY}[-/.][A-Z][A-Za-z]{{2,9}}[-/.]{_YEAR}|[A-Z][a-z]{{2,9}}\\.? {_DAY}(?:st|nd|rd|th)?,? {_YEAR})(?![0-9])"
)
"""A day as people write it, in any order of its parts."""
_NAME = (
    f"[A-Z][{_LETTERS}]{{1,20}}(?: [A-Z]\\.)?(?: (?:de|van|von|der|la|bin|al|[A-Z][{_LETTERS}]{{1,20}})){{1,3}}(?![{_LETTERS}]|, (?:dtype|[Ll]ength))"
)
_STREET_WORDS = "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Terrace|Circle|Highway"
STREETS = (
    (
        " st| ave| road| rd| boulevard| blvd| lane| ln| drive| dr| court| ct| way| place| pl| terrace| circle| highway",
        f"[0-9]{{1,5}}[A-Za-z]? (?:[NSEW]\\.? )?(?:[A-Z][A-Za-z'.]{{1,20}} ){{1,3}}(?:{_STREET_WORDS})\\b\\.?",
    ),
    (
        "str|weg |platz |allee |gasse ",
        "[A-Z\u00c4\u00d6\u00dc][a-z\u00df-\u00ff]{2,24}(?:stra\u00dfe|strasse|str\\.|weg|platz|allee|gasse) [0-9]{1,4}[a-z]?\\b",
    ),
    (
        " rue | avenue | boulevard | place | chemin | impasse ",
        f"[0-9]{{1,4}}(?: ?bis)?,? (?:rue|avenue|boulevard|place|chemin|impasse) (?:[{_LETTERS}]{{1,20}} ?){{1,4}}",
    ),
    ("calle |avenida |via |viale |piazza |rua ", f"(?:Calle|Avenida|Via|Viale|Piazza|Rua) (?:[A-Z][{_LETTERS}]{{1,20}} ?){{1,3}},? [0-9]{{1,4}}\\b"),
)
STREET = "|".join(pattern for _, pattern in STREETS)
"""A street with a house number, in English, German, French and some southern forms."""
_POSTAL_CODE = re.compile(
    r"[^\n]{0,40}?(?:\b[A-Z]{2},? [0-9]{5}(?:-[0-9]{4})?\b|\b[0-9]{5} [A-Z\u00c0-\u024f]|\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}\b|\b[0-9]{4} ?[A-Z]{2}\b)"
)
_PASSPORT_ZONE = re.compile(
    r"P[A-Z<][A-Z]{3}[A-Z<]{39}\s{1,4}([A-Z0-9<]{9})([0-9])[A-Z<]{3}([0-9]{6})([0-9])[MFX<]([0-9]{6})([0-9])[A-Z0-9<]{14}[0-9<][0-9]"
)
_NO_HOME = re.compile(r"(?:123 (?:Main|Any|Fake|Test|Example)|1600 |742 Evergreen|221B? Baker|1 Infinite)", re.IGNORECASE)
_TO_VALUE = re.compile(r"""\.?["'*]{0,3}[ \t]{0,8}(?:[:=#|]|\bis\b|\bno\b\.?|\bnumber\b)?[ \t:=#>(\[]{0,8}["'*]{0,3}[ \t]{0,4}""")
WHOSE = "(?:patient|customer|client|employee|applicant|card[ _-]?holder|account[ _-]?holder|full|contact|student|member|guest)[ _-]?"
"""Whose name it is: what stands before that word."""
_WHOSE = re.compile(rf"{WHOSE}\Z")
_ADDRESS_LABEL = re.compile(r"""\b(?:address|addr|adresse|direcci\u00f3n|indirizzo|anschrift)["'*]{0,3}[ \t]{0,8}[:=|][ \t"']{0,8}\Z""")

SPOKEN_OF = ("patient ", "customer ", "client ", "employee ", "applicant ", "Mr. ", "Mrs. ", "Ms. ")
_SPOKEN = re.compile(
    rf"(?<![A-Za-z])(?:(?:patient|customer|client|employee|applicant) (?={_NAME})|(?:Mr|Mrs|Ms)\. )([A-Z][{_LETTERS}]{{1,20}}(?: [A-Z][{_LETTERS}]{{1,20}}){{0,2}})"
)
LABELS: tuple[tuple[PersonalKind, Confidence, str, str, str], ...] = (
    (
        PersonalKind.BIRTH_DATE, Confidence.HIGH, "birth|dob|d.o.b|born|gebor|geboort|geburt|nacim|n\u00e9|naiss|nasci",
        "date[ _-]?of[ _-]?birth|birth[ _-]?date|birth[ _-]?day|dob|d\\.o\\.b\\.?|born(?: on)?|geboren(?: am)?|geburtsdatum|fecha de nacimiento"
        "|n\u00e9e? le|date de naissance|data di nascita|geboortedatum|data de nascimento", DATE,
    ),
    (
        PersonalKind.PASSPORT, Confidence.HIGH, "pass|pasap",
        "(?:passport|reisepass|pasaporte|passeport)(?:[ _-]?(?:no|nr|num|number))?", "(?=(?:[A-Z]{0,4}[0-9]){4})[A-Z0-9]{7,9}\\b",
    ),
    (
        PersonalKind.DRIVING_LICENCE, Confidence.MEDIUM, "licen",
        "driv(?:er(?:['\u2019]?s)?|ing)[ _-]?licen[cs]e(?:[ _-]?(?:no|nr|num|number))?", "(?=(?:[A-Z-]*[0-9]){5})[A-Z0-9][A-Z0-9-]{5,20}\\b",
    ),
    (
        PersonalKind.MEDICAL_RECORD, Confidence.HIGH, "mrn|record|patient",
        "mrn|(?:medical|health)[ _-]?record(?:[ _-]?(?:no|nr|num|number|id))?|patient[ _-]?(?:no|nr|number|mrn)", "[A-Z]{0,4}-?[0-9]{5,10}\\b",
    ),
    (
        PersonalKind.PHONE, Confidence.MEDIUM, "phone|mobile|fax|tel",
        "(?:phone|telephone|mobile|fax|tel|telefon)(?:[ _]?(?:number|no|nr))?\\.?[\"']?[ \t]?(?=[:=\\n])",
        "\\n?\\(?[0-9][0-9 ()./-]{5,16}[0-9](?:x[0-9]{1,6})?\\b(?![.,][0-9])",
    ),
    (
        PersonalKind.COORDINATES, Confidence.LOW, "home|residence|house|gps",
        "(?:home|residence|house|gps)[ _-]?(?:location|coordinates|coords|position|lat(?:itude)?)?", "-?[0-9]{1,3}\\.[0-9]{4,12},? ?-?[0-9]{1,3}\\.[0-9]{4,12}",
    ),
)  # fmt: skip


def labelled(text: str) -> Iterator[PersonalDatum]:
    """Yield what labels or forms tell to be personal."""
    lowered = _lowered(text)
    yield from _behind_labels(text, lowered)
    if "name" in lowered or "nom" in lowered:
        yield from _names(text, lowered)
    yield from _spoken_of(text)
    yield from _addresses(text, lowered)
    if "p<" in lowered:
        yield from _passport_zones(text)


def _lowered(text: str) -> str:
    """Lower case with every character in its place."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@cache
def _label_patterns() -> tuple[tuple[PersonalKind, Confidence, list[str], re.Pattern[str], re.Pattern[str]], ...]:
    return tuple((kind, sure, keys.split("|"), re.compile(f"(?:{label})(?![a-z])"), re.compile(value)) for kind, sure, keys, label, value in LABELS)


def _behind_labels(text: str, lowered: str) -> Iterator[PersonalDatum]:
    for kind, sure, keys, label, value in _label_patterns():
        for match in label.finditer(lowered) if any(key in lowered for key in keys) else ():
            if lowered[match.start() - 1 : match.start()].isalpha():
                continue
            gap = _TO_VALUE.match(text, match.end())
            found = value.match(text, gap.end()) if gap else None
            if found and not (kind is PersonalKind.PHONE and is_sample_phone(_digits(found[0]))):
                yield PersonalDatum(found.start(), found.end(), kind, sure)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


_NAME_LABEL = re.compile("nam(?:e|es)(?![a-z])|nombre(?![a-z])|nom(?:e)?(?![a-z])")


def _names(text: str, lowered: str) -> Iterator[PersonalDatum]:
    """Names of persons behind the word: high where it says whose, low behind plain ``name``."""
    pattern = re.compile(_NAME)
    for match in _NAME_LABEL.finditer(lowered):
        gap = _TO_VALUE.match(text, match.end())
        found = pattern.match(text, gap.end()) if gap else None
        before = lowered[max(0, match.start() - 18) : match.start()]
        if found and not before[-1:].isalpha() and not is_nobody(found[0]):
            sure = Confidence.HIGH if _WHOSE.search(before) else Confidence.LOW
            yield PersonalDatum(found.start(), found.end(), PersonalKind.PERSON_NAME, sure)


def _spoken_of(text: str) -> Iterator[PersonalDatum]:
    """Persons whom a sentence speaks of (the patient Maria Schmidt, Mrs. Khan): in lower case, since titles of tables and columns are not."""
    if any(word in text for word in SPOKEN_OF):
        for match in _SPOKEN.finditer(text):
            if not is_nobody(match[1]):
                yield PersonalDatum(match.start(1), match.end(1), PersonalKind.PERSON_NAME, Confidence.MEDIUM)


def _addresses(text: str, lowered: str) -> Iterator[PersonalDatum]:
    """Streets: high behind the word address, medium before a postal code, else low."""
    for keys, pattern in STREETS:
        if not any(key in lowered for key in keys.split("|")):
            continue
        for match in re.finditer(pattern, text):
            if not _NO_HOME.match(match[0]) and not text[match.start() - 1 : match.start()].isalnum():
                coded = _POSTAL_CODE.match(text, match.end(), match.end() + 60)
                labelled = _ADDRESS_LABEL.search(lowered[max(0, match.start() - 30) : match.start()])
                sure = Confidence.HIGH if labelled else Confidence.MEDIUM if coded else Confidence.LOW
                yield PersonalDatum(match.start(), match.end(), PersonalKind.POSTAL_ADDRESS, sure)


def _passport_zones(text: str) -> Iterator[PersonalDatum]:
    for match in _PASSPORT_ZONE.finditer(text):
        if all(mrz(match[index], match[index + 1]) for index in (1, 3, 5)):
            yield PersonalDatum(match.start(), match.end(), PersonalKind.PASSPORT, Confidence.HIGH, "MRZ")
