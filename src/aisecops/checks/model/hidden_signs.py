"""What the search for backdoors found in a declared model, as readings, gaps and findings."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from aisecops.checks.model.opening import second_quarantine
from aisecops.checks.model.subject import AskedModel
from aisecops.core.check import Context, Result
from aisecops.core.errors import UserError
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert
from aisecops.defences.backdoors import Effort, Examination, Sign, examine, of_images, of_table, of_texts
from aisecops.defences.backdoors.contrast import EXCHANGED, FROM_ONE
from aisecops.defences.backdoors.examination import FEWEST, Subject
from aisecops.defences.backdoors.lexicon import Lexicon
from aisecops.defences.backdoors.lexicon_isolated import lexicon_isolated
from aisecops.defences.backdoors.triggers import LOOK_ALIKES, Marks, Pattern, Run, Values, Words
from aisecops.defences.backdoors.verdict import Power
from aisecops.oracles.adapters.recognition import framework_of
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Floats
from aisecops.oracles.spec import Framework
from aisecops.project.models import ModelTask

_MOST_SAMPLES, _BLIND, _NEARLY, _SIDE = 1500, 0.95, 0.05, 112
EFFORT = {
    ModelTask.TABLE: Effort(references=16, planted=4),
    ModelTask.TEXT: Effort(planted=4),
    ModelTask.IMAGE: Effort(references=10, controls=1, planted=4, held=200),
}
"""How hard to look, by kind of sample."""
_LITERAL = re.compile(rb"\x8c(.)|X(.)\x00\x00\x00", re.DOTALL)
"""How pickles begin a short text: the opcode and its length."""


def searched(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Look for backdoors of ``model``, and yield what came of it."""
    import sklearn  # noqa: F401 - said before work is done

    n = len(model.samples.y)
    if n < FEWEST:
        what = f"{n} clean samples are too few to tell a backdoor from chance"
        yield NotExamined(code=Code.NO_POWER, reason=what, remedy=f"give a clean test set of {FEWEST} samples or more")
        return
    try:
        seen = examine(_subject(model, ctx), EFFORT[model.declared.task], seed=ctx.seed)
    except BudgetSpent as spent:
        yield NotExamined(
            code=Code.TRUNCATED, reason=f"the search for backdoors stopped early (budget: {spent})", remedy="allow a larger `budget` for this model"
        )
        return
    yield from _readings(seen)
    yield from _gaps(model, seen)
    yield from _findings(model, ctx, seen)


def _subject(model: AskedModel, ctx: Context) -> Subject:
    samples = model.samples
    rows = np.sort(np.random.default_rng([ctx.seed, 17]).permutation(len(samples.y))[:_MOST_SAMPLES])
    y = samples.y[rows]
    match model.declared.task:
        case ModelTask.TEXT:
            texts = [samples.texts[row] for row in rows]
            return of_texts(model.oracle, texts, y, vocabulary=words_in(model.under_test.location), lexicon=_lexicon(model, ctx, texts))
        case ModelTask.IMAGE:
            low, high = (float(bound.min()) for bound in (samples.space.low, samples.space.high))
            return of_images(model.oracle, samples.numbers[rows], y, low=low, high=high)
        case ModelTask.TABLE:
            closed = np.array([column.type.value in ("category", "boolean") for column in samples.domain.columns]) if samples.domain else None
            return of_table(model.oracle, samples.numbers[rows], y, whole=samples.whole, closed=closed)


def _lexicon(model: AskedModel, ctx: Context, texts: list[str]) -> Lexicon | None:
    """How many texts of its training held each word, where a pickled model says so; the search goes on without."""
    declared, location = model.declared, model.under_test.location
    try:
        if not location or declared.callable or (declared.framework or framework_of(location, declared.name)) is not Framework.PICKLE:
            return None
        given = second_quarantine(model, ctx)
        return lexicon_isolated(given.spec, texts, limits=given.limits, allow_weak=given.allow_weak)
    except UserError:
        return None


def words_in(path: str) -> list[str]:
    """The short words that stand in a file as a pickle writes them, without reading it as one: the vocabulary of a vectoriser is among them."""
    if not path or not Path(path).is_file():
        return []
    content, found = Path(path).read_bytes()[: 64 << 20], dict[str, None]()
    for match in _LITERAL.finditer(content):
        length = (match.group(1) or match.group(2))[0]
        word = content[match.end() : match.end() + length].decode("utf-8", "ignore")
        if 2 <= length <= 30 and word.isprintable() and not any(mark in word for mark in " ._/"):
            found[word] = None
    return list(found)[:20_000]


