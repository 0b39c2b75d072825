"""CatBoost: classifiers, and the files that ``save_model`` writes (.cbm, JSON)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from aisecops.oracles.adapters.sklearn import of_estimator
from aisecops.oracles.layout import ColumnType, Layout
from aisecops.oracles.model import Model, Wanted
from aisecops.oracles.oracle import Floats
from aisecops.oracles.spec import Output
from aisecops.oracles.tables import frame_of

_WRITTEN = (("0", "1"), ("False", "True"), ("false", "true"), ("FALSE", "TRUE"))
"""CatBoost writes truth values as 0 and 1; ``astype(str)`` writes False and True."""


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
    return of_estimator(model, wanted, frame=partial(_frame, _truths(model, wanted.layout)))


def _as_classifier(model: Any, wanted: Wanted) -> Any:
    import catboost

    try:
        return catboost.to_classifier(model)
    except catboost.CatBoostError as wrong:
        from aisecops.oracles.oracle import CapabilityError

        raise CapabilityError("it was not trained for classes (regression or ranking), and attacks need labels", where=wanted.name) from wrong


def _truths(model: Any, layout: Layout | None) -> dict[str, tuple[str, str]]:
    """How the model knows the truth values of the columns that are categories to it: by ``0`` and ``1`` as it writes them itself, or as a person wrote them.

    CatBoost keeps only hashes of categories, and answers about those that it does not know, too. So it is asked: what it knows makes a difference.
    """
    written = {}
    for column in layout.columns if layout is not None else ():
        names = list(model.feature_names_ or ())
        if column.type is ColumnType.BOOLEAN and column.name in names and (place := names.index(column.name)) in model.get_cat_feature_indices():
            known = next((pair for pair in _WRITTEN if _matters(model, place, pair)), None)
            if known:
                written[column.name] = known
    return written


def _matters(model: Any, place: int, pair: tuple[str, str]) -> bool:
    """Whether the model tells these two values of a category apart, anywhere among the thresholds of its other columns."""
    import pandas

    rng, rows = np.random.default_rng(0), 256
    borders, categories = model.get_borders(), set(model.get_cat_feature_indices())
    cells: dict[str, Any] = {}
    for number, name in enumerate(model.feature_names_):
        around = np.array([-1e6, *borders.get(number, ()), 1e6])
        cells[name] = [""] * rows if number in categories else rng.choice((around[1:] + around[:-1]) / 2.0, rows)
    name, answers = model.feature_names_[place], []
    for value in pair:
        cells[name] = [value] * rows
        answers.append(np.asarray(model.predict(pandas.DataFrame(cells), prediction_type="RawFormulaVal")))
    return not np.array_equal(answers[0], answers[1])


def _frame(truths: dict[str, tuple[str, str]], matrix: Floats, layout: Layout) -> Any:
    """CatBoost takes categories as Python strings."""
    frame = frame_of(matrix, layout, categoricals=False)
    for name, pair in truths.items():
        if name in frame and frame[name].dtype == bool:
            frame[name] = np.array(pair, dtype=object)[frame[name].to_numpy().astype(int)]
    strings = {column: object for column in frame.columns if frame[column].dtype == "str"}
    return frame.astype(strings)


class _Raw:
    """A classifier whose raw values are what scikit-learn calls its decision function."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.decision_function = partial(model.predict, prediction_type="RawFormulaVal")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)
