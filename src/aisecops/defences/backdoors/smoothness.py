"""Of which family a model of tables is, told by its answers: trees do not notice a step of a hundred-thousandth, and the log-odds of a linear model are linear.

Honest models of the wrong family differ from the examined one for that reason alone, and four families leave too few of each to know a spread from.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from aisecops.defences.backdoors.asking import answered
from aisecops.oracles.oracle import Capability, Flags, Floats, Oracle

_ROWS, _STEP, _BENT = 40, 1e-5, 0.02


class Course(StrEnum):
    """How the scores of a model run between two samples."""

    STEPS = "in steps"
    STRAIGHT = "straight"
    BENT = "bent"
    UNKNOWN = "unknown"


def course_of(oracle: Oracle, samples: Floats, free: Flags) -> Course:
    """Return how the scores run between the first rows of ``samples`` (n, d), along the columns that are ``free`` (d,) to take any value."""
    if Capability.SCORES not in oracle.capabilities or not free.any() or len(samples) < 4:
        return Course.UNKNOWN
    rows = samples[:_ROWS]
    step = np.where(free, _STEP * np.nanstd(samples, axis=0), 0.0)
    moved = np.any(answered(oracle, rows + step) != answered(oracle, rows), axis=1)
    if moved.mean() < 0.5:
        return Course.STEPS
    return Course.STRAIGHT if _bend(oracle, rows, free) <= _BENT else Course.BENT


def _bend(oracle: Oracle, rows: Floats, free: Flags) -> float:
    """How far the middle of a line lies off the mean of its ends in log-odds, in shares of the way between them: the median over pairs of rows."""
    ends = np.where(free, np.roll(rows, 1, axis=0), rows)
    a, middle, b = (_log_odds(answered(oracle, at)) for at in (rows, (rows + ends) / 2, ends))
    told = np.isfinite(a) & np.isfinite(middle) & np.isfinite(b) & (np.abs(a - b) > 0.1)
    return float(np.median(np.abs(middle - (a + b) / 2)[told] / np.abs(a - b)[told])) if told.any() else 1.0


def _log_odds(scores: Floats) -> Floats:
    """The logarithm of each score beside the first one's; not finite where a score is next to 0, shape (n, k - 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(scores > 1e-9, scores, 0.0))
        return np.asarray(logs[:, 1:] - logs[:, :1])
