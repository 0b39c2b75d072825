"""Why an attack worked: which changes of a sample turned the answer, proven by undoing them."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.datasets.domain import Domain
from aisecops.explain.shapley import Contributions, Value, baseline_shapley, changed
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Oracle
from aisecops.oracles.structure import TreeEnsemble

_WIDE = 4
"""Changed features from which the structure of trees is faster than asking about all mixtures."""


class Flips(msgspec.Struct, frozen=True, kw_only=True):
    """Explained flips.

    Parameters
    ----------
    contributions
        What each changed feature adds to "score of the new answer minus score of the old one".
    before, after
        The pairs, shape (n, d), and ``label`` and ``flipped`` the two answers, shape (n,).
    """

    contributions: Contributions
    before: Floats
    after: Floats
    label: Integers
    flipped: Integers

    def undone(self, oracle: Oracle, k: int) -> Flags:
        """Return for each pair whether the old answer comes back when its ``k`` largest contributions are taken back, shape (n,): the proof."""
        points = self.after.copy()
        for row in range(len(points)):
            columns = self.contributions.ranked(row)[:k]
            points[row, columns] = self.before[row, columns]
        return np.asarray(oracle.labels(points) == self.label) if len(points) else np.zeros(0, dtype=bool)

    def undo_rate(self, oracle: Oracle, k: int, level: float = 0.95) -> tuple[float, Interval]:
        """The share of flips that taking back ``k`` features undoes, with its exact interval."""
        undone = self.undone(oracle, k)
        return float(undone.mean()), clopper_pearson(int(undone.sum()), len(undone), level)


def explain_flips(oracle: Oracle, before: Floats, after: Floats, *, seed: int = 0) -> Flips:
    """Explain pairs of points that the model answers differently.

    Parameters
    ----------
    oracle
        Trees with a known structure are explained from it, models with scores by their scores, all others by their labels.
    before, after
        A sample and what it was turned into, shape (n, d).

    Raises
    ------
    UserError
        There is no pair, or one is answered alike.
    """
    start, end = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if start.ndim != 2 or start.shape != end.shape or not len(start):
        raise UserError(f"points before and after need one shape (n, d) with n above 0, not {start.shape} and {end.shape}")
    label, flipped = oracle.labels(start), oracle.labels(end)
    if (same := np.flatnonzero(label == flipped)).size:
        raise UserError(f"pair {int(same[0])} is answered alike, so there is no flip to explain", where=oracle.name, fix="leave such pairs out")
    values, error = np.zeros(start.shape), np.zeros(start.shape)
    change, exact = np.zeros(len(start)), np.zeros(len(start), dtype=bool)
    trees = oracle.structure() if Capability.STRUCTURE in oracle.capabilities else None
    for old, new in {(int(a), int(b)) for a, b in zip(label, flipped, strict=True)}:
        rows = np.flatnonzero((label == old) & (flipped == new))
        if isinstance(trees, TreeEnsemble):
            part = _of_trees(trees, old, new, start[rows], end[rows], seed)
        else:
            part = baseline_shapley(_margin(oracle, old, new), start[rows], end[rows], seed=seed)
        values[rows], error[rows], change[rows], exact[rows] = part.values, part.error, part.change, part.exact
    found = Contributions(values=values, change=change, exact=exact, error=error)
    return Flips(contributions=found, before=start, after=end, label=label, flipped=flipped)


def _margin(oracle: Oracle, old: int, new: int) -> Value:
    if Capability.SCORES not in oracle.capabilities:
        return lambda points: (oracle.labels(points) == new).astype(np.float64) - (oracle.labels(points) == old)

    def margin(points: Floats) -> Floats:
        scores = oracle.scores(points)
        return np.asarray(scores[:, new] - scores[:, old])

    return margin


def _of_trees(trees: TreeEnsemble, old: int, new: int, before: Floats, after: Floats, seed: int) -> Contributions:
    from aisecops.explain.trees import tree_changes

    def margin(outputs: Floats) -> Floats:
        if outputs.shape[-1] == 1:
            return np.asarray(outputs[..., 0] * (1.0 if new else -1.0), dtype=np.float64)
        return np.asarray(outputs[..., new].astype(np.float64) - outputs[..., old])

    wide = changed(before, after).sum(axis=1) > _WIDE
    values, change = np.zeros(before.shape), np.zeros(len(before))
    if (~wide).any():
        few = baseline_shapley(lambda points: margin(trees.sums(trees.leaves(points))), before[~wide], after[~wide], seed=seed)
        values[~wide], change[~wide] = few.values, few.change
    if wide.any():
        values[wide] = margin(tree_changes(trees, before[wide], after[wide]))
        sums = [
            trees.value[trees.leaves(points)].sum(axis=1) / trees.divisor for points in (after[wide], before[wide])
        ]  # float64, unlike the model's own
        change[wide] = margin(sums[0]) - margin(sums[1])
    return Contributions(values=values, change=change, exact=np.ones(len(before), dtype=bool), error=np.zeros(before.shape))


class Counterfactuals(msgspec.Struct, frozen=True, kw_only=True):
    """The fewest of the given changes that still turn the answer, verified: ``points`` (n, d) and ``valid`` (n,), whether the domain allows them."""

    points: Floats
    valid: Flags
    kept: Integers


def counterfactuals(oracle: Oracle, flips: Flips, *, domain: Domain | None = None) -> Counterfactuals:
    """Take back every change that the flip does not need, the least contribution first; each step asks the model, and the ``domain``, again.

    A change is taken back where the answer stays turned and the row stays possible (a row that the domain did not allow to begin with may stay so). What remains
    is a reason that can be acted upon: "with income 3,200 the answer would have been yes".

    Returns
    -------
    Counterfactuals
        ``kept``: how many features still differ.
    """
    points = flips.after.copy()
    ranks = [flips.contributions.ranked(row) for row in range(len(points))]
    every = changed(flips.before, points)
    ordered = [
        np.concatenate([np.setdiff1d(np.flatnonzero(every[row]), ranks[row]), ranks[row][::-1]]).astype(np.int64) for row in range(len(points))
    ]
    for step in range(max(map(len, ordered), default=0)):
        rows = np.array([row for row, columns in enumerate(ordered) if step < len(columns)], dtype=np.int64)
        columns = np.array([ordered[row][step] for row in rows.tolist()], dtype=np.int64)
        trial = points[rows].copy()
        trial[np.arange(len(rows)), columns] = flips.before[rows, columns]
        keep = oracle.labels(trial) == flips.flipped[rows]
        if domain is not None:
            keep &= _valid(domain, trial, flips.before[rows]) | ~_valid(domain, points[rows], flips.before[rows])
        points[rows[keep]] = trial[keep]
    valid = _valid(domain, points, flips.before) if domain is not None else np.ones(len(points), dtype=bool)
    return Counterfactuals(points=points, valid=valid, kept=changed(flips.before, points).sum(axis=1))


def _valid(domain: Domain, points: Floats, origin: Floats) -> Flags:
    return np.asarray(domain.check(points, origin).valid, dtype=bool)
