"""Verdicts about groups: what chance alone does, what a real difference does, and what too few samples do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from aisecops.core.errors import UserError
from aisecops.core.statistics import clopper_pearson
from aisecops.metrics.fairness import Rate, Standing, audit, rates_of
from aisecops.metrics.fairness.groups import group_by
from aisecops.metrics.fairness.hypergeometric import two_sided, upper_tail
from aisecops.metrics.fairness.intervals import differences, proportions


@pytest.mark.parametrize("groups", [2, 10, 50, 215, 2000])
@pytest.mark.parametrize("base", [0.05, 0.4])
def test_a_model_that_treats_all_alike_is_seldom_called_unfair_however_many_groups_there_are(groups, base):
    rng, alarms, runs = np.random.default_rng(groups), 0, {2: 60, 10: 30, 50: 10, 215: 4, 2000: 1}[groups]
    for _ in range(runs):
        sizes = rng.pareto(1.2, groups) + 0.2
        member = rng.choice(groups, 10_000, p=sizes / sizes.sum())
        due, favoured = rng.random(10_000) < base, rng.random(10_000) < base
        alarms += bool(audit({"group": member.astype(str)}, due, favoured, margin=0.001).of(Standing.UNFAIR))
    assert stats.binomtest(alarms, runs, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.parametrize("groups", [2, 20])
def test_the_intervals_hold_together(groups):
    rng, missed, runs = np.random.default_rng(5), 0, 40
    rate, shares = rng.uniform(0.02, 0.6, groups), np.arange(1, groups + 1) / (groups * (groups + 1) / 2)
    for _ in range(runs):
        member = rng.choice(groups, 1500, p=shares)
        favoured = rng.random(1500) < rate[member]
        found = audit({"g": np.char.zfill(member.astype(str), 3)}, favoured, favoured, rates=("selection-rate",))
        names = np.unique(member).tolist()
        for one in found.comparisons:
            g = names[[f"g = {name:03d}" for name in names].index(one.group)]
            rest = np.average(np.delete(rate, g), weights=np.bincount(member, minlength=groups)[np.arange(groups) != g])
            if not one.low <= rate[g] - rest <= one.high:
                missed += 1
                break
    assert stats.binomtest(missed, runs, 0.05, alternative="greater").pvalue > 0.01


def test_a_real_difference_is_found_and_named_with_its_counts():
    rng = np.random.default_rng(1)
    sex, due = rng.choice(["female", "male"], 4000), rng.random(4000) < 0.5
    favoured = np.where(sex == "male", rng.random(4000) < 0.7, rng.random(4000) < 0.4)
    found = audit({"sex": sex}, due, favoured)
    worst = found.of(Standing.UNFAIR)[0]
    assert {one.rate for one in found.of(Standing.UNFAIR)} >= {Rate.SELECTION, Rate.TRUE_POSITIVE, Rate.FALSE_POSITIVE}
    assert worst.group == "sex = female"
    selection = next(one for one in found.comparisons if one.rate is Rate.SELECTION)
    assert (selection.hits, selection.trials) == (int(favoured[sex == "female"].sum()), int((sex == "female").sum()))
    assert selection.low < selection.difference < selection.high < -0.1
    assert selection.ratio_low < selection.ratio < selection.ratio_high < 0.8


def test_where_two_columns_meet_shows_what_neither_shows_alone():
    rng = np.random.default_rng(2)
    sex, race = rng.choice(["f", "m"], 8000), rng.choice(["a", "b"], 8000)
    favoured = rng.random(8000) < np.where((sex == "f") == (race == "a"), 0.7, 0.3)
    found = audit({"sex": sex, "race": race}, favoured, favoured, rates=("demographic_parity_difference",))
    assert {one.group for one in found.of(Standing.UNFAIR)} == {f"sex = {s} and race = {r}" for s in "fm" for r in "ab"}
    assert {one.group for one in found.of(Standing.FAIR)} == {"sex = f", "race = a"}


def test_enough_equal_treatment_is_called_fair_and_too_little_says_how_much_more():
    rng = np.random.default_rng(3)
    for n, expected in ((60, Standing.TOO_FEW), (20_000, Standing.FAIR)):
        group = rng.choice(["a", "b"], n)
        answer = np.arange(n) % 2 == 0
        (one,) = audit({"g": group}, answer, answer, rates=("selection_rate",), margin=0.1).comparisons
        assert one.standing is expected
    group, answer = np.repeat(["a", "b"], 60), np.tile([True, False], 60)
    (one,) = audit({"g": group}, answer, answer, rates=("selection_rate",)).comparisons
    assert one.more
    n = (one.trials + one.more) // 2 * 4
    group, answer = np.repeat(["a", "b"], n // 2), np.tile([True, False], n // 2)
    (later,) = audit({"g": group}, answer, answer, rates=("selection_rate",)).comparisons
    assert later.standing is Standing.FAIR


def test_a_group_without_anybody_concerned_is_too_few_not_fair():
    due = np.array([True, True, False, False] * 50)
    group = np.where(due, "a", "b")
    (one,) = audit({"g": group}, due, due, rates=("true-positive-rate",)).comparisons
    assert (one.standing, one.rest, one.low, one.high, one.more) == (Standing.TOO_FEW, None, -1.0, 1.0, None)


def test_names_of_fairlearn_and_aif360_are_understood():
    assert rates_of("equalized_odds_difference") == rates_of("equalized_odds_ratio") == (Rate.TRUE_POSITIVE, Rate.FALSE_POSITIVE)
    assert rates_of("demographic_parity_ratio") == rates_of("disparate_impact") == (Rate.SELECTION,)
    assert rates_of("recall_score_group_min") == (Rate.TRUE_POSITIVE,)
    assert all(rates_of(rate.value) == (rate,) for rate in Rate)
    with pytest.raises(UserError, match="no fairness metric"):
        rates_of("goodness")


@pytest.mark.parametrize(("columns", "margin"), [({}, 0.1), ({"g": ["a"]}, 0.1), ({"g": ["a", "a"]}, 0.1), ({"g": ["a", "b"]}, 0)])
def test_what_cannot_be_compared_is_refused(columns, margin):
    with pytest.raises(UserError):
        audit(columns, [True, False], [True, True], margin=margin)


def test_missing_values_are_a_group_and_numbers_are_cut():
    (texts,) = group_by({"race": ["a", None, "", "b", float("nan")]})
    assert texts.names == ("race = a", "race = b", "race = missing")
    assert texts.member.tolist() == [0, 2, 2, 1, 2]
    (ages,) = group_by({"age": np.append(np.arange(20.0, 60.0), np.nan)})
    assert len(ages.names) == 5
    assert ages.names[-1] == "age missing"
    assert np.bincount(ages.member).tolist() == [10, 10, 10, 10, 1]


def test_columns_of_many_values_meet_without_a_table_of_all_cells():
    rng = np.random.default_rng(0)
    columns = {name: rng.integers(0, 3000, 4000).astype(str) for name in "ab"}
    *_, both = group_by(columns)
    assert len(both.names) == len(set(zip(columns["a"], columns["b"], strict=True)))
    assert both.names[both.member[17]] == f"a = {columns['a'][17]} and b = {columns['b'][17]}"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_fishers_test_is_scipys(data):
    total = data.draw(st.integers(2, 3000))
    members, wrong = data.draw(st.integers(1, total - 1)), data.draw(st.integers(0, total))
    hits = data.draw(st.integers(max(0, members + wrong - total), min(members, wrong)))
    expected = stats.hypergeom.sf(hits - 1, total, wrong, members)
    assert upper_tail(hits, members, wrong, total) == pytest.approx(expected, rel=1e-8, abs=1e-300)
    assert 0.0 <= two_sided(hits, members, wrong, total) <= 1.0


@settings(max_examples=80, deadline=None)
@given(st.integers(1001, 10**6), st.floats(0, 1), st.sampled_from([0.9, 0.95, 1 - 1e-5]))
def test_the_interval_of_large_groups_holds_clopper_and_pearsons_and_is_hardly_wider(n, share, level):
    k = round(share * n)
    band, exact = proportions(np.array([k]), np.array([n]), level), clopper_pearson(k, n, level)
    tail = (1 - level) / 2
    assert band.low[0] <= exact.low + 1e-12
    assert band.high[0] >= exact.high - 1e-12
    if 0 < k < n:
        assert exact.low - band.low[0] < 1.5 / n
        assert band.high[0] - exact.high < 1.5 / n
        assert stats.binom.cdf(k, n, band.high[0]) <= tail * (1 + 1e-9)


@pytest.mark.parametrize("level", [0.95, 1 - 0.05 / 4, 1 - 0.05 / 200, 1 - 0.05 / 2000])
@pytest.mark.parametrize(("n", "m"), [(20, 1000), (5, 2000), (100, 100), (100, 1000)])
def test_no_difference_is_missed_more_often_than_promised(level, n, m):
    """By the probabilities of all outcomes, not by simulation; plain MOVER misses six times as often as promised at (20, 1000)."""
    k, j = np.repeat(np.arange(n + 1), m + 1), np.tile(np.arange(m + 1), n + 1)
    band = differences(k, np.full(len(k), n), j, np.full(len(k), m), level)
    for p in (0.02, 0.3, 0.8):
        for q in (0.02, 0.1, 0.5):
            likely = np.outer(stats.binom.pmf(np.arange(n + 1), n, p), stats.binom.pmf(np.arange(m + 1), m, q)).ravel()
            assert likely[(band.low > p - q) | (band.high < p - q)].sum() <= 1 - level
