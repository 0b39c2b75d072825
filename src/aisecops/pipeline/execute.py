"""A plan carried out: what the cache knows, what the engine finds out, and the results of both."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from aisecops.core.asset import Asset
from aisecops.core.check import Budget, Registry
from aisecops.core.examination import INTERRUPTED, LeftOut, NotExamined
from aisecops.core.progress import Progress
from aisecops.core.run import Results
from aisecops.pipeline.assemble import assemble
from aisecops.pipeline.cache import Cache, lasting, worthwhile
from aisecops.pipeline.engine import SUBJECT, Engine, TaskResult, Work
from aisecops.pipeline.inputs import Inputs
from aisecops.pipeline.plan import Plan, Task

Step = tuple[str, str]
"""Asset id and check id."""
Said = dict[Step, TaskResult]


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
    keys = _cache_keys(cache, plan.tasks, work, engine.budget, knowledge_digest) if cache else {}
    inputs = Inputs(assets)
    said = _known(cache, keys, inputs, attachments[0]) if cache else {}
    tasks = [left for task in plan.tasks if (left := _remaining(task, said, registry)) is not None] if said else plan.tasks
    progress.phase("examining", len(plan.tasks))
    if known := len(plan.tasks) - len(tasks):
        progress.step("unchanged since an earlier run", known)
    new = list(engine.run(tasks, work, progress))
    if cache:
        _keep(cache, keys, new, inputs)
    results = [*said.values(), *new]
    if engine.interrupted:
        results += _missing(tasks, {(result.asset, result.check): result for result in results}, registry)
    return assemble(assets, plan, registry, results, not_examined=not_examined, left_out=left_out)


def _remaining(task: Task, said: Said, registry: Registry) -> Task | None:
    """Return what is left of ``task``; None if nothing is."""
    checks = tuple(check for check in task.checks if (task.asset.id, check) not in said)
    unread = task.asset.kind in registry.parsers and (task.asset.id, SUBJECT) not in said
    return msgspec.structs.replace(task, checks=checks) if checks or unread else None


def _missing(tasks: Iterable[Task], said: Said, registry: Registry) -> Iterator[TaskResult]:
    """Yield what has to be said of the steps that an interrupted engine did not come to: one gap for a task that it had not begun, else one for each check."""
    for task in tasks:
        subject = said.get((task.asset.id, SUBJECT))
        if subject is not None and not subject.complete:
            continue
        left = [check for check in task.checks if (task.asset.id, check) not in said]
        if task.asset.kind in registry.parsers and subject is None:
            left = [SUBJECT] if len(left) == len(task.checks) else [SUBJECT, *left]
        for check in left:
            yield TaskResult(asset=task.asset.id, check=check, not_examined=(INTERRUPTED,), complete=False)


def _cache_keys(cache: Cache, tasks: Sequence[Task], work: Work, budget: Budget, knowledge_digest: str) -> dict[Step, bytes]:
    """Return the key of each step whose result may be in the cache. None where looking them up cannot pay."""
    secret = cache.secret() if worthwhile(tasks) else None
    if secret is None:
        return {}
    from aisecops.pipeline.cachekey import Keys

    keys = Keys(work, budget, knowledge_digest, secret)
    return {(task.asset.id, check): key for task in tasks for check, key in keys.of(task)}


def _known(cache: Cache, keys: Mapping[Step, bytes], inputs: Inputs, folder: str) -> Said:
    """Return what earlier runs have found out and still holds. The file is closed again: an open database must not go through a fork."""
    found = cache.get(list(keys.values())) if keys else {}
    cache.close()
    said = {step: found[key] for step, key in keys.items() if key in found}
    stale = {asset for (asset, check), result in said.items() if check == SUBJECT and result.stamp != _stamp(result, inputs)}
    lost = {step for step, result in said.items() if step[0] in stale or (result.attachments and not _at_hand(result, folder))}
    return {step: result for step, result in said.items() if step not in lost} if lost else said


def _at_hand(result: TaskResult, folder: str) -> bool:
    """Whether the files that ``result`` belongs with are still there."""
    return all(os.path.exists(os.path.join(folder, os.path.basename(attachment.path))) for attachment in result.attachments)


def _keep(cache: Cache, keys: Mapping[Step, bytes], results: Iterable[TaskResult], inputs: Inputs) -> None:
    """Keep what will be true next time, too."""
    if keys:
        lasting_ones = {key: result for result in results if (key := keys.get((result.asset, result.check))) and lasting(result)}
        cache.put({key: msgspec.structs.replace(r, stamp=stamp) if (stamp := _stamp(r, inputs)) else r for key, r in lasting_ones.items()})
        cache.close()


def _stamp(result: TaskResult, inputs: Inputs) -> bytes:
    return inputs.stamp(result.facts.depends) if result.facts and result.facts.depends else b""
