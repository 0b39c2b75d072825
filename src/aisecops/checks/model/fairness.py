"""Whom a model treats worse than others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from aisecops.checks.model.subject import AskedModel
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert
from aisecops.project.models import FairnessSettings

if TYPE_CHECKING:
    from aisecops.metrics.fairness import Audit, Comparison
    from aisecops.metrics.quality.judged import Judged
    from aisecops.oracles.oracle import Flags, Integers

_SHOWN = 40
"""Comparisons that the record shows one by one, the surest differences first; the gap of each rate is over all of them."""
_SLICES, _PROXIES, _SLICED = 3, 10, 20
_NAMED = 3


@check(
    id="model/fairness",
    title="Groups of people are treated alike",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.UNFAIRNESS,
    categories=("unfairness",),
    only={"protected": ("declared",)},
)
def fairness(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Compare how a model treats the groups that the manifest names, alone and where they meet.

    What it finds
        A group whose rate (of favourable answers, of those it is due to, of wrong answers ...) surely differs from that of everybody else by more than the margin.
        "Surely" means for all groups and rates together, with 95 % confidence: a model that treats all alike is reported in at most one of twenty runs, whether there
        are 2 groups or 2,000. Groups with too few people to say are named, with how many more it takes; they are not called fair.

    Why it matters
        Amazon gave up a model that ranked women's applications lower (2018); COMPAS called black defendants who did not reoffend risky twice as often as white ones
        (ProPublica, 2016). Leaving out the protected column does not help where others carry it: the proxies say which do.

    Example
        ``fairness: {protected: [sex, race], favourable: granted, margin: 0.1}``

    How to fix
        See whether labels or samples already treat the group worse (compare the base rates); collect more data of it; train with weights (``reweighing``), or choose
        thresholds for each group where that is lawful; ``price`` measures what it buys and costs.

    Measurements
        For each rate its ``-gap`` (the largest absolute difference of any group to the rest, for gates) and the ``-difference`` of each group; ``selection-rate-ratio``
        (four-fifths rule), ``calibration-difference``, ``slice-error-rate`` (where errors are surely more frequent), ``proxy-auc`` (which columns tell a group).

    Limits
        Equal rates are not justice: labels may be unfair themselves, and where base rates differ no model can equalise all rates at once. Which of them
        counts is the project's decision; the answer speaks of the population that the test rows were drawn from.

    References
        Hardt, Price, Srebro, Equality of opportunity in supervised learning (NeurIPS 2016); Chouldechova, Fair prediction with disparate impact (2017).
    """
    settings = model.under_test.declared.fairness
    if settings is not None:
        chosen = settings
        yield from model.examined(lambda: _measured(model, chosen, ctx))


def _measured(model: AskedModel, settings: FairnessSettings, ctx: Context) -> Iterator[Result]:
    from aisecops.metrics.fairness import audit
    from aisecops.metrics.quality.judged import judge

    samples = model.samples
    favourable = favourable_class(samples.classes, settings.favourable)
    rows = samples.drawn(settings.samples, (), ctx.seed)
    groups = protected_values(model, rows)
    judged = judge(model.oracle, samples.batch(rows), samples.y[rows])
    due, favoured = judged.y == favourable, judged.labels == favourable
    found = audit(groups, due, favoured, rates=settings.metrics, margin=settings.margin, depth=settings.intersections)
    yield from _gaps(found)
    yield from _differences(found)
    yield from _calibration(groups, judged, favourable)
    columns = _columns(model, rows)
    yield from _slices(groups | columns, ~judged.right)
    yield from _proxies(groups, columns, settings, ctx.seed)
    yield from _findings(model, found, settings, groups, due)
    yield from _too_few(found)


def favourable_class(classes: tuple[str, ...], named: str) -> int:
    """Return the number of the class that people want: the one that is named, of two the second.

    Raises
    ------
    UserError
        There is no such class, or none is named among several.
    """
    if not named and len(classes) == 2:
        return 1
    found = [number for number, name in enumerate(classes) if name.strip().casefold() == named.strip().casefold()]
    if not found:
        shown = ", ".join(inert(name, 40) for name in classes[:10])
        raise UserError(
            f"{inert(named, 40)!r} is none of the classes ({shown})" if named else f"which of the classes is favourable? ({shown})",
            where="fairness.favourable",
            fix="name the class that people want to get",
        )
    return found[0]


