"""Frames on the pipe from a worker: a mark that only this run knows, a length, and a msgpack body.

Checks run in the process that writes to this pipe. The mark tells a frame from anything else that ends up in it, at its first byte.
"""

from __future__ import annotations

from struct import Struct

_LENGTH = Struct("<I")
MARK_BYTES = 8
_HEADER = MARK_BYTES + _LENGTH.size
LARGEST = 256 << 20
"""Bytes of a body. What claims more is not ours."""


def frame(mark: bytes, body: bytes) -> bytes:
    """Return ``body`` as it goes over the pipe."""
    return mark + _LENGTH.pack(len(body)) + body


class Unframer:
    """Takes bytes as they come, gives bodies as they are complete. ``garbled``: the stream is not one of frames; nothing from that point on can be trusted."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._held = bytearray()
        self.garbled = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies that ``data`` completes."""
        self._held += data
        bodies = []
        while (end := self._end()) and len(self._held) >= end:
            bodies.append(bytes(self._held[_HEADER:end]))
            del self._held[:end]
        return bodies

    def _end(self) -> int:
        """Return the size of the frame that is held, wholly or in part; 0 if that cannot be told (yet)."""
        self.garbled |= not self._mark.startswith(bytes(self._held[:MARK_BYTES]))
        if self.garbled or len(self._held) < _HEADER:
            return 0
        (length,) = _LENGTH.unpack_from(self._held, MARK_BYTES)
        self.garbled = length > LARGEST
        return 0 if self.garbled else _HEADER + int(length)
