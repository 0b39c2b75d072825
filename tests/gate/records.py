"""Small records to judge, written as briefly as a table of tests needs."""

from __future__ import annotations

from typing import Any

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.digest import fingerprint
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Finding, Location
from aisecops.core.measurement import Better, Measurement
from aisecops.core.policy import Policy, Rule, Waiver
from aisecops.core.run import Results, Run, RunInfo, Tool
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.verdict import RuleOutcome, Verdict
from aisecops.gate.judge import judge

TODAY = "2026-06-15"
NOW = "2026-06-15T12:00:00Z"


def finding(
    path: str = "models/a.pkl",
    what: str = "calls posix.system",
    *,
    number: int = 0,
    member: str = "",
    severity: str = "high",
    confidence: str = "high",
    check: str = "model-file/code-execution",
    **more: Any,
) -> Finding:
    """``number`` tells occurrences of the same weakness in the same place apart."""
    return Finding(
        id=fingerprint(path, what, member, str(number), check, severity, confidence),
        fingerprint=fingerprint(check, what),
        check=check,
        category=more.pop("category", "code-execution"),
        asset=more.pop("asset", f"model-file:{path}"),
        title=what,
        message=f"{what} on load",
        severity=Severity(severity),
        confidence=Confidence(confidence),
        threat=more.pop("threat", Threat.SUPPLY_CHAIN),
        stage=Stage.RELEASE,
        locations=more.pop("locations", (Location(path=path, member=member, offset=number),)),
        **more,
    )


def measurement(name: str = "robust-accuracy", value: float | None = 0.5, **more: Any) -> Measurement:
    number = fingerprint(name, repr(value), repr(more))
    return Measurement(
        id=number, check="model/robustness", name=name, value=value, unit="fraction", **{"assets": ("model:m",), "better": Better.HIGHER} | more
    )


def gap(path: str = "models/a.pkl", code: Code = Code.TIMEOUT, kind: AssetKind | None = AssetKind.MODEL_FILE, **more: Any) -> NotExamined:
    return NotExamined(code=code, reason="it took too long", path=path, asset=Asset.id_of(kind, path) if kind else "", **more)


def results(*parts: Finding | Measurement | NotExamined, digests: dict[str, str] | None = None) -> Results:
    """Results that hold ``parts`` and the assets that they name; ``digests`` are by path."""
    ids = {part.asset for part in parts if isinstance(part, Finding | NotExamined) and part.asset}
    ids |= {asset for part in parts if isinstance(part, Measurement) for asset in part.assets}
    named = [(name, AssetKind(name.partition(":")[0]), name.partition(":")[2]) for name in sorted(ids)]
    return Results(
        assets=tuple(Asset(id=name, kind=kind, path=path, digest=(digests or {}).get(path, "")) for name, kind, path in named),
        findings=tuple(part for part in parts if isinstance(part, Finding)),
        measurements=tuple(part for part in parts if isinstance(part, Measurement)),
        not_examined=tuple(part for part in parts if isinstance(part, NotExamined)),
    )


def policy(*rules: Rule) -> Policy:
    return Policy(schema="aisecops/policy-1", name="ours", title="Ours", rules=rules)


def waiver(id: str = "w1", expires: str = "2026-12-31", **selector: Any) -> Waiver:
    return Waiver(id=id, owner="ana", reason="trusted build", expires=expires, **selector)


def verdict_on(what: Results, by: Policy | Rule, **more: Any) -> Verdict:
    return judge(what, policy(by) if isinstance(by, Rule) else by, **{"today": TODAY, "evaluated": NOW} | more)


def rule_of(verdict: Verdict, id: str) -> RuleOutcome:
    return next(rule for rule in verdict.rules if rule.id == id)


def run_of(what: Results, verdict: Verdict, **more: Any) -> Run:
    info = RunInfo(
        **{
            "id": "r1",
            "started": NOW,
            "finished": NOW,
            "tool": Tool(name="aisecops", version="0"),
            "command": ("aisecops", "scan"),
            "seed": 0,
            "roots": (),
            "incomplete": False,
            "results_digest": what.digest(),
        }
        | more
    )
    return Run.of(info, what, verdict)
