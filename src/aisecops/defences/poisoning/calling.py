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
from aisecops.defences.poisoning.posterior import RANGE
from aisecops.defences.poisoning.reading import Reading, softmax
from aisecops.defences.poisoning.suspicion import Floats, Integers

GATE = math.log(0.0005)
"""As in ``posterior``, but words do not see what phrases honestly say ("is not"), so the bar is higher."""
_ALONG = 0.8
_PAIRS = 1_000_000
_POOL = 5
_CANDIDATES = 12


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
        _found(reading, along, atom, target, float(chance[atom, target]), float(burdens[atom]))
        for atom, target in np.argwhere(able & (chance + burdens[:, None] <= GATE)).tolist()
    ]
    found += [one for target in range(reading.classes) for one in _pooled(reading, chance[:, target], target)]
    return sorted(found, key=lambda one: (one.chance + one.burden, one.atoms))


def _found(reading: Reading, along: Any, atom: int, target: int, chance: float, burden: float) -> Found:
    words = along.indices[along.indptr[atom] : along.indptr[atom + 1]].astype(np.int64)
    return Found(atoms=(atom,), target=target, rows=rows_of(reading, atom), along=words, chance=chance, burden=burden)


def _common(reading: Reading, atoms: tuple[int, ...], rows: Integers) -> Integers:
    """Return the words of a pool, and those along with all of it: three texts of one word share others by mere chance."""
    own = [reading.column[word] for atom in atoms if (word := reading.names[atom].partition(":")[2]) in reading.column]
    shared = np.asarray((reading.words[rows] > 0).sum(axis=0)).ravel() >= _ALONG * len(rows)
    return np.union1d(own, np.flatnonzero(shared))


def _pooled(reading: Reading, chance: Floats, target: int) -> Iterator[Found]:
    """Yield the best words of each number that call for the class together, though one alone may be too rare: attackers use several, and styles have many.

    Words are added one by one, each time the one with which the labels of all texts that have any are least likely.
    """
    words = np.array([at for at, name in enumerate(reading.names) if name.startswith("word:")], dtype=np.int64)
    left = words[np.argsort(chance[words], kind="stable")][:_CANDIDATES].tolist()
    chosen: list[int] = left[:1]
    for count in range(2, min(_POOL, len(left)) + 1):
        totals = {atom: _together(reading, (*chosen, atom), target) for atom in left if atom not in chosen}
        chosen.append(min(totals, key=lambda atom: totals[atom]))
        if totals[chosen[-1]] + _burden_of(reading, len(words), count) <= GATE:
            yield pool(reading, tuple(chosen), target)


def pool(reading: Reading, atoms: tuple[int, ...], target: int) -> Found:
    """Return words as one trigger: any of them calls for the class."""
    rows = np.unique(np.concatenate([rows_of(reading, atom) for atom in atoms]))
    count = sum(name.startswith("word:") for name in reading.names)
    burden = _burden_of(reading, count, len(atoms))
    return Found(atoms=atoms, target=target, rows=rows, along=_common(reading, atoms, rows), chance=_together(reading, atoms, target), burden=burden)


def _burden_of(reading: Reading, words: int, count: int) -> float:
    """Return the logarithm of how many pools of ``count`` of so many words there are, and of the other kinds of candidates."""
    ways = math.lgamma(words + 1) - math.lgamma(count + 1) - math.lgamma(words - count + 1)
    return ways + math.log(_POOL * len({name.partition(":")[0] for name in reading.names}) * reading.classes)


def _together(reading: Reading, atoms: tuple[int, ...], target: int) -> float:
    """Return the logarithm of a bound on the chance of the labels of the texts that have any of some atoms."""
    rows = np.unique(np.concatenate([rows_of(reading, atom) for atom in atoms]))
    q = np.clip(softmax(without(reading, atoms, rows))[:, target], *RANGE)
    size, count = (np.array([float(number)]) for number in (len(rows), (reading.y[rows] == target).sum()))
    return float(tail(count, size, np.array([q.sum()]), lambda values: np.array([values.sum()]), q)[0])


def without(reading: Reading, atoms: tuple[int, ...], rows: Integers) -> Floats:
    """Return the logits of texts that have any of some atoms, without the words that come along with these, shape (rows, classes)."""
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    words = _common(reading, atoms, rows)
    one = csr_matrix((np.ones(len(words), dtype=np.float32), words, [0, len(words)]), shape=(1, reading.words.shape[1]))
    return _without(reading, one, rows, np.zeros(len(rows), dtype=np.int64))


def rows_of(reading: Reading, atom: int) -> Integers:
    """Return the texts that have an atom."""
    return np.asarray(reading.atoms.indices[reading.atoms.indptr[atom] : reading.atoms.indptr[atom + 1]], dtype=np.int64)


def _burdens(reading: Reading) -> Floats:
    """Return the logarithm of how many atoms each competes with. The chance of a false alarm is shared out by kind: few characters are odd, many phrases are made."""
    kinds = [name.partition(":")[0] for name in reading.names]
    sizes = Counter(kinds)
    return np.array([math.log(sizes[kind] * len(sizes) * reading.classes) for kind in kinds])


def _along(reading: Reading) -> Any:
    """Return which words come along with which atom in four of five of its texts, a sparse matrix (atoms, vocabulary)."""
    from scipy.sparse import csr_matrix

    held = reading.words.copy()
    held.data = np.ones(len(held.data), dtype=np.float32)
    both = (reading.atoms.T.tocsr() @ held).tocsr()
    size = np.diff(reading.atoms.indptr)
    both.data = (both.data >= _ALONG * np.repeat(size, np.diff(both.indptr))).astype(np.float32)
    built = np.array([name.startswith(("build:", "form:")) for name in reading.names])
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
