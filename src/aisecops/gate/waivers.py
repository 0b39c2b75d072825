"""Waivers: which findings each of them covers, and what has become of it.

A waiver covers the places that it was made for. One that names a ``fingerprint`` and no ``asset`` was made for the one file in which the weakness stood: when
the same weakness turns up in a second file, the waiver no longer says which one was meant, and covers neither.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from aisecops.core.dates import is_day
from aisecops.core.errors import PolicyError
from aisecops.core.finding import Finding
from aisecops.core.policy import Waiver
from aisecops.core.text import count, inert
from aisecops.core.verdict import Outcome, RuleOutcome, Status, WaiverUse
from aisecops.gate.docket import Docket, Places, contains
from aisecops.gate.patterns import name_matches

RULE = "waivers"
"""The id under which the verdict reports on the waivers themselves. No policy may use it."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What a waiver would accept. ``places`` are the files in which that stands; ``expired`` and ``ambiguous`` are why it accepts nothing all the same."""

    waiver: Waiver
    findings: tuple[Finding, ...]
    places: tuple[str, ...]
    expired: bool
    ambiguous: bool

    @property
    def covered(self) -> tuple[Finding, ...]:
        """The findings that it does accept."""
        return () if self.expired or self.ambiguous else self.findings


def reaches(findings: Sequence[Finding], places: Places, waivers: Sequence[Waiver], today: str) -> tuple[Reach, ...]:
    """Return what every waiver reaches, in the order of the waivers' ids.

    Raises
    ------
    PolicyError
        If an expiry is not a day, or two waivers share an id.
    """
    check_waivers(waivers)
    by_fingerprint: dict[str, list[Finding]] = {}
    for finding in findings:
        by_fingerprint.setdefault(finding.fingerprint, []).append(finding)
    everything = _alike(findings, places) if any(not waiver.fingerprint for waiver in waivers) else {}
    return tuple(
        _reach(waiver, _alike(by_fingerprint.get(waiver.fingerprint, ()), places) if waiver.fingerprint else everything, today)
        for waiver in sorted(waivers, key=lambda waiver: waiver.id)
    )


def check_waivers(waivers: Sequence[Waiver]) -> None:
    """Raise PolicyError if an expiry is not a day, or two waivers share an id: whoever starts a long run wants to know before it."""
    seen: set[str] = set()
    for waiver in waivers:
        where = f"waiver `{inert(waiver.id)}`"
        if waiver.id in seen:
            raise PolicyError("two waivers have this id", where=where, fix="give each an id of its own: the verdict names them by it")
        if not is_day(waiver.expires):
            raise PolicyError(
                f"`expires: {inert(waiver.expires)}` is not a day", where=where, fix="write the last day on which it holds as YYYY-MM-DD"
            )
        seen.add(waiver.id)


Alike = dict[tuple[str, str, tuple[str, ...]], list[Finding]]
"""Findings by all that a selector looks at: check, category, and the paths of asset and locations."""


def _alike(findings: Sequence[Finding], places: Places) -> Alike:
    """Put together what no selector can tell apart: a record has many findings, and few kinds of them in few places."""
    groups: Alike = {}
    for finding in findings:
        groups.setdefault((finding.check, finding.category, places.spots(finding)), []).append(finding)
    return groups


def _reach(waiver: Waiver, groups: Alike, today: str) -> Reach:
    named = [
        (spots[0], group)
        for (check, category, spots), group in groups.items()
        if contains(waiver.asset, spots) and name_matches(waiver.check, check) and name_matches(waiver.category, category)
    ]
    stands_in = tuple(sorted({path for path, _ in named}))
    return Reach(
        waiver=waiver,
        findings=tuple(finding for _, group in named for finding in group),
        places=stands_in,
        expired=waiver.expires < today,
        ambiguous=bool(waiver.fingerprint) and not waiver.asset and len(stands_in) > 1,
    )


def uses(reached: Sequence[Reach]) -> tuple[WaiverUse, ...]:
    """Return the waivers as the verdict lists them."""
    return tuple(
        WaiverUse(
            id=each.waiver.id,
            owner=each.waiver.owner,
            reason=each.waiver.reason,
            expires=each.waiver.expires,
            used=len(each.covered),
            expired=each.expired,
        )
        for each in reached
    )


def judge_waivers(reached: Sequence[Reach], docket: Docket) -> RuleOutcome:
    """Judge the waivers themselves.

    One that has lapsed (expired, or no longer clear) while a finding that it was made for is open fails: somebody's promise is overdue. One that covers nothing
    is told and passes: whoever mends a weakness must not be punished for the waiver that is left over.
    """
    open_ids = {standing.finding.id for standing in docket.standings if standing.status is Status.OPEN}
    reopened = {each.waiver.id: [f.id for f in each.findings if f.id in open_ids] for each in reached}
    lapsed = [_lapse(each, len(ids)) for each in reached if (ids := reopened[each.waiver.id])]
    idle = [_idle(each) for each in reached if not each.covered and not reopened[each.waiver.id]]
    covered = {finding.id for each in reached for finding in each.covered}
    summary = f"{count(len(reached), 'waiver')} for {count(len(covered), 'finding')}"
    return RuleOutcome(
        id=RULE,
        outcome=Outcome.FAIL if lapsed else Outcome.PASS,
        reason="; ".join(lapsed + idle) or f"{summary}, all in date",
        findings=tuple(sorted({finding for ids in reopened.values() for finding in ids})),
    )


def _signed(waiver: Waiver) -> str:
    return f"waiver {inert(waiver.id)} (owner {inert(waiver.owner)}, expires {waiver.expires})"


def _lapse(reach: Reach, reopened: int) -> str:
    if reach.expired:
        return f"{_signed(reach.waiver)} has expired: {count(reopened, 'finding')} open again; mend it, or renew the waiver with a new reason"
    shown = ", ".join(reach.places[:3])
    return (
        f"{_signed(reach.waiver)} names no `asset`, and what it accepts stands in {len(reach.places)} files now ({shown}): name those that it is for"
    )


def _idle(reach: Reach) -> str:
    return f"{_signed(reach.waiver)} {'has expired and ' if reach.expired else ''}covers nothing: remove it"
