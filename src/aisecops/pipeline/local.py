"""The engine of one machine: forked worker processes, watched from outside.

A fork of this process costs about two milliseconds and has everything loaded. Nothing that happens in a worker can reach the results of another check: it may
crash, hang, eat memory, fork or write nonsense, and comes out as one ``NotExamined``. Whoever needs protection from checks that *attack* uses ``isolation``.
"""

from __future__ import annotations

import os
import select
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import cache

import msgspec

from aisecops.core.check import Budget, Registry
from aisecops.core.decoding import UNDECODABLE
from aisecops.core.errors import UserError
from aisecops.core.examination import NotExamined
from aisecops.core.progress import Progress
from aisecops.pipeline import failure
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.examine import broken
from aisecops.pipeline.interruption import Interruption
from aisecops.pipeline.plan import Task
from aisecops.pipeline.process import Entry, Farewell, Link, Process, Step
from aisecops.pipeline.schedule import Batch, Schedule
from aisecops.pipeline.wire import MARK_BYTES
from aisecops.pipeline.worker import serve

_TICK = 0.1
"""Seconds between two looks at the clock and the memory of workers that say nothing."""
_GRACE = 0.2
"""Seconds that a process may take to end after its pipe has closed, before we say that it closed the pipe and lives on."""
_SILENCE = 10.0
"""Seconds without news from a worker that is between two steps, at least: it has lost the line to us."""
_BYTES_PER_WORKER = 1 << 17
_TASKS_PER_WORKER = 16
_MANY_OF_A_KIND = 200
"""Assets of one kind among which each worker will sooner or later meet what takes long to load."""


@cache
def _decoder() -> msgspec.msgpack.Decoder[TaskResult]:
    """Takes a millisecond to make."""
    return msgspec.msgpack.Decoder(TaskResult)


class LocalEngine:
    """Up to ``jobs`` worker processes, each step within ``budget``: ``seconds`` of wall time, ``memory_bytes`` beyond what the process starts with.

    ``interruption``: what is in force already for more than this engine; by default, one for each ``run``.
    """

    def __init__(self, jobs: int, budget: Budget, interruption: Interruption | None = None) -> None:
        self.jobs = max(1, jobs)
        self.budget = budget
        self.interrupted = False
        self._interruption = interruption

    def run(self, tasks: Sequence[Task], work: Work, progress: Progress) -> Iterator[TaskResult]:
        """Run ``tasks``. Ctrl-C and SIGTERM end the iteration early and set ``interrupted``; no process is left, however the iteration ends."""
        self.interrupted = False
        if not tasks:
            return
        if not hasattr(os, "fork"):
            raise UserError("this system cannot fork processes, which checks run in", fix="run aisecops on Linux or macOS, in WSL or in a container")
        with nullcontext(self._interruption) if self._interruption else Interruption() as interruption:
            jobs = min(self.jobs, _useful(tasks))
            if jobs > 1:
                _prepare(tasks, work.registry)
            shift = _Shift(tasks, work, self.budget, jobs, progress)
            try:
                yield from shift.results(interruption)
            finally:
                self.interrupted = interruption.happened
                shift.dismiss()


