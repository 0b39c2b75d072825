"""Membership from labels alone: records that a model was trained on lie further from its decision boundary.

A model that gives nothing but a label still answers how far a record can be moved before the label changes. A decision attack (HopSkipJump) finds that distance; a
record that is labelled wrongly has none. This takes about a hundred queries a record.

References
----------
Choquette-Choo, Tramèr, Carlini, Papernot, Label-only membership inference attacks (ICML 2021); Li, Zhang, Membership leakage in label-only exposures (CCS 2021).
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.attempts import Norm
from aisecops.attacks.evasion.hop_skip_jump import hop_skip_jump
from aisecops.attacks.evasion.space import Box
from aisecops.oracles.oracle import Batch, Capability, Flags, Floats, Integers, Loss, Oracle
from aisecops.oracles.structure import Structure


def boundary_scores(oracle: Oracle, X: Floats, y: Integers, *, queries: int = 150, seed: int = 0) -> Floats:  # noqa: N803
    """Return the distance of each record to where the label changes, in spreads of the columns, shape (n,): 0 where it is labelled wrongly already.

    Parameters
    ----------
    X, y
        Records of numbers, shape (n, d), no value missing, and their labels.
    queries
        A record. Where they find no other label, the record counts as further than all that have one.
    """
    spread = X.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    scaled, right = X / scale, oracle.labels(X) == y
    scores = np.zeros(len(y))
    if right.any():
        rows: Flags = right
        box = Box(scaled.min(axis=0), scaled.max(axis=0))
        attempts = hop_skip_jump(_Scaled(oracle, scale), scaled[rows], y[rows], space=box, norm=Norm.L2, queries=queries, seed=seed, starts=scaled)
        found = attempts.distance
        furthest = found[np.isfinite(found)].max(initial=1.0)
        scores[rows] = np.where(np.isfinite(found), found, 2.0 * furthest)
    return scores


class _Scaled:
    """The oracle in columns of spread 1, labels alone: all columns are as far apart."""

    capabilities = frozenset({Capability.LABELS})

    def __init__(self, oracle: Oracle, scale: Floats) -> None:
        self.name, self.classes = oracle.name, oracle.classes
        self._oracle, self._scale = oracle, scale

    def labels(self, batch: Batch) -> Integers:
        """The oracle's, of the columns as they are."""
        return self._oracle.labels(np.asarray(batch) * self._scale)

    def scores(self, batch: Batch) -> Floats:
        """Nobody may ask."""
        raise NotImplementedError

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """Nobody may ask."""
        raise NotImplementedError

    def structure(self) -> Structure:
        """Nobody may ask."""
        raise NotImplementedError
