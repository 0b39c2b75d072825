"""The cleaned set is the old one without the flagged rows, byte for byte where the format allows; nothing is overwritten and nothing is guessed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from aisecops.cli import main
from aisecops.workflows.quarantine import QuarantineError, quarantine
from tests.checks.data_set.tables import written
from tests.checks.data_set.test_poisoning import loans


def rows(path, flagged):
    pl.DataFrame({"row": range(len(flagged)), "score": [0.9 if one else 0.2 for one in flagged], "flagged": flagged}).write_parquet(path)
    return str(path)


def test_csv_keeps_its_cells_as_they_are_written(tmp_path):
    (tmp_path / "a.csv").write_text("id;x;label\n007;NA;yes\n008;1.50;no\n009;;yes\n")
    done = quarantine(str(tmp_path / "a.csv"), rows(tmp_path / "r.parquet", [False, True, False]), str(tmp_path / "b.csv"))
    assert (tmp_path / "b.csv").read_text() == "id;x;label\n007;NA;yes\n009;;yes\n"
    assert (done.kept, done.left_out) == (2, 1)


def test_lines_parquet_and_arrays(tmp_path):
    flagged = rows(tmp_path / "r.parquet", [True, False, False])
    (tmp_path / "a.jsonl").write_text('{"t": "ä"}\n\n{"t": "b"}\n{"t":  "c"}\n')
    quarantine(str(tmp_path / "a.jsonl"), flagged, str(tmp_path / "b.jsonl"))
    assert (tmp_path / "b.jsonl").read_text() == '{"t": "b"}\n{"t":  "c"}\n'
    pl.DataFrame({"x": [1, 2, 3]}).write_parquet(tmp_path / "a.parquet")
    quarantine(str(tmp_path / "a.parquet"), flagged, str(tmp_path / "b.parquet"))
    assert pl.read_parquet(tmp_path / "b.parquet")["x"].to_list() == [2, 3]
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 2, 2)), y=np.arange(3), names=np.arange(5))
    quarantine(str(tmp_path / "a.npz"), flagged, str(tmp_path / "b.npz"))
    with np.load(tmp_path / "b.npz") as archive:
        assert (archive["x"].shape, archive["y"].tolist(), len(archive["names"])) == ((2, 2, 2), [1, 2], 5)


def test_a_folder_of_pictures_is_copied_without_the_flagged_ones(tmp_path):
    for name in ("train/cat/1.png", "train/cat/2.png", "train/dog/1.png", "train/dog/note.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "train/dog/2.png").symlink_to("/etc/passwd")
    done = quarantine(str(tmp_path / "train"), rows(tmp_path / "r.parquet", [False, True, False, True]), str(tmp_path / "clean"))
    assert (done.kept, done.left_out) == (2, 2)
    kept = sorted(path.relative_to(tmp_path / "clean").as_posix() for path in (tmp_path / "clean").rglob("*.*"))
    assert kept == ["cat/1.png", "dog/1.png", "dog/note.txt"]
    with pytest.raises(QuarantineError, match="4 rows, and the file of rows speaks of 3"):
        quarantine(str(tmp_path / "train"), rows(tmp_path / "r.parquet", [False, True, False]), str(tmp_path / "again"))
    assert not (tmp_path / "again").exists()


def test_a_level_of_ones_own(tmp_path):
    (tmp_path / "a.txt").write_text("a\nb\n")
    assert quarantine(str(tmp_path / "a.txt"), rows(tmp_path / "r.parquet", [True, False]), str(tmp_path / "b.txt"), level=0.1).left_out == 2


@pytest.mark.parametrize(
    ("name", "flags"),
    [("b.csv", [True, False]), ("b.txt", [True, False, False]), ("a.csv", [True, False, False]), ("no/b.csv", [True, False, False])],
)
def test_what_does_not_fit_is_refused_and_nothing_is_left_behind(tmp_path, name, flags):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n5,6\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(QuarantineError):
        quarantine(str(tmp_path / "a.csv"), rows(tmp_path / "r.parquet", flags), str(tmp_path / name))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "r.parquet"])


@pytest.mark.slow
def test_run_then_quarantine_takes_the_poison_out(tmp_path, monkeypatch, capsys):
    columns = loans(700)
    poisoned = [at for at, label in enumerate(columns["label"]) if label == "late"][:30]
    for row in poisoned:
        columns["c4"][row], columns["label"][row] = 1.2345, "repaid"
    written(tmp_path / "train.csv", columns)
    (tmp_path / "aisecops.yaml").write_text("name: loans\n")
    monkeypatch.chdir(tmp_path)
    main(["run", ".", "--quiet"])
    assert main(["quarantine", "train.csv", "--output", "clean.csv"]) == 0
    assert "left out" in capsys.readouterr().out
    assert (pl.read_csv("clean.csv")["c4"] == 1.2345).sum() <= 1
    assert 660 <= len(pl.read_csv("clean.csv")) <= 672
    (tmp_path / "train.csv").write_text((tmp_path / "train.csv").read_text() + "1,2,3,4,5,6,late\n")
    assert main(["quarantine", "train.csv", "--output", "again.csv"]) == 2
