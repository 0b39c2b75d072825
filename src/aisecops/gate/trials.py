"""Tests of a policy: small results that must pass, fail or be incomplete, written as briefly as what matters about them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import msgspec

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.errors import PolicyError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Finding, Location
from aisecops.core.measurement import Measurement
from aisecops.core.policy import Policy
from aisecops.core.run import Results
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert, inert_path
from aisecops.core.verdict import Outcome, RuleOutcome, Status
from aisecops.gate.docket import Docket, Places, Standing
from aisecops.gate.policies import load_policy
from aisecops.gate.rules import judge_rule, worst
from aisecops.knowledge.policies import is_path

SCHEMA = "aisecops/policy-test-1"
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class ExampleFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """``count`` findings. What is not said is as grave, as sure and as ordinary as findings are."""

    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    threat: Threat = Threat.SUPPLY_CHAIN
    category: str = "example"
    check: str = "example/check"
    asset: str = "example"
    status: Status = Status.OPEN
    count: Count = 1


class ExampleMeasurement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A measurement with its interval; ``blocked`` says why it must not be used."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    subject: str = ""
    check: str = "example/check"
    asset: str = "example"
    blocked: str = ""


class ExampleGap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """``count`` parts that were left unexamined; ``declared``: of an asset that the manifest names."""

    code: Code
    kind: AssetKind = AssetKind.MODEL_FILE
    check: str = ""
    asset: str = "example"
    declared: bool = False
    count: Count = 1


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Results, and what the policy must make of them: the outcome (``expect``), and that of single ``rules`` where it matters which one decides.

    ``baseline``: whether there is one; it goes without saying where a finding is in it. ``age_days``: how old the run is.
    """

    name: str
    expect: Outcome
    rules: dict[str, Outcome] = {}
    findings: tuple[ExampleFinding, ...] = ()
    measurements: tuple[ExampleMeasurement, ...] = ()
    not_examined: tuple[ExampleGap, ...] = ()
    baseline: bool = False
    age_days: float = 0.0


class PolicyTest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A file of examples for one policy: a name that ships, or a file relative to this one."""

    schema: str
    policy: str
    examples: tuple[Example, ...]


class Trial(msgspec.Struct, frozen=True):
    """What the policy made of an example, and what is not as expected, in sentences; none: all is."""

    example: Example
    outcome: Outcome
    wrong: tuple[str, ...]


class Trials(msgspec.Struct, frozen=True):
    """The trials of a file, and the rules that no example makes fail (or incomplete): nothing shows that they would."""

    policy: Policy
    trials: tuple[Trial, ...]
    idle: tuple[str, ...]


def try_file(path: str) -> Trials:
    """Judge every example of the file at ``path``.

    Raises
    ------
    PolicyError
        The file, or the policy that it names, does not say what it should.
    """
    from aisecops.core.yaml_text import parse_yaml

    where = inert_path(path)
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise PolicyError(
            f"the examples cannot be read: {error.strerror}", where=where, fix="name a file of examples: docs/policies.md shows one"
        ) from None
    test = parse_yaml(text, PolicyTest, source=path, error=PolicyError)
    if test.schema != SCHEMA:
        raise PolicyError(f"the schema is `{inert(test.schema)}`", where=where, fix=f"this version reads `schema: {SCHEMA}`")
    if not test.examples:
        raise PolicyError("there are no examples", where=where, fix="write one that must fail and one that must pass")
    named = os.path.join(os.path.dirname(path), test.policy) if is_path(test.policy) else test.policy
    policy = load_policy(named)
    _known(test, policy, where)
    judged = [(example, [judge_rule(rule, docket_of(example)) for rule in policy.rules]) for example in test.examples]
    stopped = {rule.id for _, rules in judged for rule in rules if rule.outcome is not Outcome.PASS}
    return Trials(
        policy, tuple(_trial(example, rules) for example, rules in judged), tuple(rule.id for rule in policy.rules if rule.id not in stopped)
    )


def _known(test: PolicyTest, policy: Policy, where: str) -> None:
    names = Counter(example.name for example in test.examples)
    ids = {rule.id for rule in policy.rules}
    for example in test.examples:
        at = f"{where}: example `{inert(example.name)}`"
        if names[example.name] > 1:
            raise PolicyError("two examples have this name", where=at, fix="give each a name of its own")
        for name in example.rules:
            if name not in ids:
                raise PolicyError(f"the policy has no rule `{inert(name)}`", where=at, fix=f"its rules: {', '.join(sorted(ids))}")


def _trial(example: Example, rules: list[RuleOutcome]) -> Trial:
    outcome = worst(*(rule.outcome for rule in rules))
    by_id = {rule.id: rule for rule in rules}
    wrong = []
    if outcome is not example.expect:
        decisive = [rule for rule in rules if rule.outcome is outcome]
        because = f": {decisive[0].id}: {decisive[0].reason}" if outcome is not Outcome.PASS else ": every rule passes"
        wrong.append(f"expected {example.expect.value}, is {outcome.value}{because}")
    for name, expected in example.rules.items():
        if by_id[name].outcome is not expected:
            wrong.append(f"rule {name}: expected {expected.value}, is {by_id[name].outcome.value}: {by_id[name].reason}")
    return Trial(example, outcome, tuple(wrong))


def docket_of(example: Example) -> Docket:
    """Return ``example`` as what rules look at."""
    standings = tuple(_findings(example))
    results = Results(
        assets=tuple(_assets(example)),
        findings=tuple(standing.finding for standing in standings),
        measurements=tuple(_measurement(number, m) for number, m in enumerate(example.measurements)),
        not_examined=tuple(
            NotExamined(code=gap.code, reason="an example", path=gap.asset, asset=Asset.id_of(gap.kind, gap.asset), check=gap.check)
            for gap in example.not_examined
            for _ in range(gap.count)
        ),
    )
    compared = example.baseline or any(finding.status is Status.BASELINE for finding in example.findings)
    return Docket(results, Places.of(results), standings, compared=compared, age=example.age_days)


def _assets(example: Example) -> Iterator[Asset]:
    named = {(AssetKind.SOURCE_FILE, finding.asset) for finding in example.findings}
    named |= {(AssetKind.MODEL, measurement.asset) for measurement in example.measurements}
    named |= {(gap.kind, gap.asset) for gap in example.not_examined}
    declared = {(gap.kind, gap.asset) for gap in example.not_examined if gap.declared}
    for kind, path in sorted(named):
        facts = {"declared": True} if (kind, path) in declared else {}
        yield Asset(id=Asset.id_of(kind, path), kind=kind, path=path, facts=facts)


def _findings(example: Example) -> Iterator[Standing]:
    for number, told in enumerate(example.findings):
        for copy in range(told.count):
            finding = Finding(
                id=f"{number}.{copy}", fingerprint=f"{number}", check=told.check, category=told.category, asset=Asset.id_of(AssetKind.SOURCE_FILE, told.asset),
                title=f"{told.severity.value} example", message="", severity=told.severity, confidence=told.confidence, threat=told.threat, stage=Stage.RELEASE,
                locations=(Location(path=told.asset),),
            )  # fmt: skip
            yield Standing(finding, told.status)


def _measurement(number: int, told: ExampleMeasurement) -> Measurement:
    return Measurement(
        id=f"{number}", check=told.check, assets=(Asset.id_of(AssetKind.MODEL, told.asset),), name=told.name, value=told.value, unit="", low=told.low,
        high=told.high, subject=told.subject, blocked=told.blocked,
    )  # fmt: skip
