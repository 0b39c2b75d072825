"""The book-keeping under every order of deaths: each step comes out exactly once, and the blame never falls on the innocent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aisecops.pipeline.plan import Task
from aisecops.pipeline.process import Step
from aisecops.pipeline.schedule import Batch, Schedule
from tests.pipeline.specimens import asset, honest, registry_of

CHECKS = {f"c/{i}": honest(i) for i in range(4)}

tasks = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2 << 20)), max_size=40)
deadly_steps = st.sets(st.tuples(st.integers(0, 39), st.integers(0, 4)), max_size=12)


def steps_of(batch: Batch) -> list[Step]:
    return [(index, step) for index, steps in batch.assignments.items() for step in (0, *steps)]


@given(tasks, deadly_steps, st.integers(1, 4), st.booleans(), st.data())
def test_every_step_ends_once_and_only_the_deadly_fail(
    sizes: list[tuple[int, int]], deadly: set[Step], jobs: int, parsed: bool, data: st.DataObject
) -> None:
    registry = registry_of(CHECKS) if parsed else registry_of(CHECKS, parser=None)
    work = [Task(asset=asset(f"f{i}", size=size), checks=tuple(CHECKS)[:count]) for i, (count, size) in enumerate(sizes)]
    schedule = Schedule(work, registry, jobs)
    passed: list[Step] = []
    failed: list[Step] = []
    for _ in range(10_000):
        batch = schedule.take()
        if batch is None:
            break
        run = [step for step in steps_of(batch) if parsed or step[1]]
        unsent: list[Step] = []
        for step in run:
            if step in deadly:
                lost = set(unsent) if batch.alone else set(data.draw(st.sets(st.sampled_from(unsent)))) if unsent else set()
                passed += [s for s in unsent if s not in lost and schedule.done(s)] if not batch.alone else []
                blamed = schedule.lost(batch, step, during=data.draw(st.booleans()) and not batch.alone)
                failed += [blamed] if blamed else []
                break
            if batch.alone:  # sent step by step
                passed += [step] if schedule.done(step) else []
            else:
                unsent.append(step)
        else:
            passed += [step for step in unsent if schedule.done(step)]
            assert schedule.complete(batch)
    else:
        raise AssertionError("the schedule never ends")
    assert len(set(passed + failed)) == len(passed + failed)
    assert set(failed) <= deadly
    unreadable = {index for index, step in failed if step == 0}
    wanted = {(i, step) for i, task in enumerate(work) for step in range(0 if parsed else 1, len(task.checks) + 1) if i not in unreadable}
    assert set(passed + failed) >= wanted
    assert all(schedule.finished(i) for i in range(len(work)))


def test_small_tasks_travel_together_and_large_ones_alone() -> None:
    work = [Task(asset=asset(f"f{i}", size=10), checks=("c/0",)) for i in range(500)] + [Task(asset=asset("large", size=5 << 20), checks=("c/0",))]
    schedule = Schedule(work, registry_of(CHECKS), 2)
    first = schedule.take()
    assert first is not None and list(first.assignments) == [500]
    second = schedule.take()
    assert second is not None and len(second.assignments) == 125
    taken = 126
    while batch := schedule.take():
        taken += len(batch.assignments)
    assert taken == 501


def test_a_worker_leaves_every_step_of_its_course_behind_once() -> None:
    batch = Batch({3: (1, 2), 5: (1,)})
    assert batch.reach((-1, 0), over=True) == []
    assert batch.reach((3, 1), over=False) == [(3, 0)]
    assert batch.reach((3, 1), over=True) == [(3, 1)]
    assert not batch.is_ahead((3, 0)) and batch.is_ahead((5, 1))
    assert batch.reach((5, 1), over=False) == [(3, 2), (5, 0)]
    assert batch.reach((3, 2), over=True) == []
    assert batch.reach((5, 1), over=True) == [(5, 1)]
    assert not batch.is_ahead((5, 1))
