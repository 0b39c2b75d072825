"""``model/attribute-inference`` in whole runs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from tests.attacks.inference.test_attribute import X, Y
from tests.checks.model.privacy_projects import project, ran, readings

CHECK = "model/attribute-inference"
NAMES = ("sex", "x1", "x2", "x3", "x4", "x5")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def columns(rows: slice) -> dict:
    return {name: X[rows, i] for i, name in enumerate(NAMES)} | {"label": Y[rows]}


def test_a_leak_is_told_with_its_control_and_an_unknown_column_is_a_gap(tmp_path):
    model = RandomForestClassifier(20, random_state=0).fit(X[:1000], Y[:1000])
    folder = project(tmp_path / "leak", model, columns(slice(1000)), columns(slice(1000, 2000)), privacy={"sensitive": ["sex", "diagnosis"]})
    record = ran(folder, CHECK)
    (finding,) = record.findings
    assert finding.category == "attribute-inference"
    assert "Without the model" in finding.message
    taken = readings(record)
    assert 0.05 < taken["attribute-leak", "sex"].low <= taken["attribute-leak", "sex"].value
    assert 0.6 < taken["attribute-imputation", "sex"].value < 0.9
    (gap,) = record.not_examined
    assert "no column 'diagnosis'" in gap.reason


@pytest.mark.slow
def test_a_simple_model_gives_no_alarm_and_a_small_budget_is_told(tmp_path):
    model = LogisticRegression().fit(X[:1000], Y[:1000])
    folder = project(tmp_path / "simple", model, columns(slice(1000)), columns(slice(1000, 2000)), privacy={"sensitive": ["sex"]})
    record = ran(folder, CHECK)
    assert record.findings == ()
    assert np.isfinite(readings(record)["attribute-leak", "sex"].value)
    folder = project(
        tmp_path / "budget", model, columns(slice(1000)), columns(slice(1000, 2000)), privacy={"sensitive": ["sex"]}, budget={"queries": 100}
    )
    (gap,) = ran(folder, CHECK).not_examined
    assert "the budget leaves" in gap.reason
