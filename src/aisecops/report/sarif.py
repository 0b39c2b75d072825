"""SARIF 2.1.0, within what GitHub code scanning takes: for code hosts, editors and defect trackers.

Standard: OASIS SARIF 2.1.0 (errata 01). GitHub refuses a file with more than 25,000 results in a run, 1,000 locations in a result, 10,000 steps in a thread
flow or 20 tags on a rule, and shows the first 5,000 results, 1,000 steps and 10 tags: so results are ranked before anything is cut, and a
notification says what was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from aisecops.core.examination import NotExamined
from aisecops.core.finding import Edit, Finding, FlowStep, Location
from aisecops.core.run import PlannedCheck, Run
from aisecops.core.taxonomy import Reference, Severity
from aisecops.core.verdict import FindingStatus, Status, WaiverUse
from aisecops.report import inert
from aisecops.report.grouping import statuses, weight
from aisecops.report.interface import Lessons, Report
from aisecops.report.lesson import parse
from aisecops.report.places import base as base_of

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "SRCROOT"

_MOST_RESULTS = 25_000
_SHOWN_RESULTS = 5_000
_MOST_LOCATIONS = 1_000
_MOST_STEPS = 1_000
_MOST_TAGS = 10
_MOST_NOTIFICATIONS = 1_000

_LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "note"}
_SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0", Severity.INFO: "0.1"}
"""GitHub's ``security-severity``: above 9.0 critical, from 7.0 high, from 4.0 medium, below low."""


def render(run: Run, lessons: Lessons) -> bytes:
    """Encode ``run`` as one SARIF log with one run; ``lessons`` become the help of the rules."""
    return inert.json_text(msgspec.json.format(msgspec.json.encode(log(run, lessons)), indent=1)) + b"\n"


def log(run: Run, lessons: Lessons) -> dict[str, Any]:
    """Return the SARIF log as plain data."""
    known = statuses(run)
    ranked = sorted(run.findings, key=lambda f: (known[f.id].status is not Status.OPEN if f.id in known else False, *weight(f)))
    kept = ranked[:_MOST_RESULTS]
    rules = _rules(run, kept, lessons)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    occurrences: Counter[tuple[str, str]] = Counter()
    waivers = {waiver.id: waiver for waiver in run.verdict.waivers}
    base = base_of(run)
    results = [_result(finding, base, index[finding.check], known.get(finding.id), waivers, occurrences) for finding in kept]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": run.run.tool.name, "version": run.run.tool.version, "rules": rules}},
                "automationDetails": {"id": "aisecops/scan/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_BASE: {"description": {"text": "The repository, or the folder that was scanned."}}},
                "invocations": [_invocation(run, base, ranked)],
                "results": results,
                "properties": _about(run),
            }
        ],
    }


# ---------------------------------------------------------------- rules


def _rules(run: Run, findings: Sequence[Finding], lessons: Lessons) -> list[dict[str, Any]]:
    """A rule for every check that the run planned, and for any other that a finding names."""
    planned = {check.id: check for check in run.checks}
    worst: dict[str, Finding] = {}
    for finding in findings:
        if finding.check not in worst or weight(finding) < weight(worst[finding.check]):
            worst[finding.check] = finding
    return [_rule(name, planned.get(name), worst.get(name), lessons.get(name, "")) for name in dict.fromkeys([*planned, *worst])]


