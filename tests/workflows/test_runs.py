"""The list of kept runs."""

from __future__ import annotations

import json
import pickle
import sqlite3
from pathlib import Path

import pytest

from aisecops.cli import main
from aisecops.core.verdict import Outcome
from aisecops.workflows.runs import runs
from tests.workflows.test_diff import Runs


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aisecops.yaml").write_text("name: kept\n")
    main(["scan", ".", "-q"])
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Runs("id")))
    main(["scan", ".", "-q"])
    capsys.readouterr()
    return tmp_path


def test_the_newest_first_with_what_is_open(project: Path) -> None:
    newest, oldest = runs()
    assert (newest.outcome, oldest.outcome) == (Outcome.FAIL, Outcome.PASS)
    assert sum(newest.findings.values()) >= 1
    assert oldest.findings == {}
    assert runs(most=1) == (newest,)


def test_the_command_lists_and_says_how_to_compare(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    text = capsys.readouterr().out
    newest, oldest = runs()
    assert text.index(newest.id) < text.index(oldest.id)
    assert f"aisecops diff {oldest.id} {newest.id}" in text
    assert main(["diff", oldest.id]) == 0


def test_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--json", "-n", "1"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["id"] == runs()[0].id


def test_a_broken_record_is_told_and_hides_no_other(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newest = runs()[0]
    connection = sqlite3.connect(project / ".aisecops/state.sqlite")
    with connection:
        connection.execute("UPDATE runs SET record = x'00' WHERE id = ?", (newest.id,))
    connection.close()
    assert [bool(one.problem) for one in runs()] == [True, False]
    assert main(["runs"]) == 0
    assert "broken" in capsys.readouterr().out


def test_no_run_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["runs"]) == 0
    assert "aisecops scan ." in capsys.readouterr().out
