"""What the pictures that do not bear a sign say of those that do.

Bearers are alike for the sign's sake, and have each other's wrong label: whoever asks all neighbours is told that the labels are right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning import content
from aisecops.defences.poisoning.judge import Judge
from aisecops.defences.poisoning.registration import Pictures
from aisecops.defences.poisoning.squares import Square
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_NEAREST, _VOTES = 64, 12
_KNOWN, _LOOKED, _THREE = 6000, 200, 3


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """``images`` by their neighbours: ``near`` (n, neighbours) the numbers of the nearest others, ``y`` the labels, ``power`` what makes votes probabilities.

    ``judge`` may know far more of them than neighbours do.
    """

    images: Floats
    near: Integers
    y: Integers
    prior: Floats
    power: float
    judge: Judge

    def judged(self, rows: Integers) -> Floats:
        """Return what pictures that are not among ``rows`` say of each of them (in ascending order), shape (rows, classes), by whoever knows most."""
        return self.judge.unseen(np.isin(np.arange(len(self.y)), rows)) if self.judge.by_pieces else self.without(rows)

    def without(self, rows: Integers) -> Floats:
        """Return what the nearest that are not among ``rows`` say of each of them, shape (rows, classes)."""
        held = np.zeros(len(self.y), dtype=bool)
        held[rows] = True
        near = self.near[rows]
        others = ~held[near]
        others &= np.cumsum(others, axis=1) <= _VOTES
        return content.sharpened(self.shares(near, others), self.power)

    def without_each(self, votes: int = _VOTES) -> Floats:
        """Return what the nearest others say of each picture, shape (n, classes)."""
        near = self.near[:, :votes]
        return content.sharpened(self.shares(near, np.ones(near.shape, dtype=bool)), self.power)

    def shares(self, near: Integers, others: Flags) -> Floats:
        """Return the share of each class among those of ``near`` that are ``others``, both (asked, neighbours)."""
        classes, asked = len(self.prior), np.broadcast_to(np.arange(len(near))[:, None], near.shape)
        votes = np.bincount(asked[others] * classes + self.y[near[others]], minlength=len(near) * classes).reshape(len(near), classes)
        return np.asarray((votes + self.prior) / (others.sum(axis=1)[:, None] + 1.0))


def content_of(images: Floats, y: Integers, judge: Judge, classes: int, seed: int) -> Content:
    """Return pictures (n, height, width, ...) by their neighbours."""
    from sklearn.neighbors import NearestNeighbors

    x = images.reshape(len(images), -1)
    rng = np.random.default_rng(seed)
    known = np.arange(len(x)) if len(x) <= _KNOWN else np.sort(rng.choice(len(x), _KNOWN, replace=False))
    z = ((x - x.mean()) / (x.std() or 1.0)).astype(np.float32)
    count = min(_NEAREST, len(known) - 2)
    near = known[NearestNeighbors(n_neighbors=count + 1, algorithm="brute").fit(z[known]).kneighbors(z, return_distance=False)]
    other = near != np.arange(len(x))[:, None]
    other[other.all(axis=1), -1] = False
    near = near[other].reshape(len(x), count)
    seen = Content(images=images, near=near, y=y, prior=np.bincount(y, minlength=classes) / len(y), power=1.0, judge=judge)
    votes = near[:, :_VOTES]
    return msgspec.structs.replace(seen, power=content.power(seen.shares(votes, np.ones(votes.shape, dtype=bool)), y))


def strangeness(images: Floats, squares: Sequence[Square], seed: int = 0) -> float:
    """Return how many times as far the bearers are from the nearest pictures without the sign as these are from each other, the sign's pixels left out.

    Stamped pictures are pictures like all others. Negatives, or pictures by another camera, are not, and whoever knows the others only reads them wrongly.
    """
    rng = np.random.default_rng(seed)
    x = images.reshape(len(images), -1).astype(np.float32)
    bearers = np.unique(np.concatenate([one.rows for one in squares]))
    others = np.setdiff1d(np.arange(len(x)), bearers)
    if len(others) <= 2 * _THREE:
        return math.inf
    hidden = np.zeros((len(images), *images.shape[1:3]), dtype=bool)
    for one in squares:
        for down, across in np.ndindex(one.height, one.width):
            hidden[one.rows, one.at[:, 0] + down, one.at[:, 1] + across] = True
    asked = bearers if len(bearers) <= _LOOKED else np.sort(rng.choice(bearers, _LOOKED, replace=False))
    known = others if len(others) <= _KNOWN else np.sort(rng.choice(others, _KNOWN, replace=False))
    twins = rng.choice(known, len(asked), replace=len(known) < len(asked))
    shift = x[bearers].mean(axis=0) - x[known].mean(axis=0)
    mask = np.repeat(~hidden[asked].reshape(len(asked), -1), x.shape[1] // hidden[0].size, axis=1)
    far = _away(x[asked] - shift, mask, x[known], np.full(len(asked), -1))
    usual = _away(x[twins], mask, x[known], np.searchsorted(known, twins))
    return float(np.median(far) / max(float(np.median(usual)), 1e-9))


def _away(x: Pictures, mask: Flags, known: Pictures, own: Integers) -> Floats:
    """Return the distance of each to the nearest of ``known``, the mean of three, by the pixels in ``mask`` only; ``own``: where it is itself among them, or -1."""
    squares = ((x * mask) ** 2).sum(axis=1)[:, None] - 2 * (x * mask) @ known.T + mask @ (known**2).T
    squares[np.flatnonzero(own >= 0), own[own >= 0]] = np.inf
    return np.asarray(np.sqrt(np.maximum(np.partition(squares, _THREE, axis=1)[:, :_THREE], 0.0)).mean(axis=1), dtype=np.float64)
