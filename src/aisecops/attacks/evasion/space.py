"""Where an attack may put a sample: a box, and for tables whatever their ``Domain`` demands."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from aisecops.oracles.oracle import Floats


class Space(Protocol):
    """The points that an attack may ask about.

    ``low`` and ``high`` broadcast against a batch; attacks scale their steps by ``high - low``. ``project`` moves each point to an allowed one near it, given the
    sample that it started from: *every* query goes through it, and what is returned is what was asked. It never moves an allowed point.
    """

    @property
    def low(self) -> Floats:
        """The least values."""

    @property
    def high(self) -> Floats:
        """The greatest values."""

    @property
    def plain(self) -> bool:
        """Whether it is the box alone: all of its points are allowed, so that a line between two of them is."""

    def project(self, points: Floats, origin: Floats) -> Floats:
        """Return allowed points near ``points``; row i started from ``origin[i]``. A new array."""


class Box:
    """All points between two bounds (numbers, or arrays that broadcast against a batch)."""

    plain = True

    def __init__(self, low: Floats | float = 0.0, high: Floats | float = 1.0) -> None:
        self.low, self.high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
        if not np.all(self.low <= self.high):
            raise ValueError("a box needs low <= high everywhere")

    def project(self, points: Floats, origin: Floats) -> Floats:
        """``points`` clipped to the bounds; a sample that lies outside keeps its own values as bounds."""
        return np.clip(points, np.minimum(self.low, origin), np.maximum(self.high, origin))
