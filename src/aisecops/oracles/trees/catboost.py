"""Boosted trees of CatBoost: ``>`` on float32 goes right; by default every level of a tree asks one question."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

import numpy as np

from aisecops.oracles.oracle import Floats
from aisecops.oracles.structure import Decision, TreeEnsemble
from aisecops.oracles.trees.planting import StructureError, Tree, planted
from aisecops.oracles.trees.thresholds import rounded_to_single


def catboost_trees(model: Any) -> TreeEnsemble:
    """Of a ``CatBoostClassifier`` on numbers."""
    content = _content(model)
    scale, bias = content["scale_and_bias"]
    info = content["features_info"]
    if any(key != "float_features" and info[key] for key in info):
        raise StructureError("the model splits by categories or texts")
    floats = {feature["feature_index"]: feature for feature in info["float_features"]}
    base = np.array(bias, dtype=np.float64)
    if "oblivious_trees" in content:
        trees = [_oblivious(tree, floats, len(base), scale) for tree in content["oblivious_trees"]]
    else:
        trees = [_branching(tree, floats, len(base), scale) for tree in content["trees"]]
    decision = Decision.POSITIVE if len(base) == 1 else Decision.LARGEST
    return planted(trees, columns=len(model.feature_names_), base=base, decision=decision, last=True)


def _content(model: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        model.save_model(path, format="json")
        with open(path, encoding="utf-8") as file:
            content: dict[str, Any] = json.load(file)
    return content


def _question(split: dict[str, Any], floats: dict[int, dict[str, Any]]) -> tuple[int, float, bool]:
    """Feature, last value that goes left, and whether a missing value goes left."""
    if split["split_type"] != "FloatFeature":
        raise StructureError("the model splits by categories")
    feature = floats[split["float_feature_index"]]
    border = rounded_to_single(np.array([np.float32(split["border"])], dtype=np.float64), strict=False)[0]
    # Missing values compare as the smallest (AsFalse, and AsIs: NaN > border is false) or as the largest number.
    return feature["flat_feature_index"], float(border), feature["nan_value_treatment"] != "AsTrue"


def _oblivious(tree: dict[str, Any], floats: dict[int, dict[str, Any]], k: int, scale: float) -> Tree:
    """A full binary tree, nodes in levels; the last question is the root's, so that leaf i is the i-th from the left."""
    questions = [_question(split, floats) for split in reversed(tree["splits"])]
    inner, leaves = 2 ** len(questions) - 1, 2 ** len(questions)
    level = np.floor(np.log2(np.arange(1, inner + 1))).astype(np.int64)
    feature, threshold, missing = (np.array([question[i] for question in questions] or [0])[level] for i in range(3))
    nothing, first = np.full(leaves, -1), 2 * np.arange(inner) + 1
    value = np.array(tree["leaf_values"], dtype=np.float64).reshape(leaves, k)
    return Tree(
        feature=np.concatenate([feature, np.zeros(leaves)]).astype(np.int64),
        threshold=np.concatenate([threshold, np.full(leaves, np.inf)]),
        left=np.concatenate([first, nothing]),
        right=np.concatenate([first + 1, nothing]),
        missing_left=np.concatenate([missing, np.zeros(leaves)]).astype(np.bool_),
        value=np.concatenate([np.zeros((inner, k)), value * scale]),
    )


def _branching(tree: dict[str, Any], floats: dict[int, dict[str, Any]], k: int, scale: float) -> Tree:
    """A tree of nested nodes (grow_policy Lossguide or Depthwise)."""
    rows: list[list[Any]] = []

    def add(node: dict[str, Any]) -> int:
        number = len(rows)
        rows.append([0, np.inf, True, -1, -1, np.zeros(k)])
        if "split" in node:
            rows[number][:3] = _question(node["split"], floats)
            rows[number][3], rows[number][4] = add(node["left"]), add(node["right"])
        else:
            rows[number][5] = np.atleast_1d(np.array(node["value"], dtype=np.float64)) * scale
        return number

    add(tree)
    feature, threshold, missing, left, right, value = zip(*rows, strict=True)
    return Tree(
        feature=np.array(feature, dtype=np.int64),
        threshold=_floats(threshold),
        left=np.array(left, dtype=np.int64),
        right=np.array(right, dtype=np.int64),
        missing_left=np.array(missing, dtype=np.bool_),
        value=np.array(value, dtype=np.float64),
    )


def _floats(values: tuple[float, ...]) -> Floats:
    return np.array(values, dtype=np.float64)
