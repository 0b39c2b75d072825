"""How well scores rank: the area under the ROC curve."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import Interval, area_interval, delong_logit
from aisecops.metrics.quality.judged import Judged
from aisecops.oracles.oracle import Flags, Floats

FEW = 5
"""Below this many samples on a side the variance of a rank statistic cannot be estimated."""


def auc(judged: Judged, *, level: float = 0.95) -> tuple[Reading, ...]:
    """Return the probability that a sample of a class has a higher score for it than a sample of another; 0.5: scores say nothing.

    Two classes: one reading, for the second. More: one reading for each class against the rest, and their mean (``one-vs-rest mean``). The interval is DeLong's
    on the logit scale, where it stays within 0 and 1. Where the classes are separated altogether DeLong's variance is 0; the interval then is what the
    min(positives, negatives) disjoint pairs, all of them in order, prove: Clopper and Pearson's.

    References
    ----------
    DeLong, E. R., DeLong, D. M., Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated ROC curves. Biometrics 44, 837-845.
    Sun, X., Xu, W. (2014). Fast implementation of DeLong's algorithm. IEEE Signal Processing Letters 21, 1389-1393.
    """
    reading = Reading(name="auc", value=None, unit="1", n=len(judged.y), better=Better.HIGHER, bound=Bound.ESTIMATE)
    if judged.scores is None:
        return (replace(reading, blocked="the model gives no scores"),)
    if len(judged.classes) == 2:
        return (_one(reading, judged.scores[:, 1] - judged.scores[:, 0], judged.y == 1, level),)
    singles, influences = [], []
    for c, name in enumerate(judged.classes):
        single = _one(replace(reading, subject=f"{name} against the rest"), judged.scores[:, c], judged.y == c, level)
        singles.append(single)
        if single.value is not None:
            influences.append(_influence(judged.scores[:, c], judged.y == c))
    return (*singles, _mean(replace(reading, subject="one-vs-rest mean"), singles, influences, level))


def _one(reading: Reading, scores: Floats, positive: Flags, level: float) -> Reading:
    pairs = int(min(positive.sum(), (~positive).sum()))
    if not pairs:
        return replace(reading, blocked="not resolvable: the samples are of one class")
    influence = _influence(scores, positive)
    value = float(_placements(scores, positive)[positive].mean())
    return replace(reading.within(area_interval(value, _error(influence), pairs, level, few=FEW)), value=value)


def _mean(reading: Reading, singles: list[Reading], influences: list[Floats], level: float) -> Reading:
    """The mean over classes; its variance is that of the mean influence of each sample."""
    known = [single for single in singles if single.value is not None]
    if len(known) < len(singles):
        return replace(reading, blocked=f"not resolvable: {len(singles) - len(known)} of {len(singles)} classes have no sample")
    value = float(np.mean([single.value for single in known if single.value is not None]))
    influence = np.mean(influences, axis=0)
    if not np.any(influence):
        low = float(np.mean([single.low for single in known if single.low is not None]))
        return replace(reading.within(Interval(low, 1.0, level, known[0].method)), value=value)
    return replace(reading.within(delong_logit(value, _error(influence), level)), value=value)


def _error(influence: Floats) -> float:
    return math.sqrt(float(np.sum(influence**2)))


def _influence(scores: Floats, positive: Flags) -> Floats:
    """What each sample contributes to the estimate's error; the sum of squares is DeLong's variance."""
    placements = _placements(scores, positive)
    influence = np.zeros(len(scores))
    for side in (positive, ~positive):
        n = int(side.sum())
        if n > 1:
            influence[side] = (placements[side] - placements[side].mean()) / math.sqrt(n * (n - 1))
    return influence


def _placements(scores: Floats, positive: Flags) -> Floats:
    """Share of the other class that a sample is on the right side of, ties half: a positive above, a negative below."""
    everyone, own = _midranks(scores), np.empty(len(scores))
    for side in (positive, ~positive):
        own[side] = _midranks(scores[side])
    others = np.where(positive, (~positive).sum(), positive.sum())
    share = (everyone - own) / others
    return np.asarray(np.where(positive, share, 1.0 - share))


def _midranks(values: Floats) -> Floats:
    """Ranks from 1, those of ties their mean."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[which])
