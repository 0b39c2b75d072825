"""Logistic regressions in closed form: as strong as theory promises, quick, and not used where it does not hold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.attacks.inference.membership import audit
from aisecops.attacks.inference.membership.blind import blind_to_a_linear_model
from aisecops.attacks.inference.membership.influence import influence, predicted_rate
from aisecops.oracles.opening import oracle_of


def records(n: int, seed: int, d: int = 30, classes: int = 2):
    return make_classification(
        n, n_features=d, n_informative=8, n_redundant=0, flip_y=0.2, class_sep=0.7, n_classes=classes, n_clusters_per_class=1, random_state=seed
    )


def attacked(model, n: int, seed: int, classes: int = 2):
    X, y = records(2 * n, seed, classes=classes)
    model.fit(X[:n], y[:n])
    return audit(oracle_of(model), (X[:n], y[:n]), (X[n:], y[n:])), influence(oracle_of(model).scores(X), X, y, share=0.5)


@pytest.mark.parametrize(
    ("model", "classes"),
    [
        (LogisticRegression(C=1.0), 2),
        (make_pipeline(StandardScaler(), LogisticRegression(C=0.5)), 2),
        (LogisticRegression(C=0.05, max_iter=1000), 2),
        (LogisticRegression(max_iter=1000), 3),
    ],
    ids=["plain", "scaled", "penalty", "classes"],
)
def test_what_theory_promises_is_found(model, classes):
    found = [attacked(model, 300, seed, classes) for seed in range(5)]
    assert {leak.attack for leak, _ in found} == {"influence"}
    seen = np.mean([next(rate.value for rate in leak.rates if rate.fpr == 0.1) for leak, _ in found])
    promised = np.mean([predicted_rate(form.effects, 0.1) for _, form in found])
    assert promised > 0.15
    assert seen == pytest.approx(promised, abs=0.05)
    assert np.mean([leak.area.value for leak, _ in found]) > 0.57


def test_what_else_it_was_trained_on_is_taken_into_account():
    apart = []
    for seed in range(6):
        X, y = records(2400, seed)
        oracle = oracle_of(LogisticRegression().fit(X[:2000], y[:2000]))
        sides = (X[:400], y[:400]), (X[2000:], y[2000:])
        apart.append([audit(oracle, *sides, rest=rest).area.value for rest in (None, (X[400:2000], y[400:2000]))])
    without, given = np.mean(apart, axis=0)
    assert given > without + 0.02


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(10, random_state=0),
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.9),
        LogisticRegression(class_weight={0: 1, 1: 9}),
        LogisticRegression(max_iter=1),
    ],
    ids=["forest", "discriminant", "weighted", "unfinished"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_is_no_fitted_logistic_regression_has_no_closed_form(model):
    assert attacked(model, 300, 1)[1] is None


def test_missing_values_and_certain_answers_have_none():
    X, y = records(200, 0)
    p = np.column_stack([y == 0, y == 1]).astype(np.float64)
    assert influence(p, X, y, share=0.5) is None
    X[0, 0] = np.nan
    assert influence(np.full((200, 2), 0.5), X, y, share=0.5) is None


def test_records_that_it_has_not_seen_give_no_alarm():
    alarms = 0
    for seed in range(20):
        X, y = records(900, seed)
        leak = audit(oracle_of(LogisticRegression().fit(X[600:], y[600:])), (X[:300], y[:300]), (X[300:600], y[300:600]))
        alarms += leak.area.interval.low > 0.51 or any(rate.interval.low > 1.5 * rate.fpr for rate in leak.rates)
    assert alarms <= 2


def test_a_difference_between_the_sides_is_seen_and_chance_is_not():
    rng = np.random.default_rng(0)
    same = [blind_to_a_linear_model(rng.normal(size=(600, 10)), 300, seed=seed).shifted for seed in range(60)]
    assert sum(same) <= 2
    apart = rng.normal(size=(600, 10)) + np.where(np.arange(600) < 300, 0.5, 0.0)[:, None]
    assert blind_to_a_linear_model(apart, 300).shifted
    wider = rng.normal(size=(600, 10)) * np.where(np.arange(600) < 300, 1.5, 1.0)[:, None]
    assert blind_to_a_linear_model(wider, 300).shifted
