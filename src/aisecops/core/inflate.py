"""Decompressors that unpack as much as they are asked for: those of bz2, lzma and lz4 as they are, zlib's with their interface."""

from __future__ import annotations

import zlib
from typing import Protocol


class Decompressor(Protocol):
    """The interface of bz2, lzma and lz4 objects."""

    @property
    def eof(self) -> bool: ...  # noqa: D102
    @property
    def needs_input(self) -> bool: ...  # noqa: D102
    @property
    def unused_data(self) -> bytes: ...  # noqa: D102
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...  # noqa: D102


class Inflate:
    """zlib's object with the interface of the others.

    Parameters
    ----------
    window
        As ``zlib.decompressobj`` takes it: 31 for gzip, 15 for zlib, -15 for a raw stream, as zip files have it.
    """

    def __init__(self, window: int) -> None:
        self._inner, self._tail = zlib.decompressobj(window), b""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing left to unpack."""
        return not self._tail

    @property
    def unused_data(self) -> bytes:
        """What was fed beyond the end of the stream."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        """Unpack up to ``max_length`` bytes; 0 or less: all."""
        out = self._inner.decompress(self._tail + data if self._tail else data, max(0, max_length))
        self._tail = self._inner.unconsumed_tail
        return out
