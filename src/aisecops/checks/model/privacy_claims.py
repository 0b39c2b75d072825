"""Compare a claimed epsilon with accounting and with attacks, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.attacks.inference.differential import (
    Bounded,
    Sampling,
    Search,
    Spent,
    Training,
    account,
    clopper_pearson_bound,
    gaussian_bound,
    one_run_bound,
)
from aisecops.checks.model.membership_attack import attack
from aisecops.checks.model.memberships import void
from aisecops.checks.model.subject import AskedModel, gap
from aisecops.core.check import Context, Result
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import bonferroni
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.project.models import DifferentialPrivacyClaim, ModelTask

_SHARE, _STEP = 0.01, 0.01
"""Accountants differ by so much from each other: a claim that is this little too low is none."""
_BOUNDS = (one_run_bound, clopper_pearson_bound, gaussian_bound)


def compared(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and a finding for each way in which the claim does not hold."""
    claim = model.declared.privacy.differential
    assert claim is not None  # the check is planned where there is one
    if claim.steps:
        try:
            yield from _accounted(model, claim)
        except UserError as error:
            yield gap(error)
    if model.declared.training_data and model.declared.task is ModelTask.TABLE:
        yield from model.examined(lambda: _measured(model, claim, ctx))
    elif not claim.steps:
        yield NotExamined(
            code=Code.NO_POWER, reason="the claim can neither be recomputed nor attacked",
            remedy="declare `noise-multiplier`, `sample-rate` and `steps`, or `training-data`",
        )  # fmt: skip


# ---- accounting


def _accounted(model: AskedModel, claim: DifferentialPrivacyClaim) -> Iterator[Result]:
    training = Training(
        noise_multiplier=claim.noise_multiplier, sample_rate=claim.sample_rate, steps=claim.steps, sampling=Sampling(claim.sampling), runs=claim.runs,
        search=Search(claim.search),
    )  # fmt: skip
    spent = account(training, claim.delta)
    yield _epsilon("one run", spent.one_run, "privacy-loss distribution")
    if claim.runs > 1:
        yield _epsilon("search", spent.searched, spent.method)
    if spent.searched > claim.epsilon * (1 + _SHARE) + _STEP:
        yield _understated(model, claim, spent)


def _epsilon(subject: str, value: float, method: str) -> Reading:
    """An upper end: less is spent, never more, if the settings are true."""
    return Reading(
        name="epsilon-accounted", subject=subject, value=value, unit="nat", low=None, high=value, method=method, better=Better.LOWER, bound=Bound.CERTIFICATE
    )  # fmt: skip


def _understated(model: AskedModel, claim: DifferentialPrivacyClaim, spent: Spent) -> Weakness:
    by_search = spent.one_run <= claim.epsilon * (1 + _SHARE) + _STEP
    what = (
        f"one run spends {spent.one_run:.2f}, but the model was chosen from {claim.runs:g} runs, which spend {spent.searched:.2f} ({spent.method})"
        if by_search
        else f"noise, sampling and steps give {spent.one_run:.2f} for one run"
        + (f", and {spent.searched:.2f} for the {claim.runs:g} runs it was chosen from" if claim.runs > 1 else "")
    )
    return Weakness(
        category="membership-inference",
        identity=(model.declared.name, "search" if by_search else "accounting"),
        title="The model has less differential privacy than is claimed" + (": the search was not counted" if by_search else ""),
        message=f"Claimed is an epsilon of {claim.epsilon:g} at delta {claim.delta:g}; {what}.",
        severity=Severity.HIGH if spent.searched > 2 * claim.epsilon else Severity.MEDIUM,
        confidence=Confidence.HIGH,
        evidence={
            "claimed": claim.epsilon,
            "one run": spent.one_run,
            "with the search": spent.searched,
            "method": spent.method,
            "delta": claim.delta,
        },
        fix=Fix(
            "Claim the epsilon of the whole search, or train again with more noise, fewer runs, or a number of runs that is drawn beforehand (`search`)."
        ),
    )


# ---- attacks


def _measured(model: AskedModel, claim: DifferentialPrivacyClaim, ctx: Context) -> Iterator[Result]:
    made = attack(model, ctx)
    yield from made.gaps
    if made.leakage is None:
        return
    blocked, level = void(made.leakage), bonferroni(0.95, len(_BOUNDS))
    n = len(made.leakage.members) + len(made.leakage.others)
    bounds = [bound for bound in _BOUNDS if bound is not one_run_bound or made.leakage.attack != "quantile"]  # whose guesses must know no truth
    found = [bound(made.leakage.members, made.leakage.others, claim.delta, level) for bound in bounds]
    for bound in found:
        subject = f"{bound.method} ({bound.assumes})" if bound.assumes else bound.method
        yield Reading(
            name="epsilon-at-least", subject=subject, value=bound.epsilon, unit="nat", n=n, low=bound.epsilon, level=level, method=bound.method, better=Better.LOWER,
            bound=Bound.ATTACK, blocked=blocked,
        )  # fmt: skip
    refuted = [bound for bound in found if bound.epsilon > claim.epsilon]
    if refuted and not blocked:
        yield _refuted(model, claim, refuted)


def _refuted(model: AskedModel, claim: DifferentialPrivacyClaim, bounds: list[Bounded]) -> Weakness:
    free = [bound for bound in bounds if not bound.assumes]
    best = max(free or bounds, key=lambda bound: bound.epsilon)
    under = "" if free else f", if {best.assumes}"
    return Weakness(
        category="membership-inference",
        identity=(model.declared.name, "attack"),
        title="An attack refutes the differential privacy that is claimed",
        message=(
            f"Claimed is an epsilon of {claim.epsilon:g} at delta {claim.delta:g}. Members are told from others so well that it is at least {best.epsilon:.2f} "
            f"({best.method}, 95 % confidence){under}, provided that members and others were divided by chance."
        ),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH if free else Confidence.MEDIUM,
        evidence={"claimed": claim.epsilon, "delta": claim.delta} | {bound.method: bound.epsilon for bound in bounds},
        fix=Fix("Look for what the training program does not do: clipping per record, noise in every step, sampling by a coin; then train again, and claim what holds."),
    )  # fmt: skip
