"""Values that somebody has *added* to a column: more rows have them than the values next to them let expect, and all that are too many have one label.

An honest effect of a column changes labels, not how often a value occurs: where it makes one label likelier the others get rarer, and rows lie as dense as next to it. A
stamp adds rows. Round numbers, codes and the ends of scales are more frequent than what is next to them, too, but with all labels. So few values are left to ask about
that each needs less evidence from the content of its rows, and honest rows with the value no longer hide that the others were written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from aisecops.defences.poisoning.atoms import FEWEST, Atom
from aisecops.defences.poisoning.own_say import STEPS
from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

_FLANK = 10
"""Different values on each side that tell how many rows a value has here."""
_SMALLEST, _LARGEST, _GROWTH, _STEPS = 0.005, 0.125, 1.5, 4
"""Shares of the rows that ranges hold, from one size to the next, and how many begin along one range."""
_CHANCE = math.log(1e-4)
"""Of as many rows by a Poisson distribution."""
_ONE_VALUE = 0.34
"""Share of the rows of a range that may have one value: with more, it is the value that is frequent, and not the range."""
_STRIPS, _THIN = 5, 0.03
"""Strips, as wide as the range, that are asked on each side of one of at most this share of the rows: over wider ones a column rises and falls."""
_ROUNDS = 30
_SPREAD = 2.0
"""Deviations by which rows may be more than those next to them let expect."""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A value, or a range, that more ``rows`` (their numbers) have than is usual; ``beside`` are those next to it, ``times`` as many as would be in it."""

    atom: Atom
    rows: Integers
    beside: Integers
    times: float

    def one_label(self, mine: Flags) -> bool:
        """Whether what is too much has the label of the rows ``mine``, shape (n,): of others there are no more than next to it."""
        others, usual = int((~mine[self.rows]).sum()), int((~mine[self.beside]).sum()) / self.times
        return len(self.rows) - others >= FEWEST and others <= usual + _SPREAD * math.sqrt(usual + 0.25)


def added(x: Floats, column: int, owner: int) -> Iterator[Added]:
    """Yield the values and ranges of a column of ``x``, shape (n, columns), that more rows have than those next to them let expect.

    ``owner``: the column that it was made of, itself, or -1.
    """
    values = x[:, column]
    order = np.argsort(values, kind="stable")
    order = order[~np.isnan(values[order])]
    ranked = values[order]
    distinct, starts, counts = np.unique(ranked, return_index=True, return_counts=True)
    whole = x[:, owner] if owner >= 0 and np.array_equal(x[order, owner], ranked) else ranked
    if len(np.unique(whole)) < STEPS or len(distinct) < 2:
        return
    yield from _values(order, distinct, starts, counts, column)
    yield from _ranges(order, ranked, column, len(x), float(np.nanmax(whole) - np.nanmin(whole)))


def _values(order: Integers, distinct: Floats, starts: Integers, counts: Integers, column: int) -> Iterator[Added]:
    for at in np.flatnonzero(counts >= FEWEST).tolist():
        low, high = max(0, at - _FLANK), min(len(counts), at + 1 + _FLANK)
        usual = max(_rate(side) for side in (counts[low:at], counts[at + 1 : high]) if len(side))
        if _chance(int(counts[at]), usual) <= _CHANCE:
            begin, end = int(starts[at]), int(starts[at] + counts[at])
            beside = np.concatenate([order[starts[low] : begin], order[end : starts[high - 1] + counts[high - 1]]])
            atom = Atom(column=column, low=float(distinct[at]), high=float(distinct[at]))
            yield Added(atom=atom, rows=order[begin:end], beside=beside, times=len(beside) / usual)


def _rate(counts: Integers) -> float:
    """Return how many rows a value is expected to have where those that occur at all have ``counts``: the rate of a Poisson distribution without its zeros.

    Where no value comes twice the rate is near 0, and not 1: one more than all is counted, so that it is never 0.
    """
    mean, rate = (float(counts.sum()) + 1.0) / len(counts), 1.0
    for _ in range(_ROUNDS):
        rate = mean * -math.expm1(-rate)
    return rate


def _ranges(order: Integers, ranked: Floats, column: int, rows: int, span: float) -> Iterator[Added]:
    """Yield ranges, the densest first, of those that overlap only this one; ``span``: how far the values of the column reach."""
    begin, end = _cuts(len(ranked), rows)
    low, high = ranked[begin], ranked[end - 1]
    width = high - low
    # As wide on each side, behind a gap: what is never twice the same reaches further than the range.
    sides = [_between(ranked, low - 1.5 * width, low - 0.5 * width), _between(ranked, high + 0.5 * width, high + 1.5 * width)]
    # Where nothing lies on either side a range must be denser than the column is, or the widest one around a few scattered rows and a stamp would be the strangest.
    even = len(ranked) * width / span
    usual = np.maximum(_most(np.maximum(*(until - since for since, until in sides))), _most(even))
    # Few rows on so narrow a strip are strange only if strips further off are as empty.
    wide = [_between(ranked, low - (_STRIPS + 0.5) * width, low - 0.5 * width), _between(ranked, high + 0.5 * width, high + (_STRIPS + 0.5) * width)]
    further = np.maximum(_most(np.maximum(*(until - since for since, until in wide))) / _STRIPS, even)
    usual = np.where(end - begin <= _THIN * rows, np.minimum(usual, further), usual)
    count = (np.searchsorted(ranked, high, side="right") - np.searchsorted(ranked, low, side="left")).astype(np.float64)
    chance = np.where((count > usual) & (width > 0), count - usual - count * np.log(count / usual), 0.0)
    taken = np.zeros(len(ranked), dtype=bool)
    for at in np.argsort(chance, kind="stable").tolist():
        if chance[at] > _CHANCE:
            return
        since, until = np.searchsorted(ranked, low[at], side="left"), np.searchsorted(ranked, high[at], side="right")
        if taken[since:until].any() or np.unique(ranked[since:until], return_counts=True)[1].max() > _ONE_VALUE * count[at]:
            continue
        taken[since:until] = True
        beside = np.concatenate([order[a[at] : b[at]] for a, b in sides])
        atom = Atom(column=column, low=float(low[at]), high=float(high[at]))
        yield Added(atom=atom, rows=order[since:until], beside=beside, times=max(1, len(beside)) / float(usual[at]))


def _most(count: Floats | Integers) -> Floats:
    """Return how many rows there may be where ``count`` were seen."""
    return np.asarray(count + _SPREAD * np.sqrt(count + 1.0))


def _cuts(count: int, rows: int) -> tuple[Integers, Integers]:
    """Return where ranges of so many ranked values, of a table of so many rows, begin and end."""
    begin, end, size = [], [], max(float(FEWEST), _SMALLEST * count)
    while size <= max(FEWEST, min(_LARGEST * rows, count)):
        starts = np.arange(0, count - int(size) + 1, max(1, int(size) // _STEPS))
        begin.append(starts)
        end.append(starts + int(size))
        size *= _GROWTH
    return np.concatenate(begin).astype(np.int64), np.concatenate(end).astype(np.int64)


def _between(ranked: Floats, low: Floats, high: Floats) -> tuple[Integers, Integers]:
    return np.searchsorted(ranked, low, side="left"), np.searchsorted(ranked, high, side="right")


def _chance(count: int, usual: float) -> float:
    """Return the logarithm of Chernoff's bound on the chance of ``count`` rows or more where ``usual`` are expected."""
    return count - usual - count * math.log(count / usual) if count > usual > 0 else 0.0
