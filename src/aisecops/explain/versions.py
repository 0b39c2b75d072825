"""Whether a new version of a model looks at other things than the old one, and whether training again would have done that by itself.

Two rows of data are turned into each other column by column, in a random order and in its reverse, and each step moves the answer by something: that is what its
column is worth for this pair. Every model can be asked so, and two versions are asked about the very same steps, so nothing but the versions differs. No row is in
two pairs: pairs are independent, and means over them have the intervals of means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval
from aisecops.explain.stability import ColumnDrift, Drift, drift, rank_correlations
from aisecops.oracles.oracle import Floats, Integers

Answers = Callable[[Floats], Floats]
"""From points, shape (m, d), to what the model answers, shape (m, k)."""
_CELLS = 1 << 22
_RESAMPLES = 1000
_LEVEL = 0.95
_FLOOR = 1e-3
"""A share that no retraining moved is taken to move by this, at least: else a column that is never looked at counts as changed by the first breath of it."""


class VersionDrift(msgspec.Struct, frozen=True, kw_only=True):
    """How two versions differ in what they look at.

    Parameters
    ----------
    drift
        The share of each column before and after, on average over the pairs; ``drift.distance`` is the total-variation distance of the two.
    distance, order
        Intervals of that distance (basic bootstrap over pairs: a distance of noise is never below 0, and this takes back what noise adds), and of the rank correlation
        (Spearman) of the columns, whose value is ``correlation``. None where nothing varies.
    correlation
        1: the same order of columns.
    retraining
        The same distance between models of one recipe that were trained on different rows, one for each pair of these; empty: nobody trained any.
    beyond
        The columns that moved by more than any column moved in these; empty without them.
    """

    drift: Drift
    correlation: float
    distance: Interval | None
    order: Interval | None
    retraining: tuple[float, ...] = ()
    beyond: tuple[ColumnDrift, ...] = ()

    @property
    def p(self) -> float | None:
        """How often retraining alone is as far apart: (1 + how many pairs are) / (1 + pairs); None without them."""
        far = sum(one >= self.drift.distance for one in self.retraining)
        return (1 + far) / (1 + len(self.retraining)) if self.retraining else None


def row_pairs(n: int, most: int, seed: int) -> tuple[Integers, Integers]:
    """Return ``most`` pairs of ``n`` rows, at most, drawn by ``seed``; no row is in two of them."""
    order = np.random.default_rng(seed).permutation(n)
    half = min(n // 2, most)
    return np.asarray(order[:half]), np.asarray(order[half : 2 * half])


def movements(answers: Answers, before: Floats, after: Floats, blocks: Mapping[str, Sequence[int]], *, orders: int = 2, seed: int = 0) -> Floats:
    """Return by how much each block of columns moves the answer between pairs of rows, shape (n, blocks): never below 0.

    Parameters
    ----------
    answers
        What is moved, finite: half the sum of absolute changes over its k columns counts, for probabilities their total-variation distance.
    before, after
        Pairs of rows, shape (n, d).
    blocks
        Which columns change together; columns in none keep the value of ``before``.
    orders
        Random orders for each pair, each taken forwards and backwards: 2 (b + 1) questions for b blocks.
    """
    start, end = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if start.ndim != 2 or start.shape != end.shape or not blocks or orders < 1:
        raise UserError("movements are measured between pairs of rows of one table, over at least one column")
    size, rng = len(blocks), np.random.default_rng(seed)
    block_of = np.full(start.shape[1], size)
    for number, columns in enumerate(blocks.values()):
        block_of[list(columns)] = number
    total = np.zeros((len(start), size))
    many = max(1, _CELLS // ((size + 1) * start.shape[1]))
    for at in range(0, len(start), many):
        rows = slice(at, at + many)
        for _ in range(orders):
            place = np.argsort(rng.random(total[rows].shape), axis=1)
            for way in (place, size - 1 - place):
                total[rows] += _steps(answers, start[rows], end[rows], way, block_of)
    return total / (2 * orders)


def _steps(answers: Answers, start: Floats, end: Floats, place: Integers, block_of: Integers) -> Floats:
    """The step that each block makes if it is the ``place``-th to change, shape (n, b)."""
    n, size = place.shape
    never = np.full((n, 1), size + 1)
    turn = np.concatenate([place, never], axis=1)[:, block_of]
    points = np.where(turn[:, None, :] < np.arange(size + 1)[None, :, None], end[:, None, :], start[:, None, :])
    told = np.asarray(answers(points.reshape(n * (size + 1), -1)), dtype=np.float64)
    if not np.isfinite(told).all():
        raise UserError("the answers to explain are not finite", fix="explain scores, margins or probabilities")
    moved = np.abs(np.diff(told.reshape(n, size + 1, -1), axis=1)).sum(axis=2) / 2.0
    return np.asarray(np.take_along_axis(moved, place, axis=1))


def compare_versions(
    before: Floats, after: Floats, names: Sequence[str], *, retrained: Sequence[tuple[Floats, Floats]] = (), seed: int = 0
) -> VersionDrift:
    """Compare what two versions look at.

    Parameters
    ----------
    before, after
        ``movements`` of the same pairs of rows with the same seed, shape (n, d), n >= 30.
    retrained
        The same of pairs of models that one recipe made of different rows. If the new version is such a model, and the old one another, all these distances are
        exchangeable, and that of the versions is the largest of R + 1 with probability 1 / (R + 1).

    Raises
    ------
    UserError
        Fewer than 30 pairs of rows move both versions.
    """
    found = drift(before, after, names)
    told, first, second = _shares(before, after)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(told), np.full(len(told), 1.0 / len(told)), size=_RESAMPLES) / len(told)
    means = drawn @ first, drawn @ second
    distances = np.abs(means[1] - means[0]).sum(axis=1) / 2.0
    orders = rank_correlations(*means)
    correlation = float(rank_correlations(first.mean(axis=0)[None], second.mean(axis=0)[None])[0])
    null = [drift(one, two, names) for one, two in retrained]
    return VersionDrift(
        drift=found,
        correlation=correlation,
        distance=_basic(found.distance, distances, 0.0, 1.0),
        order=_basic(correlation, orders, -1.0, 1.0),
        retraining=tuple(one.distance for one in null),
        beyond=_beyond(found, null),
    )


def _shares(before: Floats, after: Floats) -> tuple[Integers, Floats, Floats]:
    told = np.flatnonzero((before.sum(axis=1) > 0) & (after.sum(axis=1) > 0))
    return told, before[told] / before[told].sum(axis=1, keepdims=True), after[told] / after[told].sum(axis=1, keepdims=True)


def _basic(value: float, drawn: Floats, least: float, most: float) -> Interval | None:
    if drawn.min() == drawn.max():
        return None
    low, high = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    ends = float(np.clip(2 * value - high, least, most)), float(np.clip(2 * value - low, least, most))
    return Interval(min(ends[0], value), max(ends[1], value), _LEVEL, "bootstrap-basic")


def _beyond(found: Drift, null: Sequence[Drift]) -> tuple[ColumnDrift, ...]:
    """The columns whose change, in units of how much others of its kind change, is larger than the largest of any retraining (max-T).

    Each comparison, that of the versions too, is measured against all others, so that all R + 1 stand alike.
    """
    if not null:
        return ()
    changes = np.abs([[one.change for one in each.columns] for each in (found, *null)])
    squares = changes**2
    others = np.sqrt(np.maximum(squares.sum(axis=0) - squares, 0.0) / len(null)) + _FLOOR
    sizes = changes / others
    largest = sizes[1:].max()
    moved = [one for one, size in zip(found.columns, sizes[0], strict=True) if size > largest and (one.low > 0 or one.high < 0)]
    return tuple(sorted(moved, key=lambda one: -abs(one.change)))
