"""JUnit XML: for CI servers that know test reports (Jenkins, GitLab, Azure Pipelines, Buildkite, ...).

There is no official schema; this keeps to the strictest that is in wide use, Jenkins' ``junit-10.xsd``. A suite for the policy has a case for each rule, and a
suite for each check a case for each finding. A case fails exactly where the gate fails it, so that the picture on the CI server agrees with the exit code: what is
open and tolerated by the policy, or settled by a waiver, is *skipped* with the reason; what could not be examined is an *error* where a rule of the policy asked for
more, and skipped else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding
from aisecops.core.run import PlannedCheck, Run
from aisecops.core.verdict import FindingStatus, Outcome, RuleOutcome, Status
from aisecops.report import inert
from aisecops.report.grouping import statuses, weight
from aisecops.report.interface import Lessons, Report
from aisecops.report.places import base as base_of
from aisecops.report.places import first, spoken

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CLASS = "aisecops"
_PLACES = 50


class _Case(msgspec.Struct, frozen=True):
    """A test case. ``kind`` is the element that says how it came out, empty for a pass; ``type``, ``message`` and ``text`` are what that element says."""

    name: str
    group: str
    kind: str = ""
    type: str = ""
    message: str = ""
    text: str = ""


def render(run: Run, lessons: Lessons | None = None) -> bytes:  # noqa: ARG001 what a check teaches is shown by `aisecops explain`
    """Encode ``run`` as one XML document."""
    from xml.etree.ElementTree import Element, indent, tostring

    suites = [suite for suite in (_policy(run), *_checks(run), _gaps(run)) if suite[1]]
    root = Element("testsuites", {"name": "aisecops"} | _totals([case for _, cases in suites for case in cases], skipped=False))
    for name, cases in suites:
        root.append(_suite(run, name, cases))
    indent(root, " ")
    # Not `##vso[`: some servers print the file into a log that obeys it.
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + document.replace(b"##", b"#&#35;") + b"\n"


# ---------------------------------------------------------------- the suites


def _policy(run: Run) -> tuple[str, list[_Case]]:
    return f"policy {run.verdict.policy}".rstrip(), [_rule(rule) for rule in run.verdict.rules]


def _rule(rule: RuleOutcome) -> _Case:
    kind = {Outcome.PASS: "", Outcome.FAIL: "failure", Outcome.INCOMPLETE: "error"}[rule.outcome]
    return _Case(rule.id, "policy", kind, rule.outcome.value if kind else "", rule.reason if kind else "")


def _checks(run: Run) -> Iterator[tuple[str, list[_Case]]]:
    """A suite for each check that the run planned, and for any other that a finding names; one that found nothing has one case, which passes."""
    known, failed, base = statuses(run), _failed(run.verdict.rules), base_of(run)
    by_check: dict[str, list[Finding]] = {}
    for finding in sorted(run.findings, key=weight):
        by_check.setdefault(finding.check, []).append(finding)
    planned = {check.id: check for check in run.checks}
    for name in dict.fromkeys([*planned, *by_check]):
        found = by_check.get(name, ())
        yield name, [_finding(finding, known.get(finding.id), failed, base) for finding in found] or [_quiet(planned[name], run)]


def _failed(rules: Sequence[RuleOutcome]) -> dict[str, str]:
    """Finding id to the first failing rule that names it."""
    found: dict[str, str] = {}
    for rule in rules:
        for finding in rule.findings if rule.outcome is Outcome.FAIL else ():
            found.setdefault(finding, rule.id)
    return found


def _finding(finding: Finding, status: FindingStatus | None, failed: dict[str, str], base: str) -> _Case:
    name = f"{finding.title} [{base}{spoken(first(finding))}]"
    if finding.id in failed:
        return _Case(name, finding.check, "failure", finding.severity.value, finding.message, _told(finding, failed[finding.id], base))
    if status is None or status.status is Status.OPEN:
        why = f"open ({finding.severity.value}), and the policy does not fail on it: {finding.message}"
    else:
        why = {Status.WAIVED: f"waived: {status.waiver}", Status.BASELINE: "accepted in the baseline"}.get(
            status.status, f"suppressed in the source: {finding.suppressed}"
        )
    return _Case(name, finding.check, "skipped", finding.severity.value, why)


def _told(finding: Finding, rule: str, base: str) -> str:
    """What stands below the message of a failure, a line each."""
    lines = [f"severity {finding.severity.value}, confidence {finding.confidence.value}, rule {rule}"]
    lines += [f"where  {base}{spoken(place)}" for place in finding.locations[:_PLACES]]
    lines += [f"and {len(finding.locations) - _PLACES:,} more places"] if len(finding.locations) > _PLACES else []
    lines += [f"via    {base}{step.path}:{step.line}  {step.message}" for step in finding.flow[:_PLACES]]
    lines += [f"fix    {finding.fix.summary}"] if finding.fix else []
    lines += [f"learn  aisecops explain {finding.check}", f"id     {finding.id}, fingerprint {finding.fingerprint}"]
    return "\n".join(inert.terminal(line) for line in lines)


def _quiet(check: PlannedCheck, run: Run) -> _Case:
    """A check without findings passes where it looked at something and no gap is its own."""
    if check.skipped:
        return _Case(check.title, check.id, "skipped", "skipped", check.skipped)
    gaps = [gap for gap in run.not_examined if gap.check == check.id]
    if gaps:
        return _Case(
            check.title,
            check.id,
            "skipped",
            gaps[0].code.value,
            f"found nothing, and could not examine {len(gaps):,} of what it was to: {gaps[0].reason}",
        )
    return _Case(f"{check.title} ({check.planned:,} examined)", check.id)


def _gaps(run: Run) -> tuple[str, list[_Case]]:
    """What nobody examined, each place once for each reason."""
    demanded = any(rule.outcome is Outcome.INCOMPLETE for rule in run.verdict.rules)
    groups: dict[tuple[str, str, str], NotExamined] = {}
    for gap in run.not_examined:
        groups.setdefault((gap.path or gap.asset, gap.member, gap.reason), gap)
    kind, base = "error" if demanded else "skipped", base_of(run)
    return "not examined", [_gap(gap, kind, base) for gap in groups.values()]


def _gap(gap: NotExamined, kind: str, base: str) -> _Case:
    name = (base + gap.path if gap.path else gap.asset) + (f"!{gap.member}" if gap.member else "")
    return _Case(name or gap.check or gap.code.value, "not-examined", kind, gap.code.value, gap.reason + (f"; {gap.remedy}" if gap.remedy else ""))


# ---------------------------------------------------------------- as XML


def _suite(run: Run, name: str, cases: Sequence[_Case]) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    suite = Element("testsuite", {"name": _clean(name), "timestamp": _clean(run.run.started)} | _totals(cases))
    for case in cases:
        one = SubElement(suite, "testcase", name=_clean(case.name), classname=_clean(f"{_CLASS}.{case.group.replace('/', '.')}"))
        if case.kind:
            said = SubElement(one, case.kind, type=_clean(case.type), message=_clean(case.message))
            said.text = case.text or None
    return suite


def _totals(cases: Iterable[_Case], *, skipped: bool = True) -> dict[str, str]:
    kinds = [case.kind for case in cases]
    counts = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error")} | (
        {"skipped": kinds.count("skipped")} if skipped else {}
    )
    return {name: str(number) for name, number in counts.items()}


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold even as an escape: controls, lone surrogates, noncharacters are visible escapes already."""
    return inert.terminal(text)


REPORT = Report(name="junit", media_type="application/xml", render=render)
