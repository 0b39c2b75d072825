"""What kind of model a loaded object is: by what it can do, and where that is not enough by the library that its class comes from."""

from __future__ import annotations

from enum import Enum, auto

from aisecops.oracles.adapters.sklearn import speaks_sklearn


class Kind(Enum):
    """The adapters of loaded objects."""

    TORCH = auto()
    XGBOOST_BOOSTER = auto()
    XGBOOST_ESTIMATOR = auto()
    LIGHTGBM_BOOSTER = auto()
    LIGHTGBM_ESTIMATOR = auto()
    ESTIMATOR = auto()


def kind_of(model: object) -> Kind | None:
    """Return the kind of ``model``, importing nothing: a model's library is imported already, or there would be no model."""
    libraries = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    speaks = speaks_sklearn(model)
    if "torch" in libraries and callable(model):
        return Kind.TORCH
    if "xgboost" in libraries:
        return Kind.XGBOOST_ESTIMATOR if speaks else Kind.XGBOOST_BOOSTER
    if "lightgbm" in libraries:
        return Kind.LIGHTGBM_ESTIMATOR if speaks else Kind.LIGHTGBM_BOOSTER
    return Kind.ESTIMATOR if speaks else None
