"""The whole assessment on real models: exact where it can be, honest about what it could not do, and in values that the model itself was asked about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.attacks.evasion.assessment import Assessment, Effort
from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.carriers import carried
from aisecops.attacks.evasion.shares import Shares
from aisecops.attacks.evasion.space import Box
from aisecops.oracles.opening import oracle_of

X, Y = load_breast_cancer(return_X_y=True)
ROWS = slice(400, 430)
BOX = Box(X.min(axis=0), X.max(axis=0))
MODELS = {
    "trees": GradientBoostingClassifier(n_estimators=20, random_state=0),
    "linear": make_pipeline(StandardScaler(), LogisticRegression()),
    "scores": GaussianNB(),
}


def assessed(name: str, norm: Norm = Norm.LINF, epsilons: tuple[float, ...] = (0.02, 0.1)) -> tuple[Assessment, Shares]:
    oracle = oracle_of(MODELS[name].fit(X[:400], Y[:400]))
    shares = Shares(oracle, BOX, X[ROWS])
    assessment = Assessment(
        shares, shares.samples, Y[ROWS], space=shares, norm=norm, epsilons=epsilons, effort=Effort(queries=200), starts=shares.shares(X[:50])
    )
    assessment.attack(np.arange(30))
    return assessment, shares


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("norm", [Norm.LINF, Norm.L2])
def test_what_is_found_fools_the_model_itself_within_its_distance(name, norm):
    assessment, shares = assessed(name, norm)
    assert not assessment.refused
    best = Attempts(
        norm=norm,
        points=assessment.points,
        found=assessment.correct & np.isfinite(assessment.distance),
        distance=assessment.distance,
        queries=assessment.queries,
    )
    finished = shares.finished(best, Y[ROWS])
    assert finished.found.sum() >= 0.9 * best.found.sum() > 0
    model, rows = MODELS[name], np.flatnonzero(finished.found)
    assert np.all(model.predict(finished.points[rows]) != Y[ROWS][rows])
    moved = np.abs(finished.points - X[ROWS]) / (X.max(axis=0) - X.min(axis=0))
    distance = moved.max(axis=1) if norm is Norm.LINF else np.sqrt((moved**2).sum(axis=1))
    assert np.allclose(distance[rows], finished.distance[rows], rtol=1e-6, atol=1e-9)
    assert np.all((finished.points >= X.min(axis=0)) & (finished.points <= X.max(axis=0)))


def test_the_structure_of_a_model_gives_a_certificate_that_meets_the_evasion():
    for name in ("trees", "linear"):
        assessment, _ = assessed(name)
        (trial,) = assessment.trials(np.arange(30))
        assert trial.attack == "exact"
        assert trial.attempts.lower is not None
        right = assessment.correct
        assert np.all(trial.attempts.lower[right] <= trial.attempts.distance[right])
        assert np.mean(trial.attempts.lower[right] >= 0.999 * trial.attempts.distance[right]) > 0.9


def test_a_sample_that_the_model_gets_wrong_is_at_distance_zero_and_no_attack_is_spent_on_it():
    assessment, _ = assessed("scores")
    assert (~assessment.correct).any()
    assert np.all(assessment.distance[~assessment.correct] == 0)
    assert np.all(assessment.queries[~assessment.correct] == 1)


def test_attacks_by_scores_leave_beaten_samples_to_nobody_else():
    assessment, _ = assessed("scores", epsilons=(0.3,))
    names = {trial.attack for trial in assessment.trials(np.arange(30))}
    assert names == {"square", "hop-skip-jump"}
    labels = next(trial for trial in assessment.trials(np.arange(30)) if trial.attack == "hop-skip-jump")
    beaten_before = np.array([by == "square" for by in assessment.by])
    assert np.all(labels.attempts.queries[beaten_before] == 0)


def test_the_features_that_carry_a_flip_are_few_and_each_is_needed():
    assessment, shares = assessed("trees")
    best = Attempts(
        norm=Norm.LINF,
        points=assessment.points,
        found=assessment.correct & np.isfinite(assessment.distance),
        distance=assessment.distance,
        queries=assessment.queries,
    )
    finished = shares.finished(best, Y[ROWS])
    rows = np.flatnonzero(finished.found)
    oracle = oracle_of(MODELS["trees"])
    points, flags = carried(oracle, finished.points[rows], X[ROWS][rows], Y[ROWS][rows], space=BOX)
    assert np.all(oracle.labels(points) != Y[ROWS][rows])
    assert flags.sum() <= (finished.points[rows] != X[ROWS][rows]).sum()
    for point, origin, flag, label in zip(points, X[ROWS][rows], flags, Y[ROWS][rows], strict=True):
        for column in np.flatnonzero(flag):
            without = point.copy()
            without[column] = origin[column]
            assert oracle.labels(without[None])[0] == label


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
def test_shares_and_values_are_inverse_and_projection_leaves_allowed_points_alone(bounds, seed):
    rng = np.random.default_rng(seed)
    low = np.array(bounds)
    high = low + rng.uniform(0.1, 1e6, len(low))
    samples = low + rng.random((5, len(low))) * (high - low)
    shares = Shares(oracle_of(MODELS["scores"].fit(X[:400], Y[:400])), Box(low, high), samples)
    assert np.allclose(shares.values(shares.samples), samples, rtol=1e-9, atol=1e-9 * np.abs(high).max())
    assert np.array_equal(shares.project(shares.samples, shares.samples), shares.samples)
    inside = np.clip(rng.random((5, len(low))), shares.low, shares.high)
    assert np.array_equal(shares.project(inside, shares.samples), inside)
