"""What the exact attack finds and certifies, against brute force over every cell, for every framework, norm and number of classes."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.exact import exact
from aisecops.attacks.evasion.space import Box
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Metered
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import CapabilityError
from aisecops.oracles.trees.planting import StructureError
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


def test_queries_are_those_that_the_oracle_counted():
    oracle, x, y = model_and_table("forest", 2)
    metered = Metered(oracle)
    result = exact(metered, x, y, space=EVERYWHERE)
    assert result.queries.sum() == metered.ledger.queries
    assert np.all(result.queries <= 1000)


def test_out_of_time_the_best_evasion_stands_above_the_certificate():
    x, y = table(2, n=400, seed=3)
    oracle = oracle_of(MODELS["forest"](2).set_params(n_estimators=20, max_depth=5).fit(x, y))
    right = np.flatnonzero(oracle.labels(x) == y)[:6]
    result = exact(oracle, x[right], y[right], space=EVERYWHERE, norm=Norm.L2, seconds=0.0)
    truth = exact(oracle, x[right], y[right], space=EVERYWHERE, norm=Norm.L2, seconds=60.0)
    assert result.stopped.startswith("time")
    assert result.found.all() and np.all(oracle.labels(result.points) != y[right])
    assert np.all(truth.lower == truth.distance)
    assert np.all((result.lower <= truth.distance) & (truth.distance <= result.distance))
    assert np.all(result.lower > 0)


def test_a_model_that_is_not_what_its_structure_says_gets_no_certificate():
    oracle, x, y = model_and_table("xgboost", 2)

    class Lies:
        name, classes, capabilities = oracle.name, oracle.classes, oracle.capabilities
        structure = staticmethod(oracle.structure)
        labels = staticmethod(lambda batch: np.where(batch[:, 0] > 0.9, 1 - oracle.labels(batch), oracle.labels(batch)))

    with pytest.raises(StructureError, match="disagree on"):
        exact(Lies(), x, y, space=EVERYWHERE)


def test_what_cannot_be_attacked_exactly_is_refused():
    from sklearn.neighbors import KNeighborsClassifier

    oracle, x, y = model_and_table("forest", 2)
    with pytest.raises(CapabilityError, match="needs structure"):
        exact(oracle_of(KNeighborsClassifier().fit(x, y)), x, y, space=EVERYWHERE)
    with pytest.raises(UserError, match="knows linf and l2 and l1"):
        exact(oracle, x, y, space=EVERYWHERE, norm=Norm.L0)
    with pytest.raises(UserError, match="target"):
        exact(oracle, x, y, space=EVERYWHERE, target=1 - y)


def test_a_constant_model_has_no_evasion():
    from xgboost import XGBClassifier

    x, y = table(2)
    oracle = oracle_of(XGBClassifier(n_estimators=3, max_depth=2, gamma=1e9, n_jobs=1).fit(x, y))
    label = oracle.labels(x[:3])
    result = exact(oracle, x[:3], label, space=EVERYWHERE)
    assert not result.found.any() and np.all(np.isinf(result.lower))
