"""What earlier runs have found out, and what this one adds to it: in pieces, so that a tree of any size takes no more memory than what there is to say of it.

Most steps find nothing, and there are dozens for each file. None of these is held on to: what is known of one is a bit, and what the cache is to keep goes there
a few thousand at a time. The database is closed in between: an open one must not go through a fork.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import msgspec

from aisecops.core.check import Budget, Registry
from aisecops.pipeline.cache import Cache, lasting
from aisecops.pipeline.cachekey import Keys
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.inputs import Inputs
from aisecops.pipeline.plan import Task

_TASKS_PER_LOOK = 256
_RESULTS_PER_WRITE = 20_000


class Recall:
    """The cache as one run uses it."""

    def __init__(self, cache: Cache, keys: Keys, inputs: Inputs, folder: str) -> None:
        self._cache, self._keys, self._inputs, self._folder = cache, keys, inputs, folder
        self._names: dict[str, dict[str, bytes]] = {}
        self._waiting: dict[bytes, TaskResult] = {}
        self._tasks: dict[str, Task] = {}

    @staticmethod
    def of(cache: Cache, work: Work, budget: Budget, knowledge_digest: str, inputs: Inputs) -> Recall | None:
        """Return what is known for ``work``; None where there is no place for a cache."""
        secret = cache.secret()
        return None if secret is None else Recall(cache, Keys(work, budget, knowledge_digest, secret), inputs, work.attachments[0])

    def known(self, tasks: Sequence[Task], registry: Registry) -> Iterator[tuple[Task | None, bool, list[TaskResult]]]:
        """Yield for each task what is left of it (None: nothing), whether its parser's result is known, and what is known that says something."""
        for start in range(0, len(tasks), _TASKS_PER_LOOK):
            some = tasks[start : start + _TASKS_PER_LOOK]
            wanted = {task.asset.id: self._keys.of(task) for task in some}
            found = self._cache.get([key for steps in wanted.values() for _, key in steps])
            for task in some:
                said = self._holding({name: found[key] for name, key in wanted[task.asset.id] if key in found})
                left = _remaining(task, said, registry)
                if left is not None:
                    self._tasks[task.asset.id] = left
                yield left, SUBJECT in said, [result for result in said.values() if not result.silent]
        self._cache.close()

    def _holding(self, said: dict[str, TaskResult]) -> dict[str, TaskResult]:
        """Return what still holds of the results of one asset, by check: none if what its parser rested on has changed."""
        subject = said.get(SUBJECT)
        if subject is not None and subject.stamp != self._stamp(subject):
            return {}
        return {name: result for name, result in said.items() if not result.attachments or self._at_hand(result)}

    def _at_hand(self, result: TaskResult) -> bool:
        """Whether the files that ``result`` belongs with are still there."""
        return all(os.path.exists(os.path.join(self._folder, os.path.basename(attachment.path))) for attachment in result.attachments)

    def keep(self, result: TaskResult) -> None:
        """Keep ``result`` for the next run if it will be true then, too."""
        task = self._tasks.get(result.asset)
        if task is None or not lasting(result):
            return
        if result.asset not in self._names:
            self._names[result.asset] = dict(self._keys.of(task))
        stamp = self._stamp(result)
        for said in _apart(result, task):
            key = self._names[result.asset].get(said.check)
            if key is not None:
                self._waiting[key] = msgspec.structs.replace(said, stamp=stamp) if stamp else said
        if len(self._waiting) >= _RESULTS_PER_WRITE:
            self.write()

    def finished(self, asset: str) -> None:
        """Nothing more comes of ``asset``."""
        self._names.pop(asset, None)

    def write(self) -> None:
        """Write down what is waiting."""
        self._cache.put(self._waiting)
        self._cache.close()
        self._waiting = {}

    def _stamp(self, result: TaskResult) -> bytes:
        return self._inputs.stamp(result.facts.depends) if result.facts and result.facts.depends else b""


def _apart(result: TaskResult, task: Task) -> list[TaskResult]:
    """The result by itself, and one for each check that it has settled: each step has a key of its own."""
    if not result.settled:
        return [result]
    settled = [name for number, name in enumerate(task.checks, 1) if result.settled >> number & 1]
    return [msgspec.structs.replace(result, settled=0), *(TaskResult(asset=result.asset, check=name) for name in settled)]


def _remaining(task: Task, said: dict[str, TaskResult], registry: Registry) -> Task | None:
    """Return what is left of ``task``; None if nothing is."""
    if not said:
        return task
    checks = tuple(check for check in task.checks if check not in said)
    unread = task.asset.kind in registry.parsers and SUBJECT not in said
    return msgspec.structs.replace(task, checks=checks) if checks or unread else None
