"""``model/extraction`` in whole runs."""

from __future__ import annotations

import json

import joblib
import numpy as np
import pytest
import yaml
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.checks.model.privacy_projects import project, ran, readings, write_table
from tests.oracles.server import end_all, serving

CHECK = "model/extraction"
X, Y = load_breast_cancer(return_X_y=True)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def columns(rows: slice) -> dict:
    return {f"x{i}": X[rows, i] for i in range(30)} | {"label": Y[rows]}


def test_a_linear_model_is_solved_for_and_the_price_is_told(tmp_path):
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:200], Y[:200])
    folder = project(
        tmp_path / "linear", model, columns(slice(10)), columns(slice(200, 569)), privacy={"extraction": 100}, budget={"price": 0.01, "rate": 1e5}
    )
    record = ran(folder, CHECK)
    (finding,) = record.findings
    assert finding.category == "model-extraction"
    assert finding.evidence["exact"] is True
    assert finding.evidence["queries"] <= 100
    taken = readings(record)
    assert taken["extraction-fidelity", "scores"].value == 1.0
    assert taken["extraction-fidelity", "labels"].value < 1.0
    assert taken["extraction-cost", "scores"].value == pytest.approx(0.5)  # after 50 queries it is solved, and nothing more is asked
    assert taken["extraction-time", "labels"].value == pytest.approx(1e-3)
    assert f"labels {taken['extraction-fidelity', 'labels'].value:.1%}" in finding.message
    assert [point[0] for point in taken["extraction-fidelity", "labels"].curve] == [20, 50, 100]


def test_a_model_of_images_is_stolen_pixel_by_pixel(tmp_path):
    images, labels = load_digits(return_X_y=True)
    images = np.clip(images / 16 * 0.8 + 0.1 + np.random.default_rng(0).normal(0, 0.03, images.shape), 0, 1)  # as cameras do: no pixel is always 0
    joblib.dump(LogisticRegression(max_iter=300, tol=1e-3).fit(images[:300], labels[:300]), tmp_path / "model.joblib")
    np.savez(tmp_path / "test.npz", images=images[300:700].reshape(-1, 8, 8), label=labels[300:700])
    declared = {
        "name": "digits",
        "path": "model.joblib",
        "task": "image",
        "shape": [64],
        "data": "test.npz",
        "label": "label",
        "privacy": {"extraction": 150},
    }
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
    record = ran(tmp_path, CHECK)
    (finding,) = record.findings
    assert finding.evidence["exact"] is True
    assert readings(record)["extraction-fidelity", "scores"].value == 1.0


def test_a_model_of_texts_is_stolen_through_its_words(tmp_path):
    rng = np.random.default_rng(0)
    words = {"ham": "lunch meeting notes report monday thanks".split(), "spam": "free winner prize claim cash urgent".split()}
    labels = rng.choice(["ham", "spam"], 500)
    texts = [" ".join([*rng.choice(words[kind], 3), *rng.choice("the a of to and for in on".split(), 6)]) for kind in labels]
    joblib.dump(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts[:200], labels[:200]), tmp_path / "model.joblib")
    (tmp_path / "test.jsonl").write_text(
        "".join(json.dumps({"body": text, "kind": kind}) + "\n" for text, kind in zip(texts[200:], labels[200:], strict=True))
    )
    declared = {
        "name": "filter",
        "path": "model.joblib",
        "task": "text",
        "data": "test.jsonl",
        "text": "body",
        "label": "kind",
        "privacy": {"extraction": 100},
    }
    (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared | {"budget": {"price": 0.02}}]}))
    record = ran(tmp_path, CHECK)
    (finding,) = record.findings
    assert "words" in finding.evidence["student"]
    assert finding.evidence["queries"] <= 100
    taken = readings(record)
    assert taken["extraction-fidelity", "labels"].value > 0.95
    assert taken["extraction-fidelity", "scores"].n == 150
    assert taken["extraction-cost", "scores"].value == pytest.approx(2.0)


@pytest.mark.slow
def test_a_constant_answer_is_nothing_to_steal(tmp_path):
    model = DummyClassifier(strategy="most_frequent").fit(X[:200], Y[:200])
    record = ran(project(tmp_path / "constant", model, columns(slice(10)), columns(slice(200, 569)), privacy={"extraction": 20}), CHECK)
    assert record.findings == ()
    assert readings(record)["extraction-fidelity", "scores"].value == 1.0


@pytest.mark.slow
def test_a_small_budget_is_told(tmp_path):
    model = LogisticRegression(max_iter=3000).fit(X[:200], Y[:200])
    folder = project(tmp_path / "budget", model, columns(slice(10)), columns(slice(200, 569)), privacy={"extraction": 100}, budget={"queries": 210})
    record = ran(folder, CHECK)
    assert any("theft stopped early" in gap.reason or "more queries" in gap.reason for gap in record.not_examined)


def test_few_rows_are_a_gap(tmp_path):
    model = LogisticRegression(max_iter=3000).fit(X[:200], Y[:200])
    record = ran(project(tmp_path / "few", model, columns(slice(10)), columns(slice(200, 215)), privacy={"extraction": 100}), CHECK)
    (gap,) = record.not_examined
    assert "too few rows" in gap.reason
    assert np.isfinite(X).all()


@pytest.fixture
def served():
    yield serving
    end_all()


def test_a_model_behind_http_is_stolen_at_its_price_and_the_account_is_exact(tmp_path, served):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    y = np.array(["a", "b", "c"])[(X @ rng.normal(size=(5, 3))).argmax(axis=1)]
    server = served(LogisticRegression().fit(X[:150], y[:150]))
    write_table(tmp_path / "test.csv", {f"x{i}": X[150:, i] for i in range(5)} | {"label": y[150:]})
    endpoint = {"url": server.url, "protocol": "json", "request": {"rows": "{instances}"}, "answer": "found.*.scores"}
    declared = {"name": "remote", "endpoint": endpoint, "classes": ["a", "b", "c"], "output": "probabilities", "data": "test.csv", "label": "label"}
    declared |= {"privacy": {"extraction": 60}, "budget": {"price": 0.01, "rate": 1e4, "money": 1.95}}

    def examined():
        (tmp_path / "aisecops.yaml").write_text(yaml.safe_dump({"name": "trial", "models": [declared]}))
        return ran(tmp_path, CHECK)

    assert examined().not_examined[0].code == "not-trusted"
    assert server.requests == []
    endpoint["authorised-by"] = "ticket 12"
    record = examined()
    (finding,) = record.findings
    assert finding.evidence["exact"] is True
    fidelity, cost = (readings(record)[f"extraction-{name}", "scores"] for name in ("fidelity", "cost"))
    assert (fidelity.value, fidelity.n) == (1.0, 125)
    assert cost.value == pytest.approx(0.2)
    assert sum(server.requests) == 125 + 20  # to judge by, and what solves the model
    assert len(server.requests) < 20
