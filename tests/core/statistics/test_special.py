from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from aisecops.core.statistics.special import beta_quantile, beta_tails, beta_weight, normal_cdf, normal_quantile

shapes = st.floats(0.05, 1e5)


@given(st.floats(1e-300, 1 - 1e-12))
def test_normal_quantile_is_scipys(p):
    assert normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-12, abs=1e-15)


@given(st.floats(-37, 8))
def test_normal_cdf_is_scipys(z):
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)


@given(shapes, shapes, st.floats(1e-9, 1 - 1e-9))
def test_beta_tails_are_scipys(a, b, x):
    lower, upper = beta_tails(a, b, x)
    assert lower == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-250)
    assert upper == pytest.approx(special.betaincc(a, b, x), rel=1e-9, abs=1e-250)


def test_beta_tails_at_the_ends():
    assert beta_tails(2.0, 3.0, 0.0) == (0.0, 1.0)
    assert beta_tails(2.0, 3.0, 1.0) == (1.0, 0.0)


@given(st.floats(0.1, 1e4), st.floats(0.1, 1e4), st.floats(1e-9, 0.5), st.booleans())
def test_beta_quantile_leaves_the_tail_it_was_asked_for(a, b, tail, upper):
    x = beta_quantile(a, b, tail, upper=upper)
    if 1e-290 < x < 1 - 1e-5:
        assert beta_tails(a, b, x)[upper] == pytest.approx(tail, rel=1e-8)


@pytest.mark.parametrize("n", [10**6, 10**9])
def test_the_tail_of_a_rare_event_among_very_many_keeps_its_digits(n):
    """P(at least one of n) and P(at least two of n) have closed forms. scipy's own quantile is wrong from the ninth digit on here."""
    for x in (0.01 / n, 1 / n, 5 / n):
        none = math.exp(n * math.log1p(-x))
        assert beta_tails(1, n, x)[0] == pytest.approx(-math.expm1(n * math.log1p(-x)), rel=1e-13)
        assert beta_tails(2, n - 1, x)[1] == pytest.approx(none * (1 + n * x / (1 - x)), rel=1e-13)


def test_weight_at_a_thousand_million_agrees_with_the_normal_density():
    """At the mean of a symmetric beta distribution the density is sqrt(n / (2 pi)) * 2 up to 1/n."""
    n = 1e9
    assert beta_weight(n / 2, n / 2, 0.5) == pytest.approx(math.sqrt(n / (2 * math.pi)) / 2, rel=1e-8)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, math.nan, math.inf])
def test_probabilities_outside_their_range_are_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_quantile(p)
    with pytest.raises(ValueError, match="0 < tail < 1"):
        beta_quantile(2, 3, p)


@pytest.mark.parametrize(("a", "b", "x"), [(0.0, 1.0, 0.5), (1.0, -1.0, 0.5), (1.0, 1.0, 1.5), (1.0, 1.0, math.nan), (math.nan, 1.0, 0.5)])
def test_shapes_outside_their_range_are_refused(a, b, x):
    with pytest.raises(ValueError, match="needs a, b > 0"):
        beta_tails(a, b, x)
