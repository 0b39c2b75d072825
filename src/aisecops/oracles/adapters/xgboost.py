"""XGBoost: ``Booster`` objects and model files (JSON, UBJSON), and the scikit-learn API."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.adapters.sklearn import of_estimator
from aisecops.oracles.adapters.structures import structure_in
from aisecops.oracles.arranging import arranged
from aisecops.oracles.checking import class_names, two_columns
from aisecops.oracles.layout import ColumnType, Layout, LayoutColumn
from aisecops.oracles.model import Model, Wanted, encoder
from aisecops.oracles.oracle import CapabilityError
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import frame_of

_BINARY = ("binary:logistic", "binary:logitraw", "binary:hinge")
_MANY = ("multi:softprob", "multi:softmax")


def load(path: str, wanted: Wanted) -> Model:
    """Read a model file."""
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(path)
    return of_booster(booster, wanted)


def of_classifier(classifier: Any, wanted: Wanted) -> Model:
    """Return an ``XGBClassifier`` as a ``Model``; categories go in as pandas' ``category`` columns."""
    _check_categories(classifier.get_booster() if hasattr(classifier, "n_classes_") else None, wanted)
    return of_estimator(classifier, wanted, frame=partial(frame_of, categoricals=True))


def of_booster(booster: Any, wanted: Wanted) -> Model:
    """Return a ``Booster`` as a ``Model``: as many classes as its objective has; rounds after the best one of early stopping are left out, as the API does."""
    return arranged(booster.feature_names, wanted, partial(_as_it_is, booster))


def _as_it_is(booster: Any, wanted: Wanted) -> Model:
    _check_categories(booster, wanted)
    booster = _best_rounds(booster)
    learner = json.loads(booster.save_config())["learner"]
    objective = str(learner["objective"]["name"])
    k = _classes(objective, int(learner["learner_model_param"]["num_class"]), wanted.name)
    wanted = wanted.with_layout(_layout(booster, wanted))
    own = list(range(k))
    return Model(
        name=wanted.name,
        own=own,
        classes=class_names(own, wanted.classes, where=wanted.name),
        encode=encoder(wanted.layout, columns=booster.num_features(), frame=partial(frame_of, categoricals=True)),
        labels=_predictor(booster) if objective == "binary:hinge" else None,
        scores=_scores(booster, objective, wanted.output),
        structure=partial(structure_in, booster, wanted.layout),
        most=wanted.batch,
    )


def _check_categories(booster: Any, wanted: Wanted) -> None:
    """Refuse categories of a model that does not keep their names (of XGBoost before 3.1, or trained on codes): it would take each for whatever has its place."""
    if booster is None or wanted.layout is None or all(column.type is not ColumnType.CATEGORY for column in wanted.layout.columns):
        return
    if not hasattr(booster, "get_categories") or booster.get_categories().empty():
        raise UserError(
            "the model does not keep the names of its categories", where=wanted.name, fix="declare the column as the integers it was trained with"
        )


def _classes(objective: str, number: int, where: str) -> int:
    if objective in _BINARY:
        return 2
    if objective in _MANY:
        return number
    raise CapabilityError(f"its objective {objective} has no classes, and attacks need labels", where=where)


def _layout(booster: Any, wanted: Wanted) -> Layout | None:
    """Of names that the booster was trained with, a frame has to have the same."""
    if wanted.layout is None or any(column.type is ColumnType.CATEGORY for column in wanted.layout.columns):
        return wanted.layout
    names = booster.feature_names
    if names is None or list(names) != [column.name for column in wanted.layout.columns]:
        return wanted.layout
    return Layout(columns=tuple(LayoutColumn(name=column.name, type=column.type) for column in wanted.layout.columns), frame=False)


def _best_rounds(booster: Any) -> Any:
    best = booster.attributes().get("best_iteration")
    return booster if best is None or int(best) + 1 >= booster.num_boosted_rounds() else booster[: int(best) + 1]


def _predictor(booster: Any) -> Callable[..., Any]:
    """The booster's answer to samples; ``margin``: before the link."""
    linear = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"] == "gblinear"  # which has no prediction in place

    def predict(samples: Any, *, margin: bool = False) -> Any:
        if isinstance(samples, np.ndarray) and not linear:
            return booster.inplace_predict(samples, predict_type="margin" if margin else "value", validate_features=False)
        import xgboost

        matrix = xgboost.DMatrix(samples, enable_categorical=True)
        return booster.predict(matrix, output_margin=margin, validate_features=not isinstance(samples, np.ndarray))

    return predict


def _scores(booster: Any, objective: str, output: Output | None) -> Callable[[Any], Any] | None:
    predict = _predictor(booster)
    if objective == "binary:hinge":
        return None
    margin = output is Output.LOGITS or objective in ("binary:logitraw", "multi:softmax")
    if objective in _MANY:
        return lambda samples: predict(samples, margin=margin)
    return lambda samples: two_columns(predict(samples, margin=margin), probability=not margin)
