"""Forests answer through an oracle what they answer themselves, to the last bit, and without a pool of threads for each question."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.oracles.adapters.forests import Forest, asked_directly
from aisecops.oracles.opening import oracle_of

X = np.random.default_rng(0).normal(size=(200, 4))
Y = np.array(["low", "mid", "top"])[np.digitize(X[:, 0], (-0.5, 0.5))]
TEXTS = [" ".join("abcdefgh"[int(abs(value) * 3) % 8] * 3 for value in row) for row in X]


class Contrary(RandomForestClassifier):
    def predict_proba(self, X):
        return 1 - super().predict_proba(X)


def asked(model, rows):
    oracle = oracle_of(model)
    return [str(model.classes_[label]) for label in oracle.labels(rows)], oracle.scores(rows)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (RandomForestClassifier(20, random_state=0), X),
        (ExtraTreesClassifier(20, random_state=0), X),
        (make_pipeline(StandardScaler(), "passthrough", RandomForestClassifier(20, random_state=0)), X),
        (make_pipeline(TfidfVectorizer(), RandomForestClassifier(20, random_state=0)), TEXTS),
        (make_pipeline(RandomForestClassifier(20, random_state=0)), X),
        (RandomForestClassifier(20, random_state=0, n_jobs=2), X),
        (Contrary(20, random_state=0), X),
    ],
)
def test_the_answers_are_the_same_to_the_last_bit(model, rows):
    model.fit(rows, Y)
    labels, scores = asked(model, rows)
    assert labels == model.predict(rows).tolist()
    assert np.array_equal(scores, model.predict_proba(rows))


def test_names_of_columns_are_heeded():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = RandomForestClassifier(10, random_state=0).fit(frame, Y)
    assert np.array_equal(asked_directly(model).predict_proba(frame), model.predict_proba(frame))
    with pytest.raises(ValueError, match="feature names"):
        asked_directly(model).predict_proba(frame.rename(columns={"a": "z"}))


def test_only_what_is_surely_a_forest_is_asked_directly():
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    assert isinstance(asked_directly(forest), Forest)
    assert isinstance(asked_directly(make_pipeline(StandardScaler(), RandomForestClassifier(5)).fit(X, Y)), Forest)
    several = RandomForestClassifier(5, random_state=0).fit(X, np.column_stack([Y, Y]))
    for other in (several, Contrary(5).fit(X, Y), RandomForestClassifier(5), RandomForestClassifier(5, n_jobs=2).fit(X, Y)):
        assert asked_directly(other) is other
