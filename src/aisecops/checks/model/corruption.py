"""What pictures do to a model when they are noisy, moved, or have a sticker on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import EVASION_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import clopper_pearson, hoeffding
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.project.models import ModelTask

if TYPE_CHECKING:
    from aisecops.attacks.evasion.images import ImageAttempts

_DEGREES, _SHIFT, _SHARE = 30.0, 0.1, 0.1
_WORTH = 0.2
"""A mean loss of accuracy from which on it is a finding."""


@check(
    id="model/corruption",
    title="Noise, weather, rotation and stickers do not change the answer",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.UNRELIABILITY,
    categories=("corruption-sensitivity",),
    only={"task": (ModelTask.IMAGE,)},
    refs=EVASION_REFS,
)
def corruption(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Show a model of images its test set as the world would: corrupted, turned, moved, with a patch on it.

    What it finds
        How much accuracy is left under the 15 common corruptions at five severities (noise, blur, weather, digital); under the worst rotation and shift; and with
        the worst square of a tenth of the image.

    Why it matters
        No attacker is needed: rain, a cheap camera or a crop do it. Accuracy on clean test images falls by tens of points for ordinary networks.

    Example
        ``accuracy gaussian-noise 3: 0.41``, clean 0.93.

    How to fix
        Augment the training data with such changes (not with the very corruptions that the test uses), and watch the quality of inputs in operation.

    Measurements
        ``corruption-accuracy`` for each corruption and the mean over all (an estimate: nobody searches); ``robust-accuracy`` under rotation and shift, and under a
        patch (the truth is at most this).

    Limits
        Severities follow the benchmark of Hendrycks and Dietterich, scaled to the size of the image; frost is procedural.

    References
        Hendrycks and Dietterich, Benchmarking neural network robustness to common corruptions and perturbations (ICLR 2019); Engstrom et al., Exploring the landscape of
        spatial robustness (ICML 2019); Brown et al., Adversarial patch (2017).
    """
    yield from model.examined(lambda: _measured(model, ctx))


def _measured(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.attacks.evasion.images import Corruption, place_patch, rotate_and_move, weather

    rows = model.samples.drawn(model.declared.evasion.samples, (), ctx.seed)
    images, y = model.samples.numbers[rows], model.samples.y[rows]
    low, high = (float(bound.min()) for bound in (model.samples.space.low, model.samples.space.high))
    n = len(rows)
    seen = weather(model.oracle, images, y, low=low, high=high, seed=ctx.seed)
    for kind in Corruption:
        counts = [count for (other, _), count in seen.correct.items() if other is kind]
        if counts:
            bands = [(severity, count / n, clopper_pearson(count, n)) for (other, severity), count in sorted(seen.correct.items()) if other is kind]
            curve = tuple((float(severity), share, band.low, band.high) for severity, share, band in bands)
            yield _accuracy(kind.value, sum(counts) / (n * len(counts)), n, curve)
    mean = _accuracy("mean of all", seen.mean_accuracy, n)
    yield mean
    turned = rotate_and_move(model.oracle, images, y, degrees=_DEGREES, shift=_SHIFT, low=low, high=high)
    yield _robust(turned, f"rotation <= {_DEGREES:g} degrees, shift <= {_SHIFT:g}")
    patched = place_patch(model.oracle, images, y, share=_SHARE, queries=min(300, model.declared.evasion.queries), low=low, high=high, seed=ctx.seed)
    yield _robust(patched, f"patch of {_SHARE:.0%} of the image")
    clean = seen.clean / n
    if mean.high is not None and mean.high < clean - _WORTH:
        yield Weakness(
            category="corruption-sensitivity",
            identity=(model.declared.name,),
            title="Common corruptions of an image make the model answer wrong",
            message=f"Accuracy falls from {clean:.2f} to {seen.mean_accuracy:.2f} on average over 15 common corruptions at five severities (n = {n}).",
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            fix=Fix("Augment the training data with noise, blur, changes of brightness and contrast; watch the quality of inputs in operation."),
        )


def _accuracy(subject: str, value: float, n: int, curve: tuple[tuple[float, ...], ...] = ()) -> Reading:
    """The mean over corruptions or severities of one image lies between 0 and 1, whatever depends on what: Hoeffding's inequality over the images."""
    reading = Reading(
        name="corruption-accuracy", subject=subject, value=value, unit="1", n=n, better=Better.HIGHER, bound=Bound.ESTIMATE, curve=curve
    )
    return reading.within(hoeffding(value, n))


def _robust(attempts: ImageAttempts, subject: str) -> Reading:
    n = len(attempts.found)
    kept = int((~attempts.found).sum())
    reading = Reading(name="robust-accuracy", subject=subject, value=kept / n, unit="1", n=n, better=Better.HIGHER, bound=Bound.ATTACK)
    return reading.within(clopper_pearson(kept, n))
