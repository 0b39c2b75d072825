"""Findings put together by what one change would mend, and places put together by file: the order in which every report tells them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from aisecops.core.finding import Finding, Location
from aisecops.core.run import Run
from aisecops.core.verdict import FindingStatus, Status


class Place(msgspec.Struct, frozen=True):
    """A file, or a member of it, with the different locations in it."""

    path: str
    member: str
    positions: tuple[Location, ...]


class Cause(msgspec.Struct, frozen=True):
    """Findings with one root cause, the worst first."""

    findings: tuple[Finding, ...]

    @property
    def lead(self) -> Finding:
        """The finding that speaks for all of them."""
        return self.findings[0]

    @property
    def places(self) -> tuple[Place, ...]:
        """Where they stand, each file once."""
        found: dict[tuple[str, str], dict[Location, None]] = {}
        for finding in self.findings:
            for location in finding.locations:
                found.setdefault((location.path, location.member), {})[location] = None
        return tuple(Place(path, member, tuple(positions)) for (path, member), positions in found.items())


def weight(finding: Finding) -> tuple[int, int]:
    """Sort key: the gravest and surest first."""
    return (-finding.severity.rank, -finding.confidence.rank)


def statuses(run: Run) -> dict[str, FindingStatus]:
    """Where each finding stands, by its id; one that the verdict does not name is open."""
    return {status.finding: status for status in run.verdict.statuses}


def open_findings(run: Run) -> list[Finding]:
    """The findings that nobody has waived, accepted or suppressed."""
    known = statuses(run)
    return [f for f in run.findings if f.id not in known or known[f.id].status is Status.OPEN]


def causes(findings: Iterable[Finding]) -> list[Cause]:
    """Group ``findings`` by check and root cause (by fingerprint where a check names none); gravest first, then the most frequent, then by name."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.check, finding.root_cause or finding.fingerprint), []).append(finding)
    found = [Cause(tuple(sorted(members, key=weight))) for members in groups.values()]
    return sorted(found, key=lambda cause: (*weight(cause.lead), -len(cause.findings), cause.lead.check, cause.lead.title))
