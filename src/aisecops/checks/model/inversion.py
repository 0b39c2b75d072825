"""Whether a model can be turned back into the people whom it was trained on."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MODEL_INVERSION, OWASP_ML_INVERSION
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/inversion",
    title="Inverting the model shows no person of the training data",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    version=3,
    dynamic=True,
    threat=Threat.INVERSION_AND_INFERENCE,
    categories=("model-inversion",),
    only={"task": (ModelTask.TABLE, ModelTask.IMAGE), "training-data": ("declared",)},
    refs=(MODEL_INVERSION, OWASP_ML_INVERSION),
)
def inversion(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Reconstruct an input for each class from the model's answers, and ask whether it shows the class or somebody in the training data.

    What it finds
        Classes whose reconstruction is nearer to members of the training data than to other records of the same class, by more than chance explains: the model gives
        away what one or a few people look like.

    Why it matters
        A face recogniser with a class for each person gives a picture of the person to whoever may ask it (Fredrikson et al. 2015); a rare diagnosis with one patient
        gives the patient's record. Then the model is personal data, and so is each copy of it.

    Example
        ``class 7: nearer to the one member than to 265 of 268 others of its class (p = 0.015): member-specific``.

    How to fix
        Give a class more people, or merge it with others; let the model learn less by heart; answer with labels or coarse scores; train with differential privacy
        where a bound is needed.

    Measurements
        ``inversion-confidence``: how sure the model is of its reconstructions, the mean over classes. ``inversion-resemblance`` of a class: the probability that the
        reconstruction is nearer to a random member than to a random other of the class; 0.5 is the class average and no more. Every inversion resembles the training
        data; without this control it says nothing.

    Limits
        The control needs other records of the class from the same source: with too few the check says so, and how many. Not found is not proven: of planted classes of
        one picture 53 to 87 in 100 are found where the network knows it. Where a class has ten members or fewer, its picture does not show them, and the model is surer
        of them than of others, the check says that it cannot tell. A stronger attack may come, and people with public pictures to start from see more.
        Reconstructions are kept only with ``privacy.keep-risks``, encrypted.

    References
        Fredrikson, Jha, Ristenpart (CCS 2015); Zhang et al., The secret revealer (CVPR 2020); weighted Bonferroni: Holm (Scand. J. Statist. 1979).
    """
    yield from model.examined(lambda: _inverted(model, ctx))


def _inverted(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.inversions import inverted

    yield from inverted(model, ctx)
