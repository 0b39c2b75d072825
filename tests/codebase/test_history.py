"""The history of real repositories, also of hostile ones: what is found, and that nothing of theirs runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from aisecops.codebase.history import HistoryGap, HistoryLimits, PastFile, history

ENVIRONMENT = {
    "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_ALLOW_PROTOCOL": "file",
}  # fmt: skip


def git(folder: Path, *arguments: str, day: int = 1) -> str:
    date = {"GIT_AUTHOR_DATE": f"2024-01-{day:02} 00:00:00 +0000", "GIT_COMMITTER_DATE": f"2024-01-{day:02} 00:00:00 +0000"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT | date, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str | None], day: int) -> str:
    """Write (or, for None, delete) ``files`` and commit; return the first 12 digits of the commit."""
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", f"day {day}", day=day)
    return git(folder, "rev-parse", "HEAD")[:12]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def past(folder: Path, **options: object) -> dict[str, tuple[str, bytes]]:
    items = list(history(str(folder), **options))  # type: ignore[arg-type]
    assert not [item for item in items if isinstance(item, HistoryGap)]
    return {item.path: (item.commit, item.data) for item in items if isinstance(item, PastFile)}


def gaps(folder: Path, limits: HistoryLimits | None = None, **options: bool) -> list[str]:
    return [item.code for item in history(str(folder), limits, **options) if isinstance(item, HistoryGap)]


def test_what_is_gone_is_found_with_the_commit_that_brought_it(repository: Path) -> None:
    first = commit(repository, {"app.py": "one\n", "conf/.env": "KEY=1\n", "kept.py": "same\n"}, 1)
    second = commit(repository, {"app.py": "two\n"}, 2)
    commit(repository, {"app.py": "three\n", "conf/.env": None, "kept.py": None, "renamed.py": "same\n"}, 3)
    items = [item for item in history(str(repository)) if isinstance(item, PastFile)]
    assert [(item.path, item.commit, item.data) for item in items] == [
        ("app.py", first, b"one\n"), ("conf/.env", first, b"KEY=1\n"), ("app.py", second, b"two\n"),
    ]  # fmt: skip


def test_what_is_only_staged_or_changed_on_disk_counts_as_the_work_tree(repository: Path) -> None:
    first = commit(repository, {"a.py": "committed\n"}, 1)
    (repository / "a.py").write_text("being edited\n")
    assert past(repository) == {"a.py": (first, b"committed\n")}


@pytest.mark.parametrize("packed", [False, True])
def test_branches_tags_and_stashes_belong_to_the_history(repository: Path, packed: bool) -> None:
    commit(repository, {"a.py": "main\n"}, 1)
    git(repository, "checkout", "-q", "-b", "side")
    side = commit(repository, {"side.py": "side\n"}, 2)
    git(repository, "checkout", "-q", "main")
    git(repository, "checkout", "-q", "--detach")
    tagged = commit(repository, {"tagged.py": "tagged\n"}, 3)
    git(repository, "tag", "-a", "v1", "-m", "v1")
    git(repository, "checkout", "-q", "main")
    (repository / "a.py").write_text("stashed\n")
    git(repository, "stash")
    if packed:
        git(repository, "gc", "-q")
        git(repository, "pack-refs", "--all")
    found = past(repository)
    assert found["side.py"] == (side, b"side\n")
    assert found["tagged.py"] == (tagged, b"tagged\n")
    assert found["a.py"][1] == b"stashed\n"


def test_linked_work_trees_and_submodules(repository: Path, tmp_path: Path) -> None:
    first = commit(repository, {"gone.py": "gone\n"}, 1)
    commit(repository, {"gone.py": None, "a.py": "a\n"}, 2)
    linked, outer = tmp_path / "linked", tmp_path / "outer"
    git(repository, "worktree", "add", "-q", str(linked))
    assert past(linked) == {"gone.py": (first, b"gone\n")}
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "inner")
    assert past(outer / "inner") == {"gone.py": (first, b"gone\n")}
    assert gaps(linked, follow=False) == gaps(outer / "inner", follow=False) == ["bad-input"]


def test_bare_repositories_and_sha256(tmp_path: Path, repository: Path) -> None:
    first = commit(repository, {"a.py": "a\n"}, 1)
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    assert past(tmp_path / "bare.git") == {"a.py": (first, b"a\n")}
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "--object-format=sha256")
    first = commit(other, {"a.py": "a\n"}, 1)
    commit(other, {"a.py": "b\n"}, 2)
    assert past(other) == {"a.py": (first, b"a\n")}


def test_nothing_that_the_repository_configures_runs(tmp_path: Path, repository: Path) -> None:
    first = commit(repository, {"a.py": "a\n", ".gitattributes": "*.py filter=evil diff=evil\n"}, 1)
    commit(repository, {"a.py": "b\n"}, 2)
    blob = git(repository, "rev-parse", "HEAD:a.py")
    (tmp_path / "ran").mkdir()
    for number, key in enumerate(
        (
            "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.gitProxy", "core.hooksPath", "core.alternateRefsCommand", "core.askPass",
            "filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.external", "credential.helper", "gpg.program",
            "alias.rev-list", "alias.cat-file", "uploadpack.packObjectsHook", "remote.origin.uploadpack",
        )
    ):  # fmt: skip
        git(repository, "config", key, f"!touch {tmp_path}/ran/{number}" if key.startswith("alias") else f"touch {tmp_path}/ran/{number};")
    git(repository, "config", "core.repositoryFormatVersion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "remote.origin.url", f"ext::sh -c touch% {tmp_path}/ran/url")
    git(repository, "config", "protocol.ext.allow", "always")
    hook = repository / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran/hook\n")
    hook.chmod(0o755)
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()  # git would fetch it
    subprocess.run(["git", "status"], cwd=repository, env=ENVIRONMENT, check=False, capture_output=True)
    assert list((tmp_path / "ran").iterdir())  # the traps work
    for ran in (tmp_path / "ran").iterdir():
        ran.unlink()
    items = list(history(str(repository)))
    assert ("a.py", first, b"a\n") in [(item.path, item.commit, item.data) for item in items if isinstance(item, PastFile)]
    assert [item.code for item in items if isinstance(item, HistoryGap)] == ["unreadable"]
    assert list((tmp_path / "ran").iterdir()) == []


def test_a_git_inside_the_tree_is_not_run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository, {"a.py": "a\n"}, 1)
    program = repository / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {repository}/ran\n")
    program.chmod(0o755)
    commit(repository, {"a.py": "b\n"}, 2)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    assert set(past(repository)) == {"a.py"}
    assert not (repository / "ran").exists()
    monkeypatch.setenv("PATH", str(program.parent))
    assert gaps(repository) == ["missing-extra"]


def test_clones_without_everything_say_so(tmp_path: Path, repository: Path) -> None:
    commit(repository, {"a.py": "a\n"}, 1)
    second = commit(repository, {"a.py": "b\n"}, 2)
    commit(repository, {"a.py": "c\n"}, 3)
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{repository}", "partial")
    assert gaps(tmp_path / "partial") == ["unreadable"]
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{repository}", "shallow")
    assert past(tmp_path / "shallow") == {"a.py": (second, b"b\n")}


def test_limits_are_kept_and_said(repository: Path) -> None:
    for day, size in enumerate((10, 5000, 20, 30), 1):
        commit(repository, {"a.py": "x" * size}, day)
    commit(repository, {"a.py": "end", "picture.png": "\0" * 50}, 5)
    commit(repository, {"picture.png": None}, 6)
    items = list(history(str(repository), HistoryLimits(file_bytes=1000, total_bytes=35)))
    assert [len(item.data) for item in items if isinstance(item, PastFile)] == [10, 20]
    assert [item.code for item in items if isinstance(item, HistoryGap)] == ["too-large", "truncated"]
    assert "timeout" in gaps(repository, HistoryLimits(seconds=0))


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "# hash", "line\nend", "ünï", "sp ace", "-dash"])
def test_names_of_folders_mean_nothing(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, {"a b\tü.py": "a\n"}, 1)
    commit(folder, {"a b\tü.py": "b\n"}, 2)
    assert list(past(folder)) == ["a b\tü.py"]


def test_broken_repositories_are_no_crash(repository: Path, tmp_path: Path) -> None:
    assert gaps(tmp_path) == ["bad-input"]
    assert gaps(repository) == []  # no commit yet
    commit(repository, {"a.py": "a\n"}, 1)
    commit(repository, {"a.py": "b\n"}, 2)
    inside = repository / ".git"
    (inside / "packed-refs").write_bytes(b"\xff\0 garbage\n" + b"0" * 40 + b" refs/heads/none\n" + b"^" + b"1" * 40 + b"\n")
    (inside / "refs" / "heads" / "bad").write_text("f" * 40 + "\n")
    (inside / "refs" / "heads" / "link").symlink_to("/etc/passwd")
    os.mkfifo(inside / "refs" / "heads" / "pipe")
    assert set(past(repository)) == {"a.py"}
    git(repository, "config", "extensions.nonsense", "x")
    assert set(past(repository)) == {"a.py"}
    (inside / "reftable").mkdir()
    assert gaps(repository) == ["no-parser"]
    (inside / "reftable").rmdir()
    for broken in (inside / "objects").glob("??/*"):
        broken.chmod(0o600)
        broken.write_bytes(b"garbage")
    assert not [item for item in history(str(repository)) if isinstance(item, PastFile)]


def test_in_an_untrusted_tree_nothing_leads_elsewhere(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"key.txt": "somebody else's\n"}, day=8)
    commit(repository, {"key.txt": None}, day=9)
    folder = tmp_path / "tree"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "commondir").write_text(f"{repository / '.git'}\n")
    assert past(folder, follow=False) == {}
    assert "key.txt" in past(folder, follow=True)


@pytest.fixture
def borrowed(repository: Path, tmp_path: Path) -> Path:
    """A repository without a commit of its own, whose ``main`` is a commit of somebody else's."""
    commit(repository, {"private.txt": "theirs\n"}, 1)
    commit(repository, {"private.txt": None}, 2)
    git(repository, "repack", "-q", "-a", "-d")
    theirs = git(repository, "rev-parse", "HEAD")
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    git(hostile, "init", "-q", "-b", "main")
    (hostile / ".git/refs/heads/main").write_text(theirs + "\n")
    return hostile


