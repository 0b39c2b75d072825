from __future__ import annotations

import pytest

from aisecops.core.errors import PolicyError
from aisecops.core.finding import Finding, Location
from aisecops.core.policy import FindingsRule, Rule, Waiver
from aisecops.core.verdict import Outcome, Status, Verdict
from aisecops.gate.waivers import RULE
from tests.gate.records import finding, results, rule_of, verdict_on, waiver

NONE_OPEN = Rule(id="none-open", findings=FindingsRule())
A, COPY, OTHER = finding("models/a.pkl"), finding("models/copy.pkl"), finding("models/a.pkl", "calls eval")


def judged(found: tuple[Finding, ...], *waivers: Waiver) -> Verdict:
    return verdict_on(results(*found), NONE_OPEN, waivers=waivers)


def open_ones(verdict: Verdict) -> set[str]:
    return {status.finding for status in verdict.statuses if status.status is Status.OPEN}


@pytest.mark.parametrize(
    ("given", "found", "still_open"),
    [
        (waiver(fingerprint=A.fingerprint, asset=("models/a.pkl",)), (A, COPY, OTHER), (COPY, OTHER)),
        (waiver(fingerprint=A.fingerprint, asset=("models/*",)), (A, COPY, OTHER), (OTHER,)),
        (waiver(fingerprint=A.fingerprint), (A, OTHER), (OTHER,)),
        (waiver(fingerprint=A.fingerprint), (A, finding("models/a.pkl", number=1)), ()),
        (waiver(fingerprint=A.fingerprint), (A, COPY), (A, COPY)),
        (waiver(fingerprint=A.fingerprint, asset=("**",)), (A, COPY), ()),
        (waiver(check=("model-file/*",)), (A, COPY, OTHER), ()),
        (waiver(check=("code/*",)), (A,), (A,)),
        (waiver(category=("code-execution",), asset=("models/c*",)), (A, COPY), (A,)),
        (waiver(asset=("models/a.pkl",)), (A, COPY, OTHER), (COPY,)),
        (waiver(fingerprint=A.fingerprint, check=("code/*",)), (A,), (A,)),
        (waiver(fingerprint=A.fingerprint, expires="2026-06-15"), (A,), ()),
        (waiver(fingerprint=A.fingerprint, expires="2026-06-14"), (A,), (A,)),
    ],
)
def test_a_waiver_covers_the_places_that_it_was_made_for(given: Waiver, found: tuple[Finding, ...], still_open: tuple[Finding, ...]) -> None:
    verdict = judged(found, given)
    assert open_ones(verdict) == {f.id for f in still_open}
    assert verdict.outcome == ("fail" if still_open else "pass")


def test_a_finding_that_reaches_into_another_file_is_not_covered_by_one_of_its_places() -> None:
    spread = finding("hub", locations=(Location(path="hub/a.pkl"), Location(path="hub/b.pkl")), asset="hub-folder:hub")
    assert open_ones(judged((spread,), waiver(check=("*",), asset=("hub/a.pkl",)))) == {spread.id}
    assert not open_ones(judged((spread,), waiver(check=("*",), asset=("hub/a.pkl", "hub/b.pkl"))))
    assert not open_ones(judged((spread,), waiver(check=("*",), asset=("hub",))))


def test_a_finding_without_a_location_or_asset_is_in_no_place() -> None:
    nowhere = finding(locations=(), asset="")
    assert open_ones(judged((nowhere,), waiver(check=("*",), asset=("models/*",)))) == {nowhere.id}


def test_an_expired_waiver_opens_its_findings_again_and_fails() -> None:
    verdict = judged((A,), waiver(fingerprint=A.fingerprint, expires="2026-01-31"))
    told = rule_of(verdict, RULE)
    assert told.outcome is Outcome.FAIL
    assert (
        told.reason == "waiver w1 (owner ana, expires 2026-01-31) has expired: 1 finding open again; mend it, or renew the waiver with a new reason"
    )
    assert told.findings == (A.id,)
    assert (verdict.waivers[0].used, verdict.waivers[0].expired) == (0, True)


