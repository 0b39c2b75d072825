"""The check digits, dates and letters that each state's numbers of persons must satisfy. Each function takes a number without separators.

Sources: the issuers' publications, as collected in Wikipedia's "National identification number" and its pages by country.
"""

from __future__ import annotations

from aisecops.content.personal.checksums import date, luhn, mod_11_10, weighted, weighted_mod_11


def us_ssn(n: str) -> bool:
    """Social Security number: areas, groups and serials that were never given out."""
    return n[:3] not in ("000", "666") and n[0] != "9" and n[3:5] != "00" and n[5:] != "0000"


def us_itin(n: str) -> bool:
    """Individual taxpayer number: begins with 9, its group is one of those in use."""
    return n[0] == "9" and (50 <= int(n[3:5]) <= 65 or 70 <= int(n[3:5]) <= 88 or 90 <= int(n[3:5]) <= 99)


def uk_nino(n: str) -> bool:
    """National Insurance number: letters that HMRC does not use."""
    prefix = n[:2]
    return not (set(prefix) & set("DFIQUV") or prefix[1] == "O" or prefix in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")) and n[-1] in "ABCD"


def uk_nhs(n: str) -> bool:
    """NHS number: weights 10 to 2, modulo 11."""
    return weighted(n, range(10, 1, -1)) % 11 == (-int(n[9])) % 11 and n[0] != "0"


def german_tax(n: str) -> bool:
    """Steuer-ID: one digit stands two or three times among the first ten; ISO 7064 MOD 11,10."""
    repeated = sorted(count for digit in set(n[:10]) if (count := n[:10].count(digit)) > 1)
    return n[0] != "0" and repeated in ([2], [3]) and mod_11_10(n)


def french_nir(n: str) -> bool:
    """NIR: month of birth, and a key modulo 97; Corsica's letters count as numbers."""
    if n[0] not in "1234" or len(n) != 15:
        return False
    month = n[3:5]
    number = n[:13].replace("2A", "19").replace("2B", "18")
    return (1 <= int(month) <= 12 or 20 <= int(month) <= 42 or int(month) >= 50) and number.isdecimal() and 97 - int(number) % 97 == int(n[13:])


def spanish(n: str) -> bool:
    """DNI and NIE: the letter is the number modulo 23."""
    digits = ("012"["XYZ".index(n[0])] if n[0] in "XYZ" else n[0]) + n[1:-1]
    return digits.isdecimal() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == n[-1]


_ITALIAN_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)


def italian(n: str) -> bool:
    """Codice fiscale: letter of the month, day of birth (women plus 40), control character."""
    odd = sum(_ITALIAN_ODD[character] for character in n[:15:2])
    even = sum(int(character, 36) - (10 if character.isalpha() else 0) for character in n[1:15:2])
    return n[8] in "ABCDEHLMPRST" and int(n[9:11]) % 40 in range(1, 32) and (odd + even) % 26 == ord(n[15]) - 65


