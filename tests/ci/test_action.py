"""The GitHub Action: what its definition promises, and its steps run as a runner would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.ci.steps import ROOT, installed, project, shell, valid

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
SCRIPTS = sorted((ROOT / "templates/github").glob("*.sh"))
SARIF = jsonschema.Draft4Validator(json.loads((ROOT / "tests/data/sarif-2.1.0.schema.json").read_text()))


def test_the_definition_is_whole() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert {"path", "policy", "format", "version"} <= set(ACTION["inputs"])
    assert all(given["description"] and "default" in given for given in ACTION["inputs"].values())
    named = set(re.findall(r"inputs\.([\w-]+)", json.dumps(STEPS)))
    assert named == set(ACTION["inputs"])
    steps = {step["id"] for step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.(\w+)\.", json.dumps(ACTION))) <= steps
    assert valid("vendor.github-actions", ROOT / "action.yml")


def test_the_workflow_of_the_docs_is_one(tmp_path: Path) -> None:
    (text,) = [block for block in re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL) if "runs-on" in block]
    workflow = tmp_path / "aisecops.yml"
    workflow.write_text(text)
    assert valid("vendor.github-workflows", workflow)
    if linter := shutil.which("actionlint"):
        assert subprocess.run([linter, "-no-color", str(workflow)], check=False).returncode == 0
    workflow.write_text(text.replace("runs-on:", "run-on:"))
    assert not valid("vendor.github-workflows", workflow)


def test_nothing_that_a_user_writes_is_pasted_into_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert "run" not in step or step["shell"] == "bash"


def test_other_actions_are_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name in used)


def test_every_script_is_there_and_parses() -> None:
    called = {name for step in STEPS for name in re.findall(r"templates/github/([\w.]+)", step.get("run", ""))}
    assert called == {script.name for script in SCRIPTS}
    for script in SCRIPTS:
        assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


class Job:
    """One job: its folders, and what its steps leave."""

    def __init__(self, folder: Path, *, hostile: bool) -> None:
        self.work = project(folder / "work", hostile=hostile)
        self.place = folder / "temp"
        installed(self.place)
        self.output, self.summary = folder / "output", folder / "summary"
        self.output.touch()
        self.summary.write_text("before\n")

    def scan(self, **given: str) -> str:
        names = {"PATHS": ".", "POLICY": "", "FORMAT": "", "SINCE": "", "UNTRUSTED": "false"} | given
        names |= {"PLACE": str(self.place), "GITHUB_OUTPUT": str(self.output), "GITHUB_STEP_SUMMARY": str(self.summary)}
        done = shell(ROOT / "templates/github/scan.sh", self.work, names)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())

    def judged(self, fail: str = "true") -> int:
        return shell(ROOT / "templates/github/judge.sh", self.work, {"CODE": self.outputs["code"], "FAIL": fail}).returncode


def test_a_bad_model_annotates_summarises_and_fails(tmp_path: Path) -> None:
    job = Job(tmp_path, hostile=True)
    log = job.scan(FORMAT="junit")
    assert "::error file=model.pkl," in log
    assert job.outputs["outcome"] == "fail"
    SARIF.validate(json.loads(Path(job.outputs["sarif"]).read_text()))
    assert job.summary.read_text().startswith("before\n## ❌ aisecops: fail")
    assert "<failure" in Path(job.outputs["report"]).read_text()
    assert job.judged() == 1
    assert job.judged("false") == 0


def test_a_good_project_passes(tmp_path: Path) -> None:
    job = Job(tmp_path, hostile=False)
    assert "::error" not in job.scan()
    assert job.outputs["outcome"] == "pass"
    assert "report" not in job.outputs
    assert job.judged() == 0


def test_what_could_not_be_done_never_passes(tmp_path: Path) -> None:
    job = Job(tmp_path, hostile=False)
    job.scan(POLICY="no-such-policy")
    assert (job.outputs["outcome"], job.outputs["code"]) == ("error", "2")
    assert "sarif" not in job.outputs
    assert job.judged("false") == 2


def test_several_paths_and_names_with_blanks(tmp_path: Path) -> None:
    job = Job(tmp_path, hostile=False)
    project(job.work / "other models", hostile=True)
    job.scan(PATHS="model.pkl\n  \nother models\n")
    assert job.outputs["outcome"] == "fail"


@pytest.mark.parametrize("text", ["$(touch owned)", "`touch owned`", "--output=owned", "x; touch owned", "'; touch owned #"])
@pytest.mark.parametrize("name", ["PATHS", "POLICY", "FORMAT", "SINCE"])
def test_inputs_are_data(tmp_path: Path, name: str, text: str) -> None:
    job = Job(tmp_path, hostile=False)
    job.scan(**{name: text})
    assert job.outputs["outcome"] == "error"
    assert not (job.work / "owned").exists()


def test_a_version_is_a_version(tmp_path: Path) -> None:
    names = {"VERSION": "1.0 --index-url=https://example.invalid", "SOURCE": ".", "PLACE": str(tmp_path)}
    done = shell(ROOT / "templates/github/install.sh", tmp_path, names)
    assert done.returncode == 2
    assert "not a version" in done.stdout
