"""Whether the first line of a CSV file names its columns or is a row already, and what stands for a missing value among its numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
_DAY = re.compile(r"\s*(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4})(?:[ T][0-9:.+Z-]*)?\s*")
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "null", "NULL", "None", "#N/A", "#NA", "<NA>")
"""What stands for a missing value in CSV."""
MARKS = ("?", "-", "--", "–", ".", "*")
"""What people write in a column of numbers where there is none; as texts these may mean something (``-`` and ``+`` of a strand)."""
_FEWEST_ROWS = 5
_NEARLY_ALL = 0.9
_ROW_OF_NAMES = 6
"""Numbers in ascending order in a first line from which on they name columns, as wavelengths do: of a row it happens once in 720."""
_EVEN = 1e-9
_YEARS = range(1900, 2101)


def is_row(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether ``first`` is a row as ``rows`` are, and no header.

    It is none where it has a number or a day in each column that has nothing else, unless these name columns (0, 1, 2; years; wavelengths), or, where there
    are only texts, where what it says in columns of categories comes back below.
    """
    rows = [row for row in rows if len(row) == len(first)]
    if len(rows) < _FEWEST_ROWS or not any(cell.strip() for cell in first):
        return False
    kinds = [_kind([row[at] for row in rows]) for at in range(len(first))]
    told = [_kind_of(cell) for cell in first]
    if any(below != "text" and above == "text" for above, below in zip(told, kinds, strict=True) if below):
        return False
    numbers = [at for at, kind in enumerate(told) if kind == "number"]
    if not numbers and "day" not in told:
        return _comes_back(first, rows)
    return all(kinds[at] == told[at] for at in range(len(first)) if told[at] in ("number", "day")) and not _names_columns(first, numbers, rows)


def _kind_of(cell: str) -> str:
    """Return ``number``, ``day``, ``text``, or nothing for a cell that may be missing."""
    if (bare := cell.strip()) in MISSING or bare in MARKS:
        return ""
    return "number" if NUMBER.fullmatch(cell) else "day" if _DAY.fullmatch(cell) else "text"


def _kind(cells: Sequence[str]) -> str:
    counts = Counter(filter(None, map(_kind_of, cells)))
    if not counts:
        return ""
    kind, count = counts.most_common(1)[0]
    return kind if count >= _NEARLY_ALL * counts.total() else "text"


def _comes_back(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the texts of ``first`` are categories of their columns; a header that stands there again, where files were joined, does not count."""
    others = [row for row in rows if list(row) != list(first)]
    known = again = 0
    for at, cell in enumerate(first):
        counts = Counter(row[at] for row in others)
        if cell.strip() and 1 < len(counts) <= len(others) / 2:
            known, again = known + 1, again + (cell in counts)
    return known > 0 and again >= _NEARLY_ALL * known


def _names_columns(first: Sequence[str], numbers: Sequence[int], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers of a first line name columns: they ascend, evenly or many of them, and those below do not."""
    if not numbers:
        return False
    values = [float(first[at].replace(",", ".")) for at in numbers]
    if len(values) == 1:
        years = [cell for row in rows if NUMBER.fullmatch(cell := row[numbers[0]]) and float(cell.replace(",", ".")) in _YEARS]
        return values[0] == 0 or (values[0] in _YEARS and len(years) < len(rows) / 2)
    steps = [after - before for before, after in pairwise(values)]
    named = len(values) >= _ROW_OF_NAMES or max(steps) - min(steps) < _EVEN or all(value in _YEARS for value in values)
    if min(steps) <= 0 or not named:
        return False
    return sum(_ascends(row, numbers) for row in rows) < len(rows) / 2


def _ascends(row: Sequence[str], numbers: Sequence[int]) -> bool:
    values = [float(row[at].replace(",", ".")) for at in numbers if NUMBER.fullmatch(row[at])]
    return all(before < after for before, after in pairwise(values))


def marks_among_numbers(rows: Sequence[Sequence[str]], width: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return the columns, from 0, in which all cells but such marks are numbers, and the marks that stand there."""
    found = []
    for at in range(width):
        cells = Counter(row[at].strip() for row in rows if len(row) == width)
        marks = tuple(mark for mark in MARKS if mark in cells)
        if not marks:
            continue
        numbers = [cell for cell in cells if NUMBER.fullmatch(cell)]
        if len(numbers) > 1 and all(_kind_of(cell) in ("", "number") for cell in cells):
            found.append((at, marks))
    return tuple(found)
