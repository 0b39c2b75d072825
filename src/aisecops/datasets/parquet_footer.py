"""What a Parquet file says of its size once it is unpacked: its footer, read without a library for it.

A row group's column is unpacked at once, whatever reads it: a cell of half a gigabyte takes a few kilobytes of file, and a process that opens it. The footer says so
beforehand. It is Thrift's compact protocol (https://github.com/apache/parquet-format); who lies in it is met by the limits of the process.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec

_LONGEST = 4 << 20
"""Bytes of a footer that is read: some thirty thousand columns of row groups, in less than a second."""
_DEEPEST = 16
_TRUE, _FALSE, _BYTE, _LIST, _SET = 1, 2, 3, 9, 10
_ROW_GROUPS, _COLUMNS, _METADATA, _UNPACKED = 4, 1, 3, 6
"""Fields of FileMetaData, RowGroup, ColumnChunk and ColumnMetaData."""


class Unpacked(msgspec.Struct, frozen=True):
    """Bytes that a file unpacks to: the largest column of a row group, and all together."""

    largest: int
    total: int


def unpacked(path: str) -> Unpacked | None:
    """Return what the Parquet file at ``path`` unpacks to; None where its footer is broken, or too long to look at."""
    try:
        said = Compact(footer(path)).struct(0)
        sizes = [max(0, column[_METADATA][_UNPACKED]) for group in said[_ROW_GROUPS] for column in group[_COLUMNS]]
    except (OSError, IndexError, KeyError, TypeError, ValueError):
        return None
    return Unpacked(max(sizes, default=0), sum(sizes))


def footer(path: str) -> bytes:
    """Return the footer of the Parquet file at ``path``; empty where there is none, or it is too long to look at."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8))
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != b"PAR1" or not 0 < length <= min(size - 8, _LONGEST):
            return b""
        file.seek(size - 8 - length)
        return file.read(length)


class Compact:
    """Thrift's compact protocol: structs as field number to value. Raises ``IndexError`` or ``ValueError`` where it is none.

    Attributes
    ----------
    at : int
        The place behind what was read.
    """

    SPAN = 0
    """The key under which a struct has the places of its first byte and behind its last one."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def struct(self, depth: int) -> dict[int, Any]:
        """Return the struct that begins here."""
        if depth > _DEEPEST:
            raise ValueError("too deep")
        start, number = self.at, 0
        fields: dict[int, Any] = {}
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            kind = head & 15
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        fields[self.SPAN] = (start, self.at)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):  # a truth value in a list is a byte
            return self._byte()
        if kind in (_LIST, _SET):
            return self._items(depth)
        match kind:
            case 4 | 5 | 6:
                return self._integer()
            case 7:
                return self._skip(8)
            case 8:
                return self._skip(self._varint())
            case 11:
                return self._pairs(depth)
            case 12:
                return self.struct(depth + 1)
        raise ValueError("no such type")

    def _items(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        self._bounded(count)
        return [self._value(head & 15, depth + 1) for _ in range(count)]

    def _pairs(self, depth: int) -> None:
        count = self._varint()
        self._bounded(count)
        kinds = self._byte() if count else 0
        for _ in range(count):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 15, depth + 1)

    def _integer(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("too long a number")

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _skip(self, length: int) -> bytes:
        self._bounded(length)
        self.at += length
        return self._data[self.at - length : self.at]

    def _bounded(self, length: int) -> None:
        if length > len(self._data) - self.at:
            raise IndexError("cut off")
