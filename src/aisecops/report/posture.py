"""The posture matrix: threat by stage, what the record shows for each pair. It is computed from the record alone, so every surface shows the same."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from aisecops.core.examination import NotExamined
from aisecops.core.run import PlannedCheck, Run
from aisecops.core.taxonomy import Severity, Stage, Threat
from aisecops.core.verdict import Outcome, Status
from aisecops.report.grouping import statuses

_FOLDERS = {"endpoint": "model"}
"""Kinds of asset whose checks have the ids of another kind."""


class State(StrEnum):
    """What is known about a threat at a stage, the first that applies.

    ``failing``: a finding above ``info`` is open, or a rule failed on a number. ``not-examined``: a part was not looked at, a number is not usable or too
    weak for its rule, or no check there found anything to look at. ``accepted``: somebody answers for all that was found. ``passing``: checks looked and
    nothing is left. ``not-covered``: the run had no check for it.
    """

    FAILING = "failing"
    NOT_EXAMINED = "not-examined"
    ACCEPTED = "accepted"
    PASSING = "passing"
    NOT_COVERED = "not-covered"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One threat at one stage with its evidence: ids of checks, findings and measurements, and positions in the record's ``not_examined``.

    ``open`` are the findings above ``info`` that nobody answers for, ``noted`` those of ``info``, ``accepted`` the waived, known and suppressed ones;
    ``failed`` and ``weak`` are the measurements that a rule failed on, and those that cannot be used or did not decide a rule.
    """

    threat: Threat
    stage: Stage
    state: State
    checks: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    measurements: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    gaps: tuple[int, ...] = ()


class Posture(msgspec.Struct, frozen=True, kw_only=True):
    """All cells, threat by threat in the order of the stages. ``unplaced``: gaps that belong to no check and no kind of asset, so to no cell."""

    cells: tuple[Cell, ...]
    unplaced: tuple[int, ...] = ()


class _Evidence:
    """What has been collected for one cell."""

    def __init__(self) -> None:
        self.checks: list[PlannedCheck] = []
        self.open: list[str] = []
        self.noted: list[str] = []
        self.accepted: list[str] = []
        self.measurements: list[str] = []
        self.failed: list[str] = []
        self.weak: list[str] = []
        self.gaps: list[int] = []

    def state(self) -> State:
        """The first that applies."""
        if self.open or self.failed:
            return State.FAILING
        if self.gaps or self.weak:
            return State.NOT_EXAMINED
        if self.accepted:
            return State.ACCEPTED
        if any(check.planned for check in self.checks) or self.noted or self.measurements:
            return State.PASSING
        return State.NOT_EXAMINED if self.checks else State.NOT_COVERED


def posture(run: Run) -> Posture:
    """Return the matrix of ``run``."""
    found = {(threat, stage): _Evidence() for threat in Threat for stage in Stage}
    places: dict[str, _Evidence] = {}
    for check in run.checks:
        places[check.id] = found[check.threat, check.stage]
        places[check.id].checks.append(check)
    _findings(run, found)
    _measurements(run, places)
    unplaced = _gaps(run, places)
    return Posture(cells=tuple(_cell(threat, stage, evidence) for (threat, stage), evidence in found.items()), unplaced=unplaced)


def _findings(run: Run, found: dict[tuple[Threat, Stage], _Evidence]) -> None:
    known = statuses(run)
    for finding in run.findings:
        cell = found[finding.threat, finding.stage]
        is_open = finding.id not in known or known[finding.id].status is Status.OPEN
        where = cell.accepted if not is_open else cell.noted if finding.severity is Severity.INFO else cell.open
        where.append(finding.id)


def _measurements(run: Run, places: dict[str, _Evidence]) -> None:
    failed = _rested_on(run, Outcome.FAIL)
    undecided = _rested_on(run, Outcome.INCOMPLETE)
    for measurement in run.measurements:
        cell = places.get(measurement.check)
        if cell is None:
            continue
        cell.measurements.append(measurement.id)
        if measurement.id in failed:
            cell.failed.append(measurement.id)
        elif measurement.blocked or measurement.value is None or measurement.id in undecided:
            cell.weak.append(measurement.id)


def _rested_on(run: Run, outcome: Outcome) -> set[str]:
    return {measurement for rule in run.verdict.rules if rule.outcome is outcome for measurement in rule.measurements}


def _gaps(run: Run, places: dict[str, _Evidence]) -> tuple[int, ...]:
    """Put every gap where its check is; one that names no check concerns all checks of its asset's kind. Return those that have no place."""
    unplaced = []
    for number, gap in enumerate(run.not_examined):
        cells = _concerned(gap, places)
        for cell in cells:
            cell.gaps.append(number)
        if not cells:
            unplaced.append(number)
    return tuple(unplaced)


def _concerned(gap: NotExamined, places: dict[str, _Evidence]) -> list[_Evidence]:
    if gap.check in places:
        return [places[gap.check]]
    kind = gap.asset.partition(":")[0]
    folder = f"{_FOLDERS.get(kind, kind)}/"
    return _once(cell for check, cell in places.items() if kind and check.startswith(folder))


def _once(cells: Iterable[_Evidence]) -> list[_Evidence]:
    return list({id(cell): cell for cell in cells}.values())


def _cell(threat: Threat, stage: Stage, evidence: _Evidence) -> Cell:
    lists = {name: tuple(value) for name, value in vars(evidence).items() if name != "checks"}
    return Cell(threat=threat, stage=stage, state=evidence.state(), checks=tuple(check.id for check in evidence.checks), **lists)
