"""Numbers that states give to persons: what each looks like, its check digits, and the words that stand beside it.

Shapes write every digit as 9 and every capital letter as A. A scheme whose shape and check digits leave little to chance counts by itself (``alone``); one that is
just nine or eleven digits needs one of its words nearby. Sources: the issuers' publications, as collected in Wikipedia's "National identification number".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec

from aisecops.content.personal.checksums import brazilian, date, luhn, mod_11_10, verhoeff, weighted, weighted_mod_11
from aisecops.core.taxonomy import Confidence

_LOW, _MEDIUM, _HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH


class Scheme(msgspec.Struct, frozen=True):
    """One kind of number. ``check`` gets it without separators; ``words`` are lower-case, without accents; ``alone`` is how sure one is without any of them."""

    name: str
    shapes: tuple[str, ...]
    check: Callable[[str], bool]
    words: tuple[str, ...]
    alone: Confidence | None = None


def _us_ssn(n: str) -> bool:
    return n[:3] not in ("000", "666") and n[0] != "9" and n[3:5] != "00" and n[5:] != "0000"


def _us_itin(n: str) -> bool:
    return n[0] == "9" and (50 <= int(n[3:5]) <= 65 or 70 <= int(n[3:5]) <= 88 or 90 <= int(n[3:5]) <= 99)


def _uk_nino(n: str) -> bool:
    prefix = n[:2]
    return not (set(prefix) & set("DFIQUV") or prefix[1] == "O" or prefix in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")) and n[-1] in "ABCD"


def _uk_nhs(n: str) -> bool:
    return weighted(n, range(10, 1, -1)) % 11 == (-int(n[9])) % 11 and n[0] != "0"


def _german_tax(n: str) -> bool:
    repeated = sorted(count for digit in set(n[:10]) if (count := n[:10].count(digit)) > 1)
    return n[0] != "0" and repeated in ([2], [3]) and mod_11_10(n)


def _french_nir(n: str) -> bool:
    if n[0] not in "1234" or len(n) != 15:
        return False
    month = n[3:5]
    number = n[:13].replace("2A", "19").replace("2B", "18")
    return (1 <= int(month) <= 12 or 20 <= int(month) <= 42 or int(month) >= 50) and number.isdecimal() and 97 - int(number) % 97 == int(n[13:])


def _spanish(n: str) -> bool:
    digits = ("012"["XYZ".index(n[0])] if n[0] in "XYZ" else n[0]) + n[1:-1]
    return digits.isdecimal() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == n[-1]


_ITALIAN_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)


def _italian(n: str) -> bool:
    odd = sum(_ITALIAN_ODD[character] for character in n[:15:2])
    even = sum(int(character, 36) - (10 if character.isalpha() else 0) for character in n[1:15:2])
    return n[8] in "ABCDEHLMPRST" and int(n[9:11]) % 40 in range(1, 32) and (odd + even) % 26 == ord(n[15]) - 65


def _pesel(n: str) -> bool:
    century, month = {8: 1800, 0: 1900, 2: 2000}.get(int(n[2]) // 2 * 2, 0), int(n[2:4]) % 20
    return date(century + int(n[:2]), month, int(n[4:6])) and weighted(n, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _indian_pan(n: str) -> bool:
    return n[3] in "ABCFGHJLPT"


def _australian_medicare(n: str) -> bool:
    return n[0] in "23456" and weighted(n, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(n[8])


def _six_digit_date(n: str, *, day_first: bool = False) -> bool:
    first, month, last = int(n[:2]), int(n[2:4]), int(n[4:6])
    return date(2000, month, first if day_first else last)


def _swedish(n: str) -> bool:
    n = n[-10:]
    return _six_digit_date(n) and luhn(n)


def _finnish(n: str) -> bool:
    return _six_digit_date(n, day_first=True) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(n[:6] + n[7:10]) % 31] == n[10]


def _belgian(n: str) -> bool:
    return any(97 - int(century + n[:9]) % 97 == int(n[9:]) for century in ("", "2")) and int(n[2:4]) % 20 <= 12 and int(n[4:6]) <= 31


def _swiss(n: str) -> bool:
    return n.startswith("756") and weighted(n, (1, 3) * 6 + (1,)) % 10 == 0


def _chinese(n: str) -> bool:
    if not n[:17].isdecimal() or not date(int(n[6:10]), int(n[10:12]), int(n[12:14])):
        return False
    return "10X98765432"[weighted(n, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11] == n[17]


def _korean(n: str) -> bool:
    return _six_digit_date(n) and n[6] in "12345678" and (11 - weighted(n, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(n[12])


def _south_african(n: str) -> bool:
    return _six_digit_date(n) and n[10] in "01" and luhn(n)


def _singaporean(n: str) -> bool:
    remainder = (weighted(n[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if n[0] in "TG" else 0)) % 11
    return n[0] in "STFG" and ("JZIHGFEDCBA" if n[0] in "ST" else "XWUTRQPNMLK")[remainder] == n[8]


def _taiwanese(n: str) -> bool:
    order = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(n[0]) + 10
    return n[1] in "1289" and (order // 10 + order % 10 * 9 + weighted(n[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def _turkish(n: str) -> bool:
    odd, even = sum(map(int, n[0:9:2])), sum(map(int, n[1:8:2]))
    return n[0] != "0" and (odd * 7 - even) % 10 == int(n[9]) and sum(map(int, n[:10])) % 10 == int(n[10])


def _japanese(n: str) -> bool:
    remainder = weighted(n, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if remainder <= 1 else 11 - remainder) == int(n[11])


def _norwegian(n: str) -> bool:
    first = weighted_mod_11(n[:10], (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
    return first and weighted_mod_11(n, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) and 1 <= int(n[2:4]) <= 12


def _curp(n: str) -> bool:
    return n[10] in "HMX" and n[17].isdecimal() and date(2000, int(n[6:8]), int(n[8:10]))


_BSN = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_TFN = (1, 4, 3, 7, 5, 8, 6, 9, 10)
_TAX_WORDS = ("tax id", "taxpayer", "tin")

SCHEMES: tuple[Scheme, ...] = (
    Scheme("US SSN", ("999-99-9999", "999 99 9999", "999999999"), _us_ssn, ("ssn", "social security", "soc sec", "socialsecurity"), _MEDIUM),
    Scheme("US ITIN", ("999-99-9999",), _us_itin, ("itin", "individual taxpayer", "ssn", "social security"), _LOW),
    Scheme("UK NINO", ("AA999999A", "AA 99 99 99 A"), _uk_nino, ("nino", "national insurance", "ni number", "ni no"), _LOW),
    Scheme("UK NHS", ("999 999 9999", "999-999-9999", "9999999999"), _uk_nhs, ("nhs",)),
    Scheme("DE Steuer-ID", ("99999999999", "99 999 999 999"), _german_tax, ("steuer", "idnr", "steuerid", *_TAX_WORDS)),
    Scheme(
        "FR NIR",
        ("999999999999999", "9 99 99 99 999 999 99", "9 99 99 9A 999 999 99"),
        _french_nir,
        ("nir", "insee", "securite sociale", "secu"),
        _LOW,
    ),
    Scheme(
        "ES DNI", ("99999999A", "99999999-A", "A9999999A", "A-9999999-A"), _spanish, ("dni", "nif", "nie", "documento nacional", "identidad"), _LOW
    ),
    Scheme("IT codice fiscale", ("AAAAAA99A99A999A",), _italian, ("codice fiscale", "fiscal code", "cf"), _HIGH),
    Scheme("NL BSN", ("999999999", "9999 99 999"), lambda n: weighted_mod_11(n, _BSN), ("bsn", "burgerservice", "sofinummer")),
    Scheme("PL PESEL", ("99999999999",), _pesel, ("pesel",)),
    Scheme("BR CPF", ("999.999.999-99", "99999999999"), brazilian, ("cpf", "cadastro de pessoa"), _HIGH),
    Scheme(
        "IN Aadhaar",
        ("9999 9999 9999", "9999-9999-9999", "999999999999"),
        lambda n: n[0] > "1" and verhoeff(n),
        ("aadhaar", "aadhar", "uidai", "adhaar"),
        _LOW,
    ),
    Scheme("IN PAN", ("AAAAA9999A",), _indian_pan, ("pan", "permanent account"), _LOW),
    Scheme("CA SIN", ("999 999 999", "999-999-999", "999999999"), lambda n: n[0] not in "08" and luhn(n), ("sin", "social insurance", "nas")),
    Scheme("AU TFN", ("999 999 999", "999999999"), lambda n: weighted_mod_11(n, _TFN), ("tfn", "tax file")),
    Scheme("AU Medicare", ("9999 99999 9", "9999999999", "99999999999"), _australian_medicare, ("medicare",)),
    Scheme("SE personnummer", ("999999-9999", "99999999-9999"), _swedish, ("personnummer", "personal identity", "pnr"), _MEDIUM),
    Scheme("FI HETU", ("999999-999A", "999999A999A", "999999-9999"), _finnish, ("hetu", "henkilotunnus", "personal identity"), _MEDIUM),
    Scheme(
        "BE national number",
        ("99.99.99-999.99", "99999999999"),
        _belgian,
        ("rijksregister", "registre national", "insz", "niss", "national number"),
        _HIGH,
    ),
    Scheme("CH AHV", ("999.9999.9999.99", "9999999999999"), _swiss, ("ahv", "avs", "sozialversicherung"), _HIGH),
    Scheme("CN resident id", ("999999999999999999", "99999999999999999A"), _chinese, ("resident", "id card", "identity", "shenfen"), _HIGH),
    Scheme("KR RRN", ("999999-9999999",), _korean, ("rrn", "resident registration", "jumin"), _HIGH),
    Scheme("ZA identity number", ("9999999999999",), _south_african, ("id number", "identity number", "south africa")),
    Scheme("SG NRIC", ("A9999999A",), _singaporean, ("nric", "fin", "identity"), _MEDIUM),
    Scheme("TW identity", ("A999999999",), _taiwanese, ("national id", "identity", "id number"), _LOW),
    Scheme("TR kimlik", ("99999999999",), _turkish, ("kimlik", "tckn", "tc no")),
    Scheme("JP my number", ("999999999999", "9999 9999 9999"), _japanese, ("my number", "mynumber", "kojin bango")),
    Scheme("NO fodselsnummer", ("99999999999", "999999 99999"), _norwegian, ("fodselsnummer", "fnr", "personnummer")),
    Scheme("MX CURP", ("AAAA999999AAAAAA99", "AAAA999999AAAAAAA9"), _curp, ("curp",), _HIGH),
)


@cache
def by_shape() -> dict[str, tuple[Scheme, ...]]:
    """Return the schemes that each shape may belong to."""
    shapes = dict.fromkeys(shape for scheme in SCHEMES for shape in scheme.shapes)
    return {shape: tuple(scheme for scheme in SCHEMES if shape in scheme.shapes) for shape in shapes}


_SEPARATORS = str.maketrans("", "", " -./")


def holds(scheme: Scheme, value: str) -> bool:
    """Whether ``value``, which has one of the scheme's shapes, passes its check digits and is no row of one digit."""
    bare = value.translate(_SEPARATORS)
    digits = "".join(character for character in bare if character.isdecimal())
    return len(set(digits)) > 1 and scheme.check(value if scheme.name == "FI HETU" else bare)
