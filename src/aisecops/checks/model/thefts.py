"""Steal a model, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aisecops.attacks.extraction import LabelsOnly, Rounded, Theft, Top, steal
from aisecops.checks.model.subject import AskedModel
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.oracles.oracle import Capability, Oracle

_MOST = 2000
"""Rows that fidelity is measured with, at most."""
_FAITHFUL, _CLOSE = 0.95, 0.9
_ABOVE_CONSTANT = 0.02


def stolen(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and at most one finding, about the model as it is asked."""
    pool, judged = _rows(model, ctx.seed)
    thefts = {subject: _steal(model, oracle, pool, judged, ctx.seed) for subject, oracle in _views(model).items()}
    for subject, theft in thefts.items():
        yield from _readings(subject, theft)
    first = next(iter(thefts.values()))
    if first.stopped:
        yield NotExamined(code=Code.TRUNCATED, reason=f"the theft stopped early ({first.stopped})", remedy="allow a larger `budget` for this model")
    yield from _finding(model, first)


def _rows(model: AskedModel, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The thief's rows and those that fidelity is measured with: no row is in both."""
    numbers = np.unique(model.samples.numbers, axis=0)
    order = np.random.default_rng(seed).permutation(len(numbers))
    half = len(order) // 2
    return numbers[order[:half]], numbers[order[half:][:_MOST]]


def _views(model: AskedModel) -> dict[str, Oracle]:
    """What a thief may see, first what the model gives."""
    if Capability.SCORES not in model.oracle.capabilities:
        return {"labels": model.oracle}
    views: dict[str, Oracle] = {"scores": model.oracle}
    if model.asset.kind is not AssetKind.ENDPOINT:  # each view asks anew
        views |= {
            "scores of two decimals": Rounded(model.oracle, 2),
            "score of the first class": Top(model.oracle, 1),
            "labels": LabelsOnly(model.oracle),
        }
    return views


def _steal(model: AskedModel, oracle: Oracle, pool: np.ndarray, judged: np.ndarray, seed: int) -> Theft:
    budget = model.declared.budget
    return steal(oracle, pool, judged, queries=model.declared.privacy.extraction, price=budget.price, rate=budget.rate, seed=seed)


def _readings(subject: str, theft: Theft) -> Iterator[Reading]:
    if not theft.copies:
        yield Reading(
            name="extraction-fidelity", subject=subject, value=None, unit="1", n=theft.rows, better=Better.LOWER, blocked="the budget was spent before the first copy"
        )  # fmt: skip
        return
    last = theft.copies[-1]
    curve = tuple((float(copy.queries), copy.fidelity, copy.interval.low, copy.interval.high) for copy in theft.copies)
    yield Reading(
        name="extraction-fidelity", subject=subject, value=last.fidelity, unit="1", n=theft.rows, better=Better.LOWER, bound=Bound.ATTACK, curve=curve
    ).within(last.interval)
    if last.money:
        yield Reading(name="extraction-cost", subject=subject, value=last.money, unit="money", n=last.queries, better=Better.HIGHER)


def _finding(model: AskedModel, theft: Theft) -> Iterator[Weakness]:
    """The first copy that is as faithful as it gets, if it is faithful, and more so than a constant answer."""
    close = [copy for copy in theft.copies if copy.interval.low >= _CLOSE and copy.interval.low > theft.constant + _ABOVE_CONSTANT]
    if not close:
        return
    faithful = [copy for copy in close if copy.interval.low >= _FAITHFUL]
    copy = (faithful or close)[0]
    cost = f", for {copy.money:g} (money)" if copy.money else ""
    cost += f", in {copy.seconds:,.0f} s at the rate allowed" if copy.seconds else ""
    how = "solved for exactly: it is linear in these columns" if theft.exact else f"copied by training a student ({copy.student}) on its answers"
    yield Weakness(
        category="model-extraction",
        identity=(model.declared.name,),
        title="A few queries buy a copy of the model",
        message=(
            f"After {copy.queries:,} queries{cost} the model was {how}; the copy gives its answer to {copy.fidelity:.1%} of {theft.rows:,} rows "
            f"(at least {copy.interval.low:.1%}; always the same answer: {theft.constant:.1%})."
        ),
        severity=Severity.MEDIUM if faithful else Severity.LOW,
        confidence=Confidence.HIGH,
        evidence={"queries": copy.queries, "fidelity": copy.fidelity, "constant": theft.constant, "exact": theft.exact, "student": copy.student},
        fix=Fix(
            "Give labels alone or coarse scores, limit and price queries by person, and watch for floods of unlike questions; see the measurements for what each buys."
        ),
    )
