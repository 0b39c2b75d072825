"""The cells that an example changes, as a report shows them."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.core.text import inert
from aisecops.datasets.domain.declaration import Column, ColumnType, Domain
from aisecops.datasets.domain.evaluation import Floats

MASK = "(personal)"


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
            found.append(
                CellChange(column=inert(column.name, 80), before=_shown(column, before), after=_shown(column, after), derived=bool(column.formula))
            )
    return tuple(found)


def _shown(column: Column, value: float) -> str:
    if column.personal:
        return MASK
    if np.isnan(value):
        return "missing"
    if column.type == ColumnType.CATEGORY and 0 <= value < len(column.categories):
        return inert(column.categories[int(value)], 80)
    return f"{int(value):d}" if column.type != ColumnType.REAL and value == int(value) else f"{value:.6g}"
