"""Categories as signs: values of columns of few values, or of words, that call for a class.

A value that honest rows have, too, is never pure once it is stamped: it is held against content without its column. Pairs of values are another matter (``crossings``).
What calls is asked about one by one (``cells``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST, Atom
from aisecops.defences.poisoning.conjunctions import tail
from aisecops.defences.poisoning.own_say import STEPS
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_SOME = 0.5
"""Deviations of surplus from which on the chance of a value is worked out."""
MOST = 0.12
"""Share of all rows that may have a value or a pair: of more, some go against their content wherever two honest columns say something together."""
_RANGE = (0.005, 0.995)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One value, or a value of each of two columns, that calls for class ``target``.

    ``log_p``: the logarithm of the chance, after correction for all cells, of which ``burden`` is the logarithm.
    """

    atoms: tuple[Atom, ...]
    target: int
    log_p: float
    burden: float = 0.0

    def holds(self, x: Floats) -> Flags:
        """Return which rows of ``x`` have it."""
        return np.asarray(np.logical_and.reduce([atom.holds(x) for atom in self.atoms]))


def category_columns(x: Floats, names: Sequence[str], words: Mapping[str, Sequence[str]]) -> list[int]:
    """Return the columns of ``x`` whose values are words, or so few that they may be."""
    return [column for column in range(x.shape[1]) if words.get(names[column]) or len(np.unique(x[~np.isnan(x[:, column]), column])) < STEPS]


def values(x: Floats, y: Integers, columns: Sequence[int], without: Sequence[Floats]) -> list[Cell]:
    """Return single values that call for a class, the least likely by chance first.

    ``without``: for each column of ``x`` what content says of the rows without it, each (n, classes).
    """
    found, looked_at = [], 0
    for column in columns:
        codes, distinct = coded(x[:, column])
        size = np.bincount(codes, minlength=len(distinct))[: len(distinct)]
        able = (size >= FEWEST) & (size <= MOST * len(x))
        looked_at += int(able.sum())
        for target, at, log_p in _calling(codes, len(distinct), able, y, without[column]):
            value = float(distinct[at])
            found.append(Cell(atoms=(Atom(column=column, low=value, high=value),), target=target, log_p=log_p))
    return corrected(found, looked_at * without[0].shape[1] if len(without) else 0, math.inf)


def coded(column: Floats) -> tuple[Integers, Floats]:
    """Return the number of each row's value, one more than all where it is missing, and the values."""
    known = ~np.isnan(column)
    distinct, inverse = np.unique(column[known], return_inverse=True)
    codes = np.full(len(column), len(distinct), dtype=np.int64)
    codes[known] = inverse
    return codes, distinct


def _calling(codes: Integers, count: int, able: Flags, y: Integers, p: Floats) -> Iterator[tuple[int, int, float]]:
    """Yield the class, the number and the logarithm of the chance of cells with too many rows of a class."""
    if not able.any():
        return
    size = np.bincount(codes, minlength=count)[:count].astype(np.float64)

    def summed(some: Floats) -> Floats:
        return np.asarray(np.bincount(codes, some, count)[:count])

    for target in range(p.shape[1]):
        likely = np.clip(p[:, target], *_RANGE)
        held, expected = summed((y == target).astype(np.float64)), summed(likely)
        calls = able & (held - expected >= _SOME * np.sqrt(summed(likely * (1 - likely)) + 0.5))
        if calls.any():
            log_p = tail(held, size, expected, summed, likely)
            yield from ((target, at, float(log_p[at])) for at in np.flatnonzero(calls).tolist())


def corrected(found: Sequence[Cell], looked_at: int, most: float) -> list[Cell]:
    """Return the cells whose chance, times all that were looked at, is ``most`` (its logarithm) or less, the least likely first."""
    paid = math.log(max(2, looked_at))
    corrected = [msgspec.structs.replace(one, log_p=one.log_p + paid, burden=paid) for one in found]
    return sorted((one for one in corrected if one.log_p <= most), key=lambda one: one.log_p)
