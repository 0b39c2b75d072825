"""Rates and areas with intervals: they cover the truth, and say so where nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.attacks.inference.membership.rates import area, others_needed, rate_at
from aisecops.core.statistics.special import normal_cdf, normal_quantile


@pytest.mark.parametrize(("fpr", "needed"), [(0.01, 368), (0.001, 3688), (0.1, 36)])
def test_a_rate_that_the_others_cannot_resolve_is_no_number(fpr, needed):
    rng = np.random.default_rng(0)
    assert others_needed(fpr, 0.9) == needed
    few = rate_at(rng.normal(5, 1, 50), rng.normal(0, 1, needed - 1), fpr)
    assert few.value is None
    assert few.interval.low == 0
    assert few.needed == needed
    assert rate_at(rng.normal(5, 1, 50), rng.normal(0, 1, needed), fpr).value is not None


@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_the_interval_covers_the_true_rate(shift):
    truth = 1 - normal_cdf(normal_quantile(0.99) - shift)
    rng = np.random.default_rng(1)
    rates = [rate_at(rng.normal(shift, 1, 500), rng.normal(0, 1, 500), 0.01).interval for _ in range(400)]
    assert np.mean([interval.low > truth for interval in rates]) <= 0.05
    assert np.mean([interval.high < truth for interval in rates]) <= 0.05


def test_the_interval_of_the_area_covers_the_truth():
    truth = normal_cdf(1 / np.sqrt(2))
    rng = np.random.default_rng(2)
    covered = [interval.low <= truth <= interval.high for interval in (area(rng.normal(1, 1, 60), rng.normal(0, 1, 80)).interval for _ in range(400))]
    assert np.mean(covered) >= 0.93


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([-np.inf, 0.0, 0.5, 1.0, 1.0 + 1e-12, np.inf]), min_size=1, max_size=60),
    st.lists(st.sampled_from([-np.inf, 0.0, 0.5, 1.0, np.inf]), min_size=1, max_size=600),
    st.sampled_from([0.001, 0.01, 0.1, 0.5]),
)
def test_ties_and_infinities_never_make_more_false_positives_than_allowed(members, others, fpr):
    rate = rate_at(np.array(members), np.array(others), fpr)
    assert 0 <= rate.interval.low <= rate.interval.high <= 1
    if rate.value is not None:
        assert rate.interval.low <= rate.value <= rate.interval.high
    whole = area(np.array(members), np.array(others))
    pairs = [(a > b) + (a == b) / 2 for a in members for b in others]
    assert whole.value == pytest.approx(np.mean(pairs))
    assert 0 <= whole.interval.low <= whole.value + 1e-12
    assert whole.value - 1e-12 <= whole.interval.high <= 1


def test_equal_scores_say_nothing():
    rate = rate_at(np.ones(500), np.ones(500), 0.01)
    assert rate.value == 0
    assert area(np.ones(500), np.ones(500)).value == 0.5


@pytest.mark.parametrize("wrong", [np.array([]), np.array([np.nan]), np.zeros((2, 2))])
def test_what_is_no_score_is_refused(wrong):
    with pytest.raises(ValueError, match="scores are one number a record"):
        rate_at(wrong, np.zeros(5), 0.1)
    with pytest.raises(ValueError, match="scores are one number a record"):
        area(np.zeros(5), wrong)
