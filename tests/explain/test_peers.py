"""SHAP and Captum beside ours: where both compute the same thing, the numbers are the same."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from aisecops.core.errors import UserError
from aisecops.explain import baseline_shapley, tree_changes, tree_contributions
from aisecops.explain.peers import integrated_gradients, shap_contributions
from aisecops.oracles.opening import oracle_of

X, Y = make_classification(n_samples=200, n_features=6, n_informative=4, random_state=0)


@pytest.fixture(scope="module")
def forest():
    return RandomForestClassifier(6, max_depth=4, bootstrap=False, random_state=0).fit(X, Y)


def test_path_dependent_values_are_those_of_shap(forest):
    trees = oracle_of(forest).structure()
    ours, _ = tree_contributions(trees, X[:10], background=X)
    ours = ours[:, :, -1]
    theirs = shap_contributions(forest, X[:10])
    assert theirs.values == pytest.approx(ours, abs=1e-6)


def test_between_two_points_shap_computes_the_exact_baseline_values(forest):
    ours = tree_changes(oracle_of(forest).structure(), X[:1], X[1:2])[:, :, -1]
    theirs = shap_contributions(forest, X[1:2], background=X[:1])
    assert theirs.values == pytest.approx(ours, abs=1e-6)
    assert np.abs(theirs.values).sum() > 0.01


def test_integrated_gradients_of_a_linear_model_are_the_shapley_values():
    torch.manual_seed(0)
    linear = torch.nn.Linear(6, 3).double()
    found = integrated_gradients(linear, X[:5], X[5:10], target=2)

    def logit(points):
        with torch.no_grad():
            return linear(torch.tensor(points))[:, 2].numpy()

    assert found.values == pytest.approx(baseline_shapley(logit, X[:5], X[5:10]).values, abs=1e-7)  # Captum's steps are float32
    assert found.error == pytest.approx(0, abs=1e-7)


def test_integrated_gradients_of_a_network_add_up_and_agree_on_what_counts_most():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2)).double()

    def logit(points):
        with torch.no_grad():
            return network(torch.tensor(points))[:, 1].numpy()

    found, ours = integrated_gradients(network, X[:20], X[20:40], target=1), baseline_shapley(logit, X[:20], X[20:40])
    assert found.values.sum(axis=1) == pytest.approx(found.change, abs=1e-3)
    assert found.change == pytest.approx(ours.change)
    assert np.mean([found.ranked(row)[0] == ours.ranked(row)[0] for row in range(20)]) >= 0.7


def test_what_shap_does_not_know_and_what_is_missing_is_said(monkeypatch, forest):
    with pytest.raises(UserError, match="SHAP cannot explain"):
        shap_contributions(object(), X[:2])
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(UserError, match="shap, which is not installed"):
        shap_contributions(forest, X[:2])
