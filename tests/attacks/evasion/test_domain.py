"""The attacks on numbers in a table's domain with every kind of rule."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.catalogue import ATTACKS
from aisecops.oracles.budget import Metered
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Capability
from tests.datasets.flows import FLOWS, flows, kept

MODELS = {
    "forest": lambda: RandomForestClassifier(8, max_depth=6, random_state=0),
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("name", ["cgba", "hop-skip-jump", "square", "simba", "nes"])
def test_every_evasion_is_a_possible_row(name, kind):
    rows = flows(300, 0)
    y = (rows[:, 2] > 8000).astype(np.int64)
    model = MODELS[kind]().fit(rows, y)
    right = np.flatnonzero(model.predict(rows) == y)[:15]
    oracle = Metered(oracle_of(model))
    epsilon = None if ATTACKS[name].capability is Capability.LABELS else 10_000.0
    given = {"space": FLOWS.bounded(rows), "norm": Norm.L2, "epsilon": epsilon, "queries": 60, "seed": 0}
    attempts = ATTACKS[name].load()(oracle, rows[right], y[right], **given)
    found = attempts.found
    assert found.mean() > (0.9 if epsilon is None else 0.3)
    assert kept(attempts.points[found], rows[right][found]).all()
    assert (model.predict(attempts.points[found]) != y[right][found]).all()
    assert attempts.queries.sum() == oracle.ledger.queries
