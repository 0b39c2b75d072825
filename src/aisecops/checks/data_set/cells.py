"""The distinct values of a data set's columns, within the memory of a task: all rows where they fit, else every k-th row, and then the record says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.check import Context
from aisecops.core.examination import Code, NotExamined

_SHARE = 5
"""A column of distinct values may take one in so many parts of the memory of a task: it is held twice, to find the distinct ones and to put them in order."""


def columns_of(data: DataSet, ctx: Context, purpose: str) -> Iterator[tuple[str, Any] | NotExamined]:
    """Yield the name and the distinct texts of each column; last, what was left out. ``purpose`` completes "was searched for ..."."""
    from aisecops.datasets.disclosure import LONGEST_CELL, distinct_texts
    from aisecops.datasets.sources import explained

    step = step_of(data, ctx)
    frame = data.frame.gather_every(step) if step > 1 else data.frame
    cut = 0
    for name in data.names:
        with explained(data.location):
            values = distinct_texts(frame, name)
        cut += int((values.str.len_chars() == LONGEST_CELL).sum())
        yield name, values
    if cut:
        reason = f"{cut:,} different cells were searched for {purpose} in their first {LONGEST_CELL:,} characters only"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="split long texts into rows")
    if step > 1:
        yield NotExamined(
            code=Code.TRUNCATED,
            reason=f"every {step}th row was searched for {purpose}: all of them do not fit into the memory of a check",
            remedy="allow more memory (--memory), or split the table",
        )


def step_of(data: DataSet, ctx: Context) -> int:
    """Return k where only every k-th row is looked at; 1: all rows."""
    most = ctx.budget.memory_bytes // _SHARE
    per_column = data.asset.size * _EXPANSION // max(1, len(data.names))
    return max(1, -(-per_column // most))


_EXPANSION = 4
"""Text in memory to bytes in a file, compressed ones taken into account."""
