"""A fresh interpreter beside a Ray worker: it forks, watches and limits what checks run in, as the command does on one machine.

It reads a job and then batches of tasks from standard input, and answers on standard output. Ray's own process has threads, which no fork survives.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

import msgspec

from aisecops import checks
from aisecops.core.asset import AssetKind
from aisecops.core.examination import NotExamined
from aisecops.core.progress import Silent
from aisecops.pipeline.cluster.job import Job, differs
from aisecops.pipeline.cluster.line import Line, say
from aisecops.pipeline.cluster.sight import unseen
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.local import LocalEngine
from aisecops.pipeline.plan import Task
from aisecops.pipeline.process import hang_on

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_tasks = msgspec.msgpack.Decoder(list[Task])


def main(lifeline: int) -> None:
    """Work until standard input ends; the kernel ends this process group when the other end of ``lifeline`` is gone."""
    hang_on(lifeline)
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing else may write there
    line = Line(0)
    job = Job.unpacked(line.receive() or b"")
    registry = checks.load(tuple(AssetKind), history=any(name.startswith("history/") for name in job.checks))
    wrong = differs(job, {check.id: check.version for check in registry.checks.values()})
    if wrong:
        say(answers, "wrong", wrong.what, wrong.where, wrong.fix)
        return
    with tempfile.TemporaryDirectory(prefix="aisecops-") as kept:
        work = Work(
            registry=registry, locations=job.locations, seed=job.seed, settings=job.settings, attachments=(kept, job.shown) if job.shown else ("", "")
        )
        while body := line.receive():
            _examine(answers, _tasks.decode(body), work, job)


class _Notes(Silent):
    """Passes on what a person should know."""

    def __init__(self, answers: int) -> None:
        self._answers = answers

    def note(self, message: str) -> None:
        say(self._answers, "note", message)


def _examine(answers: int, tasks: Sequence[Task], work: Work, job: Job) -> None:
    """Examine ``tasks`` and send what there is to say. A step that finds nothing is no message; each is a sign of life."""
    files: list[tuple[str, bytes]] = []
    seen = []
    for task in tasks:
        if why := unseen(task.asset, work.locations, work.settings):
            say(answers, "result", _encode(_refused(task, why)))
        else:
            seen.append(task)
    for result in LocalEngine(1, job.budget).run(seen, work, _Notes(answers)):
        say(answers, *(("alive",) if result.silent else ("result", _encode(result))))
        for attachment in result.attachments:
            name = os.path.basename(attachment.path)
            with open(os.path.join(work.attachments[0], name), "rb") as file:
                files.append((name, file.read()))
    say(answers, "done", files)


def _refused(task: Task, why: NotExamined) -> TaskResult:
    return TaskResult(asset=task.asset.id, check=SUBJECT, not_examined=(why,), complete=False)
