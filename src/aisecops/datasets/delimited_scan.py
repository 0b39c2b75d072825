"""Lines of cells (CSV, TSV) as a lazy Polars frame, laid out as ``delimited`` found them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisecops.datasets.delimited import Delimited, delimited
from aisecops.datasets.extra import load_polars

FILE = "\0file"
"""The column in which Polars says which part of a table a row comes from."""
_MOST_TO_LOOK_AT = 100
"""Columns up to which a row is left out where all of its cells are missing, as in a file with empty lines: all of them have to be read for each question."""


def scan_lines(path: str, missing: Sequence[str], *, files: Sequence[str] = (), **options: Any) -> Any:
    """Return a CSV file as a lazy Polars frame, without empty lines; numbers that are written ``3,5`` are read as such.

    ``options`` are those of ``scan_csv``; ``files`` are more that are laid out as it is, itself among them.
    """
    pl, layout = load_polars(), delimited(path)
    frame = pl.scan_csv(
        list(files) or path,
        null_values=list(missing),
        with_column_names=numbered if layout.headless else named,
        decimal_comma=layout.comma,
        **layout.options(),
        **options,
    )
    if layout.comma and options.get("infer_schema") is False:
        frame = frame.with_columns(pl.all().str.replace(r"^(\s*[-+]?[0-9]+),([0-9]+\s*)$", "${1}.${2}"))
    if missing:
        frame = _without_marks(pl, frame, layout, typed=options.get("infer_schema") is not False)
    if layout.gaps and 1 < len(frame.collect_schema()) <= _MOST_TO_LOOK_AT:
        return frame.filter(~pl.all_horizontal(pl.exclude(FILE).is_null()))
    return frame


def _is_pattern(name: str) -> bool:
    """Whether Polars takes a name for all columns that it fits; such columns are read with brackets around their names."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))


def _without_marks(pl: Any, frame: Any, layout: Delimited, *, typed: bool) -> Any:
    """Make ``?`` and its like what it is among numbers: a missing value."""
    if not layout.marks:
        return frame
    names = frame.collect_schema().names()
    point = "." if layout.comma else ","
    cells = {
        names[at]: (pl.col(names[at]).cast(pl.String).str.strip_chars().str.replace(",", point, literal=True), marks)
        for at, marks in layout.marks
        if at < len(names)
    }
    bare = {name: pl.when(~cell.is_in(marks)).then(cell if typed else pl.col(name)) for name, (cell, marks) in cells.items()}
    return frame.with_columns(cell.cast(pl.Float64).alias(name) if typed else cell.alias(name) for name, cell in bare.items())


def named(header: list[str]) -> list[str]:
    """Give columns without a name, such as the index that pandas and R write first, the one that pandas reads them by; Polars numbers what it takes for repetitions."""
    nameless = {"", *(f"_duplicated_{number}" for number in range(len(header)))} if "" in header else set()
    return [f"Unnamed: {number}" if name in nameless else f"[{name}]" if _is_pattern(name) else name for number, name in enumerate(header)]


def numbered(row: list[str]) -> list[str]:
    """Name the columns of a file without a header by their numbers, from 1."""
    return [f"column_{number}" for number in range(1, len(row) + 1)]
