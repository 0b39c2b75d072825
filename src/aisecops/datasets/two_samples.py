"""Two samples, one question: whether they come from the same distribution. The tests alone, with no table around them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_FEWEST_EXPECTED = 5.0


def ks_distance(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> float:
    """Return the largest difference between the empirical distribution functions of two samples."""
    one, two = np.sort(one), np.sort(two)
    values = np.concatenate([one, two])
    gaps = np.searchsorted(one, values, side="right") / len(one) - np.searchsorted(two, values, side="right") / len(two)
    return float(np.abs(gaps).max())


def ks_p(distance: float, one: float, two: float) -> float:
    """Return the chance of such a distance, or a greater one, between samples of ``one`` and ``two`` values of the same distribution.

    Smirnov's limit with Stephens' correction for small samples; for distributions with ties the true chance is smaller.
    """
    root = math.sqrt(one * two / (one + two))
    z = (root + 0.12 + 0.11 / root) * distance
    if z < 0.2:
        return 1.0
    return min(1.0, max(0.0, 2.0 * sum((-1.0) ** (k - 1) * math.exp(-2.0 * k * k * z * z) for k in range(1, 101))))


def chi_squared(table: npt.NDArray[np.float64]) -> float:
    """Return the p-value that both rows of a table of counts, shape (2, k), come from the same shares. Columns of few expected counts are put together first."""
    table = table[:, table.sum(axis=0) > 0]
    least = table.sum(axis=1).min() / table.sum() * table.sum(axis=0)
    rare = least < _FEWEST_EXPECTED
    if rare.any():
        rest = table[:, rare].sum(axis=1, keepdims=True)
        table = np.concatenate([table[:, ~rare], rest], axis=1)
        if table.shape[1] > 1 and table.sum(axis=1).min() / table.sum() * rest.sum() < _FEWEST_EXPECTED:
            table = np.concatenate([table[:, :-2], table[:, -2:].sum(axis=1, keepdims=True)], axis=1)
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return _upper_gamma((table.shape[1] - 1) / 2.0, float(((table - expected) ** 2 / expected).sum()) / 2.0)


def _upper_gamma(a: float, x: float) -> float:
    """Return the regularised incomplete gamma function Q(a, x): by its series below a + 1, by Lentz's continued fraction above."""
    if x <= 0.0:
        return 1.0
    scale = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        for n in range(1, 10_000):
            term *= x / (a + n)
            total += term
            if term < total * 1e-16:
                break
        return min(1.0, max(0.0, 1.0 - scale * total))
    b, c, d = x + 1.0 - a, 1e300, 1.0 / (x + 1.0 - a)
    value = d
    for n in range(1, 10_000):
        step = -n * (n - a)
        b += 2.0
        d = 1.0 / (step * d + b)
        c = b + step / c
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return min(1.0, scale * value)
