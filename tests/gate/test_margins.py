"""Why not: what stands between a rule and its other outcome; and rules about what is new."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.errors import RecordError
from aisecops.core.examination import Code
from aisecops.core.policy import AgeRule, ExaminedRule, FindingsRule, MeasurementRule, Rule
from aisecops.core.run import Run
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.verdict import Outcome
from aisecops.gate.baseline import Baseline
from aisecops.gate.judge import prepare
from aisecops.gate.margins import margins
from aisecops.workflows.gate import explained, gate
from tests.gate.records import TODAY, finding, gap, measurement, policy, results, rule_of, run_of, verdict_on, waiver

HIGH = Rule(id="r", why="because", findings=FindingsRule(severity=Severity.HIGH, confidence=Confidence.MEDIUM))


def told(rule: Rule, *parts: Any, **more: Any) -> str:
    (margin,) = margins(policy(rule), prepare(results(*parts), today=TODAY, **more).docket)
    assert margin.outcome == rule_of(verdict_on(results(*parts), rule, **more), "r")
    assert margin.why == rule.why
    return "\n".join(margin.sentences)


def findings(**more: Any) -> Rule:
    return Rule(id="r", findings=FindingsRule(**more))


def test_nothing_found_says_what_would_fail_it() -> None:
    assert told(HIGH) == "1 such finding would fail it"
    assert told(findings(allow=2)) == "3 such findings would fail it"


def test_room_that_is_left_and_what_is_too_much() -> None:
    two = [finding(number=n) for n in range(2)]
    assert told(findings(allow=3), *two) == "2 findings more like these would fail it"
    assert told(findings(), *two) == "2 findings too many: mend, or accept with a reason, as many"


@pytest.mark.parametrize(
    ("near", "words"),
    [
        (finding(severity="medium"), "calls posix.system (models/a.pkl), but for its severity: medium"),
        (finding(confidence="low"), "calls posix.system (models/a.pkl), but for its confidence: low"),
    ],
)
def test_what_misses_one_condition_is_near(near: Any, words: str) -> None:
    assert told(HIGH, near) == f"1 such finding would fail it\nnear: {words}"


def test_what_misses_two_conditions_is_not_near() -> None:
    assert "near" not in told(HIGH, finding(severity="low", confidence="low"))


def test_of_many_near_ones_the_gravest_are_told() -> None:
    text = told(HIGH, *(finding(what=f"f{n}", severity="medium" if n else "low") for n in range(5)))
    assert text.count("near: ") == 3
    assert "f0" not in text
    assert "and 2 more that miss one condition" in text


def test_what_passes_by_acceptance_alone_says_so() -> None:
    parts = [finding()]
    accepted = told(HIGH, *parts, baseline=Baseline.of(parts, results(*parts)))
    assert "it passes because of what is accepted (1 baseline): without that it would fail" in accepted
    assert "(1 waived)" in told(HIGH, *parts, waivers=[waiver(fingerprint=parts[0].fingerprint)])


ROBUST = Rule(id="r", measurements=MeasurementRule(name="robust-accuracy", at_least=0.5))


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ({"value": 0.7, "low": 0.62, "high": 0.75}, "robust-accuracy keeps its limit with 0.12 to spare"),
        ({"value": 0.45, "low": 0.25, "high": 0.48}, "robust-accuracy misses its limit by 0.25"),
        ({"value": 0.55, "low": 0.25, "high": 0.8}, "misses its limit by 0.25; the estimate itself (0.55) would keep it: more samples may show it"),
        ({"value": 0.5}, "robust-accuracy keeps its limit with 0 to spare"),
        ({"value": 0.9, "blocked": "too few rows"}, "1 measurement cannot be used: until it can, the rule does not pass"),
        ({"value": None}, "1 measurement cannot be used"),
        ({"value": 0.75, "subject": "linf <= 0.05"}, "robust-accuracy of linf <= 0.05 keeps its limit with 0.25 to spare"),
    ],
)
def test_a_measurement_says_how_far_its_unfavourable_end_is(measured: dict[str, Any], words: str) -> None:
    assert words in told(ROBUST, measurement(**measured))


def test_the_nearer_of_two_limits_counts_and_the_tightest_measurement_comes_first() -> None:
    both = Rule(id="r", measurements=MeasurementRule(name="robust-accuracy", at_least=0.25, at_most=0.875))
    text = told(both, measurement(value=0.5, subject="a"), measurement(value=0.75, subject="b"))
    assert text.splitlines() == [
        "robust-accuracy of b keeps its limit with 0.125 to spare",
        "robust-accuracy of a keeps its limit with 0.25 to spare",
    ]


def test_a_measurement_that_nobody_made_shows_nothing() -> None:
    assert "nothing has been shown" in told(ROBUST)


def test_what_was_left_unexamined() -> None:
    rule = Rule(id="r", examined=ExaminedRule(kind=(AssetKind.MODEL_FILE,), allow=1))
    other = gap("n.ipynb", Code.NO_PARSER, AssetKind.NOTEBOOK)
    assert told(rule, other) == "2 parts left unexamined would make it incomplete\nnot asked about: 1 no-parser"
    assert told(rule, gap()) == "1 more part left unexamined would make it incomplete"
    assert "1 part too many left unexamined\nfor 2: give it time" in told(rule, *(gap(f"{n}.pkl", remedy="give it time") for n in range(2)))


# ---------------------------------------------------------------- what is new


OLD, NEW = finding("old.pkl"), finding("new.pkl")
BOTH = results(OLD, NEW)
HELD = Baseline.of([OLD], results(OLD))


@pytest.mark.parametrize(
    ("new_only", "what", "baseline", "outcome"),
    [
        (None, BOTH, None, Outcome.FAIL),
        (None, results(OLD), HELD, Outcome.PASS),
        (True, results(OLD), HELD, Outcome.PASS),
        (True, BOTH, HELD, Outcome.FAIL),
        (True, BOTH, None, Outcome.INCOMPLETE),
        (True, results(), None, Outcome.PASS),
        (True, BOTH, Baseline(), Outcome.FAIL),
        (False, results(OLD), HELD, Outcome.FAIL),
        (False, results(OLD), None, Outcome.FAIL),
        (False, results(), HELD, Outcome.PASS),
    ],
)
def test_what_a_rule_about_new_findings_counts(new_only: bool | None, what: Any, baseline: Baseline | None, outcome: Outcome) -> None:
    judged = rule_of(verdict_on(what, findings(new_only=new_only), baseline=baseline), "r")
    assert judged.outcome is outcome
    assert ("make one with `aisecops baseline`" in judged.reason) is (outcome is Outcome.INCOMPLETE)


def test_what_was_waived_or_suppressed_does_not_count_even_where_the_baseline_does_not_help() -> None:
    rule = findings(new_only=False)
    assert verdict_on(results(OLD), rule, waivers=[waiver(fingerprint=OLD.fingerprint)]).outcome is Outcome.PASS
    assert verdict_on(results(finding(suppressed="ours")), rule).outcome is Outcome.PASS


def test_the_words_say_that_the_baseline_does_not_help() -> None:
    reason = rule_of(verdict_on(results(OLD), findings(severity=Severity.HIGH, new_only=False), baseline=HELD), "r").reason
    assert reason == "1 finding of severity high or worse open or in the baseline: calls posix.system (old.pkl); limit 0"


# ---------------------------------------------------------------- the age of evidence


MONTH = Rule(id="r", age=AgeRule(at_most_days=30))


@pytest.mark.parametrize(
    ("begun", "outcome", "reason"),
    [
        ("", Outcome.PASS, "the run is 0 days old; limit 30 days"),
        ("2026-06-14T12:00:00Z", Outcome.PASS, "the run is 1 day old; limit 30 days"),
        ("2026-05-16T12:00:00.000Z", Outcome.PASS, "the run is 30 days old; limit 30 days"),
        ("2026-05-16T11:59:59.000Z", Outcome.INCOMPLETE, "the run is 30.000012 days old: run it again; limit 30 days"),
        ("2025-06-15T12:00:00Z", Outcome.INCOMPLETE, "the run is 365 days old: run it again; limit 30 days"),
        ("2026-06-15T13:00:00Z", Outcome.PASS, "the run is 0 days old; limit 30 days"),
        ("2026-06-18T12:00:00Z", Outcome.INCOMPLETE, "the run begins 3 days after this judgement: one of the clocks is wrong"),
    ],
)
def test_evidence_grows_old(begun: str, outcome: Outcome, reason: str) -> None:
    judged = rule_of(verdict_on(results(), MONTH, begun=begun), "r")
    assert (judged.outcome, judged.reason) == (outcome, reason)


@pytest.mark.parametrize(("age", "words"), [(10.0, "it is too old in 20 days"), (31.0, "it is 1 day too old")])
def test_how_long_evidence_will_do(age: float, words: str) -> None:
    (margin,) = margins(policy(MONTH), prepare(results(), today=TODAY, age=age).docket)
    assert margin.sentences == (words,)


def test_a_record_that_does_not_say_when_it_was_made_is_refused_only_where_it_matters() -> None:
    assert verdict_on(results(), findings(), begun="long ago").outcome is Outcome.PASS
    with pytest.raises(RecordError, match="`long ago` is no moment"):
        verdict_on(results(), MONTH, begun="long ago")


def test_a_stored_run_is_judged_by_its_age() -> None:
    run = run_of(results(), verdict_on(results(), MONTH))
    noon, day = 1_781_524_800.0, 86_400
    assert [judge_again(run, now=noon + n * day) for n in (0, 29, 31)] == [Outcome.PASS, Outcome.PASS, Outcome.INCOMPLETE]


def judge_again(run: Run, now: float) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.yaml")
        with open(path, "w") as file:
            file.write("schema: aisecops/policy-1\nname: p\ntitle: P\nrules: [{id: fresh, age: {at-most-days: 30}}]\n")
        assert explained(run, path, now=now)[0].outcome.outcome is gate(run, path, now=now).verdict.outcome
        return gate(run, path, now=now).verdict.outcome
