"""What a column itself says cannot be: numbers that stand for a missing value, values with the wrong sign, what its name excludes, and days far from all others.

Nobody declares these rules; they are learned from the many values that keep them, so that a rule that a column breaks often is no rule for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.content.personal.headers import words
from aisecops.datasets.two_samples import ks_distance, ks_p

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_FEWEST, _FEWEST_WRONG = 100, 5
_VARIED = 20
"""Different values from which on a column measures something: -1 among three answers is an answer."""
_MOST_PLACEHOLDERS, _MOST_WRONG = 0.5, 0.05
_FEWEST_NINES = 3
"""Cells of a number that is nothing but nines, far from all others: nobody counts to -999 by accident."""
_ALIKE = 0.05
_BOUNDED_AWAY = 0.3
"""Share of the median that nearly all values exceed where a sign can only be a slip: what is spread down to zero may well go below it."""
_NINES = re.compile(r"-?9{2,9}(?:\.9+|\.0+)?\Z")
_YEARS_APART = 10 * 365.25
_ENDLESS = 1e300
_NAMED: tuple[tuple[str, float, float, float], ...] = (
    (r"^(?:(?:patient|customer|client|person|applicant|employee|passenger|driver|user) )?age(?: (?:in )?years)?$", 0, 125, 0.015),
    (r"^(?:\w+ )*lat(?:itude)?$", -90, 90, _MOST_WRONG),
    (r"^(?:\w+ )*(?:lon|lng|longitude)$", -180, 180, _MOST_WRONG),
    (r"^(?:\w+ )?month(?: of (?:the )?year)?$", 0, 12, _MOST_WRONG),
    (r"^(?:\w+ )?hour(?: of (?:the )?day)?$", 0, 24, _MOST_WRONG),
    (r"^(?:\w+ )?(?:humidity|soc|battery level)(?: pct| percent)?$", 0, 100, _MOST_WRONG),
    (r"^(?:\w+ )?(?:probability|prob)$", 0, 1, _MOST_WRONG),
    (r"^ph(?: value)?$", 0, 14, _MOST_WRONG),
    (r"^(?:birth year|year of birth|yob)$", 1850, 2100, _MOST_WRONG),
    (r"^bmi$", 5, 200, 0.015),
    (
        r"^(?:discount|tax|vat|attendance|occupancy|completion|progress|market share|oxygen saturation|spo2)(?: rate)? (?:pct|percent|percentage)$",
        0,
        100,
        _MOST_WRONG,
    ),
    (r"^(?:percentile|percentile rank)$", 0, 100, _MOST_WRONG),
    (r"^(?:num|number of|n|nr of|count of|no of) \w+(?: \w+)?$|^\w+ count$", 0, _ENDLESS, _MOST_WRONG),
)
"""What a name excludes, and the share of the rows that may break it: what breaks it more often is the column's rule. Ages of children are counted in months."""
_COUNTED = re.compile(r"^(?:num|number of|n|nr of|count of|no of) \w+(?: \w+)?$|^\w+ count$")
"""Names of what is counted: nearly all whole numbers, and a few broken ones."""


class Implausible(msgspec.Struct, frozen=True, kw_only=True):
    """Cells that a column's other cells, or its name, exclude.

    Parameters
    ----------
    column, kind
        Its name; ``placeholder``, ``sign``, ``range`` or ``day``.
    why
        In words, without the values of persons.
    rows
        From 0, shape (n,).
    """

    column: str
    kind: str
    why: str
    rows: Rows


