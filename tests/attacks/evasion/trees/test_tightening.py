"""Brackets by linear programming alone, against brute force over every cell."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_classification

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.trees.bracketing import bracketed
from aisecops.attacks.evasion.trees.nearest import Ensemble, Nearest
from aisecops.attacks.evasion.trees.tightening import tightened
from aisecops.oracles.opening import oracle_of
from tests.attacks.evasion.trees.cells import nearest_by_force
from tests.attacks.evasion.trees.models import MODELS
from tests.attacks.evasion.trees.test_exact import model_and_table, narrow


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        pytest.param("extra-trees", 2, marks=pytest.mark.slow),
        pytest.param("forest", 3, marks=pytest.mark.slow),
        ("hist-gradient-boosting", 2),
        pytest.param("xgboost", 3, marks=pytest.mark.slow),
    ],
)
def test_no_cell_is_nearer_than_the_programme_certifies(name, classes):
    oracle, x, y = model_and_table(name, classes)
    trees, random, met, cells = oracle.structure(), np.random.default_rng(2), [], 0
    ensemble = Ensemble(trees)
    everywhere = np.full(x.shape, np.inf)
    for norm in (Norm.L2, Norm.L1):
        for low, high in ((-everywhere, everywhere), (narrow(x, random).low, narrow(x, random).high)):
            for i in np.flatnonzero(trees.decide(x) == y):
                truth, asked = nearest_by_force(trees, oracle.labels, x[i], y[i], norm, low[i], high[i])
                cells += asked
                nearest = Nearest(ensemble, x[i], int(y[i]), low[i], high[i], norm)
                point, lower, proven = tightened(nearest, [], 0.0, 0.2)
                assert lower <= truth * (1 + 1e-12)
                if point is not None:
                    assert oracle.labels(point[None])[0] != y[i]
                    assert np.all((point >= low[i]) & (point <= high[i]) | np.isnan(point))
                    assert nearest.distance(point) >= truth * (1 - 1e-12)
                    met.append(nearest.distance(point) / max(lower, 1e-300))
                    assert not proven or nearest.distance(point) == pytest.approx(truth, rel=1e-6)
    assert cells >= 1000
    assert np.median(met) <= 1.05


def test_a_hard_forest_gets_a_narrow_bracket_in_little_time():
    x, y = make_classification(400, 8, n_informative=5, random_state=3)
    oracle = oracle_of(MODELS["forest"](2).set_params(n_estimators=40, max_depth=7).fit(x, y))
    trees, free = oracle.structure(), np.full(8, np.inf)
    ensemble = Ensemble(trees)
    for i in np.flatnonzero(oracle.labels(x) == y)[:2]:
        nearest = Nearest(ensemble, x[i], int(y[i]), -free, free, Norm.L1)
        bracket = bracketed(nearest, x[y != y[i]], 1.0, np.inf)
        assert oracle.labels(bracket.point[None])[0] != y[i]
        assert bracket.lower <= nearest.distance(bracket.point) <= bracket.lower * 1.5


@pytest.mark.parametrize("norm", [Norm.L2, Norm.L1])
def test_what_branching_proves_of_a_hard_forest_no_longer_search_denies(norm):
    """Two ways to the same answer: best-first search over leaves alone, and branching alone."""
    x, y = make_classification(400, 6, n_informative=4, n_redundant=0, random_state=5)
    oracle = oracle_of(MODELS["forest"](2).set_params(n_estimators=10, max_depth=4).fit(x, y))
    ensemble, free = Ensemble(oracle.structure()), np.full(6, np.inf)
    agreed = 0
    for i in np.flatnonzero(oracle.labels(x) == y)[:5]:
        nearest = Nearest(ensemble, x[i], int(y[i]), -free, free, norm)
        searched = nearest.search(0.5)
        point, lower, _ = tightened(nearest, [searched.point], 0.0, 0.5)
        assert oracle.labels(point[None])[0] != y[i]
        assert nearest.distance(point) <= nearest.distance(searched.point)
        if searched.proven:
            assert lower <= nearest.distance(searched.point) * (1 + 1e-12)
            assert nearest.distance(point) == pytest.approx(nearest.distance(searched.point), rel=1e-9)
            agreed += 1
    assert agreed >= 3