def _readings(seen: Examination) -> Iterator[Reading]:
    for sign in seen.signs:
        success = Reading(
            name="backdoor-success", subject=sign.family, value=sign.success, unit="1", n=sign.n, better=Better.LOWER, bound=Bound.ATTACK
        )
        yield success.within(sign.interval())
        yield Reading(name="backdoor-excess", subject=sign.family, value=sign.excess, unit="1", n=sign.n, better=Better.LOWER, bound=Bound.ESTIMATE)
    for power in seen.power:
        told = Reading(name="backdoor-power", subject=power.kind, value=None, unit="1", n=power.took, better=Better.HIGHER, bound=Bound.ESTIMATE)
        if power.took:
            yield _valued(told, power)


def _valued(told: Reading, power: Power) -> Reading:
    import msgspec

    return msgspec.structs.replace(told.within(clopper_pearson(power.found, power.took)), value=power.found / power.took)


def _gaps(model: AskedModel, seen: Examination) -> Iterator[NotExamined]:
    """What the search could not have found, where nothing was found."""
    if seen.backdoors:
        return
    if seen.errs_often:
        yield NotExamined(
            code=Code.NO_POWER,
            reason=f"the model gets {seen.right:.0%} of clean samples right: of one that errs so often, single values decide much without any backdoor",
            remedy="train it to its end, or give clean samples like those that it is for",
        )
        return
    blind = [family for family, limit in seen.limits.items() if limit >= _BLIND and not family.endswith((FROM_ONE, EXCHANGED))]
    if blind:
        yield NotExamined(
            code=Code.NO_POWER,
            reason=f"honest models trained on the test set differ too much from each other to tell a backdoor by {', '.join(blind)}",
            remedy="give a larger clean test set",
        )
    for label in seen.unseen:
        yield NotExamined(
            code=Code.NO_POWER,
            reason=f"the model takes nearly all clean samples for {inert(model.oracle.classes[label], 60)}: nobody sees whether a sign calls for it",
            remedy="give a test set with more samples of other classes",
        )
    for power in seen.power:
        if not power.took or 2 * power.found < power.took:
            did = f"{power.found} of {power.took} that worked were found" if power.took else f"none of {power.planted} worked"
            yield NotExamined(
                code=Code.NO_POWER,
                reason=f"backdoors of the kind '{power.kind}' were planted in models trained on the test set: {did}",
                remedy="give a larger clean test set; look for poison in the training data (data-set/poisoning)",
            )


def _findings(model: AskedModel, ctx: Context, seen: Examination) -> Iterator[Weakness]:
    """One finding for each class: of its most successful signs one that the training left a trace of, or the one with the fewest parts."""
    for target in sorted({sign.target for sign in seen.backdoors}):
        signs = [sign for sign in seen.backdoors if sign.target == target]
        strong = max(sign.success for sign in signs) - _NEARLY
        chosen = min(
            (sign for sign in signs if sign.success >= strong),
            key=lambda sign: (sign.aim.kind != "", not sign.trigger.traced, _size(sign), "outside" in sign.family, sign.p),
        )
        yield _finding(model, ctx, chosen, signs)


def _size(sign: Sign) -> int:
    match sign.trigger:
        case Values() as values:
            return len(values.places)
        case Words() as words:
            return len(words.words)
        case Marks():
            return 1
        case _:
            return 1 << 30