def implausible(column: str, cells: Numbers) -> Iterator[Implausible]:
    """Yield what cannot be among the numbers of ``column``, shape (n,), NaN where a cell is none."""
    rows, infinite = np.flatnonzero(np.isfinite(cells)), np.flatnonzero(np.isinf(cells))
    if 0 < len(infinite) <= _MOST_WRONG * len(cells):  # of intervals with an open end more are
        yield Implausible(column=column, kind="range", why="infinite", rows=infinite)
    if len(rows) < _FEWEST:
        return
    order = np.sort(cells[rows])
    left = rows
    for value in _placeholders(order):
        same = rows[cells[rows] == value]
        left = np.setdiff1d(left, same, assume_unique=True)
        yield Implausible(column=column, kind="placeholder", why=f"{value:g}, far from all other values", rows=same)
    for mirrored in _mirrored(column, cells, left):
        left = np.setdiff1d(left, mirrored.rows, assume_unique=True)
        yield mirrored
    yield from _outside(column, cells, left)


def _placeholders(order: Numbers) -> Iterator[float]:
    """The least and the greatest value, if it looks made up (-1, 99, -999), comes several times and stands apart from the others."""
    for value, inner in ((float(order[0]), order[order > order[0]]), (float(order[-1]), order[order < order[-1]])):
        count = len(order) - len(inner)
        if not _FEWEST_NINES <= count <= _MOST_PLACEHOLDERS * len(order) or len(inner) < _FEWEST or np.count_nonzero(np.diff(inner)) < _VARIED:
            continue
        low, high = inner[0], inner[-1]
        if (value == -1 and low >= 0 and count >= _FEWEST_WRONG) or (_NINES.match(f"{value:.12g}") and max(low - value, value - high) >= high - low):
            yield value


def _outside(column: str, cells: Numbers, rows: Rows) -> Iterator[Implausible]:
    """What the name of the column excludes."""
    said = words(column)
    for pattern, low, high, most in _NAMED:
        if re.match(pattern, said):
            wrong = rows[(cells[rows] < low) | (cells[rows] > high)]
            if 0 < len(wrong) <= most * len(rows):
                why = f"outside of {low:g} to {high:g}" if high < _ENDLESS else f"below {low:g}"
                yield Implausible(column=column, kind="range", why=why, rows=wrong)
    if _COUNTED.match(said):
        broken = rows[cells[rows] != np.rint(cells[rows])]
        if 0 < len(broken) <= _MOST_WRONG * len(rows):
            yield Implausible(column=column, kind="range", why="no whole number, where something is counted", rows=broken)


def _mirrored(column: str, cells: Numbers, rows: Rows) -> Iterator[Implausible]:
    """A few negative values that are like all the positive ones but for the sign, where nothing is near zero."""
    values = cells[rows]
    negative, positive = values < 0, values[values > 0]
    count = int(negative.sum())
    if not _FEWEST_WRONG <= count <= _MOST_WRONG * len(values) or count + len(positive) < len(values):
        return
    flipped = -values[negative]
    apart = np.quantile(positive, 0.01) > _BOUNDED_AWAY * np.median(positive)
    if apart and ks_p(ks_distance(flipped, positive), count, len(positive)) >= _ALIKE:
        yield Implausible(column=column, kind="sign", why="below zero, and with the other sign like all others", rows=rows[negative])


def far_days(column: str, days: Numbers) -> Iterator[Implausible]:
    """Yield days (counted from any one, NaN where there is none) ten years and more from all others, and farther than nearly all of these lie from each other."""
    rows = np.flatnonzero(np.isfinite(days))
    if len(rows) < _FEWEST:
        return
    order = np.sort(days[rows])
    low, high = np.quantile(order, [0.05, 0.95])
    least = max(_YEARS_APART, 2 * (high - low))
    gaps = np.diff(order)
    for at in np.flatnonzero(gaps >= least).tolist():
        early = at + 1 <= len(order) - at - 1
        wrong = rows[days[rows] <= order[at]] if early else rows[days[rows] >= order[at + 1]]
        if len(wrong) <= _MOST_WRONG * len(rows):
            when = "before" if early else "after"
            yield Implausible(column=column, kind="day", why=f"years {when} all others", rows=wrong)
            return
