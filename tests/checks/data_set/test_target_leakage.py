"""Columns that give the label away are found; good predictors are not."""

from __future__ import annotations

import random

import pytest

from tests.checks.data_set.tables import looked_at, readings, scanned, weaknesses, written

CHECK = "data-set/target-leakage"
N = 600


def honest(seed: int = 0) -> dict[str, list]:
    rng = random.Random(seed)
    label = [rng.randrange(2) for _ in range(N)]
    return {
        "id": list(range(N)),
        "strong": [round(rng.gauss(3 * value, 1), 4) for value in label],
        "noise": [round(rng.gauss(0, 1), 4) for _ in range(N)],
        "unique": [f"text {n}" for n in range(N)],
        "label": label,
    }


def leaking(tmp_path, table) -> list[str]:
    return [weakness.evidence["column"] for weakness in weaknesses(looked_at(CHECK, written(tmp_path / "a.csv", table)))]


@pytest.mark.parametrize("seed", range(5))
def test_a_good_predictor_is_no_leak(tmp_path, seed):
    said = looked_at(CHECK, written(tmp_path / "a.csv", honest(seed)))
    assert weaknesses(said) == [] and 0.7 < readings(said)["giveaway"].value < 0.95 and readings(said)["giveaway"].subject == "strong"


LEAKS = {
    "copied": lambda label, rng: ["fraud" if value else "fine" for value in label],
    "number": lambda label, rng: [value * 100 + rng.random() for value in label],
    "filled-in": lambda label, rng: [rng.randrange(1000) if value else "" for value in label],
    "numbered": lambda label, rng: [10_000 * value + n for n, value in enumerate(label)],
}


@pytest.mark.parametrize("kind", LEAKS)
def test_each_kind_of_leak_is_found(tmp_path, kind):
    table = honest(1)
    table["suspect"] = LEAKS[kind](table["label"], random.Random(2))
    assert leaking(tmp_path, table) == ["suspect"]


def test_few_rows_one_class_and_no_label_say_nothing(tmp_path):
    table = honest(1)
    table["suspect"] = table["label"]
    assert leaking(tmp_path, {name: values[:60] for name, values in table.items()}) == []
    assert leaking(tmp_path, table | {"label": [1] * N}) == []
    assert leaking(tmp_path, {("result" if name == "label" else name): values for name, values in table.items()}) == []


def test_the_label_that_a_model_names_is_the_label_of_its_data(tmp_path):
    table = honest()
    table["qx7"] = table.pop("label")
    table["copy"] = ["fraud" if value else "fine" for value in table["qx7"]]
    written(tmp_path / "a.csv", table)
    manifest = "name: p\nmodels:\n- {name: m, path: m.pkl, data: a.csv, label: LABEL}\n"
    (tmp_path / "aisecops.yaml").write_text(manifest.replace("LABEL", "''"))
    assert scanned(tmp_path, CHECK).findings == ()
    (tmp_path / "aisecops.yaml").write_text(manifest.replace("LABEL", "qx7"))
    assert [finding.evidence["column"] for finding in scanned(tmp_path, CHECK).findings] == ["copy"]
