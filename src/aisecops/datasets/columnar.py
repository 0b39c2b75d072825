"""Files of lines with thousands of columns, written once by columns: of such a file every line would be read again for each group of columns that is asked about."""

from __future__ import annotations

import os
from typing import Any

from aisecops.datasets.packed import Copy
from aisecops.datasets.sources import explained

_FEWEST_COLUMNS = 250
"""As many as are asked about at once (``aisecops.datasets.pieces``): of fewer the lines are read once."""
_GROUP_BYTES = 32 << 20
"""What a row group is to hold: it is unpacked at once."""
_FEWEST_ROWS = 200
_HEAD = 1 << 20


def by_columns(frame: Any, path: str, columns: int) -> tuple[Any, Copy] | None:
    """Return the table again, read from a copy that has its columns apart, and what keeps that copy; None where it would not pay, or the disk has no room.

    Parameters
    ----------
    frame
        The lazy frame of the file of lines at ``path``, which has so many ``columns``.

    Raises
    ------
    TableError
        A line cannot be read.
    """
    import shutil
    import tempfile

    from aisecops.datasets.extra import load_polars

    if columns <= _FEWEST_COLUMNS or shutil.disk_usage(tempfile.gettempdir()).free < 3 * os.path.getsize(path):
        return None
    copy = Copy(".parquet", path)
    with explained(path):
        frame.sink_parquet(copy.path, compression="lz4", row_group_size=_rows(path), statistics=False, engine="streaming")
    return load_polars().scan_parquet(copy.path), copy


def _rows(path: str) -> int:
    """Return how many rows make a row group, by the length of the first lines."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    return max(_FEWEST_ROWS, _GROUP_BYTES * max(1, head.count(b"\n") - 1) // len(head))
