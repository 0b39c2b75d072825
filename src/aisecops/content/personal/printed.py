"""Tables and records as programs print them: data frames, boxes, Markdown, HTML, CSV, dictionaries, ``key: value`` lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from csv import reader
from itertools import pairwise

import msgspec

MOST_ROWS = 5_000
_MOST_COLUMNS = 200
_MOST_ALIGNED = 60
"""Lines that are looked at to find where columns are cut."""
_GAP = re.compile(r"\s{2,}|\t")
_VALUE = re.compile(r"@|[0-9]{5}|[0-9]-[0-9]|[0-9]\.[0-9]{3}")
_BOX = re.compile("[|\u2502\u2506\u2503\u2551]")
_RULE = re.compile("[\\s|+:=\u2500-\u257f\u2550-\u256c-]*")
_DATA_TYPES = re.compile(r"(?:---|str|[iu]\d+|f\d+|bool|date|datetime\[.*|cat|list\[.*|object|\s)+")
_SERIES = re.compile(r"^(?:Name: (?P<name>.{1,80}?)|Length: \d+)(?:, Length: \d+)?, dtype: \w+$", re.MULTILINE)
_ROW = re.compile(r"<tr\b[^>]{0,400}>(.*?)(?=</tr>|<tr\b|</table>|\Z)", re.DOTALL | re.IGNORECASE)
_CELL = re.compile(r"<(t[hd])\b[^>]{0,400}>([^<]{0,2000}(?:<(?!/?t[hdr]\b)[^<]{0,400}){0,20})", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,400}>")
_ITEM = re.compile(
    r"""(?P<quote>["'])(?P<key>[A-Za-z_][\w .-]{0,40})(?P=quote)\s{0,4}:\s{0,4}(?:(?P<by>["'])(?P<text>[^"'\n]{1,300})(?P=by)|(?P<number>[0-9][0-9.-]{3,24})\b)"""
)
_FIELD = re.compile(r"^[ \t>*-]{0,8}([A-Za-z][\w .'/-]{0,30}?)\**[ \t]{0,8}(?::\**|=)[ \t]{1,8}(\S.{0,300})$", re.MULTILINE)
_CALLED = re.compile(r"""\b([a-z_]{2,30})=(["'])([^"'\n]{1,300})\2""")


class Table(msgspec.Struct, frozen=True):
    """A table in a text: its columns by header, in order, each with the cells that it has."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_in(text: str) -> Iterator[Table]:
    """Yield the tables and records printed in ``text``; time is linear in it, and a table is read up to 5,000 rows."""
    if "<t" in text and (table := _html(text)):
        yield table
        return
    for block in _blocks(text):
        table = _boxed(block) or _aligned(block) or _separated(block)
        if table:
            yield table
    yield from _records(text)


def _table(rows: list[list[str]]) -> Table | None:
    """A table needs a header, none of whose names is a value by its looks, and a row."""
    if len(rows) < 2 or not 1 <= len(rows[0]) <= _MOST_COLUMNS or any(_VALUE.search(name) for name in rows[0]):
        return None
    return Table(tuple(rows[0]), tuple(map(tuple, rows[1 : MOST_ROWS + 1])))


def _html(text: str) -> Table | None:
    from html import unescape

    rows: list[list[str]] = []
    for row in _ROW.finditer(text):
        rows.append([unescape(_TAG.sub("", cell[2])).strip() for cell in _CELL.finditer(row[1])])
        if len(rows) > MOST_ROWS:
            break
    rows = [row for row in rows if row][: MOST_ROWS + 1]
    return Table(tuple(rows[0][:_MOST_COLUMNS]), tuple(map(tuple, rows[1:]))) if rows else None


def _blocks(text: str) -> Iterator[list[str]]:
    """The runs of lines between empty ones; a data frame that was too wide goes on below a backslash."""
    block: list[str] = []
    for line in text.splitlines():
        if line.strip():
            if len(block) <= MOST_ROWS:
                block.append(line.rstrip().removesuffix("\\")[:4000])
        elif block:
            yield block
            block = []
    if block:
        yield block


def _boxed(lines: list[str]) -> Table | None:
    """Boxes and Markdown: cells between bars, rules and types of columns left out."""
    rows = []
    for line in lines:
        cells = [cell.strip() for cell in _BOX.split(line.strip().strip("|\u2502\u2503\u2551"))]
        if len(cells) > 1 and not _RULE.fullmatch(line) and not _DATA_TYPES.fullmatch(" ".join(cells)):
            rows.append(cells)
    return _table(rows) if len(rows) * 2 > len(lines) - 2 else None


def _aligned(lines: list[str]) -> Table | None:
    """Data frames: cells below their header, mostly two spaces apart, with an index that the header has no name for."""
    split = [_GAP.split(line.strip()) for line in lines]
    for start in range(min(len(split) - 1, 6)):
        width = len(split[start])
        rows = [cells for cells in split[start + 1 :] if len(cells) in (width, width + 1)]
        regular = len(rows) * 2 > len(split) - start - 1 and (width > 1 or len(rows[0]) > width)
        if regular and (table := _table([split[start], *(cells[-width:] for cells in rows)])):
            return table
    return _series(lines, split) or _justified(lines)


def _justified(lines: list[str]) -> Table | None:
    """Right-justified columns that stand one space apart: cut where every line has a space; a column without a name belongs to the one on its right."""
    width = min(max(map(len, lines)), 1_000)
    blank = [all(column >= len(line) or line[column] == " " for line in lines[:_MOST_ALIGNED]) for column in range(width)]
    cuts = [column for column in range(1, width) if blank[column - 1] and not blank[column] and lines[0][:column].strip()]
    named: list[int] = []
    for cut in cuts:
        if lines[0][named[-1] if named else 0 : cut].strip():
            named.append(cut)
    edges = [0, *named, width]
    rows = [[line[first:last].strip() for first, last in pairwise(edges)] for line in lines]
    if len(rows[0]) < 2 or len(rows) < 2:
        return None
    index = re.compile(r"\S+\s+")
    if lines[0][:1] == " ":
        rows[1:] = [[index.sub("", row[0], count=1), *row[1:]] for row in rows[1:]]
    return _table(rows)


def _series(lines: list[str], split: list[list[str]]) -> Table | None:
    """A series: an index and values, and below them the name of the column, or of the row whose columns these are."""
    footer = _SERIES.search(lines[-1])
    pairs = [cells for cells in split[:-1] if len(cells) == 2]
    if not footer or not pairs:
        return None
    if all(cells[0].isdecimal() for cells in pairs):
        return Table(("", footer["name"] or ""), tuple(map(tuple, pairs)))
    return Table(tuple(cells[0] for cells in pairs), (tuple(cells[1] for cells in pairs),))


def _separated(lines: list[str]) -> Table | None:
    """Comma-separated lines: as many cells in each as in the first, which is a header (no digits)."""
    if "," not in lines[0] or any(character.isdecimal() or character in "@{[(=" for character in lines[0]):
        return None
    rows = list(reader(lines[: MOST_ROWS + 1], strict=False))
    alike = [[cell.strip() for cell in row] for row in rows if len(row) == len(rows[0])]
    return _table(alike) if len(alike) * 2 > len(rows) else None


def _records(text: str) -> Iterator[Table]:
    """Keys and values of dictionaries, JSON, named tuples and ``key: value`` lines; one column for each key."""
    columns: dict[str, list[str]] = {}
    found = [(item["key"], item["text"] or item["number"]) for item in _ITEM.finditer(text)]
    found += [(item[1], item[3]) for item in _CALLED.finditer(text)]
    found = found or [(item[1], item[2]) for item in _FIELD.finditer(text)]
    for key, value in found[: MOST_ROWS * 10]:
        columns.setdefault(key, []).append(value.strip().strip(",\"'"))
    for key, values in list(columns.items())[:_MOST_COLUMNS]:
        yield Table((key,), tuple((value,) for value in values))
