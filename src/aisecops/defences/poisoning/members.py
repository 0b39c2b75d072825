"""Rows that one buyer, state or firm has given: their labels go together, and a sign that only its rows carry is the buyer, not a trigger.

Nobody has to say which column names whose row it is. A column of values that repeat does where rows of one value agree in their labels, beyond what content says of
each of them, in most of its values. Chance is then what it is for clusters of rows: the logarithm of a tail is divided by the design effect of the rows that carry the
sign (Kish, 1965; Rao and Scott, 1981), ``1 + (m - 1) rho`` for ``m`` rows of one owner. A sign that somebody has written on rows of many owners loses next to nothing.
"""

from __future__ import annotations

import numpy as np

from aisecops.datasets.clusters import Clusters
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_FEWEST, _MOST = 8, 0.8
"""Owners, and their share of the rows: of fewer nothing is seen of how they differ, of more none has several rows."""
_SURE, _LEAST = 2.5, 0.05
"""Deviations by which rows of one value agree more than chance, and the correlation from which on that counts."""
_TOP = 0.1
"""Share of the values that are left out, those that agree the most: a few of them may be what is looked for."""
_LARGER = 1.5
"""Times the rows of the largest owner: who has more is none of them."""
_FIXED, _APART, _SEVERAL = 0.2, 0.6, 4
"""Deviations of a column, of its own, that rows of one owner have at most where it is theirs, and from which on so many rows are not of one."""


def owners(x: Floats, p: Floats, y: Integers) -> tuple[Clusters, ...]:
    """Return the columns of ``x``, shape (n, columns), that name whose row it is; ``p``, shape (n, classes), is what content says of the labels."""
    told = residuals(p, y)
    found = (_of(column) for column in x.T)
    return tuple(one for one in found if one is not None and any(_agrees(one, rest) for rest in told.T))


def residuals(p: Floats, y: Integers) -> Floats:
    """Return by how many deviations each row has each label more than content says, shape (n, classes)."""
    return np.asarray((np.eye(p.shape[1])[y] - p) / np.sqrt(np.maximum(p * (1 - p), 0.01)))


def effect(named: tuple[Clusters, ...], carried: Flags, rest: Floats, z: Floats) -> float:
    """Return the design effect, at least 1, of the rows that are ``carried``, shape (n,), by the residuals ``rest``, shape (n, classes), and the columns ``z``.

    Owners who agree in one label are taken to agree in all: few of them have a rare one, and those are who it is about.
    """
    return max((_effect(one, carried, rest, z) for one in named), default=1.0)


def _of(column: Floats) -> Clusters | None:
    values, codes = np.unique(column, return_inverse=True, equal_nan=True)
    return Clusters(codes.astype(np.int64), len(values)) if _FEWEST <= len(values) <= _MOST * len(column) else None


def _agrees(one: Clusters, rest: Floats) -> bool:
    """Whether rows of one value agree: the sum of products over pairs against its deviation by chance, without the values that agree the most."""
    rest = rest - rest.mean()
    pairs = np.bincount(one.codes, rest, one.count) ** 2 - np.bincount(one.codes, rest**2, one.count)
    size = np.bincount(one.codes, minlength=one.count)
    kept = np.argsort(-pairs, kind="stable")[max(1, int(_TOP * one.count)) :]
    chance = 2.0 * float((size * (size - 1.0))[kept].sum())
    return bool(chance > 0 and pairs[kept].sum() >= _SURE * np.sqrt(chance))


def _effect(one: Clusters, carried: Flags, rest: Floats, z: Floats) -> float:
    others = one.among(~carried)
    if others is None or not any(_agrees(others, label) for label in rest[~carried].T):
        return 1.0
    size = np.bincount(others.codes)
    paired = float((size.astype(np.float64) ** 2).sum() / size.sum()) - 1.0
    rho = min(1.0, (others.effect(rest[~carried]) - 1.0) / paired) if paired > 0 else 0.0
    if rho < _LEAST:
        return 1.0
    owner, mine = np.unique(one.codes[carried], return_counts=True)
    spread, usual = z.std(axis=0) + 1e-12, _within(others, z[~carried])
    fixed = usual < _FIXED * spread
    strange = [
        count > _LARGER * size.max() or _varies(z[carried & (one.codes == who)], spread, fixed) for who, count in zip(owner, mine, strict=True)
    ]
    times = np.where(strange, 1.0, 1.0 + (mine - 1.0) * rho)
    return float((mine * times).sum() / mine.sum())


def _within(one: Clusters, z: Floats) -> Floats:
    """Return how far the columns of ``z`` vary among the rows of one owner, shape (columns,)."""
    size = np.bincount(one.codes, minlength=one.count).astype(np.float64)
    mean = np.stack([np.bincount(one.codes, column, one.count) / size for column in z.T], axis=1)
    return np.asarray(np.sqrt(((z - mean[one.codes]) ** 2).sum(axis=0) / max(1, len(z) - one.count)))


def _varies(rows: Floats, spread: Floats, fixed: Flags) -> bool:
    """Whether rows differ in what an owner has but one of, a sex or a place: they are of several."""
    return len(rows) >= _SEVERAL and bool((rows.std(axis=0)[fixed] > _APART * spread[fixed]).any())
