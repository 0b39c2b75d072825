"""Word documents (Office Open XML): what the page shows, and what it does not: hidden runs, white and tiny letters, comments, deleted revisions, properties.

The archive is read by the standard library alone, each part up to a limit of what it unpacks to. A part with a document type declaration is refused: that is where
entities come from that grow without end or read other files, and no word processor writes one.

References
----------
ECMA-376 Part 1, sections 17.3.2 (run properties), 17.13 (annotations), 15.2 (core properties).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert
from aisecops.formats.document.colours import Colour, alike, colour
from aisecops.formats.document.parts import BombError, local_name, parsed
from aisecops.formats.document.spans import PARAGRAPH, Concealment, Document, Purpose, Span

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element
    from zipfile import ZipFile

_LARGEST_PART = 48 << 20
_MOST_UNPACKED = 128 << 20
_MOST_PARTS = 4_000
_MOST_SPANS = 200_000
_DEEPEST = 200
_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_PROPERTIES = re.compile(r"docProps/(core|app|custom)\.xml")
_SMALLEST = 4
"""Half points below which letters are dust (2 points)."""
_NARROWEST = 10
"""Per cent of their width below which letters are a line."""
_CLEAR = 94_000
"""Thousandths of a per cent of transparency from which on a text is not seen (the ``alpha`` of w14 counts what is let through)."""


class _Run(msgspec.Struct, frozen=True):
    """Run properties that decide what is seen.

    ``shade``: the colour behind it, empty: the page's; ``stretch``: the width of its letters in per cent; ``clear``: filled with no colour; ``line``: the exact
    height of its line in twentieths of a point, 0: whatever it needs.
    """

    vanish: bool = False
    colour: str = ""
    half_points: int = 22
    shade: str = ""
    stretch: int = 100
    clear: bool = False
    line: int = 0


def read_docx(data: bytes) -> Document:
    """Return what a Word document says and shows; lines count paragraphs."""
    from zipfile import BadZipFile, ZipFile

    spans: list[Span] = []
    gaps: list[NotExamined] = []
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            _read_parts(archive, spans, gaps)
    except (BadZipFile, OSError, ValueError, NotImplementedError, EOFError, UnicodeDecodeError) as wrong:
        gaps.append(_bad(f"it is no whole Word document ({inert(str(wrong), 80)})"))
    return Document("docx", tuple(spans), tuple(gaps), unit="paragraph")


def _read_parts(archive: ZipFile, spans: list[Span], gaps: list[NotExamined]) -> None:
    members = archive.infolist()
    if len(members) > _MOST_PARTS:
        gaps.append(NotExamined(code=Code.TOO_LARGE, reason=f"{len(members):,} parts", remedy="save it anew"))
        return
    parts = [member for member in members if _TEXT_PARTS.fullmatch(member.filename) or _PROPERTIES.fullmatch(member.filename)]
    if not any(member.filename == "word/document.xml" for member in parts):
        gaps.append(_bad("there is no word/document.xml in it"))
    left = _MOST_UNPACKED
    styles = _Styles(archive, gaps)
    for member in sorted(parts, key=lambda member: (member.filename != "word/document.xml", member.filename)):
        try:
            root, size = parsed(archive, member, min(left, _LARGEST_PART))
        except BombError as wrong:
            gaps.append(
                NotExamined(code=Code.TOO_LARGE, reason=str(wrong), remedy="do not open it; ask for another copy", member=inert(member.filename, 80))
            )
            continue
        except ValueError as wrong:
            gaps.append(_bad(str(wrong), member.filename))
            continue
        left -= size
        if _PROPERTIES.fullmatch(member.filename):
            spans += _properties(root)
        else:
            spans += _Body(styles, member.filename).read(root)
        if len(spans) > _MOST_SPANS:
            del spans[_MOST_SPANS:]
            gaps.append(NotExamined(code=Code.TRUNCATED, reason=f"only the first {_MOST_SPANS:,} runs were read", remedy="split it"))
            return


def _value(element: Element, attribute: str = "val") -> str:
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == attribute), "")


def _is_on(element: Element) -> bool:
    return _value(element) not in ("0", "false", "off")


def _run(properties: Element | None, base: _Run) -> _Run:
    """Return ``base`` with what ``w:rPr`` says on top."""
    if properties is None:
        return base
    for item in properties:
        match local_name(item):
            case "vanish" | "webHidden" | "specVanish":
                base = msgspec.structs.replace(base, vanish=_is_on(item) and local_name(item) != "webHidden")
            case "color":
                base = msgspec.structs.replace(base, colour=_coloured(item))
            case "w" if _value(item).isdecimal():
                base = msgspec.structs.replace(base, stretch=int(_value(item)[:6]))
            case "textFill":
                base = msgspec.structs.replace(base, clear=_is_clear(item))
            case "sz" if _value(item).isdecimal():
                base = msgspec.structs.replace(base, half_points=int(_value(item)[:6]))
            case "shd":
                base = msgspec.structs.replace(base, shade=_value(item, "fill").lower())
            case "highlight":
                base = msgspec.structs.replace(base, shade="" if _value(item) == "none" else _value(item).lower())
    return base


def _coloured(item: Element) -> str:
    """A colour in six digits: that of the page where it is the theme's background, which goes before a value beside it unless it is shaded."""
    is_background = _value(item, "themeColor") in ("background1", "light1", "bg1", "lt1") and not _value(item, "themeShade")
    return "ffffff" if is_background else _value(item).lower().lstrip("#")


