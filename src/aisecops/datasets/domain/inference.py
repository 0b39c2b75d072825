"""A first domain from data: what held in every row. A person edits it; what only happened to hold in these rows has to go."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import msgspec
import numpy as np

from aisecops.datasets.domain.declaration import Change, Column, ColumnType, Domain
from aisecops.datasets.domain.evaluation import Floats
from aisecops.datasets.table import Table, TableColumn

MIN_ROWS = 50
"""With fewer rows too much holds by chance: no relation is inferred."""
_MOST_COLUMNS = 60
"""Pairs and triples of columns grow fast; beyond this only the first so many are compared."""
_MOST_ORDERS = 40
_DISTINCT = 8
"""A column takes part in relations if it has at least so many values."""
_MOST_MEMBERS = 40
_EXACT = 1e-9
_SURPRISE = 30.0
"""An order that would hold in all rows by chance more often than exp(-30) is none: thousands of pairs are looked at, and columns that rise together help."""


def infer(table: Table, *, target: str = "") -> Domain:
    """Return a domain in which every row of ``table`` is valid.

    Types, bounds (the least and greatest value), whole numbers, constant columns (immutable), one-hot groups (columns of 0 and 1 next to each other of which one is
    always 1), exact sums (``total`` = ``a + b``), and orders (``a <= b``) between columns in the same unit as far as can be told: those of which neither
    is known to be larger from their bounds alone.

    Parameters
    ----------
    table
        Rows of real data, as many as there are.
    target
        The label column, which is no part of the domain.
    """
    table = table.without(target) if target else table
    columns = [_column(column) for column in table.columns]
    columns = _grouped(columns, table)
    if table.rows < MIN_ROWS:
        return Domain(columns=tuple(columns))
    sums = list(_sums(columns, table))
    for total, first, second in sums:
        formula = f"{_name(columns[first])} + {_name(columns[second])}"
        columns[total] = msgspec.structs.replace(columns[total], formula=formula)
    return Domain(columns=tuple(columns), relations=tuple(_orders(columns, table, sums)))


def _column(column: TableColumn) -> Column:
    known = column.values[~np.isnan(column.values)]
    missing = len(known) < len(column.values)
    change = Change.IMMUTABLE if len(known) and known.min() == known.max() else Change.FREE
    if column.type == ColumnType.CATEGORY and column.categories:
        return Column(name=column.name, type=column.type, categories=column.categories, missing=missing, change=change)
    if not len(known):
        return Column(name=column.name, missing=True, change=Change.IMMUTABLE)
    low, high = float(known.min()), float(known.max())
    whole = bool(np.all(known == np.rint(known)))
    if column.type == ColumnType.BOOLEAN or (whole and low == 0 and high == 1):
        return Column(name=column.name, type=ColumnType.BOOLEAN, missing=missing, change=change)
    kind = ColumnType.INTEGER if whole else ColumnType.REAL
    return Column(name=column.name, type=kind, low=low, high=high, missing=missing, change=change)


def _grouped(columns: list[Column], table: Table) -> list[Column]:
    """Mark runs of columns of 0 and 1 of which exactly one is 1 in every row."""
    result, start = list(columns), 0
    while start < len(columns):
        end = _group_end(columns, table, start)
        if end:
            members = [column.name for column in columns[start:end]]
            name = _free_name(_stem(members), {column.name for column in columns} | {column.group for column in result})
            for number in range(start, end):
                result[number] = msgspec.structs.replace(columns[number], group=name, change=Change.FREE)
        start = end or start + 1
    return result


def _group_end(columns: list[Column], table: Table, start: int) -> int:
    """Return the end of the one-hot group that begins at ``start``; 0 if none does. A flag and its opposite are one only if their names begin alike."""
    total = np.zeros(table.rows)
    for end in range(start, min(len(columns), start + _MOST_MEMBERS)):
        if columns[end].type != ColumnType.BOOLEAN or columns[end].missing:
            return 0
        total = total + table.columns[end].values
        if np.any(total > 1):
            return 0
        if end > start and np.all(total == 1):
            more = end + 1 < len(columns) and columns[end + 1].type == ColumnType.BOOLEAN and not table.columns[end + 1].values.any()
            alike = len(_common([column.name for column in columns[start : end + 1]])) >= 2
            return 0 if more or (end == start + 1 and not alike) or table.rows < 2 else end + 1
    return 0


def _common(names: list[str]) -> str:
    """Return how all of ``names`` begin."""
    first, last = min(names), max(names)
    return first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))]


def _stem(names: list[str]) -> str:
    return _common(names).rstrip("_=-. :") or "group"


def _free_name(name: str, taken: set[str]) -> str:
    return next(candidate for candidate in (name, *(f"{name}_{number}" for number in range(2, 1_000))) if candidate not in taken)


def _numeric(columns: list[Column], table: Table) -> list[int]:
    """The columns that relations are looked for between: numbers with many values, none missing."""
    found = []
    for number, column in enumerate(columns):
        usable = column.type in {ColumnType.REAL, ColumnType.INTEGER} and not column.missing and column.change != Change.IMMUTABLE
        if usable and len(np.unique(table.columns[number].values[:5_000])) >= _DISTINCT:
            found.append(number)
    return found[:_MOST_COLUMNS]


def _sums(columns: list[Column], table: Table) -> Iterator[tuple[int, int, int]]:
    """Yield (total, a, b) where the total is a + b in every row: told by a few rows first, then checked in all.

    A column follows from others once, and never from one that follows from it.
    """
    usable = _numeric(columns, table)
    values = {number: table.columns[number].values for number in usable}
    sample = np.linspace(0, table.rows - 1, min(table.rows, 7)).astype(int)
    derived: set[int] = set()
    used: set[int] = set()
    for first, second in combinations(usable, 2):
        few = values[first][sample] + values[second][sample]
        for total in usable:
            if total in (first, second) or total in derived or total in used or {first, second} & derived:
                continue
            if _close(values[total][sample], few) and _close(values[total], values[first] + values[second]):
                derived.add(total)
                used |= {first, second}
                yield total, first, second


def _close(a: Floats, b: Floats) -> bool:
    return bool(np.all(np.abs(a - b) <= _EXACT * (1 + np.abs(a))))


def _orders(columns: list[Column], table: Table, sums: list[tuple[int, int, int]]) -> Iterator[str]:
    """Yield ``a <= b`` that hold in all rows, are not clear from the bounds, and do not follow from others; the tightest first.

    Two columns of which one is far larger have an order by their units alone, so the two have to be close in at least a twentieth of the rows; and the order has to
    be one that shuffled rows would not keep.
    """
    usable = _numeric(columns, table)
    values = {number: table.columns[number].values for number in usable}
    known = {(part, total) for total, *parts in sums for part in parts}
    found = []
    for a in usable:
        for b in usable:
            if a == b or (a, b) in known or values[a].max() <= values[b].min() or np.any(values[a] > values[b]):
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                near = np.mean(values[a] >= 0.5 * values[b])
            if near >= 0.05 and _surprise(values[a], values[b]) > _SURPRISE:
                found.append((float(near), a, b))
    pairs = {(a, b) for _, a, b in found}
    middle = {(a, b) for a, b in pairs if any((a, c) in pairs and (c, b) in pairs for c in usable)}
    for _, a, b in sorted((item for item in found if item[1:] not in middle), key=lambda item: (-item[0], item[1], item[2]))[:_MOST_ORDERS]:
        yield f"{_name(columns[a])} <= {_name(columns[b])}"


def _surprise(a: Floats, b: Floats) -> float:
    """Minus the logarithm of the chance that ``a <= b`` holds in all rows if the two had nothing to do with each other."""
    shuffled = 1.0 - np.searchsorted(np.sort(b), a, side="left") / len(b)
    return -math.log(max(float(np.mean(shuffled)), 1e-300)) * len(a)


def _name(column: Column) -> str:
    """Return the column's name as formulas write it."""
    plain = column.name.isidentifier() and column.name not in {"if", "then", "and"}
    return column.name if plain else f"`{column.name}`"
