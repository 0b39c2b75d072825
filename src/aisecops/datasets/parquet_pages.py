"""Parquet files with large row groups, some pages at a time.

A reader unpacks a row group's column at once: pandas writes a million rows to a group, which of long texts is more than memory. Its pages are a megabyte each as a rule,
and stand alone, but for the dictionary that comes before them. So a few pages of a column, with its dictionary, are given a footer of their own: a small Parquet file
(https://github.com/apache/parquet-format), which any reader can unpack.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from aisecops.datasets.parquet_footer import Compact, footer, unpacked
from aisecops.datasets.table import TableError

LARGE = 96 << 20
"""Bytes that a row group's column unpacks to from which on it is read by pages."""
_AT_ONCE = 32 << 20
"""Bytes that the pages unpack to which are read together."""
_SLICES = 32
"""Parts in which a row group's nested column is read, of which a page may hold a part of a row."""
_HEADER = 1 << 16
"""Bytes of the header of a page that are looked at; statistics of long texts stand in it."""
_DATA, _INDEX, _DICTIONARY, _DATA_2 = range(4)
"""Types of pages."""
_MAGIC = b"PAR1"
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
"""Types of Thrift's compact protocol."""


class _Chunk(msgspec.Struct, frozen=True):
    """A column of a row group: where its pages start and end, what they unpack to, and fields of ColumnMetaData as the footer has them."""

    start: int
    end: int
    unpacked: int
    kind: int
    codec: int
    encodings: tuple[int, ...]


class _Page(msgspec.Struct, frozen=True):
    """A page with its header, as bytes of the file."""

    kind: int
    start: int
    end: int
    unpacked: int
    rows: int


class _Column(msgspec.Struct, frozen=True):
    """A column: its chunks; where it is not nested, its element of the schema, as bytes."""

    flat: bool
    schema: bytes
    chunks: tuple[_Chunk, ...]


