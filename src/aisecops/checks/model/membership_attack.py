"""The attack on a model's memory of its training data, made once for all checks that judge by it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.inference.isolated import IsolatedShadows
from aisecops.attacks.inference.membership.audit import Leakage, audit
from aisecops.attacks.inference.membership.shadows import Shadows
from aisecops.checks.model.opening import second_quarantine
from aisecops.checks.model.subject import AskedModel, gap
from aisecops.checks.model.training import Sides, sides
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.oracles.oracle import Capability, Flags, Floats


class Attacked(msgspec.Struct, frozen=True, kw_only=True):
    """The records, what came of the attack on them (None: it was not made), and what was not done as well as it could be."""

    records: Sides
    leakage: Leakage | None
    gaps: tuple[NotExamined, ...] = ()


def attack(model: AskedModel, ctx: Context) -> Attacked:
    """Attack ``model`` with as many records as the manifest says; a second check of the same model gets what the first one got."""
    return ctx.memo("membership-attack", lambda: _attacked(model, ctx))


def _attacked(model: AskedModel, ctx: Context) -> Attacked:
    records = sides(model, ctx.seed)
    each = 1 if Capability.SCORES in model.oracle.capabilities else 1 + model.declared.privacy.label_queries
    too_dear = model.too_dear(2 * each * len(records.members[1]), "to ask about all records")
    if too_dear is not None:
        return Attacked(records=records, leakage=None, gaps=(too_dear,))
    trained = _shadows(model, records, ctx) if model.declared.privacy.shadows else None
    try:
        leakage = _audit(model, records, trained, ctx)
    except UserError as error:
        if trained is None:
            raise
        refused = gap(error)
        said = NotExamined(code=refused.code, reason=f"no shadow models, only the model's confidence: {refused.reason}", remedy=refused.remedy)
        return Attacked(records=records, leakage=_audit(model, records, None, ctx), gaps=(said,))
    without = model.declared.privacy.shadows and trained is None and leakage.attack in ("confidence", "quantile")
    return Attacked(records=records, leakage=leakage, gaps=(_NOBODY_SAYS,) if without else ())


_NOBODY_SAYS = NotExamined(
    code=Code.NO_POWER,
    reason="only the confidence of the model was looked at: nobody says how it was trained, so there are no shadow models",
    remedy="declare the estimator's own file as a model to attack it as strongly as can be",
)


def _audit(model: AskedModel, records: Sides, shadows: Shadows | None, ctx: Context) -> Leakage:
    wanted = model.declared.privacy
    return audit(
        model.oracle, records.members, records.others, shadows=shadows, count=wanted.shadows or 8, rest=records.rest, queries=wanted.label_queries, seed=ctx.seed
    )  # fmt: skip


def _shadows(model: AskedModel, records: Sides, ctx: Context) -> Shadows | None:
    """Shadows whose quarantine starts when the first one is asked for: a logistic regression needs none."""
    if model.asset.kind is AssetKind.ENDPOINT or model.declared.callable:
        return None
    return _Late(lambda: _started(model, records, ctx))


class _Late:
    def __init__(self, start: Callable[[], Shadows]) -> None:
        self._start = start

    def __call__(self, inside: Flags, first: int = 0) -> Floats:
        return self._start()(inside, first)


def _started(model: AskedModel, records: Sides, ctx: Context) -> Shadows:
    given = second_quarantine(model, ctx)
    X, y = (np.concatenate([mine, theirs]) for mine, theirs in zip(records.members, records.others, strict=True))  # noqa: N806
    shadows = ctx.isolate(lambda: IsolatedShadows(given.spec, recipe=given.recipe, limits=given.limits, allow_weak=given.allow_weak))
    return shadows.told(X, y, records.rest, seed=ctx.seed)
