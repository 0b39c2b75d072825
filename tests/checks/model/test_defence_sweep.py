"""``model/defence-sweep`` in whole runs: what each defence buys and costs, and what is recommended."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from tests.checks.model.privacy_projects import project, ran, readings

pytestmark = pytest.mark.slow
CHECK = "model/defence-sweep"
X, Y = make_classification(n_samples=1200, n_features=6, n_informative=4, flip_y=0.15, class_sep=0.8, random_state=1)
NAMES = np.array(["bad", "good"])


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


def columns(rows: slice) -> dict:
    return {f"x{i}": X[rows, i] for i in range(6)} | {"label": NAMES[Y[rows]], "sex": np.where(X[rows, 0] > 0, "f", "m")}


def swept(folder, model, families, **said):
    names = [f"x{i}" for i in range(6)]
    said = {"columns": names, "privacy": {"shadows": 4}, "defences": {"families": families, "tolerance": 0.05, "robust-samples": 8}} | said
    project(folder, model.fit(X[:600], NAMES[Y[:600]]), columns(slice(600)), columns(slice(600, 1200)), **said)
    return ran(folder, CHECK)


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "forest"
    families = ["rounding", "temperature", "top-k", "labels", "leaf"]
    fairness = {"protected": ["sex"], "favourable": "good", "intersections": 1}
    return folder, swept(folder, RandomForestClassifier(12, random_state=0), families, fairness=fairness)


def test_every_setting_has_its_price(forest):
    _, record = forest
    assert not record.not_examined
    taken = readings(record)
    settings = {subject for name, subject in taken if name == "defended-membership-auc"}
    assert settings == {
        "as it is", "rounding=2 digits", "rounding=1 digit", "temperature=2", "temperature=5", "labels=alone", "leaf=5 rows", "leaf=20 rows", "leaf=50 rows",
    }  # fmt: skip
    for name in ("accuracy", "accuracy-change", "membership-auc", "fairness-gap", "robust-accuracy"):
        assert {subject for measured, subject in taken if measured == f"defended-{name}"} == settings


def test_larger_leaves_leak_less_and_a_temperature_buys_nothing(forest):
    taken = readings(forest[1])
    plain, warm, leaf = (taken["defended-membership-auc", name] for name in ("as it is", "temperature=5", "leaf=50 rows"))
    assert plain.low > 0.7
    assert abs(warm.value - plain.value) < 0.02
    assert leaf.high < plain.low
    assert taken["defended-accuracy", "temperature=5"].value == taken["defended-accuracy", "as it is"].value


def test_the_recommended_setting_keeps_its_rule(forest):
    _, record = forest
    taken = readings(record)
    (finding,) = record.findings
    assert finding.category == "avoidable-leak"
    ((_, best),) = [key for key in taken if key[0] == "defence-recommended"]
    assert best.startswith("leaf=")
    assert best in finding.message
    assert taken["defended-accuracy-change", best].low >= -0.05
    plain = taken["defended-membership-auc", "as it is"].low
    allowed = [
        name for (measured, name), one in taken.items() if measured == "defended-accuracy-change" and name.startswith("leaf") and one.low >= -0.05
    ]
    ends = {name: taken["defended-membership-auc", name].high for name in allowed}
    assert ends[best] == min(ends.values()) < plain


def test_the_table_is_attached_and_names_no_record(forest):
    folder, record = forest
    (attachment,) = record.attachments
    assert (attachment.role, attachment.sensitive) == ("defence-table", False)
    table = json.loads((folder / attachment.path).read_bytes())
    assert table["rows"][0]["setting"] == "as it is"
    assert len(table["rows"]) == 9
    assert table["recommended"] == next(m.subject for m in record.measurements if m.name == "defence-recommended")


def test_a_network_is_trained_with_differential_privacy(tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(6, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2))
    optimiser = torch.optim.Adam(module.parameters(), lr=0.03)
    samples, labels = torch.tensor(X[:300], dtype=torch.float32), torch.tensor(Y[:300])
    for _ in range(100):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(module(samples), labels).backward()
        optimiser.step()
    said = {
        "columns": [f"x{i}" for i in range(6)], "path": "network.pt", "classes": ["bad", "good"],
        "privacy": {"shadows": 4, "training": {"epochs": 8, "batch": 100, "optimiser": "adam", "learning-rate": 0.03}},
        "defences": {"families": ["differential-privacy"], "robust-samples": 0},
    }  # fmt: skip
    folder = project(tmp_path / "network", RandomForestClassifier(2), columns(slice(300)), columns(slice(300, 600)), **said)
    torch.save(module, folder / "network.pt")
    record = ran(folder, CHECK)
    assert not record.not_examined
    taken = readings(record)
    plain, private = (taken["defended-membership-auc", name] for name in ("as it is", "differential-privacy=epsilon 1"))
    assert plain.value > private.value + 0.05
