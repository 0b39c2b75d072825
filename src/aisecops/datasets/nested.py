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
_MOST_FIELDS = 1_000
"""Fields of records that become columns; a table with more stays as it is: its records are keyed by what they hold."""
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


def fields_apart(frame: Any) -> tuple[Any, dict[str, str]]:
    """Return a lazy frame in which each field of a record is a column of its own (``customer.age``), behind the others, and the record's column by each of these.

    Lists stay as they are. So does all where there are too many fields, or a column has the name of one.
    """
    pl = load_polars()
    schema = frame.collect_schema()
    fields = {name: list(_fields(name, dtype)) for name, dtype in schema.items() if dtype == pl.Struct and dtype.fields}
    apart = {place.name: name for name, places in fields.items() for place in places}
    if not fields or len(apart) > _MOST_FIELDS or len(apart) < sum(map(len, fields.values())) or not apart.keys().isdisjoint(schema):
        return frame, {}
    told = [pl.col(name) for name in schema if name not in fields]
    for place in (place for places in fields.values() for place in places):
        cell = pl.col(place.column)
        for step in place.steps:
            cell = cell.struct.field(step)
        told.append(cell.alias(place.name))
    return frame.select(told), apart


def _fields(column: str, dtype: Any, *steps: str | None) -> Iterator[Place]:
    """The fields of a record, those of records in it among them."""
    pl = load_polars()
    if dtype == pl.Struct and dtype.fields and len(steps) < _DEEPEST:
        for field in dtype.fields:
            yield from _fields(column, field.dtype, *steps, field.name)
    else:
        yield Place(column, dtype, steps)


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
