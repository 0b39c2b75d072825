"""The distinct texts of a data set's columns, as the searches through its cells take them, and what of them was not searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.check import Context
from aisecops.core.examination import Code, NotExamined
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.datasets.distinct import DistinctTexts

_COPIES, _SHARE = 7, 10
"""Memory that finding distinct values takes for each byte of a file (measured: text, its hashes, both put in order), and the share of the task's that it gets: what
Polars reserves for its threads counts, too, and is several times what it fills. A larger file is read in pieces."""
_HELD = 32
"""Share of the task's memory that columns of a file of lines take that are read at once: one at a time, a file of thousands would be read thousands of times."""
_PACE = 800_000
"""Characters of sentences that are searched for each second that the task may take: a sixth of what one core can do."""


def columns_of(data: DataSet, ctx: Context, purpose: str) -> Iterator[tuple[str, DistinctTexts] | NotExamined]:
    """Yield the name and the distinct texts of each column that has any; last, what was left out. ``purpose`` completes "searched for ...".

    What stands at one place inside of lists and records is a column of its own: ``messages[].content``.
    """
    from aisecops.datasets.distinct import LONGEST_CELL, DistinctTexts, may_name
    from aisecops.datasets.nested import places
    from aisecops.datasets.pieces import columns_apart
    from aisecops.datasets.sources import explained

    whole = data.unpacked * _COPIES * _SHARE <= ctx.budget.memory_bytes
    most, cut = int(ctx.budget.seconds * _PACE), 0
    schema = data.frame.collect_schema()
    inside = {name: [place for place in places(name, schema[name]) if may_name(place.dtype)] for name in data.names}
    names = [name for name in data.names if inside[name]]
    together = ctx.budget.memory_bytes * max(1, len(data.names)) // (max(1, data.unpacked) * _HELD)
    apart = columns_apart(data.frame, names, together)
    while True:
        with explained(data.location):
            name, cells = next(apart, ("", None))
            if cells is None:
                break
        for place in inside[name]:
            with explained(data.location):
                texts = DistinctTexts.read(cells, place, rows=data.rows, most=most, whole=whole or together > 1)
            yield place.name, texts
            cut += texts.cut
            if texts.passed_over:
                of = f"{texts.passed_over:,} different texts of `{inert(place.name, 60)}`"
                reason = f"{of} were not searched for {purpose}; {most / 1e6:,.0f} MB of them were, spread over all rows"
                yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="allow more time (--timeout), or search the set in parts")
    if cut:
        reason = f"{cut:,} different cells were searched for {purpose} in their first {LONGEST_CELL:,} characters only"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="split long texts into rows")
