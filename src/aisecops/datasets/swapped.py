"""Cells that changed places: rows in which two columns of numbers hold what belongs into the other, and columns that are another one under a second name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars

Numbers = npt.NDArray[np.float64]
_FEWEST, _FEWEST_WRONG, _MOST_WRONG = 100, 3, 0.1
_MOST_COLUMNS, _MOST_ROWS = 60, 200_000
_FEWEST_DISTINCT = 10
_TAIL = 0.12
"""Share of a column at either end that may be wrong: its middle is what is certainly right."""
_FITS = 0.6
"""Share of the rows in which both cells lie where the other column's middle is."""
_WITHIN = 0.25
"""How far beyond its middle, in lengths of it, a value of a column may lie."""


class Swapped(msgspec.Struct, frozen=True, kw_only=True):
    """Two columns and the rows, from 0, shape (n,), in which each holds what is usual in the other and not in itself."""

    columns: tuple[str, str]
    rows: npt.NDArray[np.int64]


def numbers_of(frame: Any, columns: Sequence[str]) -> dict[str, Numbers]:
    """Return columns of numbers of a lazy Polars frame, at most 60 of at most 200,000 rows; NaN where a cell is none."""
    pl = load_polars()
    some = list(columns)[:_MOST_COLUMNS]
    if not some:
        return {}
    table = frame.select(pl.col(name).cast(pl.Float64, strict=False) for name in some).head(_MOST_ROWS).collect(engine="streaming")
    return {column.name: column.fill_null(float("nan")).to_numpy() for column in table.iter_columns()}


def swapped(columns: dict[str, Numbers]) -> list[Swapped]:
    """Return the pairs of columns of which a few rows are swapped."""
    found = []
    ends = {name: _ends(cells) for name, cells in columns.items()}
    kept = [name for name, end in ends.items() if end is not None]
    for at, one in enumerate(kept):
        for two in kept[at + 1 :]:
            first, second = ends[one], ends[two]
            if first is None or second is None or not (first[1] < second[0] or second[1] < first[0]):
                continue
            middle, below = ((first[1] + second[0]) / 2, columns[one]) if first[1] < second[0] else ((second[1] + first[0]) / 2, columns[two])
            above = columns[two] if below is columns[one] else columns[one]
            wrong = (below > middle) & (above < middle)
            fits = _is_of(columns[one][wrong], second) & _is_of(columns[two][wrong], first)
            rows = np.flatnonzero(wrong)
            if not _FEWEST_WRONG <= len(rows) <= _MOST_WRONG * len(wrong) or fits.mean() < _FITS:
                continue
            if _apart(columns[one], wrong) or _apart(columns[two], wrong):
                found.append(Swapped(columns=(one, two), rows=rows))
    return found


def _apart(cells: Numbers, wrong: npt.NDArray[np.bool_]) -> bool:
    """Whether no value of the wrong rows lies among the others: two counts with long tails overlap, and nobody swapped them."""
    right = cells[~wrong & np.isfinite(cells)]
    return bool(len(right) and ((cells[wrong] < right.min()) | (cells[wrong] > right.max())).all())


def _ends(cells: Numbers) -> tuple[float, float] | None:
    known = cells[np.isfinite(cells)]
    if len(known) < _FEWEST or len(np.unique(known)) < _FEWEST_DISTINCT:
        return None
    low, high = np.quantile(known, [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def _is_of(cells: Numbers, ends: tuple[float, float]) -> npt.NDArray[np.bool_]:
    slack = _WITHIN * (ends[1] - ends[0])
    return np.asarray((cells >= ends[0] - slack) & (cells <= ends[1] + slack))


def twins(columns: dict[str, Numbers]) -> list[tuple[str, str]]:
    """Return pairs of columns of numbers that are the same in every row."""
    first: dict[bytes, str] = {}
    found = []
    for name, cells in columns.items():
        if len(cells) < _FEWEST or len(np.unique(cells[np.isfinite(cells)])) < _FEWEST_DISTINCT:
            continue
        other = first.setdefault(cells.tobytes(), name)
        if other != name:
            found.append((other, name))
    return found
