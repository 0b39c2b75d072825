"""How small a perturbation of an image makes a model answer wrong."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import EVASION_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/adversarial-examples",
    title="Small perturbations of an image do not change the answer",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.ADVERSARIAL_EXAMPLES,
    categories=("evasion",),
    only={"task": (ModelTask.IMAGE,)},
    refs=EVASION_REFS,
)
def adversarial_examples(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Attack a model of images within a small distance, and measure how often it can be made to answer wrong.

    What it finds
        Images that look the same to a person and get another answer: by gradients where the model gives them (APGD on two losses), by scores (Square) or by labels
        alone (HopSkipJump) where it does not.

    Why it matters
        Whoever can choose pixels chooses the answer. Stickers on a road made a car change its lane (Tencent Keen Lab, 2019); printed patterns hide people from
        cameras. A model without defence has robust accuracy near 0 at distances that nobody sees.

    Example
        The attached picture shows the image, what fooled the model, and the difference, enlarged.

    How to fix
        Adversarial training (Madry et al., 2018) is the one defence that has lasted; randomised smoothing gives a proof for small distances. Blurring, rounding and
        noise in front of the model mostly hide gradients: see ``model/false-security``.

    Measurements
        As of ``model/evasion``; distances in shares of the range of pixels.

    Limits
        Attacks bound robust accuracy from above. Rotations, patches and common corruptions are measured by ``model/corruption``.

    References
        Szegedy et al., Intriguing properties of neural networks (ICLR 2014); Croce and Hein, Reliable evaluation of adversarial robustness (ICML 2020).
    """
    yield from model.examined(lambda: _attacked(model, ctx))


def _attacked(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.attacking import attacked

    yield from attacked(model, ctx)
