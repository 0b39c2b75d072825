"""Bands, quantiles, paired and multiple comparisons against scipy and statsmodels, and their coverage by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from aisecops.core.statistics import Interval, bonferroni, clopper_pearson, dkw_band, dkw_width, holm, mcnemar, mover, quantile_interval, wilson

INF = math.inf


def test_the_band_has_the_width_of_the_inequality():
    assert dkw_width(1000) == pytest.approx(math.sqrt(math.log(40) / 2000))
    assert dkw_width(1000) == pytest.approx(0.043, abs=5e-4)


def test_a_censored_value_is_beyond_every_point():
    curve = dkw_band([0.1, 0.2, 0.2, INF], [0.0, 0.1, 0.15, 0.2, 1e300])
    assert [share for share, _ in curve] == [0.0, 0.25, 0.25, 0.75, 0.75]
    assert all(0 <= interval.low <= share <= interval.high <= 1 for share, interval in curve)


def test_the_band_covers_everywhere_at_once():
    rng, at = np.random.default_rng(5), np.linspace(0.01, 3.0, 40)
    truth = stats.expon.cdf(at)
    held = 0
    for _ in range(400):
        sample = rng.exponential(size=40)
        held += all(i.low <= t <= i.high for (_, i), t in zip(dkw_band(sample.tolist(), at.tolist()), truth, strict=True))
    assert held >= 0.95 * 400


def test_nan_is_no_observation():
    with pytest.raises(ValueError, match="NaN"):
        dkw_band([0.1, math.nan], [0.0])
    with pytest.raises(ValueError, match="NaN"):
        quantile_interval([0.1, math.nan])


@given(st.integers(1, 400), st.floats(0.05, 0.95), st.sampled_from((0.8, 0.95, 0.99)))
def test_ranks_are_those_of_the_binomial_distribution(n, p, level):
    _, interval = quantile_interval([float(i) for i in range(1, n + 1)], p, level)
    tail = (1 - level) / 2
    if interval.low > -INF:
        assert stats.binom.cdf(interval.low - 1, n, p) <= tail + 1e-12
        assert stats.binom.cdf(interval.low, n, p) > tail - 1e-12
    else:
        assert stats.binom.cdf(0, n, p) > tail - 1e-12
    if interval.high < INF:
        assert stats.binom.sf(interval.high - 1, n, p) <= tail + 1e-12
        assert stats.binom.sf(interval.high - 2, n, p) > tail - 1e-12
    else:
        assert stats.binom.sf(n - 1, n, p) > tail - 1e-12


def test_a_median_over_successes_only_would_hide_the_censored_half():
    values = [0.1, 0.2, 0.3, INF, INF, INF, INF]
    estimate, interval = quantile_interval(values)
    assert estimate == INF
    assert interval.low == 0.1
    assert interval.high == INF


def test_five_values_cannot_bound_a_median_and_six_can():
    assert quantile_interval([1.0, 2, 3, 4, 5])[1] == Interval(-INF, INF, 0.95, "order-statistics")
    assert quantile_interval([1.0, 2, 3, 4, 5, 6])[1] == Interval(1, 6, 0.95, "order-statistics")


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_agrees_with_statsmodels(b, c):
    expected = 1.0 if b + c == 0 else statsmodels_mcnemar([[10, b], [c, 10]], exact=True).pvalue
    assert mcnemar(b, c) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_holm_agrees_with_statsmodels(n):
    p_values = (np.random.default_rng(n).random(n) ** 3).tolist()
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


def test_bonferroni_splits_the_error():
    assert bonferroni(0.95, 10) == pytest.approx(0.995)
    with pytest.raises(ValueError, match="at least one"):
        bonferroni(0.95, 0)


def test_a_sum_of_one_part_is_that_part_and_a_difference_is_newcombes():
    from aisecops.core.statistics import newcombe

    one, two = (56 / 70, wilson(56, 70)), (48 / 80, wilson(48, 80))
    alone = mover([one], [1.0])
    assert (alone.low, alone.high) == pytest.approx((one[1].low, one[1].high))
    difference, expected = mover([one, two], [1.0, -1.0]), newcombe(56, 70, 48, 80)
    assert (difference.low, difference.high) == pytest.approx((expected.low, expected.high))


def test_a_mean_of_recalls_is_covered_even_where_some_class_has_no_error():
    rng, truth, sizes = np.random.default_rng(3), np.array([0.97, 0.8, 0.99]), np.array([30, 25, 12])
    held = 0
    for _ in range(1500):
        right = rng.binomial(sizes, truth)
        parts = [(k / n, wilson(int(k), int(n))) for k, n in zip(right, sizes, strict=True)]
        interval = mover(parts, [1 / 3] * 3)
        held += interval.low <= truth.mean() <= interval.high
    assert held / 1500 >= 0.935


def test_parts_of_different_levels_do_not_add_up():
    with pytest.raises(ValueError, match="one level"):
        mover([(0.5, clopper_pearson(5, 10, 0.9)), (0.5, clopper_pearson(5, 10, 0.95))], [0.5, 0.5])
