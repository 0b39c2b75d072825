"""Where exactly a split splits the float64 numbers: the last one that goes left.

An attack that stands one unit in the last place on the wrong side of a threshold has found nothing, and a certificate that does so is wrong.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from aisecops.oracles.oracle import Floats

LARGEST_SINGLE = float(np.finfo(np.float32).max)
LIGHTGBM_ZERO = float(np.float32(1e-35))
"""``kZeroThreshold``: LightGBM takes values up to this size for zero."""


def rounded_to_single(thresholds: Floats, *, strict: bool) -> Floats:
    """Of splits that send x left if ``float32(x) <= t`` (``strict``: ``< t``), the last float64 that goes left, shape as ``thresholds``.

    Numbers between two neighbours of float32 round to the nearer, and from the middle to the even one: the answer is the middle or the number before it.
    """
    t = np.asarray(thresholds, dtype=np.float64)
    with np.errstate(over="ignore"):
        below = t.astype(np.float32)
        too_far = (below >= t) if strict else (below > t)
        below = np.where(too_far, np.nextafter(below, np.float32(-np.inf)), below).astype(np.float32)
        after = np.nextafter(below, np.float32(np.inf)).astype(np.float64)
    middle = (below.astype(np.float64) + after) / 2
    answer = _last_that_rounds_to(middle, below)
    return np.where(np.isfinite(below) & np.isfinite(after), answer, np.where(below > 0, LARGEST_SINGLE, -np.inf))


def _last_that_rounds_to(middle: Floats, below: npt.NDArray[np.float32]) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(middle.astype(np.float32) == below, middle, np.nextafter(middle, -np.inf))


def with_zeros_of_lightgbm(thresholds: Floats) -> Floats:
    """Of LightGBM's splits ``x <= t``, where tiny x count as 0, the last float64 that goes left."""
    t = np.asarray(thresholds, dtype=np.float64)
    zeros_left = (t >= 0) & (t <= LIGHTGBM_ZERO)
    zeros_right = (t < 0) & (t >= -LIGHTGBM_ZERO)
    return np.where(zeros_left, LIGHTGBM_ZERO, np.where(zeros_right, np.nextafter(-LIGHTGBM_ZERO, -np.inf), t))


def before_scaling(thresholds: Floats, scale: Callable[[Floats], Floats]) -> Floats:
    """Of splits ``scale(x) <= t``, the last float64 x that goes left, for a ``scale`` that never falls (rounded arithmetic with a positive factor does not).

    Float64 numbers are ordered as the integers that their bits spell, so 64 halvings find the place exactly. ``scale`` maps arrays of the shape of
    ``thresholds`` element by element.
    """
    low = np.full(np.shape(thresholds), _order(np.array(-np.finfo(np.float64).max)), dtype=np.int64)
    high = np.full(np.shape(thresholds), _order(np.array(np.finfo(np.float64).max)), dtype=np.int64)
    with np.errstate(over="ignore", invalid="ignore"):
        nothing_left = ~(scale(_number(low)) <= thresholds)
        everything_left = scale(_number(high)) <= thresholds
        for _ in range(65):
            middle = (low >> 1) + (high >> 1) + (low & high & 1)
            left = scale(_number(middle)) <= thresholds
            low, high = np.where(left, middle, low), np.where(left, high, middle)
    return np.where(nothing_left, -np.inf, np.where(everything_left, np.inf, _number(low)))


def _order(numbers: Floats) -> npt.NDArray[np.int64]:
    bits = np.asarray(numbers, dtype=np.float64).view(np.int64)
    return np.where(bits >= 0, bits, np.int64(np.iinfo(np.int64).min) - bits)


def _number(order: npt.NDArray[np.int64]) -> Floats:
    bits = np.where(order >= 0, order, np.int64(np.iinfo(np.int64).min) - order)
    return np.ascontiguousarray(bits).view(np.float64)
