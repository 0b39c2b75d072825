from __future__ import annotations

from typing import Any

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.examination import Code
from aisecops.core.measurement import Better
from aisecops.core.policy import ExaminedRule, FindingsRule, MeasurementRule, Rule
from aisecops.core.taxonomy import Confidence, Severity, Threat
from aisecops.core.verdict import Outcome
from tests.gate.records import finding, gap, measurement, results, rule_of, verdict_on


def no_findings(**rule: Any) -> Rule:
    return Rule(id="r", findings=FindingsRule(**rule))


def accuracy(**rule: Any) -> Rule:
    return Rule(id="r", measurements=MeasurementRule(**{"name": "robust-accuracy"} | rule))


def examined(**rule: Any) -> Rule:
    return Rule(id="r", examined=ExaminedRule(**rule))


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        (no_findings(), "fail"),
        (no_findings(severity=Severity.HIGH), "fail"),
        (no_findings(severity=Severity.CRITICAL), "pass"),
        (no_findings(confidence=Confidence.MEDIUM), "fail"),
        (no_findings(confidence=Confidence.HIGH), "pass"),
        (no_findings(threat=(Threat.SUPPLY_CHAIN, Threat.PRIVACY)), "fail"),
        (no_findings(threat=(Threat.PRIVACY,)), "pass"),
        (no_findings(check=("model-file/*",)), "fail"),
        (no_findings(check=("code/*", "model-file/code-execution")), "fail"),
        (no_findings(check=("code/*",)), "pass"),
        (no_findings(category=("code-*",)), "fail"),
        (no_findings(category=("secret",)), "pass"),
        (no_findings(asset=("models/*",)), "fail"),
        (no_findings(asset=("data/**",)), "pass"),
        (no_findings(allow=1), "pass"),
    ],
)
def test_a_finding_counts_when_all_that_the_rule_names_matches(rule: Rule, outcome: str) -> None:
    assert verdict_on(results(finding(severity="high", confidence="medium")), rule).outcome == outcome


def test_a_finding_rule_tells_the_worst_first_and_how_many_more() -> None:
    found = [finding(what=f"weakness {n}", severity="high") for n in range(4)] + [finding(what="the worst", severity="critical")]
    outcome = rule_of(verdict_on(results(*found), no_findings(severity=Severity.HIGH, confidence=Confidence.MEDIUM)), "r")
    assert outcome.reason == (
        "5 open findings of severity high or worse with medium confidence or better: "
        "the worst (models/a.pkl); weakness 0 (models/a.pkl); weakness 1 (models/a.pkl); and 2 more; limit 0"
    )
    assert outcome.findings == tuple(f.id for f in found)


def test_a_finding_rule_that_passes_tells_what_was_accepted() -> None:
    verdict = verdict_on(results(finding(suppressed="reviewed"), finding(what="other", severity="low")), no_findings(severity=Severity.HIGH))
    assert rule_of(verdict, "r").reason == "no open finding of severity high or worse (accepted: 1 suppressed in the source)"


def test_the_selection_is_told_in_full() -> None:
    rule = no_findings(
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        threat=(Threat.PRIVACY,),
        category=("secret",),
        check=("code/*",),
        asset=("src/**", "lib/**"),
    )
    told = rule_of(verdict_on(results(), rule), "r").reason
    assert told == (
        "no open finding of severity critical with high confidence of threat privacy of category secret of check code/* of asset src/** or lib/**"
    )


def test_a_rule_on_assets_looks_at_every_location() -> None:
    from aisecops.core.finding import Location

    spread = finding("hub/model", locations=(Location(path="hub/model/config.json"),), asset="hub-folder:hub/model")
    assert verdict_on(results(spread), no_findings(asset=("**/config.json",))).outcome == "fail"


@pytest.mark.parametrize(
    ("measured", "rule", "outcome"),
    [
        ({"value": 0.6, "low": 0.55, "high": 0.65}, {"at_least": 0.5}, "pass"),
        ({"value": 0.6, "low": 0.45, "high": 0.75}, {"at_least": 0.5}, "fail"),
        ({"value": 0.5}, {"at_least": 0.5}, "pass"),
        ({"value": 0.49}, {"at_least": 0.5}, "fail"),
        ({"value": 0.4, "low": 0.3, "high": 0.6, "better": Better.LOWER}, {"at_most": 0.5}, "fail"),
        ({"value": 0.4, "low": 0.3, "high": 0.5, "better": Better.LOWER}, {"at_most": 0.5}, "pass"),
        ({"value": 0.4, "low": 0.3, "high": 0.6, "better": None}, {"at_least": 0.35}, "fail"),
        # Whatever `better` says, "at most" is kept only by an interval that ends below it.
        ({"value": 0.4, "low": 0.3, "high": 0.6, "better": Better.HIGHER}, {"at_most": 0.5}, "fail"),
        ({"value": 0.4, "low": 0.3, "high": 0.6}, {"at_least": 0.2, "at_most": 0.7}, "pass"),
        ({"value": 0.4, "low": 0.1, "high": 0.6}, {"at_least": 0.2, "at_most": 0.7}, "fail"),
        ({"value": None}, {"at_least": 0.1}, "incomplete"),
        ({"value": None, "low": 0.9, "high": 1.0}, {"at_least": 0.1}, "incomplete"),
        ({"value": float("nan")}, {"at_least": 0.1}, "incomplete"),
        ({"value": 0.9, "low": float("nan")}, {"at_least": 0.1}, "incomplete"),
        ({"value": float("inf")}, {"at_least": 0.1}, "incomplete"),
        ({"value": 0.9, "blocked": "gradients are masked"}, {"at_least": 0.1}, "incomplete"),
        ({"value": 0.1, "blocked": "gradients are masked"}, {"at_least": 0.5}, "incomplete"),
        # An interval that does not hold its own value is broken: the worst of the three numbers counts.
        ({"value": 0.3, "low": 0.6, "high": 0.7}, {"at_least": 0.5}, "fail"),
        ({"value": 0.1, "name": "another"}, {"at_least": 0.5}, "pass"),
        ({"value": 0.1, "name": "another"}, {"at_least": 0.5, "required": True}, "incomplete"),
        ({"value": 0.1}, {"at_least": 0.5, "check": ("other/*",)}, "pass"),
        ({"value": 0.1}, {"at_least": 0.5, "asset": ("other",), "required": True}, "incomplete"),
        ({"value": 0.1}, {"at_least": 0.5, "asset": ("m",), "required": True}, "fail"),
    ],
)
def test_the_unfavourable_end_is_compared(measured: dict[str, Any], rule: dict[str, Any], outcome: str) -> None:
    assert verdict_on(results(measurement(**measured)), accuracy(**rule)).outcome == outcome


