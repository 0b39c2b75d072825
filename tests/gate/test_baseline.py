from __future__ import annotations

from pathlib import Path

import pytest

from aisecops.core.errors import PolicyError
from aisecops.core.finding import Finding
from aisecops.core.policy import FindingsRule, Rule
from aisecops.core.run import Results
from aisecops.core.verdict import Status
from aisecops.gate.baseline import RULE, SCHEMA, Baseline, load, save
from tests.gate.records import finding, results, rule_of, verdict_on, waiver

NONE_OPEN = Rule(id="none-open", findings=FindingsRule())
DIGEST = "sha256:" + "a" * 64


def baseline_of(what: Results) -> Baseline:
    return Baseline.of(what.findings, what)


def open_after(what: Results, baseline: Baseline) -> set[str]:
    return {s.finding for s in verdict_on(what, NONE_OPEN, baseline=baseline).statuses if s.status is Status.OPEN}


def same(count: int, path: str = "a.pkl", member: str = "") -> list[Finding]:
    return [finding(path, number=number, member=member) for number in range(count)]


def test_what_stands_is_accepted_and_what_is_new_is_not() -> None:
    baseline = baseline_of(results(finding()))
    assert verdict_on(results(finding()), NONE_OPEN, baseline=baseline).outcome == "pass"
    new = finding(what="calls eval")
    assert open_after(results(finding(), new), baseline) == {new.id}


def test_it_follows_a_renamed_file() -> None:
    baseline = baseline_of(results(finding("old.pkl"), digests={"old.pkl": DIGEST}))
    assert not open_after(results(finding("new/place.pkl"), digests={"new/place.pkl": DIGEST}), baseline)


def test_it_does_not_follow_to_a_file_with_other_content() -> None:
    baseline = baseline_of(results(finding("old.pkl"), digests={"old.pkl": DIGEST}))
    moved = finding("new.pkl")
    assert open_after(results(moved, digests={"new.pkl": "sha256:" + "b" * 64}), baseline) == {moved.id}


def test_files_without_a_digest_are_not_taken_for_each_other() -> None:
    moved = finding("new.pkl")
    assert open_after(results(moved), baseline_of(results(finding("old.pkl")))) == {moved.id}


def test_a_copy_beside_the_original_is_new() -> None:
    baseline = baseline_of(results(finding("z.pkl"), digests={"z.pkl": DIGEST}))
    copy = finding("a.pkl")
    assert open_after(results(copy, finding("z.pkl"), digests={"a.pkl": DIGEST, "z.pkl": DIGEST}), baseline) == {copy.id}


def test_it_stays_with_a_file_whose_content_changes() -> None:
    baseline = baseline_of(results(finding("a.pkl"), digests={"a.pkl": DIGEST}))
    assert not open_after(results(finding("a.pkl"), digests={"a.pkl": "sha256:" + "b" * 64}), baseline)


@pytest.mark.parametrize(("recorded", "found", "left"), [(2, 2, 0), (2, 3, 1), (2, 1, 0), (1, 5, 4)])
def test_it_never_covers_more_occurrences_than_it_recorded(recorded: int, found: int, left: int) -> None:
    assert len(open_after(results(*same(found)), baseline_of(results(*same(recorded))))) == left


def test_a_renamed_member_is_the_same_weakness_of_the_same_file() -> None:
    baseline = baseline_of(results(*same(1, member="old/data.pkl")))
    assert not open_after(results(*same(1, member="new/data.pkl")), baseline)
    both = results(*same(1, member="old/data.pkl"), *same(1, member="new/data.pkl"))
    assert open_after(both, baseline) == {same(1, member="new/data.pkl")[0].id}


def test_what_has_become_more_severe_is_new() -> None:
    worse = finding(severity="critical")
    assert open_after(results(worse), baseline_of(results(finding(severity="medium")))) == {worse.id}
    assert not open_after(results(finding(severity="low")), baseline_of(results(finding(severity="medium"))))


