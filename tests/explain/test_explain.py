"""Explanations against their definitions, and against what happens when they are acted upon."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from aisecops.core.errors import UserError
from aisecops.datasets.domain import Column, Domain
from aisecops.explain import (
    baseline_shapley,
    counterfactuals,
    drift,
    explain_flips,
    permutation_importance,
    stability,
    tree_changes,
    tree_contributions,
)
from aisecops.oracles.opening import oracle_of
from aisecops.oracles.oracle import Capability
from aisecops.oracles.spec import Output
from aisecops.oracles.structure import TreeEnsemble


def data(n=1500, d=8, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, (x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * (x[:, 3] > 0.5) > 0.2).astype(int)


X, Y = data()
BOOSTED = oracle_of(GradientBoostingClassifier(n_estimators=30, max_depth=3, random_state=0).fit(X[:800], Y[:800]))
FOREST = oracle_of(RandomForestClassifier(8, max_depth=6, random_state=0).fit(X[:800], Y[:800]))


def by_orders(value, before, after):
    """The definition: the mean over all orders of what joining adds."""
    total = np.zeros(len(before))
    for order in permutations(range(len(before))):
        point, last = before.copy(), value(before[None])[0]
        for i in order:
            point[i] = after[i]
            now = value(point[None])[0]
            total[i] += now - last
            last = now
    return total / factorial(len(before))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_baseline_values_are_the_mean_over_all_orders(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.normal(size=(2, 5))
    after[rng.random(5) < 0.3] = before[0]
    after = np.where(rng.random(5) < 0.3, before, after)

    def value(points):
        return np.sin(points[:, 0] * points[:, 1]) + points[:, 2] ** 2 - np.maximum(points[:, 3], points[:, 4])

    found = baseline_shapley(value, before[None], after[None])
    assert found.values[0] == pytest.approx(by_orders(value, before, after), abs=1e-12)
    assert found.values.sum() == pytest.approx(found.change[0])


@pytest.mark.parametrize("oracle", [BOOSTED, FOREST], ids=["boosted", "forest"])
def test_the_structure_of_trees_gives_the_same_values_and_adds_up(oracle):
    trees = oracle.structure()
    assert isinstance(trees, TreeEnsemble)
    before, after = X[800:840].copy(), X[840:880].copy()
    before[3, 2] = np.nan
    asked = baseline_shapley(lambda points: trees.sums(trees.leaves(points))[:, -1], before, after)
    read = tree_changes(trees, before, after)[:, :, -1]
    assert read == pytest.approx(asked.values, abs=1e-9)
    assert read.sum(axis=1) == pytest.approx(asked.change, abs=1e-9)


def test_path_dependent_values_are_those_of_the_game_and_add_up():
    model = RandomForestClassifier(2, max_depth=3, random_state=1).fit(X[:300, :4], Y[:300])
    trees, background, point = oracle_of(model).structure(), X[300:500, :4], X[700, :4]

    def expected(node, known, rows):
        """What TreeSHAP says a tree answers that knows only some features."""
        if trees.left[node] == node:
            return trees.value[node]
        column, left, right = trees.feature[node], trees.left[node], trees.right[node]
        goes = background[rows, column] <= trees.threshold[node]
        if column in known:
            return expected(left, known, rows[goes]) if point[column] <= trees.threshold[node] else expected(right, known, rows[~goes])
        share = goes.mean() if len(rows) else 0.5
        return share * expected(left, known, rows[goes]) + (1 - share) * expected(right, known, rows[~goes])

    def game(bits):
        known = set(np.flatnonzero(bits[0]).tolist())
        return np.array([sum(expected(root, known, np.arange(200))[1] for root in trees.roots) / trees.divisor])

    values, base = tree_contributions(trees, point[None], background)
    assert values[0, :, 1] == pytest.approx(by_orders(game, np.zeros(4), np.ones(4)), abs=1e-12)
    assert base + values[0].sum(axis=0) == pytest.approx(trees.sums(trees.leaves(point[None]))[0])


def nearby_flips(oracle, n=60):
    """Rows and what they become when three columns are taken from another row that is answered otherwise."""
    rng, pairs = np.random.default_rng(1), []
    while len(pairs) < n:
        i, j = rng.integers(800, 1500, 2)
        turned = X[i].copy()
        columns = rng.choice(8, 4, replace=False)
        turned[columns] = X[j, columns]
        if oracle.labels(turned[None])[0] != oracle.labels(X[i][None])[0]:
            pairs.append((X[i], turned))
    return map(np.array, zip(*pairs, strict=True))


@pytest.mark.parametrize("kind", ["trees", "scores", "labels"])
def test_undoing_the_named_changes_undoes_the_flip(kind):
    oracle = BOOSTED if kind == "trees" else oracle_of(LogisticRegression().fit(X[:800], Y[:800]))
    if kind == "labels":
        oracle = oracle_of(oracle.labels, classes=("0", "1"), output=Output.LABELS)
        assert Capability.SCORES not in oracle.capabilities
    before, after = nearby_flips(oracle)
    flips = explain_flips(oracle, before, after)
    assert flips.contributions.exact.all()
    assert np.all(flips.contributions.change > 0)
    top, everything = flips.undo_rate(oracle, 1), flips.undo_rate(oracle, 4)
    assert top[0] >= 0.6
    assert everything[0] == 1.0
    assert top[1].low < top[0]
    least = [row for row in range(len(before)) if len(flips.contributions.ranked(row)) > 2]
    wrong = after.copy()
    for row in least:
        column = flips.contributions.ranked(row)[-1]
        wrong[row, column] = before[row, column]
    assert np.mean(oracle.labels(wrong)[least] == flips.label[least]) < top[0]


def test_more_than_sixteen_changes_are_estimated_with_an_error_or_read_off_the_trees():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=20)
    before, after = np.zeros((1, 20)), np.ones((1, 20))
    found = baseline_shapley(lambda points: points @ weights + points[:, 0] * points[:, 1], before, after, orders=50)
    assert not found.exact[0]
    true = weights + np.where(np.arange(20) < 2, 0.5, 0.0)
    assert np.all(np.abs(found.values[0] - true) <= 5 * found.error[0] + 1e-12)
    assert found.values.sum() == pytest.approx(found.change[0])


def test_a_counterfactual_keeps_only_what_it_needs_and_what_the_domain_allows():
    before, after = nearby_flips(BOOSTED)
    flips = explain_flips(BOOSTED, before, after)
    found = counterfactuals(BOOSTED, flips)
    assert np.all(BOOSTED.labels(found.points) == flips.flipped)
    assert found.kept.mean() < 3
    for row in range(10):  # nothing that is kept can be taken back alone
        for column in np.flatnonzero(found.points[row] != before[row]):
            trial = found.points[row].copy()
            trial[column] = before[row, column]
            assert BOOSTED.labels(trial[None])[0] != flips.flipped[row] or found.kept[row] > 1
    domain = Domain(columns=tuple(Column(name=f"c{i}") for i in range(8)), relations=("c0 - c1 <= 100",))
    assert counterfactuals(BOOSTED, flips, domain=domain).valid.all()


@pytest.mark.parametrize(("before", "after"), [(X[:2], X[:2]), (X[:0], X[:0]), (X[:2], X[:3])])
def test_pairs_without_a_flip_are_refused(before, after):
    with pytest.raises(UserError):
        explain_flips(BOOSTED, before, after)


def test_importance_finds_the_columns_that_count_and_its_intervals_hold():
    blocks = {f"c{i}": [i] for i in range(8)}
    found = {one.column: one for one in permutation_importance(BOOSTED, X[800:], Y[800:], blocks)}
    assert found["c0"].low > 0.05
    assert found["c7"].low <= 0 <= found["c7"].high
    big, big_y = data(60_000, seed=9)
    true = permutation_importance(BOOSTED, big, big_y, {"c0": [0]}, repeats=2)[0].drop
    rng, missed = np.random.default_rng(2), 0
    for seed in range(60):
        rows = rng.choice(60_000, 300, replace=False)
        one = permutation_importance(BOOSTED, big[rows], big_y[rows], {"c0": [0]}, repeats=2, seed=seed)[0]
        missed += not one.low <= true <= one.high
    assert missed <= 7


def test_stable_explanations_agree_and_random_ones_do_not():
    fixed = np.arange(50.0).reshape(10, 5) + 1
    assert stability(lambda seed: fixed, [0, 1, 2]).top == stability(lambda seed: fixed, [0, 1]).order == 1.0
    random = stability(lambda seed: np.random.default_rng(seed).random((200, 20)), [0, 1, 2])
    assert random.top < 0.3
    assert abs(random.order) < 0.1


def test_drift_names_the_column_that_a_new_version_looks_at():
    first = oracle_of(GradientBoostingClassifier(n_estimators=20, random_state=0).fit(X[:800], Y[:800])).structure()
    leaky = np.where(np.random.default_rng(0).random(1500) < 0.95, Y, 1 - Y)
    changed = X.copy()
    changed[:, 7] = leaky + 0.01 * X[:, 7]
    second = oracle_of(GradientBoostingClassifier(n_estimators=20, random_state=0).fit(changed[:800], Y[:800])).structure()
    contributions = [tree_contributions(trees, changed[800:900], changed[:300])[0][:, :, 0] for trees in (first, first, second)]
    names = [f"c{i}" for i in range(8)]
    same, moved = drift(contributions[0], contributions[1], names), drift(contributions[0], contributions[2], names)
    assert (same.distance, same.moved) == (0.0, ())
    assert moved.moved[0].column == "c7"
    assert moved.distance > 0.5
