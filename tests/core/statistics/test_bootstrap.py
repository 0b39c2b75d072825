from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from aisecops.core.statistics import BootstrapMethod, Interval, bootstrap
from aisecops.core.statistics.interval import check_level

PERCENTILE, BCA = BootstrapMethod.PERCENTILE, BootstrapMethod.BCA
SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]
"""Test A of the spatial data of Efron and Tibshirani (1993), table 14.1."""


def mean(sample):
    return (math.fsum(sample) / len(sample),)


def variance(sample):
    return (float(np.var(sample)),)


def indices(seed, n, resamples):
    """The documented stream."""
    random = Random(seed)
    return np.array([[int(random.random() * n) for _ in range(n)] for _ in range(resamples)])


@pytest.mark.parametrize("method", [PERCENTILE, BCA])
@pytest.mark.parametrize("statistic", [np.var, np.median, np.mean])
def test_scipys_bootstrap_on_the_documented_stream_gives_the_same(monkeypatch, method, statistic):
    """scipy computes both kinds of interval from our resamples: the same numbers to rounding."""
    drawn = indices(11, len(SPATIAL), 999)
    monkeypatch.setattr("scipy.stats._resampling.rng_integers", lambda *_, **__: drawn)
    expected = stats.bootstrap(
        (np.array(SPATIAL),), statistic, n_resamples=999, method="BCa" if method is BCA else "percentile", batch=999, vectorized=True
    ).confidence_interval
    (interval,) = bootstrap(SPATIAL, lambda s: (float(statistic(s)),), seed=11, method=method, resamples=999)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_the_example_of_the_book():
    """Efron and Tibshirani (1993), section 14.2: percentile (100.8, 233.9) and BCa (115.8, 259.6) at 90 % from 2,000 resamples of theirs."""
    (plain,) = bootstrap(SPATIAL, variance, seed=1, level=0.9, method=PERCENTILE, resamples=4000)
    (bca,) = bootstrap(SPATIAL, variance, seed=1, level=0.9, resamples=4000)
    assert (plain.low, plain.high) == pytest.approx((100.8, 233.9), abs=6)
    assert (bca.low, bca.high) == pytest.approx((115.8, 259.6), abs=8)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    assert bootstrap(SPATIAL, mean, seed=3) == bootstrap(SPATIAL, mean, seed=3)
    assert bootstrap(SPATIAL, mean, seed=3) != bootstrap(SPATIAL, mean, seed=4)


def test_components_share_the_resamples():
    """So that each comes out as if it were alone."""
    both = bootstrap(SPATIAL, lambda s: (*mean(s), *variance(s)), seed=5, resamples=500)
    assert both == (*bootstrap(SPATIAL, mean, seed=5, resamples=500), *bootstrap(SPATIAL, variance, seed=5, resamples=500))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30), st.sampled_from([PERCENTILE, BCA]))
def test_intervals_are_ordered_and_change_units_with_the_data(sample, method):
    (interval,) = bootstrap(sample, mean, seed=1, method=method, resamples=200)
    (doubled,) = bootstrap([2 * x for x in sample], mean, seed=1, method=method, resamples=200)
    assert (interval is None) is (doubled is None)
    if interval is not None:
        assert min(sample) - 1 <= interval.low <= interval.high <= max(sample) + 1
        assert (doubled.low, doubled.high) == pytest.approx((2 * interval.low, 2 * interval.high), rel=1e-9, abs=1e-9)


def test_a_sample_without_variation_says_nothing():
    """0 of 50 attacks succeeded: the bootstrap would claim exactly 0 with certainty."""
    for method in (PERCENTILE, BCA):
        assert bootstrap([0] * 50, mean, seed=1, method=method) == (None,)
    first, second = bootstrap([(0, x) for x in SPATIAL], lambda s: (sum(a for a, _ in s), sum(b for _, b in s)), seed=1)
    assert first is None
    assert second.method == "bootstrap-bca"


def test_resamples_all_on_one_side_of_the_estimate_say_nothing():
    """The number of distinct values shrinks in every resample: no quantile of those is an interval for the original."""
    distinct = list(range(40))
    assert bootstrap(distinct, lambda s: (len(set(s)),), seed=1) == (None,)


def test_without_a_jackknife_that_varies_there_is_no_acceleration_and_the_name_says_so():
    """Leaving out any one of a few equal pairs does not move the range; resampling does."""
    (interval,) = bootstrap([0, 0, 5, 5, 9, 9], lambda s: (max(s) - min(s),), seed=1)
    assert interval.method == "bootstrap-bc"


def test_an_acceleration_out_of_range_says_nothing():
    """One observation of a hundred carries the whole cube: the BCa formula turns over."""
    sample = [0.0] * 99 + [1.0]
    assert bootstrap(sample, lambda s: (math.fsum(s) ** 3,), seed=1, level=0.999999999, resamples=300) == (None,)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "least"), [(PERCENTILE, 0.83), (BCA, 0.84)])
def test_coverage_of_the_mean_of_a_skewed_sample(method, least):
    """90 % asked of 30 exponential values; both fall a little short, as theory says, and not by more."""
    draw, hits = np.random.default_rng(5), 0
    for seed in range(300):
        (interval,) = bootstrap(list(draw.exponential(size=30)), mean, seed=seed, level=0.9, method=method, resamples=300)
        hits += interval.low <= 1 <= interval.high
    assert least <= hits / 300 <= 0.95


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sample": [1.0]}, "at least two observations"),
        ({"resamples": 10}, "at least 100 resamples"),
        ({"level": 1.0}, "confidence level"),
        ({"level": math.nan}, "confidence level"),
        ({"statistic": lambda _: (math.nan,)}, "must be finite"),
        ({"statistic": lambda s: tuple(set(s))}, "same number|must return"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_is_wrong(change, message):
    with pytest.raises(ValueError, match=message):
        bootstrap(**{"sample": [1.0, 2.0, 3.0], "statistic": mean, "seed": 1} | change)


def test_an_interval_is_ordered():
    with pytest.raises(ValueError, match="low <= high"):
        Interval(1.0, 0.0, 0.95, "x")
    with pytest.raises(ValueError, match="low <= high"):
        Interval(math.nan, 0.0, 0.95, "x")


def test_the_tail_is_half_of_what_is_left():
    assert check_level(0.9) == pytest.approx(0.05)


def test_numbers_too_small_to_be_squared_have_an_interval():
    (interval,) = bootstrap([0.0, 0.0, 1.1e-113], lambda sample: (sum(sample) / len(sample),), seed=0, method=BootstrapMethod.BCA)
    assert interval is not None
    assert 0.0 <= interval.low <= interval.high <= 1.2e-113
