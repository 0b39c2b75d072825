"""From a model, loaded or described, to its ``Oracle``.

``oracle_of`` takes an object that the caller has loaded. ``open_model`` loads what a ``ModelSpec`` names, **in this process**: a model file can run code, so
whoever did not write it opens it in the quarantine (``oracles.isolated``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.adapters.recognition import Kind, kind_of
from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.checking import checked_scores
from aisecops.oracles.layout import Layout
from aisecops.oracles.model import Model, Wanted
from aisecops.oracles.spec import Output


def oracle_of(
    model: Any,
    layout: Layout | None = None,
    classes: Sequence[str] | None = None,
    *,
    output: Output | None = None,
    shape: tuple[int, ...] = (),
    batch: int | None = None,
    name: str = "",
) -> ModelOracle:
    """Return the oracle of a loaded model.

    Parameters
    ----------
    model
        A fitted scikit-learn classifier, outlier detector or pipeline (numbers, frames or texts), an XGBoost, LightGBM or CatBoost model, an ONNX Runtime
        session, a torch module, an MLflow pyfunc model, or a function from a batch to labels or scores. What it can do decides, not what it is called.
    layout
        The columns, where the model eats data frames with categories, integers or truth values.
    classes
        Names for the classes, in the model's own order. Needed for functions, and wherever the model does not say how many classes it has.
    output
        What the answers are, where that cannot be seen: needed for functions and for one-column answers.
    shape
        The shape of one sample, where the model eats another than the samples have.
    batch
        The most samples in one call.

    Raises
    ------
    UserError
        What is missing, and how to say it; ``CapabilityError`` for models that give no labels.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> oracle = oracle_of(LogisticRegression(max_iter=500).fit(X, y), classes=("setosa", "versicolor", "virginica"))
    >>> oracle.labels(X[:2]).tolist(), oracle.scores(X[:2]).shape
    ([0, 0], (2, 3))
    """
    wanted = Wanted(
        name=name or inert(type(model).__name__), classes=tuple(classes or ()), output=output, layout=layout, shape=tuple(shape), batch=batch
    )
    return ModelOracle(narrowed(model_of(model, wanted), wanted))


def model_of(model: Any, wanted: Wanted) -> Model:
    """Return the ``Model`` of a loaded object, by the adapter that it calls for."""
    match kind_of(model):
        case Kind.TORCH:
            from aisecops.oracles.adapters.torch import of_module

            return of_module(model, wanted)
        case Kind.XGBOOST_BOOSTER:
            from aisecops.oracles.adapters.xgboost import of_booster

            return of_booster(model, wanted)
        case Kind.XGBOOST_ESTIMATOR:
            from aisecops.oracles.adapters.xgboost import of_classifier

            return of_classifier(model, wanted)
        case Kind.LIGHTGBM_BOOSTER:
            from aisecops.oracles.adapters.lightgbm import of_booster as of_lightgbm_booster

            return of_lightgbm_booster(model, wanted)
        case Kind.LIGHTGBM_ESTIMATOR:
            from aisecops.oracles.adapters.lightgbm import of_classifier as of_lightgbm_classifier

            return of_lightgbm_classifier(model, wanted)
        case Kind.ESTIMATOR:
            from aisecops.oracles.adapters.sklearn import of_estimator

            return of_estimator(model, wanted)
        case None:
            what = f"a {inert(type(model).__name__, 60)} cannot be asked for labels"
            raise UserError(
                what, where=wanted.name, fix="give a fitted classifier, a torch module, a booster, or a function with `classes` and `output`"
            )


def narrowed(model: Model, wanted: Wanted) -> Model:
    """Leave only labels where no more is wanted: what an attacker of a label-only service sees."""
    if wanted.output is not Output.LABELS:
        return model
    return replace(model, labels=model.labels or partial(_largest, model), scores=None, pull=None, structure=None)


def _largest(model: Model, samples: Any) -> Any:
    assert model.scores is not None
    scores = np.asarray(model.scores(samples))
    checked_scores(scores, len(scores), len(model.own), where=model.name)
    return np.array(model.own, dtype=object)[scores.argmax(axis=1)]
