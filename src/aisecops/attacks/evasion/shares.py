"""Attacks in shares of each column's range, so that one budget fits bytes, seconds and flags alike.

A perturbation of 0.1 of a column that runs from 0 to 1e6 and of one that runs from 0 to 1 are then equally large, whichever norm adds them up. The attack moves in
the unit box; the model is asked about the values themselves.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.evasion.attempts import Attempts
from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Batch, Capability, Flags, Floats, Integers, Loss, Oracle
from aisecops.oracles.structure import LinearMap, Structure
from aisecops.oracles.trees.thresholds import before_scaling

_NEAR = 1e-6
"""How far from a whole number a share may put a column of whole numbers by rounding."""


class Shares:
    """Samples, their space and the model behind them, in shares.

    Parameters
    ----------
    whole
        The columns that hold whole numbers, shape (d,): a share of them stands for the nearest one, to the last digit.

    Attributes
    ----------
    samples
        Shape (n, ...), 0 at the lower bound of a column and 1 at its upper one; a column without a range of its own keeps its values, moved to begin at 0.
    """

    def __init__(self, oracle: Oracle, space: Space, samples: Floats, whole: Flags | None = None) -> None:
        self.oracle = oracle
        self._space, self._origin, self._whole = space, samples, whole
        low, high = (np.broadcast_to(bound, samples.shape[1:]) for bound in (space.low, space.high))
        self._low = np.where(np.isfinite(low), low, 0.0)
        width = np.where(np.isfinite(low) & np.isfinite(high), high - low, 1.0)
        self._width = np.where(width > 0, width, 1.0)
        self.samples = self.shares(samples)
        self.low, self.high = self.shares(low), self.shares(high)

    def shares(self, values: Floats) -> Floats:
        """Values as shares."""
        return np.asarray((values - self._low) / self._width)

    def values(self, shares: Floats) -> Floats:
        """Shares as values."""
        values = np.asarray(self._low + shares * self._width)
        return values if self._whole is None else np.where(self._whole & (np.abs(values - np.round(values)) < _NEAR), np.round(values), values)

    # ---- the space

    @property
    def plain(self) -> bool:
        """As the space of the values."""
        return self._space.plain

    def bounds(self, origin: Floats) -> tuple[Floats, Floats]:
        """The least and greatest shares of each feature of each sample, the shape of ``origin``: a table's domain may bound rows, not columns alone."""
        of_rows = getattr(self._space, "bounds", None)
        if of_rows is None:
            return np.broadcast_to(self.low, origin.shape), np.broadcast_to(self.high, origin.shape)
        low, high = of_rows(self.values(origin))
        return self.shares(low), self.shares(high)

    def project(self, points: Floats, origin: Floats) -> Floats:
        """Allowed points near ``points``, in shares; what is allowed stays as it is, to the last bit."""
        if self.plain:
            return np.clip(points, np.minimum(self.low, origin), np.maximum(self.high, origin))
        values = self.values(points)
        allowed = self._space.project(values, self.values(origin))
        return np.where(allowed == values, points, self.shares(allowed))

    # ---- the model

    @property
    def name(self) -> str:
        """As the oracle's."""
        return self.oracle.name

    @property
    def classes(self) -> tuple[str, ...]:
        """As the oracle's."""
        return self.oracle.classes

    @property
    def capabilities(self) -> frozenset[Capability]:
        """As the oracle's."""
        return self.oracle.capabilities

    @property
    def left(self) -> int | None:
        """The queries that the oracle's budget still holds; None: it has none."""
        return getattr(self.oracle, "left", None)

    def labels(self, batch: Batch) -> Integers:
        """The labels of the values that ``batch`` stands for."""
        return self.oracle.labels(self.values(np.asarray(batch)))

    def scores(self, batch: Batch) -> Floats:
        """Their scores."""
        return self.oracle.scores(self.values(np.asarray(batch)))

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """Their loss, and its gradient by the shares."""
        losses, gradient = self.oracle.gradient(self.values(batch), y, loss, target)
        return losses, gradient * self._width

    def structure(self) -> Structure:
        """The oracle's as a function of shares: a threshold is the largest share whose value goes left, to the last bit."""
        structure = self.oracle.structure()
        low, width = self._low.ravel(), self._width.ravel()
        if isinstance(structure, LinearMap):
            return LinearMap(weights=structure.weights * width, offset=structure.offset + structure.weights @ low)
        inner = np.flatnonzero(~structure.leaf)
        feature, threshold = structure.feature[inner], structure.threshold.copy()
        threshold[inner] = before_scaling(threshold[inner], lambda shares: low[feature] + shares * width[feature])
        return msgspec.structs.replace(structure, threshold=threshold)

    # ---- the way back

    def finished(self, attempts: Attempts, y: Integers) -> Attempts:
        """Return ``attempts`` with values for points: cells that were not changed hold exactly what they held, and each point was asked about once more as it is.

        Turning values into shares and back may move one by its last digit. What evades only with that digit does not count.
        """
        unchanged = attempts.points == self.samples
        points = np.where(unchanged | ~np.isfinite(attempts.points), self._origin, self.values(attempts.points))
        rows = np.flatnonzero(attempts.found)
        found, distance = attempts.found.copy(), attempts.distance.copy()
        if len(rows):
            points[rows] = self._space.project(points[rows], self._origin[rows])
            found[rows] = self.oracle.labels(points[rows]) != y[rows]
            flat = (self.shares(points[rows]).reshape(len(rows), -1), self.samples[rows].reshape(len(rows), -1))
            distance[rows] = attempts.norm.distance(np.where(unchanged[rows].reshape(len(rows), -1), flat[1], flat[0]), flat[1])
        distance[~found] = np.inf
        points[~found] = self._origin[~found]
        return msgspec.structs.replace(attempts, points=points, found=found, distance=distance, queries=attempts.queries + attempts.found)
