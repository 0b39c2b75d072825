"""Pairs of categories that call for a class, beyond what each of their values says by itself and how often the two meet.

A stamp of two common values hides in what is learnt of either: its rows have the value ``a``, so the label looks likelier of all that have ``a``. What ``a`` says
honestly is read off the rows with ``a`` that lack ``b``, the other way round likewise, and both are added up for the cell where they meet. A stamp also adds its rows to
that cell: of independent values the other cells tell how many rows it ought to have, and how far all cells of the table are off tells what to make of it
(``mixture.crowded``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST, Atom
from aisecops.defences.poisoning.categories import MOST, Cell, coded, corrected
from aisecops.defences.poisoning.mixture import crowded
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_PART = 0.95
"""Share of the rows of either value that a pair may have: with more it says what the value says."""
_RANGE = (0.02, 0.98)
_RIDGE, _LARGEST = 1.0, 3.0
"""What is added to the information on what a value says, in rows, and the most that it adds to the log odds."""
_LEAST = -1.0
"""Of the logarithm of the chance: with more, before correction, nothing calls."""
_ENOUGH, _CLOSEST = 5.0, 0.1
"""Rows that a cell ought to have to tell how far cells are off, and the least that they are taken to be, as a logarithm."""
_TIMES = (0.02, 50.0)
_MOST_LEARNT, _STEPS, _UNKNOWN = 24_000, 300, 1e-3


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """Two columns of categories crossed: rows, and rows that each cell ought to have, by value of the first and the second, shape (values, values)."""

    columns: tuple[int, int]
    values: tuple[Floats, Floats]
    cells: Integers
    rows: Floats
    expected: Floats

    @property
    def able(self) -> Flags:
        """Cells that have enough rows, not nearly all of either value, and not too many of all."""
        rarer = np.minimum(self.rows.sum(axis=1, keepdims=True), self.rows.sum(axis=0, keepdims=True))
        return np.asarray((self.rows >= FEWEST) & (self.rows <= _PART * rarer) & (self.rows <= MOST * len(self.cells)))

    def summed(self, some: Floats) -> Floats:
        """Return the sums of a number of each row over cells; rows that lack a value count nowhere."""
        return np.asarray(np.bincount(self.cells, some, self.rows.size + 1)[:-1].reshape(self.rows.shape))


def crossings(x: Floats, y: Integers, columns: Sequence[int], p: Floats, target: int, spread: float, most: float) -> list[Cell]:
    """Return pairs of values that call for a class at a chance of ``most`` (its logarithm) or less, the least likely first.

    The chance is a bound on that of so many labels where values only add up, made smaller or larger by what the number of rows says for a stamp.

    Parameters
    ----------
    x, y
        Columns, shape (n, columns), and labels, shape (n,).
    columns
        Those that are categories.
    p
        What a model says of the rows to which values only add up, shape (n, classes).
    target
        The class.
    spread
        What ``spread`` says of these columns.
    """
    found, looked_at, mine = list[Cell](), 0, (y == target).astype(np.float64)
    for one in _crossed(x, columns):
        looked_at += int(one.able.sum()) * p.shape[1]
        found += _calling(one, mine, p[:, target], target, spread)
    return corrected(found, looked_at, most)


def spread(x: Floats, columns: Sequence[int]) -> float:
    """Return how far cells of two categories are off from what independent values make them, as a logarithm: its usual deviation, beyond chance."""
    tables = list(_crossed(x, columns))
    able = [one.expected >= _ENOUGH for one in tables]
    ought = np.concatenate([np.zeros(0), *(one.expected[some] for one, some in zip(tables, able, strict=True))]) + 0.5
    rows = np.concatenate([np.zeros(0), *(one.rows[some] for one, some in zip(tables, able, strict=True))]) + 0.5
    if not len(rows):
        return _CLOSEST
    # of a normal distribution, so that a few cells that hardly meet or always do count for little
    deviation = 1.4826 * float(np.median(np.abs(np.log(rows / ought))))
    return math.sqrt(max(deviation**2 - float(np.median(1 / ought)), _CLOSEST**2))


def expected(x: Floats, one: Atom, other: Atom) -> float:
    """Return how many rows ought to have both values, if each were as frequent among rows with the other as among those without it."""
    a, b = one.holds(x), other.holds(x)
    known = ~np.isnan(x[:, one.column]) & ~np.isnan(x[:, other.column])
    return float((a & ~b & known).sum() * (b & ~a & known).sum() / max(1, (~a & ~b & known).sum()))


def added_up(told: Floats, y: Integers, classes: int, held: Flags) -> Floats:
    """Return what a model to which values only add up, and that has not seen the rows ``held``, says of them, shape (held, classes).

    ``told``: the columns, categories as indicators, shape (n, columns).
    """
    return _learnt(told, y, classes, ~held, held)


def fitting(told: Floats, x: Floats, atoms: Sequence[Atom], held: Flags) -> Floats:
    """Return how many times as likely as of all rows two values are of the rows ``held``, by what rows with one of them look like, shape (held,).

    Parameters
    ----------
    told
        The other columns, categories as indicators, shape (n, columns).
    x
        All columns, shape (n, columns of the table).
    """
    if not told.shape[1]:
        return np.ones(int(held.sum()))
    everyone = np.ones(len(x), dtype=bool)
    both = np.prod([_learnt(told, atom.holds(x).astype(np.int64), 2, ~held, everyone)[:, 1] for atom in atoms], axis=0)
    return np.asarray(np.clip(both[held] / both.mean(), *_TIMES))


def _learnt(told: Floats, y: Integers, classes: int, rest: Flags, asked: Flags) -> Floats:
    """Return what logistic regression on the rows of ``rest`` says of those of ``asked``, shape (asked, classes)."""
    from sklearn.linear_model import LogisticRegression

    known, found = np.flatnonzero(rest), np.full((int(asked.sum()), classes), _UNKNOWN)
    known = known[:: 1 + len(known) // _MOST_LEARNT]
    if len(np.unique(y[known])) == 1:
        found[:, y[known[0]]] = 1.0
        return found
    model = LogisticRegression(max_iter=_STEPS).fit(told[known], y[known])
    found[:, model.classes_] = model.predict_proba(told[asked])
    return found


def _crossed(x: Floats, columns: Sequence[int]) -> Iterator[Crossed]:
    codes = {column: coded(x[:, column]) for column in columns}
    for one, other in combinations(columns, 2):
        (ours, first), (theirs, second) = codes[one], codes[other]
        count = len(first) * len(second)
        cells = np.where((ours < len(first)) & (theirs < len(second)), ours * len(second) + theirs, count)
        rows = np.bincount(cells, minlength=count + 1)[:count].reshape(len(first), len(second)).astype(np.float64)
        across, down = _others(rows)
        ought = across * down / np.maximum(rows.sum() - across - down - rows, 1.0)
        yield Crossed(columns=(one, other), values=(first, second), cells=cells, rows=rows, expected=ought)


def _others(cells: Floats) -> tuple[Floats, Floats]:
    """Return for each cell the sums over the other cells of its line and of its column."""
    return cells.sum(axis=1, keepdims=True) - cells, cells.sum(axis=0, keepdims=True) - cells


def _calling(one: Crossed, mine: Floats, p: Floats, target: int, spread: float) -> Iterator[Cell]:
    """Yield the cells that call for a class: ``mine`` tells which rows have it, ``p`` how likely that is by what values say added up, both of shape (n,)."""
    rows = np.maximum(one.rows, 1.0)
    held, likely, information = one.summed(mine), one.summed(p), one.summed(p * (1 - p))
    # What a value says beyond the model is read off the rows that lack the other one: the model has learnt from those that are asked about.
    more = sum(over / (known + _RIDGE) for over, known in zip(_others(held - likely), _others(information), strict=True))
    mean = np.clip(likely / rows, *_RANGE)
    q = np.clip(1 / (1 + (1 - mean) / mean * np.exp(-np.clip(more, -_LARGEST, _LARGEST))), *_RANGE)
    share = np.clip(held / rows, 1e-6, 1 - 1e-6)
    # Chernoff's bound; of trials of different chances it is larger than of these (Hoeffding 1956)
    log_p = -one.rows * (share * np.log(share / q) + (1 - share) * np.log((1 - share) / (1 - q)))
    for a, b in np.argwhere(one.able & (share > q) & (log_p <= _LEAST)).tolist():
        stamped = np.clip((held[a, b] - rows[a, b] * q[a, b]) / (rows[a, b] * (1 - q[a, b])), *_RANGE)
        honest, all_of_them = crowded(rows[a, b] * np.array([1 - stamped, 1.0]), float(one.expected[a, b]), spread)
        (first, second), (u, v) = one.columns, (float(one.values[0][a]), float(one.values[1][b]))
        atoms = (Atom(column=first, low=u, high=u), Atom(column=second, low=v, high=v))
        yield Cell(atoms=atoms, target=target, log_p=float(log_p[a, b] - (honest - all_of_them)))
