"""A fresh interpreter beside a Ray worker: it forks, watches and limits what checks run in, as the command does on one machine.

It reads a job and then batches of tasks from standard input, and answers on standard output. Ray's own process has threads, which no fork survives.
A bench never ends by itself but is killed, mostly because Ray ends its worker and the processes that this has started. So it starts one of its own that waits
for that and removes what was kept: attachments may show personal data, and a cluster's nodes live long.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from time import monotonic, sleep

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
_END_SECONDS = 5
_tasks = msgspec.msgpack.Decoder(list[Task])


def main(lifeline: int) -> None:
    """Work until standard input ends; the kernel ends this process group when the other end of ``lifeline`` is gone."""
    kept, bench = tempfile.mkdtemp(prefix="aisecops-"), os.getpid()
    if os.fork() == 0:
        _clear_up(kept, lifeline, bench)
        os._exit(0)
    hang_on(lifeline)
    _work(kept)


def _clear_up(kept: str, lifeline: int, bench: int) -> None:
    """Remove ``kept`` once ``lifeline`` has ended, and with it the process group ``bench``."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):  # with copies of them open here, nobody would see the bench end
        os.dup2(null, number)
    os.read(lifeline, 1)
    _await_end(bench)
    shutil.rmtree(kept, ignore_errors=True)


def _await_end(group: int) -> None:
    deadline = monotonic() + _END_SECONDS
    with contextlib.suppress(ProcessLookupError):
        while monotonic() < deadline:
            os.killpg(group, signal.SIGKILL)
            sleep(0.01)


def _work(kept: str) -> None:
    """Do what standard input says until it ends."""
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing else may write there
    line = Line(0)
    job = Job.unpacked(line.receive() or b"")
    registry = checks.load(tuple(AssetKind), history=any(name.startswith("history/") for name in job.checks))
    wrong = differs(job, {check.id: check.version for check in registry.checks.values()})
    if wrong:
        say(answers, "wrong", wrong.what, wrong.where, wrong.fix)
        return
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
