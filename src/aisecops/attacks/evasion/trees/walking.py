"""An evasion where the search had no time to find one: from the nearest samples of other classes straight towards the sample."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.oracles.oracle import Floats
from aisecops.oracles.structure import TreeEnsemble

TRIED, HALVINGS = 8, 30


def walked(trees: TreeEnsemble, sample: Floats, others: Floats, low: Floats, high: Floats, norm: Norm) -> Floats | None:
    """The nearest evasion on the lines from ``sample`` to the nearest of ``others`` (m, d), moved into its box; None where none of them is one."""
    label = int(trees.decide(sample[None])[0])
    ends = np.where(np.isnan(sample), np.nan, np.clip(np.where(np.isnan(others), sample, others), low, high))
    ends = ends[np.argsort(norm.distance(ends, np.broadcast_to(sample, ends.shape)), kind="stable")[: 4 * TRIED]]
    ends = ends[trees.decide(ends) != label][:TRIED]
    if not len(ends):
        return None
    inside, outside = np.zeros(len(ends)), np.ones(len(ends))
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        evades = trees.decide(sample + middle[:, None] * (ends - sample)) != label
        inside, outside = np.where(evades, inside, middle), np.where(evades, middle, outside)
    points = np.where((outside == 1)[:, None], ends, sample + outside[:, None] * (ends - sample))
    return np.asarray(points[np.argmin(norm.distance(points, np.broadcast_to(sample, points.shape)))])


def restored(trees: TreeEnsemble, sample: Floats, point: Floats, norm: Norm) -> Floats:
    """``point`` with as many features back at the sample's values as its evasion can spare: each time the one whose return brings it nearest."""
    label = int(trees.decide(sample[None])[0])
    while len(changed := np.flatnonzero((point != sample) & ~np.isnan(sample))):
        tries = np.tile(point, (len(changed), 1))
        tries[np.arange(len(changed)), changed] = sample[changed]
        tries = tries[trees.decide(tries) != label]
        if not len(tries):
            break
        point = tries[np.argmin(norm.distance(tries, np.broadcast_to(sample, tries.shape)))]
    return point
