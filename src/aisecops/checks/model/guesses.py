"""Guess sensitive columns, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.attacks.inference.attribute import AttributeLeak, Guessed, candidate_values, column_of, infer_attribute
from aisecops.attacks.inference.membership.blind import blind_baseline
from aisecops.checks.model.subject import AskedModel, gap
from aisecops.checks.model.training import Sides, sides
from aisecops.core.check import Context, Result
from aisecops.core.errors import UserError
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import bonferroni
from aisecops.core.statistics import clopper_pearson as exact
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert
from aisecops.oracles.oracle import Capability, needs

_MARGIN = 0.01
"""A leak is reported where it is at least this, with confidence."""


def guessed(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and a finding for each column that leaks."""
    needs(model.oracle, Capability.SCORES, purpose="attribute inference")
    records = sides(model, ctx.seed)
    blind = blind_baseline(records.members, records.others, seed=ctx.seed)
    blocked = f"members and other records differ without the model (area at least {blind.area.interval.low:.3f})" if blind.shifted else ""
    columns = model.declared.privacy.sensitive
    level = bonferroni(0.95, 2 * len(columns))  # two attacks on each column: no alarms from their mere number
    for name in columns:
        try:
            yield from _column(model, records, name, blocked, level, ctx.seed)
        except UserError as error:
            refused = gap(error)
            yield NotExamined(code=refused.code, reason=f"column {inert(name, 60)}: {refused.reason}", remedy=refused.remedy)


def _column(model: AskedModel, records: Sides, name: str, blocked: str, level: float, seed: int) -> Iterator[Result]:
    domain = model.samples.data.domain
    assert domain is not None  # a table has one
    column = column_of(domain.names, name)
    queries = 2 * len(records.members[1]) * len(candidate_values(records.members[0][:, column]))
    if (too_dear := model.too_dear(queries, f"to try all values of column {inert(name, 60)}")) is not None:
        yield too_dear
        return
    leak = infer_attribute(model.oracle, records.members, records.others, column, level=level, seed=seed)
    subject = inert(name, 60)
    yield _leak(subject, leak.likelihood, blocked)
    yield _leak(f"{subject}, with imputation", leak.posterior, blocked)
    control = leak.imputation
    right, n = control.members_right + control.others_right, control.members + control.others
    yield Reading(name="attribute-imputation", subject=subject, value=right / n, unit="1", n=n, bound=Bound.ESTIMATE).within(exact(right, n))
    if not blocked:
        yield from _finding(model, subject, leak)


def _leak(subject: str, found: Guessed, blocked: str) -> Reading:
    return Reading(
        name="attribute-leak", subject=subject, value=found.difference, unit="1", n=found.members + found.others, better=Better.LOWER, bound=Bound.ATTACK, blocked=blocked
    ).within(found.interval)  # fmt: skip


def _finding(model: AskedModel, subject: str, leak: AttributeLeak) -> Iterator[Weakness]:
    worst = max((leak.likelihood, leak.posterior), key=lambda found: found.interval.low)
    if worst.interval.low < _MARGIN:
        return
    control = leak.imputation
    yield Weakness(
        category="attribute-inference",
        identity=(model.declared.name, subject),
        title="The model gives away a sensitive value of people in its training data",
        message=(
            f"{subject} is guessed right for {worst.members_right / worst.members:.1%} of {worst.members:,} members of the training data and for "
            f"{worst.others_right / worst.others:.1%} of {worst.others:,} others, with the model's answers: {100 * worst.difference:.1f} points of leak, at least "
            f"{100 * worst.interval.low:.1f}. Without the model: {control.members_right / control.members:.1%} and {control.others_right / control.others:.1%}."
        ),
        severity=Severity.HIGH if worst.interval.low >= 0.2 else Severity.MEDIUM if worst.interval.low >= 0.05 else Severity.LOW,
        confidence=Confidence.HIGH,
        evidence={"column": subject, "values": len(leak.candidates), "leak": worst.difference, "at least": worst.interval.low},
        fix=Fix(
            "Leave the column out or make it coarser; let the model learn less by heart; train with differential privacy where a bound is needed."
        ),
    )
