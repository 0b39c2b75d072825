from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from sarif import loader

from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Edit, Fix, FlowStep, Location
from aisecops.core.run import PlannedCheck, Results, Root, Run
from aisecops.core.taxonomy import Reference, Severity, Stage, Threat
from aisecops.core.verdict import FindingStatus, Outcome, Status, WaiverUse
from aisecops.report import sarif
from tests.hostile_text import HOSTILE
from tests.report import runs
from tests.report.test_hostile import run_of

SCHEMA = jsonschema.Draft4Validator(json.loads((Path(__file__).parent.parent / "data/sarif-2.1.0.schema.json").read_text()))
RUNS: list[Callable[[], Run]] = [runs.clean, runs.hostile, lambda: runs.many(30), lambda: run_of(list(HOSTILE.values()))]


def only_run(run: Run) -> dict[str, Any]:
    log = json.loads(sarif.render(run, runs.LESSONS))
    (one,) = log["runs"]
    assert isinstance(one, dict)
    return one


def with_findings(*findings: Any, **parts: Any) -> Run:
    return runs.record(Results(checks=(runs.CODE_EXECUTION,), findings=findings), Outcome.FAIL, (), **parts)


@pytest.mark.parametrize("make", RUNS)
def test_the_log_is_valid(make: Callable[[], Run]) -> None:
    SCHEMA.validate(json.loads(sarif.render(make(), runs.LESSONS)))


@pytest.mark.parametrize("make", RUNS)
def test_a_tool_that_others_use_reads_the_same(make: Callable[[], Run], tmp_path: Path) -> None:
    log = sarif.render(make(), runs.LESSONS)
    (tmp_path / "run.sarif").write_bytes(log)
    report = loader.load_sarif_file(str(tmp_path / "run.sarif")).get_report()
    levels = Counter(result["level"] for result in json.loads(log)["runs"][0]["results"])
    assert {level: report.get_issue_count_for_severity(level) for level in levels} == levels
    assert sum(map(report.get_issue_count_for_severity, report.get_severities())) == levels.total()


def test_the_schema_can_say_no() -> None:
    log = json.loads(sarif.render(runs.hostile(), runs.LESSONS))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert [error.json_path for error in SCHEMA.iter_errors(log)] == ["$.runs[0].results[0].level"]


def test_every_result_points_to_its_rule() -> None:
    one = only_run(runs.hostile())
    rules = one["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in one["results"])
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_a_rule_teaches() -> None:
    rule = only_run(runs.hostile())["tool"]["driver"]["rules"][0]
    assert rule["fullDescription"]["text"] == "Find callables that run while a model file is loaded."
    assert "### How to fix" in rule["help"]["markdown"]
    assert "external/cwe/cwe-502" in rule["properties"]["tags"]
    assert float(rule["properties"]["security-severity"]) > 9
    assert rule["defaultConfiguration"]["level"] == "error"


@pytest.mark.parametrize(("severity", "level"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "note"), ("info", "note")])
def test_level_and_score_follow_the_severity(severity: str, level: str) -> None:
    one = only_run(with_findings(runs.finding(severity=Severity(severity))))
    score = float(one["tool"]["driver"]["rules"][0]["properties"]["security-severity"])
    assert one["results"][0]["level"] == level
    assert {"critical": score > 9, "high": 7 <= score < 9, "medium": 4 <= score < 7, "low": 0 < score < 4, "info": 0 < score < 4}[severity]


def test_places() -> None:
    places = (
        Location(path="models/ä b#?%.pkl", offset=31),
        Location(path="a.zip", member="x!y.pkl", offset=7),
        Location(path="train.py", line=12, column=5, end_line=13),
        Location(path="n.ipynb", cell=3, line=2),
    )
    binary, member, text, cell = only_run(with_findings(runs.finding(locations=places)))["results"][0]["locations"]
    assert binary["physicalLocation"] == {
        "artifactLocation": {"uri": "models/%C3%A4%20b%23%3F%25.pkl", "uriBaseId": "SRCROOT"},
        "region": {"byteOffset": 31, "byteLength": 1},
    }
    assert member["logicalLocations"][0]["fullyQualifiedName"] == "a.zip!x!y.pkl"
    assert "region" not in member["physicalLocation"]
    assert text["physicalLocation"]["region"] == {"startLine": 12, "startColumn": 5, "endLine": 13}
    assert "region" not in cell["physicalLocation"]
    assert cell["properties"] == {"cell": 3}


