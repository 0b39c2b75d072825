"""What an interval is, and the checks that every method makes of its arguments."""

from __future__ import annotations

import math
from operator import index
from typing import SupportsIndex

import msgspec

LARGEST_SAMPLE = 10**12
"""Counts beyond this are refused: the incomplete beta function below takes time that grows with the square root of the count."""


class Interval(msgspec.Struct, frozen=True):
    """A two-sided confidence interval [``low``, ``high``] at confidence ``level`` (0 to 1, exclusive), by the named ``method``."""

    low: float
    high: float
    level: float
    method: str

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval needs low <= high, not [{self.low}, {self.high}]")


def check_level(level: float) -> float:
    """Return what is left for each tail, ``(1 - level) / 2``.

    Raises
    ------
    ValueError
        If ``level`` is not strictly between 0 and 1, or so close to 1 that nothing is left for the tails.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"the confidence level must lie between 0 and 1, both excluded, not {level}")
    return (1.0 - level) / 2.0


def check_counts(successes: SupportsIndex, trials: SupportsIndex) -> tuple[int, int]:
    """Return both as ``int``.

    Raises
    ------
    ValueError
        If they are not whole numbers with 0 <= ``successes`` <= ``trials``, ``trials`` >= 1.
    """
    k, n = _whole("successes", successes), _whole("trials", trials)
    if n <= 0:
        raise ValueError(f"a proportion needs at least one trial, not {n}")
    if n > LARGEST_SAMPLE:
        raise ValueError(f"more than {LARGEST_SAMPLE} trials are not supported: {n}")
    if not 0 <= k <= n:
        raise ValueError(f"successes must lie between 0 and the {n} trials, not {k}")
    return k, n


def _whole(name: str, value: SupportsIndex) -> int:
    try:
        return index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from None


def clip(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """``value`` moved into [``low``, ``high``]: takes off what rounding put outside."""
    return math.nan if math.isnan(value) else min(max(value, low), high)
