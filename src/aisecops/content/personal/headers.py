"""What the header of a column, or the key of a record, promises to hold."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from aisecops.content.personal.context import SIGNERS, folded, names
from aisecops.content.personal.kinds import PersonalKind
from aisecops.content.personal.national_ids import SCHEMES
from aisecops.content.personal.tongues import COLUMNS, NAME_WORDS, PERHAPS_ADDRESSES, PERHAPS_NAMES, WHO

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[\W_]+")
_OWNED = re.compile("['\u2019]s\\b")
_WHOSE = (
    "patient|customer|client|employee|user|person|contact|student|member|guest|applicant|holder|cardholder|subscriber|borrower|candidate|driver|passenger|owner"
    "|recipient|sender|doctor"
)
_PERSONS = (
    f"{_WHOSE}|beneficiary|payee|insured|policyholder|participant|attendee|claimant|signatory|teacher|nurse|physician|caller|spouse|guardian|next of kin"
    "|emergency contact|kunde|kundin|klant|cliente|titular|inhaber|kontoinhaber|paciente|paziente|mitarbeiter|empleado|dipendente|salarie|alumno|schuler"
    "|asegurado|versicherter|mieter|beneficiario|beneficiaire"
)
"""What a column is called that holds persons by their names."""
_ABBREVIATED = {
    "cust": "customer", "emp": "employee", "empl": "employee", "usr": "user", "pat": "patient", "mbr": "member", "nm": "name", "mob": "mobile", "acct": "account",
    "eml": "email", "bday": "birthday", "bdate": "birth date", "adr": "address", "ipaddr": "ip address", "nbr": "number", "fst": "first", "frst": "first", "lst": "last",
    "mid": "middle", "mdl": "middle", "phn": "phone", "brth": "birth", "bth": "birth", "cntct": "contact", "emerg": "emergency", "mgr": "manager", "pt": "patient",
    "cli": "client", "stu": "student", "nme": "name", "nachn": "nachname", "vorna": "vorname", "gbdat": "geb dat", "ape1": "apellido", "ape2": "apellido",
}  # fmt: skip
"""How data bases shorten the words of their headers."""
_JOINED = re.compile(
    r"date|of|birth|day|phone|number|e?mail|address|first|last|full|middle|given|family|name|customer|client|patient|employee|contact|holder|card|credit|debit|payment"
    r"|account|bank|iban|social|security|street|home|mobile|tel|passport|licen[cs]e|driver|national|id|insurance|tax|no|nr|father|mother|spouse|guardian|student|doctor|ip"
    r"|nom|prenom|naiss(?:ance)?"
)
_IN_ONE = re.compile(rf"(?:{_JOINED.pattern}){{2,}}")
"""Words that are written together: ``dateofbirth``."""
_THINGS = "part|product|item|article|sku|lot|batch|serial|model|drawing|isbn|issn|ean|gtin|upc|oclc|catalog|catalogue"
"""What has numbers of its own in the shape of anybody's."""
_EVENTS = (
    "hire|hiring|join|start|begin|end\\b|open|found|establish|incorporat|releas|publi|expir|due|valid|issue|creat|updat|modif|chang|purchas|bought|sold|order|ship|deliver|admi"
    "|discharg|visit|paid|pay|invoic|bill|enrol|regist|sign|contract|policy|loan|grant|built|build|construct|manufactur|produc|install|event|match|game|air|premier|debut|death"
    "|died|dod\\b|marri|wedding|eintritt|austritt|einstell|beginn|ende\\b|gultig|erstell|vertrag|kauf|entree|sortie|embauche|debut|fin\\b|creation|ingreso|alta\\b|baja\\b|inicio"
    "|contrat|admissao|cadastro|assunzione|iscrizione|inizio|zatrudn|umow|kayit|baslangic|indienst|aanvang|bau|byg|budow|costru|kurul|fundac|fondaz|grund|osnov|lanzam|lancam|lancement"
)
"""How words begin for what happens on other days than those of birth."""
_REFERENCES = (
    "ref|code|cod(?:ice|igo)?\\b|kod|art(?:ik\\w*|ic\\w*)?\\b|order|invoice|bestell|rechnung|fatt?ur|factur|seri|track|parcel|sendung|ticket|case|file|versi|id\\b|key|index"
    "|mat(?:erial)?\\b|account|konto|siparis|zamow|pedido|commande"
)
_PHONES = (
    "phones?|mobile|cell|cellphone|telephone|tel|fax|whatsapp|telefono?|telefone|telefon|telefonnummer|celular|handy|msisdn|movil|contact (?:number|no|nr|num)|rufnummer"
    rf"|puhelin|landline|gsm|(?:{_WHOSE}|home|work|office) ph|ph (?:no|nr|num|number)"
)
_STREETS = (
    "street|str(?:asse|aat)?\\b|strassen|straatnaam|rua\\b|rue\\b|via\\b|calle\\b|ulica|ulice|utca|gat[ae]\\b|gatu|vej|gade|cadde|sokak|logradouro"
)
_GIVEN = (
    "first|fname|given|forename|vorname|vname|rufname|pr?e?nom\\b|voornaam|fornavn|fornamn|etunim|imie\\b|imiona|jmeno|krestni|keresztnev|prenume|nombres?\\b|imya"
    "|eesnimi"
)
_ADDRESSES = "address|addr|adresse?|adresa|adress|anschrift|direccion|indirizzo|endereco|domicilio|residence|street|strasse"
_NAMES = (
    rf"\b(?:first|last|full|middle|given|family|maiden|{_WHOSE}) ?names?\b|\bnames? (?:first|last|full|given|family)\b|\b(?:[flnv]|p(?:re)?n) ?name\b|\b(?:surname"
    rf"|forename|nachname|vorname|apellidos?|prenom|cognome|sobrenome"
    r"|voornaam|achternaam|fornamn|efternamn|imie|nazwisko|etunimi|sukunimi)\b|\bcontact person\b|\bnome completo\b"
)
_MACHINES = "src|source|dst|dest|destination|server|gateway|router|switch|host|dns|subnet|node|pod|cluster|internal|private|proxy|bind|listen|peer|local|public|elastic"
"""What has an address on a network and is no person."""
_HEADERS: tuple[tuple[PersonalKind, str], ...] = (
    (PersonalKind.EMAIL, r"\be ?mails?\b|\bmail\b(?! addr)|\bcorreo\b|\bcourriel\b"),
    (PersonalKind.PHONE, rf"\b(?:{_PHONES})\b(?! (?:model|type|brand|os|plan|service|usage|id|count|line|size|index|volume|tower|barcode))"),
    (PersonalKind.PASSPORT, r"\bpassports?\b|\breisepass\b|\bpasaporte\b|\bpasseport\b|\bpassaporto\b"),
    (
        PersonalKind.DRIVING_LICENCE,
        r"\bdri(?:v\w*)? lic\w*\b|\bdl (?:no|number|num)\b|\bfuhrerschein|\bpermis de conduire\b|\blicencia de conducir\b",
    ),
    (
        PersonalKind.VEHICLE,
        r"\b(?:licen[cs]e|registration|number|car|vehicle) ?plates?\b|\bplate (?:no|number|num)\b|\b(?:vehicle|car) (?:reg\w*|identification)\b|\bvin\b|\bkennzeichen\b"
        r"|\bkenteken\b|\btarga\b|\bimmatriculation\b|\bnr rej\w*\b|\bplaka\b|\bvrm\b",
    ),
    (
        PersonalKind.MEDICAL_RECORD,
        r"\bmrn\b|\b(?:medical|health) record\b|\bpatient (?:no|nr|number)\b|\bhealth (?:card|insurance) (?:no|number|id)\b",
    ),
    (
        PersonalKind.PAYMENT_CARD,
        r"(?<!medicare )(?<!health )(?<!id )(?<!identity )\bcard (?:number|num|no)\b|\b(?:credit|debit|payment) ?card\b|\bcc ?(?:num|number|no)?\b|\bcardnumber\b"
        r"|\bkreditkarte|\bcarte bancaire\b|\btarjeta\b",
    ),
    (
        PersonalKind.BANK_ACCOUNT,
        r"\biban\b|\bbank ?(?:account|acct)\b|\baccount (?:number|num|no)\b|\bkonto ?(?:nummer|nr)\b"
        r"|\b(?:nr|numer|cislo) (?:konta|uctu|racuna)\b|\b(?:num\w*|no) (?:de )?(?:cuenta|conta|compte)\b|\brekening ?(?:nummer|nr)\b|\bhesap no\b",
    ),
    (
        PersonalKind.BIRTH_DATE,
        r"\bdob\b|\bd o b\b|\bbirth|\bb date\b|\bborn\b|\bgeb(?:urts?)?(?: ?(?:dat|dt|tag|d|am)\w*)?\b|\bnaiss\w*|\bddn\b|\bf?nac(?:im\w*)?\b|\bnasc\w*|\bgeboorte"
        r"|\bfo?e?d(?:t|d|(?:sels?|else) ?dat?\w*|(?:sels?|else) ?dag\w*)\b|\bsynt(?:y\w*)?\b|\burodz|\bdata ur\b|\bdat\w* na[rc]\b|\bnaroz|\bszul\w*"
        r"|\bdogum|\blahir\b|\bjanm|\bseinengappi\b|\btanjou"
        r"|\bsaengnyeon|\bshengri\b|\bro[zj]h?d(?:en|\b)|\bnaroden|\bnasterii?\b|\bngay sinh\b|\bgennis",
    ),
    (
        PersonalKind.COORDINATES,
        rf"\b(?:home|house|residence|gps|device|current|last|{_WHOSE}) (?:known |seen )?(?:location|position|coord\w*|lat(?:itude)?|lng|long?|longitude)\b",
    ),
    (PersonalKind.IP_ADDRESS, r"\bip(?:v[46])?\b|\bremote addr\b"),
    (PersonalKind.MAC_ADDRESS, r"\bmac\b(?! (?:os|book|version))|\bmac ?addr(?:ess)?\b|\bhw ?addr\b"),
    (PersonalKind.POSTAL_ADDRESS, rf"\b(?<!email )(?<!web )(?<!wallet )(?:{_ADDRESSES})\b(?! (?:type|id|count|permit))"),
    (
        PersonalKind.NATIONAL_ID,
        r"(?<!vehicle )(?<!product )(?<!order )(?<!item )(?<!device )(?<!part )(?<!batch )(?<!asset )(?<!lot )\b(?:(?:national|identity|identification|personal|citizen"
        r"|government|govt|tax|taxpayer|social security|social insurance|resident|civil) (?:id|identification|no|nr|num|number|code|card)|id (?:number|card|no|nr))\b"
        r"|\bssn\b|\bnational insurance\b|\bsocial security\b|\bnid\b|\bpersonalausweis",
    ),
    (PersonalKind.PERSON_NAME, rf"{_NAMES}|\b(?:{_PERSONS})$"),
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
    """Return a header as words: ``customerEmail``, ``customer_email`` and ``cust_eml`` are ``customer email``."""
    said = _NOT_WORD.sub(" ", _OWNED.sub("", folded(_CAMEL.sub(" ", header[:80].replace("IPv", "ipv"))))).split()
    return " ".join(map(_word, said))


def _word(word: str) -> str:
    """One word of a header, written out: ``addr2`` is ``address``."""
    plain = word if len(word) < 4 or word.startswith("ip") else word.rstrip("0123456789")
    return _ABBREVIATED.get(word) or _ABBREVIATED.get(plain) or (" ".join(_JOINED.findall(plain)) if _IN_ONE.fullmatch(plain) else plain or word)


@lru_cache(maxsize=4096)
def promised(header: str) -> tuple[PersonalKind, str] | None:
    """Return the kind of data, and the scheme of an identity number, that ``header`` speaks of."""
    said = words(header)
    kind = next((kind for kind, pattern in _HEADERS if re.search(pattern, said)), None)
    if kind is PersonalKind.BIRTH_DATE and speaks_of_names(header):
        kind = PersonalKind.PERSON_NAME  # the name at birth
    if kind is None and (scheme := _schemes().search(said)) and (len(scheme[0]) > 2 or said == scheme[0]):
        return PersonalKind.NATIONAL_ID, next(known.name for known in SCHEMES if scheme[0] in known.words)
    kind = kind or next((kind for kind, pattern in COLUMNS if pattern.search(said)), None)
    return (kind, "") if kind else None


def says_name(header: str) -> bool:
    """Whether a header speaks of names, not only of persons: ``customer_name``, not ``customer``."""
    said = words(header)
    return re.search(_NAMES, said) is not None or any(kind is PersonalKind.PERSON_NAME and pattern.search(said) for kind, pattern in COLUMNS)


def speaks_of_names(header: str) -> bool:
    """Whether a word for names is in a header, whosever they are: ``product_name``, ``musteri_adi``."""
    return not NAME_WORDS.isdisjoint(words(header).split())


def speaks_of_persons(header: str) -> bool:
    """Whether a header says what somebody is to the keeper of a table: ``guarantor``, ``medecin_traitant``, ``customer_segment``."""
    return not WHO.isdisjoint(words(header).split())


def says_number(header: str) -> bool:
    """Whether a header is long enough to mean one scheme of identity numbers: ``sin`` may be a sine, ``cpr_nr`` and ``henkilotunnus`` are nothing else."""
    said = words(header)
    anybody = re.search(r"\bid(?:entity)? (?:number|card)\b|\bidentity\b|\bresident\b", said)
    return not anybody and (len(said) > 5 or re.search(r"\b(?:nr|no|number|num|nummer|id|cislo|card)\b", said) is not None)


def of_machines(header: str) -> bool:
    """Whether a header speaks of machines on a network rather than of who uses them: ``src_ip``, ``gateway_mac``."""
    return re.search(rf"\b(?:{_MACHINES})\b", words(header)) is not None


def of_events(header: str) -> bool:
    """Whether a header names what happens to things and at work, on days that are no days of birth: ``hire_date``, ``released``."""
    return re.search(rf"\b(?:{_EVENTS})", words(header)) is not None


def of_references(header: str) -> bool:
    """Whether a header says that a number points to something: ``ref``, ``order_code``, ``Art.-Nr.``."""
    return of_things(header) or re.search(rf"\b(?:{_REFERENCES})", words(header)) is not None


def of_things(header: str) -> bool:
    """Whether a header says that its numbers are those of things: ``part_no``, ``Serial``."""
    return re.search(rf"\b(?:{_THINGS})\b", words(header)) is not None


def may_name_persons(header: str) -> bool:
    """Whether a header is plain ``name``: of a person or of anything else."""
    said = words(header)
    return said in ("name", "names", "nom", "nome", "nombre", "nombres") or said in PERHAPS_NAMES


def of_given_names(header: str) -> bool:
    """Whether a header speaks of given names: a plain ``name`` beside it is the family's."""
    return re.search(rf"\b(?:{_GIVEN})", words(header)) is not None


def of_streets(header: str) -> bool:
    """Whether a header is a word for streets, whose numbers may stand beside them."""
    return re.search(rf"\b(?:{_STREETS})", words(header)) is not None


def may_be_address(header: str) -> bool:
    """Whether a header is a word for addresses that is one for titles, too."""
    return words(header) in PERHAPS_ADDRESSES


def is_signed(header: str) -> bool:
    """Whether a header says who signs for a work: an author, a committer. A driving licence and the plate of a car are no licences of works."""
    promise = promised(header)
    return names(SIGNERS, words(header)) and (promise is None or promise[0] not in (PersonalKind.DRIVING_LICENCE, PersonalKind.VEHICLE))


def tells(header: str) -> bool:
    """Whether a header says that it stands for personal data; what does not may be a value itself."""
    return promised(header) is not None or may_name_persons(header)
