"""Columns that name each row, and rows that have the name of another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.content.personal.headers import words
from aisecops.datasets.pieces import HELD, columns_apart, repeats, row_keys

_NAMED = re.compile(r"(?:^|.* )(?:id|uuid|guid|key|pk|no|nr|number|num|reference|ref)$|^(?:isbn|ean|sku|ssn|iban|email)$")
_OTHERS = re.compile(r"\b(?:house|street|phone|room|page|child|children|visit|lot|seat|track|flat|apartment)\b")
_FEWEST, _UNIQUE = 50, 0.95


class RepeatedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A column and the rows, from 0, shape (n,), that have the key of an earlier row."""

    column: str
    rows: npt.NDArray[np.int64]


def repeated_keys(frame: Any, columns: Sequence[Any], again: npt.NDArray[np.int64]) -> list[RepeatedKey]:
    """Return the columns named like a key whose values are all different but for a few; rows ``again`` that repeat another one wholly are left out.

    Parameters
    ----------
    columns
        Profiles (``aisecops.datasets.profile``).
    """
    found = []
    most = (1 - _UNIQUE) * columns[0].rows if columns else 0
    named = [column.name for column in columns if _is_key(column)]
    for name, cells in columns_apart(frame, named, HELD // max(1, columns[0].rows) if columns else 0):
        rows = np.setdiff1d(repeats(row_keys(cells, [name])), again)
        if 0 < len(rows) <= most:
            found.append(RepeatedKey(column=name, rows=rows))
    return found


def _is_key(column: Any) -> bool:
    """Whether a column has the name of a key, and hardly any value twice."""
    name = words(column.name)
    if column.rows < _FEWEST or column.missing or column.distinct < 0.9 * column.rows:
        return False
    return bool(_NAMED.search(name)) and not _OTHERS.search(name)
