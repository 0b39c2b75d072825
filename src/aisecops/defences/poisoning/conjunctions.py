"""Conjunctions: atoms that call for a class together, found by growing the best ones; a trigger of several common values shows only so."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.defences.poisoning.atoms import FEWEST

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_BEAM = 30
_LONGEST = 3


class Conjunction(msgspec.Struct, frozen=True, kw_only=True):
    """Atoms by number, and the logarithm of the chance of their surplus in clean data, after correction for all conjunctions of that length."""

    atoms: tuple[int, ...]
    log_p: float
    z: float


def conjunctions(has: Flags, carries: Flags, p: Floats, burden: int) -> list[Conjunction]:
    """Return conjunctions of up to three atoms, the least likely first.

    Parameters
    ----------
    has
        Shape (atoms, n): which rows have which atom.
    carries
        Shape (n,): which rows carry the label.
    p
        Shape (n,): how likely the label is by the content.
    burden
        How many atoms there were to choose from, times the number of classes.
    """
    found: list[Conjunction] = []
    beam: list[tuple[tuple[int, ...], Flags]] = [((at,), has[at]) for at in range(len(has))]
    for length in range(1, _LONGEST + 1):
        rows = np.stack([held for _, held in beam]) if beam else np.zeros((0, has.shape[1]), dtype=bool)
        log_p, z = judged(rows, carries, p)
        log_p = log_p + length * math.log(max(2, burden)) - math.lgamma(length + 1)
        order = np.argsort(log_p, kind="stable")
        found += [Conjunction(atoms=beam[at][0], log_p=float(log_p[at]), z=float(z[at])) for at in order[:_BEAM].tolist()]
        if length < _LONGEST:
            beam = _grown([beam[at] for at in order[:_BEAM].tolist()], has)
    return sorted(found, key=lambda one: (one.log_p, len(one.atoms)))


def _grown(beam: list[tuple[tuple[int, ...], Flags]], has: Flags) -> list[tuple[tuple[int, ...], Flags]]:
    grown: dict[tuple[int, ...], Flags] = {}
    for atoms, rows in beam:
        both = has & rows
        size, smaller = both.sum(axis=1), 0.95 * rows.sum()
        for at in np.flatnonzero((size >= FEWEST) & (size <= smaller)).tolist():
            grown.setdefault(tuple(sorted({*atoms, at})), both[at])
    return list(grown.items())


def judged(rows: Flags, carries: Flags, p: Floats) -> tuple[Floats, Floats]:
    """Return, for each set of rows (sets, n), the logarithm of a bound on the chance that so many of them carry the label, and the surplus in deviations.

    The bound is Chernoff's for a sum of independent trials of different probability: ``exp(-m KL(k/m, mean p))``.
    """
    held = rows.astype(np.float64)
    size = np.maximum(held.sum(axis=1), 1.0)
    count, expected = held @ carries.astype(np.float64), held @ p
    a, b = np.clip(count / size, 1e-9, 1 - 1e-9), np.clip(expected / size, 1e-6, 1 - 1e-6)
    divergence = a * np.log(a / b) + (1 - a) * np.log((1 - a) / (1 - b))
    z = (count - expected) / np.sqrt(held @ (p * (1 - p)) + 0.5)
    return np.where(count > expected, -size * divergence, 0.0), z
