"""Days in columns of text: in which ways they are written, and which day each is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.datasets.extra import load_polars
from aisecops.datasets.pieces import HELD, column_groups, columns_apart
from aisecops.datasets.plausibility import far_days

_WAYS = {
    "YYYY-MM-DD": (r"^\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?$", "%Y-%m-%d"),
    "YYYY/MM/DD": (r"^\d{4}/\d{1,2}/\d{1,2}(?: .*)?$", "%Y/%m/%d"),
    "NN/NN/YYYY": (r"^\d{1,2}/\d{1,2}/\d{4}(?: .*)?$", "%d/%m/%Y"),
    "DD.MM.YYYY": (r"^\d{1,2}\.\d{1,2}\.\d{4}(?: .*)?$", "%d.%m.%Y"),
    "NN-NN-YYYY": (r"^\d{1,2}-\d{1,2}-\d{4}(?: .*)?$", "%d-%m-%Y"),
    "DD Mon YYYY": (r"^\d{1,2}[ -][A-Z][a-z]{2,8}[ -]\d{4}$", "%d %b %Y"),
    "Mon DD, YYYY": (r"^[A-Z][a-z]{2,8} \d{1,2}, \d{4}$", "%b %d, %Y"),
}
_YEAR_FIRST = ("YYYY-MM-DD", "YYYY/MM/DD")
"""Ways in which month and day cannot be told the wrong way round: what is no day then is on no calendar."""
_FIRST = 200
_DAYS, _RARE, _FEWEST = 0.9, 0.001, 3


class WrittenDays(msgspec.Struct, frozen=True, kw_only=True):
    """A column of days in text: the ways in which they are written with the number of cells each, the most frequent first, and the days.

    ``others``: the rows of all but the most frequent way, shape (m,).
    ``none``: rows of cells that are no day of the calendar in any of these ways (``2024-02-30``, ``45197``, ``soon``), shape (m,).
    ``days``: shape (n,), counted from 1970, NaN where the cell is none of the most frequent way.
    """

    column: str
    ways: tuple[tuple[str, int], ...]
    others: npt.NDArray[np.int64]
    none: npt.NDArray[np.int64]
    days: npt.NDArray[np.float64]


def written_days(frame: Any, columns: Sequence[str], rows: int = 0, most: int = 200_000) -> Iterator[WrittenDays]:
    """Yield what is written in those text columns of a lazy Polars frame that hold days, as their first values show.

    Where it has more ``rows`` than ``most``, so many are looked at first, and a column in which nothing is odd there is not read as a whole.
    """
    pl = load_polars()
    named = [first.name for first in _heads(frame, columns) if _are_days(first)]
    for name, column in columns_apart(frame, named, HELD // max(1, rows)):
        cells = column.select(pl.col(name).str.strip_chars())
        step = max(1, rows // most)
        if step > 1:
            few = _written(name, cells.gather_every(step).collect(engine="streaming")[name])
            if len(few.ways) < 2 and not len(few.none) and not any(far_days(name, few.days)):
                continue
        yield _written(name, cells.collect(engine="streaming")[name])


def _are_days(first: Any) -> bool:
    return len(first) > 0 and sum(int(first.str.contains(pattern).sum()) for pattern, _ in _WAYS.values()) >= _DAYS * len(first)


def _heads(frame: Any, columns: Sequence[str]) -> Iterator[Any]:
    for group in column_groups(frame, columns):
        for column in frame.select(group).head(_FIRST).collect().iter_columns():
            yield column.drop_nulls()


def _written(name: str, cells: Any) -> WrittenDays:
    pl = load_polars()
    fits = {way: cells.str.contains(pattern).fill_null(value=False) for way, (pattern, _) in _WAYS.items()}
    counts = sorted(((way, int(fit.sum())) for way, fit in fits.items()), key=lambda item: -item[1])
    told = tuple((way, count) for way, count in counts if count >= max(_FEWEST, _RARE * len(cells)))
    others = np.zeros(len(cells), bool)
    for way, _ in told[1:]:
        others |= fits[way].to_numpy()
    first = counts[0][0]
    kept = cells.to_frame().select(pl.when(fits[first]).then(pl.col(name).str.extract(r"^(\S+(?: [^:]*\d{4})?)")).otherwise(None)).to_series()
    days = kept.str.replace(r"T.*$", "").str.to_date(_WAYS[first][1], strict=False).cast(pl.Int32).cast(pl.Float64)
    some = np.logical_or.reduce([fit.to_numpy() for fit in fits.values()])
    outside = first in _YEAR_FIRST and fits[first].to_numpy() & days.is_null().to_numpy()
    none = cells.is_not_null().to_numpy() & (~some | outside)
    return WrittenDays(column=name, ways=told, others=np.flatnonzero(others), none=np.flatnonzero(none), days=days.fill_null(float("nan")).to_numpy())
