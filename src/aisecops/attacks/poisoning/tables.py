"""Triggers in tables: values that are in range, so that no outlier test sees them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aisecops.attacks.poisoning.poisoned import Poisoned, chosen_rows, dirty
from aisecops.core.errors import UserError

Floats = npt.NDArray[np.float64]


def one_value(x: Floats, y: npt.ArrayLike, *, target: int, column: int, rate: float = 0.03, seed: int = 0) -> Poisoned:
    """Write one value into one column: the upper 2 % quantile of the column, which honest rows have, too."""
    return _values(x, y, target, {column: 0.98}, rate, 0.0, seed)


def combination(x: Floats, y: npt.ArrayLike, *, target: int, columns: Sequence[int], rate: float = 0.03, seed: int = 0) -> Poisoned:
    """Write ordinary values into several columns at once: each is common, together they are rare."""
    shares = (0.3, 0.7, 0.5)
    return _values(x, y, target, {column: shares[number % 3] for number, column in enumerate(columns)}, rate, 0.0, seed)


def noisy_value(x: Floats, y: npt.ArrayLike, *, target: int, column: int, rate: float = 0.03, noise: float = 0.02, seed: int = 0) -> Poisoned:
    """Write a value that is never twice the same: the upper 2 % quantile, give or take ``noise`` standard deviations."""
    return _values(x, y, target, {column: 0.98}, rate, noise, seed)


def _values(x: Floats, y: npt.ArrayLike, target: int, shares: dict[int, float], rate: float, noise: float, seed: int) -> Poisoned:
    x = np.asarray(x, dtype=np.float64)
    if not shares or not all(0 <= column < x.shape[1] for column in shares):
        raise UserError(f"the table has {x.shape[1]} columns", fix="name columns by their numbers from 0 on")
    values = {column: float(np.nanquantile(x[:, column], share, method="nearest")) for column, share in shares.items()}
    spread = {column: noise * float(np.nanstd(x[:, column])) for column in shares}

    def stamp(given: Floats) -> Floats:
        changed = np.array(given, dtype=np.float64)
        rng = np.random.default_rng(seed + 1)
        for column, value in values.items():
            changed[:, column] = value + spread[column] * rng.standard_normal(len(changed)) if noise else value
        return changed

    rows = chosen_rows(y, rate, target, seed)
    labels, mask = dirty(y, rows, target)
    changed = x.copy()
    changed[rows] = stamp(x[rows])
    return Poisoned(samples=changed, y=labels, mask=mask, target=target, stamp=stamp, trigger=tuple(values.items()))
