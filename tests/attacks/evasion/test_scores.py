from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.catalogue import ATTACKS
from aisecops.attacks.evasion.directions import cosines
from aisecops.attacks.evasion.space import Box
from aisecops.attacks.evasion.square import windows
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.oracle import Capability, CapabilityError, OracleError

from .victims import Counting, Ledger, flows, victim

SCORE = [(name, norm) for name, attack in ATTACKS.items() if attack.capability is Capability.SCORES for norm in attack.norms]
REACH = {Norm.LINF: 0.2, Norm.L2: 1.2}


def attacked(name, norm, kind="logistic", *, shape=None, **settings):
    oracle, samples, y = victim(kind, Capability.SCORES, n=20)
    shaped = samples if shape is None else samples.reshape(-1, *shape)
    given = {"space": Box(), "norm": norm, "epsilon": REACH[norm], "queries": 300, "seed": 0} | settings
    return oracle, samples, y, ATTACKS[name].load()(oracle, shaped, y, **given)


@pytest.mark.parametrize(("name", "norm"), SCORE)
@pytest.mark.parametrize("shape", [None, (8, 8), (1, 8, 8)])
def test_evasions_lie_within_epsilon_and_flip_the_model(name, norm, shape):
    oracle, samples, y, attempts = attacked(name, norm, shape=shape)
    points = attempts.points.reshape(20, -1)
    found = attempts.found
    assert found.mean() > 0.6
    assert (oracle.model.predict(points)[found] != y[found]).all()
    assert (attempts.distance[found] <= REACH[norm]).all()
    np.testing.assert_allclose(attempts.distance[found], norm.distance(points, samples)[found])
    np.testing.assert_array_equal(points[~found], samples[~found])
    assert points.min() >= 0
    assert points.max() <= 1


@pytest.mark.parametrize(("name", "norm"), SCORE)
def test_every_query_is_counted_and_found_samples_cost_no_more(name, norm):
    oracle, _, _, attempts = attacked(name, norm)
    assert attempts.queries.sum() == oracle.queries
    assert (attempts.queries[~attempts.found] == 300).all()
    assert attempts.queries[attempts.found].mean() < 200
    assert oracle.calls <= 310


@pytest.mark.parametrize(("name", "norm"), SCORE)
def test_a_seed_decides_everything(name, norm):
    once, again = attacked(name, norm, queries=60)[3], attacked(name, norm, queries=60)[3]
    np.testing.assert_array_equal(once.points, again.points)
    np.testing.assert_array_equal(once.queries, again.queries)


@pytest.mark.parametrize("name", ["square", "nes"])
def test_a_forest_gives_way_although_its_scores_are_flat(name):
    *_, attempts = attacked(name, Norm.LINF, "forest", epsilon=0.25)
    assert attempts.found.mean() > 0.7


def test_waves_find_what_single_pixels_find():
    *_, pixels = attacked("simba", Norm.L2, shape=(8, 8))
    *_, waves = attacked("simba", Norm.L2, shape=(8, 8), waves=True)
    assert waves.found.sum() >= pixels.found.sum() - 3
    with pytest.raises(UserError, match="waves of images"):
        attacked("simba", Norm.L2, waves=True)


@pytest.mark.parametrize(("name", "norm"), SCORE)
def test_a_target_is_met(name, norm):
    target = (victim("logistic")[2] + 1) % 10
    oracle, _, _, attempts = attacked(name, norm, target=target, epsilon=10 * REACH[norm])
    assert attempts.found.mean() > 0.5
    assert (oracle.model.predict(attempts.points)[attempts.found] == target[attempts.found]).all()


@pytest.mark.parametrize(("name", "norm"), SCORE)
def test_wrong_already_is_distance_zero_for_one_query(name, norm):
    oracle, samples, y = victim("logistic", Capability.SCORES)
    y = (y + 1) % 10
    attempts = ATTACKS[name].load()(oracle, samples, y, space=Box(), norm=norm, epsilon=0.1)
    assert (attempts.distance == 0).all()
    assert (attempts.queries == 1).all()


