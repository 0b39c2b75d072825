"""The last float64 that goes left, against the rule itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aisecops.oracles.trees.thresholds import before_scaling, rounded_to_single, with_zeros_of_lightgbm

FINITE = st.floats(-1e30, 1e30, allow_nan=False)


@given(FINITE, st.booleans(), st.booleans())
def test_rounding_to_single(threshold, strict, as_single):
    t = float(np.float32(threshold)) if as_single else threshold
    last = rounded_to_single(np.array([t]), strict=strict)[0]

    def goes_left(x):
        single = float(np.float32(x))
        return single < t if strict else single <= t

    assert goes_left(last)
    assert not goes_left(np.nextafter(last, np.inf))


@given(st.floats(-3e-35, 3e-35, allow_nan=False) | FINITE)
def test_tiny_numbers_are_zeros_for_lightgbm(threshold):
    last = with_zeros_of_lightgbm(np.array([threshold]))[0]

    def goes_left(x):
        return (0.0 if abs(x) <= float(np.float32(1e-35)) else x) <= threshold

    assert goes_left(last)
    assert not goes_left(np.nextafter(last, np.inf))


@given(FINITE, st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_before_a_scaler_the_place_is_found_to_the_last_bit(threshold, mean, scale):
    def scaled(x):
        return (x - mean) / scale

    last = before_scaling(np.array([threshold]), scaled)[0]
    assert scaled(last) <= threshold
    assert scaled(np.nextafter(last, np.inf)) > threshold


def test_a_threshold_out_of_reach_sends_all_one_way():
    def clipped(x):
        return np.clip(x, 0.0, 1.0)

    assert before_scaling(np.array([-1.0, 1.0]), clipped).tolist() == [-np.inf, np.inf]
