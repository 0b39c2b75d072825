"""Attack a model's memory of its training data, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.attacks.inference.membership.audit import Leakage
from aisecops.attacks.inference.membership.rates import Rate
from aisecops.attacks.inference.membership.risks import exposed, p_values
from aisecops.checks.model.membership_attack import attack
from aisecops.checks.model.sealing import kept_sealed
from aisecops.checks.model.subject import AskedModel
from aisecops.checks.model.training import Sides
from aisecops.core.check import Context, Result
from aisecops.core.digest import canonical_json
from aisecops.core.examination import NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity

_MARGIN_AUC, _MARGIN_TPR = 0.01, 1.5
"""A leak is reported where the lower bound exceeds chance by this: in area, and as a multiple of the false-positive rate."""


def attacked(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and at most one finding."""
    made = attack(model, ctx)
    yield from made.gaps
    if made.leakage is None:
        return
    leakage, blocked = made.leakage, void(made.leakage)
    kept, unkept = _kept(model, leakage, ctx)
    if unkept is not None:
        yield unkept
    yield from _readings(leakage, blocked, kept)
    if not blocked:
        yield from _finding(model, made.records, leakage)


# ---- numbers


def void(leakage: Leakage) -> str:
    """Why its numbers say nothing; empty: they do."""
    if not leakage.blind.shifted:
        return ""
    area = leakage.blind.area
    return f"members and other records differ without the model (area {area.value:.3f}, at least {area.interval.low:.3f}): the split, not the model, is measured"


def _readings(leakage: Leakage, blocked: str, kept: tuple[str, ...]) -> Iterator[Reading]:
    n, blind = len(leakage.members) + len(leakage.others), leakage.blind.area
    yield Reading(name="blind-auc", value=blind.value, unit="1", n=n, better=Better.LOWER, bound=Bound.ESTIMATE).within(blind.interval)
    yield Reading(
        name="membership-auc", value=leakage.area.value, unit="1", n=n, better=Better.LOWER, bound=Bound.ATTACK, blocked=blocked, attachments=kept
    ).within(leakage.area.interval)
    for rate in leakage.rates:
        yield _rate(rate, blocked)


def _rate(rate: Rate, blocked: str) -> Reading:
    if rate.value is None:
        blocked = blocked or f"not resolvable: {rate.others:,} other records, {rate.needed:,} are needed"
    reading = Reading(
        name="membership-tpr", subject=f"fpr {100 * rate.fpr:g}%", value=rate.value, unit="1", n=rate.members + rate.others, better=Better.LOWER,
        bound=Bound.ATTACK, blocked=blocked,
    )  # fmt: skip
    return reading.within(rate.interval)


def _kept(model: AskedModel, leakage: Leakage, ctx: Context) -> tuple[tuple[str, ...], NotExamined | None]:
    """The list of exposed records, sealed; or why it is not kept."""
    if not model.declared.privacy.keep_risks:
        return (), None
    named = exposed(leakage.members, leakage.others)
    p = p_values(leakage.members, leakage.others)
    content = {"model": model.declared.name, "false-discoveries": 0.1, "members": [{"member": int(row), "p": float(p[row])} for row in named]}
    return kept_sealed(ctx, "exposed-records", canonical_json(content), "the list of exposed records")


# ---- the finding

_WITHOUT = {
    "influence": "the gradients of a logistic regression (influence, in closed form)",
    "boundary": "labels alone (distances to the decision boundary)",
}


def _finding(model: AskedModel, records: Sides, leakage: Leakage) -> Iterator[Weakness]:
    worst = max((rate for rate in leakage.rates if rate.value is not None), key=lambda rate: rate.interval.low / rate.fpr, default=None)
    excess = worst.interval.low / worst.fpr if worst else 0.0
    if leakage.area.interval.low < 0.5 + _MARGIN_AUC and excess < _MARGIN_TPR:
        return
    told = f"area under the curve {leakage.area.value:.3f} (at least {leakage.area.interval.low:.3f}; 0.5 is a guess)"
    if worst is not None:
        told += f"; where {worst.fpr:.1%} of other records are taken for members, {worst.value:.1%} of the members are recognised (at least {worst.interval.low:.1%})"
    by = (
        f"{leakage.shadows} shadow models ({leakage.attack})"
        if leakage.shadows
        else _WITHOUT.get(leakage.attack, f"the model's answers alone ({leakage.attack})")
    )
    named = len(exposed(leakage.members, leakage.others))
    yield Weakness(
        category="membership-inference",
        identity=(model.declared.name,),
        title="The model gives away who was in its training data",
        message=(
            f"An attack with {by} on {len(leakage.members):,} members and {len(leakage.others):,} other records tells them apart: {told}. "
            f"{named:,} of these members can be named with one in ten wrong, at most."
            + (f" Left out: {records.left_out}." if records.left_out else "")
        ),
        severity=_severity(excess, leakage.area.interval.low),
        confidence=Confidence.HIGH,
        evidence={
            "attack": leakage.attack,
            "shadows": leakage.shadows,
            "area": leakage.area.value,
            "exposed members": named,
            "attacks on shadows": {name: {"tpr at 1%": rate, "area": area} for name, (rate, area) in leakage.attacks.items()},
        },
        fix=Fix("Let the model learn less by heart: larger leaves, less depth, regularisation, early stopping, or differentially private training; then run again."),
    )  # fmt: skip


def _severity(excess: float, area: float) -> Severity:
    """By the lower bounds of the rate, as a multiple of the false-positive rate, and of the area."""
    if excess >= 10 or area >= 0.8:
        return Severity.HIGH
    return Severity.MEDIUM if excess >= 3 or area >= 0.6 else Severity.LOW
