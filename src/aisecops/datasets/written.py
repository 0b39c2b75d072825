"""Tables as they are written: cells of CSV stay text, so that neither mixed types nor leading zeros get lost, and each column is told by its distinct values."""

from __future__ import annotations

import os
from typing import Any

from aisecops.datasets.delimited import ending_of, shown
from aisecops.datasets.headers import MISSING
from aisecops.datasets.partitioned import open_parts
from aisecops.datasets.parts import files_of, parts_of
from aisecops.datasets.sources import check_format, check_header, explained, open_frame, ragged_line, scan_lines
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
        if os.path.exists(path) and ending_of(files_of(path)[0]) in {".csv", ".tsv"}:
            check_format(path)
        frame = open_frame(path, missing)
        if ending_of(files_of(path)[0]) in {".csv", ".tsv"}:
            check_header(path)
            frame = _all_text(path, missing)
        frame.collect_schema()
    return frame


def _all_text(path: str, missing: tuple[str, ...]) -> Any:
    if (parts := parts_of(path) if os.path.isdir(path) else None) is not None:
        return open_parts(parts, missing, infer_schema=False)
    return scan_lines(path, missing, infer_schema=False)


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
