from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aisecops.core.asset import Asset
from aisecops.core.check import Budget, Context, Registry, Result
from aisecops.core.digest import canonical_json
from aisecops.core.examination import Code, NotExamined
from aisecops.core.progress import Silent
from aisecops.core.run import Results
from aisecops.core.settings import AllowedCallable, ModelFileSettings, Operation
from aisecops.pipeline import cache as caching
from aisecops.pipeline.cache import Cache
from aisecops.pipeline.execute import execute
from aisecops.pipeline.local import LocalEngine
from aisecops.pipeline.plan import make_plan
from tests.pipeline import specimens
from tests.pipeline.specimens import BUDGET, asset, assets, family, honest, name_of, registry_of, weakness


def examined(
    registry: Registry, files: list[Asset], *, jobs: int = 2, cache: Cache | None = None, budget: Budget = BUDGET, seed: int = 1, **more: Any
) -> Results:
    said = {"settings": {}, "knowledge_digest": "k", "progress": Silent(), "locations": {file.id: f"/no/such/{file.path}" for file in files}} | more
    return execute(files, registry=registry, plan=make_plan(files, registry), engine=LocalEngine(jobs, budget), cache=cache, seed=seed, **said)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 60),
    st.integers(0, 4),
    st.sets(
        st.sampled_from([specimens.segfault, specimens.exits, specimens.forks, specimens.garbage_everywhere, specimens.raises, specimens.allocates])
    ),
    st.integers(2, 5),
    st.booleans(),
)
@pytest.mark.slow
def test_the_number_of_jobs_makes_no_difference(number: int, good: int, bad: set[Any], jobs: int, parsed: bool) -> None:
    checks = {f"good/c{i}": honest(i) for i in range(good)}
    for function in bad:
        name = function.__name__.replace("_", "-")
        checks[f"odd/{name}"] = lambda subject, ctx, function=function: function(subject, ctx) if name_of(subject).endswith("7.pkl") else []
    registry = registry_of(checks) if parsed else registry_of(checks, parser=None)
    files = assets(number)
    one = examined(registry, files, jobs=1)
    assert canonical_json(examined(registry, files[::-1], jobs=jobs)) == canonical_json(one)
    sevens = [file for file in files if file.path.endswith("7.pkl")]
    assert len([gap for gap in one.not_examined if gap.check.startswith("odd/")]) == len(sevens) * len(bad)


def test_checks_get_seed_settings_location_memo_and_budget(tmp_path: Path) -> None:
    computed = []

    def look(subject: Any, ctx: Context) -> list[Result]:
        def compute() -> str:
            computed.append(1)
            return f"computed {len(computed)}"

        with open(ctx.location(file)) as opened:
            content = opened.read()
        said = ctx.settings(ModelFileSettings)
        return [weakness(content, str(ctx.seed), ctx.memo("k", compute), str(len(said.allow)), f"{ctx.budget.seconds:g}")]

    file = asset("m.pkl")
    (tmp_path / "here").write_text("content")
    allowed = AllowedCallable(callable="a.b", operations=(Operation.CALL,), owner="o", reason="r", expires="2099-01-01")
    checks = {"good/a": look, "good/b": look}
    results = examined(
        registry_of(checks), [file], seed=42,
        locations={file.id: str(tmp_path / "here")}, settings={"other": Budget(), "model-files": ModelFileSettings(allow=(allowed,))},
    )  # fmt: skip
    assert [finding.message for finding in results.findings] == ["content 42 computed 1 1 1.5"] * 2
    results = examined(registry_of(checks), [file], locations={file.id: str(tmp_path / "here")})
    assert results.findings[0].message == "content 1 computed 1 0 1.5"


