"""Evasion by rows that could exist: found, valid by an independent judge, cheap, and accounted for to the query."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.tabular import constrained_search
from aisecops.core.errors import UserError
from aisecops.datasets.domain import Change, Column, ColumnType, Domain, DomainError
from aisecops.oracles.budget import Budget, Metered
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.spec import Output
from tests.attacks.evasion.tabular.detectors import benchmark, cases

VICTIMS = ("LogisticRegression", "RandomForest", "HistGradientBoosting", "XGBoost", "DataFrame pipeline")
QUERIES = 300


def attacked(name, n=16, seed=0, **options):
    case, names = cases()[name], benchmark()
    flows, y = names.make_flows(400, seed=1)
    rows = case.matrix(flows)
    oracle = oracle_of(case.model, case.layout, classes=("ordinary", "attack"))
    samples = rows[(y == 1) & (oracle.labels(rows) == 1)][:n]
    starts = case.matrix(names.make_flows(200, seed=2)[0])
    metered = Metered(oracle, options.pop("budget", None))
    true = np.ones(len(samples), dtype=np.int64)
    found = constrained_search(
        metered, samples, true, space=case.domain, queries=options.pop("queries", QUERIES), seed=seed, starts=starts, **options
    )
    return case, oracle, metered, samples, found


@pytest.mark.parametrize("name", VICTIMS)
def test_detectors_are_evaded_by_rows_that_could_exist(name):
    case, oracle, metered, samples, found = attacked(name)
    names = benchmark()
    assert found.found.mean() >= 0.95
    valid = names.keeps_the_rules(case.flows(found.points)) & names.one_way(found.points, samples, case.domain)
    assert valid[found.found].all()
    assert np.array_equal(oracle.labels(found.points) == 0, found.found)
    assert metered.ledger.queries == found.queries.sum() and found.queries.max() <= QUERIES
    assert found.distance == pytest.approx(case.domain.bounded(samples).cost(found.points, samples), rel=1e-6)
    last = found.curve[-1]
    assert last[0] == QUERIES and np.array_equal(last[1], found.distance)
    assert all(np.all(later <= earlier) for (_, earlier), (_, later) in zip(found.curve, found.curve[1:], strict=False))


def test_another_measure_tells_of_the_same_search_which_of_its_evasions_is_nearest():
    def measure(points, rows):
        return Norm.LINF.distance(points / (1.0 + np.abs(rows)), rows / (1.0 + np.abs(rows)))

    *_, samples, cheapest = attacked("XGBoost", n=8, queries=200)
    _, oracle, _, _, nearest = attacked("XGBoost", n=8, queries=200, measure=measure)
    assert np.array_equal(nearest.queries, cheapest.queries) and np.array_equal(nearest.found, cheapest.found)
    assert np.all(oracle.labels(nearest.points)[nearest.found] == 0)
    assert nearest.distance[nearest.found] == pytest.approx(measure(nearest.points, samples)[nearest.found])
    assert np.all(nearest.distance <= measure(cheapest.points, samples) + 1e-12) or not cheapest.found.all()
    assert np.array_equal(nearest.curve[-1][1], nearest.distance)
    first = nearest.queries_within(np.median(nearest.distance))
    assert np.all(first[np.isfinite(first)] <= nearest.queries[np.isfinite(first)]) and np.isfinite(first).any()


def test_the_same_seed_gives_the_same_rows():
    first, second = (attacked("XGBoost", n=6, queries=200)[-1] for _ in range(2))
    assert np.array_equal(first.points, second.points) and np.array_equal(first.queries, second.queries)


def test_a_budget_ends_it_with_what_was_found():
    *_, metered, _, found = attacked("XGBoost", n=10, budget=Budget(queries=1_500))
    assert metered.ledger.queries == found.queries.sum() <= 1_500
    assert found.stopped and found.found.any()


def rule_oracle(rule, calls=None):
    def labels(rows):
        if calls is not None:
            calls.append(rows.copy())
        return np.asarray(rule(rows)).astype(int)

    return oracle_of(labels, classes=("good", "bad"), output=Output.LABELS)


SQUARE = Domain(columns=(Column(name="a", type=ColumnType.INTEGER, low=0, high=100), Column(name="b", type=ColumnType.INTEGER, low=0, high=100)))


def test_the_cheapest_row_is_found_where_it_is_known():
    origin = np.array([[10.0, 10.0], [30.0, 5.0], [0.0, 0.0]])
    found = constrained_search(rule_oracle(lambda x: x[:, 0] + 2 * x[:, 1] < 90), origin, np.ones(3, dtype=int), space=SQUARE, queries=400)
    wanted = np.ceil((90 - origin[:, 0] - 2 * origin[:, 1]) / 2) / 100
    assert found.distance == pytest.approx(wanted, abs=0.011)
    assert np.array_equal(found.points, np.rint(found.points))


@pytest.mark.parametrize(("norm", "wanted"), [(Norm.L1, 30.0), (Norm.L2, 27.3), (Norm.LINF, 20.5), (Norm.L0, 1.0)])
def test_norms_are_made_small_in_the_columns_units(norm, wanted):
    found = constrained_search(
        rule_oracle(lambda x: x[:, 0] + 2 * x[:, 1] < 90), np.array([[10.0, 10.0]]), np.ones(1, dtype=int), space=SQUARE, norm=norm, queries=800
    )
    assert found.norm == norm and wanted <= found.distance[0] + 1 <= wanted * 1.15 + 2


def test_prices_decide_what_is_changed():
    columns = (Column(name="a", low=0, high=1, cost=10), Column(name="b", low=0, high=1, cost=1))
    found = constrained_search(
        rule_oracle(lambda x: x.max(axis=1) < 0.7), np.zeros((4, 2)), np.ones(4, dtype=int), space=Domain(columns=columns), queries=300
    )
    assert found.distance == pytest.approx(0.7, abs=0.01)
    assert np.all(found.points[:, 0] == 0)


def test_every_query_could_exist():
    calls = []
    case, names = cases()["XGBoost"], benchmark()
    rows = case.matrix(names.make_flows(40, seed=3)[0])
    constrained_search(rule_oracle(lambda x: x[:, 0] < 500, calls), rows, np.ones(len(rows), dtype=int), space=case.domain, queries=60)
    asked = np.concatenate(calls)
    assert len(asked) > 1_000 and names.keeps_the_rules(case.flows(asked)).all()


def test_a_model_that_cannot_be_evaded_is_not():
    columns = (Column(name="a", low=0, high=1), Column(name="b", low=0, high=1, change=Change.IMMUTABLE))
    found = constrained_search(
        rule_oracle(lambda x: x[:, 1] < 0.5), np.full((3, 2), 0.2), np.ones(3, dtype=int), space=Domain(columns=columns), queries=200
    )
    assert not found.found.any() and np.isinf(found.distance).all()
    assert np.array_equal(found.points, np.full((3, 2), 0.2))


def test_a_row_that_the_model_gets_wrong_already_costs_nothing():
    found = constrained_search(rule_oracle(lambda x: x[:, 0] > 50), np.array([[10.0, 0.0]]), np.ones(1, dtype=int), space=SQUARE, queries=50)
    assert found.found[0] and found.distance[0] == 0 and found.queries[0] == 1


def test_missing_values_stay_missing_and_a_target_is_reached():
    columns = (Column(name="a", low=0, high=3), Column(name="b", low=0, high=1, missing=True))
    oracle = oracle_of(lambda x: np.clip(x[:, 0], 0, 2.99).astype(int), classes=("0", "1", "2"), output=Output.LABELS)
    samples = np.array([[0.5, np.nan], [0.2, 0.5]])
    found = constrained_search(oracle, samples, np.zeros(2, dtype=int), space=Domain(columns=columns), queries=200, target=np.array([2, 2]))
    assert found.found.all() and np.isnan(found.points[0, 1])
    assert oracle.labels(found.points).tolist() == [2, 2]
    assert found.distance == pytest.approx([0.5, 0.6], abs=0.01)


def test_what_does_not_fit_is_refused():
    oracle = rule_oracle(lambda x: x[:, 0] > 1)
    with pytest.raises(DomainError, match="the domain has 2 columns, the points are 3x4"):
        constrained_search(oracle, np.zeros((3, 4)), np.ones(3, dtype=int), space=SQUARE)
    with pytest.raises(UserError, match="give rows of the same table"):
        constrained_search(oracle, np.zeros((3, 2)), np.ones(3, dtype=int), space=SQUARE, starts=np.zeros((3, 5)))
    with pytest.raises(UserError, match="none of the classes 0 to 1"):
        constrained_search(oracle, np.zeros((3, 2)), np.full(3, 2), space=SQUARE)


def test_against_the_optimum_of_all_possible_rows():
    """A forest on three counts with a relation: 2,197 rows in all, so the cheapest evasion is known."""
    from sklearn.ensemble import RandomForestClassifier

    r = np.random.default_rng(0)
    columns = tuple(Column(name=name, type=ColumnType.INTEGER, low=0, high=12, cost=cost) for name, cost in (("a", 1), ("b", 2), ("c", 0.7)))
    domain = Domain(columns=(*columns, Column(name="sum", formula="a + b + c", high=30)), relations=("a <= b + 4",))
    rows = domain.repair(r.integers(0, 13, (400, 4)).astype(float), np.zeros((400, 4)))
    truth = (rows[:, 0] * rows[:, 1] + 3 * rows[:, 2] + r.normal(0, 6, 400) > 45).astype(int)
    oracle = oracle_of(RandomForestClassifier(25, random_state=0, n_jobs=1).fit(rows, truth))
    grid = np.stack(np.meshgrid(*[np.arange(13.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    possible = grid[(grid.sum(axis=1) <= 30) & (grid[:, 0] <= grid[:, 1] + 4)]
    possible = np.column_stack((possible, possible.sum(axis=1)))
    labels = oracle.labels(possible)
    samples = rows[:40]
    y = oracle.labels(samples)
    cost = np.abs(possible[None, :, :3] - samples[:, None, :3]) @ np.array([1, 2, 0.7])
    optimum = np.where(labels[None, :] != y[:, None], cost, np.inf).min(axis=1)
    found = constrained_search(oracle, samples, y, space=domain, queries=500, starts=rows[40:140])
    assert found.found.all()
    assert np.all(found.distance >= optimum - 1e-9)
    assert np.mean(found.distance <= optimum * 1.001) >= 0.9
    assert np.mean(found.distance / optimum) <= 1.05
