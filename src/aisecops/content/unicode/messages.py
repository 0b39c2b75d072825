"""Bytes and bits that somebody wrote in characters which nobody sees, back into text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

MOST_DECODED = 2_000
"""Characters of a decoded message that are kept."""
_MOST_BITS = 8 * MOST_DECODED


def readable(data: bytes) -> str:
    """Return ``data`` as text when it reads as a message (UTF-8, printable, letters, not one pattern repeated), else an empty string."""
    try:
        text = data[: 4 * MOST_DECODED].strip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return ""
    plain = text.replace("\n", " ").replace("\t", " ")
    if len(set(plain)) < 3 or not plain.isprintable():
        return ""
    worded = sum(character.isalnum() or character == " " for character in plain)
    return text[:MOST_DECODED] if worded >= 0.6 * len(plain) else ""


def from_symbols(symbols: str) -> str:
    """Return the message in a row of invisible characters that stand for bits (two kinds, a third as separator) or pairs of bits (four kinds)."""
    texts = [text for bits in _as_bits(symbols[:_MOST_BITS]) for width in (8, 7, 16) if (text := readable(_packed(bits, width)))]
    return next((text for text in texts if text.isascii()), texts[0] if texts else "")  # inverted bits can be valid UTF-8, too: of rare scripts


def _as_bits(symbols: str) -> Iterator[str]:
    kinds = sorted(set(symbols), key=lambda symbol: -symbols.count(symbol))[:4]
    if len(kinds) in (2, 3):
        for zero, one in permutations(kinds[:2]):
            kept = "".join(symbol for symbol in symbols if symbol in (zero, one))
            yield kept.replace(zero, "0").replace(one, "1")
    if len(kinds) == 4:
        for digits in permutations(("00", "01", "10", "11")):
            yield symbols.translate({ord(kind): digit for kind, digit in zip(kinds, digits, strict=True)})


def _packed(bits: str, width: int) -> bytes:
    if len(bits) < 3 * width or len(bits) % width or bits.strip("01"):
        return b""
    values = [int(bits[i : i + width], 2) for i in range(0, len(bits), width)]
    return "".join(map(chr, values)).encode("utf-8", "ignore") if width != 8 else bytes(values)


def from_selectors(selectors: str) -> str:
    """Return the message in variation selectors, of which there are 256: one for each byte."""
    codes = [ord(character) for character in selectors[:_MOST_BITS]]
    return readable(bytes(code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16 for code in codes))


def from_tags(tags: str) -> str:
    """Return the message in characters of the tags block, each an ASCII character 0xE0000 higher."""
    return "".join(chr(ord(tag) - 0xE0000) for tag in tags[:MOST_DECODED] if 0x20 <= ord(tag) - 0xE0000 < 0x7F)
