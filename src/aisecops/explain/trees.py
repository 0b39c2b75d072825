"""What each feature adds to the score of a tree ensemble: exact, from its structure, without asking the model.

A leaf is reached where every feature on its path passes its test. In both games below a feature j passes with a factor that is 0 or 1 for the explained point
(``own``) and something else if the feature is absent (``absent``), so the leaf's share of the Shapley value is

    value * (own_j - absent_j) * integral from 0 to 1 of  prod over k != j of (absent_k (1 - t) + own_k t)  dt

a polynomial of t, which Gauss' quadrature with half as many nodes as features integrates exactly.
"""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.structure import TreeEnsemble

_CELLS = 1 << 20


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """The ways to the L leaves of an ensemble, over at most D features each.

    Parameters
    ----------
    feature
        Shape (L, D); rows are filled up with feature 0, which then always passes.
    low, high, missing
        What passes: low < x <= high, or a missing value where ``missing``; shape (L, D).
    absent
        The share of the background that passes at the tests of this feature, shape (L, D).
    value
        What the leaf adds to the outputs, shape (L, k).
    base
        What is added to all, shape (k,).
    """

    feature: Integers
    low: Floats
    high: Floats
    missing: Floats
    absent: Floats
    value: Floats
    base: Floats

    def passes(self, samples: Floats) -> Floats:
        """Whether each sample passes, 0 or 1, shape (n, L, D)."""
        x = samples[:, self.feature]
        return np.where(np.isnan(x), self.missing, (x > self.low) & (x <= self.high)).astype(np.float64)


def paths(ensemble: TreeEnsemble, background: Floats | None = None) -> Paths:
    """Return the ways to the leaves; ``background`` (n, d) says how often each test is passed (without it, half the time)."""
    visits = _visits(ensemble, background) if background is not None else np.zeros(len(ensemble.left))
    found: list[tuple[dict[int, list[float]], int]] = []
    for root in ensemble.roots.tolist():
        waiting: list[tuple[int, dict[int, list[float]]]] = [(root, {})]
        while waiting:
            node, tests = waiting.pop()
            left, right = int(ensemble.left[node]), int(ensemble.right[node])
            if left == node:
                found.append((tests, node))
                continue
            waiting += [(child, _narrowed(ensemble, tests, node, child == left, _share(visits, node, child))) for child in (left, right)]
    depth = max((len(tests) for tests, _ in found), default=0) or 1
    shape = (len(found), depth)
    feature, low, high = np.zeros(shape, dtype=np.int64), np.full(shape, -np.inf), np.full(shape, np.inf)
    missing, absent = np.ones(shape), np.ones(shape)
    for row, (tests, _) in enumerate(found):
        for place, (column, (least, greatest, gone, share)) in enumerate(tests.items()):
            feature[row, place], low[row, place], high[row, place], missing[row, place], absent[row, place] = column, least, greatest, gone, share
    value = ensemble.value[[leaf for _, leaf in found]] / ensemble.divisor
    return Paths(feature=feature, low=low, high=high, missing=missing, absent=absent, value=value, base=ensemble.base / ensemble.divisor)


def tree_contributions(ensemble: TreeEnsemble, samples: Floats, background: Floats) -> tuple[Floats, Floats]:
    """Return path-dependent Shapley values (n, d, k) of the outputs, and what the outputs are on average, (k,): together the outputs of each sample.

    An absent feature sends a sample down both ways of a test, in the shares of the ``background`` that arrives there: the game of TreeSHAP, with the shares
    of data that the caller names in place of those that the framework kept from training.

    Parameters
    ----------
    samples, background
        Shape (n, d) and (m, d), m >= 1.

    References
    ----------
    Lundberg, S. et al. (2020). From local explanations to global understanding with explainable AI for trees. Nature Machine Intelligence 2, 56-67.
    """
    if not len(background):
        raise UserError("contributions need a background: rows that say how often each test is passed")
    ways = paths(ensemble, np.asarray(background, dtype=np.float64))
    everybody = ways.base + (np.prod(ways.absent, axis=1)[:, None] * ways.value).sum(axis=0)
    return _contributions(ways, np.asarray(samples, dtype=np.float64), None, ensemble.columns), np.asarray(everybody)


