from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from aisecops.core.errors import PolicyError, RecordError
from aisecops.core.finding import Finding
from aisecops.core.policy import Waiver
from aisecops.core.run import Run
from aisecops.gate.baseline import Baseline, load
from aisecops.gate.policies import load_policy
from aisecops.workflows.baseline import accept
from aisecops.workflows.gate import gate
from tests.gate.records import finding, results, run_of, verdict_on, waiver


def run(*found: Finding, waivers: tuple[Waiver, ...] = (), baseline: Baseline | None = None) -> Run:
    what = results(*found)
    return run_of(what, verdict_on(what, load_policy("strict"), waivers=waivers, baseline=baseline))


def test_what_stands_passes_afterwards_and_what_is_new_fails(tmp_path: Path) -> None:
    path = str(tmp_path / "aisecops.baseline.json")
    change = accept(run(finding(), finding("b.pkl")), path)
    assert (change.accepted, change.kept, change.dropped) == (2, 0, 0)
    assert change.baseline == load(path)
    assert gate(run(finding(), finding("b.pkl")), "strict", baseline=load(path)).verdict.outcome == "pass"
    assert gate(run(finding(), finding("c.pkl")), "strict", baseline=load(path)).verdict.outcome == "fail"


def test_making_it_again_keeps_what_stands_takes_what_is_new_and_drops_what_is_mended(tmp_path: Path) -> None:
    path = str(tmp_path / "b.json")
    accept(run(finding("a.pkl"), finding("b.pkl")), path)
    change = accept(run(finding("b.pkl"), finding("c.pkl"), finding("d.pkl"), baseline=load(path)), path)
    assert (change.accepted, change.kept, change.dropped) == (2, 1, 1)
    assert [entry.path for entry in load(path).findings] == ["b.pkl", "c.pkl", "d.pkl"]


def test_making_it_twice_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    accept(run(finding("a.pkl"), finding("b.pkl")), str(path))
    before = path.read_bytes()
    change = accept(run(finding("b.pkl"), finding("a.pkl"), baseline=load(str(path))), str(path))
    assert (change.accepted, change.kept, change.dropped) == (0, 2, 0)
    assert path.read_bytes() == before


def test_what_has_a_reason_and_a_date_of_its_own_stays_out(tmp_path: Path) -> None:
    waived, suppressed, plain = finding("w.pkl"), finding("s.pkl", suppressed="reviewed"), finding("p.pkl")
    accept(run(waived, suppressed, plain, waivers=(waiver(asset=("w.pkl",)),)), str(tmp_path / "b.json"))
    assert [entry.path for entry in load(str(tmp_path / "b.json")).findings] == ["p.pkl"]


def test_a_file_that_is_no_baseline_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text("precious")
    with pytest.raises(PolicyError, match="this is no baseline"):
        accept(run(finding()), str(path))
    assert path.read_text() == "precious"


def test_a_record_that_was_changed_is_not_accepted(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="the record was changed"):
        accept(msgspec.structs.replace(run(finding()), findings=()), str(tmp_path / "b.json"))
    assert not list(tmp_path.iterdir())