def _is_clear(fill: Element) -> bool:
    """Whether a text fill paints nothing: none at all, or a transparency of nearly all."""
    alphas = [_value(item) for item in fill.iter() if local_name(item) == "alpha"]
    return any(local_name(item) == "noFill" for item in fill) or any(alpha.isdecimal() and int(alpha[:7]) >= _CLEAR for alpha in alphas)


def _line_of(properties: Element) -> int:
    """The exact height of the lines of a paragraph, 0: it is not exact."""
    for item in properties:
        if local_name(item) == "spacing" and _value(item, "lineRule") == "exact" and _value(item, "line").isdecimal():
            return int(_value(item, "line")[:6])
    return 0


class _Styles:
    """The run properties of named styles, each based on at most ten others."""

    def __init__(self, archive: ZipFile, gaps: list[NotExamined]) -> None:
        self._elements: dict[str, Element] = {}
        self.base = _Run()
        self.page = "ffffff"
        try:
            root, _ = parsed(archive, archive.getinfo("word/styles.xml"), _LARGEST_PART)
        except KeyError:
            return
        except (BombError, ValueError) as wrong:
            gaps.append(_bad(str(wrong), "word/styles.xml"))
            return
        for item in root:
            if local_name(item) == "style" and len(self._elements) < 5_000:
                self._elements[_value(item, "styleId")] = item
            elif local_name(item) == "docDefaults":
                self.base = _run(next((inner for inner in item.iter() if local_name(inner) == "rPr"), None), self.base)

    def of(self, name: str, base: _Run, depth: int = 0) -> _Run:
        """Return ``base`` with the style ``name`` on top."""
        element = self._elements.get(name)
        if element is None or depth > 10:
            return base
        for item in element:
            if local_name(item) == "basedOn":
                base = self.of(_value(item), base, depth + 1)
        return _run(next((item for item in element if local_name(item) == "rPr"), None), base)


