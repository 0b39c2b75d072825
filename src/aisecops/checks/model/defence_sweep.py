"""What it would cost a model to give away less of its training data."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MEMBERSHIP_INFERENCE, OWASP_ML_MEMBERSHIP
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/defence-sweep",
    title="No defence within reach would make the model leak less",
    inputs=(AssetKind.MODEL,),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.INVERSION_AND_INFERENCE,
    categories=("avoidable-leak",),
    only={"task": (ModelTask.TABLE,), "defences": ("declared",)},
    refs=(MEMBERSHIP_INFERENCE, OWASP_ML_MEMBERSHIP),
)
def defence_sweep(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Try defences of the training data one after the other, and put the price beside each: accuracy, what still leaks, fairness, robustness.

    What it finds
        A setting with which the model would surely give away less about who was in its training data, at a cost in accuracy that the project has said it would pay.

    Why it matters
        Every defence is recommended by somebody, and some buy nothing: dividing scores by a temperature looks safer and leaks the same to an attacker who
        knows of it. Others cost little: a forest whose leaves hold 20 rows is often as accurate as one that knows every row by heart. Only a measurement of *this*
        model says which.

    Example
        ``leaf=20 rows``: accuracy 0.842 (-0.4 points, at worst -1.9), area under the attack's curve 0.56 instead of 0.83.

    How to fix
        Train with the recommended parameters (or answer as the setting says) and run again: ``model/membership-inference`` measures what came of it.

    Measurements
        With the setting as the subject (``as it is``, ``depth=4``): ``defended-accuracy``, ``defended-accuracy-change`` (paired with the model as it is),
        ``defended-membership-auc``, ``defended-membership-tpr`` at 1 %, ``defended-fairness-gap`` (largest over the declared metrics),
        ``defended-robust-accuracy`` at the largest declared distance. ``defence-recommended`` names the setting, or ``none``. The whole table is attached as JSON.

    Limits
        Defences of outputs (rounding, top-k, temperature, labels) are attacked with one question a record. Whoever asks about neighbours, too, learns more: they
        are in the table and never recommended. Settings are chosen on the same rows that they are measured with: with a dozen tried the numbers of the best are
        slightly too good. Retraining needs a pickled estimator of scikit-learn's interface whose parts are all of known libraries; of networks
        the defences of outputs alone are tried. Each setting is trained once, so that a change of accuracy holds for that training.

    References
        Choquette-Choo et al., Label-only membership inference attacks (ICML 2021); Abadi et al., Deep learning with differential privacy (CCS 2016); Song and
        Mittal, Systematic evaluation of privacy risks of machine learning models (USENIX Security 2021); Preen and Smith, A hierarchical approach for assessing
        the vulnerability of tree-based classification models to membership inference attack (2025).
    """
    yield from model.examined(lambda: _swept(model, ctx))


def _swept(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.sweeping import swept

    yield from swept(model, ctx)
