"""``--changed-since`` on real repositories: what is examined, what is not, and that no repository can make git do anything."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path

import pytest

from aisecops.cli import main
from aisecops.core.errors import RecordError, UserError
from aisecops.gate.difference import Kind
from aisecops.workflows.baseline import accept
from aisecops.workflows.diff import diff
from aisecops.workflows.scan import ScanRequest, scan
from tests.workflows.test_diff import Runs

pytestmark = pytest.mark.skipif(not os.path.exists("/usr/bin/git"), reason="git is not installed")


def git(folder: Path, *words: str) -> str:
    names = {f"GIT_{who}_{what}": "x@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"} | names
    return subprocess.run(["git", *words], cwd=folder, env=clean, check=True, capture_output=True, text=True).stdout.strip()


def put(folder: Path, name: str, value: object) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(value if isinstance(value, bytes) else pickle.dumps(value))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """main holds two bad models; a branch has changed one, and main went on meanwhile."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name in ("old", "changed", "later"):
        put(folder, f"{name}.pkl", Runs(f"echo {name}"))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    git(folder, "checkout", "-q", "-b", "work")
    put(folder, "changed.pkl", Runs("echo changed again"))
    git(folder, "commit", "-q", "-am", "two")
    git(folder, "checkout", "-q", "main")
    put(folder, "later.pkl", Runs("echo on main"))
    git(folder, "commit", "-q", "-am", "three")
    git(folder, "checkout", "-q", "work")
    return folder


def examined(folder: Path, reference: str = "main", **request: object) -> set[str]:
    run = scan(ScanRequest(paths=(str(folder),), jobs=1, cache=False, changed_since=reference, **request))  # type: ignore[arg-type]
    return {asset.path for asset in run.assets}


def test_only_what_changed_since_the_merge_base(project: Path) -> None:
    run = scan(ScanRequest(paths=(str(project),), jobs=1, changed_since="main"))
    assert {finding.locations[0].path for finding in run.findings} == {"changed.pkl"}
    assert [asset.path for asset in run.assets] == ["changed.pkl"]
    (left,) = [left for left in run.left_out if "not changed since main" in left.reason]
    assert left.count == 2
    assert {check.planned for check in run.checks if check.id == "model-file/code-execution"} == {1}


def test_no_baseline_is_made_of_a_part(project: Path, tmp_path: Path) -> None:
    run = scan(ScanRequest(paths=(str(project),), jobs=1, changed_since="main"))
    with pytest.raises(RecordError, match="forget everything else"):
        accept(run, str(tmp_path / "baseline.json"))


def test_what_another_run_found_in_the_rest_is_not_fixed(project: Path) -> None:
    whole = scan(ScanRequest(paths=(str(project),), jobs=1))
    found = diff(whole, scan(ScanRequest(paths=(str(project),), jobs=1, changed_since="main")))
    assert {change.kind for change in found.findings} == {Kind.UNEXAMINED}
    assert len(found.findings) == 2


def test_what_could_not_be_read_counts_only_where_it_changed(project: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 123\n"
    put(project, "big.bin", pointer)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "a pointer")
    put(project, "new.bin", pointer)

    def gaps(reference: str) -> set[str]:
        run = scan(ScanRequest(paths=(str(project),), jobs=1, cache=False, changed_since=reference))
        return {gap.path for gap in run.not_examined if "Git LFS" in gap.reason}

    assert gaps("") == gaps("main") == {"big.bin", "new.bin"}
    assert gaps("HEAD") == {"new.bin"}


def test_edited_staged_and_unknown_files_count(project: Path) -> None:
    put(project, "old.pkl", Runs("echo edited"))
    put(project, "staged.pkl", Runs("echo staged"))
    git(project, "add", "staged.pkl")
    put(project, "unknown.pkl", Runs("echo unknown"))
    assert examined(project) == {"changed.pkl", "old.pkl", "staged.pkl", "unknown.pkl"}


