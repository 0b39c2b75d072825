"""Compare two runs: what is new, fixed or moved, and which measurements changed by more than noise."""

from __future__ import annotations

from aisecops.core.run import Run
from aisecops.gate.difference import Difference, compare
from aisecops.workflows.gate import verify


def diff(before: Run, after: Run) -> Difference:
    """Return what changed from ``before`` to ``after``; both stay as they were judged.

    Raises
    ------
    RecordError
        If the results of one are not those that the run was recorded with.
    """
    verify(before)
    verify(after)
    return compare(before, after)
