"""Frames between two of our own processes, and how a fresh interpreter of ours is started at the other end."""

from __future__ import annotations

import os
import select
import sys
from collections import deque
from time import monotonic
from typing import Any

import msgspec

from aisecops.pipeline.wire import Unframer, frame

_MARK = b"aisecops"
_START = "import sys; sys.path[:] = {path!r}; from {module} import main; main({arguments})"


class Line:
    """The reading end of a pipe that carries frames. ``ended``: nothing more will come."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._unframer = Unframer(_MARK)
        self._bodies: deque[bytes] = deque()
        self.ended = False

    def receive(self, patience: float | None = None, wake: int | None = None) -> bytes | None:
        """Return the next body; None once the line has ended, or when ``wake`` becomes readable.

        Raises
        ------
        TimeoutError
            Nothing came for ``patience`` seconds.
        """
        until = None if patience is None else monotonic() + patience
        while not self._bodies and not self.ended:
            left = None if until is None else max(0.0, until - monotonic())
            ready, _, _ = select.select([self._number] if wake is None else [self._number, wake], [], [], left)
            if not ready:
                raise TimeoutError
            if self._number not in ready:
                return None
            data = os.read(self._number, 1 << 18)
            self._bodies.extend(self._unframer.feed(data))
            self.ended = not data or self._unframer.garbled
        return self._bodies.popleft() if self._bodies else None


def send(number: int, body: bytes) -> None:
    """Write ``body`` as a frame, all of it."""
    data = memoryview(frame(_MARK, body))
    while data:
        data = data[os.write(number, data) :]


def say(number: int, *said: Any) -> None:
    """Send plain data."""
    send(number, msgspec.msgpack.encode(said))


def interpreter(module: str, *arguments: int) -> list[str]:
    """Return the command of a fresh interpreter that imports from where this one does and calls ``main`` of ``module``.

    What Ray puts on the path of its workers is left out: names in there hide others.
    """
    ours = [path or os.getcwd() for path in sys.path]
    path = [path for path in ours if f"{os.sep}ray{os.sep}" not in path]
    return [sys.executable, "-c", _START.format(path=path, module=module, arguments=", ".join(map(str, arguments)))]
