"""XML and SVG: what elements say, and what of a drawing nobody sees. Entities are never resolved, and nothing is fetched.

References
----------
SVG 2, sections 5.9 (desc, title, metadata), 8.2 (the viewport), 13 (painting); XML 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.parsers import expat

import msgspec

from aisecops.core.examination import Code, NotExamined
from aisecops.formats.document.colours import colour
from aisecops.formats.document.spans import Concealment, Document, Purpose, Span, joined

if TYPE_CHECKING:
    from aisecops.formats.document.colours import Colour

_MOST_SPANS = 200_000
_NUMBER = re.compile(r"\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?)\s*(?:px|pt)?", re.IGNORECASE)
_PROPERTIES = ("display", "visibility", "opacity", "fill-opacity", "fill", "font-size")
_SPOKEN = ("aria-label", "aria-description", "alt", "title", "inkscape:label")
_FAINT, _TINY, _FAR, _SAME = 0.05, 1.0, 1.5, 12
_LOWEST_SIZE = 100.0


class _Look(msgspec.Struct, frozen=True):
    """What an element hands down: why its text is not seen, and how it is painted."""

    hidden: Concealment | None = None
    purpose: Purpose = Purpose.NONE
    how: str = ""
    fill: str = "black"
    moved: bool = False


class _Reader:
    def __init__(self, *, drawing: bool) -> None:
        self.spans: list[Span] = []
        self.gaps: list[NotExamined] = []
        self._drawing = drawing
        self._stack: list[tuple[str, _Look]] = [("", _Look())]
        self._text: list[str] = []
        self._line = 1
        self._size = (0.0, 0.0)
        self._grounds: list[Colour] = [(255, 255, 255, 1.0)]
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.CommentHandler = self._comment
        self.parser.EntityDeclHandler = self._entity

    def _entity(self, *_: object) -> None:
        raise ValueError("it declares entities")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._flush()
        name = tag.rpartition(":")[2]
        look = self._looks(name, attributes, self._stack[-1][1]) if self._drawing else self._stack[-1][1]
        self._stack.append((name, look))
        for spoken in _SPOKEN if self._drawing else ():
            self._add(attributes.get(spoken, ""), Concealment.ATTRIBUTE, Purpose.ASSISTIVE, f"the attribute {spoken}")

    def _end(self, _: str) -> None:
        self._flush()
        self._stack.pop()

    def _characters(self, data: str) -> None:
        if not self._text:
            self._line = self.parser.CurrentLineNumber
        self._text.append(data)

    def _comment(self, data: str) -> None:
        self._flush()
        self._line = self.parser.CurrentLineNumber
        self._add(data, Concealment.COMMENT, Purpose.EDITORIAL, "a comment")

    def _flush(self) -> None:
        said, self._text = " ".join("".join(self._text).split()), []
        name, look = self._stack[-1]
        if name not in ("style", "script"):
            self._add(said, look.hidden, look.purpose, look.how)

    def _add(self, said: str, hidden: Concealment | None, purpose: Purpose, how: str) -> None:
        if said.strip() and len(self.spans) < _MOST_SPANS:
            self.spans.append(Span(said, self._line, hidden, purpose, how))

    def _looks(self, name: str, attributes: Mapping[str, str], before: _Look) -> _Look:
        style = {key: attributes[key] for key in _PROPERTIES if key in attributes}
        style |= {key.strip(): value.strip() for key, _, value in (item.partition(":") for item in attributes.get("style", "").split(";"))}
        if name == "svg" and len(self._stack) == 1:
            self._size = _size(attributes)
        fill = style.get("fill", before.fill)
        moved = before.moved or "transform" in attributes
        look = msgspec.structs.replace(before, fill=fill, moved=moved)
        if name in ("rect", "circle", "ellipse", "path", "polygon") and (painted := colour(fill)) is not None:
            self._grounds.append(painted)
        if before.hidden is not None:
            return look
        hidden = self._hidden(name, attributes, style, look)
        return look if hidden is None else msgspec.structs.replace(look, hidden=hidden[0], purpose=hidden[1], how=hidden[2])

    def _hidden(self, name: str, attributes: Mapping[str, str], style: Mapping[str, str], look: _Look) -> tuple[Concealment, Purpose, str] | None:
        if name in ("title", "desc"):
            return Concealment.METADATA, Purpose.ASSISTIVE, f"the {name} of a drawing"
        if name == "metadata":
            return Concealment.METADATA, Purpose.EDITORIAL, "the metadata of a drawing"
        if name in ("defs", "symbol", "clipPath"):
            return None
        if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
            return Concealment.NOT_RENDERED, Purpose.INTERACTIVE, "display: none" if style.get("display") == "none" else "visibility: hidden"
        if min(_number(style.get(key, "1"), 1.0) for key in ("opacity", "fill-opacity")) < _FAINT or look.fill in ("none", "transparent"):
            return (
                (Concealment.TRANSPARENT, Purpose.INTERACTIVE, "opacity 0") if name in ("text", "tspan", "g", "textPath", "foreignObject") else None
            )
        if name in ("text", "tspan") and 0 <= _number(style.get("font-size", "16"), 16.0) < _TINY:
            return Concealment.TINY, Purpose.INTERACTIVE, "letters smaller than a pixel"
        if name in ("text", "tspan") and not look.moved and self._is_off(attributes):
            return Concealment.OFF_PAGE, Purpose.INTERACTIVE, "far outside of the drawing"
        ink = colour(look.fill) if name in ("text", "tspan") else None
        if ink is not None and all(
            max(abs(one - two) for one, two in zip(ink[:3], ground[:3], strict=True)) < _SAME for ground in self._grounds[-8:]
        ):
            return Concealment.SAME_COLOUR, Purpose.INTERACTIVE, "the colour of the ground"
        return None

    def _is_off(self, attributes: Mapping[str, str]) -> bool:
        return any(
            not -_FAR * size <= _number(attributes.get(axis, "0"), 0.0) <= (1 + _FAR) * size
            for axis, size in zip(("x", "y"), self._size, strict=True)
            if size > 0
        )


def _number(value: str, default: float) -> float:
    found = _NUMBER.match(value)
    return float(found[1]) / (100 if value.strip().endswith("%") else 1) if found else default


def _size(attributes: Mapping[str, str]) -> tuple[float, float]:
    box = attributes.get("viewBox", "").replace(",", " ").split()
    wide, high = (box[2], box[3]) if len(box) == 4 else (attributes.get("width", ""), attributes.get("height", ""))
    return max(_number(wide, 0.0), _LOWEST_SIZE), max(_number(high, 0.0), _LOWEST_SIZE)


def read_markup(text: str, *, drawing: bool = False) -> Document:
    """Return what XML says, and its comments; of a ``drawing`` (SVG) what of it is not seen, too, which counts where it is an order to a model.

    What stands behind a mistake in the markup is not read, and among the gaps.
    """
    reader = _Reader(drawing=drawing)
    try:
        reader.parser.Parse(_without_encoding(text).encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError) as wrong:
        said = str(wrong) if isinstance(wrong, ValueError) else f"line {getattr(wrong, 'lineno', 0)} is no well-formed XML"
        reader.gaps.append(NotExamined(code=Code.BAD_INPUT, reason=f"not read to its end: {said}", remedy="save it anew"))
    return Document("svg" if drawing else "xml", tuple(joined(reader.spans, _seen_alike, "\n")), tuple(reader.gaps))


def _without_encoding(text: str) -> str:
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", lambda found: "\n" * found[0].count("\n"), text, count=1)


def _seen_alike(span: Span) -> tuple[object, ...] | None:
    """What neighbours must have in common to be one text: drawings cut their sentences into lines, and each comment is one of its own."""
    return None if span.hidden is Concealment.COMMENT else (span.hidden, span.purpose, span.how)
