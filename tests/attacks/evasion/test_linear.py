"""The closed form for linear maps: against linear programming and a sampled search, within bounds, and on real models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.exact import exact
from aisecops.attacks.evasion.linear import least_move
from aisecops.attacks.evasion.space import Box
from aisecops.oracles.opening import oracle_of
from tests.attacks.evasion.trees.models import table

NORMS = (Norm.LINF, Norm.L2, Norm.L1)


def by_optimiser(weight, room, margin, norm):
    """The least cost by a linear program, or for L2 by SLSQP; infinite where there is none."""
    from scipy.optimize import linprog, minimize

    if weight @ room < margin:
        return np.inf
    if norm is Norm.L2:
        start = room * min(1.0, margin / (weight @ room) if margin else 0.0)
        constraint = {"type": "eq", "fun": lambda t: weight @ t - margin, "jac": lambda t: weight}
        found = minimize(lambda t: t @ t, start, jac=lambda t: 2 * t, bounds=[(0, r) for r in room], constraints=constraint, options={"ftol": 1e-14})
        return np.sqrt(found.fun)
    d = len(weight)
    if norm is Norm.L1:
        return linprog(np.ones(d), A_eq=weight[None], b_eq=[margin], bounds=[(0, r) for r in room]).fun
    below = np.concatenate([np.eye(d), -np.ones((d, 1))], axis=1)
    answer = linprog(
        np.append(np.zeros(d), 1),
        A_ub=below,
        b_ub=np.zeros(d),
        A_eq=np.append(weight, 0)[None],
        b_eq=[margin],
        bounds=[(0, r) for r in room] + [(0, None)],
    )
    return answer.fun


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(NORMS))
def test_the_move_is_the_cheapest(seed, norm):
    random = np.random.default_rng(seed)
    weight, room = random.random(5) * (random.random(5) < 0.8), random.random(5) * (random.random(5) < 0.8)
    margin = 1.1 * random.random() * (weight @ room)
    move = least_move(weight[None], room[None], np.array([margin]), norm)[0]
    truth = by_optimiser(weight, room, margin, norm)
    if np.isinf(truth):
        assert np.isnan(move).all()
    else:
        assert weight @ move == pytest.approx(margin, abs=1e-12)
        assert np.all((move >= 0) & (move <= room))
        assert norm.distance(move[None], np.zeros((1, 5)))[0] == pytest.approx(truth, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_without_bounds_it_is_the_margin_over_the_dual_norm(norm):
    weight, margin = np.array([[3.0, 4.0]]), np.array([10.0])
    move = least_move(weight, np.full((1, 2), np.inf), margin, norm)
    dual = {Norm.LINF: 7.0, Norm.L2: 5.0, Norm.L1: 4.0}[norm]
    assert norm.distance(move, np.zeros((1, 2)))[0] == pytest.approx(10 / dual)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("norm", NORMS)
def test_real_models_give_way_at_the_certified_distance_and_not_before(classes, norm):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = table(classes)
    oracle = oracle_of(make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y))
    result = exact(oracle, x[:40], y[:40], space=Box(-np.inf, np.inf), norm=norm)
    assert np.all(result.found)
    assert np.all(oracle.labels(result.points) != y[:40])
    assert np.all(result.lower <= result.distance)
    assert np.allclose(result.lower, result.distance, rtol=1e-6, atol=1e-9)
    random, right = np.random.default_rng(0), result.lower > 0
    step = random.standard_normal((500, right.sum(), 3))
    scale = 0.9999 * result.lower[right] / np.stack([norm.distance(one, np.zeros_like(one)) for one in step])
    near = (x[:40][right] + scale[..., None] * step).reshape(-1, 3)
    assert np.all(oracle.labels(near) == np.tile(y[:40][right], 500))


def test_where_nothing_may_move_enough_there_is_no_evasion_and_no_limit_to_the_certificate():
    from sklearn.linear_model import LogisticRegression

    x, y = table(2)
    oracle = oracle_of(LogisticRegression().fit(x, y))
    right = np.flatnonzero(oracle.labels(x) == y)[:10]
    result = exact(oracle, x[right], y[right], space=Box(x[right], x[right]), norm=Norm.L2)
    assert not result.found.any()
    assert np.all(np.isinf(result.lower)) and np.all(np.isinf(result.distance))
