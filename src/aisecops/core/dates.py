"""Days as the record writes them, ``YYYY-MM-DD``: text that sorts by time, checked without the cost of importing ``datetime``."""

from __future__ import annotations

import re

_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_day(text: str) -> bool:
    """Whether ``text`` is a day of the Gregorian calendar, written ``YYYY-MM-DD``."""
    parts = re.fullmatch(_DAY, text)
    if not parts:
        return False
    year, month, day = map(int, parts.groups())
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= _LENGTHS[month - 1] + (month == 2 and _is_leap(year))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_between(earlier: str, later: str) -> float:
    """Return the days from one moment to another, below 0 if they are the other way round.

    Both are as the record writes them: ``2026-06-15T12:00:00.000Z``, the fraction optional.

    Raises
    ------
    ValueError
        One of them is no moment.
    """
    return (_seconds(later) - _seconds(earlier)) / 86_400


def _seconds(moment: str) -> float:
    from calendar import timegm
    from time import strptime

    whole, _, fraction = moment.removesuffix("Z").partition(".")
    return timegm(strptime(whole, "%Y-%m-%dT%H:%M:%S")) + (float(f"0.{fraction}") if fraction else 0.0)
