"""Discovery: what is an asset, whatever it is called, and what is said of the rest."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.errors import UserError
from aisecops.core.examination import Code
from aisecops.formats.artifact import Format
from aisecops.project.discovery import discover
from aisecops.project.manifest import DeclaredAsset, Manifest, Role
from tests.project.trees import PICKLE, PNG, build, kinds, left_out


def found_in(root: Path, **options: object) -> dict[str, str]:
    return kinds(discover([str(root)], manifest=None, **options))  # type: ignore[arg-type]


def test_every_kind_of_file_is_told_by_content_or_name(tmp_path: Path) -> None:
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": []}], "nbformat": 4})
    expected = {
        "model.pkl": (PICKLE, "model-file"),
        "notes.txt": (PICKLE, "model-file"),
        "picture.png": (PICKLE, "model-file"),
        "LICENSE": (gzip.compress(PICKLE), "model-file"),
        "empty.pt": (b"", "model-file"),
        "broken.joblib": ("<html>404</html>", "model-file"),
        "distutils-precedence.pth": ("import os\n", "source-file"),
        "easy-install.pth": ("./library\n", None),
        "train.py": ("import os\n", "source-file"),
        "tool": ("#!/usr/bin/env python3\nprint(1)\n", "source-file"),
        "explore.ipynb": (notebook, "notebook"),
        "explore.json": (notebook, "notebook"),
        "requirements-dev.txt": ("numpy\n", "dependency-set"),
        "pyproject.toml": ("[project]\n", "dependency-set"),
        "uv.lock": ("version = 1\n", "dependency-set"),
        "environment.yml": ("name: x\n", "dependency-set"),
        "settings.yaml": ("a: 1\n", "configuration"),
        ".env": ("KEY=1\n", "configuration"),
        ".github/workflows/ci.yml": ("on: push\n", "configuration"),
        "deploy/app.yaml": ("apiVersion: v1\nkind: Pod\n", "deployment"),
        "Dockerfile": ("FROM scratch\n", "deployment"),
        "train.Dockerfile": ("FROM scratch\n", "deployment"),
        "docker-compose.yml": ("services: {}\n", "deployment"),
        "data.csv": ("a,b\n1,2\n", "data-set"),
        "table": (b"PAR1" + bytes(50), "data-set"),
        "events.jsonl": ("{}\n", "data-set"),
        "CLAUDE.md": ("Be kind.\n", "prompt"),
        ".mcp.json": ("{}", "prompt"),
        "app/prompts/answer.txt": ("You are\n", "prompt"),
        "system_prompt.md": ("You are\n", "prompt"),
        "skills/pdf/SKILL.md": ("---\n", "prompt"),
        "README.md": ("# Readme\n", "document"),
        "page.html": ("<p>Hello</p>\n", "document"),
        "paper": (b"%PDF-1.7\n", "document"),
        "corpus/a.txt": ("Paris is the capital of France.\n", "document"),
        "a.txt": ("Paris is the capital of France.\n", None),
        "logo.png": (PNG, None),
        "lib.so": (b"\x7fELF" + bytes(60), None),
        "pytorch_model.bin": (b"\x7fELF" + bytes(60), "model-file"),
    }
    build(tmp_path, {name: content for name, (content, _) in expected.items()})
    assert found_in(tmp_path) == {name: kind for name, (_, kind) in expected.items() if kind}


@pytest.mark.parametrize(("first", "columns"), [("c0", 3_000), ("c0", 200_000), ("V1", 3_000), ("V1", 60_000), ("S", 3_000)])
def test_a_table_whose_header_is_longer_than_what_is_probed_is_no_pickle(tmp_path: Path, first: str, columns: int) -> None:
    header = ",".join([first, *(f"{first[0]}{n}" for n in range(2, columns + 1))])
    (tmp_path / "wide.csv").write_text(f"{header}\n{','.join('1' * columns)}\n")
    assert kinds(discover([str(tmp_path)], manifest=None)) == {"wide.csv": "data-set"}


@pytest.mark.parametrize("first", [b"V" + b"a,b" * 20_000, b"V" + b"a" * (3 << 20), b"S'" + b"1," * 9_000 + b"'"])
def test_a_pickle_behind_a_long_first_line_is_found_whatever_it_is_called(tmp_path: Path, first: bytes) -> None:
    (tmp_path / "wide.csv").write_bytes(first + b"\n0cposix\nsystem\n(S'true'\ntR.")
    assert kinds(discover([str(tmp_path)], manifest=None)) == {"wide.csv": "model-file"}


def test_found_says_format_size_and_where_to_open_it(tmp_path: Path) -> None:
    build(tmp_path, {"sub/model.bin": PICKLE})
    (found,) = discover([str(tmp_path)], manifest=None).found
    assert (found.path, found.format, found.size) == ("sub/model.bin", Format.PICKLE, len(PICKLE))
    assert Path(found.location).read_bytes() == PICKLE


def test_a_file_that_the_user_names_is_always_an_asset(tmp_path: Path) -> None:
    build(tmp_path, {"odd.xyz": "nothing in particular\n", "train.py": "1\n"})
    given = [str(tmp_path / "odd.xyz"), str(tmp_path / "train.py")]
    assert kinds(discover(given, manifest=None, exclude=["*.xyz"])) == {"odd.xyz": "model-file", "train.py": "source-file"}
    assert kinds(discover([str(tmp_path), given[0]], manifest=None)) == {"odd.xyz": "model-file", "train.py": "source-file"}


def test_what_is_not_there_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        discover([str(tmp_path / "absent")], manifest=None)
    assert caught.value.where == str(tmp_path / "absent")
    with pytest.raises(UserError):
        discover(["a\0b"], manifest=None)


def test_overlapping_roots_give_each_file_once(tmp_path: Path) -> None:
    build(tmp_path, {"a/m.pkl": PICKLE, "b/m.pkl": PICKLE})
    discovery = discover([str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "m.pkl")], manifest=None)
    assert kinds(discovery) == {"a/m.pkl": "model-file", "b/m.pkl": "model-file"}
    assert [root.path for root in discovery.roots] == [str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "m.pkl")]


def test_equal_paths_under_two_roots_get_names_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {"a/m.pkl": PICKLE, "b/m.pkl": PICKLE + PICKLE})
    monkeypatch.chdir(tmp_path)
    for given in (["a", "b"], ["a/m.pkl", "./b/m.pkl"]):
        discovery = discover(given, manifest=None)
        assert {found.path: Path(found.location) for found in discovery.found} == {"m.pkl": tmp_path / "a/m.pkl", "b/m.pkl": tmp_path / "b/m.pkl"}


def test_names_that_print_alike_stay_apart(tmp_path: Path) -> None:
    build(tmp_path, {"a\x1b.pkl": PICKLE, "a\\x1b.pkl": PICKLE})
    assert len(found_in(tmp_path)) == 2


def test_hostile_names_are_found_and_inert(tmp_path: Path) -> None:
    names = [
        b"two\nlines.pkl",
        b"\x1b[2Jclear.pkl",
        b"caf\xe9\xff.pkl",
        "\u202elkp.evil".encode(),
        b"x" * 250 + b".pkl",
        b"-rf",
        b"$(id).pkl",
        b"\\..\\up.pkl",
    ]
    for name in names:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_bytes(PICKLE)
    discovery = discover([str(tmp_path)], manifest=None)
    assert len(discovery.found) == len(names)
    assert all(found.path.isprintable() and Path(found.location).read_bytes() == PICKLE for found in discovery.found)
    assert [found.path for found in discovery.found] == sorted(found.path for found in discovery.found)


def test_gitignore_hides_text_but_no_artifacts(tmp_path: Path) -> None:
    files = {
        ".gitignore": "build/\n*.cfg\n!keep.cfg\nmodels/*.pkl\n", "build/gen.py": "1\n", "build/deep/x.pkl": PICKLE, "build/deep/y.py": "1\n", "build/note.ipynb": "{}",
        "build/d.csv": "a\n", "a.cfg": "[x]\n", "keep.cfg": "[x]\n", "models/m.pkl": PICKLE, "sub/.gitignore": "!*.cfg\n/only.py\n", "sub/b.cfg": "[x]\n",
        "sub/only.py": "1\n", "sub/in/only.py": "1\n",
    }  # fmt: skip
    build(tmp_path, files)
    discovery = discover([str(tmp_path)], manifest=None)
    assert set(kinds(discovery)) == {"build/deep/x.pkl", "build/note.ipynb", "build/d.csv", "keep.cfg", "models/m.pkl", "sub/b.cfg", "sub/in/only.py"}
    assert left_out(discovery) == {
        "build/": "ignored by `build/` in .gitignore", ".": "ignored by `*.cfg` in .gitignore", "sub/": "ignored by `/only.py` in sub/.gitignore",
    }  # fmt: skip
    assert {item.path: item.count for item in discovery.left_out}["build/"] == 2


def test_rules_of_the_repository_reach_a_folder_below_it(tmp_path: Path) -> None:
    build(
        tmp_path,
        {
            ".git/info/exclude": "secret.py\n",
            ".gitignore": "/pkg/sub/gen.py\n",
            "pkg/.gitignore": "*.cfg\n",
            "pkg/sub/a.cfg": "1",
            "pkg/sub/gen.py": "1",
        },
    )
    build(tmp_path, {"pkg/sub/secret.py": "1", "pkg/sub/main.py": "1"})
    discovery = discover([str(tmp_path / "pkg" / "sub")], manifest=None)
    assert set(kinds(discovery)) == {"main.py"}
    assert {item.reason for item in discovery.left_out} == {
        "ignored by `secret.py` in .git/info/exclude", "ignored by `/pkg/sub/gen.py` in .gitignore", "ignored by `*.cfg` in pkg/.gitignore",
    }  # fmt: skip


def test_ignored_text_is_what_git_says(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = [f"{a}/{b}/{c}.py" for a in ("src", "out", "doc") for b in ("x", "out", "y") for c in ("m", "n", "x_gen")]
    build(tmp_path, dict.fromkeys(names, "1\n"))
    build(tmp_path, {".gitignore": "/out/*\n!/out/x\n*_gen.py\ndoc/**/m.py\n", "src/.gitignore": "out\n!x_gen.py\n", "out/x/.gitignore": "n.py\n"})
    asked = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", *names], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    ignored = set(asked.stdout.split())
    assert 5 < len(ignored) < len(names)
    assert set(found_in(tmp_path)) == set(names) - ignored
    assert set(found_in(tmp_path, untrusted=True)) == set(names)


def test_machinery_is_left_out_and_listed(tmp_path: Path) -> None:
    build(tmp_path, {
        ".git/hooks/m.pkl": PICKLE, ".git/objects/ab/cd.pkl": PICKLE, "node_modules/x/m.pkl": PICKLE, "node_modules/x/conf.json": "{}", "env/pyvenv.cfg": "home=/",
        "env/lib/m.pkl": PICKLE, "env/lib/a.py": "1", "__pycache__/a.pyc": "x", ".aisecops/runs/m.pkl": PICKLE, "a.py": "1",
    })  # fmt: skip
    discovery = discover([str(tmp_path)], manifest=None)
    assert set(kinds(discovery)) == {"a.py"}
    assert set(left_out(discovery)) == {".git/", "node_modules/", "env/", "__pycache__/", ".aisecops/"}


def test_our_own_state_says_nothing_about_the_tree(tmp_path: Path) -> None:
    build(tmp_path, {"a.py": "1", ".aisecops/.gitignore": "*", ".aisecops/state.sqlite": "SQLite", ".aisecops/state.sqlite-wal": ""})
    assert left_out(discover([str(tmp_path)], manifest=None)) == {}


def test_an_untrusted_tree_hides_no_model_in_machinery(tmp_path: Path) -> None:
    build(tmp_path, {
        ".git/lfs/m.pkl": PICKLE, ".git/config": "[core]\n", ".git/objects/ab/cd.pkl": PICKLE, "node_modules/x/m.pkl": PICKLE, "node_modules/x/conf.json": "{}",
        "env/pyvenv.cfg": "home=/", "env/lib/m.pkl": PICKLE, "env/lib/a.py": "1", ".gitignore": "*\n", "a.py": "1", ".aisecops/policy.yaml": "rules: []\n",
    })  # fmt: skip
    discovery = discover([str(tmp_path)], manifest=None, untrusted=True)
    assert set(kinds(discovery)) == {".git/lfs/m.pkl", "node_modules/x/m.pkl", "env/lib/m.pkl", "a.py", ".aisecops/policy.yaml"}
    assert left_out(discovery)[".git/objects/"]
    assert left_out(discovery)["node_modules/"]


def test_exclude_takes_out_everything_and_says_so(tmp_path: Path) -> None:
    build(tmp_path, {"vendor/m.pkl": PICKLE, "a/vendor/m.pkl": PICKLE, "m.pkl": PICKLE, "keep.pkl": PICKLE})
    manifest = Manifest(name="x", exclude=("/vendor/",))
    discovery = discover([str(tmp_path)], manifest=manifest, exclude=["m.pkl", "!a/**"])
    assert set(kinds(discovery)) == {"keep.pkl", "a/vendor/m.pkl"}
    assert left_out(discovery) == {"vendor/": "excluded by `/vendor/` (aisecops.yaml)", ".": "excluded by `m.pkl` (--exclude)"}
    below = discover([str(tmp_path / "a")], manifest=Manifest(name="x", exclude=("/a/vendor/",)), base=str(tmp_path))
    assert not below.found


def test_links_never_lead_out_of_the_tree(tmp_path: Path) -> None:
    outside = build(tmp_path / "outside", {"m.pkl": PICKLE, "d/n.pkl": PICKLE})
    tree = build(tmp_path / "tree", {"real/m.pkl": PICKLE, "script.txt": "print(1)\n"})
    (tree / "file").symlink_to(outside / "m.pkl")
    (tree / "folder").symlink_to(outside / "d")
    (tree / "loop").symlink_to(tree)
    (tree / "self").symlink_to("self")
    (tree / "nothing").symlink_to("absent")
    (tree / "again.pkl").symlink_to("real/m.pkl")
    (tree / "run.py").symlink_to("script.txt")
    discovery = discover([str(tree)], manifest=None)
    assert kinds(discovery) == {"real/m.pkl": "model-file", "run.py": "source-file"}
    (tree / ".gitignore").symlink_to(build(tmp_path, {"words": "script.txt\nreal/\n*.py\n"}) / "words")
    assert kinds(discover([str(tree)], manifest=None)) == kinds(discovery)
    assert left_out(discovery) == {
        "file": "a link out of the tree", "folder": "a link out of the tree", "nothing": "a link to nothing", "self": "a link to nothing",
    }  # fmt: skip


def test_a_root_may_be_a_link(tmp_path: Path) -> None:
    build(tmp_path / "real", {"m.pkl": PICKLE})
    (tmp_path / "here").symlink_to("real")
    (tmp_path / "now.bin").symlink_to("real/m.pkl")
    assert found_in(tmp_path / "here") == {"m.pkl": "model-file"}
    assert found_in(tmp_path / "now.bin") == {"now.bin": "model-file"}


def hub_cache(root: Path) -> Path:
    cache = build(root / "models--org--name", {"blobs/aa11": PICKLE, "blobs/bb22": "{}", "blobs/cc33": PICKLE, "refs/main": "rev1"})
    snapshot = cache / "snapshots" / "rev1"
    snapshot.mkdir(parents=True)
    (snapshot / "pytorch_model.bin").symlink_to("../../blobs/aa11")
    (snapshot / "config.json").symlink_to("../../blobs/bb22")
    return cache


def test_a_hub_cache_is_read_through_its_snapshots(tmp_path: Path) -> None:
    cache = hub_cache(tmp_path)
    snapshot = "models--org--name/snapshots/rev1"
    assert found_in(tmp_path) == {
        snapshot: "hub-folder", f"{snapshot}/config.json": "configuration", f"{snapshot}/pytorch_model.bin": "model-file",
        "models--org--name/blobs/cc33": "model-file",
    }  # fmt: skip
    assert found_in(cache / "snapshots" / "rev1") == {".": "hub-folder", "config.json": "configuration", "pytorch_model.bin": "model-file"}


def test_a_hub_cache_is_no_way_out(tmp_path: Path) -> None:
    cache = hub_cache(tmp_path / "tree")
    secret = build(tmp_path / "secret", {"blobs/x.pkl": PICKLE})
    (cache / "snapshots/rev1/evil.bin").symlink_to(secret / "blobs" / "x.pkl")
    other = tmp_path / "tree" / "models--other--name"
    (other / "snapshots" / "r").mkdir(parents=True)
    (other / "blobs").symlink_to(secret)
    (other / "snapshots" / "r" / "m.bin").symlink_to("../../blobs/blobs/x.pkl")
    discovery = discover([str(tmp_path / "tree")], manifest=None, untrusted=True)
    assert not [found for found in discovery.found if "secret" in found.location]
    assert {"models--org--name/snapshots/rev1/evil.bin", "models--other--name/snapshots/r/m.bin"} <= set(left_out(discovery))


def test_what_was_not_fetched_is_not_examined(tmp_path: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 123456\n"
    dvc = "outs:\n- md5: 0123\n  size: 5\n  hash: md5\n  path: '{}'\ndeps:\n- path: upstream\n"
    build(tmp_path, {"it's.bin": pointer, "train.csv.dvc": dvc.format("train.csv"), "here.csv.dvc": dvc.format("here.csv"), "here.csv": "a\n"})
    discovery = discover([str(tmp_path)], manifest=None)
    assert kinds(discovery) == {"here.csv": "data-set"}
    assert [(item.path, item.code) for item in discovery.not_examined] == [("it's.bin", Code.UNREADABLE), ("train.csv.dvc", Code.UNREADABLE)]
    lfs, data = discovery.not_examined
    assert "123,456 bytes" in lfs.reason
    assert lfs.remedy == """git lfs pull --include='it'"'"'s.bin'"""
    assert "train.csv has not been fetched" in data.reason
    assert data.remedy == "dvc pull train.csv.dvc"


def test_pipes_and_sockets_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "model.pkl")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        discovery = discover([".", "model.pkl"], manifest=None)
    assert not discovery.found
    assert {(item.path, item.code) for item in discovery.not_examined} == {("model.pkl", Code.BAD_INPUT), ("socket", Code.BAD_INPUT)}


def test_what_may_not_be_read_is_not_examined(tmp_path: Path) -> None:
    build(tmp_path, {"shut/m.pkl": PICKLE, "shut.pkl": PICKLE, "open.pkl": PICKLE})
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    (tmp_path / "shut").chmod(0)
    (tmp_path / "shut.pkl").chmod(0)
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            discovery = discover([str(tmp_path)], manifest=None)
            assert kinds(discovery) == {"open.pkl": "model-file"}
            assert {(item.path, item.code) for item in discovery.not_examined} == {("shut/", Code.UNREADABLE), ("shut.pkl", Code.UNREADABLE)}
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    (tmp_path / "shut").chmod(0o700)


def test_ten_pictures_are_a_data_set(tmp_path: Path) -> None:
    build(tmp_path, {f"train/cats/{number}.png": PNG for number in range(10)} | {f"docs/{number}.png": PNG for number in range(9)})
    (found,) = discover([str(tmp_path)], manifest=None).found
    assert (found.path, found.kind, found.size) == ("train/cats", AssetKind.DATA_SET, 10 * len(PNG))


def test_folders_of_pictures_side_by_side_are_the_classes_of_one_data_set(tmp_path: Path) -> None:
    many = {f"{split}/{kind}/{number}.png": PNG for split in ("train", "test") for kind in ("cat", "dog") for number in range(10)}
    build(tmp_path, many | {f"train/owl/{number}.png": PNG for number in range(3)} | {f"docs/a/{number}.png": PNG for number in range(12)})
    found = {item.path: item.size // len(PNG) for item in discover([str(tmp_path)], manifest=None).found}
    assert found == {"docs/a": 12, "test": 20, "train": 23}
    assert [item.path for item in discover([str(tmp_path / "train")], manifest=None).found] == ["."]


@pytest.mark.parametrize(
    ("declared", "found"),
    [(["train"], {"train"}), (["train", "train/cat"], {"train", "train/cat", "train/dog"}), (["train/cat"], {"train/cat", "train/dog"})],
)
def test_the_classes_of_a_declared_folder_are_part_of_it(tmp_path: Path, declared: list[str], found: set[str]) -> None:
    build(tmp_path, {f"train/{kind}/{number}.png": PNG for kind in ("cat", "dog") for number in range(10)})
    manifest = Manifest(name="x", assets=tuple(DeclaredAsset(path=path, kind=AssetKind.DATA_SET) for path in declared))
    assert {item.path for item in discover([str(tmp_path)], manifest=manifest, base=str(tmp_path)).found} == found


def test_declared_assets_are_what_the_manifest_says(tmp_path: Path) -> None:
    build(
        tmp_path,
        {
            "data/train.txt": "x\n",
            ".gitignore": "hidden.md\n",
            "hidden.md": "You are\n",
            "env/pyvenv.cfg": "",
            "env/w.bin": "text",
            "images/a.txt": "x\n",
        },
    )
    declare = [
        ("data/train.txt", "data-set", Role.TRAIN),
        ("hidden.md", "prompt", None),
        ("env/w.bin", "model-file", None),
        ("images", "data-set", Role.TEST),
    ]
    assets = tuple(DeclaredAsset(path=path, kind=AssetKind(kind), role=role) for path, kind, role in [*declare, ("gone.csv", "data-set", None)])
    discovery = discover([str(tmp_path)], manifest=Manifest(name="x", assets=assets, exclude=("hidden.md",)), base=str(tmp_path))
    assert {(found.path, found.kind.value, found.role or None) for found in discovery.found} == {
        (path, kind, role and role.value) for path, kind, role in declare
    }
    assert [(item.path, item.code) for item in discovery.not_examined] == [("gone.csv", Code.UNREADABLE)]


@pytest.fixture
def abyss() -> Iterator[Path]:
    """A folder that may hold more levels than Python's own ways of removing one can stand."""
    folder = tempfile.mkdtemp()
    yield Path(folder)
    subprocess.run(["rm", "-rf", folder], check=True)


