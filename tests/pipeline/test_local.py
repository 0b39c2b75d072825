from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from aisecops.core.asset import Asset, AssetFacts
from aisecops.core.check import Budget, CheckFunction, Context, Registry, Result
from aisecops.core.progress import Silent
from aisecops.pipeline.context import TaskContext
from aisecops.pipeline.engine import SUBJECT, TaskResult, Work
from aisecops.pipeline.examine import examine
from aisecops.pipeline.local import LocalEngine
from aisecops.pipeline.plan import make_plan
from tests.pipeline import specimens
from tests.pipeline.specimens import BUDGET, MISBEHAVED, assets, family, honest, registry_of


def run(registry: Registry, examined: Sequence[Asset], *, jobs: int = 2, budget: Budget = BUDGET) -> list[TaskResult]:
    engine = LocalEngine(jobs, budget)
    tasks = make_plan(examined, registry).tasks
    results = list(engine.run(tasks, Work(registry=registry, locations={asset.id: f"/no/such/{asset.path}" for asset in examined}, seed=7), Silent()))
    assert not engine.interrupted
    return sorted(results, key=lambda result: (result.asset, result.check))


def children() -> list[str]:
    """Return the command state of every living or dead descendant in our process tree."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return file.read().split()


def strays() -> list[str]:
    """Return the ids of what checks of this test process have started in sessions of their own."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found += [pid] if specimens.STRAY_MARK in Path(f"/proc/{pid}/cmdline").read_text() else []
        except OSError:
            continue
    return found


@pytest.fixture(autouse=True)
def _nothing_left() -> object:
    gc.collect()  # what earlier tests have left in cycles must not close its files in the midst of this one
    before, elsewhere = set(os.listdir("/proc/self/fd")), set(children())
    yield
    assert set(children()) <= elsewhere  # a library that another test has used may keep processes for later
    assert not strays()
    assert set(os.listdir("/proc/self/fd")) <= before  # threads of earlier tests may close theirs meanwhile


@pytest.mark.parametrize("bad", MISBEHAVED, ids=lambda f: f.__name__)
def test_each_failure_is_one_not_examined(bad: CheckFunction) -> None:
    code, reason = MISBEHAVED[bad]
    results = run(registry_of(family([bad])), assets(1))
    subject, failed = results
    assert subject.check == SUBJECT and subject.facts is not None
    (why,) = failed.not_examined
    assert why.code is code and reason in why.reason
    assert not failed.complete and not failed.weaknesses and not failed.facts


@pytest.mark.slow
def test_others_stay_byte_identical_beside_everything_that_can_go_wrong() -> None:
    good = {f"good/c{i}": honest(i) for i in range(50)}
    files = assets(3)
    bad = {name: _only_for(files[1], function) for name, function in family(list(MISBEHAVED)).items()}
    alone = run(registry_of(good), files)
    beside = run(registry_of(good | bad), files)
    assert msgspec.msgpack.encode([r for r in beside if not r.check.startswith("odd/")]) == msgspec.msgpack.encode(alone)
    odd = [r for r in beside if r.check.startswith("odd/")]
    assert [(r.asset, r.check) for r in odd] == sorted((file.id, name) for file in files for name in bad)
    assert [len(r.not_examined) for r in odd] == [int(r.asset == files[1].id) for r in odd]
    assert not any(r.weaknesses or r.readings for r in odd)


def _only_for(file: Asset, function: CheckFunction) -> CheckFunction:
    return lambda subject, ctx: function(subject, ctx) if specimens.name_of(subject) == file.path else []


@pytest.mark.parametrize(("files", "jobs", "times"), [(250, 2, 1), (250, 1, 0), (20, 2, 0)])
def test_what_many_assets_need_is_loaded_once_before_several_workers_start(files: int, jobs: int, times: int) -> None:
    registry = registry_of(family([honest(1)]))
    prepared: list[int] = []
    ((kind, parser),) = registry.parsers.items()
    registry.parsers[kind] = msgspec.structs.replace(parser, prepare=lambda: prepared.append(os.getpid()))
    run(registry, assets(files), jobs=jobs)
    assert prepared == [os.getpid()] * times


