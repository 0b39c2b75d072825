"""Labels flipped, rows left alone: at random (sloppy or hostile annotators), or from one class to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aisecops.attacks.poisoning.poisoned import Poisoned
from aisecops.core.errors import UserError


def random_flips(samples: Any, y: npt.ArrayLike, *, rate: float = 0.05, seed: int = 0) -> Poisoned:
    """Give ``rate`` of the rows another label, each of the others alike."""
    labels = np.array(y, dtype=np.int64)
    classes = np.unique(labels)
    if len(classes) < 2:
        raise UserError("there is one class only: no label can be flipped", fix="give labels of two classes or more")
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), max(1, round(rate * len(labels))), replace=False)
    steps = rng.integers(1, len(classes), len(rows))
    labels[rows] = classes[(np.searchsorted(classes, labels[rows]) + steps) % len(classes)]
    mask = np.zeros(len(labels), dtype=bool)
    mask[rows] = True
    return Poisoned(samples=samples, y=labels, mask=mask)


def targeted_flips(samples: Any, y: npt.ArrayLike, *, source: int, target: int, rate: float = 0.03, seed: int = 0) -> Poisoned:
    """Give rows of class ``source`` the label ``target`` until ``rate`` of all rows (at most half of the class) has it."""
    labels = np.array(y, dtype=np.int64)
    pool = np.flatnonzero(labels == source)
    if source == target or not len(pool):
        raise UserError(f"no rows of class {source} can be given to class {target}", fix="name two classes that the data has")
    rows = np.random.default_rng(seed).choice(pool, max(1, min(len(pool) // 2, round(rate * len(labels)))), replace=False)
    labels[rows] = target
    mask = np.zeros(len(labels), dtype=bool)
    mask[rows] = True
    return Poisoned(samples=samples, y=labels, mask=mask, target=target)
