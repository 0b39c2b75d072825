"""Conjunctions: atoms that call for a class together, found by growing the best ones; a trigger of several common values shows only so."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.defences.poisoning.atoms import FEWEST

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_BEAM = 30
_LONGEST = 3
_CELLS = 300_000
"""Sets times rows that are judged at once: what they take stays in the processor's cache."""
_TILTS = (0.25, 0.5, 1.0, 1.5, 2.0, 2.75, 3.5, 4.5, 6.0)


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
        # Single atoms are all told: one honest column can have more of them than the beam is wide.
        told = order if length == 1 else order[:_BEAM]
        found += [Conjunction(atoms=beam[at][0], log_p=float(log_p[at]), z=float(z[at])) for at in told.tolist()]
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

    Parameters
    ----------
    rows
        The sets, shape (sets, n).
    carries
        Which rows carry the label, shape (n,).
    p
        How likely each is to, shape (n,).
    """
    some = max(1, _CELLS // max(1, rows.shape[1]))
    parts = [_judged(rows[at : at + some].astype(np.float64), carries.astype(np.float64), p) for at in range(0, max(1, len(rows)), some)]
    return np.concatenate([log_p for log_p, _ in parts]), np.concatenate([z for _, z in parts])


def _judged(held: Floats, carries: Floats, p: Floats) -> tuple[Floats, Floats]:
    size, count, expected = held.sum(axis=1), held @ carries, held @ p
    log_p = tail(count, size, expected, lambda values: held @ values, p)
    return log_p, (count - expected) / np.sqrt(held @ (p * (1 - p)) + 0.5)


def tail(count: Floats, size: Floats, expected: Floats, summed: Callable[[Floats], Floats], p: Floats) -> Floats:
    """Return the logarithm of Chernoff's bound on the chance that a sum of independent trials, of different probability ``p``, is ``count`` or more, for each set.

    ``E exp(t S) / exp(t count)`` bounds the chance for every ``t > 0``, so the least over a few is a bound, too; for ``count = size`` the limit is exact, the product.

    Parameters
    ----------
    summed
        Adds values, one for each row of ``p``, up over each set.
    """
    least = np.where(count >= size, summed(np.log(p)), 0.0)
    for t in _TILTS:
        least = np.minimum(least, summed(np.log1p(p * math.expm1(t))) - t * count)
    return np.where((count > expected) & (size > 0), least, 0.0)