def pesel(n: str) -> bool:
    """PESEL: day of birth with the century in the month, weights 1, 3, 7, 9."""
    century, month = {8: 1800, 0: 1900, 2: 2000}.get(int(n[2]) // 2 * 2, 0), int(n[2:4]) % 20
    return date(century + int(n[:2]), month, int(n[4:6])) and weighted(n, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def indian_pan(n: str) -> bool:
    """PAN: the fourth letter says what kind of taxpayer."""
    return n[3] in "ABCFGHJLPT"


def australian_medicare(n: str) -> bool:
    """Medicare number: weights 1, 3, 7, 9."""
    return n[0] in "23456" and weighted(n, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(n[8])


def _six_digit_date(n: str, *, day_first: bool = False) -> bool:
    first, month, last = int(n[:2]), int(n[2:4]), int(n[4:6])
    return date(2000, month, first if day_first else last)


def swedish(n: str) -> bool:
    """Personnummer: a day, and Luhn over ten digits."""
    n = n[-10:]
    return _six_digit_date(n) and luhn(n)


def finnish(n: str) -> bool:
    """Henkilötunnus: a day, and a character modulo 31."""
    return _six_digit_date(n, day_first=True) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(n[:6] + n[7:10]) % 31] == n[10]


def belgian(n: str) -> bool:
    """National number: a day, and 97 less the rest; a 2 in front for those born from 2000 on."""
    return any(97 - int(century + n[:9]) % 97 == int(n[9:]) for century in ("", "2")) and int(n[2:4]) % 20 <= 12 and int(n[4:6]) <= 31


def swiss(n: str) -> bool:
    """AHV number: an EAN-13 that begins with 756."""
    return n.startswith("756") and weighted(n, (1, 3) * 6 + (1,)) % 10 == 0


def chinese(n: str) -> bool:
    """Resident identity number (GB 11643): a day, and ISO 7064 MOD 11-2."""
    if not n[:17].isdecimal() or not date(int(n[6:10]), int(n[10:12]), int(n[12:14])):
        return False
    return "10X98765432"[weighted(n, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11] == n[17]


def korean(n: str) -> bool:
    """Resident registration number, as given out until 2020: a day and a check digit."""
    return _six_digit_date(n) and n[6] in "12345678" and (11 - weighted(n, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(n[12])


def south_african(n: str) -> bool:
    """Identity number: a day, citizenship, Luhn."""
    return _six_digit_date(n) and n[10] in "01" and luhn(n)


def singaporean(n: str) -> bool:
    """NRIC and FIN: weights 2, 7 to 2, a letter of the kind of holder."""
    remainder = (weighted(n[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if n[0] in "TG" else 0)) % 11
    return n[0] in "STFG" and ("JZIHGFEDCBA" if n[0] in "ST" else "XWUTRQPNMLK")[remainder] == n[8]


def taiwanese(n: str) -> bool:
    """Identity number: the first letter counts as two digits."""
    order = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(n[0]) + 10
    return n[1] in "1289" and (order // 10 + order % 10 * 9 + weighted(n[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def turkish(n: str) -> bool:
    """Kimlik: two check digits."""
    odd, even = sum(map(int, n[0:9:2])), sum(map(int, n[1:8:2]))
    return n[0] != "0" and (odd * 7 - even) % 10 == int(n[9]) and sum(map(int, n[:10])) % 10 == int(n[10])


def japanese(n: str) -> bool:
    """My number: weights modulo 11."""
    remainder = weighted(n, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if remainder <= 1 else 11 - remainder) == int(n[11])


def norwegian(n: str) -> bool:
    """Fødselsnummer: two check digits modulo 11."""
    first = weighted_mod_11(n[:10], (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
    return first and weighted_mod_11(n, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) and 1 <= int(n[2:4]) <= 12


def curp(n: str) -> bool:
    """CURP: sex, and a day."""
    return n[10] in "HMX" and n[17].isdecimal() and date(2000, int(n[6:8]), int(n[8:10]))


def czech(n: str) -> bool:
    """Rodné číslo, Slovakia's as well: the month of women is 50 higher, of crowded days 20.

    Ten digits are a multiple of eleven; nine, given out before 1954, have no check digit.
    """
    month = int(n[2:4]) % 50
    checked = len(n) == 9 or int(n) % 11 == 0 or (int(n[:9]) % 11 == 10 and n[9] == "0")
    return checked and date(2000, month - 20 if month > 20 else month, int(n[4:6]))


def greek(n: str) -> bool:
    """AMKA: a day, and Luhn."""
    return _six_digit_date(n, day_first=True) and luhn(n)


def romanian(n: str) -> bool:
    """CNP: sex and century, a day, a check digit."""
    remainder = weighted(n, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return n[0] != "0" and _six_digit_date(n[1:]) and (1 if remainder == 10 else remainder) == int(n[12])


def bulgarian(n: str) -> bool:
    """EGN: the month is 20 higher for those born before 1900, 40 higher for those born from 2000 on."""
    return date(2000, int(n[2:4]) % 20, int(n[4:6])) and int(n[2:4]) <= 52 and weighted(n, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(n[9])


def yugoslav(n: str) -> bool:
    """JMBG of Serbia, Bosnia, Slovenia, Montenegro and North Macedonia."""
    remainder = weighted(n, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return _six_digit_date(n, day_first=True) and remainder != 1 and (11 - remainder) % 11 == int(n[12])


def danish(n: str) -> bool:
    """CPR: a day. Its check digit is no longer used."""
    return _six_digit_date(n, day_first=True)


def irish(n: str) -> bool:
    """PPS: seven digits, a check letter, and perhaps a second letter: A to I count nine times, the older T, W and X do not."""
    second = "TABCDEFGHI".find(n[8:].replace("W", "T").replace("X", "T") or "T")
    return second >= 0 and "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(n[:7], range(8, 1, -1)) + 9 * second) % 23] == n[7]


def baltic(n: str) -> bool:
    """Estonia and Lithuania: century and sex, a day, and a check digit from a second row of weights where the first leaves ten."""
    remainder = weighted(n, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if remainder == 10:
        remainder = weighted(n, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return n[0] in "12345678" and _six_digit_date(n[1:]) and remainder == int(n[10])


def thai(n: str) -> bool:
    """Identity number: weights 13 to 2, modulo 11."""
    return n[0] != "0" and (11 - weighted(n, range(13, 1, -1)) % 11) % 10 == int(n[12])


def indonesian(n: str) -> bool:
    """NIK: region, then a day, to which 40 is added for women. No check digit."""
    return n[0] != "0" and date(2000, int(n[8:10]), int(n[6:8]) % 40)


def malaysian(n: str) -> bool:
    """MyKad: a day; no check digit."""
    return _six_digit_date(n)


def snils(n: str) -> bool:
    """SNILS: weights 9 to 1, modulo 101."""
    return weighted(n, range(9, 0, -1)) % 101 % 100 == int(n[9:])


def russian_tax(n: str) -> bool:
    """INN of a person: twelve digits, the last two check."""
    eleventh = weighted(n, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    twelfth = weighted(n, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return (eleventh, twelfth) == (int(n[10]), int(n[11]))


def ukrainian(n: str) -> bool:
    """RNOKPP: weights modulo 11."""
    return weighted(n, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == int(n[9])


def argentine(n: str) -> bool:
    """CUIL: sex or kind, the identity document, a check digit."""
    return n[:2] in ("20", "23", "24", "27") and (-weighted(n, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11 == int(n[10])


def chilean(n: str) -> bool:
    """RUT: weights 2 to 7 from the right, modulo 11, K for ten."""
    return "0123456789K"[(-weighted(n[-2::-1], (2, 3, 4, 5, 6, 7, 2, 3))) % 11] == n[-1]


def ecuadorian(n: str) -> bool:
    """Cédula: province, a third digit below six, Luhn."""
    return (1 <= int(n[:2]) <= 24 or n[:2] == "30") and n[2] < "6" and luhn(n)


def emirati(n: str) -> bool:
    """Emirates ID: begins with 784, Luhn."""
    return n.startswith("784") and luhn(n)


def hong_kong(n: str) -> bool:
    """HKID: one letter, six digits, and a check digit or A for ten; the missing first letter counts 36."""
    return n[7] in "0123456789A" and (36 * 9 + (ord(n[0]) - 55) * 8 + weighted(n[1:7], range(7, 1, -1)) + int(n[7], 16)) % 11 == 0


def portuguese(n: str) -> bool:
    """NIF of a natural person."""
    remainder = weighted(n, range(9, 1, -1)) % 11
    return n[0] in "123" and (0 if remainder < 2 else 11 - remainder) == int(n[8])


def hungarian(n: str) -> bool:
    """TAJ, the number of social security."""
    return weighted(n, (3, 7) * 4) % 10 == int(n[8])


def mexican_tax(n: str) -> bool:
    """RFC of a person: four letters, a day, three characters."""
    return date(2000, int(n[6:8]), int(n[8:10]))


def austrian(n: str) -> bool:
    """Social insurance number: the fourth digit checks the others, the last six are the day of birth."""
    return (
        n[0] != "0"
        and _six_digit_date(n[4:], day_first=True)
        and (weighted(n[:3], (3, 7, 9)) + weighted(n[4:], (5, 8, 4, 2, 1, 6))) % 11 == int(n[3])
    )
