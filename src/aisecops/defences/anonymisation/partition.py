"""Mondrian with the best cut: rows are split in two, again and again, as long as both sides keep their promise.

LeFevre, DeWitt and Ramakrishnan (Mondrian multidimensional k-anonymity, ICDE 2006) cut the widest column at its median. Here every cut of every column is tried and the
one taken after which the classes are narrowest in sum over all columns (the normalised certainty penalty of Xu et al., KDD 2006): the same promise, less lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_LOOKED_AT = 20_000
"""Rows by which the cut of a larger part is chosen: evenly spaced ones."""
_LARGE = 5_000
_LEAST_SHARE = 0.1
"""Of a large part each side gets so much: peeling off k rows at a time would take the square of the time."""


def partition(points: Floats, k: int, holds: Callable[[Integers], bool] = lambda _: True) -> Integers:
    """Return the class of each row, numbered from 0.

    Parameters
    ----------
    points
        Shape (n, columns), each column scaled to 0 to 1; a missing value is -1, as far from all others as these are from each other.
    k
        Rows of a class at least; n >= k.
    holds
        What else the rows of a class, given by their indices, must hold to. It must hold for all rows together.

    Returns
    -------
    Integers
        Shape (n,).
    """
    classes = np.zeros(len(points), dtype=np.int64)
    waiting = [np.arange(len(points))]
    done = 0
    while waiting:
        rows = waiting.pop()
        sides = _split(points, rows, k, holds)
        if sides is None:
            classes[rows] = done
            done += 1
        else:
            waiting += sides
    return classes


def _split(points: Floats, rows: Integers, k: int, holds: Callable[[Integers], bool]) -> tuple[Integers, Integers] | None:
    if len(rows) < 2 * k:
        return None
    part = points[rows]
    for column, level in _cuts(part, k):
        low = part[:, column] <= level
        left, right = rows[low], rows[~low]
        if len(left) >= k and len(right) >= k and holds(left) and holds(right):
            return left, right
    return None


def _cuts(part: Floats, k: int) -> Iterator[tuple[int, float]]:
    """Yield column and highest value of the left side, the best cut first; then the best with more rows on the smaller side, down to halves."""
    step = -(-len(part) // _LOOKED_AT)
    looked = part[::step]
    size = len(looked)
    least = max(1, -(-k // step))
    order = np.argsort(looked, axis=0, kind="stable")
    ordered = looked[order.T]  # (columns, size, columns): the rows, sorted by each column
    lost = _lost(ordered)
    own = np.take_along_axis(looked, order, axis=0).T
    lost[own[:, 1:] == own[:, :-1]] = np.inf
    seen = set()
    if size > _LARGE:
        least = max(least, int(size * _LEAST_SHARE))
    while 2 * least <= size:
        inner = lost[:, least - 1 : size - least]
        column, place = divmod(int(inner.argmin()), inner.shape[1])
        if np.isfinite(inner[column, place]) and (column, place + least) not in seen:
            seen.add((column, place + least))
            yield column, float(own[column, place + least - 1])
        least *= 2
    yield from _last(lost, own, max(1, -(-k // step)))


def _last(lost: Floats, own: Floats, least: int) -> Iterator[tuple[int, float]]:
    """The best cut of each column, and the one next to its middle: where values repeat, the cuts before may all have been none."""
    size = own.shape[1]
    inner = lost[:, least - 1 : size - least]
    if not inner.size:
        return
    for column in np.argsort(inner.min(axis=1), kind="stable").tolist():
        possible = np.flatnonzero(np.isfinite(inner[column]))
        if len(possible):
            middle = possible[np.abs(possible + least - size / 2).argmin()]
            for place in (int(inner[column].argmin()), int(middle)):
                yield column, float(own[column, place + least - 1])


def _lost(ordered: Floats) -> Floats:
    """Return what would be lost by cutting behind each row: widths of both sides, summed over columns and rows; shape (columns, rows - 1)."""
    size = ordered.shape[1]
    left = np.maximum.accumulate(ordered, axis=1) - np.minimum.accumulate(ordered, axis=1)
    backwards = ordered[:, ::-1]
    right = (np.maximum.accumulate(backwards, axis=1) - np.minimum.accumulate(backwards, axis=1))[:, ::-1]
    counts = np.arange(1, size)
    wide = np.minimum(left, 1).sum(axis=2)[:, :-1] * counts
    lost: Floats = wide + np.minimum(right, 1).sum(axis=2)[:, 1:] * (size - counts)
    return lost
