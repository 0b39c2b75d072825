"""Batches, structures and errors as plain values and arrays, so that they can cross to another process; and back, checked: the other side may be hostile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.isolation.texts import decode_texts, encode_texts
from aisecops.oracles.oracle import Batch, CapabilityError, Integers, OracleError
from aisecops.oracles.structure import LinearMap, Structure, TreeEnsemble

Values: TypeAlias = dict[str, Any]
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
_ERRORS: dict[str, type[UserError]] = {kind.__name__: kind for kind in (UserError, OracleError, CapabilityError)}
_STRUCTURES: dict[str, type[LinearMap | TreeEnsemble]] = {kind.__name__: kind for kind in (LinearMap, TreeEnsemble)}


def batch_arrays(batch: Batch) -> Arrays:
    """A batch of numbers, or of texts, as arrays."""
    if isinstance(batch, np.ndarray):
        return {"batch": np.ascontiguousarray(batch, dtype=np.float64)}
    return dict(encode_texts(list(batch)))


def batch_of(arrays: Mapping[str, npt.NDArray[Any]]) -> Batch:
    """The inverse of ``batch_arrays``."""
    return arrays["batch"] if "batch" in arrays else decode_texts(arrays)


def error_values(error: UserError) -> Values:
    """What an error says."""
    kind = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
    return {"error": kind, "what": error.what, "where": error.where, "fix": error.fix}


def error_of(values: Mapping[str, Any]) -> UserError | None:
    """The error that ``values`` are, made inert; None if they are none."""
    kind = _ERRORS.get(str(values.get("error", "")))
    if kind is None:
        return None
    what, where, fix = (inert(" ".join(str(values.get(part, "")).split()), 400) for part in ("what", "where", "fix"))
    return kind(what, where=where, fix=fix)


def structure_parts(structure: Structure) -> tuple[Values, Arrays]:
    """The numbers and words of a structure, and its arrays."""
    parts = {field.name: getattr(structure, field.name) for field in msgspec.structs.fields(structure)}
    arrays = {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
    values = {name: str(part) if isinstance(part, str) else part for name, part in parts.items() if name not in arrays}
    return {"kind": type(structure).__name__, **values}, arrays


def structure_of_parts(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], k: int) -> Structure:
    """The inverse of ``structure_parts``, for a model of ``k`` classes.

    Raises
    ------
    ValueError
        It is none that attacks could walk: other types, shapes that do not fit, a feature that is not there, trees that are no trees.
    """
    kind = _STRUCTURES.get(str(values.get("kind", "")))
    if kind is None:
        raise ValueError("another kind of structure")
    parts = {}
    for field in msgspec.structs.fields(kind):
        scalar = get_args(field.type)
        if field.name in values:
            parts[field.name] = msgspec.convert(values[field.name], field.type)
        elif field.name not in arrays or not scalar or arrays[field.name].dtype != get_args(scalar[1])[0]:
            raise ValueError(f"no {field.name}, or of another type")
        else:
            parts[field.name] = arrays[field.name]
    structure: Structure = kind(**parts)
    _check_linear(structure, k) if isinstance(structure, LinearMap) else _check_trees(structure, k)
    return structure


def _check_linear(linear: LinearMap, k: int) -> None:
    fits = linear.weights.ndim == 2 and len(linear.weights) == k and linear.offset.shape == (k,)
    if not fits or not (np.isfinite(linear.weights).all() and np.isfinite(linear.offset).all()):
        raise ValueError("weights of another shape, or not finite")


def _check_trees(trees: TreeEnsemble, k: int) -> None:
    nodes = trees.feature.shape
    flat = all(array.shape == nodes for array in (trees.threshold, trees.left, trees.right, trees.missing_left, trees.cover)) and len(nodes) == 1
    if not flat or trees.value.ndim != 2 or len(trees.value) != nodes[0] or trees.base.shape != (trees.value.shape[1],) or trees.roots.ndim != 1:
        raise ValueError("arrays that do not fit each other")
    if (
        trees.labels != k
        or not trees.columns > 0
        or not trees.divisor > 0
        or not all(np.isfinite(part).all() for part in (trees.value, trees.base, trees.cover))
    ):
        raise ValueError("another number of classes, or values that are not finite")
    inner = ~trees.leaf
    for numbers, below in ((trees.feature[inner], trees.columns), (trees.left, nodes[0]), (trees.right, nodes[0]), (trees.roots, nodes[0])):
        if len(numbers) and (numbers.min() < 0 or numbers.max() >= below):
            raise ValueError("a node or a feature that is not there")
    if np.any(trees.leaf & (trees.right != trees.left)) or np.isnan(trees.threshold[inner]).any():
        raise ValueError("a node that is neither leaf nor split")
    _check_walks_end(trees, inner)


def _check_walks_end(trees: TreeEnsemble, inner: npt.NDArray[np.bool_]) -> None:
    """Every node is reached once at most: then no walk goes in circles."""
    reached, here = 0, trees.roots
    seen = np.zeros(len(inner), dtype=np.bool_)
    while len(here):
        reached += len(here)
        seen[here] = True
        if reached > len(inner) or int(seen.sum()) != reached:
            raise ValueError("trees that are no trees")
        splits: Integers = here[inner[here]]
        here = np.concatenate([trees.left[splits], trees.right[splits]])
