"""What a model file keeps of its training data in plain sight."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.model.subject import AskedModel
from aisecops.checks.references import MODEL_INVERSION, OWASP_ML_INVERSION
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.taxonomy import Stage, Threat
from aisecops.project.models import ModelTask


@check(
    id="model/structural-disclosure",
    title="The model file keeps no rows and no rare values of its training data",
    inputs=(AssetKind.MODEL,),
    stage=Stage.TEST,
    dynamic=True,
    threat=Threat.PRIVACY,
    categories=("structural-disclosure",),
    only={"task": (ModelTask.TABLE, ModelTask.TEXT), "training-data": ("declared",)},
    refs=(MODEL_INVERSION, OWASP_ML_INVERSION),
)
def structural_disclosure(model: AskedModel, ctx: Context) -> Iterator[Result]:
    """Read off a model's structure what it keeps of the people it was trained on.

    What it finds
        Training rows (nearest neighbours, support vectors, Gaussian processes, kernels), words and categories that look like personal data, rare words, counts of fewer
        than five, long lists of classes or categories, and leaves with fewer than five training rows.

    Why it matters
        Whoever gets the file needs no attack for these: the rows of a nearest-neighbour model are its parameters, and a vocabulary holds the patient's name that one
        letter contained. Releasing the model is releasing them.

    Example
        ``training-rows: 4,000 rows in classifier._fit_X``; ``personal-values: 12 of 3,051 words in steps.*.vocabulary_``.

    How to fix
        Where rows are kept, choose a model that does not, or release answers instead of the file. For words and categories: ``min_df``, ``min_frequency``, masking before
        training (``aisecops mask``). For leaves: ``min_samples_leaf``.

    Measurements
        ``training-rows-stored``: the rows that the file holds. ``small-leaf-share``: the share of training rows in leaves of fewer than five, averaged over trees.

    Limits
        It explains and ranks, and is of severity low or info: nearly every forest has small leaves, and whether that lets anybody be recognised is what
        ``model/membership-inference`` measures. Only pickled estimators are read (scikit-learn and what it holds, LightGBM). XGBoost and CatBoost do not store how
        many rows a leaf has. Names of people are not recognised without a title or label.

    References
        Smith et al., Safe machine learning model release from trusted research environments: the SACRO-ML package (2022); EDPB Opinion 28/2024.
    """
    yield from model.examined(lambda: _read(model, ctx))


def _read(model: AskedModel, ctx: Context) -> Iterator[Result]:
    from aisecops.checks.model.disclosures import read

    yield from read(model, ctx)
