"""Hostile text made inert before it enters the record.

Names and strings in examined files are written by an attacker. The record keeps them readable and harmless: control characters, bidirectional
overrides, lone surrogates and other invisible code points become visible escapes, and length is bounded. Each report format then quotes for its own syntax.
"""

from __future__ import annotations

import os
from unicodedata import category

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLANE_14 = "\U000e0000"
"""From here on there are only tags, variation selectors and private use: all unseen, all able to carry a message."""


def inert(text: str, limit: int = 300) -> str:
    r"""Return ``text`` with every invisible or control character escaped (``\x1b``, ``\u202e``), cut to ``limit`` characters.

    A backslash of the input is kept as it is: the result is for reading, not for decoding back.
    """
    cut = text[: limit + 1]
    if not cut.isascii() or not cut.isprintable():
        cut = "".join(_escape(c) if c >= _PLANE_14 or category(c) in _INVISIBLE else c for c in cut)
    return cut if len(cut) <= limit else cut[: limit - 1] + "…"


def count(number: int, noun: str, verb: str = "") -> str:
    """``1 check``, ``12 checks``, ``1,204 dependency sets``; with the ``verb`` in both numbers, ``has/have``: ``1 row has``, ``2 rows have``."""
    return f"{number:,} {_plural(noun, number)}{agreeing(number, verb)}"


def count_of(number: int, total: int, noun: str, verb: str = "") -> str:
    """``1 of 400 rows``, ``1 of 1 row``; with the ``verb`` in both numbers, which goes with ``number``: ``1 of 400 rows has``."""
    return f"{number:,} of {count(total, noun)}{agreeing(number, verb)}"


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") else noun + ("es" if noun.endswith(("s", "x")) else "s")


def agreeing(number: int, verb: str) -> str:
    """`` has`` or `` have`` of ``has/have``, as ``number`` wants it; empty without a verb."""
    one, _, many = verb.partition("/")
    return f" {one if number == 1 else many}" if verb else ""


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert_path(path: str) -> str:
    """Return a path as the record holds it: valid Unicode, with undecodable bytes and control characters escaped, never shortened."""
    if path.isascii() and path.isprintable():
        return path
    try:
        text = os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a name that no file system gave us: inside an archive
        text = path
    return inert(text, limit=1 << 16)
