"""A sheet of paper for the pictures of lessons: tables with marked cells, bars, passages, and what the program says of them, one below the other, as SVG."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding
from aisecops.core.taxonomy import Severity

WIDTH, MARGIN = 760, 16
_INK, _FAINT, _BAD, _GOOD, _PALE = "#222", "#6b6b6b", "#b3261e", "#2e7d32", "#fbe4e1"
_LETTER = 7.2
"""The width of a letter of 12 pixels, of one width."""
_RANK = {Severity.CRITICAL: "#7f1d1d", Severity.HIGH: _BAD, Severity.MEDIUM: "#b45309", Severity.LOW: "#4b5563"}


class Sheet:
    """What has been drawn so far, and how far down."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._down = 12

    def heading(self, text: str) -> None:
        """A line in bold."""
        self._down += 18
        self._text(MARGIN, text, weight="bold")
        self._down += 8

    def table(self, columns: dict[str, Sequence[object]], first: int = 0, bad: Collection[tuple[int, str]] = (), rows: Collection[int] = ()) -> None:
        """Rows of a table, numbered from ``first``; ``bad`` cells (row, column) and ``rows`` stand in red."""
        wide = {name: max(len(name), *(len(str(cell)) for cell in cells)) for name, cells in columns.items()}
        self._down += 16
        left = MARGIN + 48.0
        for name in columns:
            self._text(left, name, colour=_FAINT, mono=True)
            left += (wide[name] + 3) * _LETTER
        self._parts.append(f'<path d="M{MARGIN} {self._down + 6}H{WIDTH - MARGIN}" stroke="#ccc"/>')
        for at, cells in enumerate(zip(*columns.values(), strict=True), first):
            self._down += 20
            if at in rows:
                self._parts.append(f'<rect x="{MARGIN}" y="{self._down - 14}" width="{WIDTH - 2 * MARGIN}" height="20" fill="{_PALE}"/>')
            self._text(MARGIN, str(at), colour=_FAINT, mono=True)
            left = MARGIN + 48.0
            for name, cell in zip(columns, cells, strict=True):
                if marked := (at, name) in bad:
                    self._parts.append(
                        f'<rect x="{left - 4:.1f}" y="{self._down - 14}" width="{len(str(cell)) * _LETTER + 8:.1f}" height="19" rx="3" fill="{_PALE}"/>'
                    )
                self._text(left, str(cell), colour=_BAD if marked else _INK, mono=True)
                left += (wide[name] + 3) * _LETTER
        self._down += 10

    def passages(self, lines: Iterable[tuple[str, str, bool]]) -> None:
        """Passages with what each is called; True: in red."""
        for name, text, bad in lines:
            for number, row in enumerate(textwrap.wrap(text, 86)):
                self._down += 19
                if bad:
                    self._parts.append(
                        f'<rect x="{MARGIN + 106}" y="{self._down - 14}" width="{WIDTH - 2 * MARGIN - 106}" height="19" fill="{_PALE}"/>'
                    )
                if not number:
                    self._text(MARGIN, name, colour=_FAINT, size=12)
                self._text(MARGIN + 112, row, colour=_BAD if bad else _INK)
            self._down += 3
        self._down += 8

    def bars(self, rows: Iterable[tuple[str, Sequence[tuple[str, float, bool]]]], full: float) -> None:
        """For each row its name and bars with words beside them; ``full`` is the value of a bar over the whole width; True: in red."""
        for name, several in rows:
            for number, (said, value, bad) in enumerate(several):
                self._down += 18
                if not number:
                    self._text(MARGIN, name)
                long = max(value / full * 340, 1)
                self._parts.append(
                    f'<rect x="{MARGIN + 170}" y="{self._down - 11}" width="{long:.1f}" height="13" rx="2" fill="{_BAD if bad else _GOOD}"/>'
                )
                self._text(MARGIN + 178 + long, said, colour=_BAD if bad else _FAINT, size=12)
            self._down += 6
        self._down += 4

    def pixels(self, pictures: Iterable[tuple[npt.NDArray[np.floating[Any]], str]], cell: int = 11) -> None:
        """Grey pictures (values from 0, white, to 1) beside each other, each with a word below."""
        left, tall = MARGIN, 0
        for picture, word in pictures:
            tall, wide = picture.shape[0] * cell, picture.shape[1] * cell
            for (row, column), value in np.ndenumerate(picture):
                shade = round(255 * (1 - float(value)))
                self._parts.append(
                    f'<rect x="{left + column * cell}" y="{self._down + 4 + row * cell}" width="{cell}" height="{cell}" '
                    f'fill="rgb({shade},{shade},{shade})" stroke="#ddd" stroke-width=".5"/>'
                )
            self._parts.append(f'<text x="{left}" y="{self._down + tall + 20}" fill="{_FAINT}" font-size="12">{escape(word)}</text>')
            left += wide + 24
        self._down += tall + 28

    def says(self, findings: Iterable[Finding], gaps: Iterable[NotExamined] = ()) -> None:
        """What the program says: title and message of each finding, and what it could not examine."""
        self.heading("What aisecops says")
        said = [(f"{finding.severity.value}: {finding.title}", finding.message, _RANK[finding.severity]) for finding in findings]
        said += [("not examined", f"{gap.path}: {gap.reason}", _RANK[Severity.LOW]) for gap in gaps]
        for title, message, colour in said:
            lines = textwrap.wrap(message, 108)
            top = self._down
            self._down += 20
            self._text(MARGIN + 14, title, colour=colour, weight="bold")
            for line in lines:
                self._down += 18
                self._text(MARGIN + 14, line)
            self._down += 12
            self._parts.append(f'<rect x="{MARGIN}" y="{top + 2}" width="4" height="{self._down - top - 6}" rx="2" fill="{colour}"/>')

    def svg(self, title: str, description: str) -> str:
        """The sheet. ``title`` is for those who do not see it, ``description`` stands below it."""
        tall = self._down + 10
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" font-family="sans-serif" font-size="13" role="img">',
                f"<title>{escape(title)}</title>",
                f"<desc>{escape(description)}</desc>",
                f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{tall - 1}" rx="8" fill="#fff" stroke="#bbb"/>',
                *self._parts,
                "</svg>\n",
            ]
        )

    def _text(self, left: float, text: str, *, colour: str = _INK, weight: str = "", mono: bool = False, size: int = 0) -> None:
        style = "".join(
            f' {name}="{value}"'
            for name, value in {"font-weight": weight, "font-family": "monospace" if mono else "", "font-size": size or (12 if mono else 0)}.items()
            if value
        )
        self._parts.append(f'<text x="{left:.1f}" y="{self._down}" fill="{colour}"{style} xml:space="preserve">{escape(text)}</text>')
