"""Verdicts: a run judged by a policy."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """``pass``, ``fail``, or ``incomplete``: nothing failed, but the policy wanted more examined."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    INCOMPLETE = "incomplete"

    @property
    def exit_code(self) -> int:
        """What the command line exits with."""
        return {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.INCOMPLETE: 3}[self]


class Status(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    WAIVED = "waived"
    BASELINE = "baseline"
    SUPPRESSED = "suppressed"


class RuleOutcome(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How one rule came out, with the reason in words and what it rests on (ids)."""

    id: str
    outcome: Outcome
    reason: str
    findings: tuple[str, ...] = ()
    measurements: tuple[str, ...] = ()


class FindingStatus(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where one finding (by id) stands, and by which waiver."""

    finding: str
    status: Status
    waiver: str = ""


class WaiverUse(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What became of a waiver: how many findings it covers; whether it had expired."""

    id: str
    owner: str
    reason: str
    expires: str
    used: int
    expired: bool = False


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A run judged by a policy. It names the results by digest, so the same run can be judged again by another policy."""

    outcome: Outcome
    policy: str
    policy_digest: str
    evaluated: str
    results_digest: str
    rules: tuple[RuleOutcome, ...]
    statuses: tuple[FindingStatus, ...]
    waivers: tuple[WaiverUse, ...] = ()
