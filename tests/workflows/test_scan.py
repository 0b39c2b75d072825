"""Whole scans of real trees: what the record promises."""

from __future__ import annotations

import json
import os
import pickle
import pickletools
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from aisecops.core.asset import FileVerdict
from aisecops.core.progress import Silent
from aisecops.core.run import Run
from aisecops.report.record import render
from aisecops.workflows.scan import ScanRequest, scan

CONTRACT = json.loads((Path(__file__).parents[1] / "data" / "run-1.contract.json").read_text())
AISECOPS = [sys.executable, "-m", "aisecops"]


class Payload:
    """Pickles as a call of os.system; never loaded."""

    def __reduce__(self):
        return os.system, ("echo hostile",)


class Scorer:
    """A class of a package that no table knows."""

    def __init__(self):
        self.weights = [1, 2]


Scorer.__module__ = "our_models.scoring"


def own_class(protocol: int = 2) -> bytes:
    """A pickled instance of ``our_models.scoring.Scorer``, which cannot be imported here."""
    return b"\x80\x02cour_models.scoring\nScorer\n)\x81}U\x07weights]K\x01asb."


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project: two honest models, one hostile, one that needs a class of its own, one broken off."""
    root = tmp_path / "project"
    models = root / "models"
    models.mkdir(parents=True)
    (models / "honest.pkl").write_bytes(pickle.dumps(LogisticRegression().fit([[0.0], [1.0], [2.0]], [0, 1, 1])))
    np.savez(models / "data.npz", x=np.arange(3))
    (models / "hostile.bin").write_bytes(pickle.dumps({"model": Payload()}, protocol=3))
    (models / "own.pkl").write_bytes(own_class())
    (models / "cut.pkl").write_bytes(pickle.dumps(list(range(5000)))[:3000])
    (root / "train.py").write_text("print('never run')\n")
    return root


def scanned(*paths: Path, **more) -> Run:
    return scan(ScanRequest(paths=tuple(map(str, paths)), **more))


def verdicts(run: Run) -> dict[str, str]:
    return {a.path: a.verdict.value for a in run.assets if a.verdict}


def test_each_file_gets_its_verdict(tree):
    run = scanned(tree)
    assert verdicts(run) == {
        "models/honest.pkl": "clean",
        "models/data.npz": "clean",
        "models/hostile.bin": "block",
        "models/own.pkl": "review",
        "models/cut.pkl": "incomplete",
    }
    assert run.verdict.outcome.value == "fail"


def test_the_record_keeps_the_contract_and_names_what_stays(tree):
    document = json.loads(render(scanned(tree), {}))
    jsonschema.validate(document, CONTRACT)
    hostile = next(f for f in document["findings"] if f["category"] == "unsafe-deserialization")
    assert hostile["locations"][0]["path"] == "models/hostile.bin"
    assert hostile["locations"][0]["offset"] > 0
    assert "posix.system('echo hostile')" in hostile["message"]
    assert hostile["severity"] == "critical"
    honest = next(a for a in document["assets"] if a["path"] == "models/honest.pkl")
    assert honest["facts"]["allowed"], "a clean verdict carries its evidence"
    assert sum(honest["facts"]["bytes"].values()) == honest["size"]
    assert {loader["name"] for loader in honest["loaders"]} >= {"pickle.load", "joblib.load", "torch.load(weights_only=True)"}


def test_two_runs_differ_only_in_when_and_where(tree, tmp_path):
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(tree, copy)
    first, second = (json.loads(render(scanned(place, jobs=jobs), {})) for place, jobs in ((tree, 1), (copy, 2)))
    assert first["run"]["results_digest"] == second["run"]["results_digest"]
    for document in (first, second):
        del document["run"], document["verdict"]["evaluated"]
    assert json.dumps(first) == json.dumps(second)


def test_a_warm_cache_gives_the_same_results(tree):
    for i in range(120):  # enough to make the cache worth opening
        (tree / f"m{i}.pkl").write_bytes(pickle.dumps({"i": i}))
    cold, warm, fresh = scanned(tree), scanned(tree), scanned(tree, cache=False)
    assert cold.run.results_digest == warm.run.results_digest == fresh.run.results_digest


def test_fingerprints_survive_renaming_and_bytes_in_front(tree):
    before = {f.category: f.fingerprint for f in scanned(tree).findings}
    hostile = tree / "models" / "hostile.bin"
    moved = tree / "other" / "renamed.dat"
    moved.parent.mkdir()
    original = hostile.read_bytes()
    hostile.unlink()
    # the same call further down, behind another object: another offset, another path
    moved.write_bytes(b"\x80\x03X\x04\x00\x00\x00spamq\xf00" + original[2:])
    run = scanned(tree)
    after = {f.category: f.fingerprint for f in run.findings}
    assert after["unsafe-deserialization"] == before["unsafe-deserialization"]
    found = next(f for f in run.findings if f.category == "unsafe-deserialization")
    assert found.locations[0].path == "other/renamed.dat"


def test_the_line_that_a_finding_prints_turns_exactly_that_finding_clean(tree):
    run = scanned(tree)
    finding = next(f for f in run.findings if f.category == "unknown-callable")
    entry = finding.fix.summary.partition("model-files.allow: ")[2].partition("}")[0] + "}"
    filled = entry.replace("NAME", "ml@example.com").replace("WHY", "read on 2026-11-23").replace("YYYY-MM-DD", "2999-01-01")
    (tree / "aisecops.yaml").write_text(f"name: test\nmodel-files:\n  allow:\n    {filled}\n")
    again = scanned(tree)
    assert verdicts(again)["models/own.pkl"] == "clean"
    assert {f.fingerprint for f in run.findings} - {f.fingerprint for f in again.findings} == {finding.fingerprint}
    assert verdicts(again)["models/hostile.bin"] == "block"
    (tree / "aisecops.yaml").write_text(f"name: test\nmodel-files:\n  allow:\n    {filled.replace('2999', '2020')}\n")
    expired = scanned(tree)
    assert verdicts(expired)["models/own.pkl"] == "review"
    assert any("expired on 2020-01-01" in item.reason for item in expired.left_out)


def test_somebody_elses_settings_are_data(tree):
    (tree / "aisecops.yaml").write_text(
        "name: evil\npolicy: baseline\nexclude: ['models/hostile.bin']\n"
        "model-files:\n  allow:\n    - {callable: posix.system, operations: [call], owner: e, reason: e, expires: 2999-01-01}\n"
    )
    obeyed = scanned(tree)
    assert "models/hostile.bin" not in verdicts(obeyed)
    untrusted = scanned(tree, untrusted=True)
    assert verdicts(untrusted)["models/hostile.bin"] == "block"
    assert untrusted.verdict.policy == "standard"
    assert any(asset.path == "aisecops.yaml" for asset in untrusted.assets)


def test_untrusted_leaves_nothing_behind(tree):
    scanned(tree, untrusted=True)
    assert not (tree / ".aisecops").exists()


def test_the_standard_library_can_be_allowed_by_nobody_but_by_name_and_operation(tree):
    """An allowance is exact: for one operation on one name."""
    (tree / "aisecops.yaml").write_text(
        "name: t\nmodel-files:\n  allow:\n    - {callable: posix.system, operations: [reference], owner: e, reason: e, expires: 2999-01-01}\n"
    )
    assert verdicts(scanned(tree))["models/hostile.bin"] == "block"


def test_waivers_and_baseline_through_the_whole_scan(tree):
    run = scanned(tree)
    finding = next(f for f in run.findings if f.severity == "critical")
    (tree / "aisecops.yaml").write_text(
        f"name: t\npolicy: baseline\nwaivers:\n  - {{id: w1, fingerprint: {finding.fingerprint}, owner: a, reason: a drill, expires: 2999-01-01}}\n"
    )
    waived = scanned(tree)
    assert next(s for s in waived.verdict.statuses if s.finding == finding.id).status == "waived"
    assert waived.verdict.waivers[0].used == 1


def test_select_and_ignore(tree):
    only = scanned(tree, select=("model-file/code-execution",))
    assert {f.check for f in only.findings} == {"model-file/code-execution"}
    skipped = {c.id: c.skipped for c in only.checks}
    assert skipped["model-file/unknown-callable"] == "not selected"
    assert verdicts(only)["models/own.pkl"] == "review", "the verdict speaks of the file, whatever was asked for"


def test_an_empty_folder_passes(tmp_path):
    (tmp_path / "empty").mkdir()
    run = scanned(tmp_path / "empty")
    assert run.verdict.outcome.value == "pass"
    assert run.assets == ()


def test_a_named_file_of_no_known_format_is_not_examined(tmp_path):
    (tmp_path / "weights.bin").write_bytes(os.urandom(5000))
    run = scanned(tmp_path / "weights.bin")
    assert run.not_examined[0].code.value == "no-parser"
    assert run.verdict.outcome.value == "incomplete"


@pytest.mark.parametrize(
    ("name", "head"),
    [("m.h5", b"\x89HDF\r\n\x1a\n"), ("m.safetensors", b"\x02\0\0\0\0\0\0\0{}"), ("m.gguf", b"GGUF\x03\0\0\0"), ("m.tflite", b"\x1c\0\0\0TFL3")],
)
def test_a_format_without_a_parser_is_not_examined(tmp_path, name, head):
    (tmp_path / name).write_bytes(head + bytes(200))
    run = scanned(tmp_path)
    assert verdicts(run) == {name: "incomplete"}
    assert [n.code.value for n in run.not_examined] == ["no-parser"]


def test_pointers_are_not_examined_and_say_what_to_fetch(tmp_path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"
    (tmp_path / "model.pkl").write_text(pointer)
    run = scanned(tmp_path)
    assert "git lfs pull" in run.not_examined[0].remedy
    assert run.verdict.outcome.value == "incomplete"


def test_more_memory_gets_further_as_the_remedy_says(tmp_path):
    (tmp_path / "deep.pkl").write_bytes(b"\x80\x02" + b"(" * 500_000 + b"N" + b"t" * 500_000 + b".")
    (gap,) = scanned(tmp_path, memory_mb=256).not_examined
    assert (gap.code.value, gap.remedy) == ("too-large", "scan again with a larger --memory")
    assert verdicts(scanned(tmp_path)) == {"deep.pkl": "clean"}


@pytest.mark.slow
def test_sigterm_leaves_a_usable_record_marked_incomplete(tmp_path):
    for i in range(8):
        slow = b"\x80\x02" + b"N0" * 12_000_000 + b"N."
        (tmp_path / f"slow{i}.pkl").write_bytes(slow)
    out = tmp_path / "out" / "run.json"
    out.parent.mkdir()
    process = subprocess.Popen(
        [*AISECOPS, "scan", "--no-cache", "--jobs", "1", "--format", "json", "--output", str(out), str(tmp_path)], stderr=subprocess.PIPE
    )
    time.sleep(2.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    run = msgspec.json.decode(out.read_bytes(), type=Run)
    assert process.returncode == 3
    assert run.run.incomplete
    assert run.verdict.outcome.value == "incomplete"
    assert FileVerdict.INCOMPLETE in {a.verdict for a in run.assets}
    jsonschema.validate(json.loads(out.read_bytes()), CONTRACT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", ["discovering", "hashing"])
def test_an_interruption_before_anything_is_examined_leaves_a_usable_record_too(tmp_path, phase, number):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for i in range(3):
            (tmp_path / folder / f"{i}.pkl").write_bytes(pickle.dumps({"i": i, "more": bytes(70_000)}))

    class Interrupting(Silent):
        now = ""

        def phase(self, title: str, total: int) -> None:
            self.now = title

        def step(self, what: str, done: int = 1) -> None:
            if self.now == phase:
                os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    run = scan(ScanRequest(paths=(str(tmp_path),)), Interrupting())
    assert signal.getsignal(number) == before
    assert run.run.incomplete and run.verdict.outcome.value == "incomplete"
    assert {gap.reason for gap in run.not_examined} == {"the run was interrupted"}
    assert {gap.path.partition("/")[0] for gap in run.not_examined} == ({"a", "b"} if phase == "hashing" else {"."})
    assert set(verdicts(run).values()) <= {"incomplete"}
    jsonschema.validate(json.loads(render(run, {})), CONTRACT)


def test_hostile_names_stay_inert_in_every_format(tmp_path):
    name = "\x1b]0;owned\x07\x1b[31m[red]\u202e.pkl"
    (tmp_path / name).write_bytes(pickletools.optimize(pickle.dumps(Payload())))
    for form in ("terminal", "json", "sarif"):
        done = subprocess.run([*AISECOPS, "scan", "--no-cache", "--format", form, str(tmp_path)], capture_output=True, check=False)
        assert done.returncode == 1
        assert b"\x1b" not in done.stdout + done.stderr
        assert "\u202e" not in done.stdout.decode()
