"""Copies with a little noise: rows, pictures, test rows in training; values in another unit. What is told was compared in full, and sound data are left alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageEnhance
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_sample_images, load_wine

from aisecops.core.examination import NotExamined
from aisecops.datasets.near_rows import near_rows
from aisecops.datasets.pictures import near_pictures, read_pictures
from aisecops.datasets.units import wrong_units
from tests.checks.data_set.tables import looked_at, readings, scanned, weaknesses


def frame(values) -> pl.DataFrame:
    return pl.DataFrame({f"c{n}": column for n, column in enumerate(np.asarray(values).T)})


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris, load_wine])
def test_rows_of_real_tables_are_no_copies_and_noisy_copies_are_all_found(load):
    rows, rng = load().data, np.random.default_rng(0)
    sound = near_rows(frame(rows), frame(rows).columns)
    assert sound is not None and len(sound.left) == 0
    chosen = rng.choice(len(rows), len(rows) // 20, replace=False)
    noisy = rows[chosen] + rng.normal(size=(len(chosen), rows.shape[1])) * rows.std(axis=0) * 0.001
    table = frame(np.vstack([rows, noisy]))
    found = near_rows(table, table.columns)
    assert {(int(a), int(b)) for a, b in zip(found.left, found.right, strict=True)} == {(int(row), len(rows) + n) for n, row in enumerate(chosen)}
    across = near_rows(frame(noisy), table.columns, frame(rows))
    assert sorted(across.left.tolist()) == list(range(len(chosen))) and set(across.right.tolist()) == set(chosen.tolist())


@pytest.mark.parametrize("columns", [4, 6, 10])
def test_chance_makes_no_copies(columns):
    found = near_rows(table := frame(np.random.default_rng(1).normal(size=(5_000, columns))), table.columns)
    assert found is None or len(found.left) == 0


def test_the_checks_tell_of_noisy_rows_within_and_across_sets(tmp_path):
    rng = np.random.default_rng(3)
    train, fresh = rng.normal(size=(300, 5)), rng.normal(size=(100, 5))
    fresh[:20] = train[100:120] + rng.normal(size=(20, 5)) * 1e-4
    frame(train).write_csv(tmp_path / "train.csv")
    frame(fresh).write_csv(tmp_path / "test.csv")
    (finding,) = weaknesses(looked_at("data-set/split-leakage", tmp_path / "test.csv", tmp_path / "train.csv"))
    assert "20 of 100 test rows (20.0%)" in finding.message and "0 exactly, 20 nearly" in finding.message
    frame(np.vstack([train, fresh])).write_csv(tmp_path / "all.csv")
    said = looked_at("data-set/quality", tmp_path / "all.csv")
    assert readings(said)["near-repeated-share"].value == 20 / 400
    assert [finding.evidence["kind"] for finding in weaknesses(said)] == ["near-repeated"]


def test_types_that_are_no_numbers_are_compared_for_what_they_are(tmp_path):
    rng = np.random.default_rng(4)
    rows = frame(rng.normal(size=(200, 4))).with_columns(
        plan=pl.Series(["basic", "extended"] * 100, dtype=pl.Categorical),
        tier=pl.Series(["a", "b", "c", "d"] * 50, dtype=pl.Enum(["a", "b", "c", "d"])),
        raw=pl.Series([bytes([n]) for n in range(200)]),
        day=pl.Series([None, *range(199)]).cast(pl.Date),
    )
    noisy = rows[:10].with_columns(pl.col("c0") + 1e-5)
    other = rows[10:20].with_columns(pl.col("c0") + 1e-5, raw=pl.lit(b"another"))
    pl.concat([rows, noisy, other]).write_parquet(tmp_path / "typed.parquet")
    said = looked_at("data-set/quality", tmp_path / "typed.parquet")
    assert not [item for item in said if isinstance(item, NotExamined)]
    assert readings(said)["near-repeated-share"].value == 10 / 220


def test_a_few_values_in_another_unit_are_found_by_row_and_heavy_tails_are_none():
    told = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        height = rng.normal(170, 9, 500)
        chosen = rng.choice(500, 20, replace=False)
        height[chosen] /= 100
        (found,) = wrong_units(pl.LazyFrame({"height": height}), ["height"])
        assert set(found.rows) == set(chosen.tolist()) and found.factor == pytest.approx(0.01)
        tails = {"a": rng.lognormal(0, 1, 500), "b": rng.exponential(1, 500), "c": rng.pareto(1.5, 500) + 1, "d": rng.uniform(1, 100, 500)}
        told += len(list(wrong_units(pl.LazyFrame(tails), list(tails))))
    assert told <= 1


def test_what_is_wrong_with_one_of_a_thousand_columns_and_a_few_rows_is_found(tmp_path):
    rng = np.random.default_rng(5)
    cells = rng.normal(50, 4, size=(240, 1_100))
    cells[200:220] = cells[:20]
    cells[220:] = cells[20:40] + rng.normal(size=(20, 1_100)) * 0.004
    wrong = 40 + rng.choice(160, 15, replace=False)
    cells[wrong, 1_050] *= 1000
    frame(cells).write_parquet(tmp_path / "wide.parquet")
    said = {finding.evidence["kind"]: finding for finding in weaknesses(looked_at("data-set/quality", tmp_path / "wide.parquet"))}
    assert set(said) == {"repeated", "near-repeated", "unit"}
    assert "20 of 240 rows" in said["repeated"].message and "`c1050` seem 1000 times too large" in said["unit"].message


def test_a_column_may_be_called_as_polars_calls_its_own(tmp_path):
    rows = np.random.default_rng(6).normal(size=(60, 3))
    table = pl.DataFrame({"count": [*rows[:, 0], *rows[:6, 0]], "len": [*rows[:, 1], *rows[:6, 1]], "value": [*rows[:, 2], *rows[:6, 2]]})
    table.write_parquet(tmp_path / "a.parquet")
    assert [finding.evidence["kind"] for finding in weaknesses(looked_at("data-set/quality", tmp_path / "a.parquet"))] == ["repeated"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Crops of two photographs; copies of them that were scaled, brightened, recompressed, and one that is the same."""
    top, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for name in ("train", "test"):
        (top / name).mkdir()
    photographs = load_sample_images().images
    for n in range(40):
        side, photograph = int(rng.integers(80, 200)), Image.fromarray(photographs[n % 2])
        x, y = (int(rng.integers(0, most - side)) for most in photograph.size)
        crop = photograph.crop((x, y, x + side, y + side))
        crop.save(top / f"train/{n:02}.png")
        if n < 12:
            copy = [crop.resize((side * 2 // 3,) * 2), ImageEnhance.Brightness(crop).enhance(1.1), crop.convert("L").convert("RGB"), crop][n % 4]
            copy.save(top / f"test/{n:02}.jpg", quality=85)
    (top / "test/same.png").write_bytes((top / "train/05.png").read_bytes())
    return top


def test_pictures_that_were_scaled_and_recompressed_are_found_and_others_are_not(folders):
    train, test = read_pictures(str(folders / "train")), read_pictures(str(folders / "test"))
    assert near_pictures(train) == []
    pairs = {(test.names[left][:2], train.names[right][:2]) for left, right, _ in near_pictures(test, train)}
    assert pairs <= {(f"{n:02}", f"{n:02}") for n in range(12)} | {("sa", "05")}
    assert len(pairs) >= 11 and ("sa", "05") in pairs


def test_written_digits_are_no_copies_of_each_other(tmp_path):
    for n, digit in enumerate(load_digits().images[:600]):
        Image.fromarray((digit * 15.9).astype("uint8")).save(tmp_path / f"{n:03}.png")
    assert near_pictures(read_pictures(str(tmp_path))) == []


def test_a_scan_tells_of_test_pictures_in_training_and_of_pictures_that_are_none(folders):
    (folders / "test/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n rubbish")
    (finding,) = scanned(folders, "data-set/split-leakage").findings
    assert finding.category == "split-leakage" and "of 13 test pictures" in finding.message and finding.severity == "high"
    run = scanned(folders, "data-set/quality")
    (finding,) = run.findings
    assert finding.evidence["kind"] == "repeated-pictures" and "same.png" in finding.message
    (gap,) = run.not_examined
    assert isinstance(gap, NotExamined) and "broken.png" in gap.reason
