from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.core.examination import NotExamined
from aisecops.core.finding import Finding
from aisecops.core.measurement import Measurement
from aisecops.core.policy import ExaminedRule, FindingsRule, MeasurementRule, Rule, Waiver
from aisecops.core.run import Results
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.verdict import Outcome, Status
from aisecops.gate.baseline import Baseline
from aisecops.gate.judge import INTERRUPTED, policy_digest
from aisecops.gate.policies import load_policy
from tests.gate.records import NOW, finding, gap, measurement, policy, results, rule_of, verdict_on, waiver

HIGH = Rule(id="high", findings=FindingsRule(severity=Severity.HIGH))
SEEN = Rule(id="seen", examined=ExaminedRule())
ROBUST = Rule(id="robust", measurements=MeasurementRule(name="robust-accuracy", at_least=0.5))
BADNESS = {Outcome.PASS: 0, Outcome.INCOMPLETE: 1, Outcome.FAIL: 2}


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ((), Outcome.PASS),
        ((finding(severity="low"),), Outcome.PASS),
        ((gap(),), Outcome.INCOMPLETE),
        ((measurement(value=None),), Outcome.INCOMPLETE),
        ((finding(),), Outcome.FAIL),
        ((finding(), gap()), Outcome.FAIL),
        ((measurement(value=0.1), gap()), Outcome.FAIL),
    ],
)
def test_fail_outweighs_incomplete_outweighs_pass(parts: tuple[Finding | NotExamined | Measurement, ...], outcome: Outcome) -> None:
    assert verdict_on(results(*parts), policy(HIGH, SEEN, ROBUST)).outcome is outcome


def test_the_verdict_names_what_was_judged_and_by_what() -> None:
    what, by = results(finding()), policy(HIGH)
    verdict = verdict_on(what, by)
    assert (verdict.policy, verdict.policy_digest) == ("ours", policy_digest(by))
    assert (verdict.results_digest, verdict.evaluated) == (what.digest(), NOW)
    assert [(s.finding, s.status) for s in verdict.statuses] == [(finding().id, Status.OPEN)]
    assert [rule.id for rule in verdict.rules] == ["high"]


def test_an_interrupted_run_never_passes() -> None:
    verdict = verdict_on(results(), HIGH, interrupted=True)
    assert verdict.outcome is Outcome.INCOMPLETE
    assert rule_of(verdict, INTERRUPTED).reason == "the run was interrupted before everything was examined: run it again"
    assert verdict_on(results(finding()), HIGH, interrupted=True).outcome is Outcome.FAIL


def test_the_policy_digest_depends_on_meaning_alone() -> None:
    assert policy_digest(policy(HIGH)) == policy_digest(policy(Rule(id="high", findings=FindingsRule(severity=Severity.HIGH, allow=0))))
    assert policy_digest(policy(HIGH)) != policy_digest(policy(Rule(id="high", findings=FindingsRule(severity=Severity.HIGH, allow=1))))


PATHS = st.sampled_from(["a.pkl", "b.pkl", "m/a.pkl"])
WHAT = st.sampled_from(["exec", "open"])
FINDINGS = st.lists(
    st.builds(
        finding,
        PATHS,
        WHAT,
        number=st.integers(0, 2),
        member=st.sampled_from(["", "x"]),
        severity=st.sampled_from(list(Severity)),
        confidence=st.sampled_from(list(Confidence)),
        suppressed=st.sampled_from(["", "", "", "reviewed"]),
    ),
    max_size=8,
    unique_by=lambda f: f.id,
)
WAIVERS = st.lists(
    st.builds(
        waiver,
        st.uuids().map(str),
        st.sampled_from(["2026-06-14", "2026-06-15", "2030-01-01"]),
        fingerprint=st.sampled_from(["", finding(what="exec").fingerprint, finding(what="open").fingerprint]),
        asset=st.sampled_from([("a.pkl",), ("**",), ("m/*", "b.pkl")]),
    )
    | st.builds(waiver, st.uuids().map(str), fingerprint=st.just(finding(what="exec").fingerprint)),
    max_size=3,
    unique_by=lambda w: w.id,
)
RULES = st.lists(
    st.builds(
        FindingsRule,
        severity=st.sampled_from(list(Severity)),
        confidence=st.sampled_from(list(Confidence)),
        allow=st.integers(0, 2),
        asset=st.sampled_from([(), ("m/**",)]),
    ),
    min_size=1,
    max_size=3,
).map(lambda rules: policy(*(Rule(id=f"r{number}", findings=rule) for number, rule in enumerate(rules))))
DIGESTS = {"a.pkl": "sha256:1", "m/a.pkl": "sha256:1", "b.pkl": "sha256:2"}


