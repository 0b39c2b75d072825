"""CatBoost: classifiers, and the files that ``save_model`` writes (.cbm, JSON)."""

from __future__ import annotations

from functools import partial
from typing import Any

from aisecops.oracles.adapters.sklearn import of_estimator
from aisecops.oracles.layout import Layout
from aisecops.oracles.model import Model, Wanted
from aisecops.oracles.oracle import Floats
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import frame_of


def load(path: str, wanted: Wanted) -> Model:
    """Read a model file."""
    import catboost

    return of_catboost(catboost.CatBoost().load_model(path, format="json" if path.endswith(".json") else "cbm"), wanted)


def of_catboost(model: Any, wanted: Wanted) -> Model:
    """Return a CatBoost model as a ``Model``: its general class answers raw values where a classifier answers labels, so it is asked as a classifier."""
    import catboost

    if not isinstance(model, catboost.CatBoostClassifier):
        model = _as_classifier(model, wanted)
    if wanted.output is Output.LOGITS:
        model = _Raw(model)
    return of_estimator(model, wanted, frame=_frame)


def _as_classifier(model: Any, wanted: Wanted) -> Any:
    import catboost

    try:
        return catboost.to_classifier(model)
    except catboost.CatBoostError as wrong:
        from aisecops.oracles.oracle import CapabilityError

        raise CapabilityError("it was not trained for classes (regression or ranking), and attacks need labels", where=wanted.name) from wrong


def _frame(matrix: Floats, layout: Layout) -> Any:
    """CatBoost takes categories as Python strings."""
    frame = frame_of(matrix, layout, categoricals=False)
    strings = {column: object for column in frame.columns if frame[column].dtype == "str"}
    return frame.astype(strings)


class _Raw:
    """A classifier whose raw values are what scikit-learn calls its decision function."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.decision_function = partial(model.predict, prediction_type="RawFormulaVal")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)
