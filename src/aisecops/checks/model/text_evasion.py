"""How few edits of a text make a model answer wrong."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import BLACK_BOX_OPTIMISATION, EVASION_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/text-evasion",
    title="A few edits of a text do not change the answer",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.EVASION,
    categories=("evasion",),
    only={"task": (ModelTask.TEXT,)},
    refs=(*EVASION_REFS, BLACK_BOX_OPTIMISATION),
)
def text_evasion(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Attack a model of texts (spam, phishing, moderation) with the tricks that its opponents use.

    What it finds
        For each of a sample of messages the cheapest edits after which the model answers otherwise: letters that look the same, characters without width, typing
        errors, spaces, digits for letters, good words at the end; at most the share of words that the manifest allows.

    Why it matters
        Filters are evaded by hand every day: ``fr ee``, ``VIAGRA`` with a Cyrillic A, words from honest messages in white on white. Most of these edits cost the sender
        nothing, and half of them nobody sees.

    Example
        ``Claim your [free->frее] prize``: two Cyrillic letters, and a filter with recall .95 lets it pass.

    How to fix
        Normalise Unicode before the model, in training and in use (``aisecops.defences.unicode_normaliser``): it makes the edits that readers do not see worth
        nothing, at no loss on honest messages. Against visible edits: character n-grams, and training with edited messages.

    Measurements
        ``clean-accuracy``; ``robust-accuracy`` at the allowed share of edited words, with a curve over the number of edits; ``attack-success`` with all edits, and with
        those alone that readers do not see; the same ``behind a Unicode normaliser``, on the same messages: what that defence would buy.

    Limits
        A person may notice visible edits; meaning is kept by their small number, not checked. The normaliser is put before the model as it is: one that is trained
        with it does better.

    References
        Gao et al., Black-box generation of adversarial text sequences (DeepWordBug, 2018); Lowd and Meek, Good word attacks (CEAS 2005); Boucher et al., Bad
        characters (S&P 2022).
    """
    yield from model.examined(lambda: _attacked(model, ctx))


def _attacked(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.diagnosis import symptoms_of
    from aisecops.checks.model.editing import TextAttack

    yield from TextAttack(model, ctx, symptoms_of(model, ctx)).results()
