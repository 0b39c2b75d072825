"""`aisecops init`: a manifest that loads, reads well, and that no file name can write into."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.errors import UserError
from aisecops.project.discovery import discover
from aisecops.project.manifest import Manifest, Role, load_manifest
from aisecops.workflows.init import init
from aisecops.workflows.scan import ScanRequest, scan
from tests.hostile_text import HOSTILE
from tests.project.trees import PICKLE, build

PROJECT = {
    "train.py": "import os\n", "score.py": "import os\n", "a.py": "", "b.py": "", "pyproject.toml": "[project]\n", "data/train.csv": "a\n", "data/test.csv": "a\n",
    "data/rest.csv": "a\n", "models/credit.pkl": PICKLE, "explore.ipynb": "{}", "prompts/answer.md": "You are\n", "Dockerfile": "FROM scratch\n", ".gitignore": "a.py\n",
}  # fmt: skip


def uncommented(text: str) -> str:
    """``text`` with all its examples taken into force, as the file's first lines tell people to."""
    lines = []
    example = False
    for line in text.splitlines():
        example = bool(re.match(r"#[a-z-]+:", line)) or (example and line.startswith("#  "))
        lines.append(line[1:] if example else line)
    return "\n".join(lines) + "\n"


def test_writes_what_it_found(tmp_path: Path) -> None:
    project = build(tmp_path / "credit", PROJECT)
    report = init(str(project))
    text = (project / "aisecops.yaml").read_text()
    assert report.text == text
    assert report.counts == {
        AssetKind.SOURCE_FILE: 3, AssetKind.NOTEBOOK: 1, AssetKind.DEPENDENCY_SET: 1, AssetKind.DATA_SET: 3, AssetKind.MODEL_FILE: 1, AssetKind.PROMPT: 1,
        AssetKind.DEPLOYMENT: 1,
    }  # fmt: skip
    assert report.left_out == 1
    assert re.search(r"^#   3 Python files +b\.py, score\.py, train\.py$", text, re.MULTILINE)
    assert re.search(r"^#   1 model file +models/credit\.pkl$", text, re.MULTILINE)
    assert load_manifest(str(project / "aisecops.yaml")) == Manifest(name="credit", policy="standard")


def test_every_key_is_there_and_every_example_holds(tmp_path: Path) -> None:
    project = build(tmp_path / "credit", PROJECT)
    text = init(str(project)).text
    (project / "aisecops.yaml").write_text(uncommented(text))
    manifest = load_manifest(str(project / "aisecops.yaml"))
    for key in Manifest.__struct_encode_fields__:
        assert re.search(rf"^#?{key}:", text, re.MULTILINE), key
    named = [(asset.path, asset.role) for asset in manifest.assets]
    assert named == [("data/test.csv", Role.TEST), ("data/train.csv", Role.TRAIN), ("data/rest.csv", None)]
    assert manifest.model_files.allow
    assert manifest.waivers
    found = discover([str(project)], manifest=manifest, base=str(project)).found
    assert {item.role for item in found if item.kind is AssetKind.DATA_SET} == {"", "train", "test"}


def test_the_same_files_give_the_same_text_even_again(tmp_path: Path) -> None:
    project = build(tmp_path / "credit", PROJECT)
    first = init(str(project)).text
    assert init(str(project), force=True).text == first
    assert init(str(build(tmp_path / "other" / "credit", PROJECT))).text == first


def test_what_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    build(tmp_path, {"aisecops.yaml": "name: mine\n"})
    with pytest.raises(UserError, match="it is there already"):
        init(str(tmp_path))
    assert (tmp_path / "aisecops.yaml").read_text() == "name: mine\n"
    init(str(tmp_path), force=True)
    assert load_manifest(str(tmp_path / "aisecops.yaml")).policy == "standard"
    assert os.listdir(tmp_path) == ["aisecops.yaml"]


def test_never_writes_through_a_link(tmp_path: Path) -> None:
    build(tmp_path, {"victim": "precious\n", "project/a.py": "1\n"})
    link = tmp_path / "project" / "aisecops.yaml"
    link.symlink_to(tmp_path / "victim")
    with pytest.raises(UserError):
        init(str(tmp_path / "project"))
    init(str(tmp_path / "project"), force=True)
    assert (tmp_path / "victim").read_text() == "precious\n"
    assert not link.is_symlink()


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    build(tmp_path, {"file": "x", "project/aisecops.yaml/x": "x"})
    for folder in ("absent", "file"):
        with pytest.raises(UserError):
            init(str(tmp_path / folder))
    with pytest.raises(UserError, match="cannot be written"):
        init(str(tmp_path / "project"), force=True)
    assert os.listdir(tmp_path / "project") == ["aisecops.yaml"]


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), "a\npolicy: baseline\nwaivers: []", '"\nexclude: ["**"]', "# x", "'", "- a", "{", "*a", "!b", "", "null", "1.5", "\\"]
)
def test_no_name_writes_a_key(tmp_path: Path, text: str) -> None:
    name = os.fsdecode(text.replace("/", "∕").replace("\0", "").encode("utf-8", "surrogateescape" if "\udce9" in text else "replace")[:200]) or "x"
    project = tmp_path / f"p{name}"
    project.mkdir()
    for ending in ("csv", "pkl", "py"):
        (project / f"{name}train.{ending}").write_bytes(PICKLE if ending == "pkl" else b"a\n")
    manifest_text = init(str(project)).text
    manifest = load_manifest(str(project / "aisecops.yaml"))
    assert (manifest.policy, manifest.exclude, manifest.waivers, manifest.assets) == ("standard", (), (), ())
    assert manifest.name.startswith("p")
    assert manifest_text.splitlines() == manifest_text.split("\n")[:-1]
    (project / "aisecops.yaml").write_text(uncommented(manifest_text))
    assert len(load_manifest(str(project / "aisecops.yaml")).assets) == 1


