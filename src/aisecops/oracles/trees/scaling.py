"""Scalers before a model, folded into what the model computes: exactly for trees, to rounding for linear maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from aisecops.oracles.oracle import Floats, Integers
from aisecops.oracles.structure import LinearMap, Structure, TreeEnsemble
from aisecops.oracles.trees.planting import StructureError
from aisecops.oracles.trees.thresholds import before_scaling

Scale = Callable[[Floats, Integers], Floats]
"""Values and the columns they stand in, both (n,), to scaled values: with the arithmetic of the scaler, operation by operation."""


def behind(scaler: Any, structure: Structure) -> Structure:
    """What ``structure`` computes of the scaler's output, as a function of its input.

    A split of a scaled value is a split of the value itself: rounded arithmetic with a positive factor never falls. The place is found to the last bit.
    """
    scale = _scale(scaler)
    columns = int(scaler.n_features_in_)
    if columns != structure.columns:
        raise StructureError(f"{type(scaler).__name__} has {columns} columns and the model behind it {structure.columns}")
    if isinstance(structure, TreeEnsemble):
        return _behind_in_trees(scale, structure)
    every, zeros = np.arange(columns), np.zeros(columns)
    if getattr(scaler, "clip", False):
        raise StructureError("a scaler that clips is not linear")
    shift = scale(zeros, every)
    return LinearMap(weights=structure.weights * (_factor(scaler)), offset=structure.offset + structure.weights @ shift)


def _behind_in_trees(scale: Scale, trees: TreeEnsemble) -> TreeEnsemble:
    inner = np.flatnonzero(~trees.leaf)
    feature, threshold = trees.feature[inner], trees.threshold.copy()
    threshold[inner] = before_scaling(threshold[inner], lambda values: scale(values, feature))
    return msgspec.structs.replace(trees, threshold=threshold)


def _scale(scaler: Any) -> Scale:
    """The scaler's arithmetic on single columns."""
    factor = _factor(scaler)
    if not (np.all(np.isfinite(factor)) and np.all(factor > 0)):
        raise StructureError(f"{type(scaler).__name__} has factors that are not positive")
    match type(scaler).__name__:
        case "StandardScaler":
            shift, divide = scaler.mean_ if scaler.with_mean else None, scaler.scale_
        case "RobustScaler":
            shift, divide = scaler.center_ if scaler.with_centering else None, scaler.scale_ if scaler.with_scaling else None
        case "MaxAbsScaler":
            shift, divide = None, scaler.scale_
        case _:
            return _range(scaler)
    low, high = (-1.0, 1.0) if getattr(scaler, "clip", False) else (-np.inf, np.inf)

    def scale(values: Floats, columns: Integers) -> Floats:
        values = values if shift is None else values - shift[columns]
        return np.asarray(np.clip(values if divide is None else values / divide[columns], low, high))

    return scale


def _range(scaler: Any) -> Scale:
    low, high = scaler.feature_range if scaler.clip else (-np.inf, np.inf)

    def scale(values: Floats, columns: Integers) -> Floats:
        return np.asarray(np.clip(values * scaler.scale_[columns] + scaler.min_[columns], low, high))

    return scale


def _factor(scaler: Any) -> Floats:
    """What each column is multiplied by, shape (d,)."""
    one = np.ones(int(scaler.n_features_in_))
    match type(scaler).__name__:
        case "StandardScaler" | "MaxAbsScaler" | "RobustScaler":
            return np.asarray(one if scaler.scale_ is None else one / scaler.scale_)
        case "MinMaxScaler":
            return np.asarray(one * scaler.scale_)
        case name:
            raise StructureError(f"{name} before the model is no scaler that can be folded into it")
