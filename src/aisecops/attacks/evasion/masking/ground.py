"""The space that a diagnosis walks in: flat points, and which columns can move by small steps at all."""

from __future__ import annotations

import math

import numpy as np

from aisecops.attacks.evasion.space import Space
from aisecops.oracles.oracle import Flags, Floats


class Ground:
    """A space seen by flat points, shape (n, d).

    Attributes
    ----------
    low, high
        The bounds, shape (d,); those of the samples where a bound is infinite.
    origin
        The least value of each column among the samples, shape (d,).
    free
        The columns in which points may lie anywhere between two samples, shape (d,): not integers, categories, immutable or derived ones.
    lattice
        The distance of which all differences between the samples' values of a column are multiples, shape (d,): data on a lattice (integers, grey levels)
        give honest thresholds on a lattice. 0 where there is none, or one finer than a 256th of the range.
    """

    def __init__(self, space: Space, samples: Floats) -> None:
        self._space, self._shape = space, samples.shape[1:]
        flat = samples.reshape(len(samples), -1)
        bounds = (np.broadcast_to(bound, samples.shape[1:]).reshape(-1).astype(np.float64) for bound in (space.low, space.high))
        self.low, self.high = (np.where(np.isfinite(bound), bound, seen) for bound, seen in zip(bounds, _extent(flat), strict=True))
        self.lattice = np.array([_lattice(column) for column in flat.T])
        self.origin = _extent(flat)[0]
        self.free = np.ones(flat.shape[1], dtype=bool) if space.plain else self._free(flat)

    def place(self, points: Floats, origin: Floats) -> Floats:
        """The allowed points near ``points``."""
        return self._space.project(points.reshape(-1, *self._shape), origin.reshape(-1, *self._shape)).reshape(points.shape)

    def towards(self, start: Floats, end: Floats) -> Floats:
        """``end`` as far as one can go there from ``start`` by columns that are free and known in both."""
        return np.where(self.free & ~np.isnan(start) & ~np.isnan(end), end, start)

    def on(self, start: Floats, end: Floats, t: Floats) -> Floats:
        """The allowed points at ``t``, 0 to 1, of the segments; the shape that the three broadcast to."""
        step = np.where(start == end, 0.0, end - start)
        points = np.where(np.isnan(step), start, start + t * step)
        origin = np.broadcast_to(start, points.shape)
        return self.place(points.reshape(-1, points.shape[-1]), origin.reshape(-1, points.shape[-1])).reshape(points.shape)

    def _free(self, flat: Floats) -> Flags:
        """Which columns stay where a small step puts them."""
        d, free = flat.shape[1], np.zeros(flat.shape[1], dtype=bool)
        start = np.broadcast_to(flat[0], (d, d))
        for sign in (1.0, -1.0):
            step = np.diag(sign * 1e-4 * np.maximum(self.high - self.low, 1e-12))
            moved = np.diag(self.place(start + step, start.copy())) - flat[0]
            free |= np.abs(moved - np.diag(step)) <= 0.5 * np.abs(np.diag(step))
        return free


def _extent(flat: Floats) -> tuple[Floats, Floats]:
    known = np.where(np.isnan(flat), np.nanmean(flat), flat) if np.isnan(flat).any() else flat
    return known.min(axis=0), known.max(axis=0)


def _lattice(column: Floats) -> float:
    """The greatest common divisor of the differences, by Euclid's algorithm with a tolerance; a column with one value has the coarsest lattice there is."""
    values = np.unique(column[~np.isnan(column)])
    if len(values) < 2:
        return math.inf
    gaps, least = np.diff(values), float(values[-1] - values[0]) / 256.0
    divisor = 0.0
    for gap in gaps.tolist():
        while gap > least / 16.0:
            divisor, gap = gap, divisor - gap * round(divisor / gap)
            gap = abs(gap)
        if divisor < least:
            return 0.0
    return divisor
