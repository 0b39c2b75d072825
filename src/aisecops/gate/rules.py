"""The four kinds of rule, each judged to an outcome with its reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import isfinite

from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.policy import AgeRule, ExaminedRule, FindingsRule, MeasurementRule, Rule
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import count
from aisecops.core.verdict import Outcome, RuleOutcome, Status
from aisecops.gate.docket import Docket, touches
from aisecops.gate.patterns import name_matches, path_matches
from aisecops.gate.wording import examples, figure

_FAILURES = (Code.BAD_INPUT, Code.UNREADABLE, Code.CRASH, Code.TIMEOUT, Code.TOO_LARGE, Code.MISSING_EXTRA)
"""Why a check could not do its work at all; by the other codes it has done a part of it, or had nothing to judge by."""
_CLOCKS = 0.5
"""Days by which clocks of two machines may differ before somebody should look at them."""


def judge_rule(rule: Rule, docket: Docket) -> RuleOutcome:
    """Judge the results in ``docket`` by ``rule``."""
    if rule.findings:
        return _judge_findings(rule.id, rule.findings, docket)
    if rule.measurements:
        return _judge_measurements(rule.id, rule.measurements, docket)
    if rule.examined:
        return _judge_examined(rule.id, rule.examined, docket)
    assert rule.age, "Rule holds exactly one of the four"
    return _judge_age(rule.id, rule.age, docket)


def _judge_findings(id: str, rule: FindingsRule, docket: Docket) -> RuleOutcome:
    hits = [standing for standing in docket.standings if all(is_so for _, is_so in conditions(rule, standing.finding, docket))]
    counted = counts(rule)
    found = [hit.finding for hit in hits if hit.status in counted]
    accepted: Counter[Status] = Counter(hit.status for hit in hits if hit.status not in counted)
    outcome, more = Outcome.PASS, ""
    if len(found) > rule.allow:
        outcome = Outcome.FAIL
        if rule.new_only and not docket.compared:
            outcome, more = Outcome.INCOMPLETE, "; which of them are new cannot be told without a baseline: make one with `aisecops baseline`"
    return RuleOutcome(
        id=id,
        outcome=outcome,
        reason=_findings_reason(rule, found, docket) + _accepted(accepted) + more,
        findings=tuple(finding.id for finding in found),
    )


def counts(rule: FindingsRule) -> frozenset[Status]:
    """Return the standings that count for ``rule``."""
    return frozenset((Status.OPEN, Status.BASELINE)) if rule.new_only is False else frozenset((Status.OPEN,))


def conditions(rule: FindingsRule, finding: Finding, docket: Docket) -> Iterator[tuple[str, bool]]:
    """Yield what ``rule`` asks of a finding, by key, and whether ``finding`` is so: the cheap ones first, for those who stop at the first that is not."""
    yield "severity", finding.severity.at_least(rule.severity)
    yield "confidence", finding.confidence.at_least(rule.confidence)
    yield "threat", not rule.threat or finding.threat in rule.threat
    yield "category", name_matches(rule.category, finding.category)
    yield "check", name_matches(rule.check, finding.check)
    yield "asset", not rule.asset or touches(rule.asset, docket.places.spots(finding))


def _findings_reason(rule: FindingsRule, found: list[Finding], docket: Docket) -> str:
    worst_first = sorted(found, key=lambda finding: (-finding.severity.rank, -finding.confidence.rank))
    told = [f"{finding.title} ({docket.places.of_finding(finding)})" for finding in worst_first]
    noun, where = ("finding", " open or in the baseline") if rule.new_only is False else ("open finding", "")
    if not told:
        return f"no {noun}{_selection(rule)}{where}"
    return f"{count(len(told), noun)}{_selection(rule)}{where}: {examples(told)}; limit {rule.allow}"


def _selection(rule: FindingsRule) -> str:
    """What the rule looks for, in words, with a space before it."""
    words = [f" of severity {rule.severity}{'' if rule.severity is Severity.CRITICAL else ' or worse'}"] if rule.severity is not Severity.INFO else []
    if rule.confidence is not Confidence.LOW:
        words.append(f" with {rule.confidence} confidence{'' if rule.confidence is Confidence.HIGH else ' or better'}")
    for name, wanted in (("threat", rule.threat), ("category", rule.category), ("check", rule.check), ("asset", rule.asset)):
        words += [f" of {name} {' or '.join(wanted)}"] if wanted else []
    return "".join(words)


def _accepted(accepted: Counter[Status]) -> str:
    words = {Status.WAIVED: "waived", Status.BASELINE: "in the baseline", Status.SUPPRESSED: "suppressed in the source"}
    told = [f"{number:,} {words[status]}" for status in words if (number := accepted[status])]
    return f" (accepted: {', '.join(told)})" if told else ""


def _judge_measurements(id: str, rule: MeasurementRule, docket: Docket) -> RuleOutcome:
    measured = measured_by(rule, docket)
    if not measured:
        outcome = Outcome.INCOMPLETE if rule.required else Outcome.PASS
        return RuleOutcome(id=id, outcome=outcome, reason=f"no measurement of {rule.name}{', and this policy requires one' if rule.required else ''}")
    judged = [(judge_measurement(m, rule), m) for m in measured]
    outcome = worst(*(outcome for outcome, _ in judged))
    decisive = [m for each, m in judged if each is outcome]
    return RuleOutcome(
        id=id,
        outcome=outcome,
        reason=f"{examples([_measured(m, rule, docket) for m in decisive])}; limit {_limit(rule)}",
        measurements=tuple(m.id for m in decisive),
    )


def measured_by(rule: MeasurementRule, docket: Docket) -> list[Measurement]:
    """Return the measurements that ``rule`` is about."""
    paths = docket.places.paths
    return [
        m
        for m in docket.results.measurements
        if m.name == rule.name
        and name_matches(rule.subject, m.subject)
        and name_matches(rule.check, m.check)
        and (not rule.asset or any(path_matches(rule.asset, paths.get(asset, "")) for asset in m.assets))
    ]


def worst(*outcomes: Outcome) -> Outcome:
    """``fail`` if anything failed, else ``incomplete`` if anything is, else ``pass``."""
    return next((outcome for outcome in (Outcome.FAIL, Outcome.INCOMPLETE) if outcome in outcomes), Outcome.PASS)


def judge_measurement(measurement: Measurement, rule: MeasurementRule) -> Outcome:
    """Compare the ends of the interval that speak against the system; a number that must not be used never passes."""
    least, most = ends(measurement)
    if measurement.blocked or least is None or most is None:
        return Outcome.INCOMPLETE
    too_low = rule.at_least is not None and least < rule.at_least
    too_high = rule.at_most is not None and most > rule.at_most
    return Outcome.FAIL if too_low or too_high else Outcome.PASS


def ends(measurement: Measurement) -> tuple[float, float] | tuple[None, None]:
    """The least and the most that the quantity may be; the value itself where there is no interval, None where there is no number.

    The limit decides which of them is compared, not ``better``: "at most" is kept only if the upper end keeps it.
    """
    if measurement.value is None:
        return None, None
    numbers = [measurement.value, *(end for end in (measurement.low, measurement.high) if end is not None)]
    return (min(numbers), max(numbers)) if all(map(isfinite, numbers)) else (None, None)


def _measured(m: Measurement, rule: MeasurementRule, docket: Docket) -> str:
    """One measurement in words: what it may be at worst, and how sure that is."""
    of = m.subject or ", ".join(docket.places.paths.get(asset, asset) for asset in m.assets)
    about = f"{m.name} of {of}" if of else m.name
    least, most = ends(m)
    if m.blocked or least is None or most is None:
        return f"{about} cannot be used: {m.blocked or 'it has no value'}"
    unit = "" if m.unit in ("", "1", "fraction", "ratio", "probability") else f" {m.unit}"
    return f"{about} is {_at_worst(least, most, rule)}{unit}{_how_sure(m)}"


def _at_worst(least: float, most: float, rule: MeasurementRule) -> str:
    if rule.at_least is not None and rule.at_most is not None:
        return f"{figure(least, rule.at_least)} to {figure(most, rule.at_most)}"
    if rule.at_least is not None:
        return f"{'' if least == most else 'at least '}{figure(least, rule.at_least)}"
    assert rule.at_most is not None, "Rule refuses to be without a limit"
    return f"{'' if least == most else 'at most '}{figure(most, rule.at_most)}"


def _how_sure(m: Measurement) -> str:
    parts = []
    if m.low is not None and m.high is not None:
        level = f"{m.level * 100:g} % " if m.level is not None else ""
        parts.append(f"{level}interval {m.low:.4g} to {m.high:.4g}")
    if m.n is not None:
        parts.append(f"n={m.n:,}")
    return f" ({', '.join(parts)})" if parts else ""


def _limit(rule: MeasurementRule) -> str:
    limits = [f"{words} {limit:g}" for words, limit in (("at least", rule.at_least), ("at most", rule.at_most)) if limit is not None]
    return " and ".join(limits)


def _judge_examined(id: str, rule: ExaminedRule, docket: Docket) -> RuleOutcome:
    left = [gap for gap in docket.results.not_examined if concerns(rule, gap, docket)]
    what = " among " + " or ".join(f"{kind.replace('-', ' ')}s" for kind in rule.kind) if rule.kind else ""
    what += " of what the manifest names" if rule.declared else ""
    if not left:
        return RuleOutcome(id=id, outcome=Outcome.PASS, reason=f"nothing{what} was left unexamined{_by(rule)}")
    told = examples(list(dict.fromkeys(gap_told(gap, docket) for gap in left)))  # several checks may say the same of one file
    return RuleOutcome(
        id=id,
        outcome=Outcome.INCOMPLETE if len(left) > rule.allow else Outcome.PASS,
        reason=f"{count(len(left), 'part')}{what} left unexamined{_by(rule)}: {told}; limit {rule.allow}",
    )


def _by(rule: ExaminedRule) -> str:
    words = [f" for {' or '.join(rule.code)}"] if rule.code else []
    words += [f" by {' or '.join(rule.check)}"] if rule.check else []
    words += [f" in {' or '.join(rule.asset)}"] if rule.asset else []
    return "".join(words)


def concerns(rule: ExaminedRule, gap: NotExamined, docket: Docket) -> bool:
    """Whether the rule is about ``gap``. Where the record does not know the kind of what could not be opened, it may be any kind, and declared or not."""
    kind = docket.places.kinds.get(gap.asset)
    return (
        (not rule.declared or kind is None or _leaves_nothing(gap, docket))
        and (not rule.kind or kind is None or kind in rule.kind)
        and (not rule.code or gap.code in rule.code)
        and (not gap.check or name_matches(rule.check, gap.check))
        and path_matches(rule.asset, gap.path or docket.places.paths.get(gap.asset, ""))
    )


def _leaves_nothing(gap: NotExamined, docket: Docket) -> bool:
    """Whether ``gap`` is why the run says nothing of an asset that the manifest names: a large file is refused by each check that has come to the broken line."""
    if gap.check:
        return gap.asset in docket.places.silent and gap.code in _FAILURES
    return gap.asset in docket.places.declared and not gap.member


def gap_told(gap: NotExamined, docket: Docket) -> str:
    """What was left unexamined, and why, in words."""
    path = gap.path or docket.places.paths.get(gap.asset, "") or gap.check or "a part of the run"
    return f"{path}{'!' + gap.member if gap.member else ''} ({gap.code}: {gap.reason})"


def _judge_age(id: str, rule: AgeRule, docket: Docket) -> RuleOutcome:
    if docket.age < -_CLOCKS:
        return RuleOutcome(
            id=id, outcome=Outcome.INCOMPLETE, reason=f"the run begins {days(-docket.age)} after this judgement: one of the clocks is wrong"
        )
    old = docket.age > rule.at_most_days
    return RuleOutcome(
        id=id,
        outcome=Outcome.INCOMPLETE if old else Outcome.PASS,
        reason=f"the run is {days(docket.age, rule.at_most_days)} old{': run it again' if old else ''}; limit {days(rule.at_most_days)}",
    )


def days(number: float, beside: float = 0.0) -> str:
    """``3 days``, in few digits, but enough to tell it from the limit ``beside`` it."""
    told = figure(round(max(number, 0.0), 6), beside)
    return f"{told} day{'' if told == '1' else 's'}"
