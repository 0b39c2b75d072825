"""From a model to what it computes, as data, and the proof by trial that the data decide as the model does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from aisecops.oracles.oracle import Floats, Oracle
from aisecops.oracles.structure import LinearMap, Structure
from aisecops.oracles.trees.catboost import catboost_trees
from aisecops.oracles.trees.lightgbm import lightgbm_trees
from aisecops.oracles.trees.planting import StructureError
from aisecops.oracles.trees.scaling import behind
from aisecops.oracles.trees.scikit import forest, gradient_boosting, hist_gradient_boosting
from aisecops.oracles.trees.xgboost import xgboost_trees


def structure_of(model: Any) -> Structure | None:
    """What ``model`` computes as trees or a linear map, or None where that cannot be said exactly (``extract`` says why).

    Nothing is imported for this: whoever has a model of a framework has the framework.
    """
    try:
        return extract(model)
    except StructureError:
        return None


def extract(model: Any) -> Structure:
    """As ``structure_of``.

    Parameters
    ----------
    model
        Trees, forests, (histogram) gradient boosting and linear classifiers of scikit-learn, XGBoost, LightGBM or CatBoost classifiers or boosters, or a
        ``Pipeline`` of scalers and one of these.

    Raises
    ------
    StructureError
        With the reason: another kind of model, splits by categories, custom objectives, steps that are no scalers, not fitted, ...
    """
    kinds = {kind.__name__: kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    known = next((kind for kind in _KINDS if kinds.get(kind[1]) == kind[0]), None)
    if known is None:
        raise StructureError(f"{type(model).__name__} is not known as trees or a linear map")
    try:
        return _KINDS[known](model)
    except (AttributeError, KeyError, IndexError, ValueError) as error:
        raise StructureError(f"{type(model).__name__} does not say what it computes ({error}): not fitted, or of a version not known") from error


def _linear(model: Any) -> LinearMap:
    weights, offset = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64)), np.atleast_1d(np.asarray(model.intercept_, dtype=np.float64))
    if len(model.classes_) == 2 and len(weights) == 1:
        weights, offset = np.concatenate([0 * weights, weights]), np.concatenate([0 * offset, np.broadcast_to(offset, 1)])
    if len(weights) != len(model.classes_):
        raise StructureError("the model has not one score for each class")
    if not (np.all(np.isfinite(weights)) and np.all(np.isfinite(offset))):
        raise StructureError("the model's weights are not all finite numbers")
    return LinearMap(weights=weights, offset=np.broadcast_to(offset, len(weights)).astype(np.float64))


def _pipeline(model: Any) -> Structure:
    steps = [step for _, step in model.steps if step is not None and not isinstance(step, str)]
    structure = extract(steps[-1])
    for scaler in reversed(steps[:-1]):
        structure = behind(scaler, structure)
    return structure


_KINDS: dict[tuple[str, str], Callable[[Any], Structure]] = {
    ("sklearn", "Pipeline"): _pipeline,
    ("sklearn", "BaseSearchCV"): lambda model: extract(model.best_estimator_),
    ("sklearn", "ForestClassifier"): forest,
    ("sklearn", "DecisionTreeClassifier"): forest,
    ("sklearn", "GradientBoostingClassifier"): gradient_boosting,
    ("sklearn", "HistGradientBoostingClassifier"): hist_gradient_boosting,
    ("xgboost", "XGBClassifier"): xgboost_trees,
    ("xgboost", "Booster"): xgboost_trees,
    ("lightgbm", "Booster"): lightgbm_trees,
    ("lightgbm", "LGBMClassifier"): lightgbm_trees,
    ("catboost", "CatBoostClassifier"): catboost_trees,
    ("sklearn", "LinearClassifierMixin"): _linear,
}


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """How many points were asked, and on how many of them structure and model gave different labels."""

    asked: int
    differing: int


def verified(structure: Structure, oracle: Oracle, samples: Floats, *, points: int = 4000, seed: int = 0) -> Verification:
    """Ask model and structure about the same points: ``samples``, mixtures of them and, for trees, points on either side of thresholds, one float64 apart.

    Parameters
    ----------
    samples
        Shape (n, d), at least one.
    points
        How many are asked at most.

    Raises
    ------
    StructureError
        If they differ anywhere but where two scores of a linear map agree to rounding.
    """
    samples = np.asarray(samples, dtype=np.float64)
    if samples.ndim != 2 or samples.shape[1] != structure.columns or not len(samples):
        raise StructureError(f"the samples have the shape {samples.shape}, the model wants {structure.columns} columns", where=oracle.name)
    asked = trials(structure, samples, points, np.random.default_rng(seed))
    differing = structure.decide(asked) != oracle.labels(asked)
    if isinstance(structure, LinearMap):
        differing &= ~structure.tied(asked)
    count = int(np.count_nonzero(differing))
    if count:
        raise StructureError(f"what was read from the model and the model itself disagree on {count} of {len(asked)} points", where=oracle.name)
    return Verification(asked=len(asked), differing=count)


def trials(structure: Structure, samples: Floats, points: int, random: np.random.Generator) -> Floats:
    """Samples, then samples of which each value comes from another, then these with one value moved to or past a threshold."""
    some = samples[random.permutation(len(samples))[: points // 4]]
    mixed = samples[random.integers(0, len(samples), (points // 4, samples.shape[1])), np.arange(samples.shape[1])]
    if isinstance(structure, LinearMap):
        return np.concatenate([some, mixed])
    inner = np.flatnonzero(~structure.leaf & np.isfinite(structure.threshold))
    chosen = random.permutation(inner)[: points // 4]
    at = samples[random.integers(0, len(samples), len(chosen))]
    row = np.arange(len(chosen))
    at[row, structure.feature[chosen]] = structure.threshold[chosen]
    past = at.copy()
    past[row, structure.feature[chosen]] = np.nextafter(structure.threshold[chosen], np.inf)
    return np.concatenate([some, mixed, at, past])
