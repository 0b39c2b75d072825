"""How good the probabilities are: logarithmic loss and Brier score, both proper (the true probabilities score best)."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import hoeffding
from aisecops.metrics.quality.judged import Judged
from aisecops.metrics.quality.resampling import bca_mean
from aisecops.oracles.oracle import Floats

FEW = 30
"""Below this many samples the bootstrap covers less than it says."""


def log_loss(judged: Judged, *, level: float = 0.95, seed: int = 0) -> Reading:
    """Return the mean of -ln p(true class), in nats: 0 at best, ln k for a model that knows nothing.

    One sample whose true class had probability 0 makes it infinite: it is then blocked, not cut off at some small number that would decide its value. The
    interval is by the bias-corrected accelerated bootstrap; below 30 samples there is none, for this loss has no bound.
    """
    reading = _reading("log-loss", "nat", judged)
    if reading.blocked:
        return reading
    chance = _of_truth(judged)
    if zeros := int(np.count_nonzero(chance <= 0.0)):
        return replace(reading, blocked=f"infinite: the model gave probability 0 to what {zeros} of {len(chance)} samples are")
    losses = -np.log(chance)
    if len(losses) < FEW:
        return replace(reading, value=float(losses.mean()), blocked=f"not resolvable: an unbounded loss needs at least {FEW} samples")
    return replace(_with_bootstrap(reading, losses, level, seed), value=float(losses.mean()))


def brier(judged: Judged, *, level: float = 0.95, seed: int = 0) -> Reading:
    """Return half the mean squared distance of the probabilities from the truth, between 0 and 1; for two classes the mean of (p - y)^2.

    Below 30 samples the interval is Hoeffding's, wide and always valid; else by bootstrap.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78, 1-3.
    """
    reading = _reading("brier-score", "1", judged)
    if reading.blocked:
        return reading
    assert judged.scores is not None
    losses = np.sum((judged.scores - np.eye(len(judged.classes))[judged.y]) ** 2, axis=1) / 2.0
    value = float(losses.mean())
    if len(losses) >= FEW and np.ptp(losses) > 0.0:
        return replace(_with_bootstrap(reading, losses, level, seed), value=value)
    return replace(reading.within(hoeffding(value, len(losses), level)), value=value)


def _reading(name: str, unit: str, judged: Judged) -> Reading:
    return Reading(
        name=name, value=None, unit=unit, n=len(judged.y), better=Better.LOWER, bound=Bound.ESTIMATE, blocked=judged.not_probabilities
    )  # fmt: skip


def _of_truth(judged: Judged) -> Floats:
    """The probability of each sample's true class."""
    assert judged.scores is not None
    return judged.scores[np.arange(len(judged.y)), judged.y]


def _with_bootstrap(reading: Reading, losses: Floats, level: float, seed: int) -> Reading:
    interval = bca_mean(losses, level, seed)
    return reading.within(interval) if interval is not None else replace(reading, blocked="not resolvable: the loss does not vary")