def _rule(name: str, check: PlannedCheck | None, worst: Finding | None, docstring: str) -> dict[str, Any]:
    title = inert.sarif(check.title if check else name)
    rule: dict[str, Any] = {
        "id": name,
        "name": "".join(word.capitalize() for word in name.replace("/", "-").split("-")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": f"See: aisecops explain {name}"},
        "properties": {"tags": _tags(check, worst)},
    }
    if docstring:
        lesson = parse(docstring)
        rule["fullDescription"] = {"text": inert.sarif(lesson.summary)}
        rule["help"] = {"text": lesson.text(), "markdown": lesson.markdown()}
    if worst is not None:
        rule["defaultConfiguration"] = {"level": _LEVEL[worst.severity]}
        rule["properties"] |= {"precision": worst.confidence.value, "security-severity": _SCORE[worst.severity]}
    return rule


def _tags(check: PlannedCheck | None, worst: Finding | None) -> list[str]:
    refs: Iterable[Reference] = check.refs if check else worst.refs if worst else ()
    threat = check.threat if check else worst.threat if worst else None
    tags = ["security", *([threat.value] if threat else []), *(_tag(ref) for ref in refs)]
    return list(dict.fromkeys(tags))[:_MOST_TAGS]


def _tag(reference: Reference) -> str:
    """GitHub knows ``external/cwe/cwe-502``; the others follow its form."""
    return f"external/{reference.framework}/{reference.id}".lower()


# ---------------------------------------------------------------- results


def _result(
    finding: Finding, base: str, rule: int, status: FindingStatus | None, waivers: dict[str, WaiverUse], occurrences: Counter[tuple[str, str]]
) -> dict[str, Any]:
    path = finding.locations[0].path if finding.locations else ""
    occurrences[finding.fingerprint, path] += 1
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "rank": 20.0 * finding.severity.rank + 10.0 * finding.confidence.rank,
        "message": {"text": _message(finding)},
        "locations": [_location(place, base) for place in finding.locations[:_MOST_LOCATIONS]],
        "partialFingerprints": {
            "aisecops/v1": finding.fingerprint,
            # The one that GitHub compares; it tells apart the same weakness at several places of one file.
            "primaryLocationLineHash": f"{finding.fingerprint}:{occurrences[finding.fingerprint, path]}",
        },
        "properties": {"id": finding.id, "category": finding.category, "severity": finding.severity.value, "confidence": finding.confidence.value},
    }
    if finding.flow:
        result["codeFlows"] = [{"threadFlows": [{"locations": [_step(step, base) for step in finding.flow[:_MOST_STEPS]]}]}]
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [{"description": {"text": inert.sarif(finding.fix.summary)}, "artifactChanges": _changes(finding.fix.edits, base)}]
    if status is not None and status.status is not Status.OPEN:
        result["suppressions"] = [_suppression(finding, status, waivers.get(status.waiver))]
    return result


def _message(finding: Finding) -> str:
    parts = [f"{finding.title}. {finding.message}"]
    if finding.locations and finding.locations[0].member:
        parts.append(f"In {finding.locations[0].member}.")
    if finding.fix is not None:
        parts.append(f"Fix: {finding.fix.summary}")
    return inert.sarif(" ".join(parts))


def _location(place: Location, base: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(base + place.path)}}
    region = _region(place)
    if region:
        location["physicalLocation"]["region"] = region
    if place.member:
        # An offset in a member says nothing about the bytes of the file, so it stands with the member.
        name = inert.terminal(place.member)
        location["logicalLocations"] = [{"name": name, "fullyQualifiedName": f"{inert.terminal(place.path)}!{name}", "kind": "member"}]
        if place.offset is not None:
            location["properties"] = {"memberOffset": place.offset}
    if place.cell is not None:
        location["properties"] = {"cell": place.cell}
    return location


def _region(place: Location) -> dict[str, int]:
    """Lines for text; for a binary file the byte, as the standard has it. A line of a notebook cell is no line of its file."""
    if place.line is not None and place.cell is None:
        lines = {"startLine": place.line, "startColumn": place.column, "endLine": place.end_line}
        return {name: number for name, number in lines.items() if number is not None}
    if place.offset is not None and not place.member:
        return {"byteOffset": place.offset, "byteLength": 1}
    return {}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.encode("utf-8", "backslashreplace"), safe="/"), "uriBaseId": _BASE}


def _step(step: FlowStep, base: str) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(base + step.path), "region": {"startLine": max(step.line, 1)}}
    return {"location": {"physicalLocation": physical, "message": {"text": inert.sarif(step.message)}}}


