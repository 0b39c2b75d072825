"""A secret that was committed, deleted, and is still there for whoever clones."""

from __future__ import annotations

import subprocess
from pathlib import Path

from aisecops.core.run import Run
from aisecops.workflows.scan import ScanRequest, scan

TOKEN = "hf_" + "QwErTyUiOpAsDfGhJkLzXcVbNm" + "Poiuytre"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def scanned(folder: Path, *, history: bool) -> Run:
    return scan(ScanRequest(paths=(str(folder),), cache=False, history=history))


def test_what_was_deleted_is_found_on_request_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "push.py").write_text(f"from huggingface_hub import login\nlogin(token='{TOKEN}')\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "push")
    (tmp_path / "push.py").write_text("from huggingface_hub import login\nlogin()\n")
    git(tmp_path, "commit", "-qam", "read the token from the environment")
    assert not scanned(tmp_path, history=False).findings
    run = scanned(tmp_path, history=True)
    (finding,) = run.findings
    assert (finding.check, finding.category, finding.locations[0].path, finding.locations[0].line) == ("history/past-secret", "secret", "push.py", 2)
    assert len(str(finding.evidence["commit"])) >= 7
    assert TOKEN not in str(run)
    assert "history/past-secret" not in {check.id for check in scanned(tmp_path, history=False).checks}


def test_a_folder_without_a_repository_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    gaps = scanned(tmp_path, history=True).not_examined
    assert [(gap.check, gap.code.value) for gap in gaps] == [("history/past-secret", "bad-input")]