def tree_changes(ensemble: TreeEnsemble, before: Floats, after: Floats) -> Floats:
    """Return exact baseline Shapley values (n, d, k) between pairs of points, however many features differ: they add up to the change of the outputs."""
    return _contributions(paths(ensemble), np.asarray(after, dtype=np.float64), np.asarray(before, dtype=np.float64), ensemble.columns)


def _contributions(ways: Paths, samples: Floats, before: Floats | None, columns: int) -> Floats:
    leaves, depth = ways.feature.shape
    outputs = ways.value.shape[1]
    points, weights = np.polynomial.legendre.leggauss((depth + 1) // 2)
    nodes, weights = (points + 1.0) / 2.0, weights / 2.0
    total = np.zeros((len(samples), columns * outputs))
    size = max(1, _CELLS // (leaves * depth * (len(nodes) if before is None else 1)))
    for start in range(0, len(samples), size):
        own = ways.passes(samples[start : start + size])
        absent = ways.passes(before[start : start + size]) if before is not None else np.broadcast_to(ways.absent, own.shape)
        row, leaf = np.nonzero(np.all((own > 0) | (absent > 0), axis=2))  # no mixture reaches the others
        one, other = own[row, leaf], absent[row, leaf]
        share = (one - other) * (_others(one, other, nodes) @ weights)
        added = share[:, :, None] * ways.value[leaf][:, None, :]
        at = ((row[:, None, None] * columns + ways.feature[leaf][:, :, None]) * outputs + np.arange(outputs)).ravel()
        total[start : start + len(own)] = np.bincount(at, added.ravel(), len(own) * columns * outputs).reshape(len(own), -1)
    return total.reshape(len(samples), columns, outputs)


def _others(own: Floats, absent: Floats, nodes: Floats) -> Floats:
    """The product of all other features' factors at each node, shape (m, D, q): those before times those after, without a division."""
    factors = absent[..., None] * (1.0 - nodes) + own[..., None] * nodes
    ones = np.ones_like(factors[:, :1])
    earlier = np.cumprod(np.concatenate([ones, factors[:, :-1]], axis=1), axis=1)
    later = np.cumprod(np.concatenate([ones, factors[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    return np.asarray(earlier * later)


def _narrowed(ensemble: TreeEnsemble, tests: dict[int, list[float]], node: int, left: bool, share: float) -> dict[int, list[float]]:
    column, threshold = int(ensemble.feature[node]), float(ensemble.threshold[node])
    low, high, missing, passed = tests.get(column, [-np.inf, np.inf, 1.0, 1.0])
    low, high = (low, min(high, threshold)) if left else (max(low, threshold), high)
    return tests | {column: [low, high, missing * float(bool(ensemble.missing_left[node]) == left), passed * share]}


def _share(visits: Floats, node: int, child: int) -> float:
    return float(visits[child] / visits[node]) if visits[node] else 0.5


def _visits(ensemble: TreeEnsemble, background: Floats) -> Floats:
    """How many of the background's rows pass through each node."""
    visits = np.zeros(len(ensemble.left))
    for root in ensemble.roots.tolist():
        waiting = [(root, np.arange(len(background)))]
        while waiting:
            node, rows = waiting.pop()
            visits[node] = len(rows)
            if ensemble.left[node] != node and len(rows):
                x = background[rows, ensemble.feature[node]]
                goes_left = np.where(np.isnan(x), ensemble.missing_left[node], x <= ensemble.threshold[node])
                waiting += [(int(ensemble.left[node]), rows[goes_left]), (int(ensemble.right[node]), rows[~goes_left])]
    return visits
