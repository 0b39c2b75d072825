"""Accept what stands today: make the baseline of a run, or bring it up to date."""

from __future__ import annotations

import os

import msgspec

from aisecops.core.errors import RecordError
from aisecops.core.run import Run
from aisecops.core.verdict import Status
from aisecops.gate.baseline import Baseline, hold, load, save
from aisecops.workflows.changes import is_partial
from aisecops.workflows.gate import verify


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a new baseline changes, in findings: ``accepted`` are new in it, ``kept`` were held before, ``dropped`` are those that no longer stand."""

    baseline: Baseline
    accepted: int
    kept: int
    dropped: int


def accept(run: Run, path: str) -> Change:
    """Write the baseline of ``run`` to ``path``: all that is open, or held by the baseline before it.

    What the source suppresses or a waiver covers stays out: it has a reason and a date of its own, and must come back when these end.

    Raises
    ------
    RecordError
        If the results are not those that the run was recorded with, or are only of what changed (``--changed-since``).
    PolicyError
        If what lies at ``path`` is not a baseline (it is left as it is), or cannot be written.
    """
    verify(run)
    if is_partial(run.results):
        fix = "make it from a scan without --changed-since"
        raise RecordError("this run examined only what changed: a baseline of it would forget everything else", where=f"run {run.run.id}", fix=fix)
    elsewhere = {status.finding for status in run.verdict.statuses if status.status in (Status.SUPPRESSED, Status.WAIVED)}
    standing = [finding for finding in run.findings if finding.id not in elsewhere]
    before = load(path) if os.path.lexists(path) else Baseline()
    kept = len(hold(before, standing, run.results).held)
    baseline = Baseline.of(standing, run.results)
    save(baseline, path)
    return Change(baseline=baseline, accepted=len(standing) - kept, kept=kept, dropped=before.occurrences - kept)
