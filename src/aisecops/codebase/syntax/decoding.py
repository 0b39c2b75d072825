"""From a file's bytes to its text, as Python decodes it."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from aisecops.codebase.syntax.source import Gap, Note

_CODINGS = (
    "utf",
    "latin",
    "iso8859",
    "ascii",
    "cp",
    "koi8",
    "mac",
    "gb",
    "big5",
    "euc",
    "shift_jis",
    "iso2022",
    "johab",
    "hz",
    "tis",
    "hp",
    "ptcp",
    "kz1048",
    "raw_unicode_escape",
    "unicode_escape",
)
"""Beginnings of the names of codecs that a file may ask for. Others (``punycode``, ``idna``) take quadratic time, or are no text encodings."""
_HIDING = ("utf-7", "unicode-escape", "raw-unicode-escape")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Decoded(NamedTuple):
    """A text with what was odd about its bytes."""

    text: str
    notes: tuple[Note, ...] = ()
    gaps: tuple[Gap, ...] = ()


def decode(data: bytes) -> Decoded:
    """Decode Python source.

    A byte order mark and a coding line (PEP 263) are obeyed, as Python does, and UTF-8 is assumed without. Where Python would refuse the file the text is still
    made, so that it can be examined: the result says so. Notes: ``declared-encoding``, ``hiding-encoding``, ``utf-16``, ``latin-1``, ``null-bytes``.
    """
    if data.isascii() and b"coding" not in data[:400] and b"\0" not in data:
        return Decoded(data.decode("ascii"))
    if data.startswith(_UTF16) and not len(data) % 2:
        return _utf16(data)
    text, notes, gaps = _decoded(data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        notes += (Note("null-bytes", "holds null bytes; some versions of Python refuse it, others skip the rest of the line", line),)
        gaps += (Gap("bad-input", "holds a null byte, which was read as a blank", line, line, "Remove the null bytes."),)
        text = text.replace("\0", " ")
    return Decoded(text, notes, gaps)


def _decoded(data: bytes) -> Decoded:
    mark = data.startswith(codecs.BOM_UTF8)
    data = data[3:] if mark else data
    name = _declared(data)
    notes: tuple[Note, ...] = ()
    if name and not mark:
        codec = _codec(name)
        if codec is None:
            notes = (Note("declared-encoding", f"declares the encoding {name[:40]!a}, which is not one that a source may have"),)
        elif codec.name not in ("utf-8", "utf-8-sig"):
            kind = "hiding-encoding" if codec.name.replace("_", "-") in _HIDING else "declared-encoding"
            notes = (Note(kind, f"is written in {codec.name}"),)
            try:
                return Decoded(data.decode(codec.name), notes)
            except (ValueError, Warning):  # unicode_escape warns of escapes that it does not know, which somebody may have turned into an error
                pass
    try:
        return Decoded(data.decode("utf-8"), notes)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = "is not valid UTF-8: Python refuses the file, it was read as Latin-1"
        return Decoded(
            data.decode("latin-1"), (*notes, Note("latin-1", reason, line)), (Gap("bad-input", reason, line, line, "Save the file as UTF-8."),)
        )


def _utf16(data: bytes) -> Decoded:
    reason = "is UTF-16, which Python refuses as source"
    return Decoded(
        data.decode("utf-16", "replace").replace("\0", " "), (Note("utf-16", reason),), (Gap("bad-input", reason, 1, 1, "Save the file as UTF-8."),)
    )


def _codec(name: str) -> codecs.CodecInfo | None:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return codec if codec.name.replace("-", "_").startswith(_CODINGS) and not codec.name.startswith(("utf-16", "utf-32")) else None


def _declared(data: bytes) -> str:
    """Return the encoding that the first or second line declares."""
    if b"coding" not in data[:400]:
        return ""
    import re

    for line in re.split(rb"\r\n?|\n", data[:4096], maxsplit=2)[:2]:
        match = re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
        if match:
            return match[1].decode("ascii", "replace")
        if not re.match(rb"[ \t\f]*(?:#.*)?\Z", line):
            break
    return ""
