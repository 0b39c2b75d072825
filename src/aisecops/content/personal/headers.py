"""What the header of a column, or the key of a record, promises to hold."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from aisecops.content.personal.context import SIGNERS, folded, names
from aisecops.content.personal.kinds import PersonalKind
from aisecops.content.personal.national_ids import SCHEMES

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_WHOSE = (
    "patient|customer|client|employee|user|person|contact|student|member|guest|applicant|holder|cardholder|subscriber|borrower|candidate|driver|passenger|owner"
    "|recipient|sender|doctor"
)
_PHONES = "phones?|mobile|cell|cellphone|telephone|tel|fax|whatsapp|telefono?|telefone|celular|handy|msisdn|movil"
_ADDRESSES = "address|addr|adresse|anschrift|direccion|endereco|street|strasse"
_NAMES = f"\\b(?:first|last|full|middle|given|family|maiden|{_WHOSE}) ?names?\\b|\\b[fl]name\\b|\\bsurname\\b|\\bnachname\\b|\\bvorname\\b|\\bapellidos?\\b|\\bprenom\\b"
_HEADERS: tuple[tuple[PersonalKind, str], ...] = (
    (PersonalKind.EMAIL, r"\be ?mails?\b|\bmail\b|\bcorreo\b|\bcourriel\b"),
    (PersonalKind.PHONE, rf"\b(?:{_PHONES})\b(?! (?:model|type|brand|os|plan|service|usage))"),
    (PersonalKind.PASSPORT, r"\bpassport\b|\breisepass\b|\bpasaporte\b"),
    (
        PersonalKind.MEDICAL_RECORD,
        r"\bmrn\b|\b(?:medical|health) record\b|\bpatient (?:no|nr|number)\b|\bhealth (?:card|insurance) (?:no|number|id)\b",
    ),
    (
        PersonalKind.PAYMENT_CARD,
        r"(?<!medicare )(?<!health )(?<!id )(?<!identity )\bcard (?:number|num|no)\b|\b(?:credit|debit) card\b|\bcc ?(?:num|number|no)?\b|\bcardnumber\b",
    ),
    (PersonalKind.BANK_ACCOUNT, r"\biban\b|\bbank account\b|\baccount (?:number|num|no)\b"),
    (
        PersonalKind.BIRTH_DATE,
        r"\bdob\b|\bbirth ?(?:date|day)\b|\bdate of birth\b|\bgeburtsdatum\b|\bfecha (?:de )?nacimiento\b|\bdate de naissance\b|\bborn\b",
    ),
    (PersonalKind.POSTAL_ADDRESS, rf"\b(?<!ip )(?<!mac )(?<!email )(?<!web )(?<!wallet )(?:{_ADDRESSES})\b(?! (?:type|id|count))"),
    (PersonalKind.IP_ADDRESS, r"\bip\b|\bip address\b|\bremote addr\b"),
    (PersonalKind.PERSON_NAME, rf"{_NAMES}|\bnombre\b|\b(?:{_WHOSE})$"),
)


@cache
def _schemes() -> re.Pattern[str]:
    """Any word of any scheme, the longer ones first."""
    known = sorted({word for scheme in SCHEMES for word in scheme.words}, key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b")


_SPEAKS = tuple(
    """
    mail correo courriel name nombre phone mobile tel cell fax whatsapp passport reisepass mrn record card cc iban account birth dob born geburt nacimiento naissance
    address addr adresse anschrift direccion endereco street ssn social nhs insurance steuer tax nir bsn pesel cpf aadha pan sin tfn medicare personnummer hetu patient
    customer client employee nachname vorname apellido
    """.split()
)


def may_speak_of_persons(lowered: str) -> bool:
    """Whether any header in a lower-case text can promise personal data; where none does, no table need be looked for."""
    return any(word in lowered for word in _SPEAKS)


@lru_cache(maxsize=4096)
def words(header: str) -> str:
    """Return a header as words: ``customerEmail`` and ``customer_email`` are ``customer email``."""
    return _NOT_WORD.sub(" ", folded(_CAMEL.sub(" ", header[:80]))).strip()


@lru_cache(maxsize=4096)
def promised(header: str) -> tuple[PersonalKind, str] | None:
    """Return the kind of data, and the scheme of an identity number, that ``header`` speaks of."""
    said = words(header)
    if kind := next((kind for kind, pattern in _HEADERS if re.search(pattern, said)), None):
        return kind, ""
    if (scheme := _schemes().search(said)) and (len(scheme[0]) > 2 or said == scheme[0]):
        return PersonalKind.NATIONAL_ID, next(known.name for known in SCHEMES if scheme[0] in known.words)
    return (PersonalKind.NATIONAL_ID, "") if re.search(r"\bnational id\b|\b(?:identity|id) (?:number|card|no)\b", said) else None


def may_name_persons(header: str) -> bool:
    """Whether a header is plain ``name``: of a person or of anything else."""
    return words(header) in ("name", "names", "nom", "nome")


def is_signed(header: str) -> bool:
    """Whether a header says who signs for a work: an author, a committer."""
    return names(SIGNERS, words(header))


def tells(header: str) -> bool:
    """Whether a header says that it stands for personal data; what does not may be a value itself."""
    return promised(header) is not None or may_name_persons(header)
