"""What a text says, plainly and beneath: as it reads, with white space evened out, and what is hidden or encoded in it."""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.unicode import Normalised, hidden, normalised
from aisecops.content.unicode.messages import readable

_SPACE = re.compile(
    r"[ \t\r\f\v\u00a0\u2000-\u200a\u3000]*\n[ \t\r\f\v]*(?:[#*>/;|]{0,3}[ \t]+)?(?:\n\s*)?|[ \t\r\f\v\u00a0\u2000-\u200a\u3000]{2,}|[\t\r\f\v\u00a0]"
)
_PARAGRAPH = re.compile(r"\n[ \t\r\f\v#*>/;|]*\n")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/]{32,4096}={0,2}(?![A-Za-z0-9+/])")
_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{2}){24,2048}(?![0-9A-Za-z])|(?<![0-9A-Za-z])(?:[0-9A-F]{2}){24,2048}(?![0-9A-Za-z])|(?:\\x[0-9A-Fa-f]{2}){12,2048}"
)
_PERCENT = re.compile(r"(?:[\w.~-]{0,40}%[0-9A-Fa-f]{2}){8,400}[\w.~-]{0,40}")
_ENTITIES = re.compile(r"(?:&#x?[0-9A-Fa-f]{2,6};){8,2000}")
_SPELLED = re.compile(r"(?<![A-Za-z])(?:[A-Za-z][ ._*-]{1,3}){6,200}[A-Za-z](?![A-Za-z])")
_DIGITS = str.maketrans("0134579@$", "oieastgas")
_MIXED = re.compile(r"(?<![\w.+/=-])(?=[A-Za-z0-9@$]*[A-Za-z])(?=[A-Za-z0-9@$]*[0134579@$])[A-Za-z0-9@$]{3,20}(?![\w:+/=-])")
_FEWEST_MIXED = 4
_MOST_DECODED = 40


class View(msgspec.Struct, frozen=True):
    """A reading of a text: in lower case, single spaces, a line feed between paragraphs.

    ``places`` lead back to the normalised text, ``plain``: (offset here, offset there), ascending. ``around`` is the part of the original that a piece which was
    hidden or encoded there takes, and ``hiddenness`` says that somebody took that trouble.
    """

    text: str
    places: list[tuple[int, int]]
    plain: Normalised
    around: tuple[int, int] | None = None
    hiddenness: Evidence | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that ``text[start:end]`` stands in."""
        return self.around or self.plain.span(self._there(start), self._there(max(end - 1, start)) + 1)

    def _there(self, offset: int) -> int:
        here, there = self.places[bisect_right(self.places, (offset, 1 << 60)) - 1]
        return min(there + offset - here, max(len(self.plain.text) - 1, 0))


def views(text: str) -> Iterator[View]:
    """Yield the readings of ``text``: first the plain one, then what is hidden or encoded in it, at most forty pieces."""
    yield _evened(text)
    for start, end, said, evidence in _beneath(text):
        flat = _evened(said)
        yield View(flat.text, flat.places, flat.plain, (start, end), evidence)


def _evened(text: str) -> View:
    plain = normalised(text)
    lowered = plain.text.lower()
    if len(lowered) != len(plain.text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in plain.text)
    pieces: list[str] = []
    places: list[tuple[int, int]] = [(0, 0)]
    length = position = 0
    for match in _SPACE.finditer(lowered):
        pieces.append(lowered[position : match.start()])
        pieces.append("\n" if _PARAGRAPH.match(match[0].lstrip(" \t\r")) else " ")
        length += match.start() - position + 1
        position = match.end()
        places.append((length, position))
    pieces.append(lowered[position:])
    return View("".join(pieces), places, plain)


def _beneath(text: str) -> Iterator[tuple[int, int, str, Evidence]]:
    found = 0
    for item in hidden(text):
        if item.decoded and len(item.decoded) >= 12:
            yield item.start, item.end, item.decoded, Evidence.HIDDEN
            found += 1
        if found >= _MOST_DECODED:
            return
    for start, end, said in _encoded(text):
        yield start, end, said, Evidence.ENCODED
        found += 1
        if found >= _MOST_DECODED:
            return


def _encoded(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _BASE64.finditer(text):
        if said := _from_base64(match[0]):
            yield match.start(), match.end(), said
    for match in _HEX.finditer(text):
        if said := readable(bytes.fromhex(match[0].replace("\\x", ""))):
            yield match.start(), match.end(), said
    if "%2" in text or "%6" in text:
        for match in _PERCENT.finditer(text):
            said = readable(re.sub(rb"%([0-9A-Fa-f]{2})", lambda code: bytes.fromhex(code[1].decode()), match[0].encode("ascii", "ignore")))
            if said:
                yield match.start(), match.end(), said
    if "&#" in text:
        from html import unescape

        for match in _ENTITIES.finditer(text):
            yield match.start(), match.end(), unescape(match[0])
    for match in _SPELLED.finditer(text):
        yield match.start(), match.end(), _joined(match[0])
    yield from _in_digits(text)


def _in_digits(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield lines of which most words have digits for letters, as letters; a one may be an i or an l."""
    start = 0
    for line in text.splitlines(keepends=True):
        mixed = len(_MIXED.findall(line[:4096]))
        if mixed >= _FEWEST_MIXED and mixed >= len(line[:4096].split()) / 3:
            yield start, start + len(line), re.sub(r"11", "ll", line[:4096]).translate(_DIGITS)
        start += len(line)


def _from_base64(text: str) -> str:
    try:
        said = readable(binascii.a2b_base64(text + "=" * (-len(text) % 4)))
    except binascii.Error:
        return ""
    return said if " " in said else ""


def _joined(spelled: str) -> str:
    """Letters that stand one by one, as words: a wider gap, if there is one, is a gap between words; else the known verbs are cut off."""
    if "  " in spelled:
        return " ".join(re.sub(r"[ ._*-]", "", word) for word in spelled.split("  "))
    joined = re.sub(r"[ ._*-]", "", spelled)
    return re.sub(r"(?i)(ignore|disregard|forget|all|any|previous|prior|above|your|the|system)(?=\w)", r"\1 ", joined)
