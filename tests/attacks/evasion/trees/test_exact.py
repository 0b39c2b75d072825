"""What the exact attack finds and certifies, against brute force over every cell, for every framework, norm and number of classes."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.exact import exact
from aisecops.attacks.evasion.space import Box
from aisecops.oracles.opening import oracle_of
from tests.attacks.evasion.trees.cells import nearest_by_force
from tests.attacks.evasion.trees.models import MODELS, table

EVERYWHERE = Box(-np.inf, np.inf)
SAMPLES = 5


def narrow(x, random):
    """A box of its own for each sample: most features may move by 0.2 at most, each way by chance, some not at all."""
    steps = random.choice([0.0, 0.2, np.inf], size=(2, *x.shape), p=[0.15, 0.55, 0.3])
    centre = np.nan_to_num(x)
    return Box(centre - steps[0], centre + steps[1])


def model_and_table(name, classes):
    x, y = table(classes, missing=name in ("hist-gradient-boosting", "xgboost", "lightgbm"))
    return oracle_of(MODELS[name](classes).fit(x, y)), x[:SAMPLES], y[:SAMPLES]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_nearer_than_certified_and_what_is_found_is_nearest(name, classes):
    oracle, x, y = model_and_table(name, classes)
    cells, random = 0, np.random.default_rng(1)
    for norm in (Norm.LINF, Norm.L2, Norm.L1):
        for space in (EVERYWHERE, narrow(x, random)):
            result = exact(oracle, x, y, space=space, norm=norm)
            low, high = (np.broadcast_to(bound, x.shape) for bound in (space.low, space.high))
            for i in range(len(x)):
                truth, asked = nearest_by_force(oracle.structure(), oracle.labels, x[i], y[i], norm, low[i], high[i])
                cells += asked
                assert result.lower[i] <= truth * (1 + 1e-12)
                assert result.distance[i] == pytest.approx(truth, rel=1e-12)
                assert result.lower[i] == result.distance[i]
                assert result.found[i] == np.isfinite(truth)
            assert np.all(oracle.labels(result.points[result.found]) != y[result.found])
            assert np.all((result.points >= low) & (result.points <= high) | np.isnan(x))
    assert cells >= 1000
