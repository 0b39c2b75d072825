"""Which columns carry flips: for each column, how many flips are undone by taking back its change alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from aisecops.explain.shapley import changed
from aisecops.oracles.oracle import Floats, Oracle


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A column: of n flips it was changed in ``changed``, and taking back that change alone brings the old answer back in ``undone``."""

    column: str
    changed: int
    undone: int


def carriers(oracle: Oracle, before: Floats, after: Floats, blocks: Mapping[str, Sequence[int]]) -> tuple[Carrier, ...]:
    """Return the columns by the flips that they carry, the most first; columns that no flip changed are left out.

    A flip that needs two changes at once is undone by either, one that has two reasons by neither: the counts need not add up to the number of flips.

    Parameters
    ----------
    before, after
        Pairs of points that the model answers differently, shape (n, d).
    blocks
        Which places are taken back together, by name: one each, or the columns of a one-hot group. It is asked about the flips that changed a block, once each.
    """
    label, differs = oracle.labels(before), changed(before, after)
    found = []
    for name, places in blocks.items():
        columns = np.asarray(places, dtype=np.int64)
        rows = np.flatnonzero(differs[:, columns].any(axis=1))
        if len(rows):
            trial = after[rows].copy()
            trial[:, columns] = before[np.ix_(rows, columns)]
            undone = int((oracle.labels(trial) == label[rows]).sum())
            found.append(Carrier(column=name, changed=len(rows), undone=undone))
    return tuple(sorted(found, key=lambda one: (-one.undone, -one.changed)))
