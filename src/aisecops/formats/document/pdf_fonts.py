"""From the codes of a PDF's strings to text: by the font's own map, by its encoding, by the glyphs' names."""

from __future__ import annotations

import re
from typing import Any

_PAIR = re.compile(rb"<([0-9A-Fa-f\s]{1,16})>\s*<([0-9A-Fa-f\s]{0,4096})>")
_RANGE = re.compile(rb"<([0-9A-Fa-f\s]{1,16})>\s*<([0-9A-Fa-f\s]{1,16})>\s*(?:<([0-9A-Fa-f\s]{0,256})>|\[([^\]]{0,100000})\])")
_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end(?:bfchar|bfrange)", re.DOTALL)
_SPACE = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_MOST_CODES = 70_000
_NAMES = {
    "space": " ", "period": ".", "comma": ",", "colon": ":", "semicolon": ";", "hyphen": "-", "quoteright": "\u2019", "quoteleft": "\u2018", "quotesingle": "'",
    "quotedbl": '"', "parenleft": "(", "parenright": ")", "slash": "/", "question": "?", "exclam": "!", "endash": "\u2013", "emdash": "\u2014", "bullet": "\u2022",
    "fi": "fi", "fl": "fl", "ff": "ff", "ffi": "ffi", "ffl": "ffl", "quotedblleft": "\u201c", "quotedblright": "\u201d", "zero": "0", "one": "1", "two": "2",
    "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "percent": "%", "at": "@", "ampersand": "&", "equal": "=",
    "plus": "+", "underscore": "_", "less": "<", "greater": ">", "bracketleft": "[", "bracketright": "]", "asterisk": "*", "numbersign": "#", "dollar": "$",
}  # fmt: skip


class PdfFont:
    """A font as far as text is read from it.

    Attributes
    ----------
    wide : bool
        Codes are of two bytes.
    sentences : list of str
        What single letters stand for, if that is more than two words: ligatures have four letters.
    """

    def __init__(self, font: Any) -> None:
        self._map: dict[int, str] = {}
        self._widths: dict[int, float] = {}
        self._first = 0
        self.wide = font.get("/Subtype") == "/Type0"
        self.ground = font.get("/Subtype") == "/Type3"
        self._read_encoding(font)
        stream = font.get("/ToUnicode")
        if stream is not None and hasattr(stream.get_object(), "get_data"):
            self._read_map(stream.get_object().get_data())
        if not self.wide:
            self._read_widths(font)
        self.sentences = [said for said in self._map.values() if said.count(" ") > 1]

    def text(self, codes: bytes) -> str:
        """Return what ``codes`` say."""
        if self.wide:
            numbers = [codes[i] << 8 | codes[i + 1] for i in range(0, len(codes) - 1, 2)]
            return "".join(self._map.get(number) or (chr(number) if not self._map and 32 <= number < 0xD800 else "") for number in numbers)
        return "".join(self._map.get(code) or bytes((code,)).decode("cp1252", "replace") for code in codes)

    def advance(self, codes: bytes) -> float:
        """Return the width of ``codes`` in units of the font's size; half of it a letter where the font does not say."""
        if self.wide:
            return len(codes) / 4
        return sum(self._widths.get(code, 0.5) for code in codes)

    def _read_encoding(self, font: Any) -> None:
        named = font.get("/Encoding")
        encoding: Any = named.get_object() if named is not None else None
        if self.wide or not hasattr(encoding, "get"):
            return
        code = 0
        for item in list(encoding.get("/Differences") or ())[:2_000]:
            if isinstance(item, int):
                code = int(item)
                continue
            self._map[code] = _glyph(str(item).lstrip("/"))
            code += 1

    def _read_widths(self, font: Any) -> None:
        first, widths = font.get("/FirstChar"), font.get("/Widths")
        if isinstance(first, int) and widths is not None:
            for number, width in enumerate(list(widths.get_object())[:512]):
                value = width.get_object() if hasattr(width, "get_object") else width
                if isinstance(value, (int, float)):
                    self._widths[int(first) + number] = float(value) / 1000

    def _read_map(self, data: bytes) -> None:
        space = _SPACE.search(data)
        if space and not self.wide:
            self.wide = len(space[1]) > 2
        for kind, block in _BLOCK.findall(data[: 4 << 20]):
            if kind == b"bfchar":
                for code, said in _PAIR.findall(block):
                    self._map[_number(code)] = _said(said)
            else:
                for low, high, said, listed in _RANGE.findall(block):
                    self._read_range(_number(low), _number(high), said, listed)
            if len(self._map) > _MOST_CODES:
                return

    def _read_range(self, low: int, high: int, said: bytes, listed: bytes) -> None:
        high = min(high, low + 65_535)
        if listed:
            for code, one in zip(range(low, high + 1), re.findall(rb"<([0-9A-Fa-f\s]{0,256})>", listed), strict=False):
                self._map[code] = _said(one)
            return
        text = _said(said)
        if text and len(self._map) + high - low <= _MOST_CODES:
            last = ord(text[-1])
            self._map |= {
                low + step: text[:-1] + chr(last + step) for step in range(high - low + 1) if last + step < 0xD800 or 0xE000 <= last + step < 0x110000
            }


def _number(digits: bytes) -> int:
    return int(b"".join(digits.split()) or b"0", 16)


def _said(digits: bytes) -> str:
    digits = b"".join(digits.split())
    data = bytes.fromhex(digits.decode() + "0" * (len(digits) % 2))
    return data.decode("utf-16-be", "ignore") if len(data) > 1 else data.decode("latin-1")


def _glyph(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    if len(name) == 1:
        return name
    if match := re.fullmatch(r"(?:uni|u)([0-9A-Fa-f]{4,6})", name):
        code = int(match[1], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    return ""
