"""How a file of lines is laid out: what separates its fields, which lines come before the header, and how lines end."""

from __future__ import annotations

import os
import re

import msgspec

from aisecops.core.text import inert_path

LINES = (".csv", ".tsv", ".jsonl", ".ndjson")
TABLES = (*LINES, ".parquet", ".arrow", ".feather", ".ipc")
"""Endings of the names of tables."""
PACKERS = (".gz", ".bz2", ".xz", ".zst", ".zip")
_SEPARATORS = ",;\t|"
_HEAD = 1 << 16
_MOST_SKIPPED = 100
"""Lines of remarks that may stand before a header, and those by which it is told how numbers are written."""
_COMMA, _POINT = r"[-+]?[0-9]+,[0-9]+", r"[-+]?[0-9]+\.[0-9]+"


class Delimited(msgspec.Struct, frozen=True):
    """What separates fields; how many lines come before the header, and how a line ends; whether numbers are written ``3,5``, and whether there are empty lines."""

    separator: str
    skipped: int = 0
    line_end: str = "\n"
    comma: bool = False
    gaps: bool = False

    def options(self) -> dict[str, object]:
        """Return what Polars has to know of it to read it."""
        return {"separator": self.separator, "skip_lines": self.skipped, "eol_char": self.line_end}


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
    with open(path, "rb") as file:
        head = file.read(_HEAD).decode("utf-8", errors="replace").removeprefix("\ufeff")
    line_end = "\r" if "\r" in head and "\n" not in head else "\n"
    lines = head.split(line_end, _MOST_SKIPPED + 1)
    said = re.fullmatch(r"sep=(.)\r?", lines[0])
    skipped = 1 if said else next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)
    header = lines[min(skipped, len(lines) - 1)]
    separator = said[1] if said else _separator(header)
    if skipped and not said and _fields(lines[skipped - 1], separator) == _fields(header, separator):
        skipped -= 1
    cells = [cell.strip(' "\r') for line in lines[skipped + 1 : -1] for cell in line.split(separator)]
    comma = separator != "," and any(re.fullmatch(_COMMA, cell) for cell in cells) and not any(re.fullmatch(_POINT, cell) for cell in cells)
    gaps = f"{line_end}{line_end}" in head.rstrip() or f"{line_end}\r{line_end}" in head.rstrip()
    return Delimited(separator, skipped, line_end, comma, gaps)


def _separator(header: str) -> str:
    plain = re.sub(r'"[^"]*"', "", header)
    best = max(_SEPARATORS, key=plain.count)
    return best if plain.count(best) else ","


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
