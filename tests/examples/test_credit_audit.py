"""The audit of examples/credit gives what its README says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aisecops.core.verdict import Outcome
from aisecops.workflows.run import RunRequest, run

CREDIT = Path(__file__).parents[2] / "examples" / "credit"
README = (CREDIT / "README.md").read_text(encoding="utf-8")
CHECKS = (
    "model/quality", "model/membership-inference", "model/attribute-inference", "model/differential-privacy", "model/fairness", "model/evasion",
    "model/structural-disclosure",
)  # fmt: skip
"""Those that need no model trained beside the shadows of one attack: all twelve take a minute."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("credit") / "credit"
    shutil.copytree(CREDIT, folder, ignore=shutil.ignore_patterns("build", "__pycache__", ".aisecops"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        subprocess.run([sys.executable, str(folder / "audit.py")], check=True, capture_output=True)
        yield run(RunRequest(paths=(str(folder),), select=CHECKS))


def promised() -> dict[str, set[str]]:
    """The severities in bold that the README's table names, by check."""
    rows = re.findall(r"^\| (`model/[^|]*) \| ([^|]*) \|", README, re.MULTILINE)
    return {check: set(re.findall(r"\*\*(\w+)\*\*", told)) for checks, told in rows for check in re.findall(r"`(model/[\w-]+)`", checks)}


def test_every_finding_is_one_that_the_readme_names(audited):
    told = promised()
    assert set(CHECKS) <= set(told)
    for check in CHECKS:
        found = {finding.severity.value for finding in audited.findings if finding.check == check}
        assert found == told[check], check


def test_the_gate_fails_for_privacy_and_fairness_alone(audited):
    outcomes = {rule.id: rule.outcome for rule in audited.verdict.rules}
    assert {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL} == {"private", "equal-opportunity"}
    assert outcomes["better-than-a-guess"] is Outcome.PASS


def test_the_district_is_named_as_what_tells_the_origin(audited):
    proxies = [m for m in audited.measurements if m.name == "proxy-auc"]
    assert any("district" in m.subject and m.low > 0.6 for m in proxies)
