from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.catalogue import ATTACKS
from aisecops.attacks.evasion.space import Box
from aisecops.core.errors import UserError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.oracle import Capability, CapabilityError, OracleError

from .victims import Counting, Ledger, flows, victim

DECISION = [(name, norm) for name, attack in ATTACKS.items() if attack.capability is Capability.LABELS for norm in attack.norms]


def attacked(name, norm, kind="forest", *, n=20, space=None, **settings):
    oracle, samples, y = victim(kind, Capability.LABELS, n=n)
    return oracle, samples, y, ATTACKS[name].load()(oracle, samples, y, space=space or Box(), norm=norm, **({"queries": 200, "seed": 0} | settings))


@pytest.mark.parametrize(("name", "norm"), DECISION)
@pytest.mark.parametrize("kind", ["forest", "logistic"])
def test_every_evasion_flips_the_model_at_the_distance_told_for_the_queries_told(name, norm, kind):
    oracle, samples, y, attempts = attacked(name, norm, kind)
    assert attempts.found.all()
    assert (oracle.model.predict(attempts.points) != y).all()
    np.testing.assert_allclose(attempts.distance, norm.distance(attempts.points, samples))
    assert attempts.points.min() >= 0
    assert attempts.points.max() <= 1
    assert attempts.queries.sum() == oracle.queries
    assert attempts.queries.max() <= 200
    assert attempts.stopped == ""


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_what_is_returned_was_asked(name, norm):
    oracle, _, _, attempts = attacked(name, norm, n=5)
    asked = np.concatenate(oracle.asked)
    assert all((asked == point).all(axis=1).any() for point in attempts.points)


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_all_samples_share_the_calls(name, norm):
    few, many = attacked(name, norm, n=5)[0], attacked(name, norm, n=40)[0]
    assert many.calls < 1.5 * few.calls


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_more_queries_come_nearer_and_the_curve_tells_how_fast(name, norm):
    *_, attempts = attacked(name, norm, "logistic", queries=800)
    queries, distances = zip(*attempts.curve, strict=True)
    assert list(queries) == sorted(queries)
    assert queries[-1] == 800
    assert (np.diff(np.array(distances), axis=0) <= 0).all()
    np.testing.assert_array_equal(distances[-1], attempts.distance)
    medians = dict(zip(queries, np.median(distances, axis=1), strict=True))
    assert medians[800] < 0.9 * medians[100]


def test_the_curve_is_what_a_smaller_budget_would_have_seen():
    *_, short = attacked("cgba", Norm.L2, queries=100)
    *_, long = attacked("cgba", Norm.L2, queries=500)
    assert (dict(long.curve)[100] >= long.distance).all()
    assert (dict(long.curve)[20] >= dict(short.curve)[100]).all()


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_a_seed_decides_everything(name, norm):
    *_, once = attacked(name, norm, seed=3, n=5)
    *_, again = attacked(name, norm, seed=3, n=5)
    *_, other = attacked(name, norm, seed=4, n=5)
    np.testing.assert_array_equal(once.points, again.points)
    assert (once.points != other.points).any()


def test_a_linear_model_is_evaded_near_its_true_boundary():
    oracle, samples, y, attempts = attacked("cgba", Norm.L2, "logistic", queries=1500, space=Box(-5.0, 5.0))
    weights, offset = oracle.model.coef_, oracle.model.intercept_
    margins = (samples @ weights.T + offset)[np.arange(len(y)), y][:, None] - (samples @ weights.T + offset)
    gaps = np.linalg.norm(weights[y][:, None] - weights[None], axis=2)
    exact = np.where(gaps > 0, margins / np.where(gaps > 0, gaps, 1), np.inf).min(axis=1)
    assert (attempts.distance >= exact - 1e-9).all()
    assert np.median(attempts.distance / exact) < 1.1


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_wrong_already_is_distance_zero_for_one_query(name, norm):
    oracle, samples, y = victim("forest", Capability.LABELS)
    y = y.copy()
    y[:3] = (y[:3] + 1) % 10
    attempts = ATTACKS[name].load()(oracle, samples, y, space=Box(), norm=norm, queries=100, seed=0)
    assert (attempts.distance[:3] == 0).all()
    assert (attempts.queries[:3] == 1).all()
    np.testing.assert_array_equal(attempts.points[:3], samples[:3])


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_a_spent_budget_ends_the_attack_with_what_it_has(name, norm):
    oracle, samples, y = victim("forest", Capability.LABELS)
    for budget in (Budget(calls=30), Budget(queries=1999)):
        metered = Metered(oracle, budget)
        attempts = ATTACKS[name].load()(metered, samples, y, space=Box(), norm=norm, queries=1000, seed=0)
        assert attempts.stopped.startswith("budget")
        assert attempts.found.all()
        assert attempts.queries.sum() == metered.ledger.queries
        assert metered.ledger.queries <= 1999 or budget.queries is None


