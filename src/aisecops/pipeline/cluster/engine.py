"""The command's end: the tasks of a run, handed to a Ray cluster, and the same results as from the local engine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext

import msgspec

from aisecops.core.check import Budget
from aisecops.core.decoding import UNDECODABLE
from aisecops.core.digest import digest
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.progress import Progress
from aisecops.pipeline import failure
from aisecops.pipeline.attachments import keep
from aisecops.pipeline.cluster.driver import Order
from aisecops.pipeline.cluster.job import Job
from aisecops.pipeline.cluster.line import Line, interpreter, send
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.interruption import Interruption
from aisecops.pipeline.limits import kill_descendants
from aisecops.pipeline.plan import Task

_BATCH_TASKS = 64
_BATCH_BYTES = 4 << 20
_SPREAD = 64
"""Into how many batches a run is cut at least: there may be that many cores."""
_PATIENCE = 30.0
_PARTING_SECONDS = 15.0
LOST = NotExamined(
    code=Code.CRASH,
    reason="the worker of the cluster that examined it was lost, twice",
    remedy="run it with --engine local, or look at this file by hand",
)


class RayEngine:
    """Runs tasks on the Ray cluster at ``address`` (``RAY_ADDRESS``), or on one of its own with ``jobs`` cores that ends with the run.

    Each step has the limits of ``budget``, held on the node where it runs. ``interruption`` as for the local engine.

    Raises
    ------
    UserError
        Ray is not installed.
    """

    def __init__(self, jobs: int, budget: Budget, interruption: Interruption | None = None, *, address: str = "") -> None:
        from importlib.util import find_spec

        if find_spec("ray") is None:
            raise UserError("Ray is not installed", where="--engine ray", fix="pip install 'aisecops[ray]'")
        self.jobs = max(1, jobs)
        self.budget = budget
        self.interrupted = False
        self._interruption = interruption
        self._address = address

    def run(self, tasks: Sequence[Task], work: Work, progress: Progress) -> Iterator[TaskResult]:
        """Run ``tasks``. Ctrl-C and SIGTERM end the iteration early and set ``interrupted``; no process of ours is left, however the iteration ends.

        Raises
        ------
        UserError
            No cluster can be had, or a node of it has other code than this command.
        """
        self.interrupted = False
        if not tasks:
            return
        with nullcontext(self._interruption) if self._interruption else Interruption() as interruption:
            driver = subprocess.Popen(  # noqa: S603
                interpreter("aisecops.pipeline.cluster.driver"),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                yield from self._results(driver, _Ledger(tasks, work, progress), interruption)
            finally:
                self.interrupted = interruption.happened
                _dismiss(driver)

    def _results(self, driver: subprocess.Popen[bytes], ledger: _Ledger, interruption: Interruption) -> Iterator[TaskResult]:
        assert driver.stdin
        assert driver.stdout
        line = Line(driver.stdout.fileno())
        try:
            send(driver.stdin.fileno(), msgspec.msgpack.encode(self._order(ledger.tasks, ledger.work)))
        except BrokenPipeError:
            line.ended = True
        while not interruption.happened:
            body = line.receive(wake=interruption.wake)
            if body is None:
                if interruption.happened:
                    return
                raise UserError("the process that talks to Ray has ended", where="--engine ray", fix="look at Ray's own logs, or use --engine local")
            kind, *said = msgspec.msgpack.decode(body)
            match kind:
                case "wrong":
                    raise UserError(said[0], where=said[1], fix=said[2])
                case "end":
                    return
                case _:
                    yield from ledger.enter(kind, said)

    def _order(self, tasks: Sequence[Task], work: Work) -> Order:
        return Order(
            token=os.urandom(16).hex(),
            job=Job.of(tasks, work, self.budget, elsewhere=bool(self._address)).packed(),
            tasks=[msgspec.msgpack.encode(task) for task in tasks],
            batches=list(_batches(tasks)),
            patience=max(_PATIENCE, 2 * self.budget.seconds),
            address=self._address,
            cores=self.jobs,
        )


def _batches(tasks: Sequence[Task]) -> Iterator[list[int]]:
    """Large assets first and alone, then the others by the dozen, as they lie in the tree."""
    most = max(1, min(_BATCH_TASKS, len(tasks) // _SPREAD))
    batch: list[int] = []
    size = 0
    for index in sorted(range(len(tasks)), key=lambda index: (-max(tasks[index].asset.size, _BATCH_BYTES), index)):
        batch.append(index)
        size += tasks[index].asset.size
        if len(batch) >= most or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _dismiss(driver: subprocess.Popen[bytes]) -> None:
    """Have the driver end in good order, or end it and all that it has started."""
    assert driver.stdin
    assert driver.stdout
    driver.stdin.close()
    driver.stdout.close()
    try:
        driver.wait(_PARTING_SECONDS)
    except subprocess.TimeoutExpired:
        kill_descendants(driver.pid)
        driver.kill()
        driver.wait()


class _Ledger:
    """What is still to come. Whatever a far side says, each step has exactly one result."""

    def __init__(self, tasks: Sequence[Task], work: Work, progress: Progress) -> None:
        self.tasks, self.work = tasks, work
        self._progress = progress
        self._index = {task.asset.id: index for index, task in enumerate(tasks)}
        self._left = [({SUBJECT} if task.asset.kind in work.registry.parsers else set()) | set(task.checks) for task in tasks]
        self._decoder = msgspec.msgpack.Decoder(TaskResult)

    def enter(self, kind: str, said: Sequence[object]) -> Iterable[TaskResult]:
        """Return the results that a message amounts to."""
        match kind, *said:
            case "result", bytes(data):
                return self._result(data)
            case "done", list(batch), list(files):
                self._keep(files)
                return [result for index in batch for result in self._finish(index)]
            case "lost", int(index):
                self._progress.note(f"{self.tasks[index].asset.path}: {LOST.reason}")
                lost = TaskResult(asset=self.tasks[index].asset.id, check=SUBJECT, not_examined=(LOST,), complete=False)
                self._left[index] = set()
                self._progress.step(self.tasks[index].asset.path)
                return [lost]
            case "note", str(text):
                self._progress.note(text)
        return []

    def _result(self, data: bytes) -> list[TaskResult]:
        try:
            result = self._decoder.decode(data)
            left = self._left[self._index[result.asset]]
        except (*UNDECODABLE, KeyError):
            return []  # the step is told as broken once its batch is over
        ends = result.check == SUBJECT and not result.complete and bool(left)  # also where the kind has no parser: nobody saw the file
        if result.check not in left and not ends:
            return []
        if ends:
            left.clear()
        left.discard(result.check)
        return [result]

    def _finish(self, index: int) -> list[TaskResult]:
        """The steps without a word found nothing; a parser always has something to say."""
        task, left = self.tasks[index], self._left[index]
        self._left[index] = set()
        self._progress.step(task.asset.path)
        if SUBJECT in left:
            return [TaskResult(asset=task.asset.id, check=SUBJECT, not_examined=(failure.BROKEN,), complete=False)]
        return [TaskResult(asset=task.asset.id, check=check) for check in task.checks if check in left]

    def _keep(self, files: Iterable[object]) -> None:
        for file in files:
            match file:
                case [str(name), bytes(data)] if self.work.attachments[0] and name.partition(".")[0] == digest(data).removeprefix("sha256:"):
                    keep(os.path.join(self.work.attachments[0], name), data)
