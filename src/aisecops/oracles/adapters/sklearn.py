"""Estimators and pipelines that speak scikit-learn's conventions: ``predict``, ``predict_proba``, ``decision_function``, ``classes_``.

Nothing of scikit-learn is imported: boosters' and other libraries' estimators come in by the same door.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.adapters.encoders import check_texts, chooses_by_name
from aisecops.oracles.adapters.forests import asked_directly
from aisecops.oracles.adapters.structures import structure_in
from aisecops.oracles.arranging import arranged
from aisecops.oracles.checking import class_names, two_columns
from aisecops.oracles.layout import Layout, LayoutColumn
from aisecops.oracles.model import Model, Wanted, encoder
from aisecops.oracles.oracle import CapabilityError, Floats
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import frame_of


def speaks_sklearn(model: object) -> bool:
    """Whether it has what every classifier, regressor and outlier detector has."""
    return callable(getattr(model, "predict", None)) and (callable(getattr(model, "fit", None)) or hasattr(model, "classes_"))


def of_estimator(estimator: Any, wanted: Wanted, frame: Callable[[Floats, Layout], Any] = frame_of) -> Model:
    """Return a fitted classifier or outlier detector, alone or at the end of a pipeline, as a ``Model``.

    An outlier detector has the classes -1 (outlier) and 1. Scores are ``predict_proba``, or ``decision_function`` where there is none, where logits are wanted,
    and for support vector machines: their probabilities are fitted apart and may contradict their labels. ``frame`` makes the frames where a layout asks for them.
    """
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = getattr(estimator, "feature_names_", None)  # CatBoost's
    return arranged(None if names is None else [str(name) for name in names], wanted, partial(_as_it_is, estimator, frame))


def _as_it_is(estimator: Any, frame: Callable[[Floats, Layout], Any], wanted: Wanted) -> Model:
    own = _own_labels(estimator, wanted.name)
    wanted = wanted.with_layout(_layout(estimator, wanted))
    _check_columns(estimator, wanted.layout, wanted.name)
    check_texts(estimator, wanted.layout, wanted.name)
    return Model(
        name=wanted.name,
        own=own,
        classes=class_names(own, wanted.classes, where=wanted.name),
        encode=encoder(wanted.layout, columns=_columns(estimator), shape=wanted.shape, frame=frame),
        labels=partial(_predict, asked_directly(estimator)),
        scores=_scores(estimator, len(own), wanted),
        structure=partial(structure_in, estimator, wanted.layout),
        most=wanted.batch,
    )


def _own_labels(estimator: Any, where: str) -> list[Any]:
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        if _kind(estimator) == "outlier_detector":
            return [-1, 1]
        if _kind(estimator) == "classifier":
            raise UserError("this classifier is not fitted", where=where, fix="fit it first")
        raise CapabilityError("it has no classes (a regressor, a clustering or a transformer), and attacks need labels", where=where)
    if isinstance(classes, list) and classes and np.ndim(classes[0]):
        raise CapabilityError("it answers several labels at once, and attacks need one label a sample", where=where)
    own = list(np.asarray(classes))
    if not own:
        raise CapabilityError("it has no classes (it was trained for regression or ranking), and attacks need labels", where=where)
    return own


def _kind(estimator: Any) -> str:
    """``classifier``, ``outlier_detector`` ...: by the tags of scikit-learn 1.6 and later, or the attribute before."""
    try:
        return str(estimator.__sklearn_tags__().estimator_type)
    except Exception:  # not every estimator has tags
        return str(getattr(estimator, "_estimator_type", ""))


def _layout(estimator: Any, wanted: Wanted) -> Layout | None:
    """The layout given, or real columns by the names that the model was fitted with."""
    names = getattr(estimator, "feature_names_in_", None)
    if wanted.layout is not None and not wanted.layout.frame and names is not None and chooses_by_name(estimator):
        return msgspec.structs.replace(wanted.layout, frame=True)
    if wanted.layout is not None or names is None or wanted.shape:
        return wanted.layout
    return Layout(columns=tuple(LayoutColumn(name=str(name)) for name in names))


def _columns(estimator: Any) -> int | None:
    """How many columns it was fitted with; CatBoost forgets the number in a file and keeps the names."""
    return getattr(estimator, "n_features_in_", None) or len(getattr(estimator, "feature_names_", None) or ()) or None


def _check_columns(estimator: Any, layout: Layout | None, where: str) -> None:
    """Refuse a layout without a column that the model was fitted with."""
    names = getattr(estimator, "feature_names_in_", None)
    if layout is None or not layout.frame or names is None:
        return
    here = {column.name for column in layout.columns}
    absent = [str(name) for name in names if str(name) not in here]
    if absent:
        what = f"the model was fitted with the column `{inert(absent[0])}`, which the layout does not have"
        raise UserError(what, where=where, fix="name the columns as in training")


def _last(estimator: Any) -> Any:
    """The estimator at the end of pipelines and searches."""
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list) and steps:
        return _last(steps[-1][1])
    best = getattr(estimator, "best_estimator_", None)
    return estimator if best is None else _last(best)


def _scores(estimator: Any, k: int, wanted: Wanted) -> Callable[[Any], Any] | None:
    last = _last(estimator)
    pairs = getattr(last, "decision_function_shape", "ovr") == "ovo"  # of three classes, three columns: of pairs, not of classes
    margins = partial(_decide, estimator, k) if callable(getattr(estimator, "decision_function", None)) and not (pairs and k > 2) else None
    probabilities: Callable[[Any], Any] | None = (
        asked_directly(estimator).predict_proba if callable(getattr(estimator, "predict_proba", None)) else None
    )
    if wanted.output is Output.PROBABILITIES:
        if probabilities is None:
            raise CapabilityError("this model gives no probabilities", where=wanted.name)
        return probabilities
    if wanted.output is Output.LOGITS or hasattr(last, "support_vectors_"):
        return margins
    return probabilities or margins


def _predict(estimator: Any, samples: Any) -> Any:
    return estimator.predict(samples)


def _decide(estimator: Any, k: int, samples: Any) -> Any:
    margins = estimator.decision_function(samples)
    return two_columns(margins, probability=False) if k == 2 and np.ndim(margins) == 1 else margins
