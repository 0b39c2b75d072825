"""The manifest: what it can say, and what a person hears who got it wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.errors import ManifestError
from aisecops.core.settings import Operation
from aisecops.project.manifest import Role, load_manifest

FULL = """\
name: credit
description: A credit model
owner: risk team
policy: strict
exclude: ["vendor/", "!vendor/ours/"]
assets:
  - {path: data/train.txt, kind: data-set, role: train, description: what it was trained on}
model-files:
  allow:
    - {callable: ours.Layer, operations: [reference, instantiate], owner: ann, reason: our own class, expires: 2027-01-01}
waivers:
  - {id: w1, owner: ann, reason: known, expires: 2027-01-01, category: [code-execution], asset: ["models/*.pkl"]}
baseline: accepted.json
"""


def test_every_key(tmp_path: Path) -> None:
    (tmp_path / "aisecops.yaml").write_text(FULL)
    manifest = load_manifest(str(tmp_path / "aisecops.yaml"))
    assert (manifest.name, manifest.policy, manifest.exclude, manifest.baseline) == (
        "credit",
        "strict",
        ("vendor/", "!vendor/ours/"),
        "accepted.json",
    )
    assert (manifest.assets[0].kind, manifest.assets[0].role) == (AssetKind.DATA_SET, Role.TRAIN)
    assert manifest.model_files.allow[0].operations == (Operation.REFERENCE, Operation.INSTANTIATE)
    assert manifest.waivers[0].expires == "2027-01-01"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("policy:", "polcy:", ":4:1: unknown key `polcy`; did you mean `policy`?"),
        ("model-files:", "model_files:", ":8:1: unknown key `model_files`; did you mean `model-files`?"),
        ("data-set", "dataset", ":7:34: `dataset` is not a value that `kind` can have; did you mean `data-set`?"),
        (
            "instantiate",
            "new",
            ":10:54: `new` is not a value that entry 2 of `operations` can have; one of: reference, call, instantiate, state, items",
        ),
        ("data/train.txt", "../train.txt", ":7:5: the path `../train.txt` must be relative to the manifest's folder, with `/`, and stay inside it"),
        ("data/train.txt", "/etc/passwd", ":7:5: the path `/etc/passwd` must be relative to the manifest's folder, with `/`, and stay inside it"),
        (
            "policy: strict",
            "policy: strct",
            ":4:9: there is no policy `strct`; did you mean `strict`? these ship: baseline, standard, strict; "
            "a policy of your own is named by its path, `./our-policy.yaml`",
        ),
        (
            "2027-01-01}\nwaivers",
            "2027-02-30}\nwaivers",
            ":10:112: `expires: 2027-02-30` is not a day; write the last day on which it holds as YYYY-MM-DD",
        ),
        ("2027-01-01, category", "soon, category", ":12:50: `expires: soon` is not a day; write the last day on which it holds as YYYY-MM-DD"),
        (
            "baseline:",
            "  - {id: w1, owner: b, reason: c, expires: 2027-01-01, check: [x]}\nbaseline:",
            ":13:10: two waivers have the id `w1`; give each an id of its own: the verdict names them by it",
        ),
        ("name: credit", "name: ' '", ":1:1: `name` is empty: call the project something"),
        ("name: credit\n", "", ":1:1: the key `name` is missing; add it"),
        (', asset: ["models/*.pkl"]', "", None),
        (
            ', category: [code-execution], asset: ["models/*.pkl"]',
            "",
            ":12:5: waiver 'w1' needs a `fingerprint` or a selector (`check`, `category`, `asset`)",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, message: str | None) -> None:
    assert old in FULL
    path = tmp_path / "aisecops.yaml"
    path.write_text(FULL.replace(old, new, 1))
    if message is None:
        load_manifest(str(path))
        return
    with pytest.raises(ManifestError) as caught:
        load_manifest(str(path))
    assert str(caught.value) == f"{path}{message}"


def test_what_is_no_file_at_all(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, what in (("absent", "no such file"), ("pipe", "not a file"), ("", "not a file")):
        with pytest.raises(ManifestError) as caught:
            load_manifest(str(tmp_path / name))
        assert caught.value.what == what
        assert caught.value.fix
