"""Why a verdict is what it is: every rule with its reason, and what stands between it and the other outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisecops.core.verdict import Outcome, Verdict
from aisecops.gate.margins import Margin
from aisecops.report.layout import Line, line

_SIGN = {Outcome.PASS: "ok", Outcome.FAIL: "no", Outcome.INCOMPLETE: "??"}


def document(margins: Sequence[Margin], verdict: Verdict) -> list[Line]:
    """Return ``margins`` as lines; the rules of the verdict itself (waivers, baseline) follow with their reasons."""
    told = {margin.outcome.id for margin in margins}
    lines = [line((verdict.outcome.value.upper(), verdict.outcome.value), f"  policy {verdict.policy}")]
    for margin in margins:
        lines += _margin(margin)
    for rule in verdict.rules:
        if rule.id not in told:
            lines.append(line((f"  {_SIGN[rule.outcome]} ", rule.outcome.value), (rule.id, "title"), f"  {rule.reason}", hang=5))
    return lines


def _margin(margin: Margin) -> Iterator[Line]:
    outcome = margin.outcome
    yield line((f"  {_SIGN[outcome.outcome]} ", outcome.outcome.value), (outcome.id, "title"), f"  {outcome.reason}", hang=5)
    for sentence in margin.sentences:
        yield line(f"       {sentence}", hang=7)
    if margin.why:
        yield line((f"       why: {margin.why}", "dim"), hang=12)
