"""Cells that the other cells of their column, or its name, exclude: another unit, a stand-in for a missing value, a wrong sign, days that are far off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.text import inert

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.datasets.plausibility import Implausible
    from aisecops.datasets.profile import ColumnProfile
    from aisecops.datasets.units import WrongUnit
    from aisecops.datasets.written_days import WrittenDays

_LOOKED_AT = 200_000
"""Rows of a large table in which something odd has to be before all days are read."""
_SAYS = {
    "placeholder": "stand for a missing value, it seems",
    "sign": "have the wrong sign, it seems",
    "range": "cannot be",
    "day": "are far off, it seems",
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


def _in_another_unit(found: WrongUnit) -> OddCells:
    how = f"{found.factor:g} times too large" if found.factor > 1 else f"{1 / found.factor:g} times too small"
    what = (
        f"{len(found.rows):,} values of `{inert(found.column, 60)}` seem {how}: divided by {found.factor:g} they are like all others ({found.meaning}?); "
        f"the first is in row {found.rows[0]:,} (from 0)."
    )
    return OddCells(kind=f"unit:{found.factor:g}", column=found.column, message=what, rows=found.rows)


def _implausible(found: Implausible) -> OddCells:
    what = (
        f"{len(found.rows):,} values of `{inert(found.column, 60)}` {_SAYS[found.kind]}: {found.why}; the first is in row {found.rows[0]:,} (from 0)."
    )
    return OddCells(kind=f"implausible:{found.kind}", column=found.column, message=what, rows=found.rows)


def _of_days(data: DataSet, columns: Sequence[ColumnProfile]) -> Iterator[OddCells]:
    from aisecops.datasets.plausibility import far_days
    from aisecops.datasets.sources import load_polars
    from aisecops.datasets.written_days import written_days

    pl: Any = load_polars()
    step = max(1, data.rows // _LOOKED_AT)
    for written in written_days(data.frame, [c.name for c in columns if c.textual and c.present and not c.mostly_numbers], step):
        if len(written.ways) > 1:
            yield _several_ways(written)
        yield from map(_implausible, far_days(written.column, written.days))
    for name, dtype in data.frame.collect_schema().items():
        if dtype == pl.Date or dtype == pl.Datetime:
            day = pl.col(name).cast(pl.Date).cast(pl.Int32).cast(pl.Float64).fill_null(float("nan"))
            cells = data.frame.select(day)
            if step == 1 or any(far_days(name, cells.gather_every(step).collect(engine="streaming").to_series().to_numpy())):
                yield from map(_implausible, far_days(name, cells.collect(engine="streaming").to_series().to_numpy()))


def _several_ways(written: WrittenDays) -> OddCells:
    ways = ", ".join(f"{way} ({count:,})" for way, count in written.ways)
    what = f"Days of `{inert(written.column, 60)}` are written in several ways: {ways}."
    return OddCells(kind="days", column=written.column, message=what, rows=written.others)
