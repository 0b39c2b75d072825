from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.errors import PolicyError
from aisecops.core.examination import Code
from aisecops.core.taxonomy import Severity
from aisecops.gate.judge import policy_digest
from aisecops.gate.policies import load_policy, parse_policy
from aisecops.knowledge import policies as shipped
from tests.gate.records import finding, gap, measurement, results, verdict_on

ROOT = Path(__file__).parents[2]
HEAD = "schema: aisecops/policy-1\nname: ours\ntitle: Ours\nrules:\n"


@pytest.mark.parametrize("name", shipped.NAMES)
def test_what_a_scan_loads_is_what_people_read(name: str) -> None:
    read = parse_policy(Path(shipped.source(name)).read_bytes(), source=name)
    assert load_policy(name) == read
    assert policy_digest(load_policy(name)) == policy_digest(read)
    build = runpy.run_path(str(ROOT / "tools" / "build_policies.py"))
    assert Path(shipped.compiled(name)).read_bytes() == build["compiled"](name), "run `python tools/build_policies.py`"


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_shipped_rule_says_why(name: str) -> None:
    policy = load_policy(name)
    assert (policy.name, policy.schema) == (name, "aisecops/policy-1")
    assert all(len(rule.why) > 60 for rule in policy.rules)


LEVELS = [(s, c) for s in Severity for c in ("high", "medium", "low")]


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        ("baseline", {("critical", "high"), ("critical", "medium"), ("critical", "low"), ("high", "high")}),
        ("standard", {("critical", "high"), ("critical", "medium"), ("critical", "low"), ("high", "high"), ("high", "medium")}),
        ("strict", {(severity, c) for severity in ("critical", "high", "medium") for c in ("high", "medium", "low")}),
    ],
)
def test_which_findings_a_policy_stops(name: str, stops: set[tuple[str, str]]) -> None:
    stopped = {(s.value, c) for s, c in LEVELS if verdict_on(results(finding(severity=s, confidence=c)), load_policy(name)).outcome == "fail"}
    assert stopped == stops


@pytest.mark.parametrize(
    ("code", "kind", "outcomes"),
    [
        ("timeout", "model-file", ("incomplete", "incomplete", "incomplete")),
        ("bad-input", "hub-folder", ("incomplete", "incomplete", "incomplete")),
        ("no-parser", "model-file", ("pass", "incomplete", "incomplete")),
        ("timeout", "notebook", ("pass", "pass", "incomplete")),
    ],
)
def test_which_gaps_a_policy_bears(code: str, kind: str, outcomes: tuple[str, ...]) -> None:
    left = results(gap(code=Code(code), kind=AssetKind(kind)))
    assert tuple(verdict_on(left, load_policy(name)).outcome for name in shipped.NAMES) == outcomes


@pytest.mark.parametrize(
    ("parts", "outcomes"),
    [
        ({"declared": True}, ("pass", "incomplete", "incomplete")),
        ({"declared": False}, ("pass", "pass", "incomplete")),
        ({"declared": True, "check": "data-set/quality"}, ("pass", "incomplete", "incomplete")),
        ({"declared": True, "check": "data-set/quality", "code": Code.NO_POWER}, ("pass", "pass", "incomplete")),
        ({"declared": True, "check": "data-set/quality", "measured": True}, ("pass", "pass", "incomplete")),
        ({"declared": True, "member": "a.csv"}, ("pass", "pass", "incomplete")),
    ],
)
def test_what_the_manifest_names_and_nothing_was_found_out_about_is_not_passed(parts: dict[str, Any], outcomes: tuple[str, ...]) -> None:
    facts = {"declared": True} if parts.pop("declared") else {}
    measured = [measurement("rows", assets=("data-set:train.csv",))] if parts.pop("measured", False) else []
    left = results(gap(**{"path": "train.csv", "code": Code.BAD_INPUT, "kind": AssetKind.DATA_SET} | parts), *measured)
    left = msgspec.structs.replace(left, assets=tuple(msgspec.structs.replace(asset, facts=facts) for asset in left.assets))
    assert tuple(verdict_on(left, load_policy(name)).outcome for name in shipped.NAMES) == outcomes


def test_a_policy_of_a_project_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(HEAD + "  - id: robust\n    measurements: {name: robust-accuracy, at-least: 0.5, required: true}\n")
    policy = load_policy(str(path))
    assert policy.rules[0].measurements is not None and policy.rules[0].measurements.at_least == 0.5


def test_a_copy_of_a_shipped_policy_is_that_policy() -> None:
    assert load_policy(shipped.source("strict")) == load_policy("strict")


