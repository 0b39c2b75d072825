"""Pictures in folders with a broken one, and pictures that a table lists by their paths, with label and split."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from aisecops.attacks.poisoning.images import badnets
from aisecops.workflows.run import RunRequest, run
from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.data_set.tables import written

POISONING = "data-set/poisoning"


@pytest.fixture(scope="module")
def stamped():
    digits = load_digits()
    return badnets(np.round(digits.images[:400] * 15), digits.target[:400], target=3, rate=0.05, seed=1)


def saved(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)


def ran(folder):
    return run(RunRequest(paths=(str(folder),), select=(POISONING,), jobs=1))


def test_a_broken_picture_and_one_of_another_size_do_not_end_the_search(tmp_path, stamped):
    for row, (pixels, label) in enumerate(zip(stamped.samples, stamped.y, strict=True)):
        saved(tmp_path / "train" / str(label) / f"{row:04}.png", pixels)
    (tmp_path / "train/0/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    saved(tmp_path / "train/1/large.png", np.zeros((20, 20)))
    record = ran(tmp_path)
    assert [one.evidence["target"] for one in record.findings] == ["3"]
    names = [f"{label}/{row:04}.png" for row, label in enumerate(stamped.y)]
    names = sorted([*names, "0/broken.png", "1/large.png"])
    poisoned = {f"3/{row:04}.png" for row in np.flatnonzero(stamped.mask)}
    assert {names[row] for row in record.findings[0].evidence["rows"]} <= poisoned, "rows are counted over all files, those left out among them"
    assert set(record.findings[0].evidence["files"]) <= poisoned
    (gap,) = [one for one in record.not_examined if one.check == POISONING]
    assert gap.reason.startswith("2 of 402 pictures were left out") and "0/broken.png" in gap.reason and str(tmp_path) not in gap.reason


def test_pictures_of_many_sizes_are_not_searched(tmp_path):
    for row in range(210):
        saved(tmp_path / "train" / "ab"[row % 2] / f"{row:04}.png", np.full((8 + row % 3, 8), row))
    (gap,) = [one for one in ran(tmp_path).not_examined if one.check == POISONING]
    assert "140 of 210 pictures" in gap.reason and gap.remedy == "bring them to one size"


@pytest.mark.parametrize("prefix", ["pics/", pytest.param("", marks=pytest.mark.slow)])
def test_labels_in_a_table_of_pictures_are_searched_for_poison(tmp_path, stamped, prefix):
    for row, pixels in enumerate(stamped.samples):
        saved(tmp_path / "pics" / f"{row:04}.png", pixels)
    written(tmp_path / "index.csv", {"file": [f"{prefix}{row:04}.png" for row in range(400)], "label": [f"d{one}" for one in stamped.y]})
    record = ran(tmp_path)
    (finding,) = record.findings
    assert finding.evidence["target"] == "d3" and finding.asset.endswith("index.csv")
    assert set(finding.evidence["rows"]) <= set(np.flatnonzero(stamped.mask).tolist())
    assert not [one for one in record.not_examined if one.asset == finding.asset]


def listed(folder, copies):
    digits = load_digits()
    rows = {"file": [], "label": [], "split": []}
    for row in range(200):
        held_out = row >= 150
        of = row - 100 if held_out and row < 150 + copies else row
        saved(folder / "pics" / f"{row:03}.png", np.tile(digits.images[of] * 15 + held_out, (3, 3)))
        rows["file"].append(f"pics/{row:03}.png")
        rows["label"].append(int(digits.target[of]))
        rows["split"].append("test" if held_out else "train")
    return rows


@pytest.mark.parametrize("copies", [0, 9])
def test_test_pictures_that_are_training_pictures_are_told_by_a_table_with_a_split(tmp_path, copies):
    written(tmp_path / "index.csv", listed(tmp_path, copies))
    record = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/split-leakage",), jobs=1))
    assert [one.message[:35] for one in record.findings] == ([f"{copies} of 50 test pictures (18.0%) stand"] if copies else [])


def test_test_pictures_of_one_table_among_those_of_another(tmp_path):
    rows = listed(tmp_path, 7)
    for name, part in (("train.csv", slice(0, 150)), ("test.csv", slice(150, 200))):
        written(tmp_path / name, {column: rows[column][part] for column in ("file", "label")})
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/split-leakage",), jobs=1)).findings
    assert finding.message.startswith("7 of 50 test pictures (14.0%) stand in train.csv")


def test_pictures_that_a_table_names_and_nobody_has(tmp_path):
    rows = listed(tmp_path, 0)
    rows["file"][17], rows["file"][21] = "pics/none.png", "../../etc/passwd.png"
    rows["file"][33] = ""
    written(tmp_path / "index.csv", rows)
    told = [one for one in scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1)).findings if "table names" in one.message]
    assert [one.message for one in told] == ["2 of 199 pictures that the table names in `file` are not there; the first is in row 17 (from 0)."]


def test_a_table_whose_pictures_are_elsewhere_and_a_folder_of_broken_ones_are_no_crash(tmp_path):
    rows = {"file": [f"../away/{row}.png" for row in range(260)], "label": ["a", "b"] * 130, "split": ["train"] * 200 + ["test"] * 60}
    written(tmp_path / "index.csv", rows)
    for row in range(12):
        (tmp_path / "pics").mkdir(exist_ok=True)
        (tmp_path / f"pics/{row}.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    record = run(RunRequest(paths=(str(tmp_path),), select=("data-set/*",), jobs=1))
    assert "crash" not in {one.code for one in record.not_examined}
    (gap,) = [one for one in record.not_examined if one.check == POISONING and one.path.endswith("index.csv")]
    assert gap.reason == "the pictures that `file` names are not there"
