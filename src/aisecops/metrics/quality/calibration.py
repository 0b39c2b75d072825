"""Whether the model is right as often as it says."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import Interval, bonferroni, clopper_pearson
from aisecops.core.statistics.special import normal_quantile
from aisecops.metrics.quality.judged import Judged
from aisecops.metrics.quality.resampling import resampled
from aisecops.oracles.oracle import Floats, Integers

BINS = 15
LEAST = 20
"""Samples a bin, at least."""


def calibration(judged: Judged, *, level: float = 0.95, seed: int = 0) -> tuple[Reading, ...]:
    """Return ``calibration-error`` and ``over-confidence``.

    Confidence is the largest probability. The samples are put into up to 15 bins of equal size by it; each bin's *gap* is its mean confidence less its accuracy.

    ``calibration-error`` is the root of the mean squared gap, an upper bound of the usual expected calibration error, which is the mean absolute gap. That one
    cannot be estimated without bias: chance alone gives a perfectly calibrated model an error of 6 % at 300 samples, 2 % at 2,000, and no bootstrap takes it
    off again. A squared gap can: chance adds its variance, which the bin itself shows, and which is taken off (Kumar et al.). The interval is that of the
    debiased mean square, asymptotically normal, 0 included where calibration may be perfect.

    ``over-confidence`` is the mean gap with its sign, by percentile bootstrap: positive where the model claims too much. Its curve is the reliability diagram:
    (mean confidence, accuracy, low, high) of each bin, with Clopper-Pearson intervals that hold together (Bonferroni).

    Binned errors understate those within a bin. Below 40 samples nothing can be said.

    References
    ----------
    Guo, C. et al. (2017). On Calibration of Modern Neural Networks. ICML.
    Kumar, A., Liang, P., Ma, T. (2019). Verified Uncertainty Calibration. NeurIPS.
    """
    n = len(judged.y)
    error = Reading(name="calibration-error", value=None, unit="1", n=n, better=Better.LOWER, bound=Bound.ESTIMATE, blocked=judged.not_probabilities)
    over = replace(error, name="over-confidence")
    if not error.blocked and n < 2 * LEAST:
        error, over = (replace(reading, blocked=f"not resolvable: calibration needs at least {2 * LEAST} samples") for reading in (error, over))
    if error.blocked:
        return error, over
    assert judged.scores is not None
    confidence, right = judged.scores.max(axis=1), (judged.scores.argmax(axis=1) == judged.y).astype(np.float64)
    bins = _bins(confidence)
    square, deviation = _mean_square(bins, confidence - right, confidence * (1.0 - confidence))
    z = -normal_quantile((1.0 - level) / 2.0)
    low, high = (math.sqrt(max(0.0, square + z * sign * deviation)) for sign in (-1.0, 1.0))
    reading = replace(error.within(Interval(low, high, level, "debiased-mean-square")), value=math.sqrt(max(0.0, square)))
    return reading, _over_confidence(over, bins, confidence, right, level, seed)


def _bins(confidence: Floats) -> Integers:
    """The bin of each sample: equal sizes as far as ties allow."""
    count = max(1, min(BINS, len(confidence) // LEAST))
    edges = np.unique(np.quantile(confidence, np.arange(1, count) / count))
    return np.unique(np.searchsorted(edges, confidence, side="left"), return_inverse=True)[1]


def _mean_square(bins: Integers, gaps: Floats, chance: Floats) -> tuple[float, float]:
    """The mean squared gap of the bins without what chance adds, and its standard deviation.

    ``chance``: the variance of each sample's outcome if the model is calibrated. A bin's variance is taken from its samples, or from this where it is larger:
    ten of ten right do not prove that chance had no part.
    """
    size = np.bincount(bins).astype(np.float64)
    gap = np.bincount(bins, weights=gaps) / size
    spread = np.bincount(bins, weights=(gaps - gap[bins]) ** 2) / np.maximum(size - 1.0, 1.0)
    variance = np.maximum(spread, np.bincount(bins, weights=chance) / size) / size
    share, square = size / size.sum(), gap**2 - variance
    deviation = np.sqrt(np.sum(share**2 * (2.0 * variance**2 + 4.0 * np.maximum(gap**2, variance) * variance)))
    return float(np.sum(share * square)), float(deviation)


def _over_confidence(reading: Reading, bins: Integers, confidence: Floats, right: Floats, level: float, seed: int) -> Reading:
    gaps = confidence - right
    means = resampled(lambda rows: gaps[rows].mean(axis=1), len(gaps), seed)
    value = float(gaps.mean())
    if means[0] == means[-1]:
        low, high = value, value
        reading = replace(reading, blocked="not resolvable: every sample has the same confidence and outcome")
    else:
        low, high = np.quantile(means, ((1.0 - level) / 2.0, (1.0 + level) / 2.0)).tolist()
    interval = Interval(low, high, level, "bootstrap-percentile")
    return replace(reading.within(interval), value=value, curve=_reliability(bins, confidence, right, level))


def _reliability(bins: Integers, confidence: Floats, right: Floats, level: float) -> tuple[tuple[float, ...], ...]:
    points, each = [], bonferroni(level, int(bins.max()) + 1)
    for b in range(int(bins.max()) + 1):
        members = bins == b
        interval = clopper_pearson(int(right[members].sum()), int(members.sum()), each)
        points.append((float(confidence[members].mean()), float(right[members].mean()), interval.low, interval.high))
    return tuple(points)
