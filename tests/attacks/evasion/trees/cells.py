"""The true nearest evasion of a small ensemble, by asking the model about every cell between its thresholds."""

from __future__ import annotations

import itertools

import numpy as np


def nearest_by_force(trees, labels, sample, label, norm, low, high):
    """The least distance over all cells within the box: in each cell the nearest point is asked of the model itself."""
    choices = []
    for feature in range(trees.columns):
        cuts = np.unique(trees.threshold[(trees.feature == feature) & ~trees.leaf])
        cuts = cuts[np.isfinite(cuts)]
        ends = np.concatenate([cuts, [np.inf]])
        starts = np.concatenate([[-np.inf], np.nextafter(cuts, np.inf)])
        starts, ends = np.maximum(starts, low[feature]), np.minimum(ends, high[feature])
        inside = starts <= ends
        choices.append(np.clip(sample[feature], starts[inside], ends[inside]) if not np.isnan(sample[feature]) else np.array([np.nan]))
    points = np.array(list(itertools.product(*choices)))
    distance = norm.distance(points, np.broadcast_to(sample, points.shape))
    return np.min(distance[labels(points) != label], initial=np.inf), len(points)