def test_a_budget_below_one_query_a_sample_finds_nothing_and_says_so():
    oracle, samples, y = victim("forest", Capability.LABELS)
    attempts = ATTACKS["cgba"].load()(Metered(oracle, Budget(queries=0)), samples, y, space=Box(), queries=10, seed=0)
    assert not attempts.found.any()
    assert attempts.stopped
    assert oracle.queries == attempts.queries.sum() == 0


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_within_epsilon_is_enough(name, norm):
    reach = {Norm.L2: 0.9, Norm.LINF: 0.3}.get(norm, 1.0)
    *_, all_in = attacked(name, norm)
    *_, attempts = attacked(name, norm, epsilon=reach)
    done = attempts.distance <= reach
    assert done.any()
    assert attempts.queries[done].mean() < all_in.queries[done].mean()


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_a_target_is_met(name, norm):
    _, pool, _ = victim("forest", n=200)
    oracle, samples, y = victim("forest", Capability.LABELS)
    target = (y + 1) % 10
    attempts = ATTACKS[name].load()(oracle, samples, y, space=Box(), norm=norm, queries=300, seed=0, starts=pool, target=target)
    assert attempts.found.all()
    assert (oracle.model.predict(attempts.points) == target).all()
    assert attempts.queries.sum() == oracle.queries


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_a_single_sample_starts_from_noise(name, norm):
    oracle, *_, attempts = attacked(name, norm, n=1)
    assert attempts.found.all()
    assert oracle.queries == attempts.queries.sum() <= 200


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_in_a_space_with_relations_every_query_is_a_possible_row(name, norm):
    model, flow, y = flows()
    right = np.flatnonzero(model.predict(flow) == y)[:30]
    oracle, space = Counting(model, Capability.LABELS), Ledger()
    attempts = ATTACKS[name].load()(oracle, flow[right], y[right], space=space, norm=norm, queries=300, seed=0, starts=flow)
    assert attempts.found.mean() > 0.95
    found = attempts.found
    assert space.valid(attempts.points[found], flow[right][found]).all()
    assert (model.predict(attempts.points[found]) != y[right][found]).all()
    for batch in oracle.asked:
        assert space.valid(batch, batch).all()
    assert attempts.queries.sum() == oracle.queries


def test_frozen_columns_and_missing_values_stay():
    oracle, samples, y = victim("forest", Capability.LABELS)
    samples = samples.copy()
    samples[:, 30] = np.nan
    low, high = np.zeros(64), np.ones(64)
    low[40:] = high[40:] = 0.5
    samples[:, 40:] = 0.5
    attempts = ATTACKS["cgba"].load()(oracle, samples, y, space=Box(low, high), queries=200, seed=0)
    assert np.isnan(attempts.points[:, 30]).all()
    assert (attempts.points[:, 40:] == 0.5).all()
    assert attempts.found.any()


@pytest.mark.parametrize(("name", "norm"), DECISION)
def test_a_constant_model_is_never_evaded(name, norm):
    class Constant(Counting):
        def labels(self, batch):
            self._count(batch)
            return np.zeros(len(batch), dtype=np.int64)

    _, samples, y = victim("forest")
    oracle = Constant(victim("forest")[0].model, Capability.LABELS)
    attempts = ATTACKS[name].load()(oracle, samples, np.zeros_like(y), space=Box(), norm=norm, queries=100, seed=0, starts=samples)
    assert not attempts.found.any()
    assert np.isinf(attempts.distance).all()
    assert attempts.queries.max() <= 100
    assert attempts.queries.sum() == oracle.queries


def test_images_keep_their_shape():
    oracle, samples, y = victim("forest", Capability.LABELS)
    attempts = ATTACKS["cgba"].load()(oracle, samples.reshape(-1, 8, 8), y, space=Box(), queries=200, seed=0)
    assert attempts.points.shape == (20, 8, 8)
    assert attempts.found.all()


def test_no_samples_are_no_attempts():
    oracle, samples, y = victim("forest", Capability.LABELS)
    attempts = ATTACKS["cgba"].load()(oracle, samples[:0], y[:0], space=Box(), queries=200, seed=0)
    assert attempts.points.shape == (0, 64)
    assert oracle.queries == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.full(20, 10)}, "none of the classes"),
        ({"y": np.full(20, -1)}, "none of the classes"),
        ({"y": np.full(20, 0.5)}, "none of the classes"),
        ({"y": np.zeros(19, dtype=int)}, "labels have the shape"),
        ({"samples": np.full((20, 64), np.inf)}, "infinite"),
        ({"samples": np.zeros(20)}, "shape"),
        ({"norm": Norm.L0}, "not l0"),
        ({"starts": np.zeros((3, 5))}, "starts"),
        ({"queries": 0}, "queries"),
    ],
)
def test_bad_input_is_refused_in_one_line(change, message):
    oracle, samples, y = victim("forest", Capability.LABELS)
    given = {"samples": samples, "y": y, "space": Box(), "queries": 100} | change
    with pytest.raises(UserError, match=message) as refusal:
        ATTACKS["cgba"].load()(oracle, given.pop("samples"), given.pop("y"), **given)
    assert "\n" not in str(refusal.value)


def test_a_missing_capability_is_named():
    oracle, samples, y = victim("forest", Capability.STRUCTURE)
    with pytest.raises(CapabilityError, match="needs labels"):
        ATTACKS["cgba"].load()(oracle, samples, y, space=Box())


def test_an_answer_of_the_wrong_shape_is_an_error():
    oracle, samples, y = victim("forest", Capability.LABELS)
    oracle.labels = lambda batch: np.zeros((len(batch), 2))
    with pytest.raises(OracleError, match="shape"):
        ATTACKS["cgba"].load()(oracle, samples, y, space=Box())