def protected_values(model: AskedModel, rows: Integers) -> dict[str, Any]:
    """Return the values of the protected columns for ``rows``; those of columns that are declared personal become numbers of groups.

    Raises
    ------
    UserError
        The file has another number of rows for the protected columns than for the samples.
    """
    import numpy as np

    from aisecops.datasets.domain.changes import MASK
    from aisecops.metrics.fairness import group_by

    domain = model.samples.domain
    personal = {column.name for column in domain.columns if column.personal} if domain else set()
    values: dict[str, Any] = {}
    for column in model.samples.data.protected:
        if len(column.values) != len(model.samples.y):
            raise UserError(
                "the protected columns have another number of rows than the samples", where=f"fairness.protected: {inert(column.name, 60)}"
            )
        every: Any = np.array(column.texts(), dtype=object) if column.categories or column.type == "boolean" else column.values
        own = every[rows]
        if column.name in personal:
            own = [f"{MASK} {group + 1}" for group in group_by({column.name: own}, depth=1)[0].member.tolist()]
        values[column.name] = own
    return values


def _columns(model: AskedModel, rows: Integers) -> dict[str, Any]:
    """What the model is given, by column, as far as it may be shown and names no single persons."""
    domain, numbers = model.samples.domain, model.samples.numbers[rows]
    protected = {column.name for column in model.samples.data.protected}
    columns: dict[str, Any] = {}
    for place, column in enumerate(domain.columns if domain else ()):
        if len(columns) < _SLICED and not column.personal and column.name not in protected and len(column.categories) <= 100:
            values = numbers[:, place]
            columns[column.name] = [column.categories[int(v)] if v == v else "" for v in values.tolist()] if column.categories else values
    return columns


def _gaps(found: Audit) -> Iterator[Reading]:
    from aisecops.metrics.fairness.comparison import least, most

    for rate in found.rates:
        own = [one for one in found.comparisons if one.rate is rate]
        known = [abs(one.difference) for one in own if one.difference is not None]
        yield Reading(
            name=f"{rate}-gap",
            value=max(known) if known else None,
            unit="1",
            n=found.n,
            low=max(map(least, own)),
            high=max(map(most, own)),
            level=found.level,
            method=f"simultaneous-{found.questions}",
            better=Better.LOWER,
            bound=Bound.ESTIMATE,
            blocked="" if known else "no group holds anybody that this rate is about",
        )


def _differences(found: Audit) -> Iterator[Reading]:
    from aisecops.metrics.fairness import Rate
    from aisecops.metrics.fairness.comparison import least

    for one in sorted(found.comparisons, key=lambda one: (-least(one), -one.trials))[:_SHOWN]:
        if one.difference is None:
            continue
        common = Reading(name="", value=None, unit="1", n=one.trials, level=found.level, method=f"simultaneous-{found.questions}", subject=one.group)
        yield _with(common, f"{one.rate}-difference", one.difference, one.low, one.high)
        if one.rate is Rate.SELECTION and one.ratio is not None:
            yield _with(common, "selection-rate-ratio", one.ratio, one.ratio_low, one.ratio_high)


def _with(common: Reading, name: str, value: float, low: float, high: float | None) -> Reading:
    import msgspec

    return msgspec.structs.replace(common, name=name, value=value, low=low, high=high, bound=Bound.ESTIMATE)


def _calibration(groups: Mapping[str, Any], judged: Judged, favourable: int) -> Iterator[Reading]:
    from aisecops.metrics.fairness import calibration_gaps, group_by

    if judged.scores is None or judged.not_probabilities:
        return
    for part in group_by(groups, depth=1):
        for gap in calibration_gaps(part, judged.y == favourable, judged.scores[:, favourable].clip(0, 1)):
            common = Reading(name="", value=None, unit="1", n=gap.n, level=0.95, method=f"{gap.method}-{len(part.names)}", subject=gap.group)
            yield _with(common, "calibration-difference", gap.difference, gap.low, gap.high)


def _slices(columns: Mapping[str, Any], wrong: Flags) -> Iterator[Reading]:
    from aisecops.metrics.fairness import worst_slices

    search = worst_slices(columns, wrong, most=_SLICES)
    for found in search.slices:
        method = f"clopper-pearson-bonferroni-{search.looked_at}"
        common = Reading(name="", value=None, unit="1", n=found.n, level=0.95, method=method, better=Better.LOWER, subject=found.name)
        yield _with(common, "slice-error-rate", found.rate, found.low, found.high)