def test_what_is_suppressed_or_waived_leaves_its_room_to_others() -> None:
    suppressed, other = finding("a.pkl", suppressed="reviewed"), finding("a.pkl", number=1)
    baseline = baseline_of(results(finding("a.pkl")))
    assert not open_after(results(suppressed, other), baseline)
    verdict = verdict_on(results(finding("a.pkl")), NONE_OPEN, baseline=baseline, waivers=[waiver(asset=("a.pkl",))])
    assert [s.status for s in verdict.statuses] == [Status.WAIVED]


def test_the_verdict_tells_what_it_holds_and_what_it_no_longer_needs() -> None:
    baseline = baseline_of(results(finding(), finding(what="mended"), finding(what="mended too")))
    told = rule_of(verdict_on(results(finding()), NONE_OPEN, baseline=baseline), RULE)
    assert told.reason == "the baseline holds 1 finding; 2 accepted occurrences not in this run: make the baseline again to let go of what is mended"
    assert (told.outcome, told.findings) == ("pass", (finding().id,))


def test_the_file_is_sorted_and_holds_one_entry_a_line(tmp_path: Path) -> None:
    found = [finding("b.pkl"), finding("a.pkl", "two"), *same(2, "a.pkl", "x")]
    for name, order in (("one", found), ("two", found[::-1])):
        save(baseline_of(results(*order)), str(tmp_path / name))
    text = (tmp_path / "one").read_text()
    assert text == (tmp_path / "two").read_text()
    lines = text.splitlines()
    assert lines[:3] == ["{", f' "schema": "{SCHEMA}",', ' "findings": [']
    assert lines[3].startswith('  {"path": "a.pkl", "check": "model-file/code-execution", "severity": "high", "title": "two", "fingerprint": "')
    assert '"count": 2' in lines[4] and '"member": "x"' in lines[4]
    assert lines[5].startswith('  {"path": "b.pkl"')
    assert lines[6:] == [" ]", "}"]


@pytest.mark.parametrize("what", [results(), results(finding(), finding("ü/\U0001f600.pkl", "x"), digests={"models/a.pkl": DIGEST})])
def test_what_is_saved_is_what_is_loaded(what: Results, tmp_path: Path) -> None:
    save(baseline_of(what), str(tmp_path / "b.json"))
    assert load(str(tmp_path / "b.json")) == baseline_of(what)
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]


ENTRY = '{"path": "a", "check": "c/d", "severity": "high", "title": "t", "fingerprint": "f"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is no baseline: Input data was truncated; make it again with `aisecops baseline`"),
        ("[]", "this is no baseline: Expected `object`, got `array`; make it again with `aisecops baseline`"),
        (
            '{"schema": "aisecops/baseline-9"}',
            "the baseline has the schema `aisecops/baseline-9`; this version reads aisecops/baseline-1: make it again with `aisecops baseline`",
        ),
        (
            f'{{"schema": "{SCHEMA}", "findings": [{ENTRY}}}, {ENTRY}, "count": 0}}]}}',
            "this is no baseline: Expected `int` >= 1 (entry 2, key count); make it again with `aisecops baseline`",
        ),
        (
            f'{{"schema": "{SCHEMA}", "findings": [{{"path": "a"}}]}}',
            "this is no baseline: Object missing required field `check` (entry 1); make it again with `aisecops baseline`",
        ),
        (
            f'{{"schema": "{SCHEMA}",\n<<<<<<< ours\n "findings": []\n=======\n}}',
            "the baseline holds an unresolved merge conflict; resolve it, or make the baseline again with `aisecops baseline`",
        ),
    ],
)
def test_a_broken_file_says_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(PolicyError) as wrong:
        load(str(path))
    assert str(wrong.value) == f"{path}: {message}"


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b'{"schema": "\xff"}')
    with pytest.raises(PolicyError, match="this is no baseline"):
        load(str(tmp_path / "b.json"))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"cannot be read: No such file or directory; make one with `aisecops baseline`"):
        load(str(tmp_path / "none.json"))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="the baseline cannot be written"):
        save(Baseline(), str(tmp_path / "no" / "folder.json"))
