"""What a worker process does all day."""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import monotonic

import msgspec

from aisecops.core.check import Budget
from aisecops.core.examination import Code, NotExamined
from aisecops.pipeline import failure
from aisecops.pipeline.context import TaskContext
from aisecops.pipeline.engine import TaskResult, Work
from aisecops.pipeline.examine import broken, examine
from aisecops.pipeline.limits import children, kill_descendants
from aisecops.pipeline.plan import Task
from aisecops.pipeline.process import Assignment, Farewell, Link

_LONGEST = 64 << 20
"""Bytes of one result: what says more than this has lost its way."""
_QUICK = 1e-5
"""Seconds that are too short to start a process in: most steps find nothing, in three microseconds, and looking for children takes two."""
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def serve(link: Link, tasks: Sequence[Task], work: Work, budget: Budget) -> None:
    """Work off the batches that come over ``link``."""
    for batch in link.batches():
        for assignment in batch:
            _work_off(link, assignment, tasks[assignment[0]], work, budget)


def _work_off(link: Link, assignment: Assignment, task: Task, work: Work, budget: Budget) -> None:
    index, steps = assignment
    link.turn_to(index)
    context = TaskContext(work, budget)
    for result in examine(task, steps, work, context, link.begin):
        if not link.at_home():
            link.leave(Farewell.NONE)
        if monotonic() - link.begun > _QUICK and _has_strays(context):
            kill_descendants(os.getpid())
            link.leave(Farewell.STRAY)
        if not result.silent:
            link.send(_encoded(task, link.step, result))
    link.rest()


def _has_strays(context: TaskContext) -> bool:
    """Whether a process that the step has started, other than those isolated for its task, is still there, or was never waited for."""
    if context.isolated:
        return not context.isolated >= set(children(os.getpid()))
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _encoded(task: Task, step: int, result: TaskResult) -> bytes:
    try:
        data = _encoder.encode(result)
    except MemoryError:
        raise
    except Exception as error:
        return _encoder.encode(broken(task, step, failure.garbage(f"{type(error).__name__} while storing its results")))
    if len(data) <= _LONGEST:
        return data
    why = NotExamined(code=Code.TOO_LARGE, reason=f"said more than {_LONGEST >> 20} MiB", remedy="look at this file by hand")
    return _encoder.encode(broken(task, step, why))
