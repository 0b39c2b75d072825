"""Rows of a test set that a model has learned from are found, exactly and nearly; sound splits are left alone."""

from __future__ import annotations

import random

import pytest

from aisecops.core.finding import Weakness
from aisecops.datasets.roles import ColumnRoles
from aisecops.project.data_sets import DeclaredData
from tests.checks.data_set.tables import looked_at, readings, scanned, weaknesses, written

CHECK = "data-set/split-leakage"
WORDS = [f"word{n}" for n in range(2000)]


def numbers(rows: int, seed: int) -> dict[str, list]:
    rng = random.Random(seed)
    return {name: [round(rng.gauss(0, 1), 5) for _ in range(rows)] for name in "abcd"} | {"label": [rng.randrange(2) for _ in range(rows)]}


def texts(rows: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=30)) for _ in range(rows)]


def split(tmp_path, train, test, **settings):
    paths = written(tmp_path / "test.csv", test), written(tmp_path / "train.csv", train)
    return looked_at(CHECK, *paths, **settings)


def told(said) -> dict[str, Weakness]:
    return {weakness.evidence["kind"]: weakness for weakness in weaknesses(said)}


@pytest.mark.parametrize("seed", range(3))
def test_a_sound_split_is_left_alone(tmp_path, seed):
    said = split(tmp_path, numbers(500, seed) | {"text": texts(500, seed)}, numbers(200, seed + 100) | {"text": texts(200, seed + 100)})
    assert weaknesses(said) == [] and readings(said)["leaked-share"].value == 0.0


def test_rows_of_the_training_set_are_found_even_with_another_label(tmp_path):
    train, test = numbers(500, 1), numbers(200, 2)
    for name in "abcd":
        test[name][10:30] = train[name][50:70]
    said = split(tmp_path, train, test)
    assert readings(said)["leaked-share"].value == 0.1
    assert "20 exactly, 0 nearly; the first is row 10" in told(said)["rows"].message


def test_texts_with_a_changed_word_are_found_nearly(tmp_path):
    train, test = {"text": texts(500, 1)}, {"text": texts(200, 2)}
    for n in range(20):
        test["text"][n] = train["text"][n].replace(train["text"][n].split()[0], "different", 1)
    assert "0 exactly, 20 nearly" in told(split(tmp_path, train, test))["rows"].message


def test_coincidence_in_a_narrow_table_is_no_leak(tmp_path):
    rng = random.Random(3)
    narrow = {"a": [rng.randrange(4) for _ in range(300)], "b": [rng.randrange(3) for _ in range(300)]}
    assert weaknesses(split(tmp_path, narrow, {name: values[:100] for name, values in narrow.items()})) == []


def test_groups_on_both_sides_are_told(tmp_path):
    train = numbers(300, 1) | {"patient_id": [n % 60 for n in range(300)]}
    test = numbers(100, 2) | {"patient_id": [50 + n % 20 for n in range(100)]}
    assert "10 of 20 values of `patient_id`" in told(split(tmp_path, train, test))["groups"].message


def test_parts_of_one_table_are_told_apart_by_its_split_column(tmp_path):
    table = numbers(300, 1) | {"part": ["train"] * 200 + ["test"] * 100}
    for name in "abcd":
        table[name][250:260] = table[name][0:10]
    path = written(tmp_path / "all.csv", table)
    said = looked_at(CHECK, path, declared={"all.csv": DeclaredData(columns=ColumnRoles(split="part"))})
    assert "10 of 100 test rows (10.0%)" in told(said)["rows"].message


def test_a_scan_finds_both_sets_by_their_names(tmp_path):
    train, test = numbers(300, 1), numbers(100, 2)
    for name in "abcd":
        test[name][:5] = train[name][:5]
    written(tmp_path / "data" / "train.csv", train)
    written(tmp_path / "data" / "test.csv", test)
    (finding,) = scanned(tmp_path, CHECK).findings
    assert finding.category == "split-leakage" and finding.locations[0].path == "data/test.csv"
