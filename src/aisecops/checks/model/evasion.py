"""How small a change of a table's row makes a model answer wrong."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import BLACK_BOX_OPTIMISATION, EVASION_REFS
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/evasion",
    version=2,
    title="Small changes of a row do not change the answer",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.EVASION,
    categories=("evasion",),
    only={"task": (ModelTask.TABLE,)},
    refs=(*EVASION_REFS, BLACK_BOX_OPTIMISATION),
)
def evasion(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Attack a model of tables, and measure how far it can be trusted when somebody wants it to be wrong.

    What it finds
        The nearest row, to each of a sample of test rows, that the model gets wrong: exactly for trees and linear models, with a proof how near it can be at most;
        by gradients, scores or labels alone for other models. Every row that is asked about is repaired to the declared domain first (whole numbers, one-hot
        groups, columns that cannot change or only grow, columns that follow from others), so that what is found could be sent.

    Why it matters
        A fraud, spam or intrusion detector has an opponent who reads its answers and tries again. Test accuracy says nothing about that: accuracy of .99 and robust
        accuracy of 0 go together well. Attackers passed Cylance's malware detector by appending strings of a game to their files (Skylight Cyber, 2019).

    Example
        ``row 17: packets 12 -> 14, duration 0.31 -> 0.35 makes attack into benign``

    How to fix
        Train with such rows among the data; take away columns that an outsider chooses freely, or make them monotone; limit who may ask and how often; put a second,
        different detector behind what must not be missed. Then run again: the numbers show what it bought, and with ``require`` in the manifest the gate holds it.

    Measurements
        ``clean-accuracy``; ``robust-accuracy`` (the truth is at most this: an attack bounds it from above) at each distance, worst over all attacks for each sample, with
        Clopper-Pearson intervals, or a confidence sequence where the assessment stopped early; ``certified-accuracy`` (the truth is at least this) where a proof exists;
        ``attack-success``; ``evasion-distance-median``. Distances are in shares of each column's range. ``evasion-carried``: the share of evasions within the largest
        distance that taking back one column alone undoes, and ``evasion-undone``: that taking back the column (the three) that explains each of them best undoes.

    Limits
        Columns count as free to change unless the manifest's ``domain`` says otherwise. A robust accuracy by scores or labels alone is an upper bound: a better attack
        may lower it. Where the model hides its answers (noise, rounding, constant scores) the number is blocked rather than shown.

    References
        Biggio et al., Evasion attacks against machine learning at test time (ECML 2013); Carlini et al., On evaluating adversarial robustness (2019); Chen et al.,
        HopSkipJumpAttack (S&P 2020); Andriushchenko et al., Square Attack (ECCV 2020); Devos et al., Versatile verification of tree ensembles (ICML 2021).
    """
    yield from model.examined(lambda: _attacked(model, ctx))


def _attacked(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.attacking import attacked

    yield from attacked(model, ctx)
