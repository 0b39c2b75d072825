"""``model/membership-inference`` in whole runs: leaks found in quarantine, voids and gaps said, nothing personal in the record."""

from __future__ import annotations

import hashlib
import json
import time

import numpy as np
import pandas
import pytest
import yaml
from cryptography.fernet import Fernet
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.inference.sealed import KEY, unseal
from aisecops.core.errors import UserError
from aisecops.report.record import render
from tests.checks.model.privacy_projects import project, ran, readings, write_table

CHECK = "model/membership-inference"
X, Y = make_classification(n_samples=1000, n_features=8, n_informative=4, flip_y=0.15, class_sep=0.8, random_state=1)
NAMES = np.array(["bad", "good"])


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def columns(rows: slice, shift: float = 0.0) -> dict:
    return {f"x{i}": X[rows, i] + shift * (i == 0) for i in range(8)} | {"label": NAMES[Y[rows]]}


def trained(model):
    return model.fit(pandas.DataFrame(X[:500], columns=[f"x{i}" for i in range(8)]), NAMES[Y[:500]])


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    model = trained(RandomForestClassifier(20, random_state=0))
    folder = tmp_path_factory.mktemp("privacy") / "forest"
    project(folder, model, columns(slice(500)), columns(slice(500, 1000)), privacy={"shadows": 4})
    return ran(folder, CHECK)


def test_a_forest_that_knows_its_rows_by_heart_is_found(forest):
    assert not forest.not_examined
    (finding,) = forest.findings
    assert (finding.check, finding.category) == (CHECK, "membership-inference")
    assert finding.severity.value in ("high", "medium")
    taken = readings(forest)
    assert taken["membership-auc", ""].low > 0.6
    at_one, at_thousandth = taken["membership-tpr", "fpr 1%"], taken["membership-tpr", "fpr 0.1%"]
    assert 0.02 < at_one.low <= at_one.value <= at_one.high
    assert at_thousandth.value is None
    assert "3,688 are needed" in at_thousandth.blocked
    assert not taken["membership-auc", ""].blocked
    assert finding.evidence["shadows"] == 4


def test_no_record_of_a_person_is_in_the_record(forest):
    assert forest.attachments == ()
    text = render(forest).decode()
    assert not any(repr(float(value)) in text for value in X[:500].ravel())


@pytest.mark.slow
def test_a_list_of_exposed_records_is_kept_sealed_and_only_where_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY, raising=False)
    model = trained(RandomForestClassifier(10, random_state=0))
    folder = project(tmp_path / "kept", model, columns(slice(500)), columns(slice(500, 1000)), privacy={"shadows": 0, "keep-risks": True})
    (gap,) = ran(folder, CHECK).not_examined
    assert KEY in gap.reason
    monkeypatch.setenv(KEY, Fernet.generate_key().decode())
    record = ran(folder, CHECK)
    (attachment,) = record.attachments
    assert attachment.sensitive
    token = (folder / attachment.path).read_bytes()
    assert b"member" not in token
    assert json.loads(unseal(token))["model"] == "scorer"
    with pytest.raises(UserError, match="older than 30 days"):
        unseal(token, now=time.time() + 31 * 86_400)
    monkeypatch.setenv(KEY, Fernet.generate_key().decode())
    with pytest.raises(UserError, match="not sealed with the key"):
        unseal(token)


def test_a_model_of_few_answers_gives_no_alarm(tmp_path):
    folder = project(
        tmp_path / "simple", trained(DecisionTreeClassifier(max_depth=2)), columns(slice(500)), columns(slice(500, 1000)), privacy={"shadows": 4}
    )
    record = ran(folder, CHECK)
    assert record.findings == ()
    assert 0.4 < readings(record)["membership-auc", ""].value < 0.6


@pytest.mark.slow
def test_data_of_another_source_block_the_numbers(tmp_path):
    folder = project(
        tmp_path / "shifted",
        trained(RandomForestClassifier(10, random_state=0)),
        columns(slice(500)),
        columns(slice(500, 1000), 1.0),
        privacy={"shadows": 0},
    )
    record = ran(folder, CHECK)
    taken = readings(record)
    assert record.findings == ()
    assert taken["blind-auc", ""].low > 0.5
    assert "differ without the model" in taken["membership-auc", ""].blocked


