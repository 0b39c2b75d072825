"""Remembered shadows: the same question is answered from memory, a changed one never is, and nothing outlives its time."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.inference.membership import complementary_halves
from aisecops.attacks.inference.membership.memory import ShadowMemory

X, Y = make_classification(60, n_features=4, random_state=0)
INSIDE = complementary_halves(60, 4, 0)


def model(**changed) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(**({"max_depth": 3, "random_state": 0, "min_samples_leaf": 2} | changed))


def asked(memory: ShadowMemory, estimator=None, X=X, Y=Y, inside=INSIDE, seed=0, **said) -> bool:
    """Whether the answer came from memory."""
    before = memory.hits
    memory.clones(estimator if estimator is not None else model(), X, Y, seed=seed, **said)(inside)
    return memory.hits > before


def test_the_same_question_is_answered_once():
    memory = ShadowMemory()
    assert not asked(memory)
    assert asked(memory)
    assert asked(memory, model().fit(X, Y))  # the parameters count, not what was learned
    first = memory.clones(model(), X, Y)(INSIDE)
    first[:] = 0  # what is given away is a copy
    assert memory.clones(model(), X, Y)(INSIDE).max() > 0


def test_a_hundred_changes_of_a_row_a_parameter_or_a_version_are_a_hundred_misses(monkeypatch):
    memory, rng, missed = ShadowMemory(most=1000), np.random.default_rng(0), 0
    asked(memory)
    for row in rng.permutation(60)[:40]:  # one number of one row, by as little as there is; or one label
        rows, labels = X.copy(), Y.copy()
        if rng.random() < 0.8:
            column = rng.integers(4)
            rows[row, column] = np.nextafter(rows[row, column], np.inf)
        else:
            labels[row] = 1 - labels[row]
        missed += not asked(memory, X=rows, Y=labels)
    values = {
        "max_depth": range(4, 14), "min_samples_leaf": range(3, 13), "min_samples_split": range(3, 8), "ccp_alpha": (1e-9, 1e-6, 1e-3),
        "criterion": ("entropy",), "splitter": ("random",),
    }  # fmt: skip
    changes = [{name: value} for name, choices in values.items() for value in choices]
    missed += sum(not asked(memory, model(**change)) for change in changes)
    libraries = [name for name in ("sklearn", "numpy", "scipy", "joblib", "aisecops") if name in sys.modules]
    for library in libraries:
        for version in range(30 // len(libraries)):
            with monkeypatch.context() as patched:
                patched.setattr(sys.modules[library], "__version__", f"99.{version}")
                missed += not asked(memory)
    assert 40 + len(changes) + 30 == 100
    assert missed == 100
    assert asked(memory)


def test_a_seed_other_halves_more_rows_and_a_step_of_a_pipeline_are_changes():
    memory = ShadowMemory(most=100)
    asked(memory)
    other = complementary_halves(60, 4, 1)
    assert not asked(memory, seed=1)
    assert not asked(memory, inside=other)
    assert not asked(memory, always=(X[:1], Y[:1]))
    assert not asked(memory, own=["a", "b"])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    assert not asked(memory, pipeline)
    assert asked(memory, pipeline)
    assert not asked(memory, make_pipeline(StandardScaler(), LogisticRegression(C=1.0000001)))
    assert not asked(memory, make_pipeline(StandardScaler(with_mean=False), LogisticRegression(C=1.0)))


def test_nothing_outlives_its_time():
    now = [0.0]
    memory = ShadowMemory(seconds=10, clock=lambda: now[0])
    asked(memory)
    now[0] = 9.9
    assert asked(memory)
    now[0] = 10.0
    assert not asked(memory)
    memory.forget()
    assert not asked(memory)


def test_the_oldest_makes_room():
    now = [0.0]
    memory = ShadowMemory(most=2, clock=lambda: now[0])
    for seed in range(3):
        now[0] += 1
        asked(memory, seed=seed)
    assert asked(memory, seed=2)
    assert asked(memory, seed=1)
    assert not asked(memory, seed=0)


class Same(ClassifierMixin, BaseEstimator):
    """Follows a function that no key can describe."""

    def __init__(self, rule=None):
        self.rule = rule

    def fit(self, samples, labels):
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, samples):
        p = self.rule(samples)
        return np.column_stack([1 - p, p])


def test_what_does_not_say_what_it_is_is_trained_anew():
    memory = ShadowMemory()
    for rule in (lambda batch: np.full(len(batch), 0.3), lambda batch: np.full(len(batch), 0.7)):
        found = memory.clones(Same(rule), X, Y)(INSIDE)
        assert found[0, Y == 1] == pytest.approx(rule(X)[0])
    assert memory.hits == 0
    unnamed = make_pipeline(FunctionTransformer(lambda batch: batch), LogisticRegression())
    assert not asked(memory, unnamed)
    assert not asked(memory, unnamed)