def test_an_expired_waiver_fails_even_where_no_other_rule_counts_its_finding() -> None:
    from aisecops.core.taxonomy import Severity

    critical = Rule(id="critical", findings=FindingsRule(severity=Severity.CRITICAL))
    assert verdict_on(results(A), critical, waivers=[waiver(fingerprint=A.fingerprint, expires="2026-01-31")]).outcome == "fail"
    assert verdict_on(results(A), critical).outcome == "pass"


@pytest.mark.parametrize(
    ("left_over", "reason"),
    [
        (waiver(fingerprint="0" * 32), "waiver w1 (owner ana, expires 2026-12-31) covers nothing: remove it"),
        (waiver(fingerprint="0" * 32, expires="2020-01-01"), "waiver w1 (owner ana, expires 2020-01-01) has expired and covers nothing: remove it"),
    ],
)
def test_a_waiver_that_covers_nothing_is_told_and_fails_nobody(left_over: Waiver, reason: str) -> None:
    verdict = judged((), left_over)
    assert verdict.outcome == "pass"
    assert rule_of(verdict, RULE).reason == reason
    assert verdict.waivers[0].used == 0


def test_an_expired_waiver_is_harmless_once_renewed_under_another_id() -> None:
    verdict = judged((A,), waiver("old", "2020-01-01", fingerprint=A.fingerprint), waiver("new", fingerprint=A.fingerprint))
    assert verdict.outcome == "pass"
    assert rule_of(verdict, RULE).reason == "waiver old (owner ana, expires 2020-01-01) has expired and covers nothing: remove it"


def test_a_waiver_without_places_says_so_when_the_weakness_spreads() -> None:
    told = rule_of(judged((A, COPY), waiver(fingerprint=A.fingerprint)), RULE)
    assert told.outcome is Outcome.FAIL
    assert told.reason == (
        "waiver w1 (owner ana, expires 2026-12-31) names no `asset`, and what it accepts stands in 2 files now "
        "(models/a.pkl, models/copy.pkl): name those that it is for"
    )


def test_waivers_in_use_are_counted_and_named() -> None:
    verdict = judged((A, OTHER), waiver("w2", asset=("models/*",)), waiver("w1", fingerprint=A.fingerprint))
    assert {status.finding: status.waiver for status in verdict.statuses} == {A.id: "w1", OTHER.id: "w2"}
    assert [(use.id, use.used) for use in verdict.waivers] == [("w1", 1), ("w2", 2)]
    assert rule_of(verdict, RULE).reason == "2 waivers for 2 findings, all in date"


def test_a_suppressed_finding_stays_suppressed_under_a_waiver() -> None:
    verdict = judged((finding(suppressed="reviewed by ana"),), waiver(asset=("**",)))
    assert [(s.status, s.waiver) for s in verdict.statuses] == [(Status.SUPPRESSED, "")]
    assert verdict.waivers[0].used == 1


@pytest.mark.parametrize(
    "expires", ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "never", "", "2026-12-31T00:00", "99999-01-01", "0000-01-01", "२०२६-01-01"]
)
def test_an_expiry_that_is_no_day_is_refused(expires: str) -> None:
    with pytest.raises(PolicyError) as wrong:
        judged((), waiver(check=("*",), expires=expires))
    assert str(wrong.value) == f"waiver `w1`: `expires: {expires}` is not a day; write the last day on which it holds as YYYY-MM-DD"


def test_a_leap_day_is_a_day() -> None:
    assert judged((), waiver(check=("*",), expires="2028-02-29")).outcome == "pass"


def test_two_waivers_with_one_id_are_refused() -> None:
    with pytest.raises(PolicyError, match="two waivers have this id"):
        judged((), waiver(check=("a",)), waiver(check=("b",)))
