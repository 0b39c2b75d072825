"""Read what a model keeps, and say it: counts and places, never a value."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.attacks.inference.disclosure import Disclosure, Kept
from aisecops.attacks.inference.disclosure_isolated import disclosed_isolated
from aisecops.checks.model.opening import second_quarantine
from aisecops.checks.model.subject import AskedModel
from aisecops.core.check import Context, Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.oracles.adapters.recognition import framework_of
from aisecops.oracles.spec import Framework

_FEW = 5
_TOLD = {
    Kept.ROWS: "{count:,} rows of training data stand in {where}",
    Kept.PERSONAL: "{count:,} of {of:,} strings in {where} look like personal data",
    Kept.RARE_COUNTS: "{count:,} of {of:,} counts in {where} are of fewer than five",
    Kept.RARE_WORDS: "{count:,} of {of:,} words in {where} were in as few documents as any, and none was left out",
    Kept.CLASSES: "{where} names {count:,} classes",
    Kept.CATEGORIES: "{where} names {count:,} categories",
    Kept.SMALL_LEAVES: "{count:,} of {of:,} leaves in {where} have fewer than five training rows",
}
_FIX = {
    Kept.ROWS: "Choose a model that does not keep its training data, or give out answers instead of the file.",
    Kept.PERSONAL: "Mask personal data before training (`aisecops mask`), and leave rare strings out.",
    Kept.RARE_COUNTS: "Merge rare values before training.",
    Kept.RARE_WORDS: "Leave out words that few documents hold: `min_df`.",
    Kept.CLASSES: "Give numbers instead of names as classes where a class is a person.",
    Kept.CATEGORIES: "Merge rare categories: `min_frequency`.",
    Kept.SMALL_LEAVES: "Let leaves hold more rows: `min_samples_leaf`; look at what model/membership-inference measures.",
}


def read(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings and a finding for each kind of thing that is kept, none above low."""
    declared = model.declared
    if declared.callable or (declared.framework or framework_of(model.under_test.location, declared.name)) is not Framework.PICKLE:
        reason = "only a pickled estimator shows what it keeps"
        yield NotExamined(code=Code.NO_POWER, reason=reason, remedy="declare the estimator's own file (joblib) as a model")
        return
    given = second_quarantine(model, ctx)
    found = disclosed_isolated(given.spec, few=_FEW, limits=given.limits, allow_weak=given.allow_weak)
    yield from _readings(found)
    for kind in Kept:
        if kept := [one for one in found if one.kind is kind]:
            yield _finding(model, kind, kept)


def _readings(found: tuple[Disclosure, ...]) -> Iterator[Reading]:
    rows = sum(one.count for one in found if one.kind is Kept.ROWS)
    yield Reading(name="training-rows-stored", value=float(rows), unit="rows", better=Better.LOWER, bound=Bound.ESTIMATE)
    for one in found:
        if one.kind is Kept.SMALL_LEAVES:
            yield Reading(name="small-leaf-share", subject=one.where, value=one.rows, unit="1", n=one.of, better=Better.LOWER, bound=Bound.ESTIMATE)


def _finding(model: AskedModel, kind: Kept, kept: list[Disclosure]) -> Weakness:
    told = "; ".join(_TOLD[kind].format(count=one.count, of=one.of, where=one.where) for one in kept[:3])
    share = f"; {kept[0].rows:.0%} of the training rows fall into such a leaf of a tree" if kind is Kept.SMALL_LEAVES else ""
    return Weakness(
        category="structural-disclosure",
        identity=(model.declared.name, kind),
        title=f"The model file keeps {kind.replace('-', ' ')}",
        message=f"{told}{share}. Whoever has the file has these without an attack.",
        severity=Severity.LOW if kind in (Kept.ROWS, Kept.PERSONAL) else Severity.INFO,
        confidence=Confidence.HIGH if kind is not Kept.PERSONAL else Confidence.MEDIUM,
        evidence={"kind": str(kind), "kept": [{"where": one.where, "count": one.count, "of": one.of} for one in kept[:20]]},
        fix=Fix(_FIX[kind]),
    )