@pytest.mark.parametrize(
    ("measured", "rule", "reason"),
    [
        (
            {"value": 0.48, "low": 0.41, "high": 0.55, "level": 0.95, "n": 200},
            {"at_least": 0.5},
            "robust-accuracy of m is at least 0.41 (95 % interval 0.41 to 0.55, n=200); limit at least 0.5",
        ),
        (
            {"value": 0.48, "low": 0.41, "high": 0.55},
            {"at_most": 0.5},
            "robust-accuracy of m is at most 0.55 (interval 0.41 to 0.55); limit at most 0.5",
        ),
        ({"value": 0.48, "subject": "digits model"}, {"at_least": 0.5}, "robust-accuracy of digits model is 0.48; limit at least 0.5"),
        ({"value": 0.49999999}, {"at_least": 0.5}, "robust-accuracy of m is 0.49999999; limit at least 0.5"),
        ({"value": 0.9, "blocked": "masked"}, {"at_least": 0.5}, "robust-accuracy of m cannot be used: masked; limit at least 0.5"),
        ({"value": None}, {"at_least": 0.5}, "robust-accuracy of m cannot be used: it has no value; limit at least 0.5"),
        (
            {"value": 0.5, "low": 0.4, "high": 0.6},
            {"at_least": 0.2, "at_most": 0.55},
            "robust-accuracy of m is 0.4 to 0.6 (interval 0.4 to 0.6); limit at least 0.2 and at most 0.55",
        ),
        ({"value": 1, "name": "other"}, {"at_least": 0.5}, "no measurement of robust-accuracy"),
        ({"value": 1, "name": "other"}, {"at_least": 0.5, "required": True}, "no measurement of robust-accuracy, and this policy requires one"),
    ],
)
def test_a_measurement_rule_says_what_was_measured(measured: dict[str, Any], rule: dict[str, Any], reason: str) -> None:
    assert rule_of(verdict_on(results(measurement(**measured)), accuracy(**rule)), "r").reason == reason


def test_one_failing_measurement_outweighs_an_unusable_one() -> None:
    bad, unusable = measurement(value=0.1, subject="bad"), measurement(value=None, subject="unusable")
    outcome = rule_of(verdict_on(results(unusable, bad, measurement(value=0.9)), accuracy(at_least=0.5)), "r")
    assert outcome.outcome is Outcome.FAIL
    assert outcome.measurements == (bad.id,)


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        (examined(), "incomplete"),
        (examined(kind=(AssetKind.MODEL_FILE,)), "incomplete"),
        (examined(kind=(AssetKind.NOTEBOOK,)), "pass"),
        (examined(code=(Code.TIMEOUT,)), "incomplete"),
        (examined(code=(Code.NO_PARSER,)), "pass"),
        (examined(check=("model-file/*",)), "incomplete"),
        (examined(check=("code/*",)), "pass"),
        (examined(asset=("models/**",)), "incomplete"),
        (examined(asset=("data/**",)), "pass"),
        (examined(allow=1), "pass"),
    ],
)
def test_what_was_left_unexamined_makes_a_run_incomplete(rule: Rule, outcome: str) -> None:
    assert verdict_on(results(gap(check="model-file/code-execution")), rule).outcome == outcome


def test_what_no_check_could_look_at_counts_for_every_check() -> None:
    assert verdict_on(results(gap()), examined(check=("code/*",))).outcome == "incomplete"


def test_what_could_not_be_opened_may_be_of_any_kind() -> None:
    assert verdict_on(results(gap("secret.bin", Code.UNREADABLE, kind=None)), examined(kind=(AssetKind.MODEL_FILE,))).outcome == "incomplete"


def test_an_examined_rule_names_what_was_left_out() -> None:
    verdict = verdict_on(results(gap(member="data.pkl")), examined(kind=(AssetKind.MODEL_FILE,), code=(Code.TIMEOUT, Code.CRASH)))
    assert rule_of(verdict, "r").reason == (
        "1 part among model files left unexamined for timeout or crash: models/a.pkl!data.pkl (timeout: it took too long); limit 0"
    )
    assert rule_of(verdict_on(results(), examined()), "r").reason == "nothing was left unexamined"
