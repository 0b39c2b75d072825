"""Intervals for any statistic, by resampling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from aisecops.core.statistics.interval import Interval, check_level
from aisecops.core.statistics.special import normal_cdf, normal_quantile

T = TypeVar("T")


class BootstrapMethod(StrEnum):
    """How resampled values become an interval.

    ``percentile``: their quantiles; right where the statistic is unbiased and its spread does not depend on its value. ``bca``: bias-corrected and
    accelerated, second-order accurate; costs one more evaluation for each observation.
    """

    PERCENTILE = "percentile"
    BCA = "bca"


def bootstrap(
    sample: Sequence[T],
    statistic: Callable[[Sequence[T]], Sequence[float]],
    *,
    seed: int,
    level: float = 0.95,
    method: BootstrapMethod = BootstrapMethod.BCA,
    resamples: int = 2000,
) -> tuple[Interval | None, ...]:
    """Return an interval for each component of ``statistic(sample)``.

    Deterministic: resample after resample, position after position, the next observation is number ``int(u * n)`` for the next ``u`` of
    ``random.Random(seed).random()``, the one stream that Python keeps the same between versions. All components share the resamples. Quantiles
    are linearly interpolated (Hyndman and Fan's type 7).

    Parameters
    ----------
    sample
        At least two observations, independent of each other; for paired or grouped data one observation is the pair or the group.
    statistic
        From a sequence of observations to a fixed number of finite values, always in the same order; (value,) if there is one.
    seed
        Of the resamples.
    level
        Confidence, between 0 and 1.
    resamples
        How many, at least 100; 2,000 or more for 95 %.

    Returns
    -------
    tuple of Interval or None
        None where the bootstrap cannot say: the resampled values do not vary (0 of n successes: use an exact interval), or lie all on one side of the
        estimate, or the acceleration leaves its range. An interval of width 0 would claim a certainty that nobody has. ``method`` of an interval
        is ``bootstrap-percentile``, ``bootstrap-bca``, or ``bootstrap-bc`` where no single observation moves the statistic, so that there
        is a bias correction but no acceleration.

    Raises
    ------
    ValueError
        If an argument is outside its range, or the statistic returns a value that is not finite.

    References
    ----------
    Efron, B. (1987). Better Bootstrap Confidence Intervals. JASA 82, 171-185.
    Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapters 13 and 14.
    """
    tail = check_level(level)
    if len(sample) < 2:
        raise ValueError(f"the bootstrap needs at least two observations, not {len(sample)}")
    if resamples < 100:
        raise ValueError(f"the bootstrap needs at least 100 resamples, not {resamples}")
    estimates = _evaluate(statistic, sample)
    columns = _transpose([_evaluate(statistic, drawn) for drawn in _draws(sample, seed, resamples)], len(estimates))
    if method is BootstrapMethod.PERCENTILE:
        return tuple(_percentile(sorted(column), tail, level) for column in columns)
    left_out = _transpose([_evaluate(statistic, [*sample[:i], *sample[i + 1 :]]) for i in range(len(sample))], len(estimates))
    return tuple(_bca(sorted(column), estimate, jack, tail, level) for column, estimate, jack in zip(columns, estimates, left_out, strict=True))


def _evaluate(statistic: Callable[[Sequence[T]], Sequence[float]], sample: Sequence[T]) -> tuple[float, ...]:
    values = tuple(float(value) for value in statistic(sample))
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"the statistic must be finite on every resample, not {values}")
    return values


def _draws(sample: Sequence[T], seed: int, resamples: int) -> list[list[T]]:
    from random import Random  # late: only those who resample pay for the import

    random, n = Random(seed).random, len(sample)  # noqa: S311 - a resample is no secret
    return [[sample[int(random() * n)] for _ in range(n)] for _ in range(resamples)]


def _transpose(rows: Sequence[tuple[float, ...]], width: int) -> list[list[float]]:
    if any(len(row) != width for row in rows):
        raise ValueError(f"the statistic must return {width} values for every resample, as it does for the sample")
    return [[row[component] for row in rows] for component in range(width)]


def _percentile(values: Sequence[float], tail: float, level: float) -> Interval | None:
    if values[0] == values[-1]:
        return None
    return Interval(_quantile(values, tail), _quantile(values, 1.0 - tail), level, "bootstrap-percentile")


def _bca(values: Sequence[float], estimate: float, jack: Sequence[float], tail: float, level: float) -> Interval | None:
    below = sum(value < estimate for value in values) + 0.5 * sum(value == estimate for value in values)
    if values[0] == values[-1] or not 0.0 < below < len(values):
        return None
    bias, acceleration = normal_quantile(below / len(values)), _acceleration(jack)
    shifted = [bias + z for z in (normal_quantile(tail), -normal_quantile(tail))]
    stretch = [1.0 - (acceleration or 0.0) * z for z in shifted]
    if min(stretch) <= 0.0:
        return None
    low, high = (_quantile(values, normal_cdf(bias + z / by)) for z, by in zip(shifted, stretch, strict=True))
    return Interval(low, high, level, "bootstrap-bc" if acceleration is None else "bootstrap-bca")


def _acceleration(jack: Sequence[float]) -> float | None:
    """A sixth of the skewness of the jackknife values, turned around (Efron 1987, 7.3); None where they do not vary."""
    mean = math.fsum(jack) / len(jack)
    influence = [mean - value for value in jack]
    largest = max(map(abs, influence))
    if not largest > 0.0:
        return None
    influence = [d / largest for d in influence]  # skewness has no unit, and squares of tiny numbers are zero
    mean /= largest
    spread = math.fsum(d * d for d in influence)
    if spread <= (len(jack) * abs(mean) * 2.0**-50) ** 2:
        return None
    return math.fsum(d * d * d for d in influence) / (6.0 * spread * math.sqrt(spread))


def _quantile(values: Sequence[float], p: float) -> float:
    """The ``p`` quantile of sorted ``values``, linearly interpolated between order statistics."""
    position = p * (len(values) - 1)
    below = min(int(position), len(values) - 2)
    return values[below] + (values[below + 1] - values[below]) * (position - below)
