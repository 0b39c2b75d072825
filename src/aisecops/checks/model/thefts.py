"""Steal a model, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aisecops.attacks.extraction import Flat, LabelsOnly, Rounded, Theft, Top, steal
from aisecops.checks.model.subject import AskedModel
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.oracles.oracle import Batch, Capability, Oracle
from aisecops.project.models import ModelTask

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
    yield from _finding(model, first, _bought(thefts))


def _rows(model: AskedModel, seed: int) -> tuple[Batch, Batch]:
    """What the thief has and what fidelity is measured with, images as rows of pixels: no row and no text is in both."""
    texts = sorted(set(model.samples.texts))
    numbers = np.unique(model.samples.numbers.reshape(len(model.samples.y), -1), axis=0) if not texts else np.zeros((len(texts), 0))
    order = np.random.default_rng(seed).permutation(len(numbers))
    half = len(order) // 2
    mine, judged = order[:half], order[half:][:_MOST]
    return ([texts[row] for row in mine], [texts[row] for row in judged]) if texts else (numbers[mine], numbers[judged])


def _views(model: AskedModel) -> dict[str, Oracle]:
    """What a thief may see, first what the model gives."""
    asked: Oracle = model.oracle
    if model.declared.task is ModelTask.IMAGE:
        asked = Flat(model.oracle, model.samples.numbers.shape[1:])
    if Capability.SCORES not in asked.capabilities:
        return {"labels": asked}
    views: dict[str, Oracle] = {"scores": asked}
    if model.asset.kind is not AssetKind.ENDPOINT:  # each view asks anew
        views |= {
            "scores of two decimals": Rounded(asked, 2),
            "score of the first class": Top(asked, 1),
            "labels": LabelsOnly(asked),
        }
    return views


def _steal(model: AskedModel, oracle: Oracle, pool: Batch, judged: Batch, seed: int) -> Theft:
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
    if last.seconds:
        yield Reading(name="extraction-time", subject=subject, value=last.seconds, unit="s", n=last.queries, better=Better.HIGHER)


def _bought(thefts: dict[str, Theft]) -> str:
    """What the defences that were tried take from the thief, where all could be asked as often."""
    full, *defended = thefts.values()
    if not defended or any(theft.stopped or not theft.copies for theft in thefts.values()):
        return ""
    told = "; ".join(f"{subject} {theft.copies[-1].fidelity:.1%}" for subject, theft in list(thefts.items())[1:])
    most, last = max(theft.copies[-1].queries for theft in defended), full.copies[-1]
    return f" What defences buy, by the copies after {most:,} queries: {told} (as it is: {last.fidelity:.1%} after {last.queries:,})."


def _finding(model: AskedModel, theft: Theft, bought: str) -> Iterator[Weakness]:
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
            f"(at least {copy.interval.low:.1%}; always the same answer: {theft.constant:.1%}).{bought}"
        ),
        severity=Severity.MEDIUM if faithful else Severity.LOW,
        confidence=Confidence.HIGH,
        evidence={"queries": copy.queries, "fidelity": copy.fidelity, "constant": theft.constant, "exact": theft.exact, "student": copy.student},
        fix=Fix(
            "Give labels alone or coarse scores, limit and price queries by person, and watch for floods of unlike questions; see the measurements for what each buys."
        ),
    )
