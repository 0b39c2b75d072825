"""Cells that the other cells of their column, or its name, exclude: another unit, a stand-in for a missing value, a wrong sign, days that are far off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.text import agreeing, count, count_of, inert

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.datasets.plausibility import Implausible
    from aisecops.datasets.profile import ColumnProfile
    from aisecops.datasets.units import WrongUnit
    from aisecops.datasets.written_days import WrittenDays

_LOOKED_AT = 200_000
"""Rows of a large table in which something odd has to be before all days are read."""
_MOST_NO_DAYS = 0.1
_DAMAGE = {
    "encoding": ("is/are", "damaged: UTF-8 that was read as another encoding"),
    "lost": ("has/have", "lost characters, where U+FFFD stands now"),
    "entities": ("holds/hold", "marks of HTML (`&amp;`) that nobody turned back, where others do not"),
}
"""The verb in both numbers, and how the sentence goes on."""
_SAYS = {
    "placeholder": ("stands/stand", "for a missing value, it seems"),
    "sign": ("has/have", "the wrong sign, it seems"),
    "range": ("cannot/cannot", "be"),
    "day": ("is/are", "far off, it seems"),
}


class OddCells(NamedTuple):
    """What is odd (``unit:1000``, ``implausible:sign``, ``days``) in which column, said in a sentence, and the rows from 0, shape (n,)."""

    kind: str
    column: str
    message: str
    rows: npt.NDArray[np.int64]


def odd_cells(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[OddCells]:
    """Yield what is odd in the columns of a table."""
    yield from _of_numbers(data, columns)
    yield from _of_days(data, columns)
    yield from _of_texts(data, columns)
    yield from _of_two_columns(data, columns)
    yield from _of_preferences(data)


def of_keys(data: DataSet, columns: Sequence[ColumnProfile], again: npt.NDArray[np.int64]) -> Iterator[OddCells]:
    """Yield the rows that have the key of another row, but for rows ``again``, which repeat another one wholly."""
    from aisecops.datasets.keys import repeated_keys

    for found in repeated_keys(data.frame, [column for column in columns if column.name != data.roles.group], again):
        name = inert(found.column, 60)
        those = f"{count(len(found.rows), 'row', 'has/have')} the `{name}` of an earlier row, which differs; all others have their own"
        what = f"{those}. The first is row {found.rows[0]:,} (from 0)."
        yield OddCells(kind="key", column=found.column, message=what, rows=found.rows)


def _of_texts(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[OddCells]:
    from aisecops.datasets.damaged import damaged

    for found in damaged(data.frame, [column.name for column in columns if column.suspect and column.numbers < column.present]):
        verb, said = _DAMAGE[found.how]
        what = f"{_cells(len(found.rows), 'text', found.column, verb)} {said}; the first is in row {found.rows[0]:,} (from 0)."
        yield OddCells(kind=f"damaged:{found.how}", column=found.column, message=what, rows=found.rows)


def _of_two_columns(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[OddCells]:
    import numpy as np

    from aisecops.datasets.swapped import numbers_of, swapped, twins

    schema, roles = data.frame.collect_schema(), data.roles
    numeric = [c.name for c in columns if c.name not in (roles.id, roles.split) and (c.mostly_numbers or schema[c.name].is_numeric())]
    if len(numeric) < 2:
        return
    cells = numbers_of(data.frame, numeric)
    for found in swapped(cells):
        one, two = (inert(name, 60) for name in found.columns)
        those = f"In {count(len(found.rows), 'row')} `{one}` holds what all other rows have in `{two}`, and the other way round"
        what = f"{those}; the first is row {found.rows[0]:,} (from 0)."
        yield OddCells(kind="swapped", column=" and ".join(found.columns), message=what, rows=found.rows)
    for first, second in twins(cells):
        what = f"`{inert(second, 60)}` is `{inert(first, 60)}` in every row."
        yield OddCells(kind="twin", column=f"{first} and {second}", message=what, rows=np.zeros(0, np.int64))


def _of_preferences(data: DataSet) -> Iterator[OddCells]:
    from aisecops.datasets.preferences import same_answers

    for found in same_answers(data.frame):
        one, two = (inert(name, 60) for name in (found.chosen, found.rejected))
        those = f"{count_of(len(found.rows), found.pairs, 'pair', 'has/have')} the same answer as `{one}` and as `{two}`, which teaches nothing"
        what = f"{those}; the first is in row {found.rows[0]:,} (from 0)."
        yield OddCells(kind="no-preference", column=f"{found.chosen} and {found.rejected}", message=what, rows=found.rows)


def _of_numbers(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[OddCells]:
    from aisecops.datasets.plausibility import Implausible
    from aisecops.datasets.units import wrong_units

    schema = data.frame.collect_schema()
    roles = data.roles
    left_out = (roles.id, roles.label, roles.group, roles.time, roles.split)
    numeric = [c.name for c in columns if c.name not in left_out and (c.mostly_numbers or schema[c.name].is_numeric())]
    bounded = {c.name for c in data.declared.domain.columns if c.low is not None or c.high is not None} if data.declared.domain else set()
    for found in wrong_units(data.frame, numeric):
        if not isinstance(found, Implausible):
            yield _in_another_unit(found)
        elif found.kind != "range" or found.column not in bounded:  # a declared bound knows better than a name
            yield _implausible(found)


def _cells(number: int, noun: str, column: str, verb: str = "") -> str:
    return f"{count(number, noun)} of `{inert(column, 60)}`{agreeing(number, verb)}"


def _in_another_unit(found: WrongUnit) -> OddCells:
    seem, like = ("seem", "they are") if len(found.rows) > 1 else ("seems", "it is")
    how = f"{found.factor:g} times too large" if found.factor > 1 else f"{1 / found.factor:g} times too small"
    turned = "turned" if found.factor in (1.8, 1 / 1.8) else f"divided by {found.factor:g}"
    how = "in another unit" if turned == "turned" else how
    what = (
        f"{_cells(len(found.rows), 'value', found.column)} {seem} {how}: {turned} {like} like all others ({found.meaning}?); "
        f"the first is in row {found.rows[0]:,} (from 0)."
    )
    return OddCells(kind=f"unit:{found.factor:g}", column=found.column, message=what, rows=found.rows)


def _implausible(found: Implausible) -> OddCells:
    verb, said = _SAYS[found.kind]
    what = f"{_cells(len(found.rows), 'value', found.column, verb)} {said}: {found.why}; the first is in row {found.rows[0]:,} (from 0)."
    return OddCells(kind=f"implausible:{found.kind}", column=found.column, message=what, rows=found.rows)


def _of_days(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[OddCells]:
    from aisecops.datasets.extra import load_polars
    from aisecops.datasets.plausibility import far_days
    from aisecops.datasets.written_days import written_days

    pl: Any = load_polars()
    rows, textual = data.rows, [c.name for c in columns if c.textual and c.present and not c.mostly_numbers]
    step = max(1, rows // _LOOKED_AT)
    for written in written_days(data.frame, textual, rows, _LOOKED_AT):
        if len(written.ways) > 1:
            yield _several_ways(written)
        if 0 < len(written.none) <= _MOST_NO_DAYS * len(written.days):
            said = _cells(len(written.none), "value", written.column, "is no day/are no days")
            what = f"{said}, and all others are; the first is in row {written.none[0]:,} (from 0)."
            yield OddCells(kind="no-day", column=written.column, message=what, rows=written.none)
        yield from map(_implausible, far_days(written.column, written.days))
    for name, dtype in data.frame.collect_schema().items():
        if dtype == pl.Date or dtype == pl.Datetime:
            day = pl.col(name).cast(pl.Date).cast(pl.Int32).cast(pl.Float64).fill_null(float("nan"))
            cells = data.frame.select(day)
            if step == 1 or any(far_days(name, cells.gather_every(step).collect(engine="streaming").to_series().to_numpy())):
                yield from map(_implausible, far_days(name, cells.collect(engine="streaming").to_series().to_numpy()))


def _several_ways(written: WrittenDays) -> OddCells:
    ways = ", ".join(f"{way} ({cells:,})" for way, cells in written.ways)
    what = f"Days of `{inert(written.column, 60)}` are written in several ways: {ways}."
    return OddCells(kind="days", column=written.column, message=what, rows=written.others)
