"""Quasi-identifiers as points that can be split, and what the rows of a class have in common as the value that all of them get.

A number becomes the middle of its class, a day the day in the middle, a postal code the digits that the class shares, a category the values of the class or what all of
them are a kind of.
"""

from __future__ import annotations

import math
import os
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, takewhile
from typing import Any

import msgspec
import numpy as np

from aisecops.defences.anonymisation.partition import Floats, Integers

ANY = "*"
_NARROWER = 0.25
"""How much narrower the gap is between values that share one more character: of 1 (ranks), 0.5, 0.25 and 0.1, a quarter lost least on made-up customers."""
_NAMED_TOGETHER = 3
"""Categories that are still named one by one."""


class Recoded(msgspec.Struct, frozen=True):
    """What each class gets in one column (None: missing), and the width of each class from 0 (one value) to 1 (any)."""

    values: list[Any]
    widths: Floats


class Numbers:
    """Numbers. ``whole``: the middle is rounded down to a whole number. ``days``: they are days since 1970, and come back as dates."""

    def __init__(self, values: Floats, *, whole: bool = False, days: bool = False) -> None:
        self._values, self._whole, self._days = values, whole or days, days
        known = values[np.isfinite(values)]
        self._low = float(known.min()) if len(known) else 0.0
        self._range = float(np.ptp(known)) if len(known) else 0.0

    def points(self) -> Floats:
        """Return the values scaled to 0 to 1, missing ones as -1."""
        scaled = (self._values - self._low) / (self._range or 1.0)
        return np.where(np.isfinite(scaled), scaled, -1.0)

    def recoded(self, classes: Integers) -> Recoded:
        """Return what the classes get."""
        count = int(classes.max()) + 1
        missing = ~np.isfinite(self._values)
        low, high = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(low, classes, np.where(missing, np.inf, self._values))
        np.maximum.at(high, classes, np.where(missing, -np.inf, self._values))
        gaps = np.bincount(classes, weights=missing, minlength=count)
        values: list[Any] = [None if gap else self._middle(a, b) for a, b, gap in zip(low.tolist(), high.tolist(), gaps.tolist(), strict=True)]
        empty = gaps == np.bincount(classes, minlength=count)
        widths = np.where(empty, 0.0, np.where(gaps > 0, 1.0, np.where(gaps > 0, 0.0, high - low) / (self._range or 1.0)))
        return Recoded(values, widths)

    def _middle(self, low: float, high: float) -> Any:
        middle = low + (high - low) / 2
        if self._days:
            return date(1970, 1, 1) + timedelta(days=math.floor(middle))
        return math.floor(middle) if self._whole else middle


class Codes:
    """Texts in which the first characters say most: postal codes. A class keeps what all of its values begin with, then a star for each character."""

    def __init__(self, values: Sequence[str | None]) -> None:
        self._known = sorted({value for value in values if value is not None})
        self._number = _numbers(values, self._known)

    def points(self) -> Floats:
        """Return places from 0 to 1, values that begin alike beside each other, missing ones as -1."""
        return _placed(self._number, self._known)

    def recoded(self, classes: Integers) -> Recoded:
        """Return what the classes get."""
        return _of_sets(self._number, classes, len(self._known), self._shared)

    def _shared(self, numbers: list[int]) -> tuple[str, int]:
        first, last = self._known[numbers[0]], self._known[numbers[-1]]
        if first == last:
            return first, 1
        prefix = os.path.commonprefix((first, last))  # noqa: RUF071 characters are meant; of sorted texts, what the ends share is what all share
        covered = bisect_left(self._known, prefix + chr(0x10FFFF)) - bisect_left(self._known, prefix)
        return prefix + ANY * (max(len(first), len(last)) - len(prefix)), covered


class Categories:
    """Categories. ``kinds``: value to what it is a kind of, and so on upwards; without it a class is told by up to three values.

    Raises
    ------
    ValueError
        ``kinds`` goes round in a circle.
    """

    def __init__(self, values: Sequence[str | None], kinds: Mapping[str, str] | None = None) -> None:
        known = {value for value in values if value is not None}
        self._paths = {value: _path(value, kinds or {}) for value in known}
        self._known = sorted(known, key=lambda value: self._paths[value])
        self._number = _numbers(values, self._known)
        self._below: dict[str, int] = {}
        for path in self._paths.values():
            for kind in path:
                self._below[kind] = self._below.get(kind, 0) + 1
        self._has_kinds = bool(kinds)

    def points(self) -> Floats:
        """Return places from 0 to 1, kinds beside each other, missing ones as -1."""
        return _placed(self._number, [self._paths[value] for value in self._known])

    def recoded(self, classes: Integers) -> Recoded:
        """Return what the classes get."""
        return _of_sets(self._number, classes, len(self._known), self._shared)

    def _shared(self, numbers: list[int]) -> tuple[str, int]:
        values = [self._known[number] for number in numbers]
        if len(values) == 1:
            return values[0], 1
        if self._has_kinds:
            common = os.path.commonprefix([self._paths[value] for value in values])  # noqa: RUF071 of tuples
            return (common[-1], self._below[common[-1]]) if common else (ANY, len(self._known))
        if len(values) <= _NAMED_TOGETHER < len(self._known):
            return "|".join(values), len(values)
        return ANY, len(self._known)


Quasi = Numbers | Codes | Categories


def _path(value: str, kinds: Mapping[str, str]) -> tuple[str, ...]:
    path = [value]
    while (above := kinds.get(path[-1])) is not None:
        if above in path:
            raise ValueError(f"`{above}` is a kind of itself")
        path.append(above)
    return tuple(reversed(path))


def _numbers(values: Sequence[str | None], known: Sequence[str]) -> Integers:
    place = {value: number for number, value in enumerate(known)}
    return np.array([-1 if value is None else place[value] for value in values], dtype=np.int64)


def _placed(numbers: Integers, known: Sequence[Sequence[str]]) -> Floats:
    """Place values on a line from 0 to 1: the earlier two neighbours part, the wider the gap, so that cuts fall between kinds before they fall inside."""
    gaps = [_NARROWER ** sum(1 for _ in takewhile(_alike, zip(*pair, strict=False))) for pair in pairwise(known)]
    places = np.concatenate(([0.0], np.cumsum(gaps)))
    return np.where(numbers < 0, -1.0, places[numbers] / (places[-1] or 1.0))


def _alike(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _of_sets(numbers: Integers, classes: Integers, count: int, shared: Any) -> Recoded:
    """Recode each class by the set of its values: ``shared`` gives the text and how many values it covers."""
    order = np.lexsort((numbers, classes))
    starts = np.flatnonzero(np.r_[True, np.diff(classes[order]) > 0])
    values: list[Any] = []
    widths = np.zeros(len(starts))
    for number, part in enumerate(np.split(numbers[order], starts[1:])):
        here = part[np.r_[True, np.diff(part) > 0]].tolist()
        if here[0] < 0:  # somewhere in this class it is missing: nobody may see where
            values.append(None)
            widths[number] = float(len(here) > 1)
        else:
            text, covered = shared(here)
            values.append(text)
            widths[number] = (covered - 1) / max(count - 1, 1)
    return Recoded(values, widths)
