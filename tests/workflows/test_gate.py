from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.errors import PolicyError, RecordError
from aisecops.core.examination import Code
from aisecops.core.run import Run
from aisecops.core.verdict import Outcome, Status
from aisecops.gate.baseline import Baseline
from aisecops.gate.policies import load_policy
from aisecops.workflows.gate import gate
from tests.gate.records import finding, gap, results, run_of, verdict_on, waiver

WHAT = results(finding(severity="medium"), gap("notes.ipynb", Code.NO_PARSER, AssetKind.NOTEBOOK))
RUN = run_of(WHAT, verdict_on(WHAT, load_policy("standard")))
NOON = 1_781_524_800.0  # 2026-06-15T12:00:00Z


@pytest.mark.parametrize(("policy", "outcome"), [("baseline", Outcome.PASS), ("standard", Outcome.PASS), ("strict", Outcome.FAIL)])
def test_one_run_is_judged_by_several_policies(policy: str, outcome: Outcome) -> None:
    judged = gate(RUN, policy, now=NOON)
    assert judged.verdict.outcome is outcome
    assert judged.verdict.policy == policy
    assert judged.verdict.evaluated == "2026-06-15T12:00:00Z"
    assert judged.results == RUN.results and judged.run == RUN.run


def test_a_record_that_was_stored_is_judged_like_the_one_in_memory() -> None:
    stored = msgspec.json.decode(msgspec.json.encode(RUN), type=Run)
    assert gate(stored, "strict", now=NOON) == gate(RUN, "strict", now=NOON)


def test_waivers_expire_by_the_day_of_the_judgement() -> None:
    waivers = [waiver(fingerprint=finding().fingerprint, expires="2026-06-15")]
    day = 86_400
    assert [gate(RUN, "strict", waivers=waivers, now=NOON + n * day).verdict.outcome for n in (0, 1)] == [Outcome.INCOMPLETE, Outcome.FAIL]


def test_a_policy_of_the_project_and_a_baseline_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("schema: aisecops/policy-1\nname: ours\ntitle: Ours\nrules:\n  - {id: none, findings: {}}\n")
    assert gate(RUN, str(path)).verdict.outcome is Outcome.FAIL
    judged = gate(RUN, str(path), baseline=Baseline.of(WHAT.findings, WHAT))
    assert judged.verdict.outcome is Outcome.PASS
    assert [s.status for s in judged.verdict.statuses] == [Status.BASELINE]


def test_an_interrupted_run_stays_incomplete_under_every_policy() -> None:
    empty = results()
    run = run_of(empty, RUN.verdict, incomplete=True)
    assert {gate(run, name).verdict.outcome for name in ("baseline", "standard", "strict")} == {Outcome.INCOMPLETE}


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(RUN, findings=()),
        msgspec.structs.replace(RUN, not_examined=()),
        msgspec.structs.replace(RUN, run=msgspec.structs.replace(RUN.run, results_digest="sha256:0")),
    ],
)
def test_a_record_that_was_changed_is_not_judged(changed: Run) -> None:
    with pytest.raises(RecordError, match="run r1: the record was changed after the run"):
        gate(changed, "baseline")


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(PolicyError, match="did you mean `strict`"):
        gate(RUN, "stric")
