"""docs/policies.md is held to the program: its examples are read, its table is what the policies do, and no rule or key is missing."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.examination import Code, NotExamined
from aisecops.core.policy import AgeRule, ExaminedRule, FindingsRule, MeasurementRule, PolicyPart, Waiver, WrittenPolicy
from aisecops.core.run import Results
from aisecops.core.verdict import Outcome
from aisecops.core.yaml_text import parse_yaml
from aisecops.gate.baseline import Accepted, load
from aisecops.gate.policies import RESERVED, load_policy, parse_policy
from aisecops.gate.trials import Example, ExampleFinding, ExampleGap, ExampleMeasurement, PolicyTest, try_file
from aisecops.gate.waivers import check_waivers
from aisecops.knowledge.policies import NAMES
from tests.gate.records import finding, gap, results, verdict_on

DOC = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(\w+)\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


def example(language: str, start: str) -> str:
    return next(text for kind, text in EXAMPLES if kind == language and text.startswith(start))


def section(name: str) -> str:
    found = re.search(rf"^\*\*`{name}`: (.*?)\n\n", DOC, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_of_a_shipped_policy_is_explained_and_no_other(name: str) -> None:
    assert re.findall(r"`([a-z-]+)`", section(name)) == [rule.id for rule in load_policy(name).rules]


@pytest.mark.parametrize("id", RESERVED)
def test_the_rules_of_the_verdict_itself_are_explained(id: str) -> None:
    assert f"rule `{id}`" in DOC


@pytest.mark.parametrize("outcome", list(Outcome))
def test_exit_codes_are_told(outcome: Outcome) -> None:
    assert re.search(rf"^\| `{outcome}` \| {outcome.exit_code} \|", DOC, re.MULTILINE)


def declared(left: NotExamined) -> Results:
    found = results(left)
    return msgspec.structs.replace(found, assets=tuple(msgspec.structs.replace(asset, facts={"declared": True}) for asset in found.assets))


SITUATIONS: dict[str, list[Results]] = {
    "critical findings": [results(finding(severity="critical", confidence=c)) for c in ("high", "medium", "low")],
    "high, high confidence": [results(finding(severity="high", confidence="high"))],
    "high, medium confidence": [results(finding(severity="high", confidence="medium"))],
    "high, low confidence": [results(finding(severity="high", confidence="low"))],
    "medium": [results(finding(severity="medium", confidence=c)) for c in ("high", "medium", "low")],
    "low, info": [results(finding(severity=s, confidence=c)) for s in ("low", "info") for c in ("high", "medium", "low")],
    "model files that resist examination (crash, time, size, broken)": [
        results(gap(code=code)) for code in (Code.CRASH, Code.TIMEOUT, Code.TOO_LARGE, Code.TRUNCATED, Code.BAD_INPUT)
    ],
    "model files that nobody can read yet, or that are not here": [results(gap(code=code)) for code in (Code.NO_PARSER, Code.UNREADABLE)],
    "what the manifest names, and the run says nothing about": [declared(gap(code=code, kind=AssetKind.DATA_SET)) for code in Code],
    "anything else left unexamined": [results(gap(code=code, kind=AssetKind.NOTEBOOK)) for code in Code],
}


def table() -> dict[str, list[str]]:
    rows = re.findall(r"^\| ([^|`]+) \| (\w+) \| (\w+) \| (\w+) \|$", DOC, re.MULTILINE)
    return {situation: cells for situation, *cells in rows}


def test_the_table_has_every_situation() -> None:
    assert set(table()) == set(SITUATIONS)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_table_is_what_the_policies_do(situation: str) -> None:
    for found in SITUATIONS[situation]:
        assert [verdict_on(found, load_policy(name)).outcome.value for name in NAMES] == table()[situation]


def test_the_example_of_a_policy_is_one_and_shows_every_key() -> None:
    text = example("yaml", "schema:")
    assert len(parse_policy(text, source="docs/policies.md").rules) == 6
    for kind, key in ((FindingsRule, "findings"), (MeasurementRule, "measurements"), (ExaminedRule, "examined"), (AgeRule, "age")):
        shown = "".join(re.findall(rf"^    {key}:\n((?:      .*\n)+)", text, re.MULTILINE))
        for name in (field.encode_name for field in msgspec.structs.fields(kind)):
            assert name in shown or f"`{name}`" in DOC or f"or {name}," in shown, f"{key}.{name} is not shown"


def test_the_example_of_an_extended_policy_is_one_and_shows_every_key() -> None:
    text = next(text for kind, text in EXAMPLES if "\nextends:" in text)
    inherited = [rule.id for rule in load_policy("standard").rules if rule.id != "model-files-examined"]
    parts = [f"production-{rule.id}" for rule in load_policy("strict").rules]
    assert [rule.id for rule in parse_policy(text, source="docs/policies.md").rules] == [*inherited, *parts, "no-critical-even-if-accepted"]
    for kind in (WrittenPolicy, PolicyPart):
        assert all(re.search(rf"^\W*{field.encode_name}:", text, re.MULTILINE) for field in msgspec.structs.fields(kind))


def test_the_examples_for_a_policy_come_out_as_expected_and_show_every_key(tmp_path: Path) -> None:
    text = example("yaml", "schema: aisecops/policy-test-1")
    (tmp_path / "our-policy.yaml").write_text(next(text for kind, text in EXAMPLES if "name: credit-team" in text))
    (tmp_path / "examples.yaml").write_text(text)
    assert [trial.wrong for trial in try_file(str(tmp_path / "examples.yaml")).trials] == [(), (), (), ()]
    for kind in (PolicyTest, Example, ExampleFinding, ExampleMeasurement, ExampleGap):
        for field in msgspec.structs.fields(kind):
            assert re.search(rf"\b{field.encode_name}: ", text) or f"{field.encode_name}:\n" in text, (
                f"{kind.__name__}.{field.encode_name} is not shown"
            )


class Waivers(msgspec.Struct, forbid_unknown_fields=True):
    waivers: tuple[Waiver, ...]


def test_the_example_of_waivers_is_one_and_shows_every_key() -> None:
    text = example("yaml", "waivers:")
    check_waivers(parse_yaml(text, Waivers, source="docs/policies.md").waivers)
    assert all(f" {field.encode_name}: " in text for field in msgspec.structs.fields(Waiver))


def test_the_example_of_a_baseline_is_one_and_shows_every_key(tmp_path: Path) -> None:
    text = example("json", "{")
    (tmp_path / "b.json").write_text(text)
    assert load(str(tmp_path / "b.json")).occurrences == 2
    assert all(f'"{field.encode_name}": ' in text for field in msgspec.structs.fields(Accepted))
