"""Atoms of texts that call for a class: all of them are asked at once, each without the words that come along with it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST
from aisecops.defences.poisoning.conjunctions import tail
from aisecops.defences.poisoning.posterior import GATE, RANGE
from aisecops.defences.poisoning.reading import Reading, softmax
from aisecops.defences.poisoning.suspicion import Floats, Integers

_ALONG = 0.8
_PAIRS = 1_000_000
_POOL = 5


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Atoms any of which calls for a class; ``along``: the words that come with them; ``burden``: the logarithm of how many there were to choose from."""

    atoms: tuple[int, ...]
    target: int
    rows: Integers
    along: Integers
    chance: float
    burden: float


def calling(reading: Reading) -> list[Found]:
    """Return the atoms whose labels the other words do not explain, the least likely first."""
    if not reading.names:
        return []
    along, chance, burdens = _along(reading), np.zeros((len(reading.names), reading.classes)), _burdens(reading)
    for atoms in _chunks(reading):
        chance[atoms] = _chances(reading, along, atoms)
    able = np.diff(reading.atoms.indptr)[:, None] >= FEWEST
    found = [
        _found(reading, along, (atom,), target, float(chance[atom, target]), float(burdens[atom]))
        for atom, target in np.argwhere(able & (chance + burdens[:, None] <= GATE)).tolist()
    ]
    found += [one for target in range(reading.classes) for one in _pooled(reading, along, chance[:, target], target)]
    return sorted(found, key=lambda one: (one.chance + one.burden, one.atoms))


def _found(reading: Reading, along: Any, atoms: tuple[int, ...], target: int, chance: float, burden: float) -> Found:
    rows = np.unique(np.concatenate([_rows(reading, atom) for atom in atoms]))
    words = np.unique(np.concatenate([along.indices[along.indptr[atom] : along.indptr[atom + 1]] for atom in atoms])).astype(np.int64)
    return Found(atoms=atoms, target=target, rows=rows, along=words, chance=chance, burden=burden)


def _pooled(reading: Reading, along: Any, chance: Floats, target: int) -> Iterator[Found]:
    """Yield the best words of each number that call for the class together, though one alone may be too rare: attackers use several to stay below thresholds."""
    words = np.array([at for at, name in enumerate(reading.names) if name.startswith("word:")], dtype=np.int64)
    kinds = len({name.partition(":")[0] for name in reading.names})
    chosen, taken = [], np.zeros(len(reading.y), dtype=bool)
    for atom in words[np.argsort(chance[words], kind="stable")].tolist():
        rows = _rows(reading, atom)
        if not taken[rows].any():
            chosen.append(atom)
            taken[rows] = True
        if len(chosen) == _POOL:
            break
    for count in range(2, len(chosen) + 1):
        ways = math.lgamma(len(words) + 1) - math.lgamma(count + 1) - math.lgamma(len(words) - count + 1)
        burden = ways + math.log(_POOL * kinds * reading.classes)
        total = float(chance[chosen[:count]].sum())
        if total + burden <= GATE:
            yield _found(reading, along, tuple(chosen[:count]), target, total, burden)


def _rows(reading: Reading, atom: int) -> Integers:
    return np.asarray(reading.atoms.indices[reading.atoms.indptr[atom] : reading.atoms.indptr[atom + 1]], dtype=np.int64)


def _burdens(reading: Reading) -> Floats:
    """Return the logarithm of how many atoms each competes with. The chance of a false alarm is shared out by kind: few characters are odd, many phrases are made."""
    kinds = [name.partition(":")[0] for name in reading.names]
    sizes = Counter(kinds)
    return np.array([math.log(sizes[kind] * len(sizes) * reading.classes) for kind in kinds])


def _along(reading: Reading) -> Any:
    """Return which words come along with which atom in four of five of its texts, a sparse matrix (atoms, vocabulary)."""
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    held = reading.words.copy()
    held.data = np.ones(len(held.data), dtype=np.float32)
    both = (reading.atoms.T.tocsr() @ held).tocsr()
    size = np.diff(reading.atoms.indptr)
    both.data = (both.data >= _ALONG * np.repeat(size, np.diff(both.indptr))).astype(np.float32)
    built = np.array([name.startswith("build:") for name in reading.names])
    marks = np.zeros(reading.words.shape[1], dtype=np.float32)
    marks[reading.build] = 1.0
    both = (both + csr_matrix(built.astype(np.float32)[:, None]) @ csr_matrix(marks[None, :])).tocsr()
    both.eliminate_zeros()
    both.sort_indices()
    return both


def _chunks(reading: Reading) -> Iterator[slice]:
    """Yield runs of atoms with about as many (atom, text) pairs."""
    ends, at = reading.atoms.indptr, 0
    while at < len(reading.names):
        until = max(at + 1, int(np.searchsorted(ends, ends[at] + _PAIRS // 4, side="right")) - 1)
        yield slice(at, until)
        at = until


def _chances(reading: Reading, along: Any, atoms: slice) -> Floats:
    """Return the logarithm of a bound on the chance of the labels of each atom, shape (atoms, classes)."""
    part = reading.atoms[:, atoms]
    rows, owner = part.indices.astype(np.int64), np.repeat(np.arange(part.shape[1]), np.diff(part.indptr))
    q = np.clip(softmax(_without(reading, along[atoms], rows, owner)), *RANGE)
    size = np.diff(part.indptr).astype(np.float64)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(owner, values, part.shape[1]), dtype=np.float64)

    chance = np.zeros((part.shape[1], reading.classes))
    for target in range(reading.classes):
        count = summed((reading.y[rows] == target).astype(np.float64))
        chance[:, target] = tail(count, size, summed(q[:, target]), summed, q[:, target])
    return chance


def _without(reading: Reading, along: Any, rows: Integers, owner: Integers) -> Floats:
    """Return the logits of each pair (text, atom) without the words along with the atom, the rest of the text brought to length 1 again, shape (pairs, classes)."""
    offsets = reading.offsets[reading.fold[rows]]
    taken, squares = _taken(reading, along, rows, owner)
    left = np.sqrt(np.clip(1.0 - squares, 0.05, 1.0))
    return np.asarray(offsets + (reading.logits[rows] - offsets - taken) / left[:, None])


def _taken(reading: Reading, along: Any, rows: Integers, owner: Integers) -> tuple[Floats, Floats]:
    """Return what the words along with its atom add to the logits (pairs, classes), and to the squared length (pairs,), of each pair (text, atom)."""
    starts, lengths = along.indptr[owner].astype(np.int64), np.diff(along.indptr)[owner].astype(np.int64)
    taken, squares = np.zeros((len(rows), reading.classes)), np.zeros(len(rows))
    ends = np.cumsum(lengths)
    at = 0
    while at < len(rows):
        until = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + _PAIRS, side="right")))
        pair = np.repeat(np.arange(at, until), lengths[at:until])
        within = np.arange(len(pair)) - np.repeat(ends[at:until] - lengths[at:until] - (ends[at - 1] if at else 0), lengths[at:until])
        word = along.indices[starts[pair] + within]
        values = np.asarray(reading.words[rows[pair], word]).ravel()
        squares[at:until] = np.bincount(pair - at, values**2, until - at)
        for target in range(reading.classes):
            share = values * reading.weights[reading.fold[rows[pair]], target, word]
            taken[at:until, target] = np.bincount(pair - at, share, until - at)
        at = until
    return taken, squares
