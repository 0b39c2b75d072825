"""The baseline: the findings that stood when somebody said "no worse than this", so that a gate can stop what is new.

The file lies in version control beside the project, one accepted weakness a line, so that a review sees what was accepted and what went.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import msgspec

from aisecops.core.decoding import UNDECODABLE
from aisecops.core.errors import PolicyError
from aisecops.core.finding import Finding
from aisecops.core.run import Results
from aisecops.core.taxonomy import Severity
from aisecops.core.text import count, inert, inert_path
from aisecops.core.verdict import Outcome, RuleOutcome
from aisecops.gate.docket import Places

FILE_NAME = "aisecops.baseline.json"
SCHEMA = "aisecops/baseline-1"
RULE = "baseline"
"""The id under which the verdict tells what the baseline holds. No policy may use it."""


class Accepted(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A weakness that stood ``count`` times in one member of one file. ``digest`` finds the file again under another name; ``title`` is for the reader."""

    path: str
    member: str = ""
    check: str
    severity: Severity
    title: str
    fingerprint: str
    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    digest: str = ""


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is accepted, in the order of paths."""

    schema: str = SCHEMA
    findings: tuple[Accepted, ...] = ()

    @property
    def occurrences(self) -> int:
        """How many findings it holds."""
        return sum(entry.count for entry in self.findings)

    @staticmethod
    def of(findings: Iterable[Finding], results: Results) -> Baseline:
        """Return the baseline that holds exactly ``findings`` (of ``results``)."""
        places, digests = Places.of(results), _digests(results)
        groups: dict[tuple[str, str, str], list[Finding]] = {}
        for finding in findings:
            groups.setdefault((places.of_finding(finding), _member(finding), finding.fingerprint), []).append(finding)
        return Baseline(findings=tuple(_accept(groups[key], *key, digests) for key in sorted(groups)))


def _accept(same: list[Finding], path: str, member: str, fingerprint: str, digests: dict[str, str]) -> Accepted:
    first = min(same, key=lambda finding: finding.id)
    return Accepted(
        path=path,
        member=member,
        check=first.check,
        severity=max((finding.severity for finding in same), key=lambda severity: severity.rank),
        title=first.title,
        fingerprint=fingerprint,
        count=len(same),
        digest=digests.get(first.asset, ""),
    )


def _digests(results: Results) -> dict[str, str]:
    return {asset.id: asset.digest for asset in results.assets}


def _member(finding: Finding) -> str:
    return next((at.member for at in finding.locations), "")


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """What a baseline holds of a run: ``held`` (finding ids), and how many ``occurrences`` it would hold."""

    held: frozenset[str]
    occurrences: int

    def told(self) -> RuleOutcome:
        """Return what the verdict says of it. Entries that are no longer needed are told, and pass: mending something must not fail a build."""
        idle = self.occurrences - len(self.held)
        more = f"; {count(idle, 'accepted occurrence')} not in this run: make the baseline again to let go of what is mended" if idle else ""
        return RuleOutcome(
            id=RULE, outcome=Outcome.PASS, reason=f"the baseline holds {count(len(self.held), 'finding')}{more}", findings=tuple(sorted(self.held))
        )


Key = tuple[str, ...]


def hold(baseline: Baseline, findings: Sequence[Finding], results: Results) -> Cover:
    """Return what ``baseline`` holds of ``findings`` (of ``results``).

    An entry holds as many occurrences as it recorded and no more: first those in the same member of the same file, then those in the same file, whatever has
    become of its content, and last those in a file of another name with the same content. So it follows a renamed file, and a copy beside the original is
    new. What has become more severe than it was when it was accepted is new, too.
    """
    places, digests = Places.of(results), _digests(results)
    ways: tuple[tuple[Callable[[Accepted], Key], Callable[[Finding], Key]], ...] = (
        (
            lambda entry: (entry.fingerprint, entry.path, entry.member),
            lambda finding: (finding.fingerprint, places.of_finding(finding), _member(finding)),
        ),
        (lambda entry: (entry.fingerprint, entry.path), lambda finding: (finding.fingerprint, places.of_finding(finding))),
        (
            lambda entry: (entry.fingerprint, entry.digest) if entry.digest else (),
            lambda finding: (finding.fingerprint, digests.get(finding.asset, "")),
        ),
    )
    known = {entry.fingerprint for entry in baseline.findings}
    waiting = sorted((finding for finding in findings if finding.fingerprint in known), key=lambda finding: finding.id)
    room = [entry.count for entry in baseline.findings]
    held: list[str] = []
    for key_of_entry, key_of_finding in ways:
        entries: dict[Key, list[int]] = {}
        for number, entry in enumerate(baseline.findings):
            entries.setdefault(key_of_entry(entry), []).append(number)
        found = [_take(finding, baseline, entries.get(key_of_finding(finding), ()), room) for finding in waiting]
        held += [finding.id for finding, taken in zip(waiting, found, strict=True) if taken]
        waiting = [finding for finding, taken in zip(waiting, found, strict=True) if not taken]
    return Cover(held=frozenset(held), occurrences=baseline.occurrences)


def _take(finding: Finding, baseline: Baseline, entries: Sequence[int], room: list[int]) -> bool:
    """Take the room of ``finding`` in the first of ``entries`` (numbers) that has any, and say whether there was one."""
    for number in entries:
        if room[number] and baseline.findings[number].severity.at_least(finding.severity):
            room[number] -= 1
            return True
    return False


def save(baseline: Baseline, path: str) -> None:
    """Write ``baseline`` to ``path``, whole or not at all."""
    lines = ",\n".join("  " + str(msgspec.json.format(msgspec.json.encode(entry), indent=0), "utf-8") for entry in baseline.findings)
    listed = f"[\n{lines}\n ]" if lines else "[]"
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as file:
            file.write(f'{{\n "schema": "{baseline.schema}",\n "findings": {listed}\n}}\n')
        os.replace(beside, path)
    except OSError as error:
        raise PolicyError(
            f"the baseline cannot be written: {error.strerror}", where=inert_path(path), fix="choose a place that can be written"
        ) from None


def load(path: str) -> Baseline:
    """Return the baseline that ``path`` holds.

    Raises
    ------
    PolicyError
        If there is none, or it does not say what it should.
    """
    where = inert_path(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise PolicyError(f"the baseline cannot be read: {error.strerror}", where=where, fix="make one with `aisecops baseline`") from None
    if re.search(rb"^<<<<<<< ", data, re.MULTILINE):
        raise PolicyError(
            "the baseline holds an unresolved merge conflict", where=where, fix="resolve it, or make the baseline again with `aisecops baseline`"
        )
    try:
        baseline = msgspec.json.decode(data, type=Baseline)
    except UNDECODABLE as error:
        raise PolicyError(f"this is no baseline: {_placed(str(error))}", where=where, fix="make it again with `aisecops baseline`") from None
    if baseline.schema != SCHEMA:
        fix = f"this version reads {SCHEMA}: make it again with `aisecops baseline`"
        raise PolicyError(f"the baseline has the schema `{inert(baseline.schema)}`", where=where, fix=fix)
    return baseline


def _placed(message: str) -> str:
    """Msgspec's message, with the entry counted as people count."""
    return re.sub(
        r" - at `\$\.findings\[(\d+)\](?:\.(\w+))?`", lambda at: f" (entry {int(at[1]) + 1}{', key ' + at[2] if at[2] else ''})", inert(message)
    )
