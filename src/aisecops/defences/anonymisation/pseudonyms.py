"""Keyed pseudonyms: the same value gets the same one in every file under a key and a domain, and without the key nobody can tell whose it is."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase, digits

from aisecops.content.personal.checksums import mod_97
from aisecops.datasets.masking import PSEUDONYMS, Method
from aisecops.defences.anonymisation.keys import MaskingKey
from aisecops.defences.anonymisation.permutation import SMALLEST, permuted

_LETTERS = 13
"""Characters of five bits: 65 bits, so that a thousand million values collide with a chance of 3 in 100."""
_WHOLE = re.compile(r"-?[1-9][0-9]{0,17}|0")
_ALPHABETS = {**dict.fromkeys(digits, digits), **dict.fromkeys(ascii_uppercase, ascii_uppercase), **dict.fromkeys(ascii_lowercase, ascii_lowercase)}
_HARDWARE = re.compile("[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\\1){4}[0-9A-Fa-f]{2}")
_TWO_DIGIT_CODES = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split()
)
"""ITU-T E.164: country codes of two digits; those that begin with 1 and 7 have one, all others three."""
_EXACT = 15
"""Digits of a whole number that float64 holds exactly, whatever they are."""
_CACHED = 1 << 18


class Pseudonyms:
    """Gives pseudonyms.

    Parameters
    ----------
    key
        Of one domain.
    """

    def __init__(self, key: MaskingKey) -> None:
        self._keys = {method: key.derive(f"pseudonym {method.value}") for method in PSEUDONYMS}
        self._made: dict[tuple[Method, str], str] = {}

    def of(self, method: Method, value: str) -> str:
        """Return the pseudonym of ``value``; surrounding white space does not count.

        Where the format has no place to hide (fewer than a million values of this shape, or no such format at all), it is an opaque token; an account that is no
        IBAN keeps its shape.
        """
        known = (method, value.strip())
        made = self._made.get(known)
        if made is None:
            made = _MAKERS[method](self._keys[method], known[1]) or token(self._keys[Method.TOKEN], known[1])
            if len(self._made) >= _CACHED:
                self._made.clear()
            self._made[known] = made
        return made


def opaque(key: bytes, value: str) -> str:
    """Return 13 letters and digits that stand for ``value``."""
    return base64.b32encode(hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")).decode("ascii")[:_LETTERS].lower()


def token(key: bytes, value: str) -> str:
    """Return a whole number for a whole number of up to 15 digits, below 10^15, which float64 holds exactly; else an opaque token."""
    if not _WHOLE.fullmatch(value):
        return f"t-{opaque(key, value)}"
    sign, number = ("-", value[1:]) if value[0] == "-" else ("", value)
    if len(number) <= _EXACT:
        return sign + str(permuted(key, int(number), 10**_EXACT, b"whole"))
    return sign + str(10**_EXACT + permuted(key, int(number) - 10**_EXACT, 10**18 - 10**_EXACT, b"long"))


def email(key: bytes, value: str) -> str:
    """Return an address at ``masked.example`` (RFC 2606: nobody's); capitals do not count."""
    return f"{opaque(key, value.casefold())}@masked.example" if "@" in value else ""


def name(key: bytes, value: str) -> str:
    """Return ``Name-`` and a token; capitals and the number of spaces do not count."""
    return f"Name-{opaque(key, ' '.join(value.casefold().split()))}"


def phone(key: bytes, value: str) -> str:
    """Return a number of the same country code, length and spacing; the same digits get the same ones however they are spaced."""
    places = [index for index, character in enumerate(value) if character in digits]
    said = "".join(value[index] for index in places)
    if value.lstrip("( ").startswith("+"):
        kept = _code_length(said)
    elif said.startswith("00"):
        kept = 2 + _code_length(said[2:])
    else:
        kept = 1 if said.startswith("0") else 0
    hidden = said[kept:]
    if 10 ** len(hidden) < SMALLEST:
        return ""
    country = said[:kept].removeprefix("00").encode("ascii")
    first_fits = _first_digit(said, kept, hidden)
    number = permuted(key, int(hidden), 10 ** len(hidden), b"%d:%b" % (len(hidden), country), first_fits)
    return _written(value, dict(zip(places[kept:], str(number).zfill(len(hidden)), strict=True)))


def _code_length(said: str) -> int:
    return 1 if said[:1] in "17" else 2 if said[:2] in _TWO_DIGIT_CODES else 3


def _first_digit(said: str, kept: int, hidden: str) -> Callable[[int], bool]:
    """A number that does not begin with 0 goes on not to; in North America area and exchange begin with 2 to 9, where they do."""
    width = len(hidden)
    american = width == 10 and said[:kept] in ("", "1") and hidden[0] in "23456789" and hidden[3] in "23456789"
    if american:
        return lambda number: number >= 2 * 10**9 and number // 10**6 % 10 >= 2
    zero = hidden[0] == "0"
    return lambda number: (number < 10 ** (width - 1)) == zero


def card(key: bytes, value: str) -> str:
    """Return a number with the same first digit and spacing whose Luhn digit is right if that of ``value`` is, and wrong if not."""
    places = [index for index, character in enumerate(value) if character in digits]
    said = "".join(value[index] for index in places)
    hidden = said[1:-1]
    if 10 ** len(hidden) < SMALLEST:
        return ""
    number = str(permuted(key, int(hidden), 10 ** len(hidden), said[:1].encode("ascii"))).zfill(len(hidden))
    off = int(said[-1]) - _luhn_digit(said[:-1])
    masked = said[0] + number
    masked += str((_luhn_digit(masked) + off) % 10)
    return _written(value, dict(zip(places, masked, strict=True)))


def _luhn_digit(payload: str) -> int:
    """The check digit that belongs behind ``payload``."""
    values = [int(digit) for digit in reversed(payload)]
    return -(sum(sum(divmod(2 * value, 10)) for value in values[::2]) + sum(values[1::2])) % 10


def iban(key: bytes, value: str) -> str:
    """Return an account of the same country, shape and spacing with check digits that hold; for what is no IBAN, one of the same shape."""
    places = [index for index, character in enumerate(value) if character != " "]
    said = "".join(value[index] for index in places).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", said) or not mod_97(said):
        return number(key, value)
    account = shaped(key, said[4:], said[:2].encode("ascii"))
    if not account:
        return ""
    check = 98 - int("".join(str(int(character, 36)) for character in f"{account}{said[:2]}00")) % 97
    masked = f"{said[:2]}{check:02}{account}"
    return _written(value, dict(zip(places, masked.lower() if value.islower() else masked, strict=True)))


def number(key: bytes, value: str) -> str:
    """Return an identity number of the same shape: digits for digits, letters for letters, the rest as it is. Its own check digits are not kept.

    A hardware address gets a locally administered one (IEEE 802: no vendor's), not one to one.
    """
    if _HARDWARE.fullmatch(value):
        raw = (b"\x02" + hmac.digest(key, re.sub("[:-]", "", value).lower().encode("ascii"), "sha256")[:5]).hex()
        pairs = value[2].join(raw[index : index + 2] for index in range(0, 12, 2))
        return pairs.upper() if value.upper() == value else pairs
    places = [index for index, character in enumerate(value) if character in _ALPHABETS]
    masked = shaped(key, "".join(value[index] for index in places), b"")
    return _written(value, dict(zip(places, masked, strict=True))) if masked else ""


def internet_address(key: bytes, value: str) -> str:
    """Return an address of IPv4 in 10.0.0.0/8 or of IPv6 in fd00::/8, which are no host's on the internet; not one to one among IPv4 addresses."""
    import ipaddress

    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return ""
    raw = hmac.digest(key, address.packed, "sha256")
    return str(ipaddress.IPv4Address(b"\x0a" + raw[:3]) if address.version == 4 else ipaddress.IPv6Address(b"\xfd" + raw[:15]))


def shaped(key: bytes, value: str, tweak: bytes) -> str:
    """Return other digits for digits and other letters for letters; empty where fewer than a million values have this shape."""
    alphabets = [_ALPHABETS[character] for character in value]
    size, number = 1, 0
    for character, alphabet in zip(value, alphabets, strict=True):
        size, number = size * len(alphabet), number * len(alphabet) + alphabet.index(character)
    if size < SMALLEST:
        return ""
    shape = "".join(alphabet[0] for alphabet in alphabets).encode("ascii")
    number = permuted(key, number, size, shape + b":" + tweak)
    masked = []
    for alphabet in reversed(alphabets):
        number, index = divmod(number, len(alphabet))
        masked.append(alphabet[index])
    return "".join(reversed(masked))


def _written(value: str, changed: dict[int, str]) -> str:
    return "".join(changed.get(index, character) for index, character in enumerate(value))


_MAKERS: dict[Method, Callable[[bytes, str], str]] = {
    Method.TOKEN: token,
    Method.EMAIL: email,
    Method.PHONE: phone,
    Method.CARD: card,
    Method.IBAN: iban,
    Method.IP: internet_address,
    Method.NAME: name,
    Method.DIGITS: number,
}