def _changes(edits: Sequence[Edit], base: str) -> list[dict[str, Any]]:
    by_path: dict[str, list[dict[str, Any]]] = {}
    for edit in edits:
        region = {"startLine": edit.line, "startColumn": edit.column, "endLine": edit.end_line, "endColumn": edit.end_column}
        by_path.setdefault(edit.path, []).append({"deletedRegion": region, "insertedContent": {"text": edit.replacement}})
    return [{"artifactLocation": _artifact(base + path), "replacements": replacements} for path, replacements in by_path.items()]


def _suppression(finding: Finding, status: FindingStatus, waiver: WaiverUse | None) -> dict[str, str]:
    if status.status is Status.SUPPRESSED:
        return {"kind": "inSource", "status": "accepted", "justification": inert.terminal(finding.suppressed) or "suppressed in the source"}
    if status.status is Status.BASELINE:
        return {"kind": "external", "status": "accepted", "justification": "accepted in the baseline"}
    reason = f"{waiver.reason} ({waiver.owner}, until {waiver.expires})" if waiver else f"waiver {status.waiver}"
    return {"kind": "external", "status": "accepted", "justification": inert.terminal(reason)}


# ---------------------------------------------------------------- the run


def _invocation(run: Run, base: str, ranked: Sequence[Finding]) -> dict[str, Any]:
    return {
        "executionSuccessful": not run.run.incomplete,
        "exitCode": run.verdict.outcome.exit_code,
        "arguments": [inert.terminal(word) for word in run.run.command],
        "startTimeUtc": run.run.started,
        "endTimeUtc": run.run.finished,
        "toolExecutionNotifications": [*_cut(ranked), *_gaps(run.not_examined, base)][:_MOST_NOTIFICATIONS],
        "toolConfigurationNotifications": [
            {"level": "note", "descriptor": {"id": "skipped"}, "message": {"text": inert.sarif(f"{check.id} was skipped: {check.skipped}")}}
            for check in run.checks
            if check.skipped
        ],
    }


def _cut(ranked: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    """Say what of the record is not in this file, or will not be shown by GitHub."""
    if len(ranked) > _SHOWN_RESULTS:
        said = f"{len(ranked):,} findings: GitHub shows the {_SHOWN_RESULTS:,} gravest"
        said += f", and the {len(ranked) - _MOST_RESULTS:,} least grave are left out of this file" if len(ranked) > _MOST_RESULTS else ""
        yield _notice("results-cut", f"{said}. `--format json` has all.")
    places = sum(max(len(f.locations) - _MOST_LOCATIONS, 0) for f in ranked[:_MOST_RESULTS])
    steps = sum(max(len(f.flow) - _MOST_STEPS, 0) for f in ranked[:_MOST_RESULTS])
    if places or steps:
        yield _notice("locations-cut", f"{places:,} locations and {steps:,} steps of flows are left out of this file. `--format json` has all.")


def _gaps(not_examined: Iterable[NotExamined], base: str) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str, str], dict[str, None]] = {}
    for gap in not_examined:
        groups.setdefault((gap.code.value, gap.reason, gap.remedy), {})[gap.path] = None
    for (code, reason, remedy), paths in groups.items():
        said = f"Not examined: {reason}." + (f" {remedy}." if remedy else "")
        locations = [_location(Location(path=path), base) for path in list(paths)[:_MOST_LOCATIONS] if path]
        yield _notice(f"not-examined/{code}", said) | ({"locations": locations} if locations else {})


def _notice(name: str, text: str) -> dict[str, Any]:
    return {"level": "warning", "descriptor": {"id": name}, "message": {"text": inert.sarif(text)}}


def _about(run: Run) -> dict[str, Any]:
    roots = [{"path": inert.terminal(root.path)} | ({"commit": root.commit} if root.commit else {}) for root in run.run.roots]
    return {
        "runId": run.run.id,
        "resultsDigest": run.run.results_digest,
        "policy": run.verdict.policy,
        "outcome": run.verdict.outcome.value,
        "roots": roots,
    }


REPORT = Report(name="sarif", media_type="application/sarif+json", render=render, teaches=True)
