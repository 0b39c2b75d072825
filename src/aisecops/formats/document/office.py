"""Slides, workbooks, OpenDocument and e-books: what pages show, and what they do not: notes, hidden sheets and slides, comments, alternative texts, properties.

References
----------
ECMA-376 Part 1, sections 18 (SpreadsheetML) and 19 (PresentationML); OpenDocument 1.3, parts 3.5 (text) and 3.16 (styles); EPUB 3.3.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert
from aisecops.formats.document.colours import colour
from aisecops.formats.document.parts import BombError, local_name, parsed
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span
from aisecops.formats.document.workbook import Workbook

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element
    from zipfile import ZipFile, ZipInfo

_LARGEST_PART = 48 << 20
_MOST_UNPACKED = 128 << 20
_MOST_PARTS, _MOST_SPANS = 20_000, 200_000
_PARTS = re.compile(
    r"ppt/(?:slides|notesSlides|comments)/[^/]+\.xml|xl/(?:sharedStrings|comments/?[^/]*|worksheets/[^/]+|threadedComments/[^/]+)\.xml"
    r"|xl/comments\d*\.xml|docProps/(?:core|app|custom)\.xml|(?:content|styles|meta)\.xml|.+\.(?:xhtml|html?|opf)"
)
_PAGES = (".xhtml", ".html", ".htm")
_PARAGRAPHS = frozenset(("p", "h", "si", "is", "t"))
_NOTES = {"notesSlides": "speaker notes", "comments": "a comment", "threadedComments": "a comment"}
_ASIDE = {
    "annotation": "a comment",
    "hidden-text": "hidden text",
    "hidden-paragraph": "hidden text",
    "tracked-changes": "a deleted text",
    "notes": "speaker notes",
}
_STRINGS = "xl/sharedStrings.xml"
_BESIDE = (Concealment.OFF_PAGE, Purpose.EDITORIAL, "a shape beside its slide")
_DUST, _WHITE = 400, 12
"""Hundredths of a point below which letters are dust; how far from white a white is."""


def read_office(data: bytes, kind: str) -> Document:
    """Return what a document of ``kind`` (``slides``, ``workbook``, ``opendocument``, ``e-book``) says and shows; lines count its parts' paragraphs."""
    from zipfile import BadZipFile, ZipFile

    spans: list[Span] = []
    gaps: list[NotExamined] = []
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            _read(archive, spans, gaps)
    except (BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as wrong:
        gaps.append(NotExamined(code=Code.BAD_INPUT, reason=f"it is no whole archive ({inert(str(wrong), 80)})", remedy="save it anew"))
    return Document(kind, tuple(spans), tuple(gaps), unit="row" if kind == "workbook" else "paragraph")


def _read(archive: ZipFile, spans: list[Span], gaps: list[NotExamined]) -> None:
    members = [member for member in archive.infolist() if _PARTS.fullmatch(member.filename)]
    left = _MOST_UNPACKED
    book, stage = _workbook(archive, gaps), _slide_size(archive, gaps)
    for member in members[:_MOST_PARTS]:
        if book is not None and member.filename == _STRINGS:
            continue
        try:
            found, size = _spans(archive, member, min(left, _LARGEST_PART), book, stage)
        except (BombError, ValueError) as wrong:
            gaps.append(_gap(wrong, member.filename))
            continue
        left -= size
        spans += found
        if len(spans) > _MOST_SPANS or len(members) > _MOST_PARTS:
            del spans[_MOST_SPANS:]
            gaps.append(NotExamined(code=Code.TRUNCATED, reason=f"only the first {_MOST_SPANS:,} paragraphs were read", remedy="split it"))
            return
    if book is not None:
        spans += book.unused()
        del spans[_MOST_SPANS:]


def _workbook(archive: ZipFile, gaps: list[NotExamined]) -> Workbook | None:
    """Return what sheets share; None: there is none, or it cannot be read, and all that parts say counts as seen."""
    if not any(member.filename.startswith("xl/worksheets/") for member in archive.infolist()):
        return None
    try:
        return Workbook(archive, _LARGEST_PART)
    except (BombError, ValueError) as wrong:
        gaps.append(_gap(wrong, "xl"))
        return None


def _slide_size(archive: ZipFile, gaps: list[NotExamined]) -> tuple[int, int]:
    """Return the width and the height of slides; zeros: not known."""
    show = next((member for member in archive.infolist() if member.filename == "ppt/presentation.xml"), None)
    if show is None:
        return 0, 0
    try:
        size = next((item for item in parsed(archive, show, _LARGEST_PART)[0].iter() if local_name(item) == "sldSz"), None)
    except (BombError, ValueError) as wrong:
        gaps.append(_gap(wrong, show.filename))
        return 0, 0
    return (0, 0) if size is None else (_whole(size, "cx"), _whole(size, "cy"))


def _gap(wrong: Exception, member: str) -> NotExamined:
    code = Code.TOO_LARGE if isinstance(wrong, BombError) else Code.BAD_INPUT
    return NotExamined(code=code, reason=str(wrong), remedy="ask for another copy", member=inert(member, 80))


def _spans(archive: ZipFile, member: ZipInfo, most: int, book: Workbook | None, stage: tuple[int, int]) -> tuple[list[Span], int]:
    if member.filename.lower().endswith(_PAGES):
        from aisecops.formats.document.html import read_html

        text = _unpacked(archive, member, most)
        return list(read_html(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text)).spans), len(text)
    root, size = parsed(archive, member, most)
    if book is not None and member.filename.startswith("xl/worksheets/"):
        return list(book.spans(root, member.filename)), size
    return list(_of_part(root, member.filename, stage)), size


