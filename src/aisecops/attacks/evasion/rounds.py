"""What every attack does the same way: ask about many points of many samples in one call, keep the best evasion of each, and account for every query.

Attacks work on flat samples, shape (n, d). A missing value (NaN) of a sample stays missing in every point that is asked about; inside an attack it is 0, so
that arithmetic goes on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from aisecops.attacks.evasion.attempts import Attempts, Norm
from aisecops.attacks.evasion.space import Space
from aisecops.core.errors import UserError
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Flags, Floats, Integers, Loss, Oracle, OracleError

MEMORY = 1 << 23
"""Numbers in one batch that an attack makes up, at most (64 MiB): where samples are large, a round takes several calls."""

CHECKPOINTS = (1, 2, 5)
"""Distances are kept after 10, 20, 50, 100, 200, 500, ... queries a sample."""


class Rounds:
    """The account of one attack on n samples.

    Parameters
    ----------
    queries
        The most for each sample.
    epsilon
        The distance at which a sample is done with; None: 0.
    limit
        The distance beyond which an evasion does not count; None: there is none.

    Attributes
    ----------
    origin
        The samples, flat, missing values 0, shape (n, d).
    low, high
        Bounds of each feature of each sample, shape (n, d); infinite where the space has none.
    free
        The features that may change at all, shape (n, d).
    scale
        How wide each feature is, shape (n, d), for the length of steps: ``high - low``, or where that is infinite the spread of the samples.
    points, distance, found
        The best evasion of each sample so far, flat; its distance (infinite: none yet).
    spent
        Queries on behalf of each sample, shape (n,).
    """

    def __init__(
        self,
        oracle: Oracle,
        samples: Floats,
        y: Integers,
        *,
        space: Space,
        norm: Norm,
        queries: int,
        target: Integers | None = None,
        epsilon: float | None = None,
        limit: float | None = None,
    ) -> None:
        samples, y, target = checked(samples, y, target, classes=len(oracle.classes))
        self.oracle, self.space, self.norm, self.y, self.target = oracle, space, norm, y, target
        if queries < 1:
            raise UserError(f"{queries} queries a sample are none", fix="allow at least 1")
        self.enough = 0.0 if epsilon is None else epsilon
        self.limit = np.inf if limit is None else limit
        self.shape, self.n = samples.shape, len(samples)
        self.samples, flat = samples, samples.reshape(self.n, math.prod(self.shape[1:]))
        self.missing, self.origin = np.isnan(flat), np.nan_to_num(flat)
        self.low, self.high = bounds(space, samples, self.origin)
        self.free = (self.high > self.low) & ~self.missing
        self.scale = widths(self.low, self.high, self.origin)
        self.points, self.distance = self.origin.copy(), np.full(self.n, np.inf)
        self.spent = np.zeros(self.n, dtype=np.int64)
        self.queries, self.stopped = share(oracle, queries, self.n), ""
        self._limited = self.queries < queries
        self._checkpoints = np.array(checkpoints(self.queries))
        self._curve = np.full((len(self._checkpoints), self.n), np.inf)

    @property
    def found(self) -> Flags:
        """Which samples have an evasion."""
        return np.asarray(np.isfinite(self.distance))

    @property
    def left(self) -> Integers:
        """How many queries each sample may still cost, shape (n,)."""
        return self.queries - self.spent

    def live(self) -> Integers:
        """Return the samples that are worth a further query: budget left, and no evasion that is near enough."""
        return np.flatnonzero((self.left > 0) & (self.distance > self.enough))

    def started(self) -> Integers:
        """Return the live samples that have an evasion already."""
        return np.flatnonzero((self.left > 0) & (self.distance > self.enough) & self.found)

    def ask(self, rows: Integers, points: Floats) -> tuple[Floats, Flags]:
        """Ask about ``points`` (m, d), each on behalf of the sample ``rows[i]``; return what was asked in their place and which of them evade.

        Points beyond the budget of their sample are not asked about; they do not evade.
        """
        flat, labels = self.answers(rows, points)
        return flat, self.evading(rows, labels)

    def answers(self, rows: Integers, points: Floats) -> tuple[Floats, Integers]:
        """As ``ask``, but return labels, -1 for a point that was not asked about."""
        labels = np.full(len(rows), -1, dtype=np.int64)
        placed, asked, position = self._place(rows, points)
        if len(asked):
            labels[asked] = self._labels(placed[asked])
            self._count(rows[asked])
            self._keep(rows, placed, self.evading(rows, labels), position)
        return self._flat(rows, placed), labels

    def margins(self, rows: Integers, points: Floats) -> tuple[Floats, Floats]:
        """As ``ask`` of an oracle with scores, but return by how much each point evades: the score of the best wanted label minus that of the best other.

        Not above 0: it does not evade; minus infinity: it was not asked about.
        """
        margin = np.full(len(rows), -np.inf)
        placed, asked, position = self._place(rows, points)
        if len(asked):
            scores = self._scores(placed[asked])
            self._count(rows[asked])
            labels = np.full(len(rows), -1, dtype=np.int64)
            labels[asked] = scores.argmax(axis=1)
            margin[asked] = self._margin(rows[asked], scores)
            self._keep(rows, placed, self.evading(rows, labels), position)
        return self._flat(rows, placed), margin

    def gradient(self, rows: Integers, points: Floats, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats, Floats]:
        """Return what was asked in place of ``points``, the loss there (minus infinity: not asked) and its gradient by the features, shape (m, d)."""
        losses, slopes = np.full(len(rows), -np.inf), np.zeros((len(rows), self.origin.shape[1]))
        placed, asked, _ = self._place(rows, points)
        if len(asked):
            wanted = None if target is None else target[asked]
            losses[asked], slope = self.oracle.gradient(placed[asked], self.y[rows[asked]], loss, wanted)
            if np.isnan(losses[asked]).any():
                raise OracleError("the model's loss is not a number, so that its gradient leads nowhere", where=self.oracle.name)
            slopes[asked] = slope.reshape(len(asked), -1)
            self._count(rows[asked])
        return self._flat(rows, placed), losses, np.nan_to_num(slopes) * self.free[rows]

    def evading(self, rows: Integers, labels: Integers) -> Flags:
        """Which of ``labels`` are what the attack wants of the samples ``rows``."""
        wanted = labels != self.y[rows] if self.target is None else labels == self.target[rows]
        return np.asarray(wanted & (labels >= 0))

    def length(self, points: Floats, samples: Floats) -> Floats:
        """How far points are from their samples, shape (m,): what the attack makes small."""
        return self.norm.distance(points, samples)

    def survey(self, points: Floats) -> Integers:
        """Return the labels of flat samples that serve all alike, shape (m,); -1: not asked. Their cost is shared out among the live samples."""
        live, labels = self.live(), np.full(len(points), -1, dtype=np.int64)
        who = live[np.arange(len(points)) % len(live)]
        asked = np.flatnonzero(self.spent[who] + occurrence(who) < self.queries)
        if len(asked):
            shaped = points[asked].reshape(len(asked), *self.shape[1:])
            labels[asked] = self._labels(self.space.project(shaped, shaped))
            self._count(who[asked])
        return labels

    def _place(self, rows: Integers, points: Floats) -> tuple[Floats, Integers, Integers]:
        """Return the allowed points, which of them may be asked about, and each one's place among the queries of its sample."""
        given = np.where(self.missing[rows], np.nan, points).reshape(len(rows), *self.shape[1:])
        position = self.spent[rows] + occurrence(rows) + 1
        return self.space.project(given, self.samples[rows]), np.flatnonzero(position <= self.queries), position

    def _flat(self, rows: Integers, placed: Floats) -> Floats:
        return np.where(self.missing[rows], 0.0, placed.reshape(len(rows), self.origin.shape[1]))

    def _count(self, rows: Integers) -> None:
        self.spent += np.bincount(rows, minlength=self.n)

    def _labels(self, placed: Floats) -> Integers:
        labels = np.asarray(self.oracle.labels(placed))
        if labels.shape != (len(placed),):
            raise OracleError(f"the model gave labels of shape {labels.shape} for {len(placed)} samples", where=self.oracle.name)
        return labels

    def _scores(self, placed: Floats) -> Floats:
        scores = np.asarray(self.oracle.scores(placed), dtype=np.float64)
        wanted = (len(placed), len(self.oracle.classes))
        if scores.shape != wanted or np.isnan(scores).any():
            raise OracleError(f"the model gave scores of shape {scores.shape}, with or without NaN, where {wanted} were due", where=self.oracle.name)
        return scores

    def _margin(self, rows: Integers, scores: Floats) -> Floats:
        here, other = np.arange(len(rows)), scores.copy()
        label = self.y[rows] if self.target is None else self.target[rows]
        other[here, label] = -np.inf
        margin = other.max(axis=1) - scores[here, label]
        return np.asarray(margin if self.target is None else -margin)

    def _keep(self, rows: Integers, placed: Floats, evades: Flags, position: Integers) -> None:
        """Note the evasions among points that were asked about."""
        rows, placed, position = rows[evades], placed[evades], position[evades]
        distance = self.length(placed, self.samples[rows])
        for curve, checkpoint in zip(self._curve, self._checkpoints, strict=True):
            in_time = position <= checkpoint
            np.minimum.at(curve, rows[in_time], distance[in_time])
        order = np.lexsort((distance, rows))
        first = order[occurrence(rows[order]) == 0]
        first = first[distance[first] < self.distance[rows[first]]]
        self.points[rows[first]], self.distance[rows[first]] = self._flat(rows[first], placed[first]), distance[first]

    @contextmanager
    def until_spent(self) -> Iterator[Rounds]:
        """Run an attack's body; a budget that refuses a call ends it, and what was found so far stands."""
        try:
            yield self
        except BudgetSpent as spent:
            self.stopped = f"budget: {spent}"
        else:
            if self._limited and not np.all(self.distance <= self.enough):
                self.stopped = f"budget: {self.queries} queries a sample were left"

    def attempts(self) -> Attempts:
        """Return what was found."""
        points = np.where(self.missing, np.nan, self.points).reshape(self.shape)
        curve = tuple((int(queries), distance.copy()) for queries, distance in zip(self._checkpoints, self._curve, strict=True))
        return Attempts(
            norm=self.norm,
            points=points,
            found=self.found,
            distance=self.distance.copy(),
            queries=self.spent.copy(),
            curve=curve,
            stopped=self.stopped,
        )


