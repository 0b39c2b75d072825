"""Slices, proxies, means of groups, and what mitigation costs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from aisecops.core.errors import UserError
from aisecops.metrics.fairness import (
    Rate,
    Standing,
    calibration_gaps,
    equalising_thresholds,
    group_by,
    mean_gaps,
    price,
    proxies,
    reweighing,
    worst_slices,
)


def columns(rng, n=20_000, d=8):
    return {f"c{i}": rng.integers(0, 4, n) for i in range(d)}


def test_the_planted_slice_comes_first_and_its_interval_holds_the_truth():
    first = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        table = columns(rng)
        bad = (table["c1"] == 2) & (table["c4"] == 0) & (table["c6"] == 3)
        found = worst_slices(table, rng.random(20_000) < np.where(bad, 0.3, 0.1)).slices[0]
        first += found.name == "c1 = 2 and c4 = 0 and c6 = 3" and found.low <= 0.3 <= found.high
    assert first >= 9


def test_where_nothing_is_planted_slices_are_seldom_reported():
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        alarms += bool(worst_slices(columns(rng, n=5000, d=6), rng.random(5000) < 0.1).slices)
    assert alarms <= 5


def test_a_slice_counts_every_combination_once():
    table = {"a": ["x", "y"] * 50, "b": ["u"] * 50 + ["v"] * 50, "c": ["w"] * 100}
    assert worst_slices(table, [False] * 100, least=1).looked_at == 4 + 4
    with pytest.raises(UserError):
        worst_slices(table, [False] * 99)


def test_columns_of_many_values_are_searched_without_a_table_of_all_cells():
    rng = np.random.default_rng(0)
    table = {f"c{i}": rng.integers(0, 120, 5000).astype(str) for i in range(3)} | {"d": rng.integers(0, 4, 5000)}
    bad = (table["c0"] == "7") & (table["d"] == 1)
    bad[:40], table["c0"][:40], table["d"][:40] = True, "7", 1
    found = worst_slices(table, bad | (rng.random(5000) < 0.05), least=5)
    assert found.slices[0].name == "c0 = 7 and d = 1"
    assert found.slices[0].hits == found.slices[0].n == int(((table["c0"] == "7") & (table["d"] == 1)).sum())


def test_a_proxy_is_found_and_an_independent_column_is_not():
    rng = np.random.default_rng(0)
    sex = rng.integers(0, 2, 4000)
    height = 165 + 12.0 * sex + rng.normal(0, 8, 4000)
    hump = np.where(sex == 1, rng.normal(0, 0.3, 4000), rng.choice([-2.0, 2.0], 4000))
    found = {one.column: one for one in proxies({"sex": sex}, {"height": height, "hump": hump, "luck": rng.random(4000)})}
    assert found["height"].low > 0.8
    assert found["hump"].low > 0.9  # no straight line would see it
    assert found["luck"].low < 0.5 < found["luck"].high
    assert found["all columns together"].value > found["height"].value


def test_no_proxy_is_seen_where_there_is_none():
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = proxies({"race": rng.integers(0, 4, 1000)}, {f"c{i}": rng.random(1000) for i in range(5)}, seed=seed)
        alarms += any(one.low > 0.5 for one in found)
    assert alarms <= 8


def test_whose_scores_are_too_low_is_seen():
    rng = np.random.default_rng(4)
    group, chance = rng.integers(0, 3, 30_000), rng.uniform(0.1, 0.7, 30_000)
    y = (rng.random(30_000) < chance + 0.2 * (group == 2)).astype(int)
    gaps = calibration_gaps(group_by({"g": group})[0], y, chance)
    assert [gap.low > 0 for gap in gaps] == [False, False, True]
    assert gaps[2].low <= 0.2 <= gaps[2].high
    with pytest.raises(UserError):
        calibration_gaps(group_by({"g": group})[0], y, chance * 9)


def test_a_regression_that_underpays_one_group_is_seen_and_few_values_say_nothing():
    rng = np.random.default_rng(5)
    group = np.array(["a"] * 500 + ["b"] * 500 + ["c"] * 5)
    residual = rng.normal(0, 1, 1005) + 1.5 * (group == "b")
    gaps = {gap.group: gap for gap in mean_gaps(group_by({"g": group})[0], residual)}
    assert gaps["g = b"].low > 1
    assert gaps["g = c"].low == -np.inf


def lending(seed=0, n=12_000):
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    skill = rng.normal(0, 1, n)
    x = np.stack([skill + rng.normal(0, 0.5, n), (sex == "m") + rng.normal(0, 0.4, n)], axis=1)
    return sex, x, rng.random(n) < 1 / (1 + np.exp(-(1.5 * skill + 1.2 * (sex == "m") - 0.6)))


def test_thresholds_make_selection_fair_and_their_price_is_told():
    sex, x, due = lending()
    learn, judge = slice(0, 6000), slice(6000, None)
    score = LogisticRegression().fit(x[learn], due[learn]).predict_proba(x)[:, 1]
    cuts = equalising_thresholds({"sex": sex[learn]}, due[learn], score[learn], rate=Rate.SELECTION)
    after = cuts.apply({"sex": sex[judge]}, score[judge])
    cost = price({"sex": sex[judge]}, due[judge], score[judge] >= 0.5, after, rates=("selection-rate",))
    assert [one.standing for one in cost.before.comparisons] == [Standing.UNFAIR]
    assert [one.standing for one in cost.after.comparisons] == [Standing.FAIR]
    assert cost.change.low <= cost.accuracy_after - cost.accuracy_before <= cost.change.high
    assert cost.change.high < 0.01


def test_weights_take_the_outcome_from_the_group_and_train_a_fairer_model():
    sex, x, due = lending(1)
    weights = reweighing({"sex": sex}, due)
    assert weights.mean() == pytest.approx(1)
    rates = [np.average(due[sex == s], weights=weights[sex == s]) for s in "fm"]
    assert rates[0] == pytest.approx(rates[1])
    before, after = (LogisticRegression().fit(x[:6000], due[:6000], sample_weight=w).predict(x[6000:]) for w in (None, weights[:6000]))
    cost = price({"sex": sex[6000:]}, due[6000:], before, after, rates=("selection-rate",))
    assert abs(cost.after.comparisons[0].difference) < abs(cost.before.comparisons[0].difference) / 2


@pytest.mark.parametrize("rate", [Rate.ERROR, Rate.PREDICTIVE_VALUE])
def test_thresholds_that_cannot_be_had_are_refused(rate):
    with pytest.raises(UserError):
        equalising_thresholds({"g": ["a", "b"]}, [True, False], [0.1, 0.9], rate=rate)


@pytest.mark.parametrize(("drawn", "told"), [("normal", True), ("exponential", True), ("lognormal", False)])
def test_a_mean_of_skewed_values_has_an_interval_where_it_has_enough_of_them(drawn, told):
    rng, missed, finite = np.random.default_rng(0), 0, 0
    for _ in range(100):
        (part,) = group_by({"g": rng.choice(list("abcd"), 4000)})
        values = {"normal": rng.normal, "exponential": rng.exponential, "lognormal": lambda size: rng.lognormal(0, 2, size)}[drawn](size=4000)
        gaps = mean_gaps(part, values)
        missed += any(not gap.low <= 0 <= gap.high for gap in gaps)
        finite += all(np.isfinite(gap.high) for gap in gaps)
    assert missed <= 0.05 * 100 + 3 * np.sqrt(0.05 * 0.95 * 100)
    assert (finite > 90) is told
