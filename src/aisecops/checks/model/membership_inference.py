"""Whether a model's answers give away who was in its training data."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MEMBERSHIP_INFERENCE, OWASP_ML_MEMBERSHIP
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/membership-inference",
    title="Answers do not tell who was in the training data",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.INVERSION_AND_INFERENCE,
    categories=("membership-inference",),
    only={"task": (ModelTask.TABLE,), "training-data": ("declared",)},
    refs=(MEMBERSHIP_INFERENCE, OWASP_ML_MEMBERSHIP),
)
def membership_inference(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Attack a model with records that it was trained on and others, and measure how many members an attacker recognises.

    What it finds
        Models that are surer of what they were trained on than of other rows of the same kind, so that whoever has a person's record can tell whether it was used.

    Why it matters
        That somebody's record is among the training data of a model of patients, debtors or suspects says something about that person. A model that tells is personal
        data itself (EDPB Opinion 28/2024). It also means that the model has learned rows by heart, which inversion and extraction of attributes build on.

    Example
        ``membership-tpr at fpr 1% = 0.27 [0.23, 0.31]``: of a hundred people whose data were used, somebody who is wrong about one
        in a hundred others names 27.

    How to fix
        Make the model learn less by heart: smaller depth or larger leaves, regularisation, early stopping; differentially private training where a bound is needed.
        Rounding answers or hiding scores makes the attack dearer, not impossible. Run again: the numbers show what it bought.

    Measurements
        ``membership-auc``; ``membership-tpr`` at false-positive rates of 0.1, 1 and 10 %, with an interval that counts the uncertainty of the threshold, too, and no
        number where the test set is too small to resolve the rate. ``blind-auc``: how well members are told from others *without* the model; above 0.5 the two differ by
        themselves, and the other numbers are blocked.

    Limits
        Needs the training data (``training-data``), and a test set from the same source. Shadow models are trained for pickled estimators with scikit-learn's interface;
        other models are attacked by their confidence alone, which finds less. Not found is not proven: only differentially private training bounds every attack.

    References
        Shokri et al. (S&P 2017); Carlini et al., Membership inference attacks from first principles (S&P 2022); Zarifzadeh et al., RMIA (ICML 2024); Das et al., Blind
        baselines beat membership inference attacks for foundation models (2024).
    """
    yield from model.examined(lambda: _attacked(model, ctx))


def _attacked(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.memberships import attacked

    yield from attacked(model, ctx)
