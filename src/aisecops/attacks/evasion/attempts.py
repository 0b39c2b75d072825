"""What an attack returns: for each sample the best evasion that it found, at what distance and cost."""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec
import numpy as np

from aisecops.oracles.oracle import Flags, Floats, Integers


class Norm(StrEnum):
    """How far two points are apart: the largest, the Euclidean and the summed absolute difference of their features, and the number that differ.

    ``cost`` is what the change costs by the prices of a table's ``Domain``, which alone can compute it.
    """

    LINF = "linf"
    L2 = "l2"
    L1 = "l1"
    L0 = "l0"
    COST = "cost"

    def distance(self, a: Floats, b: Floats) -> Floats:
        """The distance of each row of ``a`` and ``b``, shape (n,). NaN in both (a missing value left missing) is no difference; in one it is infinite."""
        difference = np.where(np.isnan(a) & np.isnan(b), 0.0, a - b).reshape(len(a), math.prod(a.shape[1:]))
        difference = np.where(np.isnan(difference), np.inf, np.abs(difference))
        match self:
            case Norm.LINF:
                return np.asarray(np.max(difference, axis=1, initial=0.0))
            case Norm.L2:
                return np.asarray(np.sqrt(np.sum(difference * difference, axis=1)))
            case Norm.L1:
                return np.asarray(np.sum(difference, axis=1))
            case Norm.L0:
                return np.asarray(np.count_nonzero(difference, axis=1), dtype=np.float64)
            case Norm.COST:
                raise ValueError("what a change costs is the domain's to say: Domain.cost")


class Attempts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of n samples.

    Parameters
    ----------
    points
        The best evasion of each sample, shape (n, ...); the sample itself where none was found.
    found
        Whether the model itself answered otherwise for exactly this point, shape (n,).
    distance
        From the sample by ``norm``, shape (n,); infinite where none was found: a failed attack is censored, not robust.
    queries
        Samples asked about on behalf of each sample, shape (n,); their sum is what the oracle counted.
    lower
        Where the method proves one: the distance below which there is no evasion, shape (n,). Equal to ``distance`` (to float precision): proven optimal.
    curve
        (queries a sample, distance of each sample by then), rising in queries.
    stopped
        Why the attack ended before its own end (budget, time); empty: it did not.
    """

    norm: Norm
    points: Floats
    found: Flags
    distance: Floats
    queries: Integers
    lower: Floats | None = None
    curve: tuple[tuple[int, Floats], ...] = ()
    stopped: str = ""

    def queries_within(self, epsilon: float) -> Floats:
        """Return the queries that each sample's first evasion within ``epsilon`` took, shape (n,); infinite where there is none."""
        within = self.found & (self.distance <= epsilon)
        taken = np.where(within, self.queries.astype(np.float64), np.inf)
        for queries, distance in reversed(self.curve):
            taken = np.where(within & (distance <= epsilon), np.minimum(taken, queries), taken)
        return taken
