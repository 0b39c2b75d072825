"""What every generator returns, and how rows are chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Poisoned(msgspec.Struct, frozen=True, kw_only=True):
    """A poisoned training set.

    Parameters
    ----------
    samples
        The rows as they came (matrix, images or texts), some of them changed.
    y
        Their labels from 0 on, shape (n,), some of them changed.
    mask
        Which rows the attacker touched, shape (n,).
    target
        The class that the trigger calls for; -1 where there is no trigger, or where it calls for another class for each.
    stamp
        Puts the trigger on any samples of the same kind, as the attacker does when the model is in use; None where there is no trigger.
    trigger
        What detection has to name: pixels ``(row, column)``, columns with their values, or words.
    """

    samples: Any
    y: Integers
    mask: Flags
    target: int = -1
    stamp: Callable[[Any], Any] | None = None
    trigger: tuple[Any, ...] = ()


def chosen_rows(y: npt.ArrayLike, rate: float, target: int | None, seed: int, *, clean_label: bool = False) -> Integers:
    """Return the rows to poison: ``rate`` of all rows, from the other classes (dirty label), from the target class alone (clean label), or from all (no target).

    Raises
    ------
    UserError
        The rate is not within (0, .5], the target is no class, or there are not enough rows of the kind.
    """
    labels = np.asarray(y, dtype=np.int64)
    if not 0 < rate <= 0.5:
        raise UserError(f"a poisoning rate of {rate:g} makes no sense", fix="give a share above 0 and at most .5")
    pool = np.arange(len(labels)) if target is None else np.flatnonzero((labels == target) == clean_label)
    count = max(1, round(rate * len(labels)))
    if count > len(pool) or (target is not None and not np.any(labels == target)):
        raise UserError(f"{count} rows are to be poisoned and {len(pool)} can be", fix="lower the rate or choose another target class")
    return np.sort(np.random.default_rng(seed).choice(pool, count, replace=False))


def dirty(y: npt.ArrayLike, rows: Integers, target: int) -> tuple[Integers, Flags]:
    """Return the labels with ``rows`` set to ``target``, and which rows these are."""
    labels = np.array(y, dtype=np.int64)
    mask = np.zeros(len(labels), dtype=bool)
    labels[rows], mask[rows] = target, True
    return labels, mask
