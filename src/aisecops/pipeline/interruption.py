"""Ctrl-C and SIGTERM, as something that a loop can look at rather than an exception out of nowhere."""

from __future__ import annotations

import os
import signal
from time import monotonic
from types import FrameType, TracebackType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 2.0
"""Seconds after which another Ctrl-C is somebody who will not wait for an orderly end. Before, it is the same one: ``timeout`` and shells send it twice."""


class Interruption:
    """While this is entered, the signals only set ``happened`` and make ``wake`` readable. Outside the main thread, where Python has no signals, it does nothing."""

    def __init__(self) -> None:
        self.happened = False
        self._since = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self.wake, self._notify = os.pipe()
        os.set_blocking(self._notify, False)
        for number in _SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):  # nohup and the like stay in force
                try:
                    self._before[number] = signal.signal(number, self._note)
                except ValueError:
                    break
        return self

    def asked(self) -> bool:
        """Whether somebody has asked to end: for those who ask again and again."""
        return self.happened

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.happened and number == signal.SIGINT and monotonic() - self._since > _PATIENCE:
            raise KeyboardInterrupt
        if not self.happened:
            self.happened, self._since = True, monotonic()
        try:
            os.write(self._notify, b"!")
        except BlockingIOError:
            return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self.wake)
        os.close(self._notify)
