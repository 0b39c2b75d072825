"""From a model, loaded or described, to its ``Oracle``.

``oracle_of`` takes an object that the caller has loaded. ``open_model`` loads what a ``ModelSpec`` names, **in this process**: a model file can run code, so
whoever did not write it opens it in the quarantine (``oracles.isolated``).
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.adapters.recognition import Kind, framework_of, kind_of
from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.checking import checked_scores
from aisecops.oracles.layout import Layout
from aisecops.oracles.model import Model, Wanted, encoder
from aisecops.oracles.oracle import Batch
from aisecops.oracles.spec import Framework, ModelSpec, Output


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
        name=name or inert(type(model).__name__),
        classes=tuple(str(name) for name in classes) if classes is not None else (),
        output=output,
        layout=layout,
        shape=tuple(shape),
        batch=batch,
    )
    return ModelOracle(narrowed(model_of(model, wanted), wanted))


def open_model(spec: ModelSpec) -> ModelOracle:
    """Load the model that ``spec`` names, in this process, and return its oracle.

    Raises
    ------
    UserError
        There is no such model, its library is not installed, it cannot be read, or it does not say something that ``spec`` has to say then.
    """
    wanted = Wanted(name=inert(spec.title), classes=spec.classes, output=spec.output, layout=spec.layout, shape=spec.shape, batch=spec.batch)
    _importable(spec)
    model = _opened(spec, wanted)
    return ModelOracle(replace(model, encode=partial(_texts_only, model.encode)) if spec.texts else model)


def open_object(spec: ModelSpec) -> Any:
    """Load the Python object in the pickle that ``spec`` names, in this process: what holds the parameters that a model was trained with.

    Raises
    ------
    UserError
        It is no pickle, or cannot be loaded.
    """
    name = inert(spec.title)
    if not spec.path or (spec.framework or framework_of(spec.path, name)) is not Framework.PICKLE:
        raise UserError(
            "only a pickled estimator says how it was trained", where=name, fix="give the estimator itself (joblib) instead of its exported form"
        )
    _importable(spec)
    try:
        return _sequential(_unpickled(spec.path))
    except Exception as wrong:
        raise UserError(f"the model cannot be loaded ({_said(wrong)})", where=name) from wrong


def open_module(spec: ModelSpec) -> Any:
    """Load the pickled torch module that ``spec`` names, in this process: what can be trained anew.

    Raises
    ------
    UserError
        It holds weights without a module, or cannot be loaded.
    """
    from aisecops.oracles.adapters.torch import load_module

    name = inert(spec.title)
    _importable(spec)
    try:
        return load_module(spec.path, name)
    except UserError:
        raise
    except Exception as wrong:
        raise UserError(f"the model cannot be loaded ({_said(wrong)})", where=name) from wrong


def _importable(spec: ModelSpec) -> None:
    """Let the folders of the model's own code be imported from, before all others."""
    sys.path[:0] = [path for folder in spec.code if (path := os.path.abspath(folder)) not in sys.path]


def _texts_only(encode: Callable[[Batch], Any], batch: Batch) -> Any:
    if isinstance(batch, np.ndarray):
        raise UserError("it is asked about numbers, and it was declared to eat texts")
    return encode(batch)


def _opened(spec: ModelSpec, wanted: Wanted) -> Model:
    try:
        if spec.endpoint is not None:
            from aisecops.oracles.http.endpoint import of_endpoint

            return of_endpoint(spec.endpoint, wanted)
        return narrowed(_loaded(spec, wanted), wanted)
    except UserError:
        raise
    except ImportError as wrong:
        raise UserError(f"the model needs {_said(wrong)}", where=wanted.name, fix="install the library that it was made with") from wrong
    except Exception as wrong:
        raise UserError(f"the model cannot be loaded ({_said(wrong)})", where=wanted.name) from wrong


def _said(wrong: Exception) -> str:
    return inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 200)


def _loaded(spec: ModelSpec, wanted: Wanted) -> Model:
    if spec.callable:
        from aisecops.oracles.adapters.declared import load_object

        return model_of(load_object(spec.callable, where=wanted.name), wanted)
    match spec.framework or framework_of(spec.path, wanted.name):
        case Framework.PICKLE:
            return model_of(_sequential(_unpickled(spec.path)), wanted)
        case Framework.XGBOOST | Framework.LIGHTGBM | Framework.CATBOOST | Framework.ONNX | Framework.TORCH as framework:
            adapter = importlib.import_module(f"aisecops.oracles.adapters.{framework.value}")
        case Framework.PYFUNC:
            adapter = importlib.import_module("aisecops.oracles.adapters.pyfunc")
        case Framework.CALLABLE | Framework.HTTP as framework:
            raise UserError(f"a file is no {framework} model", where=wanted.name, fix="give `callable` or `endpoint` instead of `path`")
    model: Model = adapter.load(spec.path, wanted)
    return model


def _unpickled(path: str) -> Any:
    """Unpickle what joblib, pickle or cloudpickle wrote: this runs what the file says."""
    try:
        import joblib
    except ImportError:
        import pickle

        with open(path, "rb") as file:
            return pickle.load(file)  # noqa: S301 - in the quarantine, or because the owner trusts the file
    return joblib.load(path)


def _sequential(model: Any) -> Any:
    """Take the threads of scikit-learn's estimators away: attacks make many small calls, for which starting threads costs more than it saves."""
    if kind_of(model) is Kind.ESTIMATOR and hasattr(model, "get_params") and hasattr(model, "set_params"):
        several = {name: 1 for name, value in model.get_params().items() if name.rpartition("__")[2] == "n_jobs" and value not in (None, 1)}
        model.set_params(**several)
    return model


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
        case Kind.CATBOOST:
            from aisecops.oracles.adapters.catboost import of_catboost

            return of_catboost(model, wanted)
        case Kind.ONNX:
            from aisecops.oracles.adapters.onnx import of_session

            return of_session(model, wanted)
        case Kind.PYFUNC:
            from aisecops.oracles.adapters.pyfunc import of_pyfunc

            return of_pyfunc(model, wanted)
        case Kind.FUNCTION:
            from aisecops.oracles.adapters.declared import of_declared

            return of_declared(model, encoder(wanted.layout, shape=wanted.shape), wanted)
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
