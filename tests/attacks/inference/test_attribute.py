"""Attribute inference: what a forest remembers is found beyond imputation; what anybody could guess is no leak."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from aisecops.attacks.inference.attribute import candidate_values, column_of, infer_attribute
from aisecops.core.errors import UserError
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import CapabilityError
from aisecops.oracles.spec import Output


def people(seed: int, n: int = 2000):
    """Column 0 is sensitive and half of it can be told from column 1; the label depends on it a little."""
    rng = np.random.default_rng(seed)
    sex = rng.integers(0, 2, n).astype(float)
    rest = rng.normal(size=(n, 5))
    rest[:, 0] += sex
    y = (rest[:, 1] + 0.3 * sex + rng.normal(0, 1.0, n) > 0).astype(int)
    return np.column_stack([sex, rest]), y


X, Y = people(0)
MEMBERS, OTHERS = (X[:1000], Y[:1000]), (X[1000:], Y[1000:])


def test_what_a_forest_remembers_is_a_leak_beyond_imputation():
    oracle = oracle_of(RandomForestClassifier(30, random_state=0).fit(*MEMBERS))
    leak = infer_attribute(oracle, MEMBERS, OTHERS, 0)
    assert leak.likelihood.interval.low > 0.1
    assert leak.likelihood.difference == pytest.approx(
        leak.likelihood.members_right / 1000 - leak.likelihood.others_right / 1000,
    )
    assert abs(leak.imputation.difference) < 0.06
    assert leak.candidates == (0.0, 1.0)


def test_a_model_of_other_people_leaks_nothing():
    elsewhere = people(99)
    oracle = oracle_of(RandomForestClassifier(10, random_state=0).fit(*elsewhere))
    alarms = 0
    for seed in range(6):
        samples, labels = people(1000 + seed, 600)
        found = infer_attribute(oracle, (samples[:300], labels[:300]), (samples[300:], labels[300:]), 0, seed=seed)
        alarms += found.likelihood.interval.low > 0.01
    assert alarms <= 1


def test_a_column_that_the_model_ignores_is_a_coin():
    model = LogisticRegression().fit(X[:1000, :] * np.array([0, 1, 1, 1, 1, 1]), Y[:1000])
    model.coef_[0, 0] = 0.0
    leak = infer_attribute(oracle_of(model), MEMBERS, OTHERS, 0)
    assert leak.likelihood.members_right / 1000 == pytest.approx(0.5, abs=0.06)
    assert leak.imputation.members_right / 1000 > 0.6


def test_many_values_are_tried_by_typical_ones_and_missing_ones_are_left_out():
    values = np.arange(1000.0)
    assert len(candidate_values(values)) == 10
    assert set(candidate_values(values)) <= set(values)
    assert candidate_values(np.array([3.0, np.nan, 1.0])).tolist() == [1.0, 3.0]
    holes = X.copy()
    holes[::2, 0] = np.nan
    model = RandomForestClassifier(5, random_state=0).fit(*MEMBERS)
    assert infer_attribute(oracle_of(model), (holes[:1000], Y[:1000]), (holes[1000:], Y[1000:]), 0).likelihood.members == 500


def test_what_cannot_be_guessed_says_why():
    oracle = oracle_of(RandomForestClassifier(5, random_state=0).fit(*MEMBERS))
    constant = X.copy()
    constant[:, 0] = 1
    with pytest.raises(UserError, match="one value only"):
        infer_attribute(oracle, (constant[:1000], Y[:1000]), (constant[1000:], Y[1000:]), 0)
    with pytest.raises(UserError, match="too few"):
        infer_attribute(oracle, (X[:5], Y[:5]), OTHERS, 0)
    with pytest.raises(CapabilityError, match="needs scores"):
        infer_attribute(oracle_of(RandomForestClassifier(5).fit(*MEMBERS), output=Output.LABELS), MEMBERS, OTHERS, 0)
    with pytest.raises(UserError, match="no column 'age'"):
        column_of(("sex",), "age")
