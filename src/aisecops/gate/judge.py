"""Judge results by a policy: a pure function of what it is given."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from aisecops.core.dates import days_between
from aisecops.core.digest import canonical_json, digest
from aisecops.core.errors import RecordError
from aisecops.core.finding import Finding
from aisecops.core.policy import Policy, Waiver
from aisecops.core.run import Results
from aisecops.core.text import inert
from aisecops.core.verdict import FindingStatus, Outcome, RuleOutcome, Status, Verdict
from aisecops.gate.baseline import Baseline, Cover, hold
from aisecops.gate.docket import Docket, Places, Standing
from aisecops.gate.rules import judge_rule, worst
from aisecops.gate.waivers import Reach, judge_waivers, reaches, uses

INTERRUPTED = "run-finished"
"""The id under which the verdict says that the run was cut short. No policy may use it."""


def judge(
    results: Results,
    policy: Policy,
    *,
    waivers: Sequence[Waiver] = (),
    baseline: Baseline | None = None,
    today: str,
    evaluated: str,
    interrupted: bool = False,
    begun: str = "",
) -> Verdict:
    """Return the verdict on ``results``.

    It fails if a rule fails; else it is incomplete if a rule is; else it passes. Only open findings count: not those that the source suppresses, a waiver
    covers, or the baseline holds (in this order, where several do).

    Parameters
    ----------
    today
        The day to judge expiry by, ``YYYY-MM-DD``. A waiver holds to the end of the day that it names.
    evaluated
        When the judgement is made, as the record writes times.
    interrupted
        Whether the run was cut short: what it did not reach may hold anything, so no policy lets it pass.
    begun
        When the run began, as the record writes times; at the moment of the judgement if empty.

    Raises
    ------
    PolicyError
        If a waiver's expiry is not a day, or two waivers share an id.
    RecordError
        If the policy asks for the age of the run, and ``begun`` is no moment.
    """
    case = prepare(results, waivers=waivers, baseline=baseline, today=today, age=age_of(policy, begun, evaluated))
    docket, reached = case.docket, case.reached
    rules = [judge_rule(rule, docket) for rule in policy.rules]
    rules += [judge_waivers(reached, docket)] if reached else []
    rules += [case.cover.told()] if case.cover else []
    rules += [_cut_short()] if interrupted else []
    return Verdict(
        outcome=worst(*(rule.outcome for rule in rules)),
        policy=policy.name,
        policy_digest=policy_digest(policy),
        evaluated=evaluated,
        results_digest=results.digest(),
        rules=tuple(rules),
        statuses=tuple(FindingStatus(finding=s.finding.id, status=s.status, waiver=s.waiver) for s in docket.standings),
        waivers=uses(reached),
    )


def age_of(policy: Policy, begun: str, evaluated: str) -> float:
    """Return the days from ``begun`` (if it is not empty) to ``evaluated``, where ``policy`` asks for them; else 0.

    Raises
    ------
    RecordError
        ``begun`` is no moment.
    """
    if not begun or not any(rule.age for rule in policy.rules):
        return 0.0
    try:
        return days_between(begun, evaluated)
    except ValueError:
        raise RecordError(f"the record does not say when the run began: `{inert(begun)}` is no moment", fix="run it again") from None


class Case(msgspec.Struct, frozen=True):
    """What is judged: the results with the standing of every finding, what the waivers reach, and what the baseline holds."""

    docket: Docket
    reached: tuple[Reach, ...]
    cover: Cover | None


def prepare(results: Results, *, waivers: Sequence[Waiver] = (), baseline: Baseline | None = None, today: str, age: float = 0.0) -> Case:
    """Return where every finding of ``results`` stands. Parameters and errors are those of ``judge``; ``age`` is that of the run, in days."""
    places = Places.of(results)
    reached = reaches(results.findings, places, waivers, today)
    waived = {finding.id: reach.waiver.id for reach in reversed(reached) for finding in reach.covered}
    cover = hold(baseline, [f for f in results.findings if not f.suppressed and f.id not in waived], results) if baseline else None
    held = cover.held if cover else frozenset()
    standings = tuple(_standing(finding, waived.get(finding.id, ""), finding.id in held) for finding in results.findings)
    return Case(Docket(results, places, standings, compared=baseline is not None, age=age), reached, cover)


def policy_digest(policy: Policy) -> str:
    """The digest of what a policy says: of its canonical JSON with every default written out, however its file is laid out."""
    return digest(canonical_json(policy))


def _standing(finding: Finding, waiver: str, held: bool) -> Standing:
    if finding.suppressed:
        return Standing(finding, Status.SUPPRESSED)
    if waiver:
        return Standing(finding, Status.WAIVED, waiver)
    return Standing(finding, Status.BASELINE if held else Status.OPEN)


def _cut_short() -> RuleOutcome:
    return RuleOutcome(id=INTERRUPTED, outcome=Outcome.INCOMPLETE, reason="the run was interrupted before everything was examined: run it again")
