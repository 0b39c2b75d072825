"""The command line as people meet it: by subprocess."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aisecops.cli
from aisecops import __version__
from aisecops.cli import VERBS, main
from tests.hostile_text import HOSTILE


def aisecops_(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m aisecops``."""
    env = {key: value for key, value in os.environ.items() if key != "AISECOPS_DEBUG"} | environment
    return subprocess.run([sys.executable, "-m", "aisecops", *words], capture_output=True, text=True, cwd=cwd, env=env, timeout=120)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], []])
def test_help_lists_every_verb(words: list[str]) -> None:
    done = aisecops_(*words)
    assert done.returncode == 0
    assert all(re.search(rf"^  {verb} ", done.stdout, re.MULTILINE) for verb in VERBS)


def test_help_imports_next_to_nothing() -> None:
    code = "import sys; from aisecops.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()
    assert not {"msgspec", "argparse", "rich", "yaml", "sqlite3"} & set(loaded)


def test_version() -> None:
    assert aisecops_("--version").stdout == f"aisecops {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_of_its_own(verb: str) -> None:
    done = aisecops_(verb, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: aisecops {verb} ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scna"], "there is no verb 'scna'; did you mean scan?"),
        (["scan", "--formt", "json"], "did you mean --format?"),
        (["scan", "--jobs", "x"], "argument --jobs"),
        (["scan", "--timeout", "0"], "not a number above 0"),
        (["scan", ".", "--format", "jsn"], "choose one of terminal, json, sarif"),
        (["scan", ".", "--output", "no/such/folder/x.json"], "there is no such folder"),
        (["scan", ".", "--output", "."], "this is a folder"),
        (["explain", "model-file/code-executoin"], "did you mean model-file/code-execution?"),
        (["explain"], "ID"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(words: list[str], said: str, tmp_path: Path) -> None:
    done = aisecops_(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("aisecops: error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if text and "\x00" not in text and len(text) < 1000 and not text.startswith("-")])
def test_hostile_arguments_come_back_inert(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([text]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", said)


def test_a_bug_says_how_to_report_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def broken(verb: str, words: list[str]) -> int:
        raise KeyError("\x1b[2Jthe thing")

    monkeypatch.setattr(aisecops.cli, "_verb", broken)
    monkeypatch.delenv("AISECOPS_DEBUG", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert main(["scan"]) == 70
    said = capsys.readouterr().err
    assert "a bug of ours" in said
    assert "\x1b" not in said
    (report,) = tmp_path.iterdir()
    assert str(report) in said
    assert "Traceback" in report.read_text()
    monkeypatch.setenv("AISECOPS_DEBUG", "1")
    assert main(["scan"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_before_there_is_a_run_is_incomplete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(verb: str, words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(aisecops.cli, "_verb", stopped)
    assert main(["scan"]) == 3
    assert capsys.readouterr().err == "aisecops: error: interrupted; nothing was kept\n"


@pytest.mark.parametrize("words", [["--help"], ["explain", "model-file/code-execution"], ["checks"]])
def test_a_reader_that_goes_away_is_nothing_to_complain_of(words: list[str]) -> None:
    command = [sys.executable, "-m", "aisecops", *words]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 0


def test_closed_and_full_outputs() -> None:
    command = f"{sys.executable} -m aisecops checks"
    assert subprocess.run(f"{command} >&- 2>&-", shell=True).returncode == 0
    full = subprocess.run(f"{command} > /dev/full", shell=True, capture_output=True, text=True)
    assert full.returncode == 2
    assert full.stderr.startswith("aisecops: error: standard output cannot be written")
    assert full.stderr.count("\n") == 1


def test_checks_lists_every_check_with_its_title() -> None:
    rows = aisecops_("checks").stdout.splitlines()
    assert len(rows) >= 10
    assert any(re.fullmatch(r"model-file/code-execution +Loading the file runs code", row) for row in rows)


def test_explain_teaches_a_check_and_a_category(tmp_path: Path) -> None:
    lesson = aisecops_("explain", "model-file/code-execution", cwd=tmp_path)
    assert lesson.returncode == 0
    assert all(heading in lesson.stdout for heading in ("What it finds", "Why it matters", "How to fix", "CWE-502"))
    by_category = aisecops_("explain", "unsafe-deserialization", cwd=tmp_path).stdout
    assert lesson.stdout in by_category, "several checks may find weaknesses of one category"
