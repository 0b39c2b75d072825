"""Models and test sets that are not what they should be: a clear reason, never a wrong number."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import yaml
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LinearRegression

from aisecops.core.run import Run
from aisecops.workflows.run import RunRequest, run

X, Y = load_breast_cancer(return_X_y=True)
X = X[:, :5]


def write(path: Path, rows: list[list[Any]], labels: Any) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*"abcde", "kind"])
        writer.writerows([*row, label] for row, label in zip(rows, labels, strict=True))


def with_cell(value: str) -> list[list[Any]]:
    rows = [list(map(float, row)) for row in X[:60]]
    rows[7][2] = value
    return rows


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("bad")
    joblib.dump(GradientBoostingClassifier(n_estimators=5).fit(X, Y), folder / "trees.joblib")
    joblib.dump(DummyClassifier().fit(X, Y), folder / "constant.joblib")
    joblib.dump(LinearRegression().fit(X, Y), folder / "regressor.joblib")
    write(folder / "good.csv", X[:60].tolist(), Y[:60])
    write(folder / "missing.csv", with_cell(""), Y[:60])
    write(folder / "words.csv", with_cell("oops"), Y[:60])
    write(folder / "absurd.csv", with_cell("1e300"), Y[:60])
    write(folder / "three.csv", X[np.flatnonzero(Y)[:3]].tolist(), [1, 1, 1])
    (folder / "ragged.csv").write_text("a,b,c,d,e,kind\n1,2,3\n")
    evasion = {"samples": 60, "queries": 30}
    models = {
        "missing": ("trees", "missing"), "words": ("trees", "words"), "ragged": ("trees", "ragged"), "three": ("trees", "three"),
        "absurd": ("trees", "absurd"), "constant": ("constant", "good"), "regressor": ("regressor", "good"),
    }  # fmt: skip
    declared = [
        {"name": name, "path": f"{model}.joblib", "data": f"{data}.csv", "label": "kind", "evasion": dict(evasion)}
        for name, (model, data) in models.items()
    ]
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "bad", "models": declared}))
    return run(RunRequest(paths=(str(folder),), select=("model/evasion", "model/quality", "model/false-security")))


def reasons(record: Run, name: str) -> str:
    return " ".join(gap.reason for gap in record.not_examined if gap.asset == f"model:{name}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "NaN"),
        ("words", "words.csv:9: column `c` holds numbers, and here a text of the shape `xxxx`"),
        ("ragged", "3 fields, the header has 6"),
        ("absurd", "absurd.csv: column `c` has the value 1e+300 in row 7, and nearly all others lie between"),
        ("regressor", "attacks need labels"),
        ("three", "all 3 samples of the test set are of one class"),
    ],
)
def test_the_reason_is_one_line_that_names_the_place(record, name, said):
    assert said in reasons(record, name)
    assert "/tmp" not in reasons(record, name)


def test_robustness_of_a_constant_model_is_no_number_to_use(record):
    numbers = [m for m in record.measurements if m.assets == ("model:constant",) and m.name == "robust-accuracy"]
    assert numbers and all("constant-answers" in m.blocked for m in numbers)
    assert {f.category for f in record.findings if f.asset == "model:constant"} == {"low-quality", "false-security"}


def test_nothing_crashed(record):
    assert not [gap for gap in record.not_examined if gap.code.value in ("crash", "timeout") and "raised" not in gap.reason]
