"""Text with its places: which line, column and notebook cell a character stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, count
from operator import add

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """A place as a person looks it up; all count from 1. In a notebook, ``line`` counts within ``cell``; elsewhere ``cell`` is ``None``."""

    line: int
    column: int = 1
    cell: int | None = None


class CellStart(msgspec.Struct, frozen=True):
    """From line ``first`` of a text on, its lines are those of ``cell``, beginning with the cell's ``line``."""

    first: int
    cell: int | None
    line: int = 1


class TextPart(msgspec.Struct, frozen=True):
    """A text within an asset that checks of text read.

    ``role``: ``code``, ``output`` (of a notebook's cell), ``prose`` or ``settings``. ``language`` as it is commonly called, in lower case (``python``, ``yaml``,
    ``text/html``). ``label`` says what it is, for people. Lines of a part whose ``cell`` is set count within that cell's part.
    """

    text: Text
    role: str
    language: str = ""
    label: str = ""
    cell: int | None = None


class Text:
    """A text that checks search, and the way back from an offset in it to a place in the file.

    Parameters
    ----------
    content : str
        The text. A line ends at a line feed, a carriage return, or both together, as in Python and in editors.
    cells : sequence of CellStart
        For a notebook, whose cells stand in one text: where each begins, in ascending order. Empty for a plain file.
    line : int
        The file's line on which a text taken out of a larger file begins.
    """

    __slots__ = ("_firsts", "_line", "_starts", "cells", "content")

    def __init__(self, content: str, cells: Sequence[CellStart] = (), line: int = 1) -> None:
        self.content = content
        self.cells = tuple(cells)
        self._firsts = [cell.first for cell in cells]
        self._line = line
        self._starts: list[int] | None = None

    def at(self, offset: int) -> Place:
        """Return the place of the character at ``offset``."""
        starts = self.starts
        number = bisect_right(starts, offset)
        return self.at_line(number, offset - starts[number - 1] + 1)

    def at_line(self, line: int, column: int = 1) -> Place:
        """Return the place of line ``line`` of the text (from 1)."""
        index = bisect_right(self._firsts, line) - 1
        if index < 0:
            return Place(line + self._line - 1, column)
        start = self.cells[index]
        return Place(line - start.first + start.line, column, start.cell)

    def line(self, line: int) -> str:
        """Return line ``line`` of the text (from 1) without its end; empty when there is none."""
        starts = self.starts
        if not 0 < line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.content)
        return self.content[starts[line - 1] : end].rstrip("\r\n")

    def offset(self, line: int, column: int = 1) -> int:
        """Return the offset of a line of the text and a column of it (both from 1)."""
        return self.starts[line - 1] + column - 1

    @property
    def starts(self) -> list[int]:
        """The offset of each line's first character; found on first use."""
        if self._starts is None:
            self._starts = _line_starts(self.content)
        return self._starts


def _line_starts(content: str) -> list[int]:
    starts = [0]
    if "\r" in content:
        from re import finditer

        starts += [match.end() for match in finditer(r"\r\n?|\n", content)]
        return starts
    lines = content.split("\n")
    starts += map(add, accumulate(map(len, lines)), count(1))
    starts.pop()
    return starts
