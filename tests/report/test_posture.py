"""The posture matrix: what each state rests on."""

from __future__ import annotations

import msgspec
import pytest

from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Finding
from aisecops.core.measurement import Better, Bound, Measurement
from aisecops.core.run import PlannedCheck, Results, Run
from aisecops.core.taxonomy import Severity, Stage, Threat
from aisecops.core.verdict import FindingStatus, Outcome, RuleOutcome, Status
from aisecops.report.posture import Cell, State, posture
from tests.report.runs import CODE_EXECUTION, PASSED, SKIPPED, clean, finding, hostile, record

MEASURING = PlannedCheck(
    id="model/evasion", version=1, title="Attacks", threat=Threat.EVASION, stage=Stage.TEST, categories=("evasion",), refs=(), planned=1
)
NUMBER = Measurement(
    id="m", check="model/evasion", assets=("model:x",), name="robust-accuracy", value=0.4, unit="1", better=Better.HIGHER, bound=Bound.ATTACK
)


def cell(run: Run, threat: Threat = Threat.SUPPLY_CHAIN, stage: Stage = Stage.RELEASE) -> Cell:
    (found,) = [one for one in posture(run).cells if (one.threat, one.stage) == (threat, stage)]
    return found


def with_finding(status: Status, severity: Severity = Severity.LOW) -> tuple[Run, Finding]:
    found = finding(severity=severity)
    statuses = (FindingStatus(finding=found.id, status=status),)
    return record(Results(checks=(CODE_EXECUTION,), findings=(found,)), Outcome.PASS, (PASSED,), statuses=statuses), found


def measured(rule: Outcome, **changes: object) -> Run:
    rules = (RuleOutcome(id="robust", outcome=rule, reason="because", measurements=("m",)),)
    return record(Results(checks=(MEASURING,), measurements=(msgspec.structs.replace(NUMBER, **changes),)), rule, rules)


def test_every_threat_has_every_stage_once() -> None:
    cells = posture(hostile()).cells
    assert len({(one.threat, one.stage) for one in cells}) == len(cells) == len(Threat) * len(Stage)


def test_what_was_looked_at_and_left_nothing_passes() -> None:
    found = cell(clean())
    assert found.state is State.PASSING
    assert found.checks == (CODE_EXECUTION.id, "model-file/unknown-callable")


def test_what_no_check_is_for_is_not_covered() -> None:
    assert cell(clean(), Threat.UNFAIRNESS, Stage.TEST) == Cell(threat=Threat.UNFAIRNESS, stage=Stage.TEST, state=State.NOT_COVERED)


def test_what_was_skipped_is_not_examined() -> None:
    assert cell(clean(), SKIPPED.threat, SKIPPED.stage).state is State.NOT_EXAMINED


def test_an_open_finding_fails() -> None:
    run, found = with_finding(Status.OPEN)
    assert (cell(run).state, cell(run).open) == (State.FAILING, (found.id,))


def test_a_note_does_not_fail() -> None:
    run, found = with_finding(Status.OPEN, Severity.INFO)
    assert (cell(run).state, cell(run).noted, cell(run).open) == (State.PASSING, (found.id,), ())


@pytest.mark.parametrize("status", [Status.WAIVED, Status.BASELINE, Status.SUPPRESSED])
def test_what_somebody_answers_for_is_accepted(status: Status) -> None:
    run, found = with_finding(status)
    assert (cell(run).state, cell(run).accepted) == (State.ACCEPTED, (found.id,))


def test_a_gap_outweighs_what_is_accepted_and_belongs_to_the_check_that_it_names() -> None:
    run, _ = with_finding(Status.WAIVED)
    gap = NotExamined(code=Code.TIMEOUT, reason="slow", check=CODE_EXECUTION.id, path="x.pkl")
    assert cell(msgspec.structs.replace(run, not_examined=(gap,))).state is State.NOT_EXAMINED


def test_a_gap_without_a_check_concerns_all_checks_of_its_kind_of_asset_once() -> None:
    gap = NotExamined(code=Code.NO_PARSER, reason="new", asset="model-file:x.h5", path="x.h5")
    run = msgspec.structs.replace(clean(), not_examined=(gap,))
    assert cell(run).gaps == (0,)
    assert posture(run).unplaced == ()


def test_a_gap_that_names_neither_is_told_apart() -> None:
    run = msgspec.structs.replace(clean(), not_examined=(NotExamined(code=Code.UNREADABLE, reason="denied", path="x"),))
    assert posture(run).unplaced == (0,)
    assert cell(run).state is State.PASSING


def test_a_rule_that_fails_on_a_number_fails_its_cell() -> None:
    found = cell(measured(Outcome.FAIL), Threat.EVASION, Stage.TEST)
    assert (found.state, found.failed, found.measurements) == (State.FAILING, ("m",), ("m",))


@pytest.mark.parametrize(
    ("rule", "changes"), [(Outcome.PASS, {"blocked": "dead gradients"}), (Outcome.PASS, {"value": None}), (Outcome.INCOMPLETE, {})]
)
def test_a_number_that_tells_nothing_is_not_examined(rule: Outcome, changes: dict[str, object]) -> None:
    found = cell(measured(rule, **changes), Threat.EVASION, Stage.TEST)
    assert (found.state, found.weak) == (State.NOT_EXAMINED, ("m",))


def test_a_good_number_passes() -> None:
    assert cell(measured(Outcome.PASS), Threat.EVASION, Stage.TEST).state is State.PASSING
