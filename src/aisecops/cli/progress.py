"""Progress on standard error: a bar on a terminal, a line now and then in a log, nothing for what is over at once.

No thread refreshes the bar: workers are forked, and a fork beside threads can lock up. rich is imported only once a run has taken half a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from aisecops.core.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_BAR_AFTER = 0.5
_BAR_EVERY = 0.1
_LINE_AFTER = 2.0
_LINE_EVERY = 5.0


def progress_on(stream: TextIO, *, quiet: bool) -> Progress:
    """Return the progress display for ``stream``."""
    if quiet:
        return Silent()
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(stream)
    return Lines(stream)


class _Paced:
    """Counts steps, and decides when the next picture is due."""

    def __init__(self, stream: TextIO, after: float, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._every = every
        self._clock = clock
        self._next = clock() + after
        self._title, self._total, self._done = "", 0, 0

    def phase(self, title: str, total: int) -> None:
        """Begin to count anew."""
        self._title, self._total, self._done = title, total, 0

    def step(self, what: str, done: int = 1) -> None:
        """Count, and draw if it is time."""
        self._done += done
        now = self._clock()
        if now >= self._next:
            self._next = now + self._every
            self._draw(what)

    def _draw(self, what: str) -> None:
        raise NotImplementedError

    def _say(self, message: str) -> None:
        from aisecops.report.inert import line_start, terminal
        from aisecops.report.layout import writable

        self._stream.write(writable(line_start(terminal(message)), (self._stream.encoding or "utf-8").lower()) + "\n")
        self._stream.flush()


class Lines(_Paced):
    """A line every few seconds, for logs."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, _LINE_AFTER, _LINE_EVERY, clock)

    def note(self, message: str) -> None:
        """Say it at once."""
        self._say(message)

    def close(self) -> None:
        """Leave the lines as they are."""

    def _draw(self, what: str) -> None:
        of = f" of {self._total:,}" if self._total else ""
        self._say(f"{self._title}: {self._done:,}{of}  {what}")


class Bar(_Paced):
    """A bar with what is being done, gone when the verb is done."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, _BAR_AFTER, _BAR_EVERY, clock)
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def note(self, message: str) -> None:
        """Say it above the bar."""
        if self._bar is None:
            self._say(message)
            return
        from rich.text import Text

        from aisecops.report.inert import terminal

        self._bar.console.print(Text(terminal(message)))

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self, what: str) -> None:
        from aisecops.report.inert import terminal

        if self._bar is None or self._task is None:
            self._bar = _rich_bar(self._stream)
            self._task = self._bar.add_task("", what="")
            self._bar.start()
        self._bar.update(self._task, description=self._title, total=self._total or None, completed=self._done, what=terminal(what))
        self._bar.refresh()


def _rich_bar(stream: TextIO) -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}", style="dim", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        console=Console(file=stream, highlight=False, markup=False, emoji=False),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        expand=True,
    )
