"""What changed between two runs: weaknesses that are new, gone or moved, and measurements that changed by more than noise.

Two things make such a comparison lie, and both are said here instead: a finding that is missing because nobody looked (the file is out of the scope of the
later run, the check was skipped, broke off or does not exist there) is *unexamined*, not fixed; and a finding that is new because the *check* is new or has
another version carries that as its cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec

from aisecops.core.finding import Finding
from aisecops.core.run import Run
from aisecops.core.verdict import Outcome, Status
from aisecops.gate.docket import Places
from aisecops.gate.readings import ReadingChange, compare_readings

SCHEMA = "aisecops/diff-1"
_ASKED = ("model", "endpoint")
"""Kinds of assets that only ``aisecops run`` examines."""


class Kind(StrEnum):
    """What became of a weakness between two runs, the most urgent first."""

    NEW = "new"
    GRAVER = "graver"
    MOVED = "moved"
    MILDER = "milder"
    UNEXAMINED = "unexamined"
    REMOVED = "removed"
    FIXED = "fixed"


class FindingChange(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One weakness that is not as it was.

    ``before`` and ``after`` are it in the earlier and the later run. ``status`` is where it stands in the run that holds it, the later if both do. ``cause``: what
    besides the weakness itself may be why, in words.
    """

    kind: Kind
    before: Finding | None = None
    after: Finding | None = None
    status: Status = Status.OPEN
    cause: str = ""

    @property
    def finding(self) -> Finding:
        """It, as the later run has it if it does."""
        found = self.after or self.before
        assert found is not None
        return found