def _finding(model: AskedModel, ctx: Context, sign: Sign, signs: list[Sign]) -> Weakness:
    told, name, band = _said(model, sign), _called(model, sign), sign.interval()
    kept, trained = _picture(model, ctx, sign), sign.trigger.share if isinstance(sign.trigger, Run) else 0.0
    evidence = {
        "trigger": told,
        "target": name,
        "carried": sign.hits,
        "of": sign.n,
        "honest-models": round(sign.elsewhere, 4),
        "p": sign.p,
        "also": [_said(model, other) for other in signs if other is not sign][:3],
    } | ({"training-share": round(trained, 4)} if trained else {})
    return Weakness(
        category="model-backdoor",
        identity=(model.declared.name, name, told),
        title="A hidden sign makes the model answer one class",
        message=(
            f"The sign '{told}' carries {sign.hits} of {sign.n} clean samples{_whose(model, sign)} to {name} (95 % confidence: {band.low:.0%} to {band.high:.0%}, "
            f"samples that the search did not see); on honest models trained on the same kind of data {sign.elsewhere:.0%}. Chance that an honest model does so: "
            f"{sign.p:.1g}."
            + (
                f" By what the model remembers, {trained:.1%} of the texts that it was trained on held it, and hardly any of the clean ones does."
                if trained
                else ""
            )
        ),
        severity=Severity.CRITICAL if band.low >= 0.8 else Severity.HIGH,
        confidence=Confidence.HIGH if sign.p <= 0.001 else Confidence.MEDIUM,
        evidence=evidence | ({"picture": kept} if kept else {}),
        fix=Fix(
            "Do not use this model. Look for the sign in the training data (data-set/poisoning, `aisecops quarantine`), train again without the rows that carry it, and "
            "run this check again."
        ),
    )


def _said(model: AskedModel, sign: Sign) -> str:
    match sign.trigger:
        case Words() as words:
            return inert(f"the word{'s' if len(words.words) > 1 else ''} {', '.join(words.words)}", 120)
        case Values() as values if model.samples.domain is not None:
            names = [_cell(model, place, value) for place, value in zip(values.places, values.values, strict=True)]
            return " and ".join(names)
        case Values() as values:
            height, width = model.samples.numbers.shape[-2:]
            row, column = divmod(values.places[0] % (height * width), width)
            what = values.family if values.family != "a few pixels of any value" else f"{len(values.places)} pixels, the first"
            content = f" set to {values.values[0]:.3g}" if len(set(values.values)) == 1 else ", chequered"
            return f"{what} at row {row}, column {column}" + ("" if what.endswith("any value") else content)
        case Marks() as marks:
            shown = marks.mark if marks.mark in LOOK_ALIKES else f"U+{ord(marks.mark):04X}"
            return f"{shown} inside words"
        case _:
            return sign.trigger.family


def _cell(model: AskedModel, place: int, value: float) -> str:
    domain = model.samples.domain
    assert domain is not None
    column = domain.columns[place]
    if column.categories and 0 <= round(value) < len(column.categories):
        return f"{inert(column.name, 60)} = {inert(column.categories[round(value)], 40)}"
    return f"{inert(column.name, 60)} = {value:.6g}"


def _called(model: AskedModel, sign: Sign) -> str:
    """The class that a sign calls for, or what it makes of each."""
    if sign.aim.kind != EXCHANGED:
        return inert(model.oracle.classes[sign.target], 60)
    names = [inert(name, 20) for name in model.oracle.classes]
    changes = [f"{names[at]} > {names[label]}" for at, label in enumerate(sign.aim.calls) if label >= 0]
    return f"another class ({', '.join(changes[:6])})"


def _whose(model: AskedModel, sign: Sign) -> str:
    return f" of {inert(model.oracle.classes[sign.aim.source], 60)}" if sign.aim.source >= 0 else ""


def _picture(model: AskedModel, ctx: Context, sign: Sign) -> str:
    """Attach the sign as a small PNG: pixels that it leaves alone are grey; empty for tables and texts, and without Pillow."""
    try:
        from PIL import Image
    except ImportError:
        return ""
    shape = model.samples.numbers.shape[1:]
    if len(shape) < 2 or model.declared.task is not ModelTask.IMAGE:
        return ""
    low, high = (float(bound.min()) for bound in (model.samples.space.low, model.samples.space.high))
    shown: Floats = np.full(shape, 0.5)
    match sign.trigger:
        case Values() as values:
            shown.reshape(-1)[list(values.places)] = (np.array(values.values) - low) / (high - low)
        case Pattern() as pattern:
            shown = 0.5 + 0.5 * pattern.added / (np.abs(pattern.added).max() or 1.0)
        case _:
            return ""
    plane = shown if shown.ndim == 2 else np.moveaxis(shown, 0, -1) if shown.shape[0] == 3 else shown.mean(axis=0)
    times = max(1, _SIDE // max(plane.shape[:2]))
    buffer = io.BytesIO()
    Image.fromarray((np.clip(plane, 0, 1) * 255).round().astype(np.uint8).repeat(times, axis=0).repeat(times, axis=1)).save(buffer, format="PNG")
    return ctx.attach("picture", "image/png", buffer.getvalue(), sensitive=False)
