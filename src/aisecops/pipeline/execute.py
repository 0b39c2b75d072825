"""A plan carried out: what the cache knows, what the engine finds out, and the results of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.core.asset import Asset
from aisecops.core.check import Budget, Registry
from aisecops.core.examination import LeftOut, NotExamined
from aisecops.core.progress import Progress
from aisecops.core.run import Results
from aisecops.pipeline.assemble import assemble
from aisecops.pipeline.cache import Cache, worthwhile
from aisecops.pipeline.engine import Engine, TaskResult, Work
from aisecops.pipeline.outstanding import Outstanding
from aisecops.pipeline.plan import Plan, Task

if TYPE_CHECKING:
    from aisecops.pipeline.recall import Recall

_Known = tuple[Task | None, bool, Sequence[TaskResult]]
"""What is left of a task (None: nothing), whether its parser's result is known, and what is known that says something."""


def execute(
    assets: Sequence[Asset],
    locations: Mapping[str, str],
    registry: Registry,
    plan: Plan,
    *,
    engine: Engine,
    cache: Cache | None,
    seed: int,
    settings: Mapping[str, Any],
    knowledge_digest: str,
    progress: Progress,
    not_examined: Sequence[NotExamined] = (),
    left_out: Sequence[LeftOut] = (),
    attachments: tuple[str, str] = ("", ""),
) -> Results:
    """Examine ``assets`` as ``plan`` says and return the results: the same bytes whatever the engine, its number of jobs and the state of the cache.

    Parameters
    ----------
    locations
        Asset id to the path at which this process can open it.
    cache
        None: neither look up nor keep anything.
    settings
        Section name to settings struct (``aisecops.core.settings``); checks ask for theirs by type.
    knowledge_digest
        What stands for the data under ``aisecops.knowledge`` in cache keys.
    not_examined, left_out
        What discovery has established already; it becomes part of the results.
    attachments
        The folder for files that belong to the run, and how the record names it; empty: none can be kept.
    """
    work = Work(registry=registry, locations=locations, seed=seed, settings=settings, attachments=attachments)
    recall = _recall(cache, plan.tasks, work, engine.budget, knowledge_digest, assets) if cache else None
    progress.phase("examining", len(plan.tasks))
    outstanding, results = Outstanding(), list[TaskResult]()
    interrupted = False
    for found in (recall.known(plan.tasks, registry), recall.doubtful(registry)) if recall else (((task, False, ()) for task in plan.tasks),):
        tasks = list(_left(found, registry, outstanding, results, progress))
        if tasks and not interrupted:
            for result in engine.run(tasks, work, progress):
                last = outstanding.done(result)
                if not result.silent:
                    results.append(result)
                if recall:
                    recall.keep(result)
                    if last:
                        recall.finished(result.asset)
            interrupted = engine.interrupted
    if recall:
        recall.write()
    if interrupted:
        results += outstanding.missing()
    return assemble(assets, plan, registry, results, not_examined=not_examined, left_out=left_out)


def _recall(cache: Cache, tasks: Sequence[Task], work: Work, budget: Budget, knowledge_digest: str, assets: Sequence[Asset]) -> Recall | None:
    if not worthwhile(tasks):
        return None
    from aisecops.pipeline.inputs import Inputs  # these take their time to load: not for small scans
    from aisecops.pipeline.recall import Recall

    return Recall.of(cache, work, budget, knowledge_digest, Inputs(assets))


def _left(found: Iterable[_Known], registry: Registry, outstanding: Outstanding, results: list[TaskResult], progress: Progress) -> Iterator[Task]:
    """Yield what is left to do of tasks, and note what is outstanding; what is known already goes to ``results``."""
    known = 0
    for left, read, said in found:
        results += said
        known += left is None
        if left is not None:
            outstanding.add(left, unread=not read and left.asset.kind in registry.parsers)
            yield left
    if known:
        progress.step("unchanged since an earlier run", known)
