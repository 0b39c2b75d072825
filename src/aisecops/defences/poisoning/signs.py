"""What may be a sign besides the value of a column: that a value is missing, how a number ends, how finely it is written, and that no other row has it.

Such columns take no part in what the content of a row says of its label: they only give more atoms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from aisecops.defences.poisoning.suspicion import Flags, Floats, Integers

MISSING, DAY, MINUTE = "missing", "day", "minute"
_FEWEST = 6
_MANY = 100
"""Different values from which on a column measures something, and its last digits say nothing as a rule."""
_DECIMALS = (2, 3)
_FINEST = 6
"""Decimals; of a column of measured or computed numbers, most have more."""
_FEW = 0.15
"""Share of the rows that may be finer than the others, or have a value of their own, where that is unusual."""


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
    yield from _unlike_others(values, missing, column, name)
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


def _unlike_others(values: Floats, missing: Flags, column: int, name: str) -> Iterator[Sign]:
    """Yield what is unlike the rest of a column of repeated or rounded numbers: noise that somebody has put on a value is finer than these, and never twice the same."""
    finer = _decimals(values[~missing])
    usual = int(np.quantile(finer, 1 - _FEW, method="higher")) if len(finer) else _FINEST + 1
    known = values[~missing]
    _, inverse, counts = np.unique(known, return_inverse=True, return_counts=True)
    kinds = ((finer > usual if usual <= _FINEST else finer < 0, "of more decimals than others"), (counts[inverse] == 1, "that no other row has"))
    for flags, said in kinds:
        if _FEWEST <= flags.sum() <= _FEW * len(flags):
            full = np.full(len(values), np.nan)
            full[~missing] = np.where(flags, known, np.nan)
            yield Sign(values=full, column=column, name=f"{name} {said}")


def _decimals(values: Floats) -> Integers:
    """Return how many decimals numbers are written with, one more than ``_FINEST`` where these do not do."""
    found = np.full(len(values), _FINEST + 1, dtype=np.int64)
    for count in range(_FINEST, -1, -1):
        found[np.abs(np.round(values, count) - values) <= 1e-9 * np.maximum(1.0, np.abs(values))] = count
    return found
