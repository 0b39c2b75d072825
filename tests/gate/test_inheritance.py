"""Policies that extend others: what is inherited, replaced, left out and narrowed; and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisecops.core.errors import PolicyError
from aisecops.core.verdict import Outcome
from aisecops.gate.judge import policy_digest
from aisecops.gate.policies import load_policy, parse_policy
from tests.gate.records import finding, results, verdict_on

HEAD = "schema: aisecops/policy-1\nname: ours\ntitle: Ours\n"


def ids(text: str) -> list[str]:
    return [rule.id for rule in parse_policy(HEAD + text, source="ours.yaml").rules]


def test_rules_are_inherited_replaced_in_place_added_and_left_out() -> None:
    standard = [rule.id for rule in load_policy("standard").rules]
    assert ids("extends: standard\n") == standard
    assert ids("extends: standard\nrules:\n  - {id: ours, findings: {}}\n  - {id: no-high, findings: {allow: 9}}\n") == [*standard, "ours"]
    assert ids("extends: standard\nwithout: [no-high]\n") == [name for name in standard if name != "no-high"]


def test_a_rule_of_the_same_id_replaces_the_whole_rule() -> None:
    policy = parse_policy(HEAD + "extends: standard\nrules:\n  - {id: no-critical, findings: {severity: critical, allow: 1}}\n", source="p")
    one, two = (results(*(finding(severity="critical", number=n) for n in range(many))) for many in (1, 2))
    assert [next(r.outcome for r in verdict_on(what, policy).rules if r.id == "no-critical") for what in (one, two)] == [Outcome.PASS, Outcome.FAIL]


def test_how_rules_were_put_together_does_not_matter_to_the_digest() -> None:
    written = "rules:\n  - {id: a, findings: {severity: high}}\n  - {id: b, findings: {}}\n"
    alone = parse_policy(HEAD + written, source="p")
    without = parse_policy(
        HEAD + "extends: standard\nwithout: [no-critical, no-high, model-files-examined, declared-examined]\n" + written, source="p"
    )
    assert without == alone
    assert policy_digest(without) == policy_digest(alone)


def test_a_file_is_meant_relative_to_the_file_that_extends_it(tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "base.yaml").write_text(HEAD.replace("ours", "base") + "extends: baseline\nrules:\n  - {id: org, findings: {}}\n")
    (tmp_path / "team.yaml").write_text(HEAD + "extends: org/base.yaml\nrules:\n  - {id: team, findings: {}}\n")
    rules = [rule.id for rule in load_policy(str(tmp_path / "team.yaml")).rules]
    assert rules == [*(rule.id for rule in load_policy("baseline").rules), "org", "team"]


PART = "extends: baseline\nparts:\n  - {id: production, asset: ['prod/**'], extends: strict}\n"


@pytest.mark.parametrize(("path", "outcome"), [("prod/a.pkl", Outcome.FAIL), ("lab/a.pkl", Outcome.PASS)])
def test_a_part_of_the_project_has_a_policy_of_its_own(path: str, outcome: Outcome) -> None:
    policy = parse_policy(HEAD + PART, source="p")
    verdict = verdict_on(results(finding(path, severity="medium")), policy)
    assert verdict.outcome is outcome
    assert [rule.id for rule in verdict.rules if rule.outcome is Outcome.FAIL] == (
        ["production-no-medium-or-worse"] if outcome is Outcome.FAIL else []
    )


WRONG = {
    "extends: stricter\n": "no policy `stricter`",
    "extends: ./nothing.yaml\n": "cannot be read",
    "extends: standard\nwithout: [no-low]\n": "no inherited rule: `no-low`",
    "without: [no-high]\nrules:\n  - {id: a, findings: {}}\n": "nothing is inherited",
    "extends: standard\nwithout: [no-critical, no-high, model-files-examined, declared-examined]\n": "without rules",
    "rules: []\n": "without rules",
    "rules:\n  - {id: a, findings: {}}\n  - {id: a, findings: {}}\n": "two rules have this id",
    "extends: baseline\nparts:\n  - {id: p, asset: [], extends: strict}\n": "without `asset`",
    "extends: baseline\nparts:\n  - {id: p, asset: [a], extends: strict}\n  - {id: p, asset: [b], extends: strict}\n": "two rules have the id",
    "extends: baseline\nparts:\n  - {id: P!, asset: [a], extends: strict}\n": "small letters",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_makes_no_sense_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(PolicyError, match=WRONG[text]) as refusal:
        parse_policy(HEAD + text, source="ours.yaml")
    assert refusal.value.fix


def test_a_part_cannot_narrow_a_rule_that_names_its_own_paths(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(HEAD + "rules:\n  - {id: a, findings: {asset: ['x/**']}}\n")
    (tmp_path / "ours.yaml").write_text(HEAD + "extends: baseline\nparts:\n  - {id: p, asset: [y], extends: other.yaml}\n")
    with pytest.raises(PolicyError, match="names its own `asset`"):
        load_policy(str(tmp_path / "ours.yaml"))


def test_a_circle_is_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.yaml").write_text(HEAD + f"extends: ./{other}.yaml\n")
    with pytest.raises(PolicyError, match="in a circle"):
        load_policy(str(tmp_path / "a.yaml"))


def test_a_tower_is_refused(tmp_path: Path) -> None:
    for number in range(12):
        above = f"./{number + 1}.yaml" if number < 11 else "standard"
        (tmp_path / f"{number}.yaml").write_text(HEAD + f"extends: {above}\n")
    assert load_policy(str(tmp_path / "4.yaml")).rules == load_policy("standard").rules
    with pytest.raises(PolicyError, match="too deep"):
        load_policy(str(tmp_path / "0.yaml"))


def test_who_is_extended_is_told_with_who_extends_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "extends: ./b.yaml\n")
    with pytest.raises(PolicyError, match=r"b\.yaml \(extended by .*a\.yaml\)"):
        load_policy(str(tmp_path / "a.yaml"))
