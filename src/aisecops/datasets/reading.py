"""Tables, texts and images read from files, with a clear error for what is wrong with them; tables also in batches, for those larger than memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aisecops.core.text import count_of, inert, inert_path
from aisecops.datasets.delimited import ending_of, shown
from aisecops.datasets.domain.declaration import ColumnType
from aisecops.datasets.extra import MissingExtraError, load_polars
from aisecops.datasets.headers import MISSING
from aisecops.datasets.images import read_images
from aisecops.datasets.packed import Copy, PartCopies, whole_table
from aisecops.datasets.parts import files_of
from aisecops.datasets.sources import check_format, check_header, explained, mixed_types, ragged_line, typed_frame
from aisecops.datasets.table import Table, TableColumn, TableError

if TYPE_CHECKING:
    import polars

__all__ = ["MissingExtraError", "TableSource", "Texts", "read_images", "read_table", "read_texts", "scan_table"]

_EXACT = 2**53
"""Whole numbers up to here are exact in float64."""
_BATCH_ROWS = 50_000


def read_table(path: str, *, columns: Sequence[str] = (), missing: Sequence[str] = MISSING, categories: Sequence[str] = ()) -> Table:
    """Read a whole table: CSV (``,`` ``;`` tab or ``|``), Parquet, JSON lines or Arrow, told by the name's ending.

    Parameters
    ----------
    path
        The file.
    columns
        Those to read, in this order; none named: all.
    missing
        What stands for a missing value in CSV.
    categories
        Columns to read as categories although they hold numbers, or numbers and texts.

    Raises
    ------
    MissingExtraError
        Polars is not installed.
    TableError
        The file is cut off, ragged, not UTF-8, mixes numbers and texts in a column, or lacks a column; with the line, where there are lines.
    """
    return scan_table(path, columns=columns, missing=missing, categories=categories).read()


def scan_table(path: str, *, columns: Sequence[str] = (), missing: Sequence[str] = MISSING, categories: Sequence[str] = ()) -> TableSource:
    """Open a table without reading it; parameters and errors as of ``read_table``."""
    copy = whole_table(path)
    path = copy.path if copy else path
    is_csv = ending_of(files_of(path)[0]) in (".csv", ".tsv")
    with explained(path):
        if is_csv and os.path.exists(path):
            check_format(path)
        frame = typed_frame(path, missing)
        names = frame.collect_schema().names()
        if is_csv:
            check_header(path)
    for name in (*columns, *categories):
        if name not in names:
            Table(columns=tuple(TableColumn(name=n, type=ColumnType.REAL, values=np.zeros(0)) for n in names), where=shown(path)).column(name)
    return TableSource(path=path, frame=frame.select(columns or names), forced=frozenset(categories), is_csv=is_csv, copy=copy)


class TableSource(msgspec.Struct, frozen=True, kw_only=True):
    """A table that is read when asked, as a whole or in batches.

    ``forced``: the columns that are categories whatever they hold. ``copy``: what keeps the file, if it was unpacked for this.
    """

    path: str
    frame: Any
    forced: frozenset[str] = frozenset()
    is_csv: bool = False
    copy: Copy | PartCopies | None = None

    def read(self) -> Table:
        """Return the whole table."""
        with explained(self.path):
            frame = self.frame.collect()
        return self._table(frame, self._known(frame))

    def batches(self, rows: int = _BATCH_ROWS) -> Iterator[Table]:
        """Yield the table in parts of at most so many rows. A first pass over the file finds the categories, so that their numbers are the same in all parts."""
        pl = load_polars()
        with explained(self.path):
            schema = self.frame.collect_schema()
            texts = [name for name, dtype in schema.items() if name in self.forced or dtype in (pl.String, pl.Categorical, pl.Enum)]
            known = {name: self.frame.select(pl.col(name).cast(pl.String).unique()).collect(engine="streaming")[name] for name in texts}
            parts = self.frame.collect_batches(chunk_size=rows, maintain_order=True)
        names = self._sorted(known)
        while True:
            with explained(self.path):
                part = next(parts, None)
            if part is None:
                return
            for start in range(0, len(part), rows):  # a chunk may be larger than asked for
                yield self._table(part[start : start + rows], names)

    def _known(self, frame: polars.DataFrame) -> dict[str, tuple[str, ...]]:
        pl = load_polars()
        texts = [name for name, dtype in frame.schema.items() if name in self.forced or dtype in (pl.String, pl.Categorical, pl.Enum)]
        return self._sorted({name: frame[name].cast(pl.String).unique() for name in texts})

    def _sorted(self, known: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Return the categories of each column of texts; refuse numbers among which there are a few texts."""
        found = {name: tuple(sorted(value for value in values.to_list() if value is not None)) for name, values in known.items()}
        for name, values in found.items():
            texts = [value for value in values if not _is_number(value)]
            if name not in self.forced and texts and len(texts) < len(values) / 2 and len(values) > 3:
                raise mixed_types(self.path, name, texts[0])
        return found

    def _table(self, frame: polars.DataFrame, known: dict[str, tuple[str, ...]]) -> Table:
        where = shown(self.path)
        if (
            self.is_csv
            and frame.width > 1
            and len(frame)
            and frame[frame.columns[-1]].null_count()
            and (ragged := ragged_line(self.path)) is not None
        ):
            raise ragged  # Polars fills up short lines
        columns = tuple(_column(frame[name], known.get(name), where) for name in frame.columns)
        return Table(columns=columns, where=where)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _column(series: polars.Series, categories: tuple[str, ...] | None, where: str) -> TableColumn:
    """Return a Polars column as numbers."""
    pl = load_polars()
    dtype, name = series.dtype, series.name
    if categories is not None:
        codes = {category: float(number) for number, category in enumerate(categories)}
        values = np.array([codes.get(value, np.nan) for value in series.cast(pl.String).to_list()], dtype=np.float64)
        return TableColumn(name=name, type=ColumnType.CATEGORY, values=values, categories=categories)
    if dtype == pl.Boolean:
        return TableColumn(name=name, type=ColumnType.BOOLEAN, values=_floats(series))
    if dtype.is_integer():
        ends: tuple[Any, Any] = (series.min(), series.max())
        if ends[0] is not None and max(abs(end) for end in ends) > _EXACT:
            what = f"column `{inert(name, 60)}` holds whole numbers above 2^53, which float64 cannot tell apart"
            raise TableError(what, where=where, fix="leave it out if it is an identifier, or read it as categories")
        return TableColumn(name=name, type=ColumnType.INTEGER, values=_floats(series))
    if dtype.is_numeric() or dtype == pl.Null:
        values = _floats(series)
        if np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0]) + 1
            raise TableError(f"column `{inert(name, 60)}` has an infinite value in row {row}", where=where, fix="leave it empty if it is missing")
        return TableColumn(name=name, type=ColumnType.REAL, values=values)
    raise TableError(
        f"column `{inert(name, 60)}` holds {inert(str(dtype), 40)}, which is no number, truth value or text",
        where=where,
        fix="turn it into numbers, or leave it out",
    )