@pytest.mark.parametrize("reference", ["main", "refs/heads/main", "main~1", "v1", "origin/main", "HEAD~1", "HEAD^"])
def test_references_as_git_writes_them(project: Path, reference: str) -> None:
    git(project, "tag", "-a", "v1", "main", "-m", "annotated")
    git(project, "update-ref", "refs/remotes/origin/main", "main")
    assert examined(project, reference) == {"changed.pkl"}
    git(project, "pack-refs", "--all")
    git(project, "gc", "-q")
    assert examined(project, reference) == {"changed.pkl"}


def test_commit_ids_whole_and_short(project: Path) -> None:
    commit = git(project, "rev-parse", "main")
    assert examined(project, commit) == examined(project, commit[:9]) == {"changed.pkl"}


def test_a_folder_of_the_repository_and_files(project: Path) -> None:
    put(project, "inner/new.pkl", Runs("echo inner"))
    assert examined(project / "inner") == {"new.pkl"}
    assert examined(project / "old.pkl") == set()
    assert examined(project / "changed.pkl") == {"changed.pkl"}


def test_a_work_tree(project: Path, tmp_path: Path) -> None:
    git(project, "worktree", "add", "-q", str(tmp_path / "second"), "-b", "second", "main")
    put(tmp_path / "second", "fresh.pkl", Runs("echo fresh"))
    assert examined(tmp_path / "second") == {"fresh.pkl"}


def test_other_files_are_still_read(project: Path) -> None:
    put(project, "helper.py", b"import pickle\n\n\ndef load(path):\n    return pickle.load(open(path, 'rb'))\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "helper")
    put(project, "app.py", b"import sys\n\nimport helper\n\nhelper.load(sys.argv[1])\n")
    whole = scan(ScanRequest(paths=(str(project),), jobs=1, cache=False))
    part = scan(ScanRequest(paths=(str(project),), jobs=1, cache=False, changed_since="HEAD"))
    assert {asset.path for asset in part.assets} == {"app.py"}
    assert {f.id for f in part.findings} == {f.id for f in whole.findings if f.asset == "source-file:app.py"}


@pytest.mark.parametrize("reference", ["nowhere", "--output=x", "main..work", "a b", "$(id)", "main:changed.pkl", "@{-1}", "../../main", ""])
def test_what_is_no_reference_is_refused(project: Path, reference: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not reference:
        assert examined(project, "") == {"old.pkl", "changed.pkl", "later.pkl"}
        return
    assert main(["scan", str(project), f"--changed-since={reference}"]) == 2
    assert "there is no commit" in capsys.readouterr().err


def test_no_repository_no_common_commit_and_no_trust(project: Path, tmp_path: Path) -> None:
    put(tmp_path, "outside.pkl", {"a": 1})
    with pytest.raises(UserError, match="in no git repository"):
        examined(tmp_path / "outside.pkl")
    with pytest.raises(UserError, match="could claim that nothing changed"):
        examined(project, untrusted=True)
    git(project, "checkout", "-q", "--orphan", "alone")
    git(project, "commit", "-q", "-m", "alone")
    with pytest.raises(UserError, match="no common commit"):
        examined(project)


def test_a_shallow_clone_says_what_to_fetch(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "work", f"file://{project}", "shallow")
    with pytest.raises(UserError, match="there is no commit"):
        examined(tmp_path / "shallow", "origin/main")
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(UserError, match="fetch-depth: 0"):
        examined(tmp_path / "shallow", "origin/main")


def test_the_configuration_of_the_repository_runs_nothing(project: Path, tmp_path: Path) -> None:
    trap = f"touch {tmp_path}/sprung"
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "filter.x.clean",
        "filter.x.smudge",
        "diff.external",
        "core.pager",
        "alias.merge-base",
        "uploadpack.packObjectsHook",
    ):
        git(project, "config", key, trap if key != "alias.merge-base" else f"!{trap}")
    (project / ".gitattributes").write_text("* filter=x diff=x\n")
    assert "changed.pkl" in examined(project)
    assert not (tmp_path / "sprung").exists()


def test_links_and_submodules(project: Path, tmp_path: Path) -> None:
    inner = project / "sub"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    put(inner, "m.pkl", Runs("echo sub"))
    git(inner, "add", ".")
    git(inner, "commit", "-q", "-m", "sub")
    (project / "link.pkl").symlink_to("old.pkl")
    assert examined(project) == {"changed.pkl", "sub/m.pkl"}
