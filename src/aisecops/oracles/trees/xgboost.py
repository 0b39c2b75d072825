"""Boosted trees of XGBoost: ``<`` on float32, sums in float32, and a base score that is *fitted* (leaving it out certifies radii that are false)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from aisecops.oracles.oracle import Floats
from aisecops.oracles.structure import Decision, TreeEnsemble
from aisecops.oracles.trees.planting import StructureError, Tree, for_class, planted
from aisecops.oracles.trees.thresholds import rounded_to_single

OBJECTIVES = ("binary:logistic", "multi:softprob", "multi:softmax")


def xgboost_trees(model: Any) -> TreeEnsemble:
    """Of a ``Booster`` or ``XGBClassifier`` (gbtree) with a logistic or softmax objective."""
    booster = model if type(model).__name__ == "Booster" else model.get_booster()
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    objective, kind = learner["objective"]["name"], learner["gradient_booster"]["name"]
    if objective not in OBJECTIVES:
        raise StructureError(f"XGBoost's objective {objective} is none of {', '.join(OBJECTIVES)}")
    if kind != "gbtree":
        raise StructureError(f"XGBoost's booster {kind} is not gbtree")
    missing = getattr(model, "missing", None)
    if missing is not None and not np.isnan(missing):
        raise StructureError(f"the model takes {missing} for a missing value")
    k = max(1, int(learner["learner_model_param"]["num_class"]))
    content = learner["gradient_booster"]["model"]
    used = list(zip(content["trees"], content["tree_info"], strict=True))[: _used(model, content)]
    trees = [_tree(tree, label, k, counted=number < k) for number, (tree, label) in enumerate(used)]
    columns = int(learner["learner_model_param"]["num_feature"])
    decision = Decision.LOGISTIC if k == 1 else Decision.SOFTMAX
    return planted(trees, columns=columns, base=_base(learner["learner_model_param"]["base_score"], k), decision=decision, single=True)


def _used(model: Any, content: dict[str, Any]) -> int:
    """How many trees predict: the scikit-learn interface stops at the best round of an early stop."""
    total, ends = len(content["trees"]), content["iteration_indptr"]
    try:
        best = model.best_iteration if type(model).__name__ != "Booster" else None
    except AttributeError:
        best = None
    return total if best is None else int(ends[best + 1])


def _base(written: str, k: int) -> Floats:
    score = np.array(json.loads(written), dtype=np.float32).reshape(-1)
    if k == 1:
        score = -np.log(np.float32(1) / score - np.float32(1))
    return np.broadcast_to(score, (k,)).astype(np.float64)


def _tree(tree: dict[str, Any], label: int, k: int, *, counted: bool) -> Tree:
    """``counted``: whether it is of the first round, in which every row has the same second derivative, so that their sum counts rows."""
    if any(tree["split_type"]):
        raise StructureError("the model splits by sets of categories")
    if int(tree["tree_param"]["size_leaf_vector"]) > 1:
        raise StructureError("the model's leaves are vectors")
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    return Tree(
        feature=np.array(tree["split_indices"], dtype=np.int64),
        threshold=rounded_to_single(conditions.astype(np.float64), strict=True),
        left=np.array(tree["left_children"], dtype=np.int64),
        right=np.array(tree["right_children"], dtype=np.int64),
        missing_left=np.array(tree["default_left"], dtype=np.bool_),
        value=for_class(conditions.astype(np.float64), label, k),
        cover=np.array(tree["sum_hessian"], dtype=np.float64) if counted and "sum_hessian" in tree else None,
    )
