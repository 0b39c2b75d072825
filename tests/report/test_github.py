"""GitHub annotations, read back as the runner reads a log (actions/runner, ActionCommand.cs)."""

from __future__ import annotations

import re

import pytest

from aisecops.core.finding import Finding, Location
from aisecops.core.run import Results, Root, Run
from aisecops.core.verdict import Outcome
from aisecops.report import github
from tests.hostile_text import HOSTILE
from tests.report import runs
from tests.report.test_hostile import INVISIBLE, run_of

UNESCAPED = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


def unescape(text: str) -> str:
    return re.sub("|".join(UNESCAPED), lambda at: UNESCAPED[at[0]], text)


def commands(run: Run) -> list[tuple[str, dict[str, str], str]]:
    """What the runner obeys: command, properties, message."""
    found = []
    for line in github.render(run).decode().splitlines():
        if line.lstrip().startswith("::"):
            head, _, message = line.lstrip()[2:].partition("::")
            name, _, properties = head.partition(" ")
            pairs = (pair.partition("=") for pair in properties.split(","))
            found.append((name, {key: unescape(value) for key, _, value in pairs}, unescape(message)))
    return found


def of(*findings: Finding, **parts: object) -> Run:
    return runs.record(Results(findings=findings), Outcome.FAIL, (), **parts)


def test_places_and_levels() -> None:
    found = commands(runs.hostile())
    assert [name for name, _, _ in found] == ["error"] * 5 + ["warning", "warning"]
    _, properties, message = found[4]
    assert properties == {"file": "train.py", "line": "12", "col": "5", "title": "high: joblib.load of a file that somebody else can write"}
    assert "aisecops explain code/unsafe-load" in message
    assert found[-1][1] == {"title": "4 not examined"}


@pytest.mark.parametrize("name", ["a,b:c.py", "50%25.py", "x::y.py", "a b=c.py"])
def test_a_file_name_reaches_the_runner_whole(name: str) -> None:
    place = Location(path=name, line=3, end_line=4)
    (found,) = commands(of(runs.finding(name, None, title=f"t {name}", message=f"m {name}", locations=(place,), fix=None)))
    assert found[1] == {"file": name, "line": "3", "endLine": "4", "title": f"critical: t {name}"}
    assert found[2].startswith(f"m {name} [")


def test_ten_of_each_are_shown_and_the_rest_is_told() -> None:
    run = runs.many(100)
    lines = github.render(run).decode().splitlines()
    counts = {name: sum(command == name for command, _, _ in commands(run)) for name in ("error", "warning", "notice")}
    assert counts == {"error": 10, "warning": 10, "notice": 10}
    assert sum(".pkl" in line for line in lines) == 100


def test_paths_count_from_where_the_scan_was_started() -> None:
    (found,) = commands(of(runs.finding("a.py", None, locations=(Location(path="a.py", line=3),)), roots=(Root(path="src"),)))
    assert found[1]["file"] == "src/a.py"


def test_settled_findings_annotate_nothing() -> None:
    assert "known.pkl" not in github.render(runs.hostile()).decode()


def test_hostile_text_gives_no_command_of_its_own() -> None:
    run = run_of(list(HOSTILE.values()))
    text = github.render(run).decode()
    assert not INVISIBLE.search(text)
    assert not re.search(r"##\w*\[", text)
    for name, properties, _ in commands(run):
        assert name in {"error", "warning", "notice"}
        assert set(properties) <= {"file", "line", "endLine", "col", "title"}
    assert len(commands(run)) <= 30
