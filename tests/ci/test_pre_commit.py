"""The pre-commit hook: what it takes and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci.steps import ROOT, installed, project

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def hooked(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    program = folder.parent / "venv/bin/aisecops"
    if not program.exists():
        installed(folder.parent)
    words = HOOK["entry"].split()
    assert words[0] == "aisecops"
    return subprocess.run(
        [str(program), *words[1:], *HOOK["args"], *files], cwd=folder, capture_output=True, text=True, timeout=60, env=environment()
    )


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def test_the_manifest() -> None:
    assert {"id", "name", "entry", "language"} <= set(HOOK)
    assert HOOK["args"][-1] == "--"
    wanted = re.compile(HOOK["files"])
    assert all(wanted.search(name) for name in ("train.py", "a/b.ipynb", "M.PKL", "x.safetensors", "config.yaml", "requirements.txt"))
    assert not wanted.search("picture.psd")
    assert subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"], check=False).returncode == 0


@pytest.mark.slow
def test_pre_commit_itself_stops_the_commit(tmp_path: Path) -> None:
    """Only where the program comes from differs: `language: python` would ask a package index for it."""
    work = project(tmp_path / "work", hostile=True)
    program = installed(tmp_path)
    (work / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [HOOK | {"language": "system"}]}]}))
    names = environment() | {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        return subprocess.run(["git", *who, *words], cwd=work, env=names, capture_output=True, text=True, timeout=120, check=False)

    git("init", "-q")
    assert subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=work, env=names, check=False).returncode == 0
    git("add", "model.pkl", "aisecops.yaml", ".pre-commit-config.yaml")
    refused = git("commit", "-qm", "a model")
    assert refused.returncode == 1
    assert "aisecops" in refused.stdout + refused.stderr
    git("rm", "-q", "--cached", "model.pkl")
    assert git("commit", "-qm", "no model").returncode == 0


def test_a_bad_file_stops_the_commit_and_a_good_one_does_not(tmp_path: Path) -> None:
    work = project(tmp_path / "work", hostile=True)
    done = hooked(work, "model.pkl")
    assert done.returncode == 1
    assert "no-" in done.stdout or "FAIL" in done.stdout
    assert hooked(work, "aisecops.yaml").returncode == 0


def test_a_file_called_like_a_flag_is_a_file(tmp_path: Path) -> None:
    work = project(tmp_path / "work", hostile=True)
    name = "--policy=baseline.pkl"
    (work / name).write_bytes((work / "model.pkl").read_bytes())
    assert hooked(work, name).returncode == 1
