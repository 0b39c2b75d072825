"""The distinct values of a data set's columns, within the memory of a task: a column with too many of them comes in parts, told apart by a hash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.check import Context
from aisecops.core.examination import Code, NotExamined

_COPIES, _SHARE = 7, 10
"""Memory that finding distinct values takes for each byte of them (measured: text, its hashes, both put in order), and the share of the task's that it gets:
what Polars reserves for its threads counts, too, and is several times what it fills."""
_SAMPLE = 10_000
_VIEW = 16
"""Bytes that Polars takes for a text beside its own."""


def columns_of(data: DataSet, ctx: Context, purpose: str) -> Iterator[tuple[str, Any] | NotExamined]:
    """Yield the name and the distinct texts of each column, in parts where they are many; last, what was left out. ``purpose`` completes "searched for ..."."""
    from aisecops.datasets.disclosure import LONGEST_CELL, distinct_texts
    from aisecops.datasets.sources import explained

    cut = 0
    for name in data.names:
        parts = _parts(data, ctx, name)
        for number in range(parts):
            with explained(data.location):
                values = distinct_texts(data.frame, name, part=(number, parts))
            cut += int((values.str.len_chars() == LONGEST_CELL).sum())
            yield name, values
    if cut:
        reason = f"{cut:,} different cells were searched for {purpose} in their first {LONGEST_CELL:,} characters only"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="split long texts into rows")


def _parts(data: DataSet, ctx: Context, name: str) -> int:
    """In how many parts the distinct values of a column fit: judged by the length of some of them."""
    from aisecops.datasets.disclosure import LONGEST_CELL
    from aisecops.datasets.sources import load_polars

    pl: Any = load_polars()
    if data.asset.size * _COPIES * _SHARE <= ctx.budget.memory_bytes:
        return 1
    dtype = data.frame.collect_schema()[name]
    if dtype != pl.String and dtype not in (pl.Categorical, pl.Enum) and not dtype.is_integer():
        return 1
    some = data.collect(data.frame.select(pl.col(name).cast(pl.String)).gather_every(max(1, data.rows // _SAMPLE)))[name].str.slice(0, LONGEST_CELL)
    length = (some.str.len_bytes().mean() or 0) + _VIEW
    distinct = data.rows * some.n_unique() / max(1, len(some))
    return max(1, -(-int(length * distinct * _COPIES) * _SHARE // ctx.budget.memory_bytes))
