from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from aisecops.core.check import Budget
from aisecops.pipeline.cache import Cache, Kept, prune, worthwhile
from aisecops.pipeline.cachekey import Keys, code_stamps
from aisecops.pipeline.engine import TaskResult, Work
from aisecops.pipeline.plan import Task, make_plan
from aisecops.pipeline.state import open_state
from tests.pipeline.specimens import asset, assets, honest, registry_of, weakness


def result(name: str) -> Kept:
    return Kept(((b"c/c", TaskResult(asset=name, check="c/c", weaknesses=(weakness(name),))),), b"d/dddddd")


def entries(number: int) -> dict[bytes, Kept]:
    return {bytes([i % 256, i // 256]) * 16: result(f"a{i}") for i in range(number)}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / ".aisecops")


@pytest.fixture
def notes() -> list[str]:
    return []


def test_what_is_put_is_got(folder: str, notes: list[str]) -> None:
    cache = Cache(folder, notes.append)
    assert cache.get(list(entries(3))) == {}
    cache.put(entries(1500))
    cache.close()
    assert Cache(folder, notes.append).get([*entries(1500), b"unknown"]) == entries(1500)
    assert notes == []


def test_making_and_not_using_it_leaves_no_trace(folder: str, notes: list[str]) -> None:
    Cache(folder, notes.append).close()
    assert not os.path.exists(folder)
    assert "sqlite3" not in subprocess.run(
        [sys.executable, "-c", "import sys, aisecops.pipeline.execute, aisecops.pipeline.local, aisecops.pipeline.store; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip


def test_it_pays_for_many_tasks_or_many_bytes() -> None:
    assert not worthwhile([Task(asset=asset("a"))])
    assert worthwhile([Task(asset=asset("a"))] * 100)
    assert worthwhile([Task(asset=asset("a", size=8 << 20))])


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_broken_file_is_set_aside_and_a_new_one_begun(folder: str, notes: list[str], content: bytes) -> None:
    os.mkdir(folder)
    state = Path(folder, "state.sqlite")
    state.write_bytes(content)
    cache = Cache(folder, notes.append)
    cache.put(entries(3))
    assert cache.get(list(entries(3))) == entries(3)
    (aside,) = Path(folder).glob("*.broken-*")
    assert aside.read_bytes() == content
    assert len(notes) == 1 and "broken" in notes[0]


def test_a_file_that_breaks_in_the_middle_costs_the_cache_and_not_the_run(folder: str, notes: list[str]) -> None:
    cache = Cache(folder, notes.append)
    cache.put(entries(2000))
    cache.close()
    state = Path(folder, "state.sqlite")
    data = state.read_bytes()
    state.write_bytes(data[:8192] + os.urandom(len(data) - 8192))
    cache = Cache(folder, notes.append)
    found = cache.get(list(entries(2000)))
    cache.put(entries(10))
    assert all(entries(2000)[key] == value for key, value in found.items())
    assert len(notes) == 1
    again = Cache(folder, notes.append)
    again.put(entries(5))
    assert again.get(list(entries(5))) == entries(5)


def test_an_entry_that_does_not_decode_is_not_there(folder: str, notes: list[str]) -> None:
    cache = Cache(folder, notes.append)
    cache.put(entries(2))
    cache.close()
    with sqlite3.connect(Path(folder, "state.sqlite")) as connection:
        connection.execute("UPDATE cache SET value = x'c1' WHERE key = ?", (next(iter(entries(2))),))
    assert list(cache.get(list(entries(2)))) == list(entries(2))[1:]


def test_a_layout_of_another_version_is_set_aside(folder: str, notes: list[str]) -> None:
    os.mkdir(folder)
    with sqlite3.connect(Path(folder, "state.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 99")
    Cache(folder, notes.append).put(entries(1))
    assert len(list(Path(folder).glob("*.broken-*"))) == 1


@pytest.mark.parametrize("obstacle", ["fifo", "link", "folder", "file for a folder", "null"])
def test_an_odd_place_means_no_cache(folder: str, notes: list[str], tmp_path: Path, obstacle: str) -> None:
    state = Path(folder, "state.sqlite")
    match obstacle:
        case "fifo":
            os.mkdir(folder)
            os.mkfifo(state)
        case "link":
            os.mkdir(folder)
            state.symlink_to(tmp_path / "elsewhere")
        case "folder":
            state.mkdir(parents=True)
        case "file for a folder":
            Path(folder).write_text("")
        case "null":
            folder = "/dev/null/x"
    cache = Cache(folder, notes.append)
    cache.put(entries(1))
    assert cache.get(list(entries(1))) == {}
    assert len(notes) == 1 and "no cache" in notes[0]
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_means_no_cache(folder: str) -> None:
    """In a process without root's right to write everywhere."""
    Cache(folder, print).put(entries(1))
    for path in (*Path(folder).iterdir(), Path(folder)):
        path.chmod(0o555 if path.is_dir() else 0o444)
    program = "from aisecops.pipeline.cache import Cache; c = Cache(sys.argv[1], print); print(c.get([b'x'])); c.put({}); print(c.get([b'x']))"
    prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    done = subprocess.run([*prefix, sys.executable, "-c", "import sys; " + program, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("{}") == 2


WRITER = """
    import sys
    from aisecops.pipeline.cache import Cache, Kept
    from aisecops.pipeline.engine import TaskResult

    folder, name = sys.argv[1:]
    notes = []
    for i in range(60):
        cache = Cache(folder, notes.append)
        rows = {bytes([i, j]) * 16: Kept(((b"c/c", TaskResult(asset=f"{i} {j}", check="c/c")),)) for j in range(20)}
        cache.put(rows)
        assert cache.get(list(rows)) == rows, (name, i)
        cache.close()
    assert not notes, notes
"""


def test_two_processes_may_write_at_once(folder: str) -> None:
    """From the first opening on, with the same keys."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER), folder]
    writers = [subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in ("one", "two", "three")]
    for writer in writers:
        assert writer.wait(60) == 0, writer.stderr and writer.stderr.read()
    with sqlite3.connect(Path(folder, "state.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT COUNT(*) FROM cache").fetchone() == (1200,)


def test_old_entries_go_and_then_those_used_longest_ago(folder: str, notes: list[str]) -> None:
    Cache(folder, notes.append).put(entries(1))
    connection = open_state(folder, notes.append)
    assert connection is not None
    connection.execute("DELETE FROM cache")
    rows = [(bytes([i]), b"x" * 936, day) for i, day in enumerate([5, 10, 20, 30, 40])]
    connection.executemany("INSERT INTO cache (key, value, used) VALUES (?, ?, ?)", rows)
    prune(connection, 3000, 10)
    assert [day for (day,) in connection.execute("SELECT used FROM cache ORDER BY used")] == [20, 30, 40]
    connection.close()


def test_use_makes_young_again_and_pruning_happens_once_a_day(folder: str, notes: list[str]) -> None:
    cache = Cache(folder, notes.append)
    cache.put(entries(3))
    today = int(time.time()) // 86_400
    connection = open_state(folder, notes.append)
    assert connection is not None
    assert connection.execute("SELECT day FROM chores").fetchall() == [(today,)]
    connection.execute("UPDATE cache SET used = 1")
    cache.put(entries(0))
    cache.get(list(entries(2)))
    assert sorted(day for (day,) in connection.execute("SELECT used FROM cache")) == [1, today, today]
    connection.execute("UPDATE chores SET day = 1")
    cache.put(entries(0))
    assert [day for (day,) in connection.execute("SELECT used FROM cache")] == [today, today]
    connection.close()


def test_keys_are_all_different_and_stay_the_same() -> None:
    registry = registry_of({f"c/{i}": honest(i) for i in range(3)})
    tasks = make_plan(assets(20), registry).tasks
    work = Work(registry=registry, locations={})

    def names(secret: bytes) -> tuple[list[bytes], list[bytes]]:
        keys = Keys(work, Budget(), "k", secret)
        return [keys.asset(task) for task in tasks], list(keys.steps(tasks[0]).values())

    assert names(b"s") == names(b"s")
    of_assets, of_steps = names(b"s")
    assert len(set(of_assets)) == 20
    assert len(set(of_steps)) == 4
    assert not set(of_assets) & set(names(b"other")[0])
    assert not set(of_steps) & set(names(b"other")[1])


def test_an_asset_without_digest_has_no_key() -> None:
    registry = registry_of({"c/c": honest(1)})
    (task,) = make_plan([asset("endpoint")], registry).tasks
    unknown = Task(asset=type(task.asset)(id=task.asset.id, kind=task.asset.kind, path="endpoint"), checks=task.checks)
    assert Keys(Work(registry=registry, locations={}), Budget(), "k", b"s").asset(unknown) == b""


def test_an_edit_of_any_source_file_changes_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "third_party_checks"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("def look(subject, ctx): return []")
    (package / "deep" / "table.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    import third_party_checks  # type: ignore[import-not-found]

    before = code_stamps([third_party_checks.look])
    assert before == code_stamps([third_party_checks.look])
    (package / "deep" / "table.py").write_text("x = 22")
    assert code_stamps([third_party_checks.look]) != before
    assert any("pipeline/cachekey.py" in stamp for stamp in before)
