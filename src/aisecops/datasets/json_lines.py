"""Files of one JSON object a line: which columns they have, of which types, and where these change.

A reader that looks at the first rows alone passes over keys that come later, and gives up on the first fraction among whole numbers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from aisecops.core.text import inert
from aisecops.datasets.delimited import ending_of, shown
from aisecops.datasets.extra import load_polars
from aisecops.datasets.table import TableError

_LOOKED_AT, _BLOCKS = 64 << 20, 16
"""Bytes that show which columns there are and of which types: a file of up to so many as a whole (measured: 48 MB/s), of a larger one so many pieces of it."""


def scan_objects(path: str) -> Any:
    """Return a file of JSON lines as a lazy frame with the columns of all lines, or, beyond 64 MiB, of sixteen pieces of it. Raises what Polars does."""
    status = os.stat(path)
    return load_polars().scan_ndjson(path, schema=_schema(path, status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=16)
def _schema(path: str, _changed: int, size: int) -> Any:
    pl = load_polars()
    if size <= _LOOKED_AT:
        return pl.scan_ndjson(path, infer_schema_length=None).collect_schema()
    return pl.scan_ndjson(b"".join(_pieces(path, size)), infer_schema_length=None).collect_schema()


def _pieces(path: str, size: int) -> list[bytes]:
    """Whole lines from all over a large file, the first among them."""
    length, pieces = _LOOKED_AT // _BLOCKS, []
    with open(path, "rb") as file:
        for number in range(_BLOCKS):
            file.seek(number * (size - length) // (_BLOCKS - 1))
            piece = file.read(length)
            start = piece.find(b"\n") + 1 if number else 0
            pieces.append(piece[start : piece.rfind(b"\n") + 1])
    return pieces


def changed_kind(path: str) -> TableError | None:
    """Return what to say of the first row in which a key holds a record or a list where it has held something else, or the other way round.

    ``path`` is a file of JSON lines, or of one list, that is JSON to its end.
    """
    kinds: dict[str, str] = {}
    for place, row in _rows(path):
        for key, value in row.items() if isinstance(row, dict) else ():
            kind = _kind(value)
            if kind and kinds.setdefault(key, kind) != kind:
                what = f"`{inert(key, 60)}` holds {kind} here, and {kinds[key]} in the rows before"
                return TableError(what, where=f"{shown(path)}{place}", fix="give each key values of one kind")
    return None


def _rows(path: str) -> Iterator[tuple[str, Any]]:
    with open(path, "rb") as file:
        if ending_of(path) == ".json":
            yield from (("", row) for row in json.loads(file.read()))
            return
        for number, line in enumerate(file, 1):
            yield f":{number}", json.loads(line) if line.strip() else {}


def _kind(value: object) -> str:
    match value:
        case None:
            return ""
        case dict():
            return "a record"
        case list():
            return "a list"
        case _:
            return "a single value"
