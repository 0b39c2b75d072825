from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec
import pytest

from aisecops.core.asset import FileVerdict
from aisecops.core.errors import RecordError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.run import Results, Run, RunInfo, Tool
from aisecops.core.verdict import Outcome, Verdict
from aisecops.pipeline.store import KEPT, RunStore
from tests.pipeline.specimens import asset

GAP = NotExamined(code=Code.CRASH, reason="r")


def run(id: str, started: str = "2026-01-01T00:00:00Z") -> Run:
    results = Results(assets=(msgspec.structs.replace(asset("a.pkl"), verdict=FileVerdict.CLEAN, facts={"opcodes": 3}),), not_examined=(GAP,))
    info = RunInfo(
        id=id, started=started, finished=started, tool=Tool("aisecops", "0"), command=("scan",), seed=0, roots=(), incomplete=False,
        results_digest=results.digest(),
    )  # fmt: skip
    verdict = Verdict(outcome=Outcome.PASS, policy="p", policy_digest="d", evaluated=started, results_digest=results.digest(), rules=(), statuses=())
    return Run.of(info, results, verdict)


def save(store: RunStore, record: Run) -> None:
    assert store.save(msgspec.json.encode(record), record.run, record.verdict.outcome)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    notes: list[str] = []
    return RunStore(str(tmp_path / ".aisecops"), notes.append)


def test_a_run_comes_back_as_it_was(store: RunStore) -> None:
    save(store, run("aabb01"))
    save(store, run("aacc02", "2026-01-02T00:00:00Z"))
    save(store, run("aacc", "2025-01-02T00:00:00Z"))
    assert store.load("aabb01") == run("aabb01")
    assert store.load("aab") == run("aabb01")
    assert store.load("aacc").run.id == "aacc"
    assert store.load("latest").run.id == "aacc02"
    assert [line.id for line in store.list()] == ["aacc02", "aabb01", "aacc"]
    assert store.list()[0].outcome == "pass"


def test_a_name_for_none_or_several_says_which_there_are(store: RunStore) -> None:
    with pytest.raises(RecordError, match="no run is stored here"):
        store.load("latest")
    assert not os.path.exists(store._folder)
    save(store, run("aabb01"))
    save(store, run("aabb02", "2026-01-02T00:00:00Z"))
    with pytest.raises(RecordError, match=r"2 stored runs begin with 'aa'.*the newest are: aabb02, aabb01"):
        store.load("aa")
    with pytest.raises(RecordError, match=r"no stored run is called 'zz'.*the newest are: aabb02, aabb01"):
        store.load("zz")


def test_only_the_newest_are_kept(store: RunStore) -> None:
    for number in range(KEPT + 5):
        save(store, run(f"{number:04d}", f"2026-01-01T00:00:{number:04d}Z"))
    assert [line.id for line in store.list()] == [f"{number:04d}" for number in range(KEPT + 4, 4, -1)]


def test_a_record_is_read_from_a_file(store: RunStore, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run("aa")), indent=2))
    assert store.load(str(path)) == run("aa")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "this is no run record"),
        (b"{}", "this is no run record"),
        (b'{"schema":"\xff"}', "this is no run record"),
        (b"[" * 100_000, "this is no run record"),
        (msgspec.json.encode(run("aa")).replace(b"run-1", b"run-9"), "has schema 'aisecops/run-9'"),
        (msgspec.json.encode(run("aa")).replace(b'"opcodes":3', b'"opcodes":4'), "do not match their digest"),
        (msgspec.json.encode(run("aa")).replace(b'"clean"', b'"fine"'), "this is no run record"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_record_is_refused(store: RunStore, tmp_path: Path, content: bytes | None, what: str) -> None:
    path = tmp_path / "run.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordError, match=what) as caught:
        store.load(str(path))
    assert str(path) in str(caught.value) and caught.value.fix


def test_a_stored_record_that_is_damaged_is_refused(store: RunStore) -> None:
    save(store, run("aa"))
    with sqlite3.connect(os.path.join(store._folder, "state.sqlite")) as connection:
        connection.execute("UPDATE runs SET record = x'00'")
    with pytest.raises(RecordError, match="run aa: the stored record is broken"):
        store.load("aa")


def test_a_folder_that_takes_nothing_is_no_error(tmp_path: Path) -> None:
    notes: list[str] = []
    (tmp_path / "file").write_text("")
    assert not RunStore(str(tmp_path / "file"), notes.append).save(msgspec.json.encode(run("aa")), run("aa").run, Outcome.PASS)
    assert notes
