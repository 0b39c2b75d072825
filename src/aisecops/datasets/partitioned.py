"""A table that is a folder of parts, opened by Polars as one; what its folders name are columns of it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from aisecops.core.text import inert_path
from aisecops.datasets.delimited import delimited
from aisecops.datasets.delimited_scan import FILE, scan_lines
from aisecops.datasets.extra import load_polars
from aisecops.datasets.parts import Parts
from aisecops.datasets.table import TableError

_HEADER = 1 << 20


def open_parts(parts: Parts, missing: Sequence[str], **options: Any) -> Any:
    """Return the table as a lazy frame, its rows in the order of the parts' names; ``options`` are those of ``scan_csv``.

    Raises
    ------
    TableError
        A part is empty, or has another header than the first.
    """
    if parts.packed:
        raise TableError("its parts are packed", where=inert_path(parts.folder), fix="unpack them")
    pl, paths = load_polars(), parts.paths
    for path in paths:
        if not os.path.getsize(path):
            raise _wrong(parts, path, "the file is empty", "take it out")
    match parts.ending:
        case ".csv" | ".tsv":
            _check_headers(parts)
            frame = scan_lines(paths[0], missing, files=paths, include_file_paths=FILE, **options)
        case ".parquet":
            frame = pl.scan_parquet(paths, include_file_paths=FILE, hive_partitioning=False, glob=False)
        case ".jsonl" | ".ndjson":
            frame = pl.scan_ndjson(paths, include_file_paths=FILE, infer_schema_length=None)
        case _:
            frame = pl.scan_ipc(paths, include_file_paths=FILE, hive_partitioning=False)
    return frame.with_columns(*_of_folders(pl, parts, frame.collect_schema().names(), texts=options.get("infer_schema") is False)).drop(FILE)


def _of_folders(pl: Any, parts: Parts, taken: Sequence[str], *, texts: bool) -> list[Any]:
    """Return the columns that folders name; one of the files' own that is called so is what counts."""
    columns = []
    for at, name in enumerate(parts.columns):
        if name in taken:
            continue
        values = [part.values[at] for part in parts.parts]
        whole = not texts and all(value is None or re.fullmatch(r"-?[0-9]{1,18}", value) for value in values)
        told = [int(value) if whole and value is not None else value for value in values]
        kind = pl.Int64 if whole else pl.String
        columns.append(pl.col(FILE).replace_strict(parts.paths, pl.Series(told, dtype=kind), return_dtype=kind).alias(name))
    return columns


def _check_headers(parts: Parts) -> None:
    first, *others = parts.paths
    if delimited(first).headless:
        return
    header = _header(first)
    for path in others:
        if _header(path) != header:
            raise _wrong(parts, path, f"another header than in {inert_path(parts.parts[0].path)}", "write all parts with the same columns")


def _header(path: str) -> bytes:
    with open(path, "rb") as file:
        for _ in range(delimited(path).skipped):
            file.readline(_HEADER)
        return file.readline(_HEADER).strip()


def _wrong(parts: Parts, path: str, what: str, fix: str) -> TableError:
    return TableError(f"{parts.name_of(path)}: {what}", where=inert_path(parts.folder), fix=fix)
