"""The bootstrap for metrics whose resamples numpy can draw at once; for anything else there is ``core.statistics.bootstrap``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from aisecops.core.statistics import Interval
from aisecops.core.statistics.special import normal_cdf, normal_quantile
from aisecops.oracles.oracle import Floats, Integers

RESAMPLES = 2000
AT_ONCE = 2_000_000  # indices in memory


def draws(n: int, seed: int, resamples: int = RESAMPLES) -> Iterator[Integers]:
    """Yield blocks of resampled row numbers, shape (b, n), ``resamples`` rows in all."""
    rng, left = np.random.default_rng(seed), resamples
    while left:
        block = min(left, max(1, AT_ONCE // n))
        yield rng.integers(0, n, (block, n))
        left -= block


def resampled(statistic: Callable[[Integers], Floats], n: int, seed: int) -> Floats:
    """The values of ``statistic``, from (b, n) row numbers to (b,) values, sorted."""
    return np.sort(np.concatenate([statistic(rows) for rows in draws(n, seed)]))


def bca_mean(values: Floats, level: float, seed: int) -> Interval | None:
    """Return the bias-corrected accelerated interval of a mean; None if the values do not vary.

    As ``core.statistics.bootstrap`` does it, with the acceleration in closed form.
    """
    deviation = values - values.mean()
    spread = float(np.sum(deviation**2))
    if spread <= 1e-24 * max(1.0, float(np.abs(values).max())) ** 2:
        return None
    means = resampled(lambda rows: values[rows].mean(axis=1), len(values), seed)
    below = float(np.mean(means < values.mean()) + np.mean(means == values.mean()) / 2.0)
    bias = normal_quantile(min(max(below, 1e-6), 1.0 - 1e-6))
    acceleration = float(np.sum(deviation**3)) / (6.0 * spread**1.5)
    tail = normal_quantile((1.0 - level) / 2.0)
    shares = [normal_cdf(bias + (bias + z) / (1.0 - acceleration * (bias + z))) for z in (tail, -tail)]
    ends = [float(np.quantile(means, share)) for share in shares]
    return Interval(min(ends), max(ends), level, "bootstrap-bca")
