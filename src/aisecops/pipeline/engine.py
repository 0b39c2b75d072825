"""What an engine is: something that runs tasks, wherever, and hands back what came of each check.

Tasks and results are plain data, so an engine may carry them to another process or another machine. ``Work.registry`` holds functions and stays here: a
far side makes its own by ``aisecops.checks.load`` for the kinds of asset among its tasks, and calls ``aisecops.pipeline.examine.examine``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from aisecops.core.asset import AssetFacts
from aisecops.core.check import Budget, Registry
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Weakness
from aisecops.core.measurement import Attachment, Reading
from aisecops.core.progress import Progress
from aisecops.pipeline.plan import Task

SUBJECT = ""
"""Stands in the place of a check id for the parser: reading the asset at all."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What all tasks of a run share. ``locations``: asset id to path; ``settings``: section name to settings struct (``aisecops.core.settings``).

    ``outlines``: asset id to what an earlier run has left for those who read it. ``shared`` is what checks keep for each other within one process
    (``Context.once``). ``attachments``: the folder for files that belong to the run, and how the record names it; empty: no file can be kept.
    """

    registry: Registry
    locations: Mapping[str, str]
    seed: int = 0
    settings: Mapping[str, Any] = {}
    outlines: dict[str, bytes] = {}
    shared: dict[str, Any] = {}
    attachments: tuple[str, str] = ("", "")


class TaskResult(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What one step of a task gave: its parser (``check`` is ``SUBJECT``) or one check.

    ``complete`` is false where the pipeline had to end the step or it broke: such a result says nothing about the next attempt and is never cached. A parser
    that is not complete is the last result of its task. With the parser's result come the checks that it has ``settled`` (bit n for the n-th of the task): what they
    heed is empty, so they found nothing, and are not called. ``depends``: what a check rests on beside what its parser has named.
    """

    asset: str
    check: str
    facts: AssetFacts | None = None
    weaknesses: tuple[Weakness, ...] = ()
    readings: tuple[Reading, ...] = ()
    not_examined: tuple[NotExamined, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    complete: bool = True
    settled: int = 0
    depends: tuple[str, ...] = ()
    stamp: bytes = b""
    """Of a kept result: what else it rested on, as it was then (``aisecops.pipeline.inputs``)."""

    @property
    def silent(self) -> bool:
        """Whether the step came to its end and found nothing: what most steps say."""
        return self.complete and not (self.depends or self.facts or self.weaknesses or self.readings or self.not_examined)


class Engine(Protocol):
    """Runs tasks."""

    @property
    def budget(self) -> Budget:
        """What each step of a task may use."""

    @property
    def interrupted(self) -> bool:
        """Whether the last ``run`` was told to stop (Ctrl-C, SIGTERM) before everything was done."""

    def run(self, tasks: Sequence[Task], work: Work, progress: Progress) -> Iterator[TaskResult]:
        """Yield one result for the parser of each task that has one and one for each of its checks, in any order; exactly one per step, whatever the step does."""