def _unpacked(archive: ZipFile, member: ZipInfo, most: int) -> str:
    from zipfile import BadZipFile

    if member.file_size > most or member.file_size > max(member.compress_size, 1_000) * 400:
        raise BombError(f"a part unpacks to {member.file_size:,} bytes")
    try:
        with archive.open(member) as file:
            return file.read(most).decode("utf-8", "replace")
    except (OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, BadZipFile) as wrong:
        raise ValueError(f"a part cannot be unpacked ({inert(str(wrong), 60)})") from None


def _of_part(root: Element, name: str, stage: tuple[int, int]) -> Iterator[Span]:
    folder = name.rpartition("/")[0].rpartition("/")[2]
    if name.startswith("docProps/") or name.endswith((".opf", "meta.xml")):
        for item in root.iter():
            if item.text and item.text.count(" ") > 1:
                yield Span(item.text.strip(), 0, Concealment.METADATA, Purpose.EDITORIAL, f"the property {inert(local_name(item), 30)}")
        return
    aside = next((how for word, how in _NOTES.items() if word == folder or name.startswith(f"xl/{word}")), "")
    hidden: tuple[Concealment | None, Purpose, str] = (Concealment.COMMENT, Purpose.EDITORIAL, aside) if aside else (None, Purpose.NONE, "")
    if root.attrib.get("show") == "0":
        hidden = (Concealment.NOT_RENDERED, Purpose.EDITORIAL, "a hidden slide")
    yield from _Walk(_faint_styles(root), stage).paragraphs(root, hidden)


def _faint_styles(root: Element) -> dict[str, tuple[Concealment, str]]:
    """Return the styles of OpenDocument by which nobody sees a text."""
    found: dict[str, tuple[Concealment, str]] = {}
    for style in root.iter():
        if local_name(style) != "style":
            continue
        for item in style:
            told = {key.rpartition("}")[2]: value for key, value in item.attrib.items()}
            if local_name(item) == "text-properties" and told.get("display") == "none":
                found[_value(style, "name")] = (Concealment.VANISHED, "hidden text")
            elif local_name(item) == "text-properties" and _is_white(told.get("color", "")) and "background-color" not in told:
                found[_value(style, "name")] = (Concealment.SAME_COLOUR, "white letters")
    return found


