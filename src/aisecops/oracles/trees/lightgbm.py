"""Boosted trees of LightGBM: ``<=`` on float64, where tiny numbers are zeros and missing values go where the split says."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aisecops.oracles.structure import Decision, TreeEnsemble
from aisecops.oracles.trees.planting import StructureError, Tree, for_class, planted
from aisecops.oracles.trees.thresholds import with_zeros_of_lightgbm

CATEGORICAL, DEFAULT_LEFT = 1, 2
"""Bits of ``decision_type``; the two above them say what is missing: nothing, zeros, or NaN."""
ZERO_IS_MISSING, NAN_IS_MISSING = 1, 2


def lightgbm_trees(model: Any) -> TreeEnsemble:
    """Of a ``Booster`` or ``LGBMClassifier`` with the objective binary or multiclass."""
    booster = model if type(model).__name__ == "Booster" else model.booster_
    best = booster.best_iteration
    head, *blocks = booster.model_to_string(num_iteration=best if best and best > 0 else -1).split("\nTree=")
    header = _fields(head)
    objective = header.get("objective", "custom").split()[0]
    if objective not in ("binary", "multiclass"):
        raise StructureError(f"LightGBM's objective {objective} is neither binary nor multiclass")
    k = int(header["num_tree_per_iteration"])
    trees = [_tree(_fields(block.split("\n\n")[0]), number % k, k) for number, block in enumerate(blocks)]
    divisor = float(len(trees) // k) if "\naverage_output" in head else 1.0
    decision = Decision.POSITIVE if k == 1 else Decision.SOFTMAX
    return planted(trees, columns=int(header["max_feature_idx"]) + 1, base=np.zeros(k), decision=decision, divisor=divisor)


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _tree(fields: dict[str, str], label: int, k: int) -> Tree:
    if int(fields["num_cat"]):
        raise StructureError("the model splits by sets of categories")
    if int(fields.get("is_linear", "0")):
        raise StructureError("the model's leaves are linear functions")
    leaves = int(fields["num_leaves"])
    inner = leaves - 1
    value = np.concatenate([np.zeros(inner), _array(fields, "leaf_value", np.float64)])
    threshold = _array(fields, "threshold", np.float64)
    nothing = np.full(leaves, -1)
    return Tree(
        feature=np.concatenate([_array(fields, "split_feature", np.int64), np.zeros(leaves, np.int64)]),
        threshold=np.concatenate([with_zeros_of_lightgbm(threshold), np.full(leaves, np.inf)]),
        left=np.concatenate([_children(fields, "left_child", inner), nothing]),
        right=np.concatenate([_children(fields, "right_child", inner), nothing]),
        missing_left=np.concatenate([_missing(_array(fields, "decision_type", np.int64), threshold), np.zeros(leaves, np.bool_)]),
        value=for_class(value, label, k),
        cover=_cover(fields, leaves),
    )


def _cover(fields: dict[str, str], leaves: int) -> npt.NDArray[np.float64] | None:
    """The rows that each node saw, inner nodes first; None where a file leaves them out."""
    counts = np.concatenate([_array(fields, name, np.float64) for name in ("internal_count", "leaf_count")])
    return counts if len(counts) == 2 * leaves - 1 else None


def _array(fields: dict[str, str], name: str, type: npt.DTypeLike) -> Any:
    return np.array(fields.get(name, "").split(), dtype=type)


def _children(fields: dict[str, str], name: str, inner: int) -> npt.NDArray[np.int64]:
    """Children as numbers of nodes: inner nodes first, then leaves, which LightGBM writes as -1, -2, ..."""
    child = _array(fields, name, np.int64)
    return np.asarray(np.where(child < 0, inner + ~child, child))


def _missing(kind: npt.NDArray[np.int64], threshold: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    rule = (kind >> 2) & 3
    if np.any(rule == ZERO_IS_MISSING):
        raise StructureError("the model takes zeros for missing values")
    return np.asarray(np.where(rule == NAN_IS_MISSING, (kind & DEFAULT_LEFT) > 0, threshold >= 0))  # else NaN counts as 0
