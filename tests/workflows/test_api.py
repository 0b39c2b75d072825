"""The Python API: what a program or a notebook sees of a run."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path

import pandas
import polars
import pytest

import aisecops
from aisecops.core.errors import PolicyError, RecordError, UserError
from aisecops.core.measurement import Measurement
from aisecops.core.run import Results
from aisecops.core.verdict import Outcome, RuleOutcome
from aisecops.report import notebook
from aisecops.report.columns import FINDING_COLUMNS, MEASUREMENT_COLUMNS
from tests.hostile_text import HOSTILE
from tests.report import runs

SOURCE = "import yaml\ndef settings(path):\n    return yaml.load(open(path), Loader=yaml.UnsafeLoader)\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> aisecops.JudgedRun:
    folder = tmp_path_factory.mktemp("project")
    (folder / "app.py").write_text(SOURCE)
    (folder / "weights.pkl").write_bytes(pickle.dumps({"w": [1.0]}))
    return aisecops.scan(folder, jobs=1)


def test_a_scan_returns_what_was_found_and_the_verdict(run):
    assert run.outcome == "fail"
    assert [finding.check for finding in run.open_findings] == ["source-file/unsafe-deserialization"]
    assert {asset.path for asset in run.assets} == {"app.py", "weights.pkl"}
    assert repr(run) == "<JudgedRun fail by standard: 1 open of 1 findings, 0 measurements, 0 not examined>"


@pytest.mark.parametrize(("library", "kind"), [(None, polars.DataFrame), ("polars", polars.DataFrame), ("pandas", pandas.DataFrame)])
def test_findings_come_as_a_frame(run, library, kind):
    frame = run.findings_frame(library)
    assert isinstance(frame, kind)
    assert list(frame.columns) == list(FINDING_COLUMNS)
    assert [list(frame[name]) for name in ("path", "line", "severity", "status")] == [["app.py"], [3], ["high"], ["open"]]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames_have_their_columns_without_rows_too(tmp_path, library):
    nothing = aisecops.scan(tmp_path)
    assert nothing.outcome == "pass"
    for frame, columns in ((nothing.findings_frame(library), FINDING_COLUMNS), (nothing.measurements_frame(library), MEASUREMENT_COLUMNS)):
        assert (list(frame.columns), len(frame)) == (list(columns), 0)


def test_measurements_come_with_their_intervals():
    whole = aisecops.JudgedRun(runs.hostile())
    frame = whole.measurements_frame()
    assert frame["value"].to_list() == [m.value for m in whole.measurements]
    assert frame["low"].to_list() == [m.low for m in whole.measurements]


def test_a_frame_that_nobody_makes_is_refused(run):
    with pytest.raises(UserError, match='choose "polars" or "pandas"'):
        run.findings_frame("arrow")


def test_without_a_library_for_frames_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    assert isinstance(run.findings_frame(), pandas.DataFrame)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserError, match="pip install polars"):
        run.findings_frame()


def test_it_is_judged_again_written_and_read_back(run, tmp_path):
    lenient = run.gate("baseline")
    assert (lenient.verdict.policy, lenient.outcome, run.verdict.policy) == ("baseline", "fail", "standard")
    run.save(tmp_path / "run.json")
    assert aisecops.load(tmp_path / "run.json").record == run.record
    assert b'"version": "2.1.0"' in run.render("sarif") or b'"version":"2.1.0"' in run.render("sarif")
    with pytest.raises(PolicyError):
        run.gate("stricter")
    with pytest.raises(RecordError):
        aisecops.load(tmp_path / "nothing.json")
    with pytest.raises(UserError):
        run.save(tmp_path / "no" / "folder.json")
    with pytest.raises(UserError):
        aisecops.scan(tmp_path / "nothing")


def test_one_name_is_one_name(tmp_path):
    (tmp_path / "app.py").write_text(SOURCE)
    assert aisecops.scan(tmp_path, ignore="source-file/*").findings == ()
    assert len(aisecops.scan(str(tmp_path), select="source-file/unsafe-deserialization").findings) == 1


def test_run_without_a_model_is_a_scan(tmp_path):
    (tmp_path / "app.py").write_text(SOURCE)
    judged = aisecops.run(tmp_path, jobs=1)
    assert (judged.outcome, len(judged.findings)) == ("fail", 1)


def test_it_works_in_a_thread_as_notebooks_and_servers_have_them(tmp_path):
    (tmp_path / "app.py").write_text(SOURCE)
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(aisecops.scan(tmp_path, jobs=1).outcome))
    thread.start()
    thread.join(60)
    assert outcomes == ["fail"]


class Tags(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def hostile_records():
    yield runs.hostile()
    for text in HOSTILE.values():
        found = runs.finding(text, title=text, message=text, check=text)
        yield runs.record(
            Results(findings=(found,)), Outcome.FAIL, (RuleOutcome(id=text, outcome=Outcome.FAIL, reason=text),), results_digest="sha256:"
        )


@pytest.mark.parametrize("record", list(hostile_records()), ids=["run", *HOSTILE])
def test_the_notebook_view_is_whole_and_nothing_in_it_can_run(record):
    tags = Tags()
    tags.feed(notebook.page(record))
    assert not tags.open
    assert tags.names <= {"div", "span", "b", "code", "p", "br", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert tags.attributes <= {"class", "style", "scope"}


@pytest.mark.parametrize(
    ("value", "low", "high", "blocked", "drawn"),
    [
        (0.5, 0.25, 0.75, "", True),
        (0.5, 0.25, 0.75, "masked", False),
        (3.0, 2.0, 4.0, "", False),
        (0.5, None, 0.75, "", False),
        (None, None, None, "", False),
    ],
)
def test_the_interval_of_a_share_is_drawn(value, low, high, blocked, drawn):
    measured = Measurement(id="m", check="c", assets=(), name="share", value=value, unit="", low=low, high=high, blocked=blocked)
    shown = notebook.page(runs.record(Results(measurements=(measured,)), Outcome.PASS, ()))
    assert ("left:25.00%;width:50.00%" in shown) is drawn


def test_the_notebook_view_says_what_and_where(run):
    shown = run._repr_html_()
    assert "app.py:3:12" in shown
    assert "YAML" in shown
    assert ">fail<" in shown


def test_the_package_alone_imports_nothing():
    code = "import sys; before = set(sys.modules); import aisecops; print(sorted(set(sys.modules) - before)); print('scan' in dir(aisecops))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "src"},
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.splitlines() == ["['aisecops']", "True"]


def test_a_name_that_is_not_there_is_told_as_python_does():
    with pytest.raises(AttributeError, match="no attribute 'scam'"):
        aisecops.scam  # noqa: B018
