"""``model/structural-disclosure`` in whole runs: it tells, and fails nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from aisecops.core.taxonomy import Severity
from tests.checks.model.privacy_projects import project, ran, readings

CHECK = "model/structural-disclosure"
RNG = np.random.default_rng(0)
COLUMNS = {"x0": RNG.normal(size=80), "x1": RNG.normal(size=80), "label": RNG.integers(0, 2, 80)}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_neighbours_keep_every_row_and_the_gate_passes(tmp_path):
    sides = [{name: values[part] for name, values in COLUMNS.items()} for part in (slice(0, 50), slice(50, 80))]
    model = KNeighborsClassifier().fit(np.column_stack([sides[0]["x0"], sides[0]["x1"]]), sides[0]["label"])
    record = ran(project(tmp_path / "neighbours", model, *sides), CHECK)
    (finding,) = record.findings
    assert finding.evidence["kept"] == [{"where": "_fit_X", "count": 50, "of": 50}]
    assert finding.severity is Severity.LOW
    assert readings(record)["training-rows-stored", ""].value == 50
    assert record.verdict.outcome == "pass"
