"""The cells that an example changes, as a report shows them."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.core.text import inert
from aisecops.datasets.domain.declaration import Column, ColumnType, Domain
from aisecops.datasets.domain.evaluation import Floats

MASK = "(personal)"
_DIGITS = (6, 9, 17)
"""Significant digits, until a value before differs from that after: the nearest evasion is often a hair away."""


class CellChange(msgspec.Struct, frozen=True, kw_only=True):
    """One cell before and after, inert; ``derived``: it followed from the others."""

    column: str
    before: str
    after: str
    derived: bool = False


def changes(domain: Domain, point: Floats, origin: Floats) -> tuple[CellChange, ...]:
    """Return the cells in which ``point`` differs from ``origin``, both of shape (columns,)."""
    found = []
    for column, after, before in zip(domain.columns, np.ravel(point), np.ravel(origin), strict=True):
        if after != before and not (np.isnan(after) and np.isnan(before)):
            shown = [(_shown(column, before, digits), _shown(column, after, digits)) for digits in _DIGITS]
            told = next((pair for pair in shown if pair[0] != pair[1]), shown[0])
            found.append(CellChange(column=inert(column.name, 80), before=told[0], after=told[1], derived=bool(column.formula)))
    return tuple(found)


def _shown(column: Column, value: float, digits: int) -> str:
    if column.personal:
        return MASK
    if np.isnan(value):
        return "missing"
    if column.type == ColumnType.CATEGORY and 0 <= value < len(column.categories):
        return inert(column.categories[int(value)], 80)
    return f"{int(value):d}" if column.type != ColumnType.REAL and value == int(value) else f"{value:.{digits}g}"
