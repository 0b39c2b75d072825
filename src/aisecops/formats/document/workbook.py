"""Texts of a workbook's cells, and which of them nobody sees: hidden sheets, columns and rows, letters in the colour of their cell, formats that show nothing.

References
----------
ECMA-376 Part 1, sections 18.2.19 (sheets), 18.3.1 (rows, columns, cells), 18.4 (shared strings) and 18.8 (styles, colours, number formats).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from aisecops.formats.document.colours import Colour, alike, colour, hexed
from aisecops.formats.document.parts import local_name, parsed
from aisecops.formats.document.spans import Concealment, Purpose, Span

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element
    from zipfile import ZipFile

_WHITE: Colour = (255, 255, 255, 1.0)
_BLACK: Colour = (0, 0, 0, 1.0)
_THEME = {"0": _WHITE, "1": _BLACK}
_INDEXED = {"0": _BLACK, "1": _WHITE, "8": _BLACK, "9": _WHITE, "64": _BLACK, "65": _WHITE}
_SMALLEST = 2.0
"""Points below which letters are dust."""
_NARROWEST = 0.3
"""Letters of width, or points of height, below which a column or row is shut."""
_MOST_STRINGS = 1_000_000
_MUTE = re.compile(r"(?:;\s*){2,3}(?:\"\s*\")?\s*")
"""A format of numbers whose section for texts, the fourth, shows nothing."""
T = TypeVar("T")
_Told = tuple[Concealment | None, Purpose, str]
_SEEN: _Told = (None, Purpose.NONE, "")


class _Letters(msgspec.Struct, frozen=True):
    """How letters are painted: their colour (None: one that we do not know) and their size in points."""

    ink: Colour | None = _BLACK
    size: float = 11.0


class _Format(msgspec.Struct, frozen=True):
    """The format of a cell. ``ground``: the colour of the cell, None: one that we do not know. ``mute``: it shows no text."""

    letters: _Letters = _Letters()
    ground: Colour | None = _WHITE
    mute: bool = False


_Pieces = tuple[tuple[str, _Letters | None], ...]
"""Runs of a string with the letters of their own, None: those of the cell."""


class Workbook:
    """What the sheets of a workbook share: strings, formats, and which of the sheets are hidden. Raises ``ValueError`` and ``BombError`` of its parts."""

    def __init__(self, archive: ZipFile, most: int) -> None:
        parts = {member.filename: member for member in archive.infolist()}

        def root(name: str) -> Element | None:
            return parsed(archive, parts[name], most)[0] if name in parts else None

        self._unseen = _unseen(root("xl/workbook.xml"), root("xl/_rels/workbook.xml.rels"))
        self._formats = _formats(root("xl/styles.xml"))
        strings = root("xl/sharedStrings.xml")
        self._strings = [] if strings is None else [_pieces(item) for item in strings if local_name(item) == "si"][:_MOST_STRINGS]
        self._shown: dict[int, set[tuple[_Told, ...]]] = {}

    def spans(self, sheet: Element, name: str) -> Iterator[Span]:
        """Yield the texts of the cells of a sheet, the part ``name``; their line is the row."""
        around: _Told = (Concealment.NOT_RENDERED, Purpose.EDITORIAL, "a hidden sheet") if name in self._unseen else _SEEN
        shut = frozenset[int]()
        number = 0
        for item in sheet.iter():
            match local_name(item):
                case "col" if _is_shut(item, "width"):
                    first, last = (int(item.attrib.get(end, "0")[:6] or 0) for end in ("min", "max"))
                    shut |= frozenset(range(first, min(last, 16_384) + 1))
                case "row":
                    number = int(item.attrib["r"][:8]) if item.attrib.get("r", "").isdecimal() else number + 1
                    told = around
                    if told is _SEEN and _is_shut(item, "ht"):
                        told = (Concealment.NOT_RENDERED, Purpose.EDITORIAL, "a hidden row")
                    for cell in item:
                        yield from self._cell(cell, number, told, shut)

    def unused(self) -> Iterator[Span]:
        """Yield the shared strings that no cell of the sheets that were read holds."""
        for number, pieces in enumerate(self._strings):
            if number not in self._shown and (said := "".join(text for text, _ in pieces)).strip():
                yield Span(said, 0, Concealment.METADATA, Purpose.EDITORIAL, "a string that no cell holds")

    def _cell(self, cell: Element, row: int, around: _Told, shut: frozenset[int]) -> Iterator[Span]:
        pieces = self._text(cell)
        if not any(text.strip() for text, _ in pieces):
            return
        if around is _SEEN and shut and _column(cell.attrib.get("r", "")) in shut:
            around = (Concealment.NOT_RENDERED, Purpose.EDITORIAL, "a hidden column")
        at = cell.attrib.get("s", "0")
        form = self._formats[int(at)] if at.isdecimal() and int(at) < len(self._formats) else _Format()
        held: dict[_Told, list[str]] = {}
        for text, own in pieces:
            held.setdefault(around if around is not _SEEN else _look(form, own or form.letters), []).append(text)
        if (of := _shared(cell)) is not None and self._is_known(of, tuple(held)):
            return
        for (how, purpose, means), texts in held.items():
            if (said := "".join(texts)).strip():
                yield Span(said if how else f"{said}\n", row, how, purpose, means)

    def _text(self, cell: Element) -> _Pieces:
        kind = cell.attrib.get("t", "n")
        if kind == "inlineStr":
            return tuple(piece for item in cell if local_name(item) == "is" for piece in _pieces(item))
        if (of := _shared(cell)) is not None:
            return self._strings[of] if of < len(self._strings) else ()
        return ((_value(cell), None),) if kind == "str" else ()

    def _is_known(self, string: int, looks: tuple[_Told, ...]) -> bool:
        """Whether a shared string was told before as it looks here: most tables say a few words many thousand times."""
        before = self._shown.setdefault(string, set())
        if looks in before:
            return True
        before.add(looks)
        return False


def _value(cell: Element) -> str:
    return next((item.text or "" for item in cell if local_name(item) == "v"), "")


def _shared(cell: Element) -> int | None:
    """The number of the shared string that a cell shows; None: it shows something else."""
    value = _value(cell) if cell.attrib.get("t") == "s" else ""
    return int(value[:9]) if value.isdecimal() else None


def _look(form: _Format, letters: _Letters) -> _Told:
    if form.mute:
        return Concealment.NOT_RENDERED, Purpose.INTERACTIVE, "a format that shows nothing"
    if letters.size < _SMALLEST:
        return Concealment.TINY, Purpose.INTERACTIVE, f"letters of {letters.size:g} points"
    if letters.ink is not None and form.ground is not None and alike(letters.ink, form.ground):
        return Concealment.SAME_COLOUR, Purpose.INTERACTIVE, f"letters of #{hexed(letters.ink)} on #{hexed(form.ground)}"
    return _SEEN


def _unseen(book: Element | None, links: Element | None) -> frozenset[str]:
    """Return the parts of the sheets that are hidden."""
    targets = {link.attrib.get("Id", ""): link.attrib.get("Target", "").removeprefix("/xl/") for link in (() if links is None else links)}
    sheets = [item for item in (() if book is None else book.iter()) if local_name(item) == "sheet"]
    named = ((sheet, next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")) for sheet in sheets)
    return frozenset(
        f"xl/{targets.get(identity, f'worksheets/sheet{number}.xml')}"
        for number, (sheet, identity) in enumerate(named, 1)
        if sheet.attrib.get("state", "visible") != "visible"
    )


def _formats(styles: Element | None) -> list[_Format]:
    if styles is None:
        return []
    tables = {local_name(item): item for item in styles}
    codes = {item.attrib.get("numFmtId", ""): item.attrib.get("formatCode", "") for item in tables.get("numFmts", ())}
    fonts = [_letters(item) for item in tables.get("fonts", ())]
    grounds = [_ground(item) for item in tables.get("fills", ())]
    return [
        _Format(
            _at(fonts, item.attrib, "fontId", _Letters()),
            _at(grounds, item.attrib, "fillId", _WHITE),
            _MUTE.fullmatch(codes.get(item.attrib.get("numFmtId", ""), "")) is not None,
        )
        for item in tables.get("cellXfs", ())
    ]


def _at(values: Sequence[T], attributes: Mapping[str, str], name: str, otherwise: T) -> T:
    number = attributes.get(name, "")
    return values[int(number)] if number.isdecimal() and int(number[:9]) < len(values) else otherwise


def _letters(font: Element) -> _Letters:
    found = _Letters()
    for item in font:
        if local_name(item) == "color":
            found = msgspec.structs.replace(found, ink=_painted(item))
        elif local_name(item) == "sz" and re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,4})?", item.attrib.get("val", "")):
            found = msgspec.structs.replace(found, size=float(item.attrib["val"]))
    return found


def _ground(fill: Element) -> Colour | None:
    """The colour of a fill, that of the sheet for none."""
    pattern = next(iter(fill), None)
    kind = "none" if pattern is None else pattern.attrib.get("patternType", "none" if local_name(pattern) == "patternFill" else local_name(pattern))
    if pattern is None or kind == "none":
        return _WHITE
    return next((_painted(item) for item in pattern if local_name(item) == "fgColor"), None) if kind == "solid" else None


def _painted(item: Element) -> Colour | None:
    """The colour that an element names, None for one that a theme or a tint makes."""
    if item.attrib.get("tint", "0").strip("-0."):
        return None
    if said := item.attrib.get("rgb", ""):
        return colour(f"#{said[-6:]}")
    return _THEME.get(item.attrib.get("theme", "")) or _INDEXED.get(item.attrib.get("indexed", ""))


def _pieces(string: Element) -> _Pieces:
    found: list[tuple[str, _Letters | None]] = []
    for item in string:
        if local_name(item) == "t":
            found.append((item.text or "", None))
        elif local_name(item) == "r":
            own = next((_letters(inner) for inner in item if local_name(inner) == "rPr"), None)
            found += [(inner.text or "", own) for inner in item if local_name(inner) == "t"]
    return tuple(found)


def _is_shut(item: Element, size: str) -> bool:
    wide = item.attrib.get(size, "")
    return item.attrib.get("hidden") in ("1", "true") or (
        re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,20})?", wide) is not None and float(wide) < _NARROWEST
    )


def _column(reference: str) -> int:
    """The number of the column of a cell (``AB12``), from 1."""
    number = 0
    for letter in reference[:3]:
        number = 26 * number + ord(letter) - 64 if "A" <= letter <= "Z" else number
    return number
