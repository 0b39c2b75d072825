"""Digests: the same as everybody else's, and honest about what cannot be hashed."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.progress import Silent
from aisecops.project import digests
from aisecops.project.digests import digest_files
from aisecops.project.discovery import Found, discover
from aisecops.project.tree import BEGINNING
from tests.project.test_discovery import hub_cache
from tests.project.trees import PICKLE, PNG, build


@pytest.mark.parametrize("jobs", [1, 4])
def test_digests_are_sha_256(tmp_path: Path, jobs: int) -> None:
    large = {f"{number}.pkl": PICKLE + bytes([number]) * (digests._LARGE + number) for number in range(6)}
    files = large | {"empty.pkl": b"", "exact.pkl": bytes(digests._BUFFER)} | {f"s{number}.py": b"%d" % number for number in range(50)}
    build(tmp_path, files)
    found = discover([str(tmp_path)], manifest=None).found
    result, errors = digest_files(found, jobs=jobs)
    assert not errors
    assert result == {name: "sha256:" + sha256(content).hexdigest() for name, content in files.items()}


def test_what_changes_or_vanishes_has_no_digest_but_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = PICKLE + bytes(BEGINNING)  # more than discovery reads
    build(tmp_path, {"gone.pkl": content, "pipe.pkl": content, "grows.pkl": content, "stays.pkl": content})
    found = discover([str(tmp_path)], manifest=None).found
    (tmp_path / "gone.pkl").unlink()
    (tmp_path / "pipe.pkl").unlink()
    os.mkfifo(tmp_path / "pipe.pkl")
    real = os.fstat

    def grow_after_looking(handle: int) -> os.stat_result:
        status = real(handle)
        if status.st_ino == (tmp_path / "grows.pkl").stat().st_ino:
            with (tmp_path / "grows.pkl").open("ab") as file:
                file.write(b"more")
        return status

    monkeypatch.setattr(os, "fstat", grow_after_looking)
    result, errors = digest_files(found, jobs=1)
    assert set(result) == {"stays.pkl"}
    assert errors == {
        "gone.pkl": "it cannot be read (No such file or directory)",
        "pipe.pkl": "it is no longer a regular file",
        "grows.pkl": "it changed while it was read",
    }


def test_what_discovery_has_read_to_the_end_is_not_read_again(tmp_path: Path) -> None:
    build(tmp_path, {"small.pkl": PICKLE, "exact.pkl": PICKLE + bytes(BEGINNING - len(PICKLE)), "large.pkl": PICKLE + bytes(BEGINNING)})
    found = discover([str(tmp_path)], manifest=None).found
    assert [item.path for item in found if item.digest] == ["exact.pkl", "small.pkl"]
    for item in found:
        os.unlink(item.location)
    result, errors = digest_files(found, jobs=1)
    assert result["small.pkl"] == "sha256:" + sha256(PICKLE).hexdigest()
    assert sorted(result) == ["exact.pkl", "small.pkl"] and sorted(errors) == ["large.pkl"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_progress_counts_each_file_once_it_is_hashed_and_names_large_ones_on_the_way(
    tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_TELL_EVERY", 2)
    large = {f"l{number}.pkl": PICKLE + bytes(5 * digests._BUFFER) for number in range(3)}
    build(tmp_path, large | {f"s{number}.pkl": PICKLE + bytes(BEGINNING + number) for number in range(9)})
    told: list[tuple[str, int]] = []

    class Listener(Silent):
        def step(self, what: str, done: int = 1) -> None:
            told.append((what, done))

    result, _ = digest_files(discover([str(tmp_path)], manifest=None).found, jobs=jobs, progress=Listener())
    assert len(result) == sum(done for _, done in told) == 12
    if jobs == 1:  # else another thread may have been quicker with all of them
        assert [what for what, done in told if not done and what in large], "nobody should watch a bar that stands still for a file of 100 GB"


@pytest.mark.parametrize("jobs", [1, 4])
def test_told_to_stop_it_stops_in_the_midst_of_a_file(tmp_path: Path, jobs: int) -> None:
    build(tmp_path, {f"{number}.pkl": PICKLE + bytes(9 * digests._BUFFER) for number in range(4)})
    found = discover([str(tmp_path)], manifest=None).found
    looks = iter([False] * 5)
    result, errors = digest_files(found, jobs=jobs, stop=lambda: next(looks, True))
    assert result == {}
    assert errors == dict.fromkeys((item.path for item in found), digests.INTERRUPTED)


def test_the_digest_of_a_folder_follows_its_content(tmp_path: Path) -> None:
    build(tmp_path, {f"cats/{number}.png": PNG + bytes([number]) for number in range(10)})

    def digest() -> str:
        found = discover([str(tmp_path)], manifest=None).found
        return digest_files(found, jobs=1)[0]["cats"]

    first = digest()
    build(tmp_path, {"cats/.git/index": b"x", "cats/__pycache__/x": b"x"})
    (tmp_path / "cats" / "link").symlink_to("/etc/passwd")
    assert digest() == first
    (tmp_path / "cats" / "9.png").rename(tmp_path / "cats" / "99.png")
    renamed = digest()
    assert renamed != first
    (tmp_path / "cats" / "99.png").write_bytes(PNG)
    assert digest() not in (first, renamed)


def test_a_hub_folder_is_hashed_through_its_links(tmp_path: Path) -> None:
    snapshot = hub_cache(tmp_path) / "snapshots" / "rev1"
    copied = build(tmp_path / "copy", {name: (snapshot / name).read_bytes() for name in ("config.json", "pytorch_model.bin")})

    def digest(folder: Path) -> str:
        return digest_files(discover([str(folder)], manifest=None).found, jobs=2)[0]["."]

    assert digest(snapshot) == digest(copied)


def test_a_folder_that_cannot_be_listed_has_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {"d/x": b"1"})
    folder = Found(path="d", location=str(tmp_path / "d"), kind=AssetKind.DATA_SET, size=0)
    (tmp_path / "d" / "x").unlink()
    os.mkfifo(tmp_path / "d" / "x")
    assert digest_files([folder], jobs=1) == ({"d": "sha256:" + sha256(b"").hexdigest()}, {})

    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert digest_files([folder], jobs=1) == ({}, {"d": "a folder in it cannot be read (Permission denied)"})
