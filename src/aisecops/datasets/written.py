"""Tables as they are written: cells of CSV stay text, so that neither mixed types nor leading zeros get lost, and each column is told by its distinct values."""

from __future__ import annotations

from typing import Any

from aisecops.datasets.delimited import ending_of, shown
from aisecops.datasets.headers import MISSING
from aisecops.datasets.sources import check_header, explained, open_frame, ragged_line, scan_lines
from aisecops.datasets.table import TableError


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
        frame = open_frame(path, missing)
        if ending_of(path) in {".csv", ".tsv"}:
            check_header(path)
            frame = scan_lines(path, missing, infer_schema=False)
        frame.collect_schema()
    return frame


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
    if ending_of(path) in {".csv", ".tsv"}:
        with open(path, "rb") as file:
            if b"\0" in file.read(1 << 16):
                raise TableError("binary content where a table in text is promised", where=shown(path), fix="give the file its right name")
        if read.width > 1 and len(read) and read[read.columns[-1]].null_count() and (ragged := ragged_line(path)) is not None:
            raise ragged
    return read