def checked(samples: Floats, y: Integers, target: Integers | None, *, classes: int) -> tuple[Floats, Integers, Integers | None]:
    """Return samples and labels as the arrays that attacks work on.

    Raises
    ------
    UserError
        They do not fit each other, a label is none of the classes, or a sample has an infinite value.
    """
    samples = np.asarray(samples, dtype=np.float64)
    if samples.ndim < 2:
        raise UserError(f"samples have the shape {samples.shape}; an attack needs (n, features) or (n, ...) numbers")
    if np.isinf(samples).any():
        raise UserError("a sample has an infinite value", fix="leave it out, or make it missing (NaN)")
    labels = labelled(y, "label", n=len(samples), classes=classes)
    return samples, labels, None if target is None else labelled(target, "target", n=len(samples), classes=classes)


def within(norm: Norm, *norms: Norm, attack: str) -> None:
    """Refuse a norm that the attack does not know.

    Raises
    ------
    UserError
    """
    if norm not in norms:
        raise UserError(f"the attack {attack} knows {' and '.join(norms)}, not {norm}")


def labelled(y: Integers, what: str, *, n: int, classes: int) -> Integers:
    """Return ``y`` as integers, one a sample, each the number of a class."""
    labels = np.asarray(y)
    if labels.shape != (n,):
        raise UserError(f"{what}s have the shape {labels.shape}, samples are {n}")
    if n and (labels.dtype.kind not in "iub" or labels.min() < 0 or labels.max() >= classes):
        raise UserError(f"a {what} is none of the classes 0 to {classes - 1}", fix="number labels as the oracle's classes")
    return labels.astype(np.int64)


