"""How easily a person is singled out in a table, and what one learns of a person without that: k, l, t, uniqueness, and an estimate about those who are not in it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, islice

import msgspec
import numpy as np

from aisecops.defences.anonymisation.partition import Floats, Integers

_MOST_KNOWN = 4
_MOST_COMBINATIONS = 40
_LEVELS = 200
_AT_ONCE = 2_000_000
"""Cells of the table of classes and levels that are held at once."""
_ALL = slice(None)


class SingledOut(msgspec.Struct, frozen=True):
    """Of an attacker who knows so many of a person's quasi-identifiers: the share of rows in which that is one person only, mean and worst choice of columns."""

    known: int
    mean: float
    worst: float


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """What a table gives away by its quasi-identifiers.

    Parameters
    ----------
    rows, classes
        How many rows, and how many different combinations.
    k
        Persons of the smallest class (rows, where nobody says whose they are): the chance to pick the right one there is 1/k.
    unique
        The share of rows whose class is one person.
    average
        The chance to pick the right one, averaged over persons: classes by persons (prosecutor model).
    l
        Sensitive column to the fewest different values in a class (distinct l-diversity).
    t
        Sensitive column to the farthest distribution in a class from that of the table: earth mover's distance, over ranks for numbers, total variation for categories.
    singled_out
        By how much the attacker knows.
    population_match
        An estimate, where the size of the population is known: the chance that somebody who matches a unique row with one person of the population has the right one.
    """

    rows: int
    classes: int
    k: int
    unique: float
    average: float
    l: dict[str, int]  # noqa: E741 the name that the literature uses
    t: dict[str, float]
    singled_out: tuple[SingledOut, ...]
    population_match: float | None = None


class Sensitive(msgspec.Struct, frozen=True):
    """A sensitive column.

    Parameters
    ----------
    values
        The number of each row's value, shape (n,).
    levels
        The same, and of more than 200 ordered values the number of their quantile: what distances are taken between.
    count
        How many levels there are.
    ordered
        Whether they have an order.
    """

    values: Integers
    levels: Integers
    count: int
    ordered: bool

    @classmethod
    def of(cls, values: Integers, *, ordered: bool) -> Sensitive:
        """Number the values."""
        known, numbers = np.unique(values, return_inverse=True)
        levels = numbers
        if ordered and len(known) > _LEVELS:
            levels = np.searchsorted(np.unique(np.quantile(values, np.linspace(0, 1, _LEVELS + 1)[1:-1])), values, side="right")
        return cls(numbers.astype(np.int64), levels.astype(np.int64), int(levels.max()) + 1, ordered)

    def shares(self, rows: Integers | slice = _ALL) -> Floats:
        """Return the share of each level among some rows."""
        counts = np.bincount(self.levels[rows], minlength=self.count)
        shares: Floats = counts / counts.sum()
        return shares

    def distance(self, apart: Floats) -> Floats:
        """Return the earth mover's distance of distributions that differ by ``apart``, shape (..., levels): over ranks, or all as far from each other."""
        moved: Floats = np.abs(np.cumsum(apart, axis=-1)).sum(axis=-1) / max(self.count - 1, 1) if self.ordered else np.abs(apart).sum(axis=-1) / 2
        return moved


def combined(columns: list[Integers]) -> Integers:
    """Return one number for each combination of the columns' values, shape (n,)."""
    labels = np.unique(columns[0], return_inverse=True)[1].astype(np.int64)
    for column in columns[1:]:
        codes = np.unique(column, return_inverse=True)[1]
        labels = np.unique(labels * (int(codes.max()) + 1) + codes, return_inverse=True)[1].astype(np.int64)
    return labels


def persons(labels: Integers, subjects: Integers | None) -> Integers:
    """Return how many persons are in each class: rows, or different ``subjects``."""
    if subjects is None:
        return np.bincount(labels)
    pairs = np.unique(labels * (int(subjects.max()) + 1) + subjects)
    return np.bincount(pairs // (int(subjects.max()) + 1))


def risk(columns: list[Integers], subjects: Integers | None = None, sensitive: Mapping[str, Sensitive] | None = None, population: int = 0) -> Risk:
    """Return the risk of a table.

    Parameters
    ----------
    columns
        Quasi-identifiers, one at least, each as numbers of its values, shape (n,).
    subjects
        Whose row it is, as numbers from 0; None: each row is another person's.
    sensitive
        Sensitive columns by name.
    population
        How many persons the rows were drawn from at random; 0: not known.
    """
    labels = combined(columns)
    sizes = persons(labels, subjects)
    known = sensitive or {}
    everybody = len(labels) if subjects is None else int(subjects.max()) + 1
    return Risk(
        rows=len(labels),
        classes=len(sizes),
        k=int(sizes.min()),
        unique=float((sizes[labels] == 1).mean()),
        average=min(1.0, len(sizes) / everybody),
        l={name: diversity(labels, column) for name, column in known.items()},
        t={name: closeness(labels, column) for name, column in known.items()},
        singled_out=tuple(_singled_out(columns, subjects)),
        population_match=match_chance(sizes, everybody / population) if population >= everybody else None,
    )


def _singled_out(columns: list[Integers], subjects: Integers | None) -> list[SingledOut]:
    told = []
    for known in range(1, min(len(columns), _MOST_KNOWN) + 1):
        shares = []
        for chosen in islice(combinations(columns, known), _MOST_COMBINATIONS):
            labels = combined(list(chosen))
            shares.append(float((persons(labels, subjects)[labels] == 1).mean()))
        told.append(SingledOut(known, float(np.mean(shares)), max(shares)))
    return told


def diversity(labels: Integers, sensitive: Sensitive) -> int:
    """Return the fewest different sensitive values in a class (Machanavajjhala et al., l-diversity, ICDE 2006)."""
    return int(persons(labels, sensitive.values).min())


def closeness(labels: Integers, sensitive: Sensitive) -> float:
    """Return the farthest that a class's distribution is from the table's (Li, Li and Venkatasubramanian, t-closeness, ICDE 2007), 0 to 1."""
    whole = sensitive.shares()
    order = np.argsort(labels, kind="stable")
    sorted_labels, levels = labels[order], sensitive.levels[order]
    farthest = 0.0
    step = max(1, _AT_ONCE // sensitive.count)
    for first in range(0, int(sorted_labels[-1]) + 1, step):
        start, end = np.searchsorted(sorted_labels, (first, first + step))
        local = sorted_labels[start:end] - first
        classes = int(local.max()) + 1
        counts = np.bincount(local * sensitive.count + levels[start:end], minlength=classes * sensitive.count).reshape(classes, -1)
        apart = counts / counts.sum(axis=1, keepdims=True) - whole
        farthest = max(farthest, float(sensitive.distance(apart).max()))
    return farthest


def match_chance(sizes: Integers, fraction: float) -> float:
    """Estimate the chance that a match with a unique row is right.

    Data intrusion simulation (Skinner and Elliot, A measure of disclosure risk for microdata, JRSS B 64, 2002): from the numbers of unique persons and of pairs alone,
    without a model of the population, if the rows are a random sample of it.

    Parameters
    ----------
    sizes
        Persons in each class of the sample.
    fraction
        Of the population in the sample, above 0 and at most 1.
    """
    ones, pairs = int((sizes == 1).sum()), int((sizes == 2).sum())
    if not ones:
        return 0.0
    return fraction * ones / (fraction * ones + 2 * (1 - fraction) * pairs)
