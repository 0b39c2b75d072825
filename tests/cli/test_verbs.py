"""Each verb from the first word to the exit code, on real files."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aisecops.core.run import Run
from aisecops.pipeline.store import RunStore
from aisecops.report import record
from tests.cli.test_main import aisecops_
from tests.report import runs

DATA = Path(__file__).parent.parent / "data"
CONTRACT = jsonschema.Draft202012Validator(json.loads((DATA / "run-1.contract.json").read_text()))
SARIF = jsonschema.Draft4Validator(json.loads((DATA / "sarif-2.1.0.schema.json").read_text()))


class Payload:
    """Pickles as a call that does no harm where it is run by mistake."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("true",)


@pytest.fixture
def honest(tmp_path: Path) -> Path:
    (tmp_path / "weights.pkl").write_bytes(pickle.dumps({"w": [1.0, 2.0]}))
    return tmp_path


@pytest.fixture
def hostile(honest: Path) -> Path:
    (honest / "model.pkl").write_bytes(pickle.dumps(Payload()))
    return honest


def stored(folder: Path, run: Run) -> str:
    (folder / ".aisecops").mkdir(exist_ok=True)
    assert RunStore(str(folder / ".aisecops"), print).save(record.render(run), run.run, run.verdict.outcome)
    return run.run.id


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_bytes(record.render(runs.hostile()))
    return path


# ---------------------------------------------------------------- scan