@pytest.mark.slow
def test_training_rows_in_the_test_set_are_no_others(tmp_path):
    folder = project(
        tmp_path / "twice",
        trained(RandomForestClassifier(10, random_state=0)),
        columns(slice(500)),
        columns(slice(300, 1000)),
        privacy={"shadows": 0},
    )
    record = ran(folder, CHECK)
    (finding,) = record.findings
    assert "200 rows of the test set, which are training data" in finding.message


@pytest.mark.slow
def test_frames_with_categories_are_trained_on_as_frames(tmp_path):
    rng = np.random.default_rng(0)
    job = rng.choice(["cook", "nurse", "smith"], 1000)
    frame = pandas.DataFrame({"job": job, "income": X[:, 0].round(3), "age": rng.integers(18, 80, 1000)})
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["job"]), remainder="passthrough")
    model = make_pipeline(encoder, RandomForestClassifier(10, random_state=0)).fit(frame[:500], NAMES[Y[:500]])
    data = [{name: frame[name][rows] for name in frame} | {"label": NAMES[Y[rows]]} for rows in (slice(500), slice(500, 1000))]
    record = ran(project(tmp_path / "frames", model, data[0], data[1], privacy={"shadows": 4}), CHECK)
    assert not record.not_examined
    assert readings(record)["membership-auc", ""].low > 0.55


@pytest.mark.slow
def test_what_is_missing_is_said(tmp_path):
    folder = project(tmp_path / "columns", trained(RandomForestClassifier(5, random_state=0)), columns(slice(500)), columns(slice(500, 1000)))
    write_table(folder / "train.csv", {"x0": [1, 2], "label": ["bad", "good"]})
    (gap,) = ran(folder, CHECK).not_examined
    assert "there is no column `x1`" in gap.reason
    write_table(folder / "train.csv", columns(slice(10)))
    (gap,) = ran(folder, CHECK).not_examined
    assert "too few" in gap.reason


def test_without_training_data_it_is_not_planned(tmp_path):
    folder = project(tmp_path / "none", trained(RandomForestClassifier(5, random_state=0)), columns(slice(500)), columns(slice(500, 1000)))
    manifest = folder / "aisecops.yaml"
    manifest.write_text("\n".join(line for line in manifest.read_text().splitlines() if "training-data" not in line))
    planned = {check.id: check.planned for check in ran(folder, CHECK, "model/quality").checks}
    assert planned.get(CHECK, 0) == 0


@pytest.mark.slow
def test_a_network_is_attacked_by_shadows_where_its_training_is_declared(tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(8, 48), torch.nn.ReLU(), torch.nn.Linear(48, 2))
    optimiser = torch.optim.Adam(module.parameters(), lr=0.03)
    samples, labels = torch.tensor(X[:500], dtype=torch.float32), torch.tensor(Y[:500])
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(module(samples), labels).backward()
        optimiser.step()
    folder = project(tmp_path / "network", DecisionTreeClassifier(max_depth=1).fit(X, Y), columns(slice(500)), columns(slice(500, 1000)))
    torch.save(module, folder / "network.pt")
    manifest = yaml.safe_load((folder / "aisecops.yaml").read_text())
    digest = "sha256:" + hashlib.sha256((folder / "network.pt").read_bytes()).hexdigest()
    manifest["models"][0] |= {
        "path": "network.pt", "classes": ["bad", "good"], "trust": {"digest": digest, "owner": "tests", "reason": "made here", "expires": "2999-01-01"},
        "privacy": {"shadows": 4, "training": {"epochs": 60, "batch": 500, "optimiser": "adam", "learning-rate": 0.03}},
    }  # fmt: skip
    (folder / "aisecops.yaml").write_text(yaml.safe_dump(manifest))
    record = ran(folder, CHECK)
    assert not record.not_examined
    (finding,) = record.findings
    assert finding.evidence["shadows"] == 4
    assert readings(record)["membership-auc", ""].low > 0.55
