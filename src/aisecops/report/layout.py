"""Styled lines: what a report says on a terminal, before anybody knows how wide it is or whether it has colours.

A line is a sequence of spans (text, style). Wrapping is done here, in display cells, so that a terminal with colours and a plain log break lines alike.
Every text passes ``inert.terminal`` on its way through ``wrap``: there is no other way to the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import category, east_asian_width

import msgspec

from aisecops.report.inert import line_start, terminal

Span = tuple[str, str]
"""Text, and the name of a style (``critical``, ``path``, ``dim``, ...; empty for none)."""

_ASCII = str.maketrans(
    {
        "·": "-",
        "—": "-",
        "–": "-",
        "…": "...",
        "×": "x",
        "✓": "ok",
        "≤": "<=",
        "≥": ">=",
        "✗": "x",
        "?": "?",
        "→": "->",
        "●": "*",
        "━": "-",
        "│": "|",
        "’": "'",
        "“": '"',
        "”": '"',
    }
)
_ATOM = re.compile(r"\s+|\S+")


class Line(msgspec.Struct, frozen=True):
    """One line; where it is too long, what follows is indented by ``hang`` cells."""

    spans: tuple[Span, ...] = ()
    hang: int = 0


def line(*spans: Span | str, hang: int = 0) -> Line:
    """Make a line; a bare string has no style."""
    return Line(tuple((span, "") if isinstance(span, str) else span for span in spans), hang)


def cells(text: str) -> int:
    """How many columns ``text`` takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(character: str) -> int:
    if category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def clip(text: str, limit: int) -> str:
    """Shorten ``text`` in the middle to ``limit`` characters: both ends of a path tell something."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 3
    return f"{text[:head]}…{text[-(limit - 1 - head) :]}"


def wrap(lines: Iterable[Line], width: int, encoding: str = "utf-8") -> Iterator[tuple[Span, ...]]:
    """Break ``lines`` to ``width`` cells, with every text inert and writable in ``encoding``."""
    for one in lines:
        spans = [(writable(terminal(text), encoding), style) for text, style in one.spans]
        yield from _break(spans, max(width, 10), one.hang if one.hang < width // 2 else 2)


def plain(lines: Iterable[Line], width: int, encoding: str = "utf-8") -> str:
    """Return ``lines`` as text without styles, each ended by a line feed."""
    rows = ("".join(text for text, _ in spans) for spans in wrap(lines, width, encoding))
    return "".join(f"{line_start(row)}\n" for row in rows)


def writable(text: str, encoding: str) -> str:
    """Return ``text`` as far as ``encoding`` can say it: our signs in ASCII, anything else as a visible escape."""
    if text.isascii() or encoding in {"utf-8", "utf8"}:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _break(spans: list[Span], width: int, hang: int) -> Iterator[tuple[Span, ...]]:
    text = "".join(text for text, _ in spans)
    room = max(width - max(hang, cells(text[: len(text) - len(text.lstrip())])), 1)
    margin = [(" " * hang, "")] if hang else []
    row: list[Span] = []
    used, bare = 0, False
    for atom in _atoms(spans, room):
        size = sum(cells(text) for text, _ in atom)
        blank = atom[0][0].isspace()
        if used + size > width and used > 0 and not (bare or (len(row) == 1 and row[0][0].isspace())):
            yield _joined(row)
            row, used, bare = list(margin), hang, True
        if not (blank and bare):
            row += atom
            used, bare = used + size, False
    if not bare:
        yield _joined(row)


def _joined(row: list[Span]) -> tuple[Span, ...]:
    """Put spans of one style together, and take the white space off the end."""
    joined: list[Span] = []
    for text, style in row:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    while joined and not joined[-1][0].strip():
        joined.pop()
    return (*joined[:-1], (joined[-1][0].rstrip(), joined[-1][1])) if joined else ()


def _atoms(spans: list[Span], room: int) -> Iterator[list[Span]]:
    """Runs of white space, and words of at most ``room`` cells: a word may consist of several spans that touch."""
    word: list[Span] = []
    for text, style in spans:
        for piece in _ATOM.findall(text):
            if piece.isspace():
                yield from _cut(word, room)
                yield [(piece, style)]
                word = []
            else:
                word.append((piece, style))
    yield from _cut(word, room)


def _cut(word: list[Span], room: int) -> Iterator[list[Span]]:
    """``word`` in pieces of at most ``room`` cells; nothing if it is empty."""
    piece: list[Span] = []
    used = 0
    for text, style in word:
        if used + cells(text) <= room:
            piece.append((text, style))
            used += cells(text)
            continue
        for character in text:
            if used + _cell(character) > room and piece:
                yield piece
                piece, used = [], 0
            piece.append((character, style))
            used += _cell(character)
    if piece:
        yield piece
