"""``model/differential-privacy`` in whole runs: claims that hold, claims that accounting refutes, and one that an attack refutes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier

from aisecops.core.errors import UserError
from tests.checks.model.privacy_projects import project, ran, readings

CHECK = "model/differential-privacy"
X, Y = make_classification(n_samples=1200, n_features=6, n_informative=4, flip_y=0.4, random_state=2)
RUN = {"noise-multiplier": 1.1, "sample-rate": 0.01, "steps": 1000}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def columns(rows: slice) -> dict:
    return {f"x{i}": X[rows, i] for i in range(6)} | {"label": np.array(["bad", "good"])[Y[rows]]}


def claiming(tmp_path, claim: dict, **said):
    model = DecisionTreeClassifier(random_state=0).fit(X[:600], np.array(["bad", "good"])[Y[:600]])
    folder = project(tmp_path / "claim", model, columns(slice(600)), columns(slice(600, 1200)), privacy={"shadows": 4, "differential": claim}, **said)
    return ran(folder, CHECK)


def test_a_claim_of_one_run_is_held_against_the_search_and_against_the_attack(tmp_path):
    """A tree that knows every row by heart cannot have an epsilon of 1.6, whatever its settings say."""
    record = claiming(tmp_path, {"epsilon": 1.6, "delta": 1e-5, "runs": 40} | RUN)
    assert not record.not_examined
    search, refuted = sorted(record.findings, key=lambda finding: "attack" in finding.title)
    assert "search was not counted" in search.title
    assert "spends 1.52" in search.message
    assert search.severity.value == "high"
    assert "attack refutes" in refuted.title
    taken = readings(record)
    assert taken["epsilon-accounted", "one run"].value == pytest.approx(1.516, abs=0.01)
    assert taken["epsilon-accounted", "search"].value > 11
    assert taken["epsilon-at-least", "one-run"].low > 0
    assert refuted.evidence["claimed"] == 1.6
    assert max(reading.value for key, reading in taken.items() if key[0] == "epsilon-at-least") > 1.6


def test_a_claim_that_holds_and_one_that_is_too_low(tmp_path):
    for claimed, findings in ((1.52, 0), (1.4, 1)):
        (tmp_path / str(findings)).mkdir()
        record = claiming(tmp_path / str(findings), {"epsilon": claimed, "delta": 1e-5} | RUN, **{"training-data": ""})
        assert len(record.findings) == findings
    assert "give 1.52 for one run" in record.findings[0].message


def test_a_claim_without_settings_or_data_cannot_be_judged(tmp_path):
    (gap,) = claiming(tmp_path, {"epsilon": 1.0, "delta": 1e-5}, **{"training-data": ""}).not_examined
    assert "neither be recomputed nor attacked" in gap.reason


@pytest.mark.parametrize(
    "wrong", [{"epsilon": -1, "delta": 1e-5}, {"epsilon": 1, "delta": 1e-5, "steps": 10}, {"epsilon": 1, "delta": 1e-5, "runs": 0}]
)
def test_a_claim_that_cannot_be_is_refused_with_its_place(tmp_path, wrong):
    with pytest.raises(UserError) as refused:
        claiming(tmp_path, wrong)
    assert "aisecops.yaml" in str(refused.value.where)
