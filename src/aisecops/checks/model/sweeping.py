"""Try every setting of the declared defences, and say what each buys and costs, and which to take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from aisecops.checks.model.defended import Bench, told
from aisecops.checks.model.subject import AskedModel, gap
from aisecops.checks.model.training import retraining, sides
from aisecops.core.check import Context, Result
from aisecops.core.digest import canonical_json
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.defences.leakage.outputs import output_settings
from aisecops.defences.leakage.recommendation import RULE, Point, Price, recommended
from aisecops.defences.leakage.retraining import IsolatedRetraining
from aisecops.defences.leakage.settings import Family, Setting
from aisecops.project.models import DefenceSettings

_COLUMNS: tuple[tuple[str, str, Better, Bound], ...] = (
    ("accuracy", "defended-accuracy", Better.HIGHER, Bound.ESTIMATE),
    ("change", "defended-accuracy-change", Better.HIGHER, Bound.ESTIMATE),
    ("leak", "defended-membership-auc", Better.LOWER, Bound.ATTACK),
    ("rate", "defended-membership-tpr", Better.LOWER, Bound.ATTACK),
    ("gap", "defended-fairness-gap", Better.LOWER, Bound.ESTIMATE),
    ("robust", "defended-robust-accuracy", Better.HIGHER, Bound.ATTACK),
)


def swept(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and a finding where a setting is recommended."""
    settings = model.declared.defences
    assert settings is not None  # the check is planned where it is declared
    families = [Family(name) for name in settings.families] or list(Family)
    records = sides(model, ctx.seed)
    needed = 2 * (2 * len(records.members[1]) + len(model.samples.y))
    if (too_dear := model.too_dear(needed, "to compare defences")) is not None:
        yield too_dear
        return
    training, tried, refused = _training(model, families, ctx)
    if refused is not None:
        yield refused
    try:
        bench = Bench(model, records, training, robust_samples=settings.robust_samples, seed=ctx.seed)
        plain = bench.as_it_is()
        prices = [bench.behind(one, plain) for one in output_settings(families, len(model.oracle.classes))]
        for one in tried:
            try:
                prices.append(bench.retrained(one))
            except UserError as error:
                yield msgspec.structs.replace(gap(error), reason=f"{one.name} was not tried: {error.what}")
    finally:
        if training is not None:
            training.close()
    yield from _results(model, settings, plain, prices, ctx)


def _training(
    model: AskedModel, families: Sequence[Family], ctx: Context
) -> tuple[IsolatedRetraining | None, tuple[Setting, ...], NotExamined | None]:
    """Where models are trained anew, and what is tried there; or why not."""
    wanted = [family for family in families if not family.of_outputs]
    if model.under_test.trusted != "clean" or model.declared.callable:
        refused = NotExamined(
            code=Code.NOT_TRUSTED, reason="models are trained anew only from a file whose verdict is clean; only defences of outputs were tried",
            remedy="declare the estimator's own file, with a clean verdict, as a model",
        )  # fmt: skip
        return None, (), refused
    try:
        training = retraining(model, ctx)
        return training, training.settings(wanted), None
    except UserError as error:
        said = gap(error)
        return None, (), msgspec.structs.replace(said, reason=f"only defences of outputs were tried, without shadow models: {said.reason}")


def _results(model: AskedModel, settings: DefenceSettings, plain: Price, prices: Sequence[Price], ctx: Context) -> Iterator[Result]:
    chosen = recommended(plain, prices, settings.tolerance)
    table = {
        "model": model.declared.name, "tolerance": settings.tolerance, "rule": RULE, "recommended": chosen[0].setting if chosen else None,
        "rows": [dict(told(price)) for price in (plain, *prices)],
    }  # fmt: skip
    attachment = ctx.attach("defence-table", "application/json", canonical_json(table))
    kept = (attachment,) if attachment else ()
    yield Reading(
        name="defence-recommended", subject=chosen[0].setting if chosen else "none", value=float(len(chosen)), unit="settings", n=len(prices) or None,
        attachments=kept,
    )  # fmt: skip
    for price in (plain, *prices):
        yield from _readings(price)
    if chosen:
        yield _finding(model, settings, plain, chosen[0], len(prices))


def _readings(price: Price) -> Iterator[Reading]:
    for column, name, better, bound in _COLUMNS:
        point: Point | None = getattr(price, column)
        if point is not None:
            yield Reading(
                name=name, subject=price.setting, value=point.value, unit="1", n=point.n, low=point.low, high=point.high,
                level=0.9 if column == "rate" else 0.95, method=price.attack if column in ("leak", "rate") else "", better=better, bound=bound,
            )  # fmt: skip


def _finding(model: AskedModel, settings: DefenceSettings, plain: Price, best: Price, tried: int) -> Weakness:
    gains = (
        f"the area under the attack's curve falls from {plain.leak.value:.3f} to {best.leak.value:.3f} (at most {best.leak.high:.3f}; 0.5 is a guess)"
    )
    cost = f"accuracy changes by {best.change.value:+.3f} (at worst {best.change.low:+.3f})"
    beside = [
        f"{name} from {before.value:.3f} to {after.value:.3f}"
        for name, before, after in (("the largest gap between groups", plain.gap, best.gap), ("robust accuracy", plain.robust, best.robust))
        if before is not None and after is not None and before != after
    ]
    return Weakness(
        category="avoidable-leak",
        identity=(model.declared.name,),
        title="The model leaks more than it has to",
        message=(
            f"With {best.setting}, {gains}, and {cost}; the project would pay {settings.tolerance:g}."
            + (f" Beside that {' and '.join(beside)}." if beside else "")
            + f" It is the best of {tried} settings that were tried; the table is attached."
        ),
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        evidence={"setting": best.setting, "before": dict(told(plain)), "after": dict(told(best)), "tried": tried, "rule": RULE},
        fix=Fix(f"Apply {best.setting}, and run again: model/membership-inference measures what came of it."),
    )