def dig(folder: Path, name: str, levels: int) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    model = os.open("m.pkl", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(model, PICKLE)
    os.close(model)
    os.close(here)


def test_deep_nesting_costs_no_stack_and_hides_nothing(abyss: Path) -> None:
    dig(abyss, "d", 1500)
    assert found_in(abyss) == {"d/" * 1500 + "m.pkl": "model-file"}


def test_what_lies_deeper_than_a_path_can_say_is_not_examined(abyss: Path) -> None:
    dig(abyss, "d" * 250, 20)
    (missed,) = discover([str(abyss)], manifest=None).not_examined
    assert missed.code is Code.UNREADABLE
    assert "too long" in missed.reason


def test_many_left_out_places_are_a_bounded_list(tmp_path: Path) -> None:
    build(tmp_path, {f"{number}/a.cfg": "1" for number in range(300)} | {".gitignore": "*.cfg\n"})
    discovery = discover([str(tmp_path)], manifest=None)
    assert len(discovery.left_out) == 200
    assert sum(item.count for item in discovery.left_out) == 300


@pytest.mark.slow
def test_twenty_thousand_files_in_stable_order(tmp_path: Path) -> None:
    for number in range(20_000):
        if number % 200 == 0:
            (tmp_path / f"d{number}").mkdir()
        (tmp_path / f"d{number // 200 * 200}" / f"{number}.{('py', 'txt', 'pkl', 'csv')[number % 4]}").write_bytes(
            PICKLE if number % 4 == 2 else b"x = 1\n"
        )
    first = discover([str(tmp_path)], manifest=None)
    assert len(first.found) == 15_000
    assert first == discover([str(tmp_path)], manifest=None)


def test_the_commit_is_read_without_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        config = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *config, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    build(tmp_path, {"sub/a.py": "1\n"})
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    ran = tmp_path / "ran"
    git("config", "core.fsmonitor", f"touch {ran}")

    def commit(path: Path) -> str:
        return discover([str(path)], manifest=None).roots[0].commit

    head = git("rev-parse", "HEAD")
    ran.unlink(missing_ok=True)
    assert commit(tmp_path) == commit(tmp_path / "sub" / "a.py") == head
    git("pack-refs", "--all")
    assert commit(tmp_path) == head
    git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    assert commit(tmp_path / "tree") == head
    assert discover([str(tmp_path / "tree")], manifest=None, untrusted=True).roots[0].commit == ""
    ran.unlink(missing_ok=True)
    commit(tmp_path)
    assert not ran.exists()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/../../../../etc/passwd\n")
    assert commit(tmp_path) == ""


def test_told_to_stop_it_says_what_it_did_not_come_to(tmp_path: Path) -> None:
    build(tmp_path, {f"{folder}/{number}.pkl": PICKLE for folder in "abc" for number in range(5)})
    looks = iter([False] * 8)
    search = discover([str(tmp_path)], manifest=None, stop=lambda: next(looks, True))
    assert 0 < len(search.found) < 15
    assert {item.path.partition("/")[0] for item in search.found} | {gap.path.strip("/") for gap in search.not_examined} == set("abc")
    assert {(gap.code, gap.reason) for gap in search.not_examined} == {(Code.TRUNCATED, "the run was interrupted")}


def test_boxes_of_pictures_are_no_documents(tmp_path: Path) -> None:
    """The labels of YOLO lie in a text for each picture, and passed for a collection of documents."""
    for n in range(12):
        (tmp_path / f"{n}.txt").write_text(f"{n % 2} 0.5 0.31 2.5e-1 0.2\n1 0.1 0.1 0.2 0.2\n")
    assert discover([str(tmp_path)], manifest=None).found == ()
    (tmp_path / "0.txt").write_text("0 cats\n")
    for n in range(12):
        (tmp_path / f"note {n}.txt").write_text(f"{n} cats were seen\n")
    assert {found.kind for found in discover([str(tmp_path)], manifest=None).found} == {AssetKind.DOCUMENT}
