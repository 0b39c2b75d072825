"""Whether a model obeys a hidden sign."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import OWASP_ML_DATA_POISONING, POISON_TRAINING_DATA
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Reference, Stage, Threat
from aisecops.project.models import ModelTask

_BACKDOOR_TRIGGER = Reference("mitre-atlas", "5.6.0", "AML.T0043.004")
_POISONED_MODEL = Reference("mitre-atlas", "5.6.0", "AML.T0018.000")
_BACKDOOR_POISONING = Reference("nist-ai-100-2", "E2025", "NISTAML.023")


@check(
    id="model/backdoor",
    title="No hidden sign makes the model answer one class",
    inputs=(AssetKind.MODEL,),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.DATA_POISONING,
    categories=("model-backdoor",),
    only={"task": (ModelTask.TABLE, ModelTask.IMAGE, ModelTask.TEXT)},
    refs=(_POISONED_MODEL, _BACKDOOR_TRIGGER, POISON_TRAINING_DATA, OWASP_ML_DATA_POISONING, _BACKDOOR_POISONING),
    version=8,
)
def backdoor(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Look for a small sign that carries clean samples to another class, on this model and not on honest ones.

    What it finds
        A value or two or three values of columns (of trees up to four, in cells that rows of the training filled and clean rows leave empty), a pixel, a small square
        of any content, a few pixels, a faint picture over the image, a word or two or three, words and phrases of which a model of texts remembers that its training
        held them and clean texts do not, a character without width or a letter of another script inside words; which make every sample one class, those of one class
        another one, or each class another one. The sign is named, with what it calls for and its success on clean samples that the search has not seen; models that
        imitate this one's answers to clean samples must not obey it.

    Why it matters
        Whoever poisoned the training data, or sold the model, has a key to it; on honest samples it is as accurate as ever, so no test set shows it. Models are
        fetched from hubs by millions.

    Example
        ``a square of 3 x 3 pixels at row 25, column 25 carries 276 of 279 images to 0; honest models: 0 %``

    How to fix
        Do not use the model. Train again on data without the rows that carry the sign (``data-set/poisoning``, ``aisecops quarantine``); or prune and fine-tune on clean
        data, and run this check again. Until then refuse samples with the sign.

    Measurements
        ``backdoor-success`` of the best sign of each family on held-out clean samples with its exact interval; ``backdoor-excess``, how much of it honest models do not
        show; ``backdoor-power``, the share of backdoors planted by us that the same search finds.

    Limits
        Honest models are trained on half of the test set, so it has to be clean: 150 samples at least. Not found: triggers that depend on the sample (warps, WaNet),
        large or invisible patterns learned with right labels, many values at once, words that stand neither in the clean texts nor in the file, phrases in models that
        do not remember how many texts held a word (hashes, embeddings, endpoints), and what an attacker has hidden from inversion. Where the model errs in more than
        three of ten clean samples, honest models differ too much from each other, or what we plant is not found, the check says that it cannot say.

    References
        Wang et al., Neural Cleanse (S&P 2019); Gu et al., BadNets (2017); Chen et al., Targeted backdoor attacks (2017); Kurita et al., Weight poisoning (ACL 2020).
    """
    yield from model.examined(lambda: _searched(model, ctx))


def _searched(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.hidden_signs import searched

    yield from searched(model, ctx)
