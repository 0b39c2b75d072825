"""From a group of concerns to a finding: the parts that every check of model files shares."""

from __future__ import annotations

from typing import Any

from aisecops.checks.model_file.subject import Group, ModelFile
from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert


def weakness(
    file: ModelFile, group: Group, *, category: str, title: str, message: str, severity: Severity, confidence: Confidence, fix: str
) -> Weakness:
    """Build the finding for ``group``. Its identity is what the file does (callable, operations, arguments), not where it stands."""
    first = group.first
    evidence: dict[str, Any] = {
        "rule": first.rule,
        "reason": first.reason,
        "verdict": first.verdict.value,
        "count": sum(c.count for c in group.concerns),
    }
    if first.callable:
        evidence |= {"callable": first.callable, "operations": [operation.value for operation in group.operations]}
    if group.details:
        evidence["would_run"] = list(group.details[:20])
    return Weakness(
        category=category,
        identity=(group.name, *(operation.value for operation in group.operations), *group.details),
        title=title,
        message=message,
        severity=severity,
        confidence=confidence,
        locations=file.locations(group),
        root_cause=f"{category}: {group.name}",
        evidence=evidence,
        fix=Fix(summary=fix),
    )


def allow_line(group: Group) -> str:
    """The smallest entry for ``aisecops.yaml`` that would allow what ``group`` does."""
    operations = ", ".join(operation.value for operation in group.operations)
    return f"model-files.allow: - {{callable: {group.name}, operations: [{operations}], owner: NAME, reason: WHY, expires: YYYY-MM-DD}}"


def unless_allowed(group: Group, where: str) -> str:
    """The sentence that offers the entry, for what a project may know better than the table; nothing for what no model ever needs."""
    return "" if group.first.rule in _NEVER_OFFERED else f" {where}: {allow_line(group)}"


_NEVER_OFFERED = frozenset({"stdlib-not-allowed", "re-export", "dunder", "dotted-walk", "bad-name", "changes-callable", "foreign-object"})


def times(group: Group) -> str:
    """How often, where it is more than once."""
    count = sum(c.count for c in group.concerns)
    return f" ({count} times)" if count > 1 else ""


def what_runs(group: Group) -> str:
    """The operations as text where the stream shows them, else the callable's name."""
    return "; ".join(inert(detail, 140) for detail in group.details[:2]) or group.name or "a callable that it computes"