@pytest.mark.parametrize(("name", "norm"), SCORE)
def test_a_spent_budget_ends_the_attack(name, norm):
    oracle, samples, y = victim("logistic", Capability.SCORES)
    metered = Metered(oracle, Budget(queries=399))
    attempts = ATTACKS[name].load()(metered, samples, y, space=Box(), norm=norm, epsilon=0.01, queries=1000)
    assert attempts.stopped.startswith("budget")
    assert attempts.queries.sum() == metered.ledger.queries == oracle.queries <= 399


@pytest.mark.parametrize("name", ["square", "simba", "nes"])
def test_in_a_space_with_relations_every_query_is_a_possible_row(name):
    model, flow, y = flows()
    near = np.flatnonzero((model.predict(flow) == y) & (np.abs(flow[:, 0] - flow[:, 1]) < 30))[:20]
    oracle, space = Counting(model), Ledger()
    attempts = ATTACKS[name].load()(oracle, flow[near], y[near], space=space, norm=Norm.LINF, epsilon=60.0, queries=200, seed=0)
    assert attempts.found.mean() > 0.5
    for batch in oracle.asked:
        assert space.valid(batch, batch).all()


@pytest.mark.parametrize("name", ["square", "simba", "nes"])
def test_frozen_columns_and_missing_values_stay(name):
    oracle, samples, y = victim("forest", Capability.SCORES)
    samples = samples.copy()
    samples[:, 30] = np.nan
    samples[:, 40:] = 0.5
    low, high = np.zeros(64), np.ones(64)
    low[40:] = high[40:] = 0.5
    attempts = ATTACKS[name].load()(oracle, samples, y, space=Box(low, high), norm=Norm.LINF, epsilon=0.5, queries=100, seed=0)
    assert np.isnan(attempts.points[:, 30]).all()
    assert (attempts.points[:, 40:] == 0.5).all()
    assert attempts.found.any()


@pytest.mark.parametrize("epsilon", [None, 0.0, -1.0, np.nan, np.inf])
def test_a_fixed_distance_has_to_be_given(epsilon):
    with pytest.raises(UserError, match="epsilon"):
        attacked("square", Norm.LINF, epsilon=epsilon)


def test_missing_scores_are_named():
    oracle, samples, y = victim("logistic", Capability.LABELS)
    with pytest.raises(CapabilityError, match="needs scores"):
        ATTACKS["square"].load()(oracle, samples, y, space=Box(), epsilon=0.1)


def test_scores_that_are_not_numbers_are_an_error():
    oracle, samples, y = victim("logistic", Capability.SCORES)
    oracle.scores = lambda batch: np.full((len(batch), 10), np.nan)
    with pytest.raises(OracleError, match="NaN"):
        ATTACKS["square"].load()(oracle, samples, y, space=Box(), epsilon=0.1)


@pytest.mark.parametrize("shape", [(3, 8, 9), (8, 9, 3)])
def test_squares_are_squares_wherever_the_colours_are(shape):
    rounds = SimpleNamespace(shape=(5, *shape), free=np.ones((5, 8 * 9 * 3), dtype=bool))
    window, signs = windows(rounds, np.arange(5), 0.2, np.random.default_rng(0))
    places = window.reshape(5, *shape) if shape[0] == 3 else np.moveaxis(window.reshape(5, *shape), 3, 1)
    assert (places == places[:, :1]).all()
    for one in places[:, 0]:
        assert one.sum() == one.any(axis=0).sum() * one.any(axis=1).sum() == 16
    by_colour = signs.reshape(5, *shape) if shape[0] == 3 else np.moveaxis(signs.reshape(5, *shape), 3, 1)
    assert (by_colour == by_colour[:, :, :1, :1]).all()


def test_waves_run_along_pixels_wherever_the_colours_are():
    coefficients = np.random.default_rng(0).standard_normal((4, 3, 5, 6))
    first = cosines(coefficients, (3, 9, 8)).reshape(4, 3, 9, 8)
    last = cosines(np.moveaxis(coefficients, 1, 3), (9, 8, 3)).reshape(4, 9, 8, 3)
    assert np.allclose(np.moveaxis(last, 3, 1), first)