class Pages(msgspec.Struct, frozen=True):
    """A Parquet file as ``pages_of`` found it: rows of the groups, and what is where."""

    path: str
    rows: tuple[int, ...]
    columns: dict[str, _Column]

    def largest(self) -> int:
        """Return the most bytes that anything unpacks to which is read at once: some pages, a page that is larger, or a slice of a nested column."""
        most = _AT_ONCE
        with open(self.path, "rb") as file:
            for column in self.columns.values():
                for chunk in column.chunks:
                    if not column.flat:
                        most = max(most, (chunk.end - chunk.start) // 2 + chunk.unpacked // _SLICES)
                    elif chunk.unpacked > LARGE:
                        most = max(most, *(page.unpacked for page in _pages(file, chunk)))
        return most

    def read(self, names: Sequence[str], rows: int | None = None) -> Iterator[Any]:
        """Yield Polars frames with the columns ``names``, in order; no more than the first ``rows`` rows."""
        left = sum(self.rows) if rows is None else rows
        for group, size in enumerate(self.rows):
            parts = {name: self._column(name, group, _AT_ONCE // max(1, len(names))) for name in names}
            for frame in _side_by_side(parts, min(size, left)):
                yield frame
                left -= len(frame)
            if left <= 0:
                return

    def _column(self, name: str, group: int, most: int) -> Iterator[Any]:
        import polars as pl

        column = self.columns[name]
        if not column.flat:
            start, size = sum(self.rows[:group]), self.rows[group]
            step = max(1, -(-size // _SLICES))
            yield from (
                pl.scan_parquet(self.path).select(name).slice(at, min(step, start + size - at)).collect() for at in range(start, start + size, step)
            )
            return
        chunk = column.chunks[group]
        with open(self.path, "rb") as file:
            for taken in _taken(_pages(file, chunk), most):
                yield pl.read_parquet(io.BytesIO(_small_file(file, name, column.schema, chunk, taken)), use_statistics=False)


def pages_of(path: str) -> Pages | None:
    """Return the pages of the Parquet file at ``path``; None where no column of a row group is ``LARGE``, or its footer is broken."""
    try:
        data = footer(path)
        said = Compact(data).struct(0)
        groups = said[4]
        if not any(column[3][6] > LARGE for group in groups for column in group[1]):
            return None
        return Pages(path, tuple(group[3] for group in groups), _columns(data, said))
    except (OSError, IndexError, KeyError, TypeError, ValueError):
        return None


def at_once(path: str) -> int:
    """Return how many bytes the largest thing unpacks to that is read at once of a Parquet file; 0 where its footer is broken. Raises ``TableError``: a page is."""
    if pages := pages_of(path):
        return pages.largest()
    said = unpacked(path)
    return said.largest if said else 0


def scan(pages: Pages) -> Any:
    """Return a lazy Polars frame of the file that reads its pages."""
    import polars as pl
    from polars.io.plugins import register_io_source

    schema = pl.scan_parquet(pages.path).collect_schema()

    def read(columns: list[str] | None, predicate: Any, rows: int | None, _: int | None) -> Iterator[Any]:
        names = list(schema) if columns is None else columns
        for frame in pages.read(names, rows):
            typed = frame.cast({name: schema[name] for name in names if frame.schema[name] != schema[name]})  # what a writer says beyond the format
            yield typed if predicate is None else typed.filter(predicate)

    return register_io_source(read, schema=schema, is_pure=True)


def _columns(data: bytes, said: dict[int, Any]) -> dict[str, _Column]:
    """The columns of a file by name: the schema lists each with all that is in it, the chunks of a group are those of its leaves, in that order."""
    elements, columns, leaf, at = said[2], dict[str, _Column](), 0, 1
    for _ in range(elements[0][5]):
        root = at
        open_, leaves = 1, 0
        while open_:
            children = elements[at].get(5, 0)
            open_ += children - 1
            leaves += not children
            at += 1
        flat = at == root + 1 and elements[root].get(3, 0) < 2
        start, end = elements[root][Compact.SPAN]
        name = elements[root][4].decode()
        chunks = tuple(_chunk(column) for group in said[4] for column in group[1][leaf : leaf + leaves])
        columns[name] = _Column(flat, data[start:end] if flat else b"", chunks)
        leaf += leaves
    return columns


def _chunk(column: dict[int, Any]) -> _Chunk:
    if 1 in column:
        raise ValueError("in another file")
    told = column[3]
    start = min(offset for offset in (told[9], told.get(11) or 0) if offset > 0)
    return _Chunk(start, start + told[7], told[6], told[1], told[4], tuple(told[2]))


def _pages(file: BinaryIO, chunk: _Chunk) -> Iterator[_Page]:
    at = chunk.start
    while at < chunk.end:
        page = _page(file, at, chunk.end)
        yield page
        at = page.end


def _page(file: BinaryIO, at: int, last: int) -> _Page:
    file.seek(at)
    head = Compact(file.read(min(_HEADER, last - at)))
    try:
        told = head.struct(0)
        kind, unpacked_to, packed_to = told[1], told[2], told[3]
        rows = told[5][1] if kind == _DATA else told[8][1] if kind == _DATA_2 else 0
    except (IndexError, KeyError, TypeError, ValueError):
        raise TableError("the header of a page is broken", fix="copy it again: it is cut off or broken") from None
    if packed_to < 0 or unpacked_to < 0 or rows < 0 or at + head.at + packed_to > last:
        raise TableError("a page goes beyond its column", fix="copy it again: it is cut off or broken")
    return _Page(kind, at, at + head.at + packed_to, unpacked_to, rows)


def _taken(pages: Iterator[_Page], most: int) -> Iterator[list[_Page]]:
    """Some pages of data at a time, the dictionary before each."""
    dictionary: list[_Page] = []
    taken: list[_Page] = []
    for page in pages:
        if page.kind == _DICTIONARY:
            dictionary = [page]
        elif page.kind != _INDEX:
            if taken and sum(one.unpacked for one in taken) + page.unpacked > most:
                yield dictionary + taken
                taken = []
            taken.append(page)
    if taken:
        yield dictionary + taken


def _small_file(file: BinaryIO, name: str, schema: bytes, chunk: _Chunk, pages: list[_Page]) -> bytes:
    parts, places, at = [_MAGIC], [], len(_MAGIC)
    for page in pages:
        file.seek(page.start)
        parts.append(file.read(page.end - page.start))
        places.append(at)
        at += page.end - page.start
    first = int(pages[0].kind == _DICTIONARY)
    rows = sum(page.rows for page in pages)
    told = [
        (1, _I32, chunk.kind),
        (2, _LIST, (_I32, chunk.encodings)),
        (3, _LIST, (_BINARY, [name.encode()])),
        (4, _I32, chunk.codec),
        (5, _I64, rows),
    ]
    told += [(6, _I64, sum(page.unpacked for page in pages)), (7, _I64, at - len(_MAGIC)), (9, _I64, places[first])]
    told += [(11, _I64, places[0])] if first else []
    column = _struct([(2, _I64, len(_MAGIC)), (3, _STRUCT, _struct(told))])
    group = _struct([(1, _LIST, (_STRUCT, [column])), (2, _I64, at), (3, _I64, rows)])
    root = _struct([(4, _BINARY, b"schema"), (5, _I32, 1)])
    end = _struct([(1, _I32, 2), (2, _LIST, (_STRUCT, [root, schema])), (3, _I64, rows), (4, _LIST, (_STRUCT, [group]))])
    return b"".join([*parts, end, len(end).to_bytes(4, "little"), _MAGIC])


def _struct(fields: Sequence[tuple[int, int, Any]]) -> bytes:
    """A struct of Thrift's compact protocol: field numbers, in order and at most 15 apart, types and values; structs are bytes already."""
    written, before = [], 0
    for number, kind, value in fields:
        written += [bytes([(number - before) << 4 | kind]), _value(kind, value)]
        before = number
    return b"".join([*written, b"\0"])


def _value(kind: int, value: Any) -> bytes:
    if kind in (_I32, _I64):
        return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == _BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == _LIST:
        of, items = value
        return bytes([0xF0 | of]) + _varint(len(items)) + b"".join(_value(of, item) for item in items)
    return bytes(value)  # a struct, written already


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    return bytes([*written, number])


def _side_by_side(parts: dict[str, Iterator[Any]], rows: int) -> Iterator[Any]:
    """Frames of one column each, which end at different rows, as frames of all of them; ``rows`` rows in all."""
    import polars as pl

    held: dict[str, Any] = {}
    while rows > 0:
        for name, column in parts.items():
            if name not in held or not len(held[name]):
                held[name] = next(column, None)
                if held[name] is None:
                    raise TableError("a column of a row group has fewer rows than the group", fix="copy it again: it is cut off or broken")
        size = min(rows, *(len(frame) for frame in held.values()))
        yield pl.concat([frame[:size] for frame in held.values()], how="horizontal") if held else pl.DataFrame(height=size)
        held = {name: frame[size:] for name, frame in held.items()}
        rows -= size