def _floats(series: polars.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    pl = load_polars()
    return np.array(series.cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64)


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """Texts, and the label of each as it is written; no labels if none were asked for."""

    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()


def read_texts(path: str, *, column: str = "", label: str = "") -> Texts:
    """Read texts: a column of a table, or the lines of a ``.txt`` file.

    Parameters
    ----------
    column
        The column with the texts; may be left out where the table has only one besides the label.
    label
        The column with the labels, if they are wanted.

    Raises
    ------
    TableError
        As ``read_table``; or a text or label is missing.
    """
    where = inert_path(path)
    if path.lower().endswith(".txt"):
        if column or label:
            raise TableError("a plain text file has no columns", where=where, fix="give a CSV, JSON lines or Parquet file")
        return Texts(texts=tuple(_lines_of(path)))
    names = scan_table(path).frame.collect_schema().names()
    if not column:
        others = [name for name in names if name != label]
        if len(others) != 1:
            raise TableError(
                f"which column holds the texts? there are {', '.join(inert(name, 40) for name in others[:8])}", where=where, fix="name it"
            )
        column = others[0]
    wanted = (column, label) if label else (column,)
    table = read_table(path, columns=wanted, missing=(), categories=wanted)
    for name in wanted:
        if lost := table.column(name).missing:
            raise TableError(f"column `{inert(name, 60)}` misses {count_of(lost, table.rows, 'value')}", where=where, fix="leave these rows out")
    return Texts(texts=table.texts(column), labels=table.texts(label) if label else ())


def _lines_of(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return [line.rstrip("\n") for line in file if line.strip()]
    except UnicodeDecodeError:
        raise TableError("not UTF-8 text", where=inert_path(path), fix="save it as UTF-8") from None
    except OSError as wrong:
        raise TableError(f"it cannot be read ({wrong.strerror})", where=inert_path(path), fix="give the path of a text file") from None