class Side(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One of the runs."""

    id: str
    started: str
    outcome: Outcome
    policy: str
    version: str
    findings: int
    commit: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``unchanged``: findings that are in both runs as they were; ``caveats``: why the runs compare badly."""

    schema: str
    before: Side
    after: Side
    caveats: tuple[str, ...]
    unchanged: int
    findings: tuple[FindingChange, ...]
    measurements: tuple[ReadingChange, ...]

    def of(self, *kinds: Kind) -> tuple[FindingChange, ...]:
        """The changes of these ``kinds``."""
        return tuple(change for change in self.findings if change.kind in kinds)

    @property
    def worse(self) -> tuple[FindingChange, ...]:
        """What is open and new, or graver than it was: what ``--fail-on-new`` fails on."""
        return tuple(change for change in self.of(Kind.NEW, Kind.GRAVER) if change.status is Status.OPEN)


def compare(before: Run, after: Run) -> Difference:
    """Return what changed from ``before`` to ``after``.

    Occurrences with the same fingerprint are paired: first those in the same member of the same file, then in the same file, then in a file with the same content,
    then any; the last two are *moved*. Lines and offsets do not count.
    """
    pairs, gone, come = _pair(before, after)
    looked, versions = _Scope(before, after), {check.id: check.version for check in before.checks if not check.skipped}
    standing = {status.finding: status.status for status in after.verdict.statuses}
    stood = {status.finding: status.status for status in before.verdict.statuses}
    known = {asset.id: asset.digest for asset in before.assets}
    changes = [change for old, new, moved in pairs if (change := _kept(old, new, moved, standing.get(new.id, Status.OPEN)))]
    changes += [_missing(old, looked, stood.get(old.id, Status.OPEN)) for old in gone]
    changes += [
        FindingChange(kind=Kind.NEW, after=new, status=standing.get(new.id, Status.OPEN), cause=_cause(new, after, versions, known)) for new in come
    ]
    order = {kind: number for number, kind in enumerate(Kind)}
    changes.sort(
        key=lambda change: (
            order[change.kind],
            change.status is not Status.OPEN,
            -change.finding.severity.rank,
            change.finding.check,
            change.finding.id,
        )
    )
    unchanged = sum(not moved and old.severity is new.severity for old, new, moved in pairs)
    return Difference(
        schema=SCHEMA,
        before=_side(before),
        after=_side(after),
        caveats=tuple(_caveats(before, after)),
        unchanged=unchanged,
        findings=tuple(changes),
        measurements=compare_readings(before, after),
    )


def _side(run: Run) -> Side:
    return Side(
        id=run.run.id,
        started=run.run.started,
        outcome=run.verdict.outcome,
        policy=run.verdict.policy,
        version=run.run.tool.version,
        findings=len(run.findings),
        commit=next((root.commit for root in run.run.roots), ""),
    )


def _caveats(before: Run, after: Run) -> Iterator[str]:
    if [root.path for root in before.run.roots] != [root.path for root in after.run.roots]:
        yield "the runs examined different places: paths may not mean the same"
    for name, run in (("earlier", before), ("later", after)):
        if run.run.incomplete:
            yield f"the {name} run was interrupted: what it did not reach is no news"
    if before.run.tool.version != after.run.tool.version:
        yield f"aisecops {before.run.tool.version} made the earlier run and {after.run.tool.version} the later: checks may see more, or less"
    if before.verdict.policy_digest != after.verdict.policy_digest:
        yield "the runs were judged by different policies"
    if before.run.seed != after.run.seed:
        yield "the runs have different seeds"


# ---------------------------------------------------------------- pairing


def _pair(before: Run, after: Run) -> tuple[list[tuple[Finding, Finding, bool]], list[Finding], list[Finding]]:
    """Return the pairs (with whether it moved), what only ``before`` has, and what only ``after`` has."""
    old_at, new_at = Places.of(before.results), Places.of(after.results)
    old_contents = {asset.id: asset.digest for asset in before.assets}
    new_contents = {asset.id: asset.digest for asset in after.assets}
    ways: tuple[tuple[bool, Callable[[Finding], Hashable], Callable[[Finding], Hashable]], ...] = (
        (False, lambda f: (old_at.of_finding(f), _member(f)), lambda f: (new_at.of_finding(f), _member(f))),
        (False, old_at.of_finding, new_at.of_finding),
        (True, lambda f: old_contents.get(f.asset) or None, lambda f: new_contents.get(f.asset) or None),
        (True, lambda _: 0, lambda _: 0),
    )
    gone, come = sorted(before.findings, key=_order), sorted(after.findings, key=_order)
    pairs: list[tuple[Finding, Finding, bool]] = []
    for moved, key_of_old, key_of_new in ways:
        waiting: dict[Hashable, list[Finding]] = {}
        for old in gone:
            if (key := key_of_old(old)) is not None:
                waiting.setdefault((old.fingerprint, key), []).append(old)
        rest = []
        for new in come:
            olds = waiting.get((new.fingerprint, key_of_new(new)))
            if olds:
                pairs.append((olds.pop(0), new, moved))
            else:
                rest.append(new)
        paired = {id(old) for old, _, _ in pairs}
        gone, come = [old for old in gone if id(old) not in paired], rest
    return pairs, gone, come


def _order(finding: Finding) -> tuple[Hashable, ...]:
    place = finding.locations[0] if finding.locations else None
    return (place.path, place.member, place.cell or 0, place.line or 0, place.offset or 0, finding.id) if place else ("", "", 0, 0, 0, finding.id)


def _member(finding: Finding) -> str:
    return next((at.member for at in finding.locations), "")


# ---------------------------------------------------------------- what became of one


def _kept(old: Finding, new: Finding, moved: bool, status: Status) -> FindingChange | None:
    if new.severity is not old.severity:
        kind = Kind.GRAVER if new.severity.rank > old.severity.rank else Kind.MILDER
        return FindingChange(kind=kind, before=old, after=new, status=status, cause=f"{old.severity.value} before, {new.severity.value} now")
    return FindingChange(kind=Kind.MOVED, before=old, after=new, status=status) if moved else None


def _missing(old: Finding, looked: _Scope, status: Status) -> FindingChange:
    why = looked.why_not(old)
    if why:
        return FindingChange(kind=Kind.UNEXAMINED, before=old, status=status, cause=why)
    if old.asset not in looked.assets:
        return FindingChange(kind=Kind.REMOVED, before=old, status=status, cause="what it stood in is no longer found")
    return FindingChange(kind=Kind.FIXED, before=old, status=status)


def _cause(new: Finding, after: Run, versions: dict[str, int], known: dict[str, str]) -> str:
    """Why a finding may be new although nobody brought it in."""
    version = next((check.version for check in after.checks if check.id == new.check), 0)
    digest = next((asset.digest for asset in after.assets if asset.id == new.asset), "")
    if new.check not in versions:
        return "the earlier run did not have this check"
    if versions[new.check] != version:
        return f"the check has changed: version {versions[new.check]} before, {version} now"
    if digest and known.get(new.asset) == digest:
        return "the file is as it was: the surroundings or the settings have changed, or the earlier run could not examine it"
    return ""


class _Scope:
    """What the later run ``run`` looked at.

    The record counts what a rule leaves out by folder. A rule that leaves out more than it did before may have swallowed the place; one that does not has not.
    """

    def __init__(self, before: Run, run: Run) -> None:
        self.assets = {asset.id for asset in run.assets}
        self._interrupted = run.run.incomplete
        self._skipped = {check.id: check.skipped for check in run.checks}
        self._gaps: dict[str, list[tuple[str, str]]] = {}
        for gap in run.not_examined:
            for name in {gap.asset, gap.path} - {""}:
                self._gaps.setdefault(name, []).append((gap.check, gap.reason))
        earlier = {(left.path, left.reason): left.count for left in before.left_out}
        more = (left for left in run.left_out if left.count > earlier.get((left.path, left.reason), 0))
        self._left_out = {left.path.rstrip("/"): left.reason for left in more}

    def why_not(self, old: Finding) -> str:
        """Why the absence of ``old`` says nothing; empty if it does."""
        paths = _paths(old)
        for check, reason in (gap for name in (old.asset, *paths) for gap in self._gaps.get(name, ())):
            if check in ("", old.check):
                return f"not examined: {reason}"
        if old.asset not in self.assets:
            return self._out_of_scope(old, paths)
        if old.check not in self._skipped:
            return "the later run did not have its check"
        return f"its check was left out: {self._skipped[old.check]}" if self._skipped[old.check] else ""

    def _out_of_scope(self, old: Finding, paths: Iterable[str]) -> str:
        """Why an asset that is not in the run may still be there; empty if it is gone."""
        if self._interrupted:
            return "the run was interrupted"
        if old.check.startswith("history/") and old.check not in self._skipped:
            return "the later run did not search the history"
        kind = old.asset.partition(":")[0]
        if kind in _ASKED and not any(asset.partition(":")[0] in _ASKED for asset in self.assets):
            return "the later run asked no model"
        for path in paths:
            for above in (*_above(path), "."):
                if above in self._left_out:
                    return f"left out: {self._left_out[above]}"
                if gap := next((reason for check, reason in self._gaps.get(above, ()) if not check), ""):
                    return f"not examined: {gap}"
        return ""


def _above(path: str) -> Iterator[str]:
    """``path`` and the folders that hold it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _paths(finding: Finding) -> Sequence[str]:
    return tuple(dict.fromkeys((finding.asset.partition(":")[2], *(at.path for at in finding.locations))))


def counted(difference: Difference) -> dict[Kind, int]:
    """How many changes there are of each kind, open or not."""
    counts = Counter(change.kind for change in difference.findings)
    return {kind: counts[kind] for kind in Kind}