def test_an_empty_folder_and_what_was_not_fetched(tmp_path: Path) -> None:
    assert "nothing yet" in init(str(build(tmp_path / "empty", {"notes.txt": "x"}))).text
    pointer = build(tmp_path / "lfs", {"m.pkl": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "a.py": "1"})
    report = init(str(pointer))
    assert len(report.not_examined) == 1
    assert "1 more could not be read" in report.text


def test_the_file_is_one_that_yaml_linters_and_git_leave_alone(tmp_path: Path) -> None:
    text = init(str(build(tmp_path / "credit", PROJECT))).text
    assert max(map(len, text.splitlines())) <= 160
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    subprocess.run(["git", "init", "-q", str(tmp_path / "credit")], check=True)
    checked = subprocess.run(
        ["git", "-C", str(tmp_path / "credit"), "diff", "--no-index", "--check", "/dev/null", "aisecops.yaml"], capture_output=True, check=False
    )
    assert not checked.stdout


def test_the_domain_of_a_test_set_is_found_and_holds_once_it_is_taken_into_force(tmp_path: Path) -> None:
    rows = "\n".join(f"{i * 0.5},{i},{i % 2},{1 - i % 2},{'tcp' if i % 3 else 'udp'},{i % 2}" for i in range(40))
    project = build(tmp_path / "flows", {"models/flow.pkl": PICKLE, "data/test.csv": f"seconds,packets,is_a,is_b,protocol,label\n{rows}\n".encode()})
    text = init(str(project)).text
    (project / "aisecops.yaml").write_text(uncommented(text))
    (model,) = load_manifest(str(project / "aisecops.yaml")).models
    assert (model.path, model.data, model.label) == ("models/flow.pkl", "data/test.csv", "label")
    assert model.domain is not None
    columns = {column.name: column for column in model.domain.columns}
    assert "label" not in columns
    assert columns["protocol"].categories == ("tcp", "udp")
    assert columns["packets"].type.value == "integer"
    assert columns["is_a"].group == columns["is_b"].group != ""


TABLES = {
    "data/train-1.csv": "customer_id,created_at,message,photo_file,fold,Churn Target,age\nK1,2024-01-01,hello,a.png,1,no,3\n",
    "data/holdout.jsonl": '{"id": 1, "text": "hello", "y": 0}\n{"id": 2, "text": "good bye", "y": 1}\n',
    "prod/events.csv": '"is spam: # \u2028 label","a ""quoted"" target",group\n1,2,3\n',
    "trainers.csv": "name,class\nAnn,1\n",
}


def said(folder: Path) -> dict[str, dict[str, object]]:
    run = scan(ScanRequest(paths=(str(folder),), select=("data-set/quality",), jobs=1))
    return {asset.path: dict(asset.facts) for asset in run.assets if asset.kind is AssetKind.DATA_SET}


@pytest.mark.slow
def test_a_scan_takes_the_same_roles_without_a_manifest_as_with_the_one_that_was_written(tmp_path: Path) -> None:
    project = build(tmp_path / "churn", TABLES)
    without = said(project)
    text = uncommented(init(str(project)).text)
    text = text[: text.index("\ncode:")]
    (project / "aisecops.yaml").write_text(text)
    declared = {asset.path: asset for asset in load_manifest(str(project / "aisecops.yaml")).assets}
    first = declared["data/train-1.csv"]
    assert (first.role, first.group, first.time, first.text, first.image, first.split, first.label) == (
        "train", "customer_id", "created_at", "message", "photo_file", "fold", "Churn Target",
    )  # fmt: skip
    assert {path: str(asset.role or "") for path, asset in declared.items()} == {path: facts.get("role", "") for path, facts in without.items()}
    for path, facts in without.items():
        roles = {f"{role}-column": name for role, name in declared[path].columns().named().items()}
        assert roles == {key: name for key, name in facts.items() if key.endswith("-column") and "\\u2028" not in str(name)}
    assert said(project) == {path: facts | {"declared": True} for path, facts in without.items()}
    (project / "aisecops.yaml").write_text(text.replace('label: "Churn Target"', 'label: "age"'))
    assert said(project)["data/train-1.csv"]["label-column"] == "age"