def _useful(tasks: Sequence[Task]) -> int:
    """Return how many workers are worth their start."""
    return min(len(tasks), 1 + len(tasks) // _TASKS_PER_WORKER + sum(task.asset.size for task in tasks) // _BYTES_PER_WORKER)


def _prepare(tasks: Sequence[Task], registry: Registry) -> None:
    """Load what the many assets of a kind need, before the processes are forked that would each load it again."""
    for kind, count in Counter(task.asset.kind for task in tasks).items():
        parser = registry.parsers.get(kind)
        if count >= _MANY_OF_A_KIND and parser is not None and parser.prepare is not None:
            parser.prepare()


class _Shift:
    """One ``run``: the workers, what each is doing, and what is left."""

    def __init__(self, tasks: Sequence[Task], work: Work, budget: Budget, jobs: int, progress: Progress) -> None:
        self._tasks, self._budget, self._jobs, self._progress = tasks, budget, jobs, progress
        self._schedule = Schedule(tasks, work.registry, jobs)
        self._serve: Callable[[Link], None] = lambda link: serve(link, tasks, work, budget)
        self._mark = os.urandom(MARK_BYTES)
        self._busy: dict[Process, Batch] = {}
        self._idle: list[Process] = []

    def results(self, interruption: Interruption) -> Iterator[TaskResult]:
        """Yield results until there are no more or the run is interrupted."""
        while not interruption.happened:
            self._hand_out()
            if not self._busy:
                return
            _decoder()  # made while the workers read their first files
            poll = select.poll()
            poll.register(interruption.wake, select.POLLIN)
            for process in self._busy:
                for number in process.watched:
                    poll.register(number, select.POLLIN)
            poll.poll(self._patience() * 1000)
            for process in list(self._busy):
                yield from self._attend(process)
        for process in self._busy:
            yield from self._received(process)

    def dismiss(self) -> None:
        """End all workers."""
        for process in (*self._busy, *self._idle):
            process.close()
        self._busy, self._idle = {}, []

    def _hand_out(self) -> None:
        while len(self._busy) < self._jobs and (batch := self._schedule.take()):
            process = self._hire(batch)
            self._busy[process] = batch
            process.assign(list(batch.assignments.items()))

    def _hire(self, batch: Batch) -> Process:
        if self._idle and not batch.alone:
            return self._idle.pop()
        if self._idle:
            self._idle.pop().close()  # suspects get a fresh process, and the number of processes stays
        try:
            return Process(self._serve, self._budget, self._mark)
        except OSError as error:
            raise UserError(
                f"no process could be started to run checks in ({os.strerror(error.errno or 0)})", fix="use fewer --jobs, or free some memory"
            ) from error

    def _patience(self) -> float:
        """Return the seconds until somebody has to be looked at again."""
        left = [self._budget.seconds - process.under_way()[1] for process in self._busy]
        return max(0.001, min(_TICK, *left))

    def _attend(self, process: Process) -> list[TaskResult]:
        results = self._received(process)
        if process.garbled:
            results += self._lost(process, failure.BROKEN, during=False)
        elif self._schedule.complete(self._busy[process]) and not process.ended:
            del self._busy[process]
            self._idle.append(process)
        elif process.ended:
            results += self._lost(process, None if process.dead(_GRACE) else failure.BROKEN)
        else:
            results += self._examine(process)
        return results

    def _received(self, process: Process) -> list[TaskResult]:
        """Return what has come from ``process``, and what it need not send: that steps which it has come past without a word found nothing."""
        step, over = process.place()  # before reading: what there is to say of earlier steps has been sent
        results = []
        for entry in process.receive():
            results += self._accept(process, entry)
        if not (process.ended or process.garbled):  # of one that is gone, what has not come through is run again
            results += self._passed(self._busy[process], step, over=over)
        return results

    def _passed(self, batch: Batch, step: Step, *, over: bool) -> list[TaskResult]:
        """The worker has come to ``step``: the steps until there are done."""
        silent = [passed for passed in batch.reach(step, over=over) if passed[1] and self._schedule.done(passed)]  # a parser always says something
        for index in dict.fromkeys(index for index, _ in silent):
            self._tell(index)
        return [TaskResult(asset=(task := self._tasks[index]).asset.id, check=task.checks[number - 1]) for index, number in silent]

    def _accept(self, process: Process, entry: Entry) -> list[TaskResult]:
        index, number, data = entry
        batch = self._busy[process]
        if not batch.is_ahead((index, number)):
            process.garbled = True
            return []
        results = self._passed(batch, (index, number), over=False)
        result = _decoded(self._tasks[index], number, data)
        if self._schedule.done((index, number)):
            if result.check == SUBJECT and not result.complete:
                self._schedule.close(index)
            self._schedule.settle(index, result.settled)
            results.append(result)
        elif result.settled:  # the parser was run again for the sake of some checks, and that has settled them
            steps = [step for step in batch.assignments[index] if result.settled >> step & 1 and self._schedule.done((index, step))]
            results += [TaskResult(asset=result.asset, check=self._tasks[index].checks[step - 1]) for step in steps]
        elif not result.complete:  # the parser, run again for the sake of some checks, does not succeed as it did before
            results += [broken(self._tasks[index], step, result.not_examined[0]) for _, step in self._schedule.give_up(batch, index)]
        self._tell(index)
        return results

    def _examine(self, process: Process) -> list[TaskResult]:
        """End a worker that is beyond its limits."""
        _, seconds = process.under_way()
        if seconds > self._budget.seconds:
            return self._lost(process, failure.timeout(self._budget), certain=True)
        if seconds > _TICK and process.greedy:
            return self._lost(process, failure.memory(self._budget))
        if not seconds and process.silence > max(_SILENCE, self._budget.seconds):
            return self._lost(process, failure.BROKEN, during=False)
        return []

    def _lost(self, process: Process, why: NotExamined | None, *, certain: bool = False, during: bool = True) -> list[TaskResult]:
        """Bury ``process``, and see to what it has left undone."""
        status, farewell = process.kill()
        results = self._received(process)
        step, seconds = process.under_way()
        batch = self._busy.pop(process)
        process.close()
        during = during and farewell is not Farewell.BROKEN and (seconds > 0 or farewell is not Farewell.NONE)
        failed = self._schedule.lost(batch, step, certain=certain, during=during)
        if failed is not None:
            why = why or self._cause(status, farewell)
            self._progress.note(f"{self._tasks[failed[0]].asset.path}: {why.reason}; its worker was replaced")
            self._tell(failed[0])
            results.append(broken(self._tasks[failed[0]], failed[1], why))
        return results

    def _cause(self, status: int, farewell: Farewell) -> NotExamined:
        match farewell:
            case Farewell.MEMORY:
                return failure.memory(self._budget)
            case Farewell.STRAY:
                return failure.STRAY
            case Farewell.BROKEN:
                return failure.BROKEN
            case Farewell.NONE:
                return failure.died(status)

    def _tell(self, index: int) -> None:
        if self._schedule.finished(index):
            self._progress.step(self._tasks[index].asset.path)


def _decoded(task: Task, number: int, data: bytes) -> TaskResult:
    """Return the result that a worker sent. Its parts are of a check's making: the types of their fields are checked here."""
    try:
        return _decoder().decode(data)
    except UNDECODABLE as error:
        return broken(task, number, failure.garbage(str(error)))
