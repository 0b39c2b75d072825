"""GitLab's code-quality report: the fields that GitLab reads, fingerprints that are unique and stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from aisecops.core.finding import Location
from aisecops.core.run import Results, Root, Run
from aisecops.core.taxonomy import Severity
from aisecops.core.verdict import Outcome
from aisecops.report import gitlab
from tests.hostile_text import HOSTILE
from tests.report import runs
from tests.report.test_hostile import INVISIBLE, RUNNER, run_of

# As https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format has it.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^(\./|/)"}},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}
RUNS: list[Callable[[], Run]] = [runs.clean, runs.hostile, lambda: runs.many(30)]


def issues(run: Run) -> list[dict[str, Any]]:
    read = json.loads(gitlab.render(run))
    assert isinstance(read, list)
    return read


def of(*findings: Any, **parts: Any) -> Run:
    return runs.record(Results(findings=findings), Outcome.FAIL, (), **parts)


@pytest.mark.parametrize("make", RUNS)
def test_it_is_valid_and_every_fingerprint_is_its_own(make: Callable[[], Run]) -> None:
    read = issues(make())
    jsonschema.validate(read, SCHEMA)
    assert len({issue["fingerprint"] for issue in read}) == len(read)


def test_only_what_is_open_and_what_was_not_examined() -> None:
    read = issues(runs.hostile())
    assert [issue["severity"] for issue in read] == ["blocker"] * 4 + ["critical", "major"] + ["info"] * 4
    assert {issue["location"]["path"] for issue in read[-4:]} == {"models/a.h5", "models/b.h5", "models/half.pkl", "models/big.bin"}
    assert "legacy/known.pkl" not in json.dumps(read)


def marks(*lines: int) -> list[str]:
    findings = (runs.finding("a.py", None, locations=(Location(path="a.py", line=line),)) for line in lines)
    return [issue["fingerprint"] for issue in issues(of(*findings))]


def test_a_fingerprint_stays_when_lines_move_and_equals_are_told_apart() -> None:
    assert marks(3, 9) == marks(4, 17)
    assert len(set(marks(3, 9))) == 2


@pytest.mark.parametrize(
    ("severity", "word"), [("critical", "blocker"), ("high", "critical"), ("medium", "major"), ("low", "minor"), ("info", "info")]
)
def test_severities(severity: str, word: str) -> None:
    assert issues(of(runs.finding(severity=Severity(severity))))[0]["severity"] == word


def test_paths_count_from_where_the_scan_was_started() -> None:
    (issue,) = issues(of(runs.finding("a.py", None, locations=(Location(path="a.py", line=3),)), roots=(Root(path="src/app"),)))
    assert issue["location"] == {"path": "src/app/a.py", "lines": {"begin": 3}}


def test_a_line_of_a_cell_is_no_line_of_the_file() -> None:
    (issue,) = issues(of(runs.finding("n.ipynb", None, locations=(Location(path="n.ipynb", cell=3, line=2),))))
    assert issue["location"]["lines"]["begin"] == 1
    assert "cell 3 line 2" in issue["description"]


def test_hostile_text_is_inert() -> None:
    text = gitlab.render(run_of(list(HOSTILE.values()))).decode()
    assert not INVISIBLE.search(text)
    assert not RUNNER.search(text)
    assert all("\n" not in issue["description"] for issue in json.loads(text))
