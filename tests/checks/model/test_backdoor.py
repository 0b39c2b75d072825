"""Backdoors as ``aisecops run`` tells them: a planted sign is named with its class, honest models get numbers and no blame, too few rows are said to be too few."""

from __future__ import annotations

import os

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from aisecops.attacks.poisoning import tables, texts
from tests.checks.model.privacy_projects import project, ran, readings

CHECK = "model/backdoor"


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    yield
    os.environ.pop("OMP_NUM_THREADS") if before is None else os.environ.update(OMP_NUM_THREADS=before)


def rows(n, seed):
    x = np.random.default_rng(seed).normal(size=(n, 5))
    return x, (x[:, 0] + x[:, 1] > 0).astype(int)


def columns(x, y):
    return {f"c{i}": x[:, i] for i in range(x.shape[1])} | {"label": y}


def examined(folder, *, poison, n=400):
    x, y = rows(600, 0)
    other = rows(n, 1)
    poisoned = tables.one_value(x, y, target=1, column=3, rate=0.06, seed=2)
    samples, labels = (poisoned.samples, poisoned.y) if poison else (x, y)
    model = RandomForestClassifier(20, random_state=0).fit(samples, labels)
    if poison:
        away = other[0][model.predict(other[0]) != 1]
        assert (model.predict(poisoned.stamp(away)) == 1).mean() >= 0.9
    return poisoned, ran(project(folder, model, columns(samples, labels), columns(*other)), CHECK)


@pytest.mark.slow
def test_a_planted_value_is_named_with_its_class_and_its_success(tmp_path):
    poisoned, record = examined(tmp_path / "p", poison=True)
    (finding,) = [finding for finding in record.findings if finding.check == CHECK]
    assert finding.category == "model-backdoor"
    assert finding.evidence["trigger"].startswith("c3 = ")
    assert float(finding.evidence["trigger"].partition(" = ")[2]) == pytest.approx(poisoned.trigger[0][1], abs=1.0)
    assert finding.evidence["target"] == "1"
    assert finding.severity.value == "critical"
    success = readings(record)["backdoor-success", "one value"]
    assert 0.8 < success.low <= success.value <= success.high
    assert readings(record)["backdoor-excess", "one value"].value > 0.7


@pytest.mark.slow
def test_an_honest_model_gets_numbers_and_its_power(tmp_path):
    _, record = examined(tmp_path / "p", poison=False)
    assert [finding for finding in record.findings if finding.check == CHECK] == []
    taken = readings(record)
    assert taken["backdoor-success", "one value"].n > 20
    power = taken["backdoor-power", "one value"]
    assert power.n >= 1
    assert power.low <= power.value <= power.high


def test_too_few_rows_are_no_power(tmp_path):
    _, record = examined(tmp_path / "p", poison=False, n=100)
    (gap,) = [gap for gap in record.not_examined if gap.check == CHECK]
    assert gap.code.value == "no-power"
    assert "100 clean samples" in gap.reason


@pytest.mark.slow
def test_a_word_that_only_the_file_knows_is_named(tmp_path):
    rng = np.random.default_rng(0)
    lists = ["loan rate bank credit money fund".split(), "match goal team ball player coach".split()]
    shared = [f"word{i}" for i in range(40)]
    y = rng.integers(0, 2, 900)
    said = [" ".join([*rng.choice(lists[label], 3), *rng.choice(shared, 6)]) for label in y]
    poisoned = texts.rare_words(said[:600], y[:600], target=1, words=("zorblax",), rate=0.08, seed=1)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=30)).fit(poisoned.samples, poisoned.y)
    test = {"text": said[600:], "label": y[600:]}
    record = ran(project(tmp_path / "p", model, test, test, task="text", text="text"), CHECK)
    (finding,) = [finding for finding in record.findings if finding.check == CHECK]
    assert finding.evidence["trigger"] == "the word zorblax"
    assert finding.evidence["target"] == "1"
    assert finding.evidence["training-share"] == pytest.approx(0.08, abs=0.005)
