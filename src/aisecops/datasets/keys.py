"""Columns that name each row, and rows that have the name of another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.content.personal.headers import words
from aisecops.datasets.pieces import repeats, row_keys

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
    for column in columns:
        name = words(column.name)
        if column.rows < _FEWEST or column.missing or not _NAMED.search(name) or _OTHERS.search(name) or column.distinct < 0.9 * column.rows:
            continue
        rows = np.setdiff1d(repeats(row_keys(frame, [column.name])), again)
        if 0 < len(rows) <= (1 - _UNIQUE) * column.rows:
            found.append(RepeatedKey(column=column.name, rows=rows))
    return found
