"""Which worker does what next, and whom to blame when one dies. No process, no clock: only the book-keeping.

What killed a worker need not be the step under way: an earlier one may have used up the memory or overwritten something. So a step counts as failed only if it
fails as the first thing that a fresh process does. Until then it is a suspect, to be run alone; everything else that was lost is simply run again. Only running
out of time is taken at face value: trying again would cost as much again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Registry
from aisecops.pipeline.plan import Task
from aisecops.pipeline.process import Assignment, Step

_BATCH_TASKS = 256
_BATCH_BYTES = 4 << 20
_SMALL = 1 << 18
"""Bytes up to which an asset is taken in the order of the paths: neighbours have much in common, which a worker then looks at once. What model files have in
common goes with their size: many are of one class, with other numbers."""


class Batch:
    """What one worker gets at a time.

    ``assignments``: index of a task to the numbers of its checks; ``alone``: for a fresh process; if it dies, the blame is certain. ``course``: its steps in the
    order in which the worker takes them, parsers included.
    """

    __slots__ = ("_behind", "alone", "assignments", "course")

    def __init__(self, assignments: dict[int, tuple[int, ...]], alone: bool = False) -> None:
        self.assignments, self.alone = assignments, alone
        self.course = [(index, step) for index, steps in assignments.items() for step in (0, *steps)]
        self._behind = 0

    def is_ahead(self, step: Step) -> bool:
        """Whether the worker can come to ``step`` from where it was last."""
        return self._find(step) >= 0

    def reach(self, step: Step, *, over: bool) -> list[Step]:
        """The worker has come to ``step``, which may be ``over``: return the steps that it has left behind since the last call."""
        if (here := self._find(step)) < 0:
            return []
        start, self._behind = self._behind, here + over
        return self.course[start : self._behind]

    def _find(self, step: Step) -> int:
        try:
            return self.course.index(step, self._behind)
        except ValueError:
            return -1


def _turn(asset: Asset) -> tuple[int, int]:
    """When ``asset`` is taken; among those whose turn is the same, the order of the paths decides."""
    return -max(asset.size, _SMALL), -asset.size if asset.kind is AssetKind.MODEL_FILE else 0


class Schedule:
    """What is left to do of ``tasks``: large assets first, then the others as they lie in the tree."""

    def __init__(self, tasks: Sequence[Task], registry: Registry, jobs: int) -> None:
        self._tasks = tasks
        self._jobs = jobs
        self._left = [set(range(0 if task.asset.kind in registry.parsers else 1, len(task.checks) + 1)) for task in tasks]
        order = sorted(range(len(tasks)), key=lambda index: (_turn(tasks[index].asset), index))
        self._queue = deque(self._whole(index) for index in order if self._left[index])
        self._alone: deque[Assignment] = deque()

    def _whole(self, index: int) -> Assignment:
        return index, tuple(range(1, len(self._tasks[index].checks) + 1))

    def take(self) -> Batch | None:
        """Return the next batch; None if nothing waits. Suspects come last: they are slow, and nobody should wait behind them."""
        while self._queue:
            if assignments := dict(self._together()):
                return Batch(assignments)
        while self._alone:
            index, steps = self._alone.popleft()
            if self._left[index]:
                return Batch({index: steps}, alone=True)
        return None

    def _together(self) -> Iterable[Assignment]:
        """Take small tasks by the dozen, so that handing them out costs little, but leave enough for the other workers."""
        count = max(1, min(_BATCH_TASKS, len(self._queue) // (2 * self._jobs)))
        size = 0
        while self._queue and count and size < _BATCH_BYTES:
            assignment = self._queue.popleft()
            count -= 1
            size += self._tasks[assignment[0]].asset.size
            if self._left[assignment[0]]:
                yield assignment

    def done(self, step: Step) -> bool:
        """``step`` has its result. False: it had one before (a parser that ran again for the sake of a check), or was never asked for."""
        index, number = step
        if number not in self._left[index]:
            return False
        self._left[index].discard(number)
        return True

    def settle(self, index: int, bits: int) -> None:
        """The steps ``bits`` (bit n for the n-th check) of the task have found nothing."""
        if bits:
            self._left[index] = {step for step in self._left[index] if not bits >> step & 1}

    def close(self, index: int) -> None:
        """Nothing more can come of the task: its asset could not be read."""
        self._left[index].clear()

    def finished(self, index: int) -> bool:
        """Whether the task has all its results."""
        return not self._left[index]

    def give_up(self, batch: Batch, index: int) -> list[Step]:
        """Take the steps of task ``index`` that ``batch`` was to do for done, and return them."""
        steps = [step for step in self._open(batch) if step[0] == index]
        self._left[index].difference_update(number for _, number in steps)
        return steps

    def complete(self, batch: Batch) -> bool:
        """Whether all of ``batch`` has its results."""
        # Asked many times while a worker is under way: its last task tells at once that it is.
        return all(self._left[index].isdisjoint((0, *steps)) for index, steps in reversed(batch.assignments.items()))

    def lost(self, batch: Batch, at: Step, *, certain: bool = False, during: bool = True) -> Step | None:
        """Take back what a dead worker left undone.

        Parameters
        ----------
        at
            The step that the worker began last.
        certain
            ``at`` is to blame, no matter what else ran in that process.
        during
            The worker died while ``at`` was running. Otherwise everything that it ran and that did not come through is suspect.

        Returns
        -------
        The step that has failed for good, if there is one: its result is for the caller to make.
        """
        waiting = self._open(batch)
        if not waiting:
            return None
        begun = self._begun(batch, at)
        during = during and at in begun and (at in waiting or not at[1])  # else it got through at the last moment
        suspects = [at] if during else [step for step in waiting if step in begun] or waiting[:1]
        if (certain and during) or batch.alone:
            blamed = self._blame(suspects[0], waiting)
            self._failed(blamed)
            self._again(batch, ())
            return blamed
        self._again(batch, suspects)
        return None

    def _open(self, batch: Batch) -> list[Step]:
        """Return the steps of ``batch`` without a result, in the order in which a worker runs them."""
        return [(index, step) for index, step in batch.course if step in self._left[index]]

    def _begun(self, batch: Batch, last: Step) -> list[Step]:
        """Return the steps that a worker has begun when ``last`` is the last one; none if ``last`` is not of the batch (the cell was overwritten, or nothing began)."""
        return batch.course[: batch.course.index(last) + 1] if last in batch.course else []

    def _blame(self, suspect: Step, waiting: list[Step]) -> Step:
        """A parser that has succeeded before fails only for the check that it ran again for."""
        index, number = suspect
        return suspect if number in self._left[index] else next((step for step in waiting if step[0] == index), waiting[0])

    def _failed(self, step: Step) -> None:
        if step[1]:
            self.done(step)
        else:
            self.close(step[0])

    def _again(self, batch: Batch, suspects: Sequence[Step]) -> None:
        """Queue what ``batch`` has left undone, suspects by themselves; every check of a suspect parser counts as one."""
        for index, steps in batch.assignments.items():
            left = [step for step in steps if step in self._left[index]]
            apart = [step for step in left if (index, 0) in suspects or (index, step) in suspects]
            if (index, 0) in suspects and not left and self._left[index]:
                self._alone.append((index, ()))
            self._alone.extend((index, (step,)) for step in apart)
            together = tuple(step for step in left if step not in apart)
            if together or (0 in self._left[index] and (index, 0) not in suspects):
                self._queue.append((index, together))