def test_scan_passes_an_honest_project(honest: Path) -> None:
    done = aisecops_("scan", ".", cwd=honest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 model file clean" in done.stdout
    assert "\nPASS  policy standard" in done.stdout
    assert done.stderr == ""


def test_scan_fails_a_hostile_one_and_says_why(hostile: Path) -> None:
    done = aisecops_("scan", ".", cwd=hostile)
    assert done.returncode == 1
    assert "CRITICAL  " in done.stdout
    assert ".system('true')" in done.stdout
    assert "model.pkl  byte" in done.stdout
    assert "\nFAIL  policy standard" in done.stdout
    assert "aisecops explain model-file/code-execution" in done.stdout


def test_scan_without_a_path_means_this_folder(hostile: Path) -> None:
    assert aisecops_("scan", cwd=hostile).returncode == 1


def test_scan_writes_the_record(hostile: Path) -> None:
    done = aisecops_("scan", ".", "--format", "json", cwd=hostile)
    document = json.loads(done.stdout)
    CONTRACT.validate(document)
    assert document["run"]["command"] == ["aisecops", "scan", ".", "--format", "json"]
    assert {asset["path"]: asset.get("verdict") for asset in document["assets"]} == {"model.pkl": "block", "weights.pkl": "clean"}


def test_scan_writes_a_file_and_tells_the_terminal(hostile: Path) -> None:
    done = aisecops_("scan", ".", "--format", "sarif", "--output", "out.sarif", cwd=hostile)
    log = json.loads((hostile / "out.sarif").read_text())
    SARIF.validate(log)
    rule = next(r for r in log["runs"][0]["tool"]["driver"]["rules"] if r["id"] == "model-file/code-execution")
    assert "### How to fix" in rule["help"]["markdown"]
    assert "FAIL  policy standard" in done.stdout
    assert [path.name for path in hostile.iterdir() if path.name.endswith(".new")] == []


def test_scan_quiet_says_only_what_must_be_said(honest: Path) -> None:
    assert aisecops_("scan", ".", "--quiet", cwd=honest).stdout == ""
    (honest / "model.pkl").write_bytes(pickle.dumps(Payload()))
    told = aisecops_("scan", ".", "--quiet", cwd=honest).stdout
    assert told.startswith("FAIL  policy standard")


def test_scan_takes_checks_and_paths_out(hostile: Path) -> None:
    assert aisecops_("scan", ".", "--exclude", "model.pkl", cwd=hostile).returncode == 0
    only = json.loads(aisecops_("scan", ".", "--select", "model-file/unaccounted-bytes", "--format", "json", cwd=hostile).stdout)
    assert [check["id"] for check in only["checks"] if not check.get("skipped")] == ["model-file/unaccounted-bytes"]
    wrong = aisecops_("scan", ".", "--select", "model-file/code-executoin", cwd=hostile)
    assert wrong.returncode == 2
    assert "model-file/code-execution" in wrong.stderr


def test_scan_of_nothing_that_exists_is_a_mistake(tmp_path: Path) -> None:
    done = aisecops_("scan", "no-such-model.pkl", cwd=tmp_path)
    assert done.returncode == 2
    assert "no-such-model.pkl" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_reader_that_goes_away_does_not_change_the_verdict(hostile: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-m", "aisecops", "scan", "."], stdout=write, stderr=subprocess.PIPE, text=True, cwd=hostile)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


# ---------------------------------------------------------------- gate


@pytest.mark.parametrize("policy", ["baseline", "standard", "strict"])
def test_gate_judges_a_record_again(written: Path, policy: str) -> None:
    done = aisecops_("gate", "run.json", "--policy", policy, cwd=written.parent)
    assert done.returncode == 1
    assert f"FAIL  policy {policy}" in done.stdout


def test_gate_finds_stored_runs(tmp_path: Path) -> None:
    run_id = stored(tmp_path, runs.clean())
    for name in ("latest", run_id, run_id[:10]):
        assert aisecops_("gate", name, "--policy", "baseline", cwd=tmp_path).returncode == 0
    unknown = aisecops_("gate", "1999", cwd=tmp_path)
    assert unknown.returncode == 2
    assert run_id in unknown.stderr


def test_gate_refuses_a_changed_record(written: Path) -> None:
    document = json.loads(written.read_text())
    document["findings"] = []
    written.write_text(json.dumps(document))
    done = aisecops_("gate", "run.json", cwd=written.parent)
    assert done.returncode == 2
    assert "changed" in done.stderr


def test_gate_writes_the_new_verdict(written: Path) -> None:
    document = json.loads(aisecops_("gate", "run.json", "--policy", "strict", "--format", "json", cwd=written.parent).stdout)
    CONTRACT.validate(document)
    assert document["verdict"]["policy"] == "strict"
    assert document["findings"] == json.loads(written.read_text())["findings"]


# ---------------------------------------------------------------- baseline


def test_what_is_accepted_no_longer_fails(hostile: Path) -> None:
    (hostile / "aisecops.yaml").write_text("name: test\n")
    assert aisecops_("scan", ".", cwd=hostile).returncode == 1
    accepted = aisecops_("baseline", cwd=hostile)
    assert accepted.returncode == 0
    assert "aisecops.baseline.json" in accepted.stdout
    again = aisecops_("scan", ".", cwd=hostile)
    assert again.returncode == 0, again.stdout
    assert "in the baseline" in again.stdout
    (hostile / "other.pkl").write_bytes(pickle.dumps([Payload(), Payload()]))
    assert aisecops_("scan", ".", cwd=hostile).returncode == 1


# ---------------------------------------------------------------- explain


def test_explain_tells_of_a_finding_of_the_latest_run(tmp_path: Path) -> None:
    run = runs.hostile()
    stored(tmp_path, run)
    for name in (run.findings[0].id, run.findings[0].id[:6], run.findings[0].fingerprint):
        told = aisecops_("explain", name, cwd=tmp_path).stdout
        assert "Loading runs posix.system" in told
        assert "What it finds" in told


# ---------------------------------------------------------------- init


def test_init_writes_a_manifest_once(hostile: Path) -> None:
    assert aisecops_("init", ".", cwd=hostile).returncode == 0
    assert (hostile / "aisecops.yaml").exists()
    again = aisecops_("init", ".", cwd=hostile)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert aisecops_("init", ".", "--force", cwd=hostile).returncode == 0


# ---------------------------------------------------------------- several reports of one run


def test_also_writes_further_reports_of_the_same_run(hostile: Path) -> None:
    done = aisecops_("scan", ".", "--format", "json", "--output", "run.json", "--also", "junit=j.xml", "--also", "sarif=s.sarif", cwd=hostile)
    assert done.returncode == 1
    SARIF.validate(json.loads((hostile / "s.sarif").read_text()))
    assert "<failure" in (hostile / "j.xml").read_text()
    assert json.loads((hostile / "run.json").read_text())["verdict"]["outcome"] == "fail"


@pytest.mark.parametrize(
    ("word", "said"), [("junit", "a format and a file are needed"), ("jnit=x", "no report format"), ("junit=no/x", "no such folder")]
)
def test_a_wrong_also_is_told_before_any_work(honest: Path, word: str, said: str) -> None:
    done = aisecops_("scan", ".", "--also", word, cwd=honest)
    assert done.returncode == 2
    assert said in done.stderr