def _proxies(groups: Mapping[str, Any], columns: Mapping[str, Any], settings: FairnessSettings, seed: int) -> Iterator[Reading]:
    from aisecops.metrics.fairness import proxies

    allowed = {name: values for name, values in columns.items() if name not in settings.protected}
    found = proxies(groups, allowed, seed=seed) if allowed else ()
    for proxy in [proxy for proxy in found if proxy.low > 0.5][:_PROXIES]:
        subject = f"{proxy.group} by {inert(proxy.column, 60)}"
        common = Reading(name="", value=None, unit="1", n=proxy.n, level=0.95, method=f"{proxy.method}-bonferroni", subject=subject)
        yield _with(common, "proxy-auc", proxy.value, proxy.low, proxy.high)


def _findings(model: AskedModel, found: Audit, settings: FairnessSettings, groups: Mapping[str, Any], due: Flags) -> Iterator[Weakness]:
    """One for each column; where columns meet only if none of them shows it alone."""
    from aisecops.metrics.fairness import Standing
    from aisecops.metrics.fairness.comparison import least

    unfair = found.of(Standing.UNFAIR)
    told: list[set[str]] = []
    for columns in sorted(dict.fromkeys(one.columns for one in unfair), key=len):
        if any(shown <= set(columns) for shown in told):
            continue
        told.append(set(columns))
        own = [one for one in unfair if one.columns == columns]
        people = f" The test rows stand for {inert(settings.population, 200)}." if settings.population else ""
        yield Weakness(
            category="unfairness",
            identity=(model.declared.name, *columns),
            title=f"Groups by {' and '.join(columns)} are treated differently",
            message=(
                "; ".join(map(_told, own[:_NAMED]))
                + f". Differences of more than {settings.margin:g} are not allowed; with 95 % confidence in all {found.questions} comparisons together."
                + _base_rates(groups, columns, due)
                + people
            ),
            severity=Severity.HIGH if least(own[0]) >= 2 * settings.margin else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            evidence={"comparisons": [_evidence(one) for one in own[:10]], "questions": found.questions, "n": found.n},
            fix=Fix(
                "Look at the base rates and at how the labels came about first; collect more data of the group, train with weights (`reweighing`) "
                "or choose other thresholds, and measure again what it buys and what it costs (price)."
            ),
        )


def _told(one: Comparison) -> str:
    value, rest = one.value or 0.0, one.rest or 0.0
    sure = max(one.low, -one.high)
    return f"{one.group}: {one.rate} {value:.3f} ({one.hits} of {one.trials}), everybody else {rest:.3f}, at least {sure:.3f} apart"


def _evidence(one: Comparison) -> dict[str, Any]:
    return {
        "group": one.group, "rate": one.rate.value, "hits": one.hits, "trials": one.trials, "rest-hits": one.rest_hits, "rest-trials": one.rest_trials,
        "low": one.low, "high": one.high,
    }  # fmt: skip


def _base_rates(groups: Mapping[str, Any], columns: tuple[str, ...], due: Flags) -> str:
    """How far the truth itself differs: what a perfect model would show as a difference of selection rates."""
    import numpy as np

    from aisecops.metrics.fairness import Rate, group_by
    from aisecops.metrics.fairness.rates import count

    named = {name: values for name, values in groups.items() if inert(name, 60) in columns}
    part = group_by(named, depth=len(named))[-1]
    counts = count(part, due, due, (Rate.BASE,))
    shares = (counts.hits / np.maximum(counts.trials, 1))[0]
    low, high = int(shares.argmin()), int(shares.argmax())
    return f" By the labels, the favourable answer is due to {shares[low]:.3f} of {part.names[low]} and to {shares[high]:.3f} of {part.names[high]}."


def _too_few(found: Audit) -> Iterator[NotExamined]:
    from aisecops.metrics.fairness import Standing

    few = [one for one in found.comparisons if one.standing is Standing.TOO_FEW]
    if not few:
        return
    needed = sorted((one for one in few if one.more), key=lambda one: one.more or 0)
    shown = [f"{one.group} ({one.rate}: {one.trials} now, about {one.more:,} more)" for one in needed[:_NAMED]]
    hint = f"; for example {', '.join(shown)}" if shown else ""
    yield NotExamined(
        code=Code.NO_POWER,
        reason=f"{len(few)} of {found.questions} comparisons of groups have too few rows to say whether they differ by more than {found.margin:g}{hint}",
        remedy="collect more labelled rows of these groups, or compare fewer metrics or intersections",
    )
