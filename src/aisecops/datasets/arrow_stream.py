"""Arrow streams, which `datasets` of Hugging Face and Kafka connectors write to files: read some batches at a time, where a reader would take all of them at once.

A file of Arrow ends with a footer that says where its batches are; a stream has none (https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format). Its
messages, each with its length before it, are the schema, dictionaries, and batches; some batches behind the schema and the dictionaries so far are a stream again.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from aisecops.datasets.table import TableError

_CONTINUED = b"\xff\xff\xff\xff"
_AT_ONCE = 32 << 20
"""Bytes of batches that are read together."""
_LONGEST_HEADER = 16 << 20
_SCHEMA, _DICTIONARY = 1, 2
"""Kinds of messages that batches need before them."""
_KIND, _HEADER, _BODY = 1, 2, 3
"""Fields of a message: what it is, the table that says more of it, and how many bytes follow."""
_ID = 0
"""The field of a dictionary that is its number."""


class _Message(msgspec.Struct, frozen=True):
    """A message: what it is, and where it begins and ends; of a dictionary its number."""

    kind: int
    start: int
    end: int
    number: int = 0


def is_stream(path: str) -> bool:
    """Tell whether the file at ``path``, which goes by the name of Arrow, holds a stream rather than a file of it."""
    with open(path, "rb") as file:
        return file.read(len(_CONTINUED)) == _CONTINUED


def scan(path: str) -> Any:
    """Return a lazy Polars frame of an Arrow stream. Raises ``TableError``."""
    from polars.io.plugins import register_io_source

    schema = next(_frames(path, 0)).schema

    def read(columns: list[str] | None, predicate: Any, rows: int | None, _: int | None) -> Iterator[Any]:
        left = rows
        for frame in _frames(path, _AT_ONCE):
            some = frame if columns is None else frame.select(columns)
            some = some if left is None else some.head(left)
            left = None if left is None else left - len(some)
            yield some if predicate is None else some.filter(predicate)
            if left == 0:
                return

    return register_io_source(read, schema=schema, is_pure=True)


def _frames(path: str, most: int) -> Iterator[Any]:
    """Some batches at a time, as Polars frames; first one without rows where ``most`` is 0, for its types."""
    import polars as pl

    with open(path, "rb") as file:
        schema: list[_Message] = []
        dictionaries: dict[int, _Message] = {}  # a later one takes the place of that before it
        before: list[_Message] = []
        taken: list[_Message] = []
        for message in _messages(file):
            if message.kind == _SCHEMA:
                schema = [message]
            elif not most:
                break
            elif message.kind == _DICTIONARY:
                dictionaries[message.number] = message
                taken += [message] if taken else []
            else:
                if taken and message.end - taken[0].start > most:
                    yield pl.read_ipc_stream(_stream(file, before + taken))
                    taken = []
                before = before if taken else [*schema, *dictionaries.values()]
                taken.append(message)
        if taken or not most:
            yield pl.read_ipc_stream(_stream(file, before + taken if taken else schema))


def _stream(file: BinaryIO, messages: list[_Message]) -> io.BytesIO:
    parts = []
    for message in messages:
        file.seek(message.start)
        parts.append(file.read(message.end - message.start))
    return io.BytesIO(b"".join([*parts, _CONTINUED, bytes(4)]))


def _messages(file: BinaryIO) -> Iterator[_Message]:
    size, at = file.seek(0, os.SEEK_END), 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little", signed=True)
        if head[:4] != _CONTINUED or not 0 <= length <= _LONGEST_HEADER:
            raise _broken()
        if not length:
            return
        header = file.read(length)
        message = _Table.root(header)
        end = at + 8 + length + message.number(_BODY, 8)
        if not at < end <= size:
            raise _broken()
        kind = message.number(_KIND, 1)
        yield _Message(kind, at, end, message.table(_HEADER).number(_ID, 8) if kind == _DICTIONARY else 0)
        at = end


class _Table:
    """A table of FlatBuffers: its fields stand behind it at the distances that its own table says, where it has them. Raises ``TableError``."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._start = data, start
        self._fields = start - self._integer(start, 4)

    @classmethod
    def root(cls, data: bytes) -> _Table:
        """Return the table that a message is."""
        return cls(data, int.from_bytes(data[:4], "little"))

    def number(self, field: int, width: int) -> int:
        """Return a field that is a whole number of so many bytes; 0 where there is none."""
        place = self._place(field)
        return self._integer(place, width) if place else 0

    def table(self, field: int) -> _Table:
        """Return a field that is a table."""
        place = self._place(field)
        return _Table(self._data, place + self._integer(place, 4))

    def _place(self, field: int) -> int:
        place = 4 + 2 * field
        offset = self._integer(self._fields + place, 2) if place < self._integer(self._fields, 2) else 0
        return self._start + offset if offset else 0

    def _integer(self, place: int, width: int) -> int:
        if not 0 <= place <= len(self._data) - width:
            raise _broken()
        return int.from_bytes(self._data[place : place + width], "little", signed=True)


def _broken() -> TableError:
    return TableError("not a whole arrow file (a message of the stream is broken)", fix="copy it again: it is cut off, broken or another format")
