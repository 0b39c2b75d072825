"""Clopper-Pearson, Wilson and Newcombe against scipy and statsmodels, computed here and now."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from aisecops.core.statistics import clopper_pearson, newcombe, wilson

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.999999)
levels = st.sampled_from(LEVELS) | st.floats(0.01, 0.9999)
counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def ends(interval):
    return (interval.low, interval.high)


def close(pair):
    return pytest.approx(tuple(float(end) for end in pair), rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("level", LEVELS)
def test_every_small_count_agrees_with_statsmodels(level):
    for n in (1, 2, 3, 7, 20, 41):
        for k in range(n + 1):
            assert ends(clopper_pearson(k, n, level)) == close(proportion_confint(k, n, 1 - level, "beta"))
            assert ends(wilson(k, n, level)) == close(proportion_confint(k, n, 1 - level, "wilson"))


@given(counts, levels)
def test_clopper_pearson_agrees_with_scipy(count, level):
    expected = stats.binomtest(*count).proportion_ci(level, "exact")
    assert ends(clopper_pearson(*count, level)) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-9)


@given(counts, levels)
def test_clopper_pearson_solves_its_defining_equations(count, level):
    """The binomial tails at the ends are what the definition says: exact, where scipy's root search stops early."""
    k, n = count
    interval = clopper_pearson(k, n, level)
    if k > 0:
        assert stats.binom.sf(k - 1, n, interval.low) == pytest.approx((1 - level) / 2, rel=1e-8)
    if k < n:
        assert stats.binom.cdf(k, n, interval.high) == pytest.approx((1 - level) / 2, rel=1e-8)


@given(counts, levels, st.booleans())
def test_wilson_agrees_with_scipy(count, level, correction):
    expected = stats.binomtest(*count).proportion_ci(level, "wilsoncc" if correction else "wilson")
    assert ends(wilson(*count, level, correction=correction)) == close((expected.low, expected.high))


@given(counts, counts, levels)
def test_newcombe_agrees_with_statsmodels(one, two, level):
    expected = confint_proportions_2indep(*one, *two, method="newcomb", compare="diff", alpha=1 - level)
    assert ends(newcombe(*one, *two, level)) == close(expected)


@pytest.mark.parametrize(
    ("counts", "plain", "corrected"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339), (0.0428, 0.3422)),
        ((9, 10, 3, 10), (0.1705, 0.8090), (0.1013, 0.8387)),
        ((10, 10, 0, 20), (0.6791, 1.0), (0.6014, 1.0)),
        ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.2005, 0.3445)),
    ],
)
def test_newcombe_gives_the_values_of_the_paper(counts, plain, corrected):
    """Newcombe (1998), Table II, cases a, b, f, g; methods 10 and 11."""
    assert ends(newcombe(*counts)) == pytest.approx(plain, abs=5.1e-5)
    assert ends(newcombe(*counts, correction=True)) == pytest.approx(corrected, abs=5.1e-5)


@given(st.integers(1, 10**9), levels)
def test_the_edges_are_exact(n, level):
    for method in (clopper_pearson, wilson):
        assert method(0, n, level).low == 0.0
        assert method(n, n, level).high == 1.0
    tail = (1 - level) / 2
    assert clopper_pearson(0, n, level).high == pytest.approx(-math.expm1(math.log(tail) / n), rel=1e-14)
    assert clopper_pearson(n, n, level).low == pytest.approx(tail ** (1 / n), rel=1e-14)


@settings(max_examples=60, deadline=2000)
@given(st.integers(1, 10**9), st.floats(0, 1), st.sampled_from(LEVELS))
def test_counts_up_to_a_thousand_million(n, share, level):
    k = round(n * share)
    exact, score = clopper_pearson(k, n, level), wilson(k, n, level)
    assert 0 <= exact.low <= k / n <= exact.high <= 1
    assert 0 <= score.low <= k / n <= score.high <= 1
    if 1000 < k < n - 1000:
        assert ends(exact) == pytest.approx(ends(score), abs=100 / n)


@given(counts, levels)
def test_the_mirror_image_is_the_mirror_image(count, level):
    k, n = count
    for method in (clopper_pearson, wilson):
        one, other = method(k, n, level), method(n - k, n, level)
        assert (1 - other.high, 1 - other.low) == pytest.approx(ends(one), abs=1e-12)


@given(counts, counts, levels)
def test_the_difference_turns_round_with_its_operands(one, two, level):
    forward, back = newcombe(*one, *two, level), newcombe(*two, *one, level)
    assert (-back.high, -back.low) == pytest.approx(ends(forward), abs=1e-12)


@given(counts, st.floats(0.5, 0.999))
def test_more_confidence_is_wider(count, level):
    for method in (clopper_pearson, wilson):
        narrow, wide = method(*count, level), method(*count, level + (1 - level) / 2)
        assert wide.low <= narrow.low <= narrow.high <= wide.high


def coverage(method, n, level, grid):
    """For each p the exact probability that the interval from n trials holds it: a finite sum, no simulation."""
    intervals = [method(k, n, level) for k in range(n + 1)]
    low, high = np.array([i.low for i in intervals]), np.array([i.high for i in intervals])
    p = grid[:, None]
    return (stats.binom.pmf(np.arange(n + 1), n, p) * ((low <= p) & (p <= high))).sum(axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 30, 80, 400])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_clopper_pearson_never_covers_less_than_it_promises_and_wilson_does_on_average(n, level):
    grid = np.linspace(0.0005, 0.9995, 1000)
    exact, score = coverage(clopper_pearson, n, level, grid), coverage(wilson, n, level, grid)
    assert exact.min() >= level - 1e-12
    assert score.min() < level
    assert score.mean() == pytest.approx(level, abs=0.03)
    assert exact.mean() > score.mean()


def test_newcombe_covers_about_what_it_promises():
    draw = np.random.default_rng(7)
    hits = 0
    for _ in range(1500):
        p, q = draw.uniform(0.02, 0.98, 2)
        interval = newcombe(int(draw.binomial(40, p)), 40, int(draw.binomial(25, q)), 25, 0.9)
        hits += interval.low <= p - q <= interval.high
    assert 0.88 <= hits / 1500 <= 0.94


def test_numpy_integers_are_whole_numbers():
    assert clopper_pearson(np.int64(3), np.uint8(9)) == clopper_pearson(3, 9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 0), "at least one trial"),
        ((0, -3), "at least one trial"),
        ((4, 3), "between 0 and the 3 trials, not 4"),
        ((-1, 3), "between 0 and the 3 trials, not -1"),
        ((1.0, 3), "successes must be a whole number"),
        ((math.nan, 3), "successes must be a whole number"),
        ((1, math.nan), "trials must be a whole number"),
        ((1, 10**13), "more than"),
        ((1, 3, 0.0), "confidence level"),
        ((1, 3, 1.0), "confidence level"),
        ((1, 3, 95), "confidence level"),
        ((1, 3, math.nan), "confidence level"),
    ],
)
def test_arguments_outside_their_range_are_refused_with_what_is_wrong(arguments, message):
    for method in (clopper_pearson, wilson):
        with pytest.raises(ValueError, match=message):
            method(*arguments)
    with pytest.raises(ValueError, match=message):
        newcombe(1, 2, *arguments)


def test_the_method_is_named():
    assert [clopper_pearson(1, 2).method, wilson(1, 2).method, wilson(1, 2, correction=True).method] == ["clopper-pearson", "wilson", "wilson-cc"]
    assert [newcombe(1, 2, 1, 2).method, newcombe(1, 2, 1, 2, correction=True).method] == ["newcombe", "newcombe-cc"]
