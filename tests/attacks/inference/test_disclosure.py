"""What a model's structure keeps: found wherever it stands, counted right, and never shown."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from aisecops.attacks.inference.disclosure import Kept, disclosed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = (X[:, 0] + 0.5 * RNG.normal(size=120) > 0).astype(int)


def kinds(model):
    return {(one.kind, one.where): one for one in disclosed(model)}


@pytest.mark.parametrize(
    ("model", "where", "rows"),
    [
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), "steps.*._fit_X", 120),
        (GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [3]}, cv=2), "best_estimator_._fit_X", 120),
        (GaussianProcessClassifier(optimizer=None), "base_estimator_.X_train_", 120),
    ],
)
def test_rows_are_found_wherever_they_stand(model, where, rows):
    assert kinds(model.fit(X, Y))[Kept.ROWS, where].count == rows


def test_support_vectors_are_rows():
    model = SVC().fit(X, Y)
    assert kinds(model)[Kept.ROWS, "support_vectors_"].count == len(model.support_) < 120


def test_leaves_are_counted_as_the_rows_fall():
    tree = DecisionTreeClassifier(min_samples_leaf=3, random_state=0).fit(X, Y)
    sizes = np.unique(tree.apply(X), return_counts=True)[1]
    found = kinds(tree)[Kept.SMALL_LEAVES, "tree_"]
    assert (found.count, found.of) == ((sizes < 5).sum(), len(sizes))
    assert found.rows == pytest.approx(sizes[sizes < 5].sum() / 120)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(5, random_state=0),
        GradientBoostingClassifier(n_estimators=5, max_depth=6),
        HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=2),
    ],
)
def test_small_leaves_of_ensembles_are_found_and_large_ones_are_not(model):
    assert [one.kind for one in disclosed(model.fit(X, Y))] == [Kept.SMALL_LEAVES]
    assert disclosed(model.set_params(min_samples_leaf=20).fit(X, Y)) == ()


def test_lightgbm_tells_its_leaves():
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=2, num_leaves=40, verbose=-1, n_jobs=1).fit(X, Y)
    assert any(one.kind is Kept.SMALL_LEAVES and one.count for one in disclosed(model))


def test_words_counts_and_personal_values_are_counted_and_never_shown():
    texts = ["pay anna.meyer@klinikum-bonn.de now", "pay the bill now", "now or never", "the bill the bill", "never pay"]
    model = make_pipeline(TfidfVectorizer(token_pattern=r"\S+"), MultinomialNB()).fit(texts, [0, 1, 0, 1, 1])
    found = kinds(model)
    assert found[Kept.PERSONAL, "steps.*.vocabulary_"].count == 1
    assert found[Kept.RARE_WORDS, "steps.*.vocabulary_"].count == 2  # the address and "or"
    assert any(kind is Kept.RARE_COUNTS for kind, _ in found)
    assert "anna" not in repr(disclosed(model))


def test_categories_and_classes_are_lists():
    people = np.array([[f"person {n}"] for n in range(150)], dtype=object)
    labels = [f"class {n % 60}" for n in range(150)]
    model = make_pipeline(make_column_transformer((OneHotEncoder(), [0])), LogisticRegression(max_iter=5, tol=1)).fit(people, labels)
    found = {one.kind: one.count for one in disclosed(model)}
    assert (found[Kept.CATEGORIES], found[Kept.CLASSES]) == (150, 60)


def test_a_linear_model_keeps_nothing_and_a_cycle_ends():
    model = LogisticRegression().fit(X, Y)
    model.myself = model
    assert disclosed(model) == ()