def bounds(space: Space, samples: Floats, origin: Floats) -> tuple[Floats, Floats]:
    """Return low and high of each feature of each flat sample; a sample outside extends its own bounds.

    A space that knows the bounds of each row (``bounds(samples)``, as a table's ``Domain``: columns that may not change, or only rise) is asked for those.
    """
    of_rows = getattr(space, "bounds", None)
    low, high = (space.low, space.high) if of_rows is None else of_rows(samples)
    low, high = (np.broadcast_to(bound, samples.shape).reshape(origin.shape) for bound in (low, high))
    return np.fmin(low, origin), np.fmax(high, origin)


def widths(low: Floats, high: Floats, origin: Floats) -> Floats:
    """Return ``high - low``; where it is infinite the standard deviation of the samples, or where they are all the same, their size or 1."""
    spread = origin.std(axis=0) if len(origin) else np.ones(origin.shape[1])
    spread = np.where(spread > 0, spread, np.maximum(1.0, np.abs(origin).max(axis=0, initial=0.0)))
    with np.errstate(over="ignore"):
        width = high - low
    return np.where(np.isfinite(width), width, spread)


def share(oracle: Oracle, queries: int, n: int) -> int:
    """Return the queries that each of n samples may cost: the wanted number, or an even share of what the oracle's budget still holds."""
    left = getattr(oracle, "left", None)
    return queries if left is None or not n else min(queries, max(1, left // n))


def checkpoints(queries: int) -> list[int]:
    """Return 10, 20, 50, 100, ... up to ``queries``, which is the last."""
    marks = [factor * 10**power for power in range(1, 9) for factor in CHECKPOINTS]
    return [mark for mark in marks if mark < queries] + [queries]


def occurrence(rows: Integers) -> Integers:
    """Return for each entry how many equal ones stand before it: [5, 5, 3, 5] gives [0, 1, 0, 2]."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(rows) else np.empty(0, dtype=np.int64)
    ranks = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    result = np.empty(len(rows), dtype=np.int64)
    result[order] = ranks
    return result
