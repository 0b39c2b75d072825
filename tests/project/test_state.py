"""Where manifest and state are looked for: never where somebody else could have put them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisecops.project.state import find_manifest, state_folder
from tests.project.trees import build


def test_the_manifest_is_the_nearest_one_up_to_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {"aisecops.yaml": "", "repo/.git/HEAD": "", "repo/a/b/m.pkl": "", "repo/a/aisecops.yaml": "", "repo/c/m.pkl": ""})
    monkeypatch.chdir(tmp_path / "repo")
    assert find_manifest([str(tmp_path / "repo/a/b/m.pkl")]) == str(tmp_path / "repo/a/aisecops.yaml")
    assert find_manifest(["c"]) is None
    (tmp_path / "repo/aisecops.yaml").touch()
    assert find_manifest(["c/m.pkl"]) == str(tmp_path / "repo/aisecops.yaml")


def test_outside_a_repository_nothing_above_the_current_folder_governs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {"aisecops.yaml": "", "a/b/m.pkl": ""})
    monkeypatch.chdir(tmp_path / "a")
    assert find_manifest(["b"]) is None
    monkeypatch.chdir(tmp_path)
    assert find_manifest(["a/b/m.pkl"]) == str(tmp_path / "aisecops.yaml")
    assert find_manifest([]) == str(tmp_path / "aisecops.yaml")
    monkeypatch.chdir(build(tmp_path / "beside", {"x": ""}))
    assert find_manifest([str(tmp_path / "a")]) is None


@pytest.mark.parametrize("mark", ["aisecops.yaml", ".git/HEAD", ".aisecops/x"])
def test_state_lives_where_the_project_begins(tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {mark: "", "a/b/m.pkl": ""})
    monkeypatch.chdir(tmp_path)
    folder = state_folder([str(tmp_path / "a/b/m.pkl")], untrusted=False)
    assert folder == str(tmp_path / ".aisecops")
    assert (tmp_path / ".aisecops/.gitignore").read_text() == "*\n"
    assert state_folder([str(tmp_path / "a")], untrusted=False) == folder


def test_without_a_project_state_lives_in_the_folder_or_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {"a/m.pkl": "", "here/x": ""})
    monkeypatch.chdir(tmp_path / "here")
    assert state_folder([str(tmp_path / "a")], untrusted=False) == str(tmp_path / "a/.aisecops")
    monkeypatch.chdir(tmp_path / "here")
    build(tmp_path, {"other/m.pkl": ""})
    assert state_folder(["../other/m.pkl"], untrusted=False) == str(tmp_path / "here/.aisecops")


def test_outside_a_repository_state_above_the_current_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {".aisecops/x": "", "aisecops.yaml": "", "a/m.pkl": "", "here/x": ""})
    monkeypatch.chdir(tmp_path / "here")
    assert state_folder([str(tmp_path / "a")], untrusted=False) == str(tmp_path / "a/.aisecops")
    assert state_folder(["../a/m.pkl"], untrusted=False) == str(tmp_path / "a/.aisecops")


def test_state_that_is_not_ours_is_not_used(tmp_path: Path) -> None:
    build(tmp_path, {"a/m.pkl": "", "link/m.pkl": "", "file/.aisecops": "", "elsewhere/x": ""})
    assert state_folder([str(tmp_path / "a")], untrusted=True) is None
    assert not (tmp_path / "a/.aisecops").exists()
    (tmp_path / "link/.aisecops").symlink_to(tmp_path / "elsewhere")
    assert state_folder([str(tmp_path / "link")], untrusted=False) is None
    assert os.listdir(tmp_path / "elsewhere") == ["x"]
    assert state_folder([str(tmp_path / "file")], untrusted=False) is None
    if os.geteuid() == 0:
        (tmp_path / "a/.aisecops").mkdir()
        os.chown(tmp_path / "a/.aisecops", 65534, 65534)
        assert state_folder([str(tmp_path / "a")], untrusted=False) is None
