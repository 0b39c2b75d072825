"""Tables as they are written: cells of CSV stay text, so that neither mixed types nor leading zeros get lost, and each column is told by its distinct values."""

from __future__ import annotations

import os
from typing import Any

from aisecops.datasets.delimited import ending_of, shown
from aisecops.datasets.delimited_scan import scan_lines
from aisecops.datasets.extra import load_polars
from aisecops.datasets.headers import MISSING
from aisecops.datasets.partitioned import open_parts
from aisecops.datasets.parts import files_of, is_of_parts, parts_of
from aisecops.datasets.sources import check_format, check_header, explained, open_frame, ragged_line
from aisecops.datasets.table import TableError

_MEASURED = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,15})?(?:[eE][-+]?[0-9]{1,3})?$"


def open_written(path: str, *, missing: tuple[str, ...] = MISSING) -> Any:
    """Return the table in ``path`` as a lazy Polars frame whose CSV columns are all text; a missing value is null.

    Raises
    ------
    MissingExtraError
        Polars is not installed.
    TableError
        There is no such file, it is empty, its header is broken, or its name does not say which format it is.
    """
    with explained(path):
        if (os.path.exists(path) or is_of_parts(path)) and ending_of(files_of(path)[0]) in {".csv", ".tsv"}:
            check_format(path)
        frame = open_frame(path, missing)
        if ending_of(files_of(path)[0]) in {".csv", ".tsv"}:
            check_header(path)
            frame = _all_text(path, missing)
        frame.collect_schema()
    return frame


def _all_text(path: str, missing: tuple[str, ...]) -> Any:
    if (parts := parts_of(path) if is_of_parts(path) else None) is not None:
        return open_parts(parts, missing, infer_schema=False)
    return scan_lines(path, missing, infer_schema=False)


def as_written(frame: Any) -> Any:
    """Return a lazy Polars frame with one form for each number, as text: 7, 7.0 and 7e0 are one, and so are a CSV file and the Parquet file that was made of it.

    What begins with a zero, or has more figures than a floating-point number tells apart, stays as it is: it names something.
    """
    pl = load_polars()
    cells = []
    for name, dtype in frame.collect_schema().items():
        text = pl.col(name).cast(pl.String) if not dtype.is_nested() else None
        if text is None or not (dtype == pl.String or dtype.is_numeric()):
            continue
        number = pl.when(text.str.contains(_MEASURED)).then(text.cast(pl.Float64, strict=False))
        cells.append(pl.coalesce(number.cast(pl.String), text).alias(name))
    return frame.with_columns(cells)


def read_written(path: str) -> Any:
    """Return the table in ``path`` as a Polars frame, as ``open_written`` opens it, and look at each line of a CSV file for what is wrong with it.

    Raises
    ------
    TableError
        Besides what ``open_written`` raises: a line has more or fewer fields than the header, the file is binary, not UTF-8, or cut off.
    """
    frame = open_written(path)
    with explained(path):
        read = frame.collect()
    files = files_of(path)
    if ending_of(files[0]) in {".csv", ".tsv"}:
        if any(_is_binary(file) for file in files):
            raise TableError("binary content where a table in text is promised", where=shown(path), fix="give the file its right name")
        if read.width > 1 and len(read) and read[read.columns[-1]].null_count() and (ragged := ragged_line(path)) is not None:
            raise ragged
    return read


def _is_binary(path: str) -> bool:
    with open(path, "rb") as file:
        return b"\0" in file.read(1 << 16)
