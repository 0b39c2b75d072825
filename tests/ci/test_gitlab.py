"""The GitLab template: its job run line by line in a shell."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from tests.ci.steps import ROOT, installed, project, shell, valid

TEMPLATE = yaml.safe_load((ROOT / "templates/gitlab-ci.yml").read_text())
JOB = TEMPLATE["aisecops"]


def carried_out(folder: Path, *, hostile: bool, **variables: str) -> int:
    work = project(folder, hostile=hostile)
    builds = folder.parent / "builds"
    program = installed(builds)
    (builds / "aisecops-venv").symlink_to(program.parents[1])
    names = {name: str(value) for name, value in TEMPLATE["variables"].items()} | {"CI_BUILDS_DIR": str(builds)} | variables
    return shell("\n".join(JOB["script"]), work, names, program="sh").returncode


def test_only_keys_that_gitlab_knows() -> None:
    assert set(JOB) <= {"stage", "image", "variables", "before_script", "script", "artifacts", "rules"}
    assert set(JOB["artifacts"]) <= {"when", "expire_in", "paths", "reports"}
    assert set(JOB["artifacts"]["reports"]) <= {"codequality", "junit"}
    assert JOB["artifacts"]["when"] == "always"
    assert all(isinstance(line, str) for line in [*JOB["script"], *JOB["before_script"]])

    assert valid("vendor.gitlab-ci", ROOT / "templates/gitlab-ci.yml")


@pytest.mark.parametrize(("hostile", "code"), [(True, 1), (False, 0)])
def test_the_job_leaves_its_reports_and_the_code_of_the_gate(tmp_path: Path, hostile: bool, code: int) -> None:
    work = tmp_path / "work"
    assert carried_out(work, hostile=hostile) == code
    issues = json.loads((work / JOB["artifacts"]["reports"]["codequality"]).read_text())
    assert bool([issue for issue in issues if issue["severity"] == "blocker"]) == hostile
    assert ET.parse(work / JOB["artifacts"]["reports"]["junit"]).getroot().tag == "testsuites"
    assert all((work / name).exists() for name in JOB["artifacts"]["paths"])


def test_a_policy_is_used_and_what_is_wrong_is_an_error(tmp_path: Path) -> None:
    assert carried_out(tmp_path / "work", hostile=False, AISECOPS_POLICY="no such; touch owned") == 2
    assert not (tmp_path / "work/owned").exists()


def test_outside_a_merge_request_everything_is_examined(tmp_path: Path) -> None:
    assert carried_out(tmp_path / "work", hostile=True, AISECOPS_CHANGED="true") == 1
