"""Parts of days and times in a column of text, as numbers: the day itself, the day of the week, the time of day."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np

from aisecops.datasets.table import Floats, TableColumn

_WRITTEN = re.compile(r"\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?)?\s*(?:Z|[+-]\d{2}:?\d{2}|UTC)?\s*\Z")
_DAYS = 0.9
"""The share of different values that must be days."""


def day_parts(column: TableColumn) -> list[tuple[str, str, Floats]]:
    """Return the parts of a column of days: what each is called, its kind (``day``, ``weekday``, ``minute``), and its numbers, shape (n,), NaN where a cell is no day.

    Days are counted as ``date.toordinal`` does. None where the column holds no days.
    """
    read = [_read(value) for value in column.categories]
    known = [moment for moment in read if moment is not None]
    if not known or len(known) < _DAYS * len(read):
        return []
    parts = [(f"day of {column.name}", "day", [float("nan") if m is None else float(m.toordinal()) for m in read])]
    if len({moment.weekday() for moment in known}) > 1:
        parts.append((f"weekday of {column.name} (Monday: 0)", "weekday", [float("nan") if m is None else float(m.weekday()) for m in read]))
    if len({(moment.hour, moment.minute) for moment in known}) > 1:
        parts.append((f"time of {column.name}", "minute", [float("nan") if m is None else 60.0 * m.hour + m.minute for m in read]))
    return [(name, kind, _of_cells(column, np.array(values))) for name, kind, values in parts]


def _of_cells(column: TableColumn, values: Floats) -> Floats:
    known = ~np.isnan(column.values)
    cells = np.full(len(known), np.nan)
    cells[known] = values[column.values[known].astype(np.int64)]
    return cells


def _read(text: str) -> datetime | None:
    found = _WRITTEN.match(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute)
    except ValueError:
        return None