def record(found: list[Finding]) -> Results:
    return results(*found, digests=DIGESTS)


def baseline_of(found: list[Finding]) -> Baseline:
    return Baseline.of(found, record(found))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(FINDINGS, FINDINGS, WAIVERS, FINDINGS, RULES)
def test_another_finding_never_makes_it_better(
    found: list[Finding], more: list[Finding], waivers: list[Waiver], accepted: list[Finding], by: object
) -> None:
    known = {f.id for f in found}
    both = found + [f for f in more if f.id not in known]
    before = verdict_on(record(found), by, waivers=waivers, baseline=baseline_of(accepted))
    after = verdict_on(record(both), by, waivers=waivers, baseline=baseline_of(accepted))
    assert BADNESS[after.outcome] >= BADNESS[before.outcome]
    open_before = {s.finding for s in before.statuses if s.status is Status.OPEN}
    assert open_before <= {s.finding for s in after.statuses if s.status is Status.OPEN}


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(FINDINGS, WAIVERS, FINDINGS, RULES, st.sampled_from([("a.pkl",), ("**",), ("nowhere",)]))
def test_another_valid_waiver_never_makes_it_worse(
    found: list[Finding], waivers: list[Waiver], accepted: list[Finding], by: object, asset: tuple[str, ...]
) -> None:
    before = verdict_on(record(found), by, waivers=waivers, baseline=baseline_of(accepted))
    after = verdict_on(record(found), by, waivers=[*waivers, waiver("one more", asset=asset)], baseline=baseline_of(accepted))
    assert BADNESS[after.outcome] <= BADNESS[before.outcome]


@settings(max_examples=100, deadline=None)
@given(FINDINGS, RULES)
def test_a_fresh_baseline_leaves_nothing_open_and_nothing_else_passes_by_it(found: list[Finding], by: object) -> None:
    verdict = verdict_on(record(found), by, baseline=baseline_of(found))
    assert verdict.outcome is Outcome.PASS
    assert {s.status for s in verdict.statuses} <= {Status.BASELINE, Status.SUPPRESSED}


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.data(), FINDINGS, WAIVERS, FINDINGS, RULES)
def test_the_order_of_findings_waivers_and_entries_does_not_matter(
    data: st.DataObject, found: list[Finding], waivers: list[Waiver], accepted: list[Finding], by: object
) -> None:
    one = verdict_on(record(found), by, waivers=waivers, baseline=baseline_of(accepted))
    two = verdict_on(
        record(data.draw(st.permutations(found))),
        by,
        waivers=data.draw(st.permutations(waivers)),
        baseline=baseline_of(data.draw(st.permutations(accepted))),
    )
    assert (one.outcome, one.waivers) == (two.outcome, two.waivers)
    assert sorted(one.statuses, key=str) == sorted(two.statuses, key=str)
    assert [(rule.id, rule.outcome, sorted(rule.findings)) for rule in one.rules] == [
        (rule.id, rule.outcome, sorted(rule.findings)) for rule in two.rules
    ]


@settings(max_examples=150, deadline=None)
@given(FINDINGS, st.lists(st.builds(gap, PATHS, st.sampled_from(list(gap().code.__class__))), max_size=3))
def test_the_shipped_policies_grow_stricter(found: list[Finding], gaps: list[NotExamined]) -> None:
    badness = [BADNESS[verdict_on(results(*found, *gaps), load_policy(name)).outcome] for name in ("baseline", "standard", "strict")]
    assert badness == sorted(badness)


@settings(max_examples=100, deadline=None)
@given(FINDINGS, WAIVERS, FINDINGS)
def test_a_verdict_survives_its_record(found: list[Finding], waivers: list[Waiver], accepted: list[Finding]) -> None:
    verdict = verdict_on(record(found), HIGH, waivers=waivers, baseline=baseline_of(accepted))
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=type(verdict)) == verdict