class _Body:
    """Walks one part."""

    def __init__(self, styles: _Styles, name: str) -> None:
        self._styles = styles
        self._comment = "comments" in name
        self._paragraph = 0
        self._shades: list[str] = []

    def read(self, root: Element) -> Iterator[Span]:
        """Yield its spans, one for each run of text that looks the same."""
        for item in root:
            if local_name(item) == "background":
                self._styles.page = _value(item, "color").lower() or "ffffff"
        yield from _joined(self._walk(root, self._styles.base, "", 0))

    def _walk(self, element: Element, run: _Run, deleted: str, depth: int) -> Iterator[Span]:
        if depth > _DEEPEST:
            return
        for item in element:
            name = local_name(item)
            if name == "p":
                self._paragraph += 1
                yield from self._walk(item, self._styled(item, run), deleted, depth + 1)
                yield Span(PARAGRAPH, self._paragraph)
            elif name == "r":
                yield from self._text(item, self._styled(item, run), deleted)
                yield from self._walk(item, run, deleted, depth + 1)
            elif name in ("del", "moveFrom"):
                yield from self._walk(item, run, "a deleted revision", depth + 1)
            elif name == "tc":
                shade = next((_value(inner, "fill").lower() for inner in item.iter() if local_name(inner) == "shd"), "")
                self._shades.append(shade)
                yield from self._walk(item, run, deleted, depth + 1)
                self._shades.pop()
            elif name == "Fallback":
                continue
            elif name not in ("t", "delText", "instrText", "rPr", "pPr", "sectPr"):
                yield from self._walk(item, run, deleted, depth + 1)
                if name == "docPr" and (said := _value(item, "descr") or _value(item, "title")):
                    yield Span(said, self._paragraph, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, "the description of a picture")

    def _styled(self, element: Element, run: _Run) -> _Run:
        properties = next((item for item in element if local_name(item) in ("rPr", "pPr")), None)
        if properties is None:
            return run
        for item in properties:
            if local_name(item) in ("rStyle", "pStyle"):
                run = self._styles.of(_value(item), run)
        if local_name(properties) == "pPr":
            run = msgspec.structs.replace(run, line=_line_of(properties) or run.line)
            shade = next((_value(item, "fill").lower() for item in properties if local_name(item) == "shd"), "")
            return msgspec.structs.replace(run, shade=shade) if shade and shade != "auto" else run
        return _run(properties, run)

    def _text(self, element: Element, run: _Run, deleted: str) -> Iterator[Span]:
        said = "".join(
            (item.text or "")
            if local_name(item) in ("t", "delText")
            else {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}.get(local_name(item), "")
            for item in element
        )
        if not said:
            return
        if self._comment:
            yield Span(said, self._paragraph, Concealment.COMMENT, Purpose.EDITORIAL, "a comment")
        elif deleted or any(local_name(item) == "delText" for item in element):
            yield Span(said, self._paragraph, Concealment.VANISHED, Purpose.EDITORIAL, deleted or "a deleted revision")
        else:
            hidden, how = self._hidden(run)
            yield Span(said, self._paragraph, hidden, Purpose.NONE, how)

    def _hidden(self, run: _Run) -> tuple[Concealment | None, str]:
        if run.vanish:
            return Concealment.VANISHED, "hidden text (vanish)"
        if run.half_points < _SMALLEST:
            return Concealment.TINY, f"letters of {run.half_points / 2:g} points"
        if run.stretch < _NARROWEST:
            return Concealment.TINY, f"letters of {run.stretch} % of their width"
        if 0 < run.line < 10 * _SMALLEST:
            return Concealment.CLIPPED, f"lines of {run.line / 20:g} points"
        if run.clear:
            return Concealment.TRANSPARENT, "a text fill that paints nothing"
        ground = run.shade if run.shade not in ("", "auto") else next((s for s in reversed(self._shades) if s not in ("", "auto")), self._styles.page)
        ink, behind = _painted(run.colour), _painted(ground)
        if ink is not None and behind is not None and alike(ink, behind):
            return Concealment.SAME_COLOUR, f"color {run.colour} on {inert(ground, 12)}"
        return None, ""


def _painted(value: str) -> Colour | None:
    return colour(f"#{value}") or colour(value)


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Join neighbours that look the same: word processors cut sentences into runs at will."""
    held: Span | None = None
    texts: list[str] = []
    for span in spans:
        same = held is not None and (span.hidden, span.how) == (held.hidden, held.how)
        if span.text == PARAGRAPH:
            texts += [PARAGRAPH] if held is not None else []
        elif same:
            texts.append(span.text)
        else:
            if held is not None and "".join(texts).strip():
                yield msgspec.structs.replace(held, text="".join(texts).strip("\n"))
            held, texts = span, [span.text]
    if held is not None and "".join(texts).strip():
        yield msgspec.structs.replace(held, text="".join(texts).strip("\n"))


def _properties(root: Element) -> Iterator[Span]:
    for item in root.iter():
        said = (item.text or "").strip()
        if said.count(" ") > 1:
            yield Span(said, 0, Concealment.METADATA, Purpose.EDITORIAL, f"the property {inert(local_name(item), 30)}")


def _bad(reason: str, member: str = "") -> NotExamined:
    return NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="open it with a word processor and save it anew", member=inert(member, 80))
