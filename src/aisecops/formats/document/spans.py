"""What a document says, piece by piece, with what a person who looks at it sees of each piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec

from aisecops.core.examination import NotExamined

PARAGRAPH = "\n\n"
"""Between paragraphs of a format that counts them: a line feed alone is a break within one."""


class Concealment(StrEnum):
    """Why nobody who looks at a rendered document sees a piece of its text.

    ``not-rendered``: ``display: none``, ``visibility: hidden``, the ``hidden`` attribute, a hidden layer. ``transparent``: opacity 0 or a render mode that paints
    nothing. ``same-colour``: the colour of what is behind it. ``tiny``: letters smaller than a pixel or two. ``off-page``: placed outside of the page, or moved
    far away. ``clipped``: cut to nothing by its box. ``covered``: something was painted over it. ``comment``: a comment of the format. ``metadata``: properties,
    annotations, unused link definitions. ``attribute``: read instead of a picture, or shown when asked for. ``vanished``: marked as hidden or deleted by the
    word processor.
    """

    NOT_RENDERED = "not-rendered"
    TRANSPARENT = "transparent"
    SAME_COLOUR = "same-colour"
    TINY = "tiny"
    OFF_PAGE = "off-page"
    CLIPPED = "clipped"
    COVERED = "covered"
    COMMENT = "comment"
    METADATA = "metadata"
    ATTRIBUTE = "attribute"
    VANISHED = "vanished"


class Purpose(StrEnum):
    """What a hidden piece is commonly there for.

    ``none``: no innocent purpose shows. ``assistive``: for screen readers. ``interactive``: something in the document can show it (a script, a menu, a tab).
    ``editorial``: for those who write the document. ``scanned``: the searchable text under a scanned page.
    """

    NONE = "none"
    ASSISTIVE = "assistive"
    INTERACTIVE = "interactive"
    EDITORIAL = "editorial"
    SCANNED = "scanned"


class Span(msgspec.Struct, frozen=True):
    """A piece of text.

    Parameters
    ----------
    text
        As a program that extracts text gets it; hostile.
    line
        The line (of text formats) or the page (of PDF) or the paragraph (of DOCX) or the row (of a workbook) on which it stands, from 1; 0: unknown.
    hidden
        Why nobody sees it; None: it is seen.
    purpose
        What a hidden piece is there for.
    how
        The means, in the words of the format (``color: #fff on #ffffff``), for people; ours, or inert.
    code
        It is shown as code or as a quotation: a specimen, not speech.
    """

    text: str
    line: int = 0
    hidden: Concealment | None = None
    purpose: Purpose = Purpose.NONE
    how: str = ""
    code: bool = False


class Document(msgspec.Struct, frozen=True):
    """A document: its spans in reading order, what could not be read, and what lines its spans count (``line``, ``page``, ``paragraph``, ``row``)."""

    format: str
    spans: tuple[Span, ...]
    gaps: tuple[NotExamined, ...] = ()
    unit: str = "line"

    def visible(self) -> tuple[Span, ...]:
        """Return what a person sees."""
        return tuple(span for span in self.spans if span.hidden is None)

    def concealed(self) -> tuple[Span, ...]:
        """Return what nobody sees."""
        return tuple(span for span in self.spans if span.hidden is not None)


def joined(spans: Iterable[Span], alike: Callable[[Span], object], between: str) -> Iterator[Span]:
    """Join neighbours of which ``alike`` says the same (None: of nothing), with ``between`` in between: elements and lines cut sentences."""
    held: Span | None = None
    for span in spans:
        if held is not None and (key := alike(span)) is not None and key == alike(held):
            held = msgspec.structs.replace(held, text=f"{held.text}{between}{span.text}")
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def seen_text(spans: Iterable[Span]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of ``spans``, specimens in fences, and where each line of the document begins in it: (offset, line), ascending."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    length = 0
    for span in spans:
        piece = _fenced(span.text) if span.code else span.text
        places.append((length + (4 if piece is not span.text and "\n" in span.text else 0), span.line))
        pieces.append(piece)
        pieces.append("\n")
        length += len(piece) + 1
    return "".join(pieces), places


def _fenced(text: str) -> str:
    return f"```\n{text.replace('```', '')}\n```" if "\n" in text else f"`{text.replace('`', '')}`"


def line_at(places: Sequence[tuple[int, int]], text: str, offset: int, unit: str = "line") -> int:
    """Return the line (or what else ``unit`` counts) of the document of what stands at ``offset`` of ``seen_text``."""
    from bisect import bisect_right

    at = bisect_right(places, (offset, 1 << 60)) - 1
    start, line = places[max(at, 0)] if places else (0, 0)
    between = {"line": "\n", "paragraph": PARAGRAPH}.get(unit)
    return line + text.count(between, start, offset) if line and between else line
