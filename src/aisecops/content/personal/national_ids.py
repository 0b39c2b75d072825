"""Numbers that states give to persons: what each looks like, its check digits, and the words that stand beside it.

Shapes write every digit as 9 and every capital letter as A. A scheme whose shape and check digits leave little to chance counts by itself (``alone``); one that is
just nine or eleven digits needs one of its words nearby, or a whole column that passes two check digits or a day and a check digit (``rare``). Sources: the
issuers' publications, as collected in Wikipedia's "National identification number" and its pages by country.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec

from aisecops.content.personal import national_checks as checks
from aisecops.content.personal.checksums import brazilian, luhn, mod_11_10, verhoeff, weighted_mod_11
from aisecops.core.taxonomy import Confidence

_LOW, _MEDIUM, _HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH


class Scheme(msgspec.Struct, frozen=True):
    """One kind of number.

    ``check`` gets it without separators; ``words`` are lower-case, without accents; ``alone`` is how sure one is without any of them; ``rare``: fewer than one in
    fifty numbers of the shape pass by chance.
    """

    name: str
    shapes: tuple[str, ...]
    check: Callable[[str], bool]
    words: tuple[str, ...]
    alone: Confidence | None = None
    rare: bool = False


_BSN = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_TFN = (1, 4, 3, 7, 5, 8, 6, 9, 10)
_TAX_WORDS = ("tax id", "taxpayer", "tin")

SCHEMES: tuple[Scheme, ...] = (
    Scheme("US SSN", ("999-99-9999", "999 99 9999", "999999999"), checks.us_ssn, ("ssn", "social security", "soc sec", "socialsecurity"), _MEDIUM),
    Scheme("US ITIN", ("999-99-9999",), checks.us_itin, ("itin", "individual taxpayer", "ssn", "social security"), _LOW),
    Scheme("UK NINO", ("AA999999A", "AA 99 99 99 A"), checks.uk_nino, ("nino", "national insurance", "ni number", "ni no"), _LOW),
    Scheme("UK NHS", ("999 999 9999", "999-999-9999", "9999999999"), checks.uk_nhs, ("nhs",)),
    Scheme(
        "DE Steuer-ID",
        ("99999999999", "99 999 999 999"),
        checks.german_tax,
        ("steuer", "steueridentifikationsnummer", "steuernummer", "idnr", "steuerid", *_TAX_WORDS),
    ),
    Scheme(
        "FR NIR",
        ("999999999999999", "999999A99999999", "9 99 99 99 999 999 99", "9 99 99 9A 999 999 99"),
        checks.french_nir,
        ("nir", "insee", "securite sociale", "secu"),
        _LOW,
    ),
    Scheme(
        "ES DNI",
        ("99999999A", "99999999-A", "A9999999A", "A-9999999-A"),
        checks.spanish,
        ("dni", "nif", "nie", "documento nacional", "identidad"),
        _LOW,
    ),
    Scheme("IT codice fiscale", ("AAAAAA99A99A999A",), checks.italian, ("codice fiscale", "fiscal code", "cf"), _HIGH),
    Scheme("NL BSN", ("999999999", "9999 99 999"), lambda n: weighted_mod_11(n, _BSN), ("bsn", "burgerservice", "burgerservicenummer", "sofinummer")),
    Scheme("PL PESEL", ("99999999999",), checks.pesel, ("pesel",), rare=True),
    Scheme("BR CPF", ("999.999.999-99", "99999999999"), brazilian, ("cpf", "cadastro de pessoa"), _HIGH),
    Scheme(
        "IN Aadhaar",
        ("9999 9999 9999", "9999-9999-9999", "999999999999"),
        lambda n: n[0] > "1" and verhoeff(n),
        ("aadhaar", "aadhar", "uidai", "adhaar"),
        _LOW,
    ),
    Scheme("IN PAN", ("AAAAA9999A",), checks.indian_pan, ("pan", "permanent account"), _LOW),
    Scheme("CA SIN", ("999 999 999", "999-999-999", "999999999"), lambda n: n[0] not in "08" and luhn(n), ("sin", "social insurance", "nas")),
    Scheme("AU TFN", ("999 999 999", "999999999"), lambda n: weighted_mod_11(n, _TFN), ("tfn", "tax file")),
    Scheme("AU Medicare", ("9999 99999 9", "9999999999", "99999999999"), checks.australian_medicare, ("medicare",)),
    Scheme("SE personnummer", ("999999-9999", "99999999-9999"), checks.swedish, ("personnummer", "personnr", "personal identity", "pnr"), _MEDIUM),
    Scheme(
        "FI HETU",
        ("999999-999A", "999999A999A", "999999-9999", "999999A9999"),
        checks.finnish,
        ("hetu", "henkilotunnus", "personal identity"),
        _MEDIUM,
    ),
    Scheme(
        "BE national number",
        ("99.99.99-999.99", "99999999999"),
        checks.belgian,
        ("rijksregister", "registre national", "insz", "niss", "national number"),
        _HIGH,
        rare=True,
    ),
    Scheme("CH AHV", ("999.9999.9999.99", "9999999999999"), checks.swiss, ("ahv", "avs", "sozialversicherung"), _HIGH),
    Scheme("CN resident id", ("999999999999999999", "99999999999999999A"), checks.chinese, ("resident", "id card", "identity", "shenfen"), _HIGH),
    Scheme("KR RRN", ("999999-9999999",), checks.korean, ("rrn", "resident registration", "jumin"), _HIGH),
    Scheme("ZA identity number", ("9999999999999",), checks.south_african, ("id number", "identity number", "south africa"), rare=True),
    Scheme("SG NRIC", ("A9999999A",), checks.singaporean, ("nric", "fin", "identity"), _MEDIUM),
    Scheme("TW identity", ("A999999999",), checks.taiwanese, ("national id", "identity", "id number"), _LOW),
    Scheme("TR kimlik", ("99999999999",), checks.turkish, ("kimlik", "tckn", "tc no"), rare=True),
    Scheme("JP my number", ("999999999999", "9999 9999 9999"), checks.japanese, ("my number", "mynumber", "kojin bango")),
    Scheme("NO fodselsnummer", ("99999999999", "999999 99999"), checks.norwegian, ("fodselsnummer", "fnr", "personnummer"), rare=True),
    Scheme("MX CURP", ("AAAA999999AAAAAA99", "AAAA999999AAAAAAA9"), checks.curp, ("curp",), _HIGH),
    Scheme("CZ/SK rodne cislo", ("999999/9999", "999999/999", "9999999999"), checks.czech, ("rodne cislo", "birth number"), _MEDIUM, rare=True),
    Scheme("GR AMKA", ("99999999999",), checks.greek, ("amka", "\u03b1\u03bc\u03ba\u03b1"), rare=True),
    Scheme("RO CNP", ("9999999999999",), checks.romanian, ("cnp", "cod numeric personal"), rare=True),
    Scheme("BG EGN", ("9999999999",), checks.bulgarian, ("egn", "\u0435\u0433\u043d"), rare=True),
    Scheme("HR OIB", ("99999999999",), mod_11_10, ("oib", "osobni identifikacijski")),
    Scheme("JMBG", ("9999999999999",), checks.yugoslav, ("jmbg", "emso", "maticni broj"), rare=True),
    Scheme("DK CPR", ("999999-9999",), checks.danish, ("cpr", "cpr-nummer", "personnummer"), _LOW),
    Scheme("IE PPS", ("9999999A", "9999999AA"), checks.irish, ("pps", "ppsn", "personal public service"), _LOW),
    Scheme("Baltic personal code", ("99999999999",), checks.baltic, ("isikukood", "asmens kodas", "personal code"), rare=True),
    Scheme("TH identity number", ("9-9999-99999-99-9", "9999999999999"), checks.thai, ("thai id", "citizen id"), _HIGH),
    Scheme("ID NIK", ("9999999999999999",), checks.indonesian, ("nik", "ktp")),
    Scheme("MY MyKad", ("999999-99-9999", "999999999999"), checks.malaysian, ("mykad", "nric", "ic number", "ic no"), _LOW),
    Scheme("PK CNIC", ("99999-9999999-9",), lambda n: n[0] != "0", ("cnic", "nicop"), _LOW),
    Scheme(
        "RU SNILS", ("999-999-999 99", "999-999-999-99", "99999999999"), checks.snils, ("snils", "\u0441\u043d\u0438\u043b\u0441"), _HIGH, rare=True
    ),
    Scheme("RU INN", ("999999999999",), checks.russian_tax, ("inn", "\u0438\u043d\u043d"), rare=True),
    Scheme("UA RNOKPP", ("9999999999",), checks.ukrainian, ("rnokpp", "\u0440\u043d\u043e\u043a\u043f\u043f")),
    Scheme("AR CUIL", ("99-99999999-9", "99999999999"), checks.argentine, ("cuil", "cuit"), _HIGH, rare=True),
    Scheme(
        "CL RUT",
        ("99.999.999-9", "99.999.999-A", "9.999.999-9", "9.999.999-A", "99999999-9", "99999999-A", "9999999-9"),
        checks.chilean,
        ("rut",),
        _MEDIUM,
    ),
    Scheme("EC cedula", ("9999999999",), checks.ecuadorian, ("cedula",)),
    Scheme("AE Emirates ID", ("999-9999-9999999-9", "999999999999999"), checks.emirati, ("emirates id",), _HIGH),
    Scheme("HK HKID", ("A999999(9)", "A999999(A)", "A9999999"), checks.hong_kong, ("hkid",), _LOW),
    Scheme("PT NIF", ("999999999", "999 999 999"), checks.portuguese, ("nif", "contribuinte")),
    Scheme("HU TAJ", ("999-999-999", "999 999 999", "999999999"), checks.hungarian, ("taj",)),
    Scheme("AT Sozialversicherungsnummer", ("9999 999999", "9999-999999", "9999999999"), checks.austrian, ("svnr", "sozialversicherungsnummer")),
    Scheme("MX RFC", ("AAAA999999AAA", "AAAA999999999", "AAAA999999AA9", "AAAA999999A99"), checks.mexican_tax, ("rfc",), _LOW),
)


@cache
def by_shape() -> dict[str, tuple[Scheme, ...]]:
    """Return the schemes that each shape may belong to."""
    shapes = dict.fromkeys(shape for scheme in SCHEMES for shape in scheme.shapes)
    return {shape: tuple(scheme for scheme in SCHEMES if shape in scheme.shapes) for shape in shapes}


_SEPARATORS = str.maketrans("", "", " -./()")


def bare(value: str) -> str:
    """Return an identity number without its separators."""
    return value.translate(_SEPARATORS)


def holds(scheme: Scheme, value: str) -> bool:
    """Whether ``value``, which has one of the scheme's shapes, passes its check digits and is no row of one digit."""
    number = bare(value)
    digits = "".join(character for character in number if character.isdecimal())
    return len(set(digits)) > 1 and scheme.check(value if scheme.name == "FI HETU" else number)