def test_an_interrupted_run_says_what_it_did_not_come_to() -> None:
    registry = registry_of({"a/quick": honest(1), "b/hangs": specimens.hangs, "c/after": honest(2)})
    files = assets(10)
    threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGTERM)).start()
    results = examined(registry, files, jobs=1, budget=Budget(seconds=60))
    cut = [gap for gap in results.not_examined if gap.reason == "the run was interrupted"]
    assert {gap.code for gap in cut} == {Code.TRUNCATED}
    assert len({gap.asset for gap in cut}) == 10
    begun = {gap.asset for gap in cut if gap.check}
    assert len(begun) == 1 and {gap.check for gap in cut if gap.asset in begun} == {"b/hangs", "c/after"}
    assert {file.verdict for file in results.assets} == {"incomplete"}


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have the cache used for the smallest of plans, with a home of its own."""
    monkeypatch.setattr(caching, "WORTH_TASKS", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / ".aisecops"


def fail(message: str) -> None:
    raise AssertionError(message)


def test_what_is_known_is_not_examined_again(eager: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def look(subject: specimens.Text, ctx: Context) -> list[Result]:
        with open(log, "a") as file:
            file.write(f"{subject.name}\n")
        return list(honest(3)(subject, ctx))

    def calls() -> int:
        count = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    registry = registry_of({"good/c": look, "good/d": honest(4)})
    cache = Cache(str(eager), fail)
    files = assets(30)
    first = examined(registry, files, cache=cache)
    assert calls() == 30
    assert canonical_json(examined(registry, files, cache=cache)) == canonical_json(first)
    assert calls() == 0
    assert canonical_json(examined(registry, files, cache=None)) == canonical_json(first)
    assert calls() == 30

    changed = [msgspec.structs.replace(files[0], digest="sha256:other"), *files[1:]]
    examined(registry, changed, cache=cache)
    assert calls() == 1
    examined(registry, [*files, asset("moved.pkl")], cache=cache)
    assert calls() == 1
    allowed = AllowedCallable(callable="a.b", operations=(Operation.CALL,), owner="o", reason="r", expires="2099-01-01")
    for different in (
        {"seed": 2}, {"knowledge_digest": "other"}, {"budget": Budget(seconds=2)}, {"settings": {"m": ModelFileSettings(allow=(allowed,))}},
    ):  # fmt: skip
        examined(registry, files, cache=cache, **different)
        assert calls() == 30, different
    examined(registry_of({"good/c": look}, version=2), files, cache=cache)
    assert calls() == 30


def test_checks_that_are_left_out_once_stay_known_and_new_ones_are_added(eager: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def look(subject: specimens.Text, ctx: Context) -> list[Result]:
        with open(log, "a") as file:
            file.write("called\n")
        return []

    cache, files = Cache(str(eager), fail), assets(5)
    for names, calls in ((["good/a"], 5), (["good/b"], 10), (["good/a", "good/b"], 10), (["good/b", "good/c"], 15), (["good/a", "good/c"], 15)):
        examined(registry_of(dict.fromkeys(names, look)), files, cache=cache)
        assert len(log.read_text().splitlines()) == calls, names


def test_entries_that_came_with_somebodys_files_are_not_believed(eager: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = assets(3)
    examined(registry_of({"good/c": lambda subject, ctx: []}), files, cache=Cache(str(eager), fail))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "somebody else"))
    results = examined(registry_of({"good/c": lambda subject, ctx: [weakness("found")]}), files, cache=Cache(str(eager), fail))
    assert len(results.findings) == 3


def test_what_time_or_a_crash_cut_short_is_tried_again(eager: Path) -> None:
    trial: list[Any] = [specimens.segfault, specimens.raises, specimens.hangs, specimens.allocates, specimens.unreadable]

    def gives_up(subject: Any, ctx: Context) -> list[Result]:
        return [NotExamined(code=Code.TIMEOUT, reason="gave up in time")]

    def bad_input(subject: Any, ctx: Context) -> list[Result]:
        return [NotExamined(code=Code.BAD_INPUT, reason="broken header")]

    cache = Cache(str(eager), fail)
    broken = examined(registry_of({"odd/gives-up": gives_up, "odd/bad-input": bad_input} | family(trial)), assets(1), cache=cache)
    assert len(broken.not_examined) == len(trial) + 2

    def mended(subject: Any, ctx: Context) -> list[Result]:
        return []

    later = examined(registry_of(dict.fromkeys(["odd/gives-up", "odd/bad-input", *family(trial)], mended)), assets(1), cache=cache)
    assert [gap.reason for gap in later.not_examined] == ["broken header"]