def test_alternates_of_an_untrusted_repository_are_not_followed(repository: Path, borrowed: Path) -> None:
    (borrowed / ".git/objects/info").mkdir(exist_ok=True)
    (borrowed / ".git/objects/info/alternates").write_text(f"{repository / '.git/objects'}\n")
    assert past(borrowed)["private.txt"][1] == b"theirs\n"
    assert not [item for item in history(str(borrowed), follow=False) if isinstance(item, PastFile)]


@pytest.mark.parametrize("linked", ["objects", "objects/pack", "files", ".git"])
def test_links_of_an_untrusted_repository_are_not_followed(repository: Path, borrowed: Path, linked: str) -> None:
    theirs, own = repository / ".git", borrowed / ".git"
    if linked == "files":
        for path in (theirs / "objects/pack").iterdir():
            (own / "objects/pack" / path.name).symlink_to(path)
    else:
        folder = own if linked == ".git" else own / linked
        shutil.rmtree(folder)
        folder.symlink_to(theirs if linked == ".git" else theirs / linked, target_is_directory=True)
    assert past(borrowed)["private.txt"][1] == b"theirs\n"
    assert not [item for item in history(str(borrowed), follow=False) if isinstance(item, PastFile)]


@pytest.mark.parametrize("packed", [False, True])
def test_an_untrusted_repository_shows_its_own_history(repository: Path, packed: bool) -> None:
    commit(repository, {"gone.txt": "mine\n"}, 1)
    commit(repository, {"gone.txt": None}, 2)
    if packed:
        git(repository, "repack", "-q", "-a", "-d")
    items = list(history(str(repository), follow=False))
    assert [(item.path, item.data) for item in items if isinstance(item, PastFile)] == [("gone.txt", b"mine\n")]
    assert not [item for item in items if isinstance(item, HistoryGap)]
