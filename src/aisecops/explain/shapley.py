"""Which changes made the difference: exact Shapley values between two points, over the features in which they differ.

With a baseline that is a real point there is nothing to estimate and no background to choose: s changed features have 2^s mixtures of the two points, and the
model is asked about all of them, for many pairs in one batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Flags, Floats, Integers

Value = Callable[[Floats], Floats]
"""From points, shape (m, d), to one number for each, shape (m,)."""
EXACT = 16
"""Changed features up to which all mixtures are asked about (65,536)."""
_ROWS = 1 << 15
_CELLS = 1 << 22
"""Most rows and numbers in one batch."""


class Contributions(msgspec.Struct, frozen=True, kw_only=True):
    """What each feature adds to the change of the value from one point to another.

    Parameters
    ----------
    values
        Shape (n, d): 0 for features that are the same in both. A row's sum is the change of the value (completeness).
    change
        That change, shape (n,).
    exact
        Whether all mixtures were asked about, shape (n,); elsewhere ``values`` are means over random orders, and ``error`` their standard error.
    error
        Shape (n, d), 0 where exact.
    """

    values: Floats
    change: Floats
    exact: Flags
    error: Floats

    def ranked(self, row: int) -> Integers:
        """The features that changed the value of pair ``row``, the largest contribution in the direction of the change first."""
        towards = self.values[row] * (1.0 if self.change[row] >= 0 else -1.0)
        order = np.argsort(-towards, kind="stable")
        return np.asarray(order[self.values[row][order] != 0])


def changed(before: Floats, after: Floats) -> Flags:
    """Where two points differ, shape (n, d); two missing values are the same."""
    return np.asarray((before != after) & ~(np.isnan(before) & np.isnan(after)))


def baseline_shapley(value: Value, before: Floats, after: Floats, *, orders: int = 200, seed: int = 0) -> Contributions:
    """Return the Shapley values of the game "features from ``after``, all others from ``before``", over the changed features.

    Parameters
    ----------
    value
        What is explained, finite. It is asked about 2^s mixtures of a pair with s <= 16 changed features; of more, about ``orders`` random orders (each with its
        reverse), where the values are estimates.
    before, after
        Pairs of points, shape (n, d).

    Raises
    ------
    UserError
        The shapes differ, or ``value`` is not finite.

    References
    ----------
    Sundararajan, M., Najmi, A. (2020). The many Shapley values for model explanation. ICML (baseline Shapley).
    """
    start, end = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if start.ndim != 2 or start.shape != end.shape:
        raise UserError(f"points before and after need one shape (n, d), not {start.shape} and {end.shape}")
    differs = changed(start, end)
    sizes = differs.sum(axis=1)
    values, error, change = np.zeros(start.shape), np.zeros(start.shape), np.zeros(len(start))
    for size in sorted(set(sizes.tolist()) - {0}):
        rows = np.flatnonzero(sizes == size)
        if size > EXACT:
            for row in rows.tolist():
                values[row], error[row], change[row] = _sampled(value, start[row], end[row], np.flatnonzero(differs[row]), orders, seed + row)
            continue
        for part in _parts(rows, 1 << size, start.shape[1]):
            columns = np.nonzero(differs[part])[1].reshape(len(part), size)
            answers = _mixtures(value, start[part], end[part], columns)
            values[part[:, None], columns] = answers @ _weights(size).T
            change[part] = answers[:, -1] - answers[:, 0]
    return Contributions(values=values, change=change, exact=sizes <= EXACT, error=error)


def _parts(rows: Integers, mixtures: int, columns: int) -> Iterator[Integers]:
    many = max(1, min(_ROWS // mixtures, _CELLS // (mixtures * columns)))
    return (rows[i : i + many] for i in range(0, len(rows), many))


def _mixtures(value: Value, start: Floats, end: Floats, columns: Integers) -> Floats:
    """The value of all mixtures, shape (n, 2^s): bit i of the second index says that the i-th changed feature comes from ``end``."""
    n, size = columns.shape
    chosen = (np.arange(1 << size)[:, None] >> np.arange(size) & 1).astype(bool)
    points = np.repeat(start[:, None, :], 1 << size, axis=1)
    pair = np.arange(n)[:, None]
    for i in range(size):
        column = columns[:, i : i + 1]
        points[pair, np.flatnonzero(chosen[:, i]), column] = end[pair, column]
    return _finite(value(points.reshape(n << size, -1))).reshape(n, 1 << size)


def _finite(answers: Floats) -> Floats:
    found = np.asarray(answers, dtype=np.float64)
    if not np.all(np.isfinite(found)):
        raise UserError("the value to explain is not finite", fix="explain a score, a margin or a probability")
    return found


@cache
def _weights(size: int) -> Floats:
    """How each mixture counts for each feature, shape (s, 2^s)."""
    members = np.arange(1 << size)[:, None] >> np.arange(size) & 1
    count = members.sum(axis=1)
    factorial = [math.factorial(i) for i in range(size + 1)]
    joins = np.array([factorial[k - 1] * factorial[size - k] / factorial[size] if k else 0.0 for k in range(size + 1)])
    lacks = np.array([factorial[k] * factorial[size - k - 1] / factorial[size] if k < size else 0.0 for k in range(size + 1)])
    return np.asarray(np.where(members.T == 1, joins[count], -lacks[count]))


def _sampled(value: Value, start: Floats, end: Floats, columns: Integers, orders: int, seed: int) -> tuple[Floats, Floats, float]:
    """Means over random orders and their reverses, which cancels much of the error; each order adds up to the whole change."""
    rng, size = np.random.default_rng(seed), len(columns)
    steps = []
    for _ in range(max(2, orders)):
        order = rng.permutation(size)
        both = []
        for way in (order, order[::-1]):
            points = np.repeat(start[None], size + 1, axis=0)
            for place, i in enumerate(way):
                points[place + 1 :, columns[i]] = end[columns[i]]
            answers = _finite(value(points))
            gains = np.empty(size)
            gains[way] = np.diff(answers)
            both.append(gains)
        steps.append(np.mean(both, axis=0))
    values, error = np.zeros(len(start)), np.zeros(len(start))
    values[columns] = np.mean(steps, axis=0)
    error[columns] = np.std(steps, axis=0, ddof=1) / math.sqrt(len(steps))
    return values, error, float(answers[-1] - answers[0])