@pytest.mark.parametrize(
    ("root", "assets", "uri"),
    [
        (".", ["a.pkl"], "a.pkl"),
        ("models", ["a.pkl", "b.pkl"], "models/a.pkl"),
        ("./models/", ["a.pkl", "b.pkl"], "models/a.pkl"),
        ("models/a.pkl", ["a.pkl"], "models/a.pkl"),
        ("a.pkl", ["a.pkl"], "a.pkl"),
        ("/srv/models", ["a.pkl"], "a.pkl"),
        ("../models", ["a.pkl"], "a.pkl"),
    ],
)
def test_paths_count_from_the_folder_where_the_scan_was_started(root: str, assets: list[str], uri: str) -> None:
    results = Results(assets=tuple(runs.source(path) for path in assets), findings=(runs.finding("a.pkl"),))
    one = only_run(runs.record(results, Outcome.FAIL, (), roots=(Root(path=root),)))
    assert one["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_the_same_weakness_twice_in_a_file_stays_two_alerts() -> None:
    first, second = only_run(with_findings(runs.finding(id="a"), runs.finding(offset=99, id="b")))["results"]
    assert first["partialFingerprints"]["aisecops/v1"] == second["partialFingerprints"]["aisecops/v1"]
    assert first["partialFingerprints"]["primaryLocationLineHash"] != second["partialFingerprints"]["primaryLocationLineHash"]


def test_accepted_findings_are_suppressed_with_the_reason() -> None:
    findings = tuple(runs.finding(f"{n}.pkl", suppressed="a fixture" if n == 3 else "") for n in range(4))
    statuses = tuple(FindingStatus(finding=f.id, status=status, waiver="W-1") for f, status in zip(findings, Status, strict=True))
    waiver = WaiverUse(id="W-1", owner="Ada", reason="read by hand", expires="2027-01-01", used=1)
    results = only_run(with_findings(*findings, statuses=statuses, waivers=(waiver,)))["results"]
    by_path = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: result.get("suppressions") for result in results}
    assert by_path["0.pkl"] is None
    assert by_path["1.pkl"] == [{"kind": "external", "status": "accepted", "justification": "read by hand (Ada, until 2027-01-01)"}]
    assert by_path["2.pkl"][0]["justification"] == "accepted in the baseline"
    assert by_path["3.pkl"] == [{"kind": "inSource", "status": "accepted", "justification": "a fixture"}]


def test_flows_and_fixes() -> None:
    edit = Edit("train.py", 12, 1, 12, 9, "safe_load")
    result = only_run(
        with_findings(runs.finding(flow=(FlowStep("train.py", 4, "read"), FlowStep("train.py", 12, "used")), fix=Fix("Do", True, (edit,))))
    )["results"][0]
    assert [step["location"]["message"]["text"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]] == ["read", "used"]
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "safe_load"}


def test_what_was_not_examined_is_told() -> None:
    gaps = tuple(NotExamined(code=Code.TIMEOUT, reason="took too long", remedy="raise --timeout", path=f"{n}.pkl") for n in range(3))
    run = runs.record(Results(not_examined=gaps), Outcome.INCOMPLETE, ())
    (notice,) = only_run(run)["invocations"][0]["toolExecutionNotifications"]
    assert notice["descriptor"] == {"id": "not-examined/timeout"}
    assert notice["message"]["text"] == "Not examined: took too long. raise --timeout."
    assert len(notice["locations"]) == 3
    assert only_run(run)["invocations"][0]["exitCode"] == 3


def test_an_interrupted_run_was_not_successful() -> None:
    run = runs.clean()
    stopped = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, incomplete=True))
    assert only_run(run)["invocations"][0]["executionSuccessful"] is True
    assert only_run(stopped)["invocations"][0]["executionSuccessful"] is False


def test_a_skipped_check_is_told() -> None:
    (notice,) = only_run(runs.clean())["invocations"][0]["toolConfigurationNotifications"]
    assert "notebook/secrets was skipped: no notebook" in notice["message"]["text"]


@pytest.mark.slow
def test_the_gravest_stay_when_github_takes_no_more() -> None:
    run = runs.many(25_010)
    waived = {run.findings[0].id}  # of critical severity, but somebody answers for it
    statuses = tuple(FindingStatus(finding=f.id, status=Status.WAIVED if f.id in waived else Status.OPEN) for f in run.findings)
    one = only_run(msgspec.structs.replace(run, verdict=msgspec.structs.replace(run.verdict, statuses=statuses)))
    kept = {result["properties"]["id"] for result in one["results"]}
    lost = [f for f in run.findings if f.id not in kept]
    assert len(one["results"]) == 25_000
    assert {f.severity for f in lost if f.id not in waived} == {Severity.INFO}
    assert waived <= {f.id for f in lost}
    assert "25,010 findings: GitHub shows the 5,000 gravest, and the 10 least grave are left out" in json.dumps(one["invocations"])


def test_limits_within_a_result() -> None:
    many = runs.finding(
        locations=tuple(Location(path="a.pkl", offset=n) for n in range(1_500)), flow=tuple(FlowStep("a.py", n + 1, "x") for n in range(1_200))
    )
    one = only_run(with_findings(many))
    assert len(one["results"][0]["locations"]) == 1_000
    assert len(one["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]) == 1_000
    assert "500 locations and 200 steps" in json.dumps(one["invocations"])


def test_no_rule_has_more_tags_than_github_shows() -> None:
    refs = tuple(Reference("cwe", "4.18", f"CWE-{n}") for n in range(50))
    check = PlannedCheck(
        id="a/b", version=1, title="t", threat=Threat.EVASION, stage=Stage.CODE, categories=("c",), refs=refs, planned=1
    )  # fmt: skip
    one = only_run(runs.record(Results(checks=(check,)), Outcome.PASS, ()))
    assert len(one["tool"]["driver"]["rules"][0]["properties"]["tags"]) == 10
