"""The first-order method for linear programmes, against a simplex solver."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from aisecops.attacks.evasion.trees.hybrid import WEIGHT, HybridGradient


@pytest.mark.parametrize("begun", [WEIGHT, 1000.0])
@pytest.mark.parametrize("seed", range(4))
def test_prices_come_near_the_optimum_from_below_and_amounts_near_the_rows(seed, begun):
    random = np.random.default_rng(seed)
    unequal, equal, columns = 30, 5, 60
    matrix = random.normal(size=(unequal + equal, columns)) * (random.random((unequal + equal, columns)) < 0.2)
    within = random.random(columns)
    right = matrix @ within + np.append(random.random(unequal) * 0.1, np.zeros(equal))
    cost = random.random(columns) / columns * 4  # an answer costs about 1
    truth = linprog(cost, matrix[:unequal], right[:unequal], matrix[unequal:], right[unequal:], bounds=(0, 1)).fun
    method = HybridGradient(csr_matrix(matrix), right, cost, unequal)
    x, y, bounds, weight = np.zeros(columns), np.zeros(unequal + equal), [], begun
    for _ in range(40):
        before = x, y
        last, mean = method.steps(x, y, 100, weight)
        weight = method.weight(before, mean, weight)
        found = [(np.minimum(cost + matrix.T @ prices, 0.0).sum() - prices @ right, amounts, prices) for amounts, prices in (last, mean)]
        bound, x, y = max(found, key=lambda one: one[0])
        bounds.append(bound)
        assert np.all(y[:unequal] >= 0)
        assert bound <= truth + 1e-9
    missed = matrix @ mean[0] - right
    assert max(bounds) >= truth - 0.02 * abs(truth)
    assert max(np.max(missed[:unequal]), np.max(np.abs(missed[unequal:]))) <= 0.02
