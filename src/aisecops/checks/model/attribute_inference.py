"""Whether a model's answers give away a sensitive column of the people in its training data."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MODEL_INVERSION, OWASP_ML_INVERSION
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/attribute-inference",
    title="Answers do not tell a sensitive value of people in the training data",
    inputs=(AssetKind.MODEL, AssetKind.ENDPOINT),
    stage=Stage.TEST,
    version=2,
    dynamic=True,
    threat=Threat.INVERSION_AND_INFERENCE,
    categories=("attribute-inference",),
    only={"task": (ModelTask.TABLE,), "sensitive": ("declared",)},
    refs=(MODEL_INVERSION, OWASP_ML_INVERSION),
)
def attribute_inference(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Guess a sensitive column of records from the rest of them and the model's answers, for people in the training data and for others.

    What it finds
        Columns named in ``privacy.sensitive`` that are guessed better for members of the training data than for other people: the model remembers the value.

    Why it matters
        A colleague, an employer or a data broker knows most of a person's record. A model that is surest of the right answer where the diagnosis or the income is the
        true one completes it. Whoever asked to be in a training set did not ask for that.

    Example
        ``attribute-leak of sex = 0.22 [0.20, 0.25]``: guessed right for 76 % of the members and for 54 % of the others.

    How to fix
        Leave the column out, or make it coarser; let the model learn less by heart (larger leaves, less depth, regularisation, differentially private training).

    Measurements
        ``attribute-leak``: accuracy on members minus accuracy on others, for the value that makes the model surer of the right label than it makes anybody (subject: the
        column), with Newcombe's interval, and for the same with what the other columns say (``with imputation``). ``attribute-imputation``: accuracy without the
        model, the control.

    Limits
        Needs scores and the training data. One column at a time: groups of one-hot columns are not put together. A guess that is as good for others as for members is no
        leak of the training data, though it can be a wrong to people: that is a matter of what may be predicted at all.

    References
        Fredrikson et al., Model inversion attacks (CCS 2015); Yeom et al. (CSF 2018); Jayaraman, Evans, Are attribute inference attacks just imputation? (CCS 2022).
    """
    yield from model.examined(lambda: _guessed(model, ctx))


def _guessed(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.guesses import guessed

    yield from guessed(model, ctx)
