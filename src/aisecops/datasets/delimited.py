"""How a file of lines is laid out: what separates its fields, which lines come before the header, and how lines end."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from aisecops.core.text import inert_path
from aisecops.datasets.headers import NUMBER, is_row, marks_among_numbers

LINES = (".csv", ".tsv", ".jsonl", ".ndjson")
TABLES = (*LINES, ".parquet", ".arrow", ".feather", ".ipc")
"""Endings of the names of tables."""
PACKERS = (".gz", ".bz2", ".xz", ".zst", ".zip")
_SEPARATORS = ",;\t|"
_HEAD = 1 << 16
_FEW_LINES, _LONGER_HEAD = 30, 1 << 20
_MOST_SKIPPED = 100
_EVEN = 0.8
_MOST_LINES = 1000
"""Lines of remarks that may stand before a header, and those by which it is told whether there is one, and how numbers are written."""
_FEWEST_SPACED, _FEW_ROWS, _NEARLY_ALL = 3, 5, 0.95
"""Fields and rows from which on spaces may separate fields, and the share of rows with as many as the header."""
_COMMA, _POINT = r"[-+]?[0-9]+,[0-9]+", r"[-+]?[0-9]+\.[0-9]+"


class Delimited(msgspec.Struct, frozen=True):
    """What separates fields; how many lines come before the header, and how a line ends; whether numbers are written ``3,5``, and whether there are empty lines.

    ``headless``: the first line is a row. ``marks``: columns of numbers, from 0, and what stands there for a missing one (``?``).
    """

    separator: str
    skipped: int = 0
    line_end: str = "\n"
    comma: bool = False
    gaps: bool = False
    headless: bool = False
    marks: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def options(self) -> dict[str, object]:
        """Return what Polars has to know of it to read it."""
        return {"separator": self.separator, "skip_lines": self.skipped, "eol_char": self.line_end, "has_header": not self.headless}


class Unnamed(msgspec.Struct, frozen=True):
    """What a file whose path says nothing would be called: the ending of its name, and what messages call it."""

    ending: str
    shown: str


unnamed: dict[str, Unnamed] = {}
"""Such files, by their paths (``aisecops.datasets.packed``)."""


def ending_of(path: str) -> str:
    """Return the ending of a file's name that says its format, in small letters: ``.csv`` of ``a.csv`` and of ``a.csv.gz``."""
    if (known := unnamed.get(path)) is not None:
        return known.ending
    stem, ending = os.path.splitext(path.lower())
    inner = os.path.splitext(stem)[1]
    return inner if ending in PACKERS and inner in TABLES else ending


def shown(path: str) -> str:
    """Return what messages call the file at ``path``."""
    return known.shown if (known := unnamed.get(path)) is not None else inert_path(path)


def delimited(path: str) -> Delimited:
    """Return how a CSV file is laid out, as its head shows.

    What comes before the header is ``sep=;``, by which Excel is told the separator, and remarks that begin with ``#``, unless the last of them has as many fields as the
    line behind it: it is the header then.
    """
    status = os.stat(path)
    return _delimited(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _delimited(path: str, _changed: int, _size: int) -> Delimited:
    with open(path, "rb") as file:
        start = file.read(_HEAD)
        if len(start) == _HEAD and start.count(b"\n") < _FEW_LINES:  # thousands of columns
            start += file.read(_LONGER_HEAD)
        whole = not file.read(1)
    head = start.decode("utf-8", errors="replace").removeprefix("\ufeff")
    line_end = "\r" if "\r" in head and "\n" not in head else "\n"
    lines = head.split(line_end, _MOST_LINES)
    shown = lines if whole and len(lines) <= _MOST_LINES else lines[:-1]
    said = re.fullmatch(r"sep=(.)\r?", lines[0])
    skipped = 1 if said else next((number for number, line in enumerate(lines[: _MOST_SKIPPED + 1]) if not line.startswith("#")), 0)
    header = lines[min(skipped, len(lines) - 1)]
    following = [line for line in shown[skipped : skipped + _MOST_SKIPPED] if line.strip()]
    tabs = ending_of(path) == ".tsv" and "\t" in header
    separator = said[1] if said else "\t" if tabs else _separator(header, following)
    if skipped and not said and _fields(lines[skipped - 1], separator) == _fields(header, separator):
        skipped -= 1
    cells = [cell.strip(' "\r') for line in lines[skipped + 1 : -1] for cell in line.split(separator)]
    comma = separator != "," and any(re.fullmatch(_COMMA, cell) for cell in cells) and not any(re.fullmatch(_POINT, cell) for cell in cells)
    gaps = f"{line_end}{line_end}" in head.rstrip() or f"{line_end}\r{line_end}" in head.rstrip()
    first, *rows = _records(shown[skipped:], separator) or [[]]
    headless = not said and is_row(first, rows)
    return Delimited(separator, skipped, line_end, comma, gaps, headless, marks_among_numbers([first, *rows] if headless else rows, len(first)))


def _records(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return [record for record in csv.reader(lines, delimiter=separator) if record]
    except csv.Error:
        return []


def _separator(header: str, lines: Sequence[str]) -> str:
    """Return the commonest candidate in ``header``; of several the one that nearly all lines have as often: a text may hold any."""
    found = {mark: count for mark in _SEPARATORS if (count := _fields(header, mark))}
    if len(found) > 1:
        even = {mark: sum(_fields(line, mark) == count for line in lines) for mark, count in found.items()}
        found = {mark: count for mark, count in found.items() if even[mark] >= _EVEN * max(even.values())}
    if not found and _is_spaced(header, lines):
        return " "
    return max(found, key=found.__getitem__, default=",")


def _is_spaced(header: str, lines: Sequence[str]) -> bool:
    """Tell whether single spaces separate fields, as R and numpy write them: as many in nearly every line, and a column of numbers, which no column of texts has."""
    names, *rows = (re.sub(r'"[^"]*"', "x", line.strip()).split(" ") for line in (header, *lines[1:]))
    if len(names) < _FEWEST_SPACED or len(rows) < _FEW_ROWS or sum(len(row) == len(names) for row in rows) < _NEARLY_ALL * len(rows):
        return False
    even = [row for row in rows if len(row) == len(names)]
    return any(sum(NUMBER.fullmatch(row[at]) is not None for row in even) >= _NEARLY_ALL * len(even) for at in range(len(names)))


def _fields(line: str, separator: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(separator)


def depth(path: str) -> int:
    """Return how deep the objects and lists in the head of a file of JSON lines are nested."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    deepest = now = 0
    for mark in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{\]}]', head):
        now += (mark[0] in b"[{") - (mark[0] in b"]}")
        deepest = max(deepest, now)
    return deepest
