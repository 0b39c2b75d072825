"""Two runs compared: real scans of a changing project, and measurements whose truth is known."""

from __future__ import annotations

import json
import pickle
import random
import re
from pathlib import Path

import msgspec
import pytest

from aisecops.cli import main
from aisecops.core.errors import RecordError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.measurement import Better, Measurement
from aisecops.core.run import PlannedCheck, Results, Run
from aisecops.core.statistics.clopper_pearson import clopper_pearson
from aisecops.core.taxonomy import Severity, Stage, Threat
from aisecops.core.verdict import Outcome
from aisecops.gate.difference import Difference, Kind
from aisecops.gate.readings import Change
from aisecops.report.difference import as_json, as_markdown, document
from aisecops.report.layout import plain
from aisecops.workflows.diff import diff
from aisecops.workflows.scan import ScanRequest, scan
from tests.hostile_text import HOSTILE
from tests.report import runs
from tests.report.test_hostile import INVISIBLE, RUNNER, finding_of


class Runs:
    """Pickles to ``os.system(command)`` when loaded."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, (self.command,)


def scanned(folder: Path, **request: object) -> Run:
    return scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False, **request))  # type: ignore[arg-type]


def places(difference: Difference, kind: Kind) -> list[str]:
    return sorted(change.finding.locations[0].path for change in difference.of(kind) if change.finding.check == "model-file/code-execution")


def test_new_fixed_moved_removed_and_unchanged(tmp_path: Path) -> None:
    def put(name: str, value: object) -> None:
        (tmp_path / name).write_bytes(pickle.dumps(value))

    for name in ("stays", "moves", "mended", "removed"):
        put(f"{name}.pkl", Runs(f"echo {name}"))
    before = scanned(tmp_path)
    (tmp_path / "moves.pkl").rename(tmp_path / "elsewhere.pkl")
    (tmp_path / "removed.pkl").unlink()
    put("mended.pkl", {"weights": [1]})
    put("brought.pkl", Runs("echo brought"))
    found = diff(before, scanned(tmp_path))
    assert places(found, Kind.NEW) == ["brought.pkl"]
    assert places(found, Kind.FIXED) == ["mended.pkl"]
    assert places(found, Kind.MOVED) == ["elsewhere.pkl"]
    assert places(found, Kind.REMOVED) == ["removed.pkl"]
    assert {change.finding.locations[0].path for change in found.worse} == {"brought.pkl"}


def test_a_run_against_itself_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Runs("id")))
    run = scanned(tmp_path)
    found = diff(run, scanned(tmp_path))
    assert (found.findings, found.unchanged) == ((), len(run.findings))
    assert found.unchanged > 0


def test_what_nobody_looked_at_is_not_fixed(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old/m.pkl").write_bytes(pickle.dumps(Runs("id")))
    before = scanned(tmp_path)
    for narrower in ({"exclude": ("old/",)}, {"ignore": ("model-file/code-execution",)}):
        found = diff(before, scanned(tmp_path, **narrower))
        assert places(found, Kind.UNEXAMINED) == ["old/m.pkl"]
        assert not places(found, Kind.FIXED) + places(found, Kind.REMOVED)


def test_a_rule_that_leaves_out_no_more_than_before_swallowed_nothing(tmp_path: Path) -> None:
    for name in ("a.pkl", "b.pkl", "noise.txt"):
        (tmp_path / name).write_bytes(pickle.dumps(Runs("id")))
    before = scanned(tmp_path, exclude=("noise.txt",))
    (tmp_path / "a.pkl").unlink()
    assert places(diff(before, scanned(tmp_path, exclude=("noise.txt",))), Kind.REMOVED) == ["a.pkl"]
    assert places(diff(before, scanned(tmp_path, exclude=("noise.txt", "b.pkl"))), Kind.UNEXAMINED) == ["a.pkl", "b.pkl"]


def test_a_gap_where_it_stood_is_said() -> None:
    before = runs.hostile()
    gap = NotExamined(code=Code.TIMEOUT, reason="the time limit was reached", check="model-file/code-execution", path="models/clf.pkl")
    after = runs.record(Results(checks=before.checks, assets=before.assets, not_examined=(gap,)), Outcome.PASS, ())
    causes = {change.finding.locations[0].path: change.cause for change in diff(before, after).of(Kind.UNEXAMINED)}
    assert causes["models/clf.pkl"] == "not examined: the time limit was reached"
    assert "models/bundle.zip" in [change.finding.locations[0].path for change in diff(before, after).of(Kind.FIXED)]


def test_a_finding_that_a_new_version_of_the_check_sees_says_so() -> None:
    newer = msgspec.structs.replace(runs.CODE_EXECUTION, version=2)
    before = runs.record(Results(checks=(runs.CODE_EXECUTION,)), Outcome.PASS, ())
    after = runs.record(Results(checks=(newer,), findings=(runs.finding(),)), Outcome.FAIL, ())
    (change,) = diff(before, after).findings
    assert change.cause == "the check has changed: version 1 before, 2 now"


def test_graver_than_before_counts_as_new() -> None:
    before, after = (
        runs.record(Results(findings=(runs.finding(severity=severity),)), Outcome.FAIL, ()) for severity in (Severity.LOW, Severity.HIGH)
    )
    assert [change.kind for change in diff(before, after).worse] == [Kind.GRAVER]
    assert diff(after, before).worse == ()


def test_a_copy_beside_the_original_is_new(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Runs("id")))
    before = scanned(tmp_path)
    (tmp_path / "copy.pkl").write_bytes((tmp_path / "m.pkl").read_bytes())
    found = diff(before, scanned(tmp_path))
    assert places(found, Kind.NEW) == ["copy.pkl"]
    assert not found.of(Kind.MOVED)


def test_a_changed_record_is_refused() -> None:
    run = runs.hostile()
    with pytest.raises(RecordError, match="changed after the run"):
        diff(run, msgspec.structs.replace(run, findings=()))


# ---------------------------------------------------------------- measurements

CHECK = PlannedCheck(
    id="model/quality", version=1, title="Quality", threat=Threat.UNRELIABILITY, stage=Stage.TEST, categories=("q",), refs=(), planned=1
)


def share(right: int, n: int, **fields: object) -> Measurement:
    interval = clopper_pearson(right, n)
    said = {"name": "accuracy", "value": right / n, "better": Better.HIGHER, "low": interval.low, "high": interval.high} | fields
    return Measurement(
        id="m", check="model/quality", assets=("model:m",), unit="1", n=n, level=0.95, method=str(said.pop("method", interval.method)), **said
    )  # type: ignore[arg-type]


def measured(*readings: Measurement, version: int = 1) -> Run:
    return runs.record(Results(checks=(msgspec.structs.replace(CHECK, version=version),), measurements=readings), Outcome.PASS, ())


def change_of(before: Measurement, after: Measurement) -> Change:
    (change,) = diff(measured(before), measured(after)).measurements
    return change.change


def test_a_change_beyond_noise_has_its_direction() -> None:
    assert change_of(share(900, 1000), share(800, 1000)) is Change.WORSE
    assert change_of(share(800, 1000), share(900, 1000)) is Change.BETTER
    assert change_of(share(80, 1000, better=Better.LOWER), share(160, 1000, better=Better.LOWER)) is Change.WORSE
    assert change_of(share(80, 1000, better=None), share(160, 1000, better=None)) is Change.CHANGED


def test_noise_is_called_noise_and_the_same_is_the_same() -> None:
    assert change_of(share(450, 500), share(445, 500)) is Change.NOISE
    assert change_of(share(450, 500), share(450, 500)) is Change.SAME


def test_newcombes_interval_is_in_the_record() -> None:
    # Newcombe 1998, table II, (b): 9/10 against 3/10, method 10.
    (change,) = diff(measured(share(3, 10)), measured(share(9, 10))).measurements
    assert (round(change.low or 0, 4), round(change.high or 0, 4)) == (0.1705, 0.809)
    assert change.method == "newcombe"


def test_many_comparisons_share_the_level() -> None:
    pair = [measured(*(share(n, 100, subject=f"g{i}") for i in range(60))) for n in (50, 64)]
    one = diff(measured(share(50, 100)), measured(share(64, 100))).measurements[0]
    many = diff(*pair).measurements[0]
    assert (one.change, many.change) == (Change.BETTER, Change.NOISE)
    assert many.level == pytest.approx(1 - 0.05 / 60)


@pytest.mark.slow
def test_false_alarms_are_rare() -> None:
    """Both runs draw from the same truth: at most 5 % of comparisons of 20 measurements may cry at all."""
    rng = random.Random(0)

    def drawn() -> Run:
        return measured(*(share(sum(rng.random() < 0.8 for _ in range(200)), 200, subject=f"g{i}") for i in range(20)))

    alarms = sum(any(one.change in (Change.WORSE, Change.BETTER) for one in diff(drawn(), drawn()).measurements) for _ in range(100))
    assert alarms <= 10


def test_other_numbers_are_compared_by_their_intervals_and_it_is_said() -> None:
    apart = [share(1, 10, value=value, low=value - 1, high=value + 1, method="bootstrap") for value in (5.0, 8.0, 5.5)]
    (change,) = diff(measured(apart[0]), measured(apart[1])).measurements
    assert (change.change, change.why) == (Change.BETTER, "the intervals do not overlap")
    assert change_of(apart[0], apart[2]) is Change.NOISE
    assert change_of(share(5, 10, low=None, method=""), share(6, 10, low=None, method="")) is Change.UNCLEAR


def test_what_does_not_compare_is_not_compared() -> None:
    (change,) = diff(measured(share(5, 10)), measured(share(9, 10), version=2)).measurements
    assert change.change is Change.INCOMPARABLE
    assert change_of(share(5, 10), share(9, 10, blocked="labels are missing")) is Change.INCOMPARABLE
    (gone, new) = sorted(diff(measured(share(5, 10)), measured(share(5, 10, name="auc"))).measurements, key=lambda c: c.change.value)
    assert (gone.change, new.change) == (Change.GONE, Change.NEW)


# ---------------------------------------------------------------- told


def hostile() -> Difference:
    texts = list(HOSTILE.values())
    inert = [text.encode("utf-8", "backslashreplace").decode() for text in texts]
    half = len(texts) // 2
    sides = [runs.record(Results(findings=tuple(map(finding_of, part))), Outcome.FAIL, ()) for part in (inert[: half + 5], inert[half:])]
    return diff(*sides)


def test_hostile_text_is_inert_everywhere() -> None:
    found = hostile()
    for text in (plain(document(found, verbose=True), 100), as_markdown(found).decode()):
        assert not INVISIBLE.search(text)
        assert not RUNNER.search(text)
    assert not re.search(r"<(?!/?(?:details|summary|b)\b)", re.sub(r"(`+).*?\1", "", as_markdown(found).decode()))
    json.loads(as_json(found))


def test_markdown_fits_a_comment() -> None:
    nothing = runs.record(Results(), Outcome.PASS, ())
    text = as_markdown(diff(nothing, runs.many(5000))).decode()
    assert len(text.encode()) < 65_536
    assert text.startswith("## 🆕 aisecops diff: 5,000 new")
    assert re.search(r"- and [\d,]+ more", text)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    main(["scan", ".", "-q", "--format", "json", "--output", "a.json", "--exclude", "*.json"])
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Runs("id")))
    main(["scan", ".", "-q", "--format", "json", "--output", "b.json", "--exclude", "*.json"])
    capsys.readouterr()
    assert main(["diff", "a.json", "b.json"]) == 0
    assert "New: " in capsys.readouterr().out
    assert main(["diff", "a.json", "b.json", "--fail-on-new", "--format", "json", "--output", "d.json"]) == 1
    told = json.loads((tmp_path / "d.json").read_text())
    assert told["schema"] == "aisecops/diff-1"
    assert {change["kind"] for change in told["findings"]} == {"new"}
    assert main(["diff", "b.json", "a.json", "--fail-on-new", "--format", "markdown"]) == 0
    assert "Gone with what they stood in" in capsys.readouterr().out
