"""The control messages between a parent and its quarantined process, and the channel that carries them.

MessagePack over a socket, each message with its length before it. Whatever comes from the process is hostile input: lengths are bounded before memory is
taken, fields are checked by type, plain values by kind. Nothing is ever unpickled.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Any, TypeAlias

import msgspec

Values: TypeAlias = dict[str, Any]
"""Plain data: None, booleans, integers, floats, strings, bytes, and lists and string-keyed dictionaries of them."""

MOST_BYTES = 16 << 20
"""No control message is larger. Bulk goes by shared memory."""


class ArrayHeader(msgspec.Struct, frozen=True, array_like=True):
    """One array of a batch: ``dtype`` as numpy writes it (``<f8``). The arrays of a batch follow each other, each from a multiple of 64 bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag="plan"):
    """How the process is to confine itself: all that the supervisor has to know. Sizes as in ``Limits``; ``without``: mechanisms left out on purpose."""

    readable: tuple[str, ...]
    folder: str
    memory_bytes: int
    cpu_seconds: int
    threads: int
    file_bytes: int
    folder_bytes: int
    open_files: int
    without: tuple[str, ...] = ()


class Confined(msgspec.Struct, frozen=True, tag="confined"):
    """The mechanisms that were tried: an empty string where one holds, else why it does not."""

    mechanisms: dict[str, str]


class Load(msgspec.Struct, frozen=True, tag="load", array_like=True):
    """What to serve."""

    entry: str
    request: Values


class Call(msgspec.Struct, frozen=True, tag="call", array_like=True):
    """A question. ``inline`` holds the arrays where they are small; else they lie in shared memory."""

    number: int
    method: str
    values: Values
    arrays: tuple[ArrayHeader, ...]
    inline: bytes


class Answer(msgspec.Struct, frozen=True, tag="answer", array_like=True):
    """The answer to question ``number``; number 0 says that the load is done."""

    number: int
    values: Values
    arrays: tuple[ArrayHeader, ...]
    inline: bytes


class Raised(msgspec.Struct, frozen=True, tag="raised", array_like=True):
    """The code that serves raised an exception."""

    number: int
    kind: str
    message: str
    memory: bool = False


FromParent: TypeAlias = Load | Call
FromChild: TypeAlias = Answer | Raised
_encode = msgspec.msgpack.Encoder().encode


class ChannelClosed(Exception):  # noqa: N818 - each end says what that means
    """The other end is gone."""


class MalformedError(Exception):
    """The message is not one."""


class Channel:
    """Messages over a stream socket.

    The kernel keeps the time, so that a message costs one system call: what a small model takes to answer is of that order.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        end.setblocking(True)
        self._seconds: float | None = None

    def send(self, message: msgspec.Struct, seconds: float | None = None) -> None:
        """Send ``message``.

        Raises
        ------
        TimeoutError, ChannelClosed, ValueError
            It is not taken in time; nobody is there; it is too large.
        """
        data = _encode(message)
        if len(data) > MOST_BYTES:
            raise ValueError(f"a control message of {len(data)} bytes is too large; send numbers as arrays")
        deadline = self._keep(seconds)
        left = memoryview(len(data).to_bytes(4, "little") + data)
        while left:
            try:
                left = left[self.end.send(left) :]
            except BlockingIOError:
                raise TimeoutError from None
            except OSError:
                raise ChannelClosed from None
            _check(deadline)

    def receive(self, seconds: float | None = None) -> bytearray:
        """Return the next message, still packed.

        Raises
        ------
        TimeoutError, ChannelClosed, MalformedError
        """
        deadline = self._keep(seconds)
        data = bytearray()
        size = 4
        while len(data) < size:
            data += self._part()
            if size == 4 and len(data) >= 4:
                size = 4 + int.from_bytes(data[:4], "little")
                if size > MOST_BYTES:
                    raise MalformedError("it is too large")
            _check(deadline)
        if len(data) > size:
            raise MalformedError("there are two of them")
        del data[:4]
        return data

    def _part(self) -> bytes:
        try:
            part = self.end.recv(1 << 16)
        except BlockingIOError:
            raise TimeoutError from None
        except OSError:
            raise ChannelClosed from None
        if not part:
            raise ChannelClosed
        return part

    def _keep(self, seconds: float | None) -> float | None:
        """Set the time that one system call may take, and return when all of them have to be done: whoever sends byte by byte gains no more than once that time."""
        if seconds != self._seconds:
            whole, part = divmod(max(1e-6, seconds or 0.0), 1) if seconds is not None else (0, 0)
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self.end.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(whole), max(int(part * 1e6), seconds is not None and not whole)))
            self._seconds = seconds
        return None if seconds is None else time.monotonic() + seconds


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise TimeoutError


def plain(value: object, depth: int = 32) -> bool:
    """Whether ``value``, as unpacked, is plain data: no extension types, no keys but strings."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return True
    if depth == 0:
        return False
    if isinstance(value, list | tuple):
        return all(plain(item, depth - 1) for item in value)
    return isinstance(value, dict) and all(isinstance(key, str) and plain(item, depth - 1) for key, item in value.items())