def test_no_file_takes_the_place_of_a_shipped_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "standard").write_text(HEAD + "  - {id: lax, findings: {allow: 1000}}\n")
    monkeypatch.chdir(tmp_path)
    assert [rule.id for rule in load_policy("standard").rules] == ["no-critical", "no-high", "model-files-examined", "declared-examined"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "strct",
            "there is no policy `strct`; did you mean `strict`? these ship: baseline, standard, strict; a policy of your own is named by its path, `./our-policy.yaml`",
        ),
        ("Standard", "there is no policy `Standard`; did you mean `standard`? these ship:"),
        ("zzz\x1b[31m", "there is no policy `zzz\\x1b[31m`; these ship: baseline, standard, strict;"),
        ("", "there is no policy ``; these ship:"),
        ("./none.yaml", "./none.yaml: the policy cannot be read: No such file or directory"),
        ("src/", "src/: the policy cannot be read: Is a directory"),
    ],
)
def test_an_unknown_policy_gets_the_nearest_name(name: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(PolicyError) as wrong:
        load_policy(name)
    assert str(wrong.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [", "p.yaml:2:1: not YAML:"),
        ("", "p.yaml: it is empty"),
        ("schema: aisecops/policy-1\nname: ours\nrules: []\n", "p.yaml:1:1: the key `title` is missing; add it"),
        (HEAD + "  - id: a\n    finding: {}\n", "p.yaml:6:5: unknown key `finding`; did you mean `findings`?"),
        (HEAD + "  - id: a\n    findings: {severity: hgh}\n", "p.yaml:6:26: `hgh` is not a value that `severity` can have; did you mean `high`?"),
        (HEAD + "  - id: a\n    findings: {atleast: 3}\n", "p.yaml:6:16: unknown key `atleast`; did you mean `"),
        (HEAD + "  - id: a\n    findings: {check: model-file/x}\n", "p.yaml:6:23: `check` must be a list, not text; write it as a list: `[value]`"),
        (HEAD + "  - id: a\n    measurements: {name: x, at-least: half}\n", "p.yaml:6:39: `at-least` must be a number, not text"),
        (HEAD + "  - id: a\n    measurements: {name: x}\n", "p.yaml:5:5: rule 'a' needs `at-least` or `at-most`"),
        (HEAD + "  - id: a\n", "p.yaml:5:5: rule 'a' needs exactly one of `findings`, `measurements`, `examined`"),
        (HEAD + "  - {id: a, findings: {}, examined: {}}\n", "p.yaml:5:5: rule 'a' needs exactly one of `findings`, `measurements`, `examined`"),
        (HEAD.replace("rules:\n", "rules: []\n"), "p.yaml: a policy without rules would pass everything; copy one that ships, and change it"),
        (
            HEAD.replace("policy-1", "policy-7") + "  - {id: a, findings: {}}\n",
            "p.yaml: the schema is `aisecops/policy-7`; this version reads `schema: aisecops/policy-1`",
        ),
        (
            HEAD.replace("ours", "strict") + "  - {id: a, findings: {}}\n",
            "p.yaml: `strict` is the name of a policy that ships, and this one differs from it; give yours",
        ),
        (HEAD + "  - {id: a, findings: {}}\n  - {id: a, examined: {}}\n", "p.yaml: rule `a`: two rules have this id;"),
        (HEAD + "  - {id: waivers, findings: {}}\n", "p.yaml: rule `waivers`: this id is the verdict's own; choose another one"),
        (
            HEAD + "  - {id: No High, findings: {}}\n",
            "p.yaml: rule `No High`: an id is written in small letters, digits and hyphens; write it like `no-critical`",
        ),
        (HEAD + "  - {id: a, findings: {allow: -1}}\n", "p.yaml: rule `a`: `allow: -1` can never be kept; write 0 or more"),
        (HEAD + "  - {id: a, examined: {allow: -1}}\n", "p.yaml: rule `a`: `allow: -1` can never be kept; write 0 or more"),
        (
            HEAD + "  - {id: a, measurements: {name: x, at-least: 0.9, at-most: 0.5}}\n",
            "p.yaml: rule `a`: nothing is at least 0.9 and at most 0.5; swap the two",
        ),
        (HEAD + "  - {id: a, measurements: {name: x, at-least: .nan}}\n", "p.yaml:5:47: `at-least` must be a number, not text"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_way_out(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as wrong:
        parse_policy(text, source="p.yaml")
    assert str(wrong.value).startswith(message)


def test_the_json_of_a_policy_is_what_the_digest_is_taken_over() -> None:
    from aisecops.core.digest import canonical_json, digest
    from aisecops.core.policy import Policy

    text = canonical_json(load_policy("strict"))
    assert policy_digest(msgspec.json.decode(text, type=Policy)) == digest(text)
