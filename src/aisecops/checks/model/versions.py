"""Ask two versions of a model about the same changes of the same samples, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np

from aisecops.checks.model.opening import opened
from aisecops.checks.model.subject import AskedModel
from aisecops.checks.model.training import retraining
from aisecops.checks.model.version_steps import answering, both_scored, steps_of, taken, trained_on
from aisecops.core.check import Context, Result
from aisecops.core.errors import UserError
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert, inert_path
from aisecops.defences.leakage.retraining import IsolatedRetraining
from aisecops.explain import VersionDrift, compare_versions
from aisecops.explain.stability import ColumnDrift
from aisecops.oracles.oracle import Floats, Integers, Oracle

_RETRAININGS, _ROWS = 19, 20_000
"""Pairs of models: if training alone is why the versions differ, they are farther apart than all of these with probability 1/20. Rows to train on, at most."""
_SHOWN = 20
_MATERIAL, _GAIN = 0.05, 0.02
"""A distance and a gain of a sensitive column, at their lower ends, that are worth somebody's time."""
Asked = Callable[[Oracle], Floats]


def compared(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and at most one finding."""
    if model.under_test.previous_refusal is not None:
        yield model.under_test.previous_refusal
        return
    steps = steps_of(model, ctx.seed)
    if (dear := model.too_dear(steps.questions, "to compare two versions")) is not None:
        yield dear
        return
    layout = model.samples.data.layout
    named = msgspec.structs.replace(model.declared, name=f"the earlier version of {model.declared.name}")
    earlier = msgspec.structs.replace(model.under_test, declared=named, location=model.under_test.previous)
    previous, _ = opened(earlier, layout, ctx, allow_weak=model.weakly_isolated)
    order = _order(model, previous)
    scored = both_scored(model.oracle, previous, steps.samples)

    def moved(oracle: Oracle) -> Floats:
        return steps.moved(answering(oracle, scored))

    now, before = moved(model.oracle), moved(previous)
    retrained, unknown = _retrained(model, moved, ctx)
    found = compare_versions(before, now, steps.names, retrained=retrained, seed=ctx.seed)
    changed = int((order[previous.labels(steps.samples)] != model.oracle.labels(steps.samples)).sum())
    yield from _readings(found, unknown, changed, len(steps.samples))
    yield from _finding(model, found, changed / len(steps.samples))


# ---- asking


def _order(model: AskedModel, previous: Oracle) -> Integers:
    """The number that each class of the earlier version has in this one, shape (k,)."""
    if sorted(previous.classes) != sorted(model.oracle.classes):
        raise UserError(
            "its earlier version knows other classes", where=inert_path(model.declared.previous), fix="name an earlier version with the same classes"
        )
    return np.array([model.oracle.classes.index(name) for name in previous.classes])


def _retrained(model: AskedModel, moved: Asked, ctx: Context) -> tuple[tuple[tuple[Floats, Floats], ...], str]:
    """Both movements of each pair of models; or why there are none."""
    if not model.declared.training_data:
        return (), "no training data are declared: nobody knows what training again alone would change"
    if model.under_test.trusted != "clean":
        return (), "models are trained anew only from a file whose verdict is clean"
    try:
        samples, y = trained_on(model)
        with retraining(model, ctx) as training:
            rng = np.random.default_rng(ctx.seed)
            rows = rng.permutation(len(y))[:_ROWS]
            training.told(taken(samples, rows), y[rows])
            return tuple(_two_halves(training, moved, len(rows), rng, ctx.seed + 2 * number) for number in range(_RETRAININGS)), ""
    except UserError as error:
        return (), f"it could not be trained anew: {error.what}"


def _two_halves(training: IsolatedRetraining, moved: Asked, n: int, rng: np.random.Generator, seed: int) -> tuple[Floats, Floats]:
    """Models of two halves drawn apart from each other, which differ as much as models of two whole sets.

    A half of n rows varies around the whole as n fresh ones around the truth. Complementary halves would not do: what one has too much the other lacks, so a weight
    near 0 is as large in both, and moves too little.
    """
    one, two = (moved(training.train(None, np.isin(np.arange(n), rng.permutation(n)[: n // 2]), seed=seed + number)) for number in range(2))
    return one, two


# ---- telling


def _readings(found: VersionDrift, unknown: str, changed: int, n: int) -> Iterator[Reading]:
    drift = found.drift
    distance = Reading(name="explanation-drift", value=drift.distance, unit="1", n=drift.n, better=Better.LOWER, bound=Bound.ESTIMATE)
    yield distance.within(found.distance) if found.distance else distance
    yield Reading(
        name="explanation-drift-retraining", subject="the largest", value=max(found.retraining, default=None), unit="1", n=len(found.retraining) or None,
        bound=Bound.ESTIMATE, blocked=unknown,
    )  # fmt: skip
    order = Reading(name="explanation-rank-correlation", value=found.correlation, unit="1", n=drift.n, better=Better.HIGHER, bound=Bound.ESTIMATE)
    yield order.within(found.order) if found.order else order
    yield Reading(name="answers-changed", value=changed / n, unit="1", n=n, bound=Bound.ESTIMATE).within(clopper_pearson(changed, n))
    for column in sorted(drift.columns, key=lambda one: -abs(one.change))[:_SHOWN]:
        yield Reading(
            name="explanation-share-change", subject=column.column, value=column.change, unit="1", n=drift.n, low=column.low, high=column.high, level=0.95,
            method=f"normal-bonferroni-{len(drift.columns)}", bound=Bound.ESTIMATE,
        )  # fmt: skip


def _finding(model: AskedModel, found: VersionDrift, changed: float) -> Iterator[Weakness]:
    sensitive = _sensitive(model)
    surely = found.beyond if found.retraining else found.drift.moved
    gained = [one for one in surely if one.column in sensitive and one.low >= _GAIN]
    far = found.p is not None and found.p <= 1 / (1 + _RETRAININGS) and found.distance is not None and found.distance.low >= _MATERIAL
    if not gained and not far:
        return
    named = [*gained, *(one for one in (found.beyond or found.drift.moved) if one not in gained)][:5]
    yield Weakness(
        category="opacity",
        identity=(model.declared.name,),
        title="The new version looks at other things" if not gained else "A sensitive column has come to count",
        message=f"{'; '.join(_told(one, sensitive) for one in named)} of what moves the answers. {_noise(found)} It changed {changed:.1%} of the answers to test rows.",
        severity=Severity.MEDIUM if gained and found.retraining else Severity.LOW,
        confidence=Confidence.HIGH if found.retraining else Confidence.MEDIUM,
        evidence={
            "distance": found.drift.distance, "retraining": max(found.retraining, default=None), "rank correlation": found.correlation, "pairs of rows": found.drift.n,
            "columns": {one.column: [one.before, one.after] for one in named},
        },
        fix=Fix("Ask what has changed (data, a column's source, a parameter), and whether it was meant; check the columns that gained for fairness and evasion."),
    )  # fmt: skip


def _told(one: ColumnDrift, sensitive: Sequence[str]) -> str:
    what = " (personal or protected)" if one.column in sensitive else ""
    return f"{one.column}{what} went from {one.before:.1%} to {one.after:.1%} (by {one.low:+.1%} to {one.high:+.1%})"


def _noise(found: VersionDrift) -> str:
    """Whether training again would have done it."""
    distance = found.drift.distance
    if not found.retraining:
        return f"The versions are {distance:.3f} apart; whether training again alone would do that is not known."
    more = sum(one >= distance for one in found.retraining)
    return (
        f"The versions are {distance:.3f} apart; of {len(found.retraining)} pairs of models trained on random halves of the training data, {more} are as far "
        f"(the farthest: {max(found.retraining):.3f})."
    )


def _sensitive(model: AskedModel) -> tuple[str, ...]:
    """The columns that are declared personal, protected, or sensitive, a one-hot group under its name."""
    declared = model.declared
    wanted = {*(declared.fairness.protected if declared.fairness else ()), *declared.privacy.sensitive}
    domain = model.samples.domain
    columns = domain.columns if domain else ()
    return tuple(inert(one.group or one.name, 60) for one in columns if one.personal or one.name in wanted or (one.group and one.group in wanted))
