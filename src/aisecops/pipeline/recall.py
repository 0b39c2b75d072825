"""What earlier runs have found out, and what this one adds to it: in pieces, so that a tree of any size takes no more memory than what there is to say of it.

Most steps find nothing, and there are dozens for each file. None of these is held on to: what is known of one is a few bytes, and what the cache is to keep of an
asset goes there once all is said of it. The database is closed in between: an open one must not go through a fork.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import msgspec

from aisecops.core.check import Budget, Registry
from aisecops.pipeline.cache import Cache, Kept, lasting
from aisecops.pipeline.cachekey import STEP_BYTES, Keys
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.inputs import Inputs
from aisecops.pipeline.plan import Task
from aisecops.pipeline.snapshot import MOST_ASSETS, Comparison, Hold, Snapshot

_TASKS_PER_LOOK = 256
_ASSETS_PER_WRITE = 1_000


class _Known:
    """What is known of an asset of which something is left to do, by step (``Keys.steps``)."""

    __slots__ = ("grown", "key", "quiet", "said", "task", "whole")

    def __init__(self, task: Task, whole: Task, key: bytes, said: dict[bytes, TaskResult], quiet: frozenset[bytes]) -> None:
        self.task = task
        """What was left of it."""
        self.whole = whole
        self.key = key
        self.said = said
        self.quiet = quiet
        self.grown = False

    def kept(self) -> Kept:
        """As the cache keeps it."""
        return Kept(tuple(self.said.items()), b"".join(sorted(self.quiet)))


class Recall:
    """The cache as one run uses it."""

    def __init__(self, cache: Cache, keys: Keys, inputs: Inputs, work: Work) -> None:
        self._cache, self._keys, self._inputs, self._folder, self._outlines = cache, keys, inputs, work.attachments[0], work.outlines
        self._open: dict[str, _Known] = {}
        self._waiting: dict[bytes, Kept] = {}
        self._tree: Comparison | None = None
        self._tree_key = b""
        self._doubtful: list[Task] = []

    @staticmethod
    def of(cache: Cache, work: Work, budget: Budget, knowledge_digest: str, inputs: Inputs) -> Recall | None:
        """Return what is known for ``work``; None where there is no place for a cache."""
        secret = cache.secret()
        return None if secret is None else Recall(cache, Keys(work, budget, knowledge_digest, secret), inputs, work)

    def known(self, tasks: Sequence[Task], registry: Registry) -> Iterator[tuple[Task | None, bool, Sequence[TaskResult]]]:
        """Yield for each task what is left of it (None: nothing), whether its parser's result is known, and what is known that says something.

        Those that rest on what others have changed, if that can be seen, are told of later, by ``doubtful``.
        """
        if len(tasks) <= MOST_ASSETS:
            self._tree_key = self._keys.tree(tasks)
            self._tree = Comparison(Snapshot.decoded(self._cache.value(self._tree_key)), self._inputs.assets)
            self._outlines.update(self._tree.outlines())
        unsure = list[Task]()
        for task in tasks:
            hold = self._tree.hold(task.asset, self._keys.all_steps(task)) if self._tree is not None and task.asset.digest else Hold.NO
            if self._tree is not None and hold is Hold.YES:
                yield None, True, self._tree.take_over(task.asset)
            else:
                (self._doubtful if hold is Hold.PERHAPS else unsure).append(task)
        yield from self._looked_up(unsure, registry)

    def doubtful(self, registry: Registry) -> Iterator[tuple[Task | None, bool, Sequence[TaskResult]]]:
        """Yield the same for the tasks that ``known`` has held back, now that what they rest on was examined."""
        tree, tasks = self._tree, self._doubtful
        if tree is None or not tasks:
            return
        changed = tree.visible()
        touched = [task for task in tasks if tree.rests_on(task.asset, changed)]
        again = {task.asset.id for task in touched}
        for task in tasks:
            if task.asset.id not in again:
                yield None, True, tree.take_over(task.asset)
        yield from self._looked_up(touched, registry)

    def _looked_up(self, tasks: Sequence[Task], registry: Registry) -> Iterator[tuple[Task | None, bool, Sequence[TaskResult]]]:
        """Yield the same, by what is kept of each asset."""
        for start in range(0, len(tasks), _TASKS_PER_LOOK):
            some = [(task, self._keys.asset(task)) for task in tasks[start : start + _TASKS_PER_LOOK]]
            found = self._cache.get([key for _, key in some if key])
            for task, key in some:
                steps = self._keys.steps(task)
                said, quiet = self._holding(found.get(key, _NOTHING), steps.get(SUBJECT, b""))
                done = {name for name, step in steps.items() if step in quiet or step in said}
                left = _remaining(task, done, registry)
                if left is not None and key:
                    self._open[task.asset.id] = _Known(left, task, key, said, quiet)
                elif left is None and self._tree is not None:
                    self._tree.add(task.asset, self._keys.all_steps(task), [said[step] for step in steps.values() if step in said])
                yield left, SUBJECT in done, [said[step] for step in steps.values() if step in said]
        self._cache.close()

    def _holding(self, kept: Kept, subject: bytes) -> tuple[dict[bytes, TaskResult], frozenset[bytes]]:
        """Return what still holds of what was kept of an asset: nothing if what its parser (the step ``subject``) rested on has changed."""
        said = dict(kept.said)
        read = said.get(subject)
        if read is not None and not self._still(read):
            return {}, frozenset()
        said = {step: result for step, result in said.items() if not result.attachments or self._at_hand(result)}
        return said, frozenset(kept.quiet[at : at + STEP_BYTES] for at in range(0, len(kept.quiet), STEP_BYTES))

    def _at_hand(self, result: TaskResult) -> bool:
        """Whether the files that ``result`` belongs with are still there."""
        return all(os.path.exists(os.path.join(self._folder, os.path.basename(attachment.path))) for attachment in result.attachments)

    def keep(self, result: TaskResult) -> None:
        """Keep ``result`` for the next run if it will be true then, too."""
        known = self._open.get(result.asset)
        if known is None or not lasting(result):
            return
        steps = self._keys.steps(known.task)
        known.grown = True
        known.quiet |= {steps[name] for number, name in enumerate(known.task.checks, 1) if result.settled >> number & 1}
        if (step := steps.get(result.check)) is None:
            return
        if result.silent:
            known.quiet |= {step}
        else:
            known.said[step] = msgspec.structs.replace(result, settled=0, stamp=self._stamp(result))

    def finished(self, asset: str) -> None:
        """Nothing more comes of ``asset``."""
        known = self._open.pop(asset, None)
        if known is not None and known.grown:
            self._waiting[known.key] = known.kept()
            self._add_to_tree(known)
        if len(self._waiting) >= _ASSETS_PER_WRITE:
            self._write()

    def _add_to_tree(self, known: _Known) -> None:
        steps = self._keys.steps(known.whole)
        if self._tree is not None and all(step in known.quiet or step in known.said for step in steps.values()):
            said = [known.said[step] for step in steps.values() if step in known.said]
            self._tree.add(known.whole.asset, self._keys.all_steps(known.whole), said)

    def write(self) -> None:
        """Write down all that there is, also of assets that are not finished."""
        for asset in list(self._open):
            self.finished(asset)
        self._write()
        after = self._tree.after() if self._tree is not None else None
        if after is not None:
            self._cache.put_value(self._tree_key, after.encoded())
            self._cache.close()

    def _write(self) -> None:
        if not self._waiting:
            return
        self._cache.put(self._waiting)
        self._cache.close()
        self._waiting = {}

    def _still(self, result: TaskResult) -> bool:
        """Whether all that ``result`` rests on is as it was."""
        depends = result.facts.depends if result.facts else ()
        return self._inputs.holds(result.stamp, depends) if depends else not result.stamp

    def _stamp(self, result: TaskResult) -> bytes:
        return self._inputs.stamp(result.facts.depends) if result.facts and result.facts.depends else b""


_NOTHING = Kept()


def _remaining(task: Task, done: set[str], registry: Registry) -> Task | None:
    """Return what is left of ``task``; None if nothing is."""
    if not done:
        return task
    checks = tuple(check for check in task.checks if check not in done)
    unread = task.asset.kind in registry.parsers and SUBJECT not in done
    return msgspec.structs.replace(task, checks=checks) if checks or unread else None
