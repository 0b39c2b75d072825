"""Which records are exposed: a list in which few are wrong. It is personal data."""

from __future__ import annotations

import numpy as np

from aisecops.oracles.oracle import Floats, Integers


def p_values(members: Floats, others: Floats) -> Floats:
    """Return, for each member, how rarely a record that was not trained on scores as high: (1 + others at or above) / (1 + others), never below 1 / (1 + others)."""
    ordered = np.sort(np.asarray(others, dtype=np.float64))
    above = len(ordered) - np.searchsorted(ordered, np.asarray(members, dtype=np.float64), "left")
    return np.asarray((1.0 + above) / (1.0 + len(ordered)))


def exposed(members: Floats, others: Floats, false_discoveries: float = 0.1) -> Integers:
    """Return the members that an attacker would name, the surest first, at most a share ``false_discoveries`` of them wrongly, on average.

    Benjamini and Hochberg's procedure over conformal p-values, which are positively dependent in the way that it allows (Bates et al., Testing for outliers with
    conformal p-values, Annals of Statistics 2023). The list may be empty though the model leaks on average: nobody in particular can be named then.
    """
    p = p_values(members, others)
    order = np.argsort(p, kind="stable")
    passes = np.flatnonzero(p[order] <= false_discoveries * np.arange(1, len(p) + 1) / len(p))
    return np.asarray(order[: passes[-1] + 1] if len(passes) else order[:0])
