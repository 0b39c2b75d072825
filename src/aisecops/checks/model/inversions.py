"""Invert a model, compare with members and others, and say what came of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from aisecops.attacks.inference.inversion import Inverted, Likeness, Pictured, Verdict, compare, drift, invert
from aisecops.attacks.inference.membership.audit import disjoint
from aisecops.attacks.inference.membership.blind import blind_baseline
from aisecops.checks.model.samples import Data, Samples, images_for
from aisecops.checks.model.sealing import kept_sealed
from aisecops.checks.model.subject import AskedModel
from aisecops.checks.model.training import training_samples
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Capability, Floats, Integers
from aisecops.project.models import ModelTask

_CLASSES, _RECORDS = 100, 20_000
_STEPS, _STEPS_REMOTE = 200, 20
_BLIND_COLUMNS = 64
Coordinates = Callable[[Floats], Floats]


class _Records(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides, without repeated rows: samples (n, ...) and labels (n,)."""

    members: Floats
    y: Integers
    others: Floats
    other_y: Integers


def inverted(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Yield readings, gaps, and at most one finding."""
    records = _records(model, ctx.seed)
    counts = np.bincount(records.y, minlength=len(model.samples.classes))
    labels = np.flatnonzero(counts)
    labels = np.sort(labels[np.argsort(counts[labels], kind="stable")][:_CLASSES])
    try:
        found = _invert(model, records, labels, ctx.seed, steps=_STEPS_REMOTE if model.asset.kind is AssetKind.ENDPOINT else _STEPS)
    except BudgetSpent as spent:
        yield NotExamined(code=Code.TRUNCATED, reason=f"the inversion stopped early ({spent})", remedy="allow a larger `budget` for this model")
        return
    blocked = _void(records, ctx.seed)
    alike = _compared(model, records, found, ctx.seed)
    kept, unkept = _keep(found, ctx) if model.declared.privacy.keep_risks else ((), None)
    yield from _readings(model, found, alike, blocked, kept)
    if unkept is not None:
        yield unkept
    yield from _gaps(model, alike, len(np.flatnonzero(counts)))
    if not blocked:
        yield from _finding(model, found, alike)


# ---- the records and the attack


def _records(model: AskedModel, seed: int) -> _Records:
    trained, test = training_records(model), model.samples
    if trained.numbers.shape[1:] != test.numbers.shape[1:]:
        shapes = f"{trained.numbers.shape[1:]} and {test.numbers.shape[1:]}"
        raise UserError(f"training data and test set have samples of different shapes: {shapes}", where=f"models: {inert(model.declared.name)}")
    sides = [np.column_stack([part.numbers.reshape(len(part.y), -1), part.y]) for part in (trained, test)]
    mine, theirs = (np.flatnonzero(kept) for kept in disjoint(*sides))
    rng = np.random.default_rng(seed)
    mine, theirs = (np.sort(rng.permutation(rows)[:_RECORDS]) for rows in (mine, theirs))
    if not len(mine) or not len(theirs):
        raise UserError(
            "no record of the training data is absent from the test set, or none the other way round", where=f"models: {inert(model.declared.name)}"
        )
    return _Records(members=trained.numbers[mine], y=trained.y[mine], others=test.numbers[theirs], other_y=test.y[theirs])


def training_records(model: AskedModel) -> Samples:
    """Return the training data of ``model``, rows or images, in the columns of its test set.

    Raises
    ------
    UserError
        They are not declared, cannot be read, or have other columns.
    """
    if model.declared.task is not ModelTask.IMAGE:
        return training_samples(model)[0]
    images, labels = images_for(model.declared, model.under_test.training)
    return Data(where=model.declared.training_data, labels=labels, numbers=images).numbered(model.oracle.classes)


def _invert(model: AskedModel, records: _Records, labels: Integers, seed: int, *, steps: int) -> Inverted:
    space, whole, shape = model.samples.space, model.samples.whole, records.members.shape[1:]
    return invert(model.oracle, space.low, space.high, shape, labels=labels, whole=whole, steps=steps, seed=seed)


def _compared(model: AskedModel, records: _Records, found: Inverted, seed: int) -> list[Likeness]:
    coordinates = _coordinates(model, np.concatenate([records.members, records.others]))

    def closer(label: int) -> Floats | None:
        return _drift(model, records, label, coordinates, seed)

    quick = Pictured(points=coordinates(found.points), members=coordinates(records.members), others=coordinates(records.others))
    sure = (lambda label: _sure(model, records, label)) if Capability.SCORES in model.oracle.capabilities else None
    return compare(quick, found.labels, records.y, records.other_y, closer=closer if found.method == "gradient" else None, confidence=sure)


def _sure(model: AskedModel, records: _Records, label: int) -> tuple[Floats, Floats] | None:
    """How sure the model is of a class for members and others of it; None where the budget does not allow to ask."""
    try:
        mine, theirs = (model.oracle.scores(side) for side in (records.members[records.y == label], records.others[records.other_y == label]))
    except BudgetSpent:
        return None
    return mine[:, label], theirs[:, label]


def _drift(model: AskedModel, records: _Records, label: int, coordinates: Coordinates, seed: int) -> Floats | None:
    """Where the model wants people of a class to go, members and others alike; None where the budget does not allow to ask."""
    people, space, whole = (
        np.concatenate([records.members[records.y == label], records.others[records.other_y == label]]),
        model.samples.space,
        model.samples.whole,
    )
    low, high = (np.broadcast_to(np.asarray(end, dtype=np.float64), people.shape[1:]) for end in (space.low, space.high))
    known = np.isfinite(people)
    typical = np.where(known, people, 0).sum(axis=0) / np.maximum(1, known.sum(axis=0))

    def rounded(points: Floats) -> Floats:
        return coordinates(points if whole is None else np.where(whole, np.round(points), points))

    try:
        return drift(model.oracle, low, high, np.where(known, people, typical), label, seed=seed, coordinates=rounded)
    except BudgetSpent:
        return None


def _coordinates(model: AskedModel, people: Floats) -> Coordinates:
    """Images as they are; rows with every column in units of its deviation among ``people``, a missing value at the mean, and categories as one column each."""
    domain = model.samples.data.domain
    if domain is None:
        return lambda points: points

    def coded(points: Floats) -> list[Floats]:
        values = [points[:, place : place + 1] for place in range(len(domain.columns))]
        told = zip(domain.columns, values, strict=True)
        return [(one == np.arange(len(column.categories))).astype(float) if column.categories else one for column, one in told]

    scales = []
    for values in coded(people):
        known = np.isfinite(values)
        mean = np.where(known, values, 0).sum(axis=0) / np.maximum(1, known.sum(axis=0))
        spread = np.sqrt(np.where(known, (values - mean) ** 2, 0).mean(axis=0))
        scales.append((mean, np.where(spread > 0, spread, 1.0)))

    def coordinates(points: Floats) -> Floats:
        parts = [np.where(np.isfinite(values), values - mean, 0) / spread for values, (mean, spread) in zip(coded(points), scales, strict=True)]
        return np.concatenate(parts, axis=1)

    return coordinates


def _void(records: _Records, seed: int) -> str:
    """Why the control is none: members and others of the same classes can be told apart without the model. Few of a class on one side is no difference."""
    rng = np.random.default_rng(seed)
    mine, theirs = [], []
    for label in np.unique(records.y):
        inside, outside = (rng.permutation(np.flatnonzero(y == label)) for y in (records.y, records.other_y))
        n = min(len(inside), len(outside))
        mine.append(inside[:n])
        theirs.append(outside[:n])
    chosen, rest = (rng.permutation(np.concatenate(rows))[:2000] for rows in (mine, theirs))
    if min(len(chosen), len(rest)) < 20:
        return ""
    columns = np.sort(rng.permutation(int(np.prod(records.members.shape[1:])))[:_BLIND_COLUMNS])
    sides = [
        (samples[rows].reshape(len(rows), -1)[:, columns], y[rows])
        for samples, y, rows in ((records.members, records.y, chosen), (records.others, records.other_y, rest))
    ]
    blind = blind_baseline(sides[0], sides[1], seed=seed)
    return f"members and other records of a class differ without the model (area at least {blind.area.interval.low:.3f})" if blind.shifted else ""


# ---- what is said


def _readings(model: AskedModel, found: Inverted, alike: list[Likeness], blocked: str, kept: tuple[str, ...]) -> Iterator[Reading]:
    value, n = float(found.confidence.mean()), len(found.labels)
    yield Reading(
        name="inversion-confidence", subject=found.method, value=value, unit="1", n=n, better=Better.LOWER, bound=Bound.ATTACK, attachments=kept
    )
    for likeness in sorted((one for one in alike if one.others), key=lambda one: one.p / one.level)[:20]:
        reading = Reading(
            name="inversion-resemblance", subject=_name(model, likeness), value=likeness.area, unit="1", n=likeness.members + likeness.others,
            better=Better.LOWER, bound=Bound.ATTACK, blocked=blocked,
        )  # fmt: skip
        yield reading.within(likeness.interval)


def _name(model: AskedModel, likeness: Likeness) -> str:
    return f"class {inert(model.samples.classes[likeness.label], 40)}"


def _gaps(model: AskedModel, alike: list[Likeness], classes: int) -> Iterator[NotExamined]:
    few = [likeness for likeness in alike if likeness.verdict is Verdict.NO_POWER]
    if few:
        first = min(few, key=lambda one: one.needed)
        reason = f"{len(few)} of {len(alike)} classes have too few other records for the control ({_name(model, first)}: {first.others} of {first.needed:,})"
        yield NotExamined(code=Code.NO_POWER, reason=reason, remedy="give a larger test set from the same source")
    if hidden := [likeness for likeness in alike if likeness.verdict is Verdict.UNDECIDED]:
        first = min(hidden, key=lambda one: one.members)
        reason = (
            f"whether {len(hidden)} classes of few members show them cannot be said: their pictures do not, and the model is surer of these members than of others "
            f"({_name(model, first)}: {first.members} of {first.members + first.others:,} records)"
        )
        yield NotExamined(code=Code.NO_POWER, reason=reason, remedy="take these people for exposed: give the classes more people, or merge them")
    if classes > len(alike):
        reason = f"{classes - len(alike)} classes, those with the most members, were not inverted"
        yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy=f"declare a model with the {_CLASSES} classes that matter most")


def _finding(model: AskedModel, found: Inverted, alike: list[Likeness]) -> Iterator[Weakness]:
    shown = [one for one in alike if one.verdict is Verdict.MEMBER_SPECIFIC]
    if not shown:
        return
    worst = min(shown, key=lambda one: one.p / one.level)
    sure = float(found.confidence[list(found.labels).index(worst.label)])
    told = "; ".join(_told(model, one) for one in sorted(shown, key=lambda one: one.p / one.level)[:3])
    yield Weakness(
        category="model-inversion",
        identity=(model.declared.name,),
        title="Inverting the model shows people of its training data",
        message=(
            f"Of {len(alike)} reconstructions (by {found.method}) {len(shown)} resemble members of the training data more than chance allows: {told}. "
            f"The model is {sure:.0%} sure of the first. The others show the class average only, as far as can be said."
        ),
        severity=Severity.HIGH if worst.member_best >= 0.8 else Severity.MEDIUM,
        confidence=Confidence.HIGH,
        evidence={
            "method": found.method,
            "classes": [
                {"label": one.label, "members": one.members, "others": one.others, "p": one.p, "level": one.level, "likeness": round(one.member_best, 4)}
                for one in shown[:20]
            ],
        },
        fix=Fix("Give these classes more people or merge them, let the model learn less by heart, and answer with labels or coarse scores; then run again."),
    )  # fmt: skip


def _told(model: AskedModel, one: Likeness) -> str:
    if one.members == 1:
        return f"{_name(model, one)}, nearer to its one member than to {one.area:.1%} of {one.others:,} others (p = {one.p:.2g})"
    return (
        f"{_name(model, one)}, whose {one.nearest} nearest records are all members ({one.members:,} members, {one.others:,} others, p = {one.p:.2g})"
    )


def _keep(found: Inverted, ctx: Context) -> tuple[tuple[str, ...], NotExamined | None]:
    """The reconstructions, shape (c, ...), with labels: they may show people. Or why they are not kept."""
    buffer = io.BytesIO()
    np.savez(buffer, points=found.points, labels=found.labels, confidence=found.confidence)
    return kept_sealed(ctx, "reconstructions", buffer.getvalue(), "what was reconstructed")
