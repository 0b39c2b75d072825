"""What may be a sign besides the value of a column: that a value is missing, and how a number ends.

Such columns take no part in what the content of a row says of its label: they only give more atoms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning.suspicion import Floats

MISSING, DAY, MINUTE = "missing", "day", "minute"
_FEWEST = 6
_MANY = 100
"""Different values from which on a column measures something, and its last digits say nothing as a rule."""
_DECIMALS = (2, 3)


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """A column made of another: its values, shape (n,), NaN where it says nothing; the number of the other, what it is called, and what its values are.

    ``kind``: ``missing`` (1: it is), ``day`` (as ``date.toordinal`` counts), ``minute`` (of the day), else empty: a number.
    """

    values: Floats
    column: int
    name: str
    kind: str = ""


def signs(x: Floats, names: Sequence[str]) -> list[Sign]:
    """Return the columns made of those of ``x``, shape (n, columns)."""
    return [sign for column, name in enumerate(names) for sign in _of_column(x[:, column], column, name)]


def _of_column(values: Floats, column: int, name: str) -> Iterator[Sign]:
    missing = np.isnan(values)
    if _FEWEST <= missing.sum() < len(values):
        yield Sign(values=missing.astype(np.float64), column=column, name=f"{name} is missing", kind=MISSING)
    known = values[~missing]
    if len(np.unique(known)) <= _MANY:
        return
    if np.all(known == np.rint(known)):
        if np.ptp(known) >= 10 * _MANY:
            yield Sign(values=np.mod(values, 100.0), column=column, name=f"last digits of {name}")
        return
    for decimals in _DECIMALS:
        ending = np.asarray(np.round(np.mod(np.round(values, decimals), 1.0), decimals) % 1.0, dtype=np.float64)
        if len(np.unique(ending[~missing])) > 10:
            yield Sign(values=ending, column=column, name=f"decimals of {name}")
            return
