"""``model/inversion`` in whole runs: images and tables, a person in a class of one, and what is kept."""

from __future__ import annotations

import io

import joblib
import numpy as np
import pytest
import yaml
from cryptography.fernet import Fernet
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.inference.sealed import KEY, unseal
from tests.checks.model.privacy_projects import project, ran, readings

CHECK = "model/inversion"
X, Y = load_digits(return_X_y=True)
ORDER = np.random.default_rng(5).permutation(len(Y))  # as they stand, other people wrote the last digits
X, Y = X[ORDER] / 16, Y[ORDER]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def pictures(folder, members, labels, **privacy):
    folder.mkdir()
    joblib.dump(LogisticRegression(C=100, max_iter=300).fit(members, labels), folder / "model.joblib")
    np.savez(folder / "train.npz", images=members.reshape(-1, 8, 8), label=labels)
    np.savez(folder / "test.npz", images=X[900:].reshape(-1, 8, 8), label=Y[900:])
    declared = {
        "name": "faces", "path": "model.joblib", "task": "image", "shape": [64], "data": "test.npz", "training-data": "train.npz", "label": "label",
        "privacy": privacy,
    }  # fmt: skip
    (folder / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    return folder


def test_one_person_in_a_class_is_reconstructed_and_honest_classes_are_averages(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, Fernet.generate_key().decode())
    kept = (Y[:900] != 7) | (np.arange(900) == np.flatnonzero(Y == 7)[0])
    record = ran(pictures(tmp_path / "one", X[:900][kept], Y[:900][kept], **{"keep-risks": True}), CHECK)
    (finding,) = record.findings
    assert finding.category == "model-inversion"
    assert [shown["label"] for shown in finding.evidence["classes"]] == [7]
    (kept_file,) = [attachment for attachment in record.attachments if attachment.role == "reconstructions"]
    assert kept_file.sensitive
    token = (tmp_path / "one" / kept_file.path).read_bytes()
    assert not token.startswith(b"PK")
    assert np.load(io.BytesIO(unseal(token)))["points"].shape == (10, 8, 8)
    taken = readings(record)
    assert taken["inversion-resemblance", "class 7"].low > 0.9
    assert taken["inversion-confidence", "gradient"].value > 0.95

    monkeypatch.delenv(KEY)
    (gap,) = ran(tmp_path / "one", CHECK).not_examined
    assert "what was reconstructed was not kept" in gap.reason

    honest = ran(pictures(tmp_path / "honest", X[:900], Y[:900]), CHECK)
    assert honest.findings == ()
    assert honest.attachments == ()
    assert honest.not_examined == ()
    assert all(m.low < 0.6 for (name, _), m in readings(honest).items() if name == "inversion-resemblance")


def test_rows_of_a_table_are_reconstructed_from_the_structure_of_a_tree(tmp_path):
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(240, 4)), rng.integers(0, 2, 240)
    columns = {f"x{i}": rows[:, i] for i in range(4)} | {"label": labels}
    sides = [{name: values[part] for name, values in columns.items()} for part in (slice(0, 120), slice(120, 240))]
    record = ran(project(tmp_path / "tree", DecisionTreeClassifier(random_state=0).fit(rows[:120], labels[:120]), *sides), CHECK)
    assert readings(record)["inversion-confidence", "structure"].value == 1.0
    assert record.not_examined == ()


def test_a_test_set_that_is_the_training_set_is_a_gap(tmp_path):
    columns = {"x": np.arange(40.0), "label": np.arange(40) % 2}
    model = LogisticRegression().fit(columns["x"][:, None], columns["label"])
    record = ran(project(tmp_path / "same", model, columns, columns), CHECK)
    (gap,) = record.not_examined
    assert "absent from the test set" in gap.reason


@pytest.mark.slow
def test_sides_that_differ_without_the_model_block_the_numbers(tmp_path):
    darker = X[:900] * 0.7
    record = ran(pictures(tmp_path / "shifted", darker, Y[:900]), CHECK)
    assert record.findings == ()
    assert all("differ without the model" in m.blocked for (name, _), m in readings(record).items() if name == "inversion-resemblance")
