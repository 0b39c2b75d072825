"""Which steps of a run have no result yet: a bit for each, so that what is done takes no memory."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.core.examination import INTERRUPTED
from aisecops.pipeline.engine import SUBJECT, TaskResult
from aisecops.pipeline.plan import Task


class Outstanding:
    """What is still to come: of each task bit 0 for the parser, and bit n for its n-th check."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._bits: dict[str, int] = {}

    def add(self, task: Task, *, unread: bool) -> None:
        """Wait for the checks of ``task``, and for its parser if it is ``unread``."""
        self._tasks[task.asset.id] = task
        self._bits[task.asset.id] = ((1 << len(task.checks)) - 1) << 1 | unread

    def done(self, result: TaskResult) -> bool:
        """``result`` has come; return whether it was the last of its task."""
        left = self._bits[result.asset]
        if result.check != SUBJECT:
            left &= ~(2 << self._tasks[result.asset].checks.index(result.check))
        else:
            left = left & ~(1 | result.settled) if result.complete else 0
        self._bits[result.asset] = left
        return not left

    def missing(self) -> Iterator[TaskResult]:
        """Yield what has to be said of steps that nobody came to: one gap for a task that was not begun, else one for each check."""
        for name, task in self._tasks.items():
            bits = self._bits[name]
            left = [check for number, check in enumerate(task.checks, 1) if bits >> number & 1]
            if bits & 1:
                left = [SUBJECT] if len(left) == len(task.checks) else [SUBJECT, *left]
            for check in left:
                yield TaskResult(asset=task.asset.id, check=check, not_examined=(INTERRUPTED,), complete=False)