def test_a_crashing_parser_leaves_one_gap_per_asset_and_the_other_assets_alone() -> None:
    def parse(asset: Asset, ctx: Context) -> specimens.Text:
        if asset.path in bad:
            bad[asset.path](asset, ctx)
        return specimens.parse(asset, ctx)

    files = assets(12)
    bad: dict[str, CheckFunction] = {files[2].path: specimens.segfault, files[5].path: specimens.exits, files[7].path: specimens.raises}
    checks = {f"good/c{i}": honest(i) for i in range(5)}
    results = run(registry_of(checks, parser=parse), files)
    expected = [r for r in run(registry_of(checks), files) if r.asset.partition(":")[2] not in bad]
    assert [r for r in results if r.complete] == expected
    broken = [r for r in results if not r.complete]
    assert [r.asset.partition(":")[2] for r in broken] == list(bad)
    assert [(r.check, r.facts, len(r.not_examined)) for r in broken] == [(SUBJECT, None, 1)] * 3


@pytest.mark.parametrize("facts", [None, {"verdict": "clean"}, AssetFacts(verdict="no such verdict")])  # type: ignore[arg-type]
def test_a_parser_with_garbage_for_facts_is_broken(facts: object) -> None:
    def parse(asset: Asset, ctx: Context) -> specimens.Text:
        subject = specimens.Text(asset.path)
        subject.facts = lambda: facts  # type: ignore[method-assign,assignment,return-value]
        return subject

    (result,) = run(registry_of({"good/c": honest(1)}, parser=parse), assets(1))
    assert result.check == SUBJECT and "returned garbage" in result.not_examined[0].reason


def test_memory_that_one_check_leaks_is_not_held_against_the_next() -> None:
    leaked: list[bytes] = []

    def leaks(subject: Any, ctx: Context) -> list[Result]:
        leaked.append(bytes(40 << 20))
        return [specimens.weakness("leaks")]

    results = run(registry_of({"odd/leaks": leaks}), assets(4), jobs=1)
    assert [r.weaknesses[0].identity for r in results if r.check] == [("leaks",)] * 4


def test_what_workers_write_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    results = run(registry_of(family([specimens.shouts, specimens.segfault])), assets(1))
    assert capfd.readouterr() == ("", "")
    assert [r.complete for r in results] == [True, False, True]
    assert results[2].weaknesses[0].identity == ("b''",)


def test_an_asset_of_a_kind_without_parser_is_its_own_subject() -> None:
    def look(subject: Any, ctx: Context) -> list[Result]:
        return [specimens.weakness(subject.id)]

    results = run(registry_of({"good/c": look}, parser=None), assets(2))
    assert [(r.check, r.weaknesses[0].identity) for r in results] == [("good/c", (asset.id,)) for asset in assets(2)]


def test_results_come_while_later_checks_are_still_running() -> None:
    registry = registry_of({"a/quick": honest(1), "b/hangs": specimens.hangs})
    stream = LocalEngine(1, BUDGET).run(make_plan(assets(1), registry).tasks, Work(registry=registry, locations={}), Silent())
    start = time.monotonic()
    assert [next(stream).check, next(stream).check] == [SUBJECT, "a/quick"]
    assert time.monotonic() - start < BUDGET.seconds / 2
    assert next(stream).check == "b/hangs"
    assert list(stream) == []


def test_checks_that_find_nothing_are_done_though_their_worker_sends_no_word() -> None:
    def nothing(subject: Any, ctx: Context) -> list[Result]:
        return []

    registry = registry_of({"a/nothing": nothing, "b/nothing": nothing, "c/hangs": specimens.hangs, "d/nothing": nothing, "e/exits": specimens.exits})
    stream = LocalEngine(1, BUDGET).run(make_plan(assets(1), registry).tasks, Work(registry=registry, locations={}), Silent())
    start = time.monotonic()
    assert [next(stream).check for _ in range(3)] == [SUBJECT, "a/nothing", "b/nothing"]
    assert time.monotonic() - start < BUDGET.seconds / 2
    rest = {result.check: result for result in stream}
    assert sorted(rest) == ["c/hangs", "d/nothing", "e/exits"]
    assert rest["d/nothing"].silent and not rest["c/hangs"].complete and not rest["e/exits"].complete


