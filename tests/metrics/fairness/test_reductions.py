"""fairlearn's reductions, measured before and after with the price in accuracy."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from aisecops.core.errors import UserError
from aisecops.metrics.fairness import Rate, price
from aisecops.metrics.fairness.reductions import reduced

N = 3000


def people(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], N)
    x = rng.normal(size=(N, 3)) + np.column_stack([0.8 * (sex == "m"), 0.5 * (sex == "m"), np.zeros(N)])
    return x, sex, x[:, 0] + 0.5 * x[:, 2] + rng.normal(0, 0.5, N) > 0.4


def test_the_gap_closes_and_the_price_is_told():
    x, sex, due = people(0)
    test, groups, truth = people(1)
    plain = LogisticRegression().fit(x, due)
    fair = reduced(LogisticRegression(), x, due, {"sex": sex}, rate=Rate.SELECTION)
    cost = price({"sex": groups}, truth, plain.predict(test), fair.apply(test, seed=1), rates=["selection-rate"])
    before, after = (max(abs(one.difference) for one in audit.comparisons) for audit in (cost.before, cost.after))
    assert before > 0.2
    assert after < 0.1
    assert cost.accuracy_after < cost.accuracy_before
    assert cost.change.high < 0
    assert (fair.apply(test, seed=1) == fair.apply(test, seed=1)).all()


def test_what_cannot_be_done_is_said(monkeypatch):
    x, sex, due = people(0)
    with pytest.raises(UserError, match="reductions can equalise"):
        reduced(LogisticRegression(), x, due, {"sex": sex}, rate=Rate.BASE)
    with pytest.raises(UserError, match="different lengths"):
        reduced(LogisticRegression(), x[:-1], due, {"sex": sex})
    monkeypatch.setitem(sys.modules, "fairlearn", None)
    with pytest.raises(UserError, match="fairlearn, which is not installed"):
        reduced(LogisticRegression(), x, due, {"sex": sex})
