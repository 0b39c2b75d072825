"""One page of a PDF, painted in the mind: where each piece of text falls, in which colour and size, on what, and what comes over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from aisecops.formats.document.pdf_fonts import PdfFont
from aisecops.formats.document.spans import Concealment, Purpose, Span

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Ink = tuple[float, float, float]
_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_EVERYWHERE: Box = (-1e9, -1e9, 1e9, 1e9)
_MOST_OPERATIONS = 2_000_000
_MOST_PAINTED = 2_000
_MOST_PIECES = 50_000
_DEEPEST = 8
_COLUMN, _LEADING = 12.0, 2.0
"""Heights of letters that the next column, and the next line, stand away."""
_TINY = 1.5
"""Points below which letters are dust."""
_NARROWEST = 0.1
"""The horizontal scaling below which letters are a line."""
_MOST_SPOKEN = 2_000
_FAINT, _SAME = 0.06, 0.08


class State(msgspec.Struct):
    """The graphics state, as far as it decides what is seen."""

    matrix: Matrix = _UNIT
    ink: Ink | None = (0.0, 0.0, 0.0)
    alpha: float = 1.0
    masked: bool = False
    clip: Box = _EVERYWHERE
    font: PdfFont | None = None
    size: float = 1.0
    mode: int = 0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


class _Piece(msgspec.Struct, frozen=True):
    text: str
    box: Box
    height: float
    state: State
    layer: bool
    order: int
    forced: bool = False


class _Painted(msgspec.Struct, frozen=True):
    box: Box
    ink: Ink | None
    order: int
    picture: bool
    rough: bool = False
    """Whether only about this box: a ground for letters, but nothing that surely covers them."""


def read_page(page: Any, reader: Any, number: int, hidden: frozenset[int]) -> list[Span]:
    """Return the spans of ``page``, in the order in which they are painted; neighbours that are seen alike are one."""
    box = page.cropbox
    sheet = (float(box.left), float(box.bottom), float(box.right), float(box.top))
    painter = _Painter(reader, hidden)
    painter.run(page.get_contents(), page.get("/Resources"), State(), 0)
    spoken = [Span(said, number, Concealment.ATTRIBUTE, Purpose.ASSISTIVE, "a replacement text") for said in painter.spoken]
    spans = [_span(piece, painter.painted, sheet, number) for piece in painter.pieces]
    return [*_joined(iter(_run_over(spans, painter.pieces, _trimmed(page))), painter.pieces), *spoken]


def _trimmed(page: Any) -> Box | None:
    """Return the sheet that a printer cuts this page from, where the document says that it is cut: what stands beside the page is for the printer."""
    if not any(name in page for name in ("/TrimBox", "/BleedBox")):
        return None
    box = page.mediabox
    return float(box.left), float(box.bottom), float(box.right), float(box.top)


def _run_over(spans: Sequence[Span], pieces: Sequence[_Piece], whole: Box | None) -> Iterator[Span]:
    """Yield the spans; of those outside of the page with a purpose where they go on from what is seen: lines that are too long, tables that are too high."""
    before: _Piece | None = None
    goes_on = False
    for span, piece in zip(spans, pieces, strict=True):
        if span.hidden is Concealment.OFF_PAGE:
            goes_on = goes_on and before is not None and _follows(piece, before)
            if goes_on or (whole is not None and not _outside(piece.box, whole)):
                span = msgspec.structs.replace(span, purpose=Purpose.EDITORIAL)
        else:
            goes_on = span.hidden is None
        before = piece
        yield span


def _follows(piece: _Piece, before: _Piece) -> bool:
    """Whether a piece stands on the line of the one before, or on the next, in the same letters."""
    high = max(before.height, 1.0)
    beside = abs(piece.box[1] - before.box[1]) < 0.1 * high and -0.5 * high < piece.box[0] - before.box[2] < _COLUMN * high
    below = abs(piece.box[0] - before.box[0]) < 0.1 * high and 0 < before.box[1] - piece.box[1] < _LEADING * high
    return abs(piece.height - before.height) < 0.1 * high and (beside or below)


class _Painter:
    """Runs the operators of a page."""

    def __init__(self, reader: Any, hidden: frozenset[int]) -> None:
        self._reader, self._hidden = reader, hidden
        self.pieces: list[_Piece] = []
        self.painted: list[_Painted] = []
        self.spoken: list[str] = []
        self._fonts: dict[int, PdfFont] = {}
        self._left = _MOST_OPERATIONS
        self._order = 0
        self._off = 0

    def run(self, contents: Any, resources: Any, state: State, depth: int) -> None:
        """Run ``contents`` in ``state``."""
        from pypdf.generic import ContentStream

        if contents is None:
            return
        resources = resources.get_object() if resources is not None else {}
        stream = contents if isinstance(contents, ContentStream) else ContentStream(contents, self._reader)
        saved: list[State] = []
        marks: list[bool] = []
        path: list[Box] = []
        curve: Box | None = None
        clip = False
        line = text = _UNIT
        for operands, operator in stream.operations:
            self._left -= 1
            if self._left < 0:
                raise ValueError("more operators than any page needs")
            self._order += 1
            match operator:
                case b"q":
                    if len(saved) < 500:
                        saved.append(msgspec.structs.replace(state))
                case b"Q":
                    state = saved.pop() if saved else state
                case b"cm":
                    state.matrix = _times(_matrix(operands), state.matrix)
                case b"BT":
                    line = text = _UNIT
                case b"Tm":
                    line = text = _matrix(operands)
                case b"Td" | b"TD":
                    x, y = _floats(operands, 2)
                    state.leading = -y if operator == b"TD" else state.leading
                    line = text = _times((1, 0, 0, 1, x, y), line)
                case b"T*":
                    line = text = _times((1, 0, 0, 1, 0, -state.leading), line)
                case b"Tj" | b"TJ" | b"'" | b'"':
                    if operator in (b"'", b'"'):
                        line = text = _times((1, 0, 0, 1, 0, -state.leading), line)
                    text = self._show(operands[-1] if operands else b"", state, text)
                case b"Tf" if len(operands) > 1:
                    state.font, state.size = self._font(resources, operands[0]), _floats(operands[1:], 1)[0]
                case b"Tr":
                    state.mode = int(_floats(operands, 1)[0])
                case b"Tz":
                    state.stretch = _floats(operands, 1)[0] / 100
                case b"TL":
                    state.leading = _floats(operands, 1)[0]
                case b"Ts":
                    state.rise = _floats(operands, 1)[0]
                case b"g" | b"rg" | b"k" | b"sc" | b"scn":
                    state.ink = _ink(operands)
                case b"cs":
                    state.ink = (0.0, 0.0, 0.0)
                case b"gs" if operands:
                    self._extended(resources, operands[0], state)
                case b"re" if len(operands) > 3:
                    x, y, width, height = _floats(operands, 4)
                    path.append(_box((x, y, x + width, y + height), state.matrix))
                case b"m" | b"l" | b"c" | b"v" | b"y":
                    path.append(_EVERYWHERE)  # no rectangle: what it covers is not judged
                    for x, y in _points(operands):
                        curve = _around(curve, _box((x, y, x, y), state.matrix))
                case b"W" | b"W*":
                    clip = True
                case b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*":
                    self._paint(path, curve, state)
                    curve = None
                    path, clip = self._clipped(path, state, clip)
                case b"n" | b"S" | b"s":
                    curve = None
                    path, clip = self._clipped(path, state, clip)
                case b"BDC" | b"BMC":
                    off = operator == b"BDC" and self._is_off(resources, operands)
                    self._note_spoken(resources, operands)
                    marks.append(off)
                    self._off += off
                case b"EMC" if marks:
                    self._off -= marks.pop()
                case b"Do" if operands and depth < _DEEPEST:
                    self._draw(resources, operands[0], state, depth)
                case b"sh":
                    self._shade(state)
                case b"INLINE IMAGE":
                    self._picture(state)
        self._off -= sum(marks)

    def _show(self, operand: Any, state: State, at: Matrix) -> Matrix:
        """Note the text of a show operator, and return the text matrix behind it."""
        pieces: list[str] = []
        moved = 0.0
        for item in operand if isinstance(operand, list) else (operand,):
            if isinstance(item, (int, float)):
                moved -= float(item) / 1000 * state.size * state.stretch
                if float(item) < -160 and pieces:
                    pieces.append(" ")
                continue
            codes = _codes(item)
            pieces.append(state.font.text(codes) if state.font else codes.decode("cp1252", "replace"))
            moved += (state.font.advance(codes) if state.font else len(codes) / 2) * state.size * state.stretch
        said = "".join(pieces)
        if said.strip():
            if len(self.pieces) >= _MOST_PIECES:
                raise ValueError("more pieces of text than any page needs")
            box = _box((0, state.rise, moved, state.rise + state.size * 0.7), _times(at, state.matrix))
            whole = _times(at, state.matrix)
            height = abs(state.size) * max(abs(whole[3]), abs(whole[1]), 1e-9 if whole[3] else 0.0) * (abs(state.stretch) >= _NARROWEST)
            self.pieces.append(_Piece(said, box, height, msgspec.structs.replace(state), self._off > 0, self._order))
        return _times((1, 0, 0, 1, moved, 0), at)

    def _font(self, resources: Any, name: Any) -> PdfFont | None:
        try:
            font = resources["/Font"].get_object()[name].get_object()
        except (KeyError, TypeError, AttributeError):
            return None
        if id(font) not in self._fonts:
            self._fonts[id(font)] = PdfFont(font)
            self.spoken += self._fonts[id(font)].sentences[: _MOST_SPOKEN - len(self.spoken)]
        return self._fonts[id(font)]

    def _extended(self, resources: Any, name: Any, state: State) -> None:
        try:
            settings = resources["/ExtGState"].get_object()[name].get_object()
        except (KeyError, TypeError, AttributeError):
            return
        alpha = settings.get("/ca")
        if isinstance(alpha, (int, float)):
            state.alpha = float(alpha)
        if "/SMask" in settings:
            state.masked = settings["/SMask"] != "/None"

    def _note_spoken(self, resources: Any, operands: Sequence[Any]) -> None:
        """Note what is read out, or extracted, in place of what is shown."""
        said = operands[-1] if operands else None
        if isinstance(said, str):  # the properties stand among the resources
            try:
                said = resources["/Properties"].get_object()[said].get_object()
            except (KeyError, TypeError, AttributeError):
                return
        for name in ("/ActualText", "/Alt"):
            text = said.get(name) if said is not None and hasattr(said, "get") else None
            if isinstance(text, str) and text.count(" ") > 1 and len(self.spoken) < _MOST_SPOKEN:
                self.spoken.append(str(text))

    def _is_off(self, resources: Any, operands: Sequence[Any]) -> bool:
        if len(operands) < 2 or operands[0] != "/OC":
            return False
        try:
            group = resources["/Properties"].get_object().raw_get(operands[1])
        except (KeyError, TypeError, AttributeError):
            return False
        return self._is_hidden(group)

    def _is_hidden(self, group: Any) -> bool:
        """Whether a layer, or a membership in layers, is off."""
        if getattr(group, "idnum", -1) in self._hidden:
            return True
        inner = group.get_object()
        members = inner.get("/OCGs") if hasattr(inner, "get") else None
        if members is None:
            return False
        listed = members if isinstance(members, list) else [inner.raw_get("/OCGs")]
        return bool(listed) and all(getattr(item, "idnum", -1) in self._hidden for item in listed)

    def _paint(self, path: list[Box], curve: Box | None, state: State) -> None:
        if state.alpha < 0.9 or state.masked or self._off or len(self.painted) >= _MOST_PAINTED:
            return
        if _EVERYWHERE in path:
            if curve:  # a rounded box, a circle: a ground to write on
                self.painted.append(_Painted(_cut(curve, state.clip), state.ink, self._order, picture=False, rough=True))
            return
        for box in path[:50]:
            framed = any(other is not box and (_covers(box, other) or _covers(other, box)) for other in path[:50])  # a frame is empty inside
            if not framed:
                self.painted.append(_Painted(_cut(box, state.clip), state.ink, self._order, picture=False))

    def _picture(self, state: State) -> None:
        if state.alpha >= 0.9 and not state.masked and not self._off and len(self.painted) < _MOST_PAINTED:
            self.painted.append(_Painted(_cut(_box((0, 0, 1, 1), state.matrix), state.clip), None, self._order, picture=True))

    def _shade(self, state: State) -> None:
        """A shading fills all that is not clipped, with colours that nobody can name: white letters on it may well be seen."""
        if state.alpha >= 0.9 and not state.masked and not self._off and len(self.painted) < _MOST_PAINTED:
            self.painted.append(_Painted(state.clip, None, self._order, picture=False, rough=True))

    @staticmethod
    def _clipped(path: list[Box], state: State, clip: bool) -> tuple[list[Box], bool]:
        if clip and len(path) == 1 and path[0] != _EVERYWHERE:
            state.clip = _cut(state.clip, path[0])
        return [], False

    def _draw(self, resources: Any, name: Any, state: State, depth: int) -> None:
        try:
            drawn = resources["/XObject"].get_object()[name].get_object()
        except (KeyError, TypeError, AttributeError):
            return
        layer = "/OC" in drawn and self._is_hidden(drawn.raw_get("/OC"))
        if drawn.get("/Subtype") == "/Image":
            if not layer:
                self._picture(state)
            return
        inner = msgspec.structs.replace(state)
        if "/Matrix" in drawn:
            inner.matrix = _times(_matrix(drawn["/Matrix"]), inner.matrix)
        self._off += layer
        self.run(drawn, drawn.get("/Resources", resources), inner, depth + 1)
        self._off -= layer


def _points(operands: Sequence[Any]) -> list[tuple[float, float]]:
    """The points of a piece of a path, those that only bend it included."""
    numbers = _floats(operands, len(operands) // 2 * 2)
    return list(zip(numbers[::2], numbers[1::2], strict=True))[:3]


def _around(one: Box | None, other: Box) -> Box:
    """The least box that holds both."""
    return other if one is None else (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def _span(piece: _Piece, painted: Sequence[_Painted], sheet: Box, number: int) -> Span:
    hidden, how, purpose = _judged(piece, painted, sheet)
    return Span(piece.text, number, hidden, purpose, how)


def _judged(piece: _Piece, painted: Sequence[_Painted], sheet: Box) -> tuple[Concealment | None, str, Purpose]:
    state, middle = piece.state, ((piece.box[0] + piece.box[2]) / 2, (piece.box[1] + piece.box[3]) / 2)
    if piece.layer:
        return Concealment.NOT_RENDERED, "a layer that is off", Purpose.NONE
    under = [item for item in painted if item.order < piece.order and _holds(item.box, middle)]
    over = [item for item in painted if item.order > piece.order and not item.rough and _covers(item.box, piece.box)]
    if state.mode in (3, 7):
        scan = next((item for item in (*under, *over) if item.picture and _area(item.box) > 0.3 * _area(sheet)), None)
        return Concealment.TRANSPARENT, f"text render mode {state.mode}", Purpose.SCANNED if scan else Purpose.NONE
    if _outside(piece.box, sheet):
        return Concealment.OFF_PAGE, "outside of the page", Purpose.NONE
    if _outside(piece.box, state.clip):
        return Concealment.CLIPPED, "outside of the clipping path", Purpose.NONE
    if piece.height < _TINY:
        return Concealment.TINY, f"letters of {piece.height:.2g} points", Purpose.NONE
    if state.alpha < _FAINT:
        return Concealment.TRANSPARENT, f"opacity {state.alpha:.2g}", Purpose.NONE
    if over:
        return Concealment.COVERED, "covered by a picture" if over[0].picture else "covered by a filled box", Purpose.NONE
    ground = under[-1].ink if under else (1.0, 1.0, 1.0)
    if (
        state.mode in (0, 4)
        and ground is not None
        and state.ink is not None
        and max(abs(a - b) for a, b in zip(state.ink, ground, strict=True)) < _SAME
    ):
        return Concealment.SAME_COLOUR, f"color {_hex(state.ink)} on {_hex(ground)}", Purpose.NONE
    return None, "", Purpose.NONE


def _joined(spans: Iterator[Span], pieces: Sequence[_Piece]) -> Iterator[Span]:
    """Join neighbours that are seen alike; a new line begins where the next piece stands lower."""
    held: Span | None = None
    texts: list[str] = []
    before: _Piece | None = None
    for span, piece in zip(spans, pieces, strict=True):
        gap = ""
        if before is not None:
            lower = abs(piece.box[1] - before.box[1]) > 0.3 * max(piece.height, 1.0)
            gap = "\n" if lower else " " if piece.box[0] - before.box[2] > 0.15 * max(piece.height, 1.0) else ""
        if held is not None and (held.hidden, held.how, held.purpose) == (span.hidden, span.how, span.purpose):
            texts += (gap, span.text)
        else:
            if held is not None:
                yield msgspec.structs.replace(held, text="".join(texts))
            held, texts = span, [span.text]
        before = piece
    if held is not None:
        yield msgspec.structs.replace(held, text="".join(texts))


def _codes(item: Any) -> bytes:
    original = getattr(item, "original_bytes", item)
    return bytes(original) if isinstance(original, (bytes, bytearray)) else str(original).encode("latin-1", "replace")


def _floats(operands: Sequence[Any], count: int) -> tuple[float, ...]:
    values = [float(item) if isinstance(item, (int, float)) else 0.0 for item in list(operands)[:count]]
    return (*(max(-1e9, min(1e9, value)) for value in values), *[0.0] * (count - len(values)))


def _matrix(operands: Sequence[Any]) -> Matrix:
    a, b, c, d, e, f = _floats(operands, 6)
    return a, b, c, d, e, f


def _times(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    product = (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
    return product if all(abs(value) < 1e12 for value in product) else _UNIT


def _box(box: Box, matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across, up = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(up), max(across), max(up)


def _cut(one: Box, two: Box) -> Box:
    return max(one[0], two[0]), max(one[1], two[1]), min(one[2], two[2]), min(one[3], two[3])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _covers(box: Box, text: Box) -> bool:
    slack = 0.1 * (text[3] - text[1])
    return box[0] <= text[0] + slack and box[1] <= text[1] + slack and box[2] >= text[2] - slack and box[3] >= text[3] - slack


def _outside(text: Box, box: Box) -> bool:
    return text[2] < box[0] or text[0] > box[2] or text[3] < box[1] or text[1] > box[3]


def _ink(operands: Sequence[Any]) -> Ink | None:
    numbers = [float(item) for item in operands if isinstance(item, (int, float))]
    if len(numbers) != len(operands):
        return None  # a pattern
    match len(numbers):
        case 1:
            return numbers[0], numbers[0], numbers[0]
        case 3:
            return numbers[0], numbers[1], numbers[2]
        case 4:
            cyan, magenta, yellow, black = numbers
            return (1 - min(1, cyan + black)), (1 - min(1, magenta + black)), (1 - min(1, yellow + black))
        case _:
            return None


def _hex(ink: Ink) -> str:
    return "#" + "".join(f"{max(0, min(255, round(part * 255))):02x}" for part in ink)
