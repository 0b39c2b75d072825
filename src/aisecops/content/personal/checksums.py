"""The check digits of cards, accounts and identity numbers. Each function takes characters without separators and says whether they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NO_DIGIT = re.compile("[^0-9]")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_VERHOEFF_PERMUTED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2), (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1), (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip
_MRZ_WEIGHTS = (7, 3, 1)


def digits_of(value: str) -> str:
    """Return the ASCII digits of ``value`` without whatever groups them."""
    return _NO_DIGIT.sub("", value)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: payment cards, Canadian SIN, Swedish and South African numbers."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def mod_97(text: str) -> bool:
    """ISO 7064 MOD 97-10 as in IBANs: the country and its check digits at the end, letters as 10 to 35, the whole leaves 1."""
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def mod_11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10: German tax numbers of persons, Croatian OIB."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (product + int(digits[-1])) % 10 == 1


def verhoeff(digits: str) -> bool:
    """Verhoeff's scheme over the dihedral group of order ten: Aadhaar."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _VERHOEFF_PERMUTED[position % 8][int(digit)])
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """The product of two elements of the dihedral group of order ten: 0 to 4 are rotations, 5 to 9 reflections."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def weighted(digits: str, weights: Sequence[int]) -> int:
    """Return the sum of each digit times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def weighted_mod_11(digits: str, weights: Sequence[int]) -> bool:
    """Whether the weighted sum of all digits is a multiple of eleven: Dutch BSN, Australian TFN."""
    return weighted(digits, weights) % 11 == 0


def brazilian(digits: str) -> bool:
    """CPF (11 digits) and CNPJ (14): two check digits, each from all before it with weights that grow to the left (CNPJ: from 2 to 9 and again)."""
    size, top = len(digits), 12 if len(digits) == 11 else 9
    for length in (size - 2, size - 1):
        weights = [(length - 1 - index) % (top - 1) + 2 for index in range(length)]
        if weighted(digits[:length], weights) * 10 % 11 % 10 != int(digits[length]):
            return False
    return True


def mrz(field: str, check: str) -> bool:
    """ICAO 9303: a field of a passport's machine-readable zone against its check digit; letters are 10 to 35, the filler is 0."""
    values = (0 if character == "<" else int(character, 36) for character in field)
    return check.isdecimal() and sum(value * _MRZ_WEIGHTS[index % 3] for index, value in enumerate(values)) % 10 == int(check)


def date(year: int, month: int, day: int) -> bool:
    """Whether this is a day that a person alive may have been born on."""
    return 1900 <= year <= 2035 and 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)