class _Walk:
    """Paragraphs of a part, in order. ``styles``: by which names of styles a text is not seen; ``stage``: the size of a slide, zeros: of what has none."""

    def __init__(self, styles: dict[str, tuple[Concealment, str]], stage: tuple[int, int]) -> None:
        self._styles, self._stage, self._number = styles, stage, 0

    def paragraphs(self, root: Element, hidden: tuple[Concealment | None, Purpose, str]) -> Iterator[Span]:
        """Yield the spans below ``root``, none of which is nested deeper than the parser allows; a stack of our own, since it may be deep."""
        stack = [(root, hidden)]
        while stack:
            element, now = stack.pop()
            name = local_name(element)
            if name in _ASIDE and element is not root:
                now = (Concealment.COMMENT, Purpose.EDITORIAL, _ASIDE[name])
            if (said := _value(element, "descr").strip()) and name == "cNvPr":
                yield Span(said, self._number, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, "an alternative text")
            if name in _PARAGRAPHS:
                self._number += 1
                yield from self._runs(element, now)
                stack += [(item, now) for item in element.iter() if local_name(item) in _ASIDE and item is not element]
            elif name == "spTree" and self._stage != (0, 0) and now[0] is None:
                stack += [(item, _BESIDE if _is_beside(item, self._stage) else now) for item in reversed(list(element))]
            else:
                stack += [(item, now) for item in reversed(list(element))]

    def _runs(self, paragraph: Element, hidden: tuple[Concealment | None, Purpose, str]) -> Iterator[Span]:
        """Yield a paragraph, and what of it is not seen, each as one."""
        held: dict[tuple[Concealment | None, Purpose, str], list[str]] = {}
        stack: list[tuple[Element | str, tuple[Concealment | None, Purpose, str]]] = [(paragraph, hidden)]
        while stack:
            item, now = stack.pop()
            if isinstance(item, str):
                held.setdefault(now, []).append(item)
                continue
            if local_name(item) in _ASIDE and item is not paragraph:
                continue
            inner = self._look(item, now)
            for child in reversed(item):
                stack += [(child.tail, inner)] if child.tail else []
                stack.append((child, inner))
            if item.text:
                stack.append((item.text, inner))
            elif local_name(item) in ("s", "tab", "br", "line-break"):
                stack.append((" ", inner))
        for (how, purpose, means), texts in held.items():
            if (said := "".join(texts)).strip():
                yield Span(said if how else f"{said}\n", self._number, how, purpose, means)  # the next paragraph is one of its own

    def _look(self, item: Element, now: tuple[Concealment | None, Purpose, str]) -> tuple[Concealment | None, Purpose, str]:
        if now[0] is not None:
            return now
        if (found := self._styles.get(_value(item, "style-name"))) is not None:
            return found[0], Purpose.NONE if found[0] is Concealment.VANISHED else Purpose.INTERACTIVE, found[1]
        if local_name(item) == "r" and (properties := next((child for child in item if local_name(child) == "rPr"), None)) is not None:
            if 0 < int(properties.attrib.get("sz", "1800") or 0) < _DUST:
                return Concealment.TINY, Purpose.INTERACTIVE, "letters like dust"
            fill = next((one for child in properties if local_name(child) == "solidFill" for one in child if local_name(one) == "srgbClr"), None)
            if fill is not None and _is_white(f"#{fill.attrib.get('val', '')}"):
                return Concealment.SAME_COLOUR, Purpose.INTERACTIVE, "white letters"
        return now


def _is_beside(shape: Element, stage: tuple[int, int]) -> bool:
    """Whether a shape stands beside its slide, where a show does not come."""
    place = next((item for part in shape for item in (part, *part) if local_name(item) == "xfrm"), None)
    corner = next((item for item in place if local_name(item) == "off"), None) if place is not None else None
    extent = next((item for item in place if local_name(item) == "ext"), None) if place is not None else None
    if corner is None or extent is None:
        return False
    x, y = _whole(corner, "x"), _whole(corner, "y")
    return x >= stage[0] or y >= stage[1] or x + _whole(extent, "cx") <= 0 or y + _whole(extent, "cy") <= 0


def _whole(item: Element, attribute: str) -> int:
    said = item.attrib.get(attribute, "")
    return int(said) if re.fullmatch(r"-?[0-9]{1,15}", said) else 0


def _is_white(value: str) -> bool:
    found = colour(value)
    return found is not None and min(found[:3]) > 255 - _WHITE


def _value(element: Element, attribute: str) -> str:
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == attribute), "")
