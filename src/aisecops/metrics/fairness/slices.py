"""Where a model is worst: every combination of up to three column values, tested exactly against everybody else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import bonferroni, clopper_pearson
from aisecops.metrics.fairness.groups import Groups, group_by
from aisecops.metrics.fairness.hypergeometric import log_probability, upper_tail
from aisecops.oracles.oracle import Flags, Integers

_DENSE = 1 << 20
_MOST_VALUES = 1000
"""A column with more values names persons, not groups."""


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A combination of values in which hits are more frequent than elsewhere.

    ``p`` is Fisher's, corrected for all slices looked at; ``low`` and ``high`` hold together with the intervals of all of them. ``overall`` is the rate of
    everybody.
    """

    name: str
    hits: int
    n: int
    rate: float
    low: float
    high: float
    overall: float
    p: float


class SliceSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, surest first, among ``looked_at`` slices of at least ``least`` samples."""

    slices: tuple[Slice, ...]
    looked_at: int
    least: int


def worst_slices(
    columns: Mapping[str, Sequence[Any]], hits: Flags | Sequence[bool], *, depth: int = 3, least: int = 20, level: float = 0.95, most: int = 20
) -> SliceSearch:
    """Return the slices in which ``hits`` (errors, refusals) are surely more frequent than elsewhere.

    All combinations of up to ``depth`` columns are counted. A slice's p-value is the probability that as many hits or more fall into it by chance (the
    hypergeometric distribution, exact), times the number of slices: that anything at all is reported where hits do not depend on the columns has probability at
    most ``1 - level``. The order is by p-value: a part of a bad slice is smaller, and a whole around it is diluted, so both come after it.

    Parameters
    ----------
    columns
        By name, one value for each sample; numbers with more than ten values are cut at their quartiles.
    hits
        Shape (n,).
    depth
        1 to 3 columns at a time.
    least
        Slices with fewer samples are not looked at.
    most
        Slices reported.

    Raises
    ------
    UserError
        ``depth`` is not 1 to 3, lengths differ, or a column has more than 1,000 values.
    """
    hit = np.asarray(hits, dtype=bool)
    if not 1 <= depth <= 3:
        raise UserError(f"slices are made of 1 to 3 columns, not {depth}", where="depth")
    parts = group_by(columns, depth=1)
    if any(len(part.member) != len(hit) for part in parts):
        raise UserError("columns and hits have different lengths", fix="give one value for each sample")
    if long := next((part for part in parts if len(part.names) > _MOST_VALUES), None):
        raise UserError(f"the column {long.columns[0]} has {len(long.names)} values", fix="leave out columns that tell single persons apart")
    found, looked_at = [], 0
    total, wrong = len(hit), int(hit.sum())
    for chosen, cells, n, k in _lattice([part for part in parts if len(part.names) > 1], hit, depth):
        big = np.flatnonzero((n >= least) & (n < total))
        looked_at += len(big)
        found += [(chosen, int(cells[cell]), int(k[cell]), int(n[cell])) for cell in big[_promising(k[big], n[big], wrong, total, 1.0 - level)]]
    alpha = 1.0 - level
    tested = [(upper_tail(k, n, wrong, total) * looked_at, chosen, cell, k, n) for chosen, cell, k, n in found]
    sure = sorted((entry for entry in tested if entry[0] <= alpha), key=lambda entry: (entry[0], -entry[3] / entry[4]))
    each = bonferroni(level, max(1, looked_at))
    return SliceSearch(slices=tuple(_slice(*entry, wrong / total, each) for entry in sure[:most]), looked_at=looked_at, least=least)


def _promising(k: Integers, n: Integers, wrong: int, total: int, alpha: float) -> Flags:
    """Which slices are worth their exact tail: more hits than expected, and already the one term of it small enough before any correction."""
    expected = k * total > n * wrong
    if not expected.any():
        return np.asarray(expected)
    single = np.zeros(len(k))
    single[expected] = log_probability(k[expected], n[expected], wrong, total)
    return np.asarray(expected & (single <= math.log(alpha / len(k))))


def _lattice(parts: Sequence[Groups], hit: Flags, depth: int) -> Iterator[tuple[tuple[Groups, ...], Integers, Integers, Integers]]:
    """Combinations of columns, with the numbers of cells of their table, and the samples and hits in each."""
    bad = [part.member[hit] for part in parts]
    sizes = [len(part.names) for part in parts]
    for size in range(1, min(depth, len(parts)) + 1):
        prefix: tuple[tuple[int, ...], Integers, Integers] | None = None
        for chosen in combinations(range(len(parts)), size):
            if size == 1:
                code, wrong = parts[chosen[0]].member, bad[chosen[0]]
            else:
                if prefix is None or prefix[0] != chosen[:-1]:
                    prefix = (
                        chosen[:-1],
                        _code([parts[i].member for i in chosen[:-1]], sizes, chosen),
                        _code([bad[i] for i in chosen[:-1]], sizes, chosen),
                    )
                last = chosen[-1]
                code, wrong = prefix[1] * sizes[last] + parts[last].member, prefix[2] * sizes[last] + bad[last]
            cells = math.prod(sizes[i] for i in chosen)
            own = tuple(parts[i] for i in chosen)
            if cells <= _DENSE:
                yield own, np.arange(cells), np.bincount(code, minlength=cells), np.bincount(wrong, minlength=cells)
            else:  # few cells have anybody in them: a table of all would not fit
                inhabited, place = np.unique(code, return_inverse=True)
                yield own, inhabited, np.bincount(place), np.bincount(np.searchsorted(inhabited, wrong), minlength=len(inhabited))


def _code(members: Sequence[Integers], sizes: Sequence[int], chosen: Sequence[int]) -> Integers:
    code = members[0]
    for member, i in zip(members[1:], chosen[1:], strict=False):
        code = code * sizes[i] + member
    return code


def _slice(p: float, chosen: Sequence[Groups], cell: int, k: int, n: int, overall: float, level: float) -> Slice:
    places = np.unravel_index(cell, [len(part.names) for part in chosen])
    interval = clopper_pearson(k, n, level)
    name = " and ".join(part.names[int(place)] for part, place in zip(chosen, places, strict=True))
    return Slice(name=name, hits=k, n=n, rate=k / n, low=interval.low, high=interval.high, overall=overall, p=min(1.0, p))
