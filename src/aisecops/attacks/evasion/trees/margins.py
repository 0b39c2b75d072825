"""What has to happen for another label: the margin of the label over each rival as a sum of leaves, and how far down it must go."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.attacks.evasion.trees.leaves import Leaves
from aisecops.oracles.oracle import Floats
from aisecops.oracles.structure import Decision, TreeEnsemble

GRID = 2.0**-20
"""Leaves that are multiples of this (pure leaves are 0 or 1) add up without rounding, so that ties are ties."""


class Rival(msgspec.Struct, frozen=True):
    """Another class: what each leaf adds to the margin over it, shape (L,), and the sum of leaves at (or below) which it may win."""

    gain: Floats
    goal: float


def rivals(trees: TreeEnsemble, leaves: Leaves, label: int) -> list[Rival]:
    """All classes but ``label``.

    Sums that agree to rounding are decided by the order of additions, not by the sums: the goal lies on the safe side by all that rounding can explain, and who
    reaches it asks the model's own arithmetic.
    """
    if trees.value.shape[1] == 1:
        if trees.decision is Decision.LARGEST:
            return []
        sign = 1.0 if label else -1.0
        return [_rival(trees, sign * leaves.value[:, 0], sign * trees.base[0], wins_ties=True)]
    value, base = leaves.value, trees.base
    return [
        _rival(trees, value[:, label] - value[:, rival], base[label] - base[rival], wins_ties=rival < label)
        for rival in range(len(base))
        if rival != label
    ]


def _rival(trees: TreeEnsemble, gain: Floats, base: float, *, wins_ties: bool) -> Rival:
    if trees.decision is not Decision.LARGEST or trees.single or base != 0:
        return Rival(gain, -base + slack(trees))
    # Forests tie all the time, and only leaves off the grid can make a tie something else by rounding: what they can do is granted to them alone.
    granted = 4 * slack(trees)
    off_grid = gain != np.round(gain / GRID) * GRID
    return Rival(gain - granted * off_grid, granted / 2 if wins_ties else -granted / 2)


def slack(trees: TreeEnsemble) -> float:
    """How far a sum as the model rounds it can be from the sum, at most (Higham: n terms, n times the unit times the sum of sizes); margins are of two sums.

    The second term is for the running sums of the search, over the leaves.

    The logistic function and the softmax, rounded, cannot tell margins of a few units from none.
    """
    size = np.max(np.abs(trees.value), axis=1, initial=0.0)
    largest = np.maximum.reduceat(size, trees.roots).sum() + np.max(np.abs(trees.base), initial=0.0)
    unit, ours = (float(np.finfo(precision).eps) for precision in (np.float32 if trees.single else np.float64, np.float64))
    return unit * (2 * (len(trees.roots) + 2) * float(largest) + 16) + ours * 2 * len(trees.left) * float(largest)
