"""What a person and a program get from ``aisecops doctor``."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from aisecops.workflows.doctor import diagnose
from aisecops.workflows.extras import ADDS, judged
from aisecops.workflows.scan import ScanRequest, scan

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's mechanisms")


def doctor(*words, cwd):
    return subprocess.run([sys.executable, "-m", "aisecops", "doctor", *words], capture_output=True, text=True, cwd=cwd, timeout=120)


@pytest.mark.slow
@linux
def test_the_exit_code_is_what_the_document_says(tmp_path):
    done = doctor("--format", "json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["schema"] == "aisecops/doctor-1"
    assert done.returncode == (0 if document["sufficient"] else 3)
    assert document["sufficient"] == all(g["holds"] and not g["escaped"] for g in document["guarantees"])
    assert document["state"] is None
    assert not os.listdir(tmp_path)


@linux
@pytest.mark.slow
def test_a_hole_is_told_with_a_remedy(tmp_path):
    done = doctor("--without", "seccomp", cwd=tmp_path)
    assert done.returncode == 3
    assert "missing  seccomp" in done.stdout
    assert "escaped  fork " in done.stdout
    assert "--allow-weak-isolation" in done.stdout
    assert not done.stderr


def test_unknown_words_are_refused(tmp_path):
    done = doctor("--without", "walls", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no mechanism 'walls'" in done.stderr
    assert doctor("--format", "sarif", cwd=tmp_path).returncode == 2


@linux
def test_the_state_is_counted_and_never_touched(tmp_path, monkeypatch):
    monkeypatch.setattr("aisecops.workflows.doctor.attempt_all", lambda **_: ())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    scan(ScanRequest(paths=(".",), jobs=1))
    state = diagnose().state
    assert (state.runs, state.problem) == (1, "")
    path = tmp_path / ".aisecops" / "state.sqlite"
    for beside in path.parent.glob("state.sqlite-*"):
        beside.unlink()
    path.write_bytes(b"garbage" * 1000)
    state = diagnose().state
    assert "cannot be read" in state.problem
    assert path.read_bytes() == b"garbage" * 1000
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("SELECT * FROM runs")


def test_every_extra_has_a_purpose():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(ADDS) == set(project["optional-dependencies"])


def test_an_extra_is_complete_where_all_of_it_is_here_and_new_enough():
    there, old, absent, several = judged(
        [
            "rich>=13.9",
            "msgspec>=0.20; extra == 'a-there'",
            "msgspec>=999; extra == 'b-old'",
            'no-such-package-of-ours>=1,<2 ; extra == "c-absent"',
            "msgspec; python_version >= '3.11' and extra == 'd-several'",
            "no-such-package-of-ours; extra == 'd-several'",
        ]
    )
    assert (there.name, there.missing) == ("a-there", ())
    assert old.missing == ("msgspec>=999",)
    assert absent.missing == ("no-such-package-of-ours>=1,<2",)
    assert several.missing == ("no-such-package-of-ours",)
