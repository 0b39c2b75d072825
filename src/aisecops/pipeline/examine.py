"""One task: read the asset, run its checks, and take whatever happens as a result. Runs in a worker, never in the process of the command itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from aisecops.core.asset import AssetFacts
from aisecops.core.check import Check
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Weakness
from aisecops.core.measurement import Reading
from aisecops.pipeline import failure
from aisecops.pipeline.context import TaskContext
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.plan import Task


def examine(task: Task, steps: Sequence[int], work: Work, context: TaskContext, begin: Callable[[int], None]) -> Iterator[TaskResult]:
    """Run the parser and the checks ``task.checks[step - 1] for step in steps``; step 0 is the parser.

    ``begin(step)`` is called before each. An asset of a kind without a parser is its own subject. What the task has isolated ends with it.

    Raises
    ------
    MemoryError
        Memory ran out. What the step left behind may starve the next ones, so the caller gives up this process.
    """
    try:
        yield from _examine(task, steps, work, context, begin)
    finally:
        context.close()


def _examine(task: Task, steps: Sequence[int], work: Work, context: TaskContext, begin: Callable[[int], None]) -> Iterator[TaskResult]:
    subject: Any = task.asset
    if parser := work.registry.parsers.get(task.asset.kind):
        begin(0)
        try:
            subject = parser.function(task.asset, context)
            facts: Any = subject.facts()
        except BaseException as error:  # a worker outlives whatever a parser raises, SystemExit included
            yield broken(task, 0, _taken(error, task, work))
            return
        if not isinstance(facts, AssetFacts):
            yield broken(task, 0, failure.garbage(f"a {type(facts).__name__} where facts should be"))
            return
        settled = _settled(task, steps, work, subject)
        yield TaskResult(asset=task.asset.id, check=SUBJECT, facts=facts, settled=settled, depends=_besides(subject))
        steps = [step for step in steps if not settled >> step & 1] if settled else steps
    for step in steps:
        begin(step)
        yield _checked(task, step, work, subject, context)


def _settled(task: Task, steps: Sequence[int], work: Work, subject: Any) -> int:
    """The checks (bit n for the n-th) among ``steps`` of which the subject tells by itself that they find nothing."""
    settled = 0
    empty = {"": False}
    for step in steps:
        heeded = work.registry.checks[task.checks[step - 1]].heeds
        if heeded not in empty:
            empty[heeded] = not getattr(subject, heeded, True)
        if empty[heeded]:
            settled |= 1 << step
    return settled


def broken(task: Task, step: int, why: NotExamined) -> TaskResult:
    """Return the result of a step that came to nothing."""
    check = task.checks[step - 1] if step else SUBJECT
    return TaskResult(asset=task.asset.id, check=check, not_examined=(why,), complete=False)


def _taken(error: BaseException, task: Task, work: Work) -> NotExamined:
    if failure.out_of_memory(error):
        raise MemoryError from error
    return failure.raised(error, work.locations.get(task.asset.id, ""))


def _checked(task: Task, step: int, work: Work, subject: Any, context: TaskContext) -> TaskResult:
    check = work.registry.checks[task.checks[step - 1]]
    context.attached()  # what a step before this one kept, and then broke, belongs to nobody
    try:
        said = check.function(subject, context)
        if not isinstance(said, Iterable):
            return broken(task, step, failure.garbage(f"a {type(said).__name__} where results should be"))
        results = list(said)
    except BaseException as error:
        return broken(task, step, _taken(error, task, work))
    depends = _besides(subject)
    if not results:
        return TaskResult(asset=task.asset.id, check=check.id, depends=depends)
    if odd := next((type(result).__name__ for result in results if not isinstance(result, Weakness | Reading | NotExamined)), ""):
        return broken(task, step, failure.garbage(f"a {odd} among its results"))
    return TaskResult(
        asset=task.asset.id,
        check=check.id,
        weaknesses=tuple(_suppressed(result, subject, check) for result in results if isinstance(result, Weakness)),
        readings=tuple(result for result in results if isinstance(result, Reading)),
        not_examined=tuple(result for result in results if isinstance(result, NotExamined)),
        attachments=context.attached(),
        depends=depends,
    )


def _besides(subject: Any) -> tuple[str, ...]:
    """What ``subject`` rests on since this was asked last, beside what its facts say, where it may."""
    ask = getattr(subject, "besides", None)
    return ask() if ask is not None else ()


def _suppressed(weakness: Weakness, subject: Any, check: Check) -> Weakness:
    """Return ``weakness`` with the reason for which the asset itself says to pass over it, where its subject knows of such."""
    ask = getattr(subject, "suppression", None)
    reason = ask(weakness, check.id) if ask is not None and not weakness.suppressed else ""
    return msgspec.structs.replace(weakness, suppressed=reason) if reason else weakness
