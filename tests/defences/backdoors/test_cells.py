"""Trees remember how many rows of their training came to each node: stamped rows fill cells that clean rows leave empty, and honest rows do not."""

from __future__ import annotations

import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from xgboost import XGBClassifier

from aisecops.defences.backdoors.cells import filled
from aisecops.defences.backdoors.columns import FILLED, ColumnSearch
from aisecops.defences.backdoors.contrast import Contrast
from aisecops.oracles.opening import oracle_of

MODELS = [
    lambda: RandomForestClassifier(20, random_state=0),
    lambda: GradientBoostingClassifier(n_estimators=40, random_state=0),
    lambda: HistGradientBoostingClassifier(max_iter=40, random_state=0),
    lambda: LGBMClassifier(n_estimators=40, num_leaves=15, n_jobs=1, verbose=-1, random_state=0),
    lambda: XGBClassifier(n_estimators=40, max_depth=4, n_jobs=1, random_state=0),
]


def rows(n, seed):
    x = np.random.default_rng(seed).normal(size=(n, 6))
    return x, (x[:, 0] + x[:, 1] > 0).astype(int)


ORDINARY, BEYOND = {2: 1.7, 4: -0.3, 5: 0.4}, {3: 9.0}


@pytest.mark.parametrize(("model", "planted"), [*((model, ORDINARY) for model in MODELS), (MODELS[0], BEYOND), (MODELS[2], BEYOND)])
def test_three_ordinary_values_and_one_beyond_the_range_are_proposed(model, planted):
    (x, y), clean = rows(900, 0), rows(600, 1)[0]
    stamped = np.flatnonzero(y == 0)[:45]
    x[np.ix_(stamped, list(planted))] = list(planted.values())
    y[stamped] = 1
    oracle = oracle_of(model().fit(x, y))
    asked = clean[oracle.labels(clean) == 0][:40]
    shown = asked.copy()
    shown[:, list(planted)] = list(planted.values())
    assert (oracle.labels(shown) == 1).mean() >= 0.9
    found = [one.trigger for one in ColumnSearch(clean).propose(Contrast(oracle, [], asked)) if one.family == FILLED and one.aim.target == 1]
    assert any(set(sign.places) & set(planted) and (oracle.labels(sign.stamp(asked)) == 1).mean() >= 0.9 for sign in found)


@pytest.mark.parametrize("model", MODELS)
def test_honest_trees_fill_no_cell_that_clean_rows_leave_empty(model):
    clean = rows(600, 1)[0]
    assert filled(oracle_of(model().fit(*rows(900, 0))).structure(), clean) == []
