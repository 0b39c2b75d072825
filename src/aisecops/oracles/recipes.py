"""Models as they were before their training: estimators with the same parameters and what was said only when they were trained, networks drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

_SAID_TO_FIT = {
    "cat_features": "get_cat_feature_indices",
    "text_features": "get_text_feature_indices",
    "embedding_features": "get_embedding_feature_indices",
}
"""Of CatBoost: parameters that most people give to ``fit``, and the methods of a trained model that tell them."""


_MARK = 12345.0


def untrained(estimator: Any) -> Any:
    """Return a copy of an estimator with scikit-learn's interface that can be trained again on columns of the same kinds."""
    from sklearn.base import clone

    if type(estimator).__module__.partition(".")[0] == "catboost":
        return _catboost(estimator)
    try:
        return clone(estimator)
    except RuntimeError:  # a part of it copies what it is given, as CatBoost does with lists: `clone` takes that for a change
        return deepcopy(estimator)


def _catboost(estimator: Any) -> Any:
    given = dict(estimator.get_params())
    if estimator.is_fitted():
        told = {name: list(getattr(estimator, ask)()) for name, ask in _SAID_TO_FIT.items() if given.get(name) is None and hasattr(estimator, ask)}
        given |= {name: columns for name, columns in told.items() if columns}
    return type(estimator)(**given)


# ---- networks


def reset(layer: Any) -> Callable[[], None] | None:
    """Return what draws the weights of one layer anew, if it says so; attention calls it private."""
    found = (getattr(layer, name, None) for name in ("reset_parameters", "_reset_parameters"))
    return next((reset for reset in found if callable(reset)), None)


def undrawn(module: Any) -> str:
    """Return which weights of a network stay what they were when it is drawn anew, or nothing.

    Some layers do not say how their weights are drawn. Others do, and draw the wrong ones: under a spectral or weight norm what is trained is another tensor than
    what ``reset_parameters`` writes to. A network that starts from trained weights would look like one that is trained on other records.
    """
    import torch

    try:
        copy = deepcopy(module)
    except RuntimeError:  # an old spectral norm after its first answer: its weight is a result, which cannot be copied
        return "a layer that cannot be copied"
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for weight in copy.parameters():
            weight.fill_(_MARK)
        for layer in copy.modules():
            if (draw := reset(layer)) is not None and any(True for _ in layer.parameters(recurse=False)):
                draw()
        left = ((layer, name) for layer in copy.modules() for name, weight in layer.named_parameters(recurse=False) if bool((weight == _MARK).all()))
        return next((f"{name} of the layer {type(layer).__name__}" for layer, name in left), "")
