"""The texts inside of lists and records: a conversation is a list of turns, a customer a record of ways to reach him, and either is one cell.

What lies at one place of every cell is a column like any other: ``messages[].content`` holds what was said in any turn, ``customer.reach.mails[]`` all addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.datasets.extra import load_polars

_DEEPEST = 12
"""Lists in records in lists: deeper than that nobody writes data, only attacks on readers."""
_TEXT, _ROW = "text", "row"


class Place(msgspec.Struct, frozen=True):
    """A place inside of the cells of a column.

    Parameters
    ----------
    column
        The column.
    dtype
        The Polars type of what is there.
    steps
        The fields of records and, as None, the lists on the way in; none: the cell itself.
    """

    column: str
    dtype: Any
    steps: tuple[str | None, ...] = ()

    @property
    def name(self) -> str:
        """How people write it: ``messages[].content``."""
        return self.column + "".join("[]" if step is None else f".{step}" for step in self.steps)

    def cells(self, frame: Any) -> Any:
        """Return what is there in the cells of a lazy frame: a lazy frame of one column called ``name``, with more rows or fewer than before where lists are."""
        if not self.steps:
            return frame
        return self._inside(frame.select(load_polars().col(self.column).alias(_TEXT))).rename({_TEXT: self.name})

    def numbered(self, frame: Any) -> Any:
        """Return the same as ``text``, with the ``row`` of the table in which each stands, from 0."""
        return self._inside(frame.select(load_polars().col(self.column).alias(_TEXT)).with_row_index(_ROW))

    def _inside(self, frame: Any) -> Any:
        pl = load_polars()
        for step in self.steps:
            frame = frame.explode(_TEXT) if step is None else frame.with_columns(pl.col(_TEXT).struct.field(step).alias(_TEXT))
        return frame


def places(column: str, dtype: Any, *steps: str | None) -> Iterator[Place]:
    """Yield the places in a column of Polars type ``dtype`` at which there is neither a list nor a record. ``steps``: the way that was gone."""
    pl = load_polars()
    if dtype in (pl.List, pl.Array) and len(steps) < _DEEPEST:
        yield from places(column, dtype.inner, *steps, None)
    elif dtype == pl.Struct and len(steps) < _DEEPEST:
        for field in dtype.fields:
            yield from places(column, field.dtype, *steps, field.name)
    else:
        yield Place(column, dtype, steps)
