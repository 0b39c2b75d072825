"""A table in search for triggers, what is asked about in it, and how a sign is named in its columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
import numpy as np

from aisecops.core.statistics.wilson import wilson
from aisecops.datasets.clusters import Clusters
from aisecops.defences.poisoning.added import Added
from aisecops.defences.poisoning.atoms import Atom
from aisecops.defences.poisoning.own_say import STEPS
from aisecops.defences.poisoning.signs import DAY, MINUTE, MISSING
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

SURE = math.log(1e-5)
"""The logarithm of the chance from which on labels alone are evidence: half a table's columns say something of the label that the others do not."""
PURE, _PUREST = 0.9, 0.95
"""Share of the rows with a sign that must have its label: a stamp is written with the label, an honest value makes it likelier. More of one value of a column of few."""
MOST_LABELLED, _MOST_CARRIERS = 0.15, 0.3
"""Shares of all rows: what more rows have is a fact of the data, whoever wrote it."""
_STAMPED, _BY_CHANCE, _MOST_STAMPED = 0.95, math.log(1e-4), 3
_NAMED = 4
"""Atoms that a trigger is called by, at most."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A conjunction of class ``target`` with the rows that have it.

    ``burden``: of how many there were to choose from, the logarithm. ``written``: what of the same rows was added to any column (``added``), which asks less of content.
    """

    atoms: tuple[Atom, ...]
    rows: Flags
    target: int
    log_p: float
    burden: float
    written: tuple[Added, ...] = ()


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """A table in search.

    ``x`` (n, columns) has the columns made of others last, ``names`` and ``kinds`` (``Sign.kind``) say what they are, ``owner`` of which column of ``z``, scaled.
    ``members`` are the columns that name whose row it is, ``surplus`` (n, classes) the labels beyond content that says so. ``categories`` are the columns of few values
    or of words, ``indicated`` is ``z`` with an indicator for each of their values, ``additive`` (n, classes) what a model says to which these only add up, and
    ``spread`` by how much pairs of values are more or less frequent than the values make them (``crossings``); of fewer than two such columns there is none of it.
    """

    x: Floats
    names: tuple[str, ...]
    owner: Integers
    kinds: Mapping[int, str]
    words: Mapping[str, Sequence[str]]
    z: Floats
    y: Integers
    classes: int
    seed: int
    members: tuple[Clusters, ...] = ()
    surplus: Floats | None = None
    categories: tuple[int, ...] = ()
    indicated: Floats | None = None
    additive: Floats | None = None
    spread: float = 0.0


def ordinary(table: Searched, rows: Flags, target: int) -> bool:
    """Tell whether so many rows have a sign, or with its label, that it is a fact of the data."""
    return bool(rows.sum() > _MOST_CARRIERS * len(rows) or (rows & (table.y == target)).sum() > MOST_LABELLED * len(rows))


def pure(table: Searched, one: Candidate) -> bool:
    """Tell whether ``PURE`` of the rows may have the label: honest rows that have the value by chance dilute a stamp on few."""
    labelled, carried = int((one.rows & (table.y == one.target)).sum()), int(one.rows.sum())
    few = len(one.atoms) == 1 and len(np.unique(table.x[:, one.atoms[0].column])) < STEPS
    return labelled >= _PUREST * carried if few else wilson(labelled, carried).high >= PURE


def also_stamped(table: Searched, rows: Flags, target: int) -> Iterator[Atom]:
    """Yield the value of each of the few columns in which all ``rows`` have one that as many rows of other labels would not: part of the sign, too."""
    found, others, count = [], (table.y != target) & ~rows, int(rows.sum())
    for column in range(table.z.shape[1]):
        known = table.x[rows, column]
        values, counts = np.unique(known[~np.isnan(known)], return_counts=True)  # what is missing has a column of its own (``signs``)
        if not len(values):
            continue
        most = float(values[counts.argmax()])
        share = float((table.x[others, column] == most).mean()) if counts.max() >= _STAMPED * count else 1.0
        if count * math.log(max(share, 1e-6)) <= _BY_CHANCE:
            found.append((share, Atom(column=column, low=most, high=most)))
    yield from (atom for _, atom in sorted(found, key=lambda pair: pair[0])[:_MOST_STAMPED])


def columns_of(table: Searched, atoms: Sequence[Atom]) -> tuple[str, ...]:
    """Return the columns of the table that hold the sign, each once: of one that was made of another, the other."""
    owners = ((atom.column, int(table.owner[atom.column])) for atom in atoms)
    return tuple(dict.fromkeys(table.names[owner if owner >= 0 else column] for column, owner in owners))


def called(table: Searched, atoms: Sequence[Atom]) -> str:
    """Return what a sign is called: its first atoms in words."""
    return " and ".join(_said(table, atom) for atom in atoms[:_NAMED])


def _said(table: Searched, atom: Atom) -> str:
    name, kind = table.names[atom.column], table.kinds.get(atom.column, "")
    if kind == MISSING:
        return name
    low, high = (_as_text(value, kind, table.words.get(name, ())) for value in (atom.low, atom.high))
    return f"{name} = {low}" if low == high else f"{name} in [{low}, {high}]"


def _as_text(value: float, kind: str, words: Sequence[str]) -> str:
    if kind == DAY:
        return date.fromordinal(int(value)).isoformat()
    if kind == MINUTE:
        return f"{int(value) // 60:02}:{int(value) % 60:02}"
    return words[int(value)] if value == int(value) and 0 <= value < len(words) else f"{value:.6g}"
