"""Why not: how far each rule is from the other outcome, and what would take it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.policy import ExaminedRule, FindingsRule, MeasurementRule, Policy, Rule
from aisecops.core.text import count
from aisecops.core.verdict import Outcome, RuleOutcome, Status
from aisecops.gate.docket import Docket, Standing
from aisecops.gate.rules import concerns, conditions, counts, days, ends, judge_measurement, judge_rule, measured_by
from aisecops.gate.wording import SHOWN, figure


class Margin(msgspec.Struct, frozen=True):
    """How a rule came out, why it is there, and what stands between it and another outcome, in sentences."""

    outcome: RuleOutcome
    why: str
    sentences: tuple[str, ...]


def margins(policy: Policy, docket: Docket) -> tuple[Margin, ...]:
    """Return the margin of every rule of ``policy``, in its order."""
    return tuple(Margin(judge_rule(rule, docket), rule.why, tuple(_sentences(rule, docket))) for rule in policy.rules)


def _sentences(rule: Rule, docket: Docket) -> Iterator[str]:
    if rule.findings:
        yield from _of_findings(rule.findings, docket)
    elif rule.measurements:
        yield from _of_measurements(rule.measurements, docket)
    elif rule.examined:
        yield from _of_examined(rule.examined, docket)
    elif rule.age:
        left = rule.age.at_most_days - docket.age
        yield f"it is too old in {days(left)}" if left >= 0 else f"it is {days(-left)} too old"


def _of_findings(rule: FindingsRule, docket: Docket) -> Iterator[str]:
    counted, accepted, near = counts(rule), Counter[Status](), list[tuple[Standing, str]]()
    found = 0
    for standing in docket.standings:
        missed = [key for key, is_so in conditions(rule, standing.finding, docket) if not is_so]
        if standing.status in counted:
            found += not missed
            near += [(standing, missed[0])] if len(missed) == 1 else []
        elif not missed:
            accepted[standing.status] += 1
    if found > rule.allow:
        yield f"{count(found - rule.allow, 'finding')} too many: mend, or accept with a reason, as many"
    else:
        yield (
            f"{count(rule.allow - found + 1, 'finding')} more like these would fail it"
            if found
            else f"{count(rule.allow + 1, 'such finding')} would fail it"
        )
        if found + accepted.total() > rule.allow:
            told = ", ".join(f"{number:,} {status.value}" for status, number in sorted(accepted.items()))
            yield f"it passes because of what is accepted ({told}): without that it would fail"
    near.sort(key=lambda pair: (-pair[0].finding.severity.rank, -pair[0].finding.confidence.rank))
    for standing, key in near[:SHOWN]:
        yield f"near: {standing.finding.title} ({docket.places.of_finding(standing.finding)}), but for its {key}: {_is(standing.finding, key, docket)}"
    if len(near) > SHOWN:
        yield f"and {len(near) - SHOWN:,} more that miss one condition"


def _is(finding: Finding, key: str, docket: Docket) -> str:
    return docket.places.of_finding(finding) if key == "asset" else str(getattr(finding, key))


def _of_measurements(rule: MeasurementRule, docket: Docket) -> Iterator[str]:
    measured = measured_by(rule, docket)
    if not measured:
        yield f"no {rule.name} was measured, so nothing has been shown: `required: true` would make that incomplete"
    distances = [(distance, m) for m in measured if (distance := _distance(rule, m)) is not None]
    for distance, m in sorted(distances, key=lambda pair: pair[0])[:SHOWN]:
        about = f"{m.name} of {m.subject}" if m.subject else m.name
        if distance >= 0:
            yield f"{about} keeps its limit with {figure(distance, 0)} to spare"
        else:
            yield f"{about} misses its limit by {figure(-distance, 0)}{_by_doubt(rule, m)}"
    unusable = len(measured) - len(distances)
    if unusable:
        yield f"{count(unusable, 'measurement')} cannot be used: until {'it' if unusable == 1 else 'each'} can, the rule does not pass"


def _distance(rule: MeasurementRule, m: Measurement) -> float | None:
    """How far the unfavourable end is on the right side of the nearer limit; below 0 on the wrong one; None without a number that may be used."""
    least, most = ends(m)
    if m.blocked or least is None or most is None:
        return None
    sides = [least - rule.at_least] if rule.at_least is not None else []
    sides += [rule.at_most - most] if rule.at_most is not None else []
    return min(sides)


def _by_doubt(rule: MeasurementRule, m: Measurement) -> str:
    """Where the estimate itself would do, more samples may help."""
    alone = msgspec.structs.replace(m, low=None, high=None)
    doubtful = m.low is not None and judge_measurement(alone, rule) is Outcome.PASS
    return f"; the estimate itself ({m.value:.4g}) would keep it: more samples may show it" if doubtful else ""


def _of_examined(rule: ExaminedRule, docket: Docket) -> Iterator[str]:
    left = [gap for gap in docket.results.not_examined if concerns(rule, gap, docket)]
    if len(left) > rule.allow:
        yield f"{count(len(left) - rule.allow, 'part')} too many left unexamined"
        for remedy, number in Counter(gap.remedy for gap in left if gap.remedy).most_common(SHOWN):
            yield f"for {number:,}: {remedy}"
    else:
        yield f"{count(rule.allow - len(left) + 1, 'more part' if left else 'part')} left unexamined would make it incomplete"
    elsewhere = Counter(gap.code.value for gap in docket.results.not_examined if not concerns(rule, gap, docket))
    if elsewhere:
        yield f"not asked about: {', '.join(f'{number:,} {code}' for code, number in elsewhere.most_common())}"
