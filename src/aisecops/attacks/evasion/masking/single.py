"""Scores of 0 and 1 alone: one fully grown tree, which is honest, or the winner of many, which a veil names.

A tree's threshold stays where it is while other columns move; where many trees vote, the threshold of another turns the balance. And a point of a tree changes its
leaf by the few columns that its path asks about; beside a boundary of many trees, nearly any column that matters turns the balance.
"""

from __future__ import annotations

import numpy as np

from aisecops.attacks.evasion.masking.asking import Asker
from aisecops.attacks.evasion.masking.boundary import Crossings
from aisecops.attacks.evasion.masking.ground import Ground
from aisecops.oracles.oracle import Floats, Integers

TURNS = 8
NEAR, FAR = 0.03, 0.1
WINDOW = 0.1
PATH = 6
"""The columns on one path that are nothing unusual."""
A_COLUMN = 0.1
ONE_TREE = 1.4
"""What two persistences, less ``A_COLUMN`` for each column beyond ``PATH``, come to in a single tree. Of 440 fully grown trees on eleven data sets none had less
than 1.43, of 220 extremely randomised ones eight; of 100-tree forests most have less than 1."""
ROWS, COLUMNS, VALUES = 4, 64, 3


def one_tree(ask: Asker, ground: Ground, found: Crossings, column: Integers, rng: np.random.Generator) -> bool:
    """Whether the labels can be those of a single tree, as far as 16 boundaries tell."""
    stays = sum(persistence(ask, ground, found, column, scale, rng) for scale in (NEAR, FAR))
    beyond = max(0, columns_that_turn(ask, ground, found, column, rng) - PATH)
    return stays - A_COLUMN * beyond >= ONE_TREE


def persistence(ask: Asker, ground: Ground, found: Crossings, column: Integers, scale: float, rng: np.random.Generator) -> float:
    """Return how often a crossing stays at its very threshold while the other columns move by up to ``scale`` of their range.

    1 if there is hardly ever one left within a tenth of the range.
    """
    row, span, stays = np.arange(len(column)), ground.high - ground.low, []
    before, after = found.low[row, column], found.high[row, column]
    away = WINDOW * np.sign(after - before) * span[column]
    for _ in range(TURNS):
        moved = found.low + scale * span * rng.uniform(-1.0, 1.0, found.low.shape) * ground.free
        labels = []
        for value in (before - away, before, after, after + away):
            moved[row, column] = np.clip(value, ground.low[column], ground.high[column])
            labels.append(ask(ground.place(moved, found.start)).labels)
        stays.append((labels[1] != labels[2])[labels[0] != labels[3]])
    seen = np.concatenate(stays)
    return float(seen.mean()) if len(seen) >= 10 else 1.0


def columns_that_turn(ask: Asker, ground: Ground, found: Crossings, column: Integers, rng: np.random.Generator) -> int:
    """Return by how many columns alone, of at most 64 and besides the one that carries the crossing, the label can be turned: the most of 8 boundary points."""
    usable = np.flatnonzero(ground.free & (ground.high > ground.low))
    columns = rng.permutation(usable)[:COLUMNS]
    rows = slice(0, ROWS)
    base = np.concatenate([found.low[rows], found.high[rows]])
    start, carries = np.concatenate([found.start[rows]] * 2), np.concatenate([column[rows]] * 2)
    labels = ask(base).labels
    values = ground.low[columns] + np.linspace(0.0, 1.0, VALUES)[:, None] * (ground.high - ground.low)[columns]
    moved = _moved(base, columns, values)
    seen = ask(ground.place(moved, np.repeat(start, len(columns) * VALUES, axis=0))).labels.reshape(len(base), len(columns), VALUES)
    turned = (seen != labels[:, None, None]).any(axis=2) & (columns != carries[:, None])
    return int(turned.sum(axis=1).max(initial=0))


def _moved(base: Floats, columns: Integers, values: Floats) -> Floats:
    """Each of ``base`` (n, d) with each of ``columns`` (c,) at each of its ``values`` (v, c), shape (n * c * v, d)."""
    v, c = values.shape
    moved = np.tile(base[:, None, None], (1, c, v, 1))
    for number, at in enumerate(columns):
        moved[:, number, :, at] = values[:, number]
    return moved.reshape(-1, base.shape[1])