def test_leaving_the_iteration_early_leaves_nothing_behind() -> None:
    registry = registry_of({"a/quick": honest(1), "b/hangs": specimens.hangs})
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    stream = LocalEngine(2, BUDGET).run(make_plan(assets(2), registry).tasks, Work(registry=registry, locations={}), Silent())
    next(stream)
    assert signal.getsignal(signal.SIGINT) != before[0]
    stream.close()  # type: ignore[attr-defined]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_run_and_keep_what_is_done(number: signal.Signals) -> None:
    registry = registry_of({"a/quick": honest(1), "b/hangs": specimens.hangs})
    engine = LocalEngine(2, Budget(seconds=60))
    threading.Timer(0.3, os.kill, (os.getpid(), number)).start()
    start = time.monotonic()
    results = list(engine.run(make_plan(assets(20), registry).tasks, Work(registry=registry, locations={}), Silent()))
    assert time.monotonic() - start < 30
    assert engine.interrupted
    assert {r.check for r in results} == {SUBJECT, "a/quick"}


def test_an_engine_works_outside_the_main_thread() -> None:
    registry = registry_of({"a/quick": honest(1), "b/exits": specimens.exits})
    results: list[list[TaskResult]] = []
    thread = threading.Thread(target=lambda: results.append(run(registry, assets(3))))
    thread.start()
    thread.join()
    assert results == [run(registry, assets(3))]


def test_progress_names_each_asset_once_it_is_done() -> None:
    class Listener(Silent):
        seen: ClassVar[list[str]] = []
        notes: ClassVar[list[str]] = []

        def step(self, what: str, done: int = 1) -> None:
            self.seen += [what] * done

        def note(self, message: str) -> None:
            self.notes.append(message)

    registry = registry_of({"a/quick": honest(1), "b/exits": specimens.exits})
    list(LocalEngine(2, BUDGET).run(make_plan(assets(5), registry).tasks, Work(registry=registry, locations={}), Listener()))
    assert sorted(Listener.seen) == [asset.path for asset in assets(5)]
    assert sorted(Listener.notes) == [f"{a.path}: its process ended by itself with exit status 0; its worker was replaced" for a in assets(5)]


def test_the_death_of_the_command_takes_hanging_workers_along(tmp_path: Path) -> None:
    """SIGKILL leaves the parent no chance to clean up: the kernel has to."""

    def hangs(subject: Any, ctx: Context) -> list[Result]:
        if not os.fork():
            (tmp_path / "grandchild").write_text(str(os.getpid()))
        (tmp_path / "worker").write_text(str(os.getppid()))
        return specimens.hangs(subject, ctx)  # type: ignore[return-value]

    registry = registry_of({"odd/hangs": hangs})
    command = os.fork()
    if not command:
        list(LocalEngine(1, Budget(seconds=60)).run(make_plan(assets(1), registry).tasks, Work(registry=registry, locations={}), Silent()))
        os._exit(1)
    _until(lambda: (tmp_path / "grandchild").exists() and (tmp_path / "grandchild").read_text() != "")
    grandchild = int((tmp_path / "grandchild").read_text())
    os.kill(command, signal.SIGKILL)
    os.waitpid(command, 0)
    _until(lambda: not _runs(grandchild))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_500_tiny_tasks_cost_little_more_than_their_checks() -> None:
    registry = registry_of({f"good/c{i}": honest(i) for i in range(2)})
    examined = assets(500)

    def seconds(use: Callable[[], object]) -> float:
        start = os.times()
        use()
        end = os.times()
        return sum(end[:4]) - sum(start[:4])

    def here() -> None:
        work = Work(registry=registry, locations={})
        for task in make_plan(examined, registry).tasks:
            list(examine(task, (1, 2), work, TaskContext(work, BUDGET), lambda step: None))

    run(registry, examined[:20])
    apart = min(seconds(lambda: run(registry, examined)) for _ in range(5))
    # 60 ms where the machine is quiet and this process is small: forks of one that has loaded torch take longer
    assert apart - min(seconds(here) for _ in range(5)) < 0.6
