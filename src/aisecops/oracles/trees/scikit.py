"""Trees, forests and boosted trees of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from aisecops.oracles.structure import Decision, TreeEnsemble
from aisecops.oracles.trees.planting import StructureError, Tree, for_class, planted
from aisecops.oracles.trees.thresholds import rounded_to_single


def forest(model: Any) -> TreeEnsemble:
    """Of ``DecisionTreeClassifier``, ``ExtraTreeClassifier``, ``RandomForestClassifier``, ``ExtraTreesClassifier``: the mean of the leaves' class shares."""
    if model.n_outputs_ != 1:
        raise StructureError("the model has several outputs")
    members = getattr(model, "estimators_", [model])
    trees = [_tree(member.tree_, member.tree_.value[:, 0, :]) for member in members]
    base = np.zeros(int(model.n_classes_))
    return planted(trees, columns=model.n_features_in_, base=base, decision=Decision.LARGEST, divisor=float(len(members)))


def gradient_boosting(model: Any) -> TreeEnsemble:
    """Of ``GradientBoostingClassifier`` with its own or no initial model."""
    if not isinstance(model.init_, str) and type(model.init_).__name__ != "DummyClassifier":
        raise StructureError("the boosting starts from another model")
    k = model.estimators_.shape[1]
    trees = [
        _tree(member.tree_, for_class(model.learning_rate * member.tree_.value[:, 0, 0], label, k))
        for stage in model.estimators_
        for label, member in enumerate(stage)
    ]
    # The initial model ignores its input: its log-odds are the same everywhere.
    base = getattr(model, "_raw_predict_init")(np.zeros((1, model.n_features_in_)))[0]  # noqa: B009
    return planted(trees, columns=model.n_features_in_, base=base, decision=Decision.NOT_NEGATIVE if k == 1 else Decision.LARGEST)


def _tree(tree: Any, value: Any) -> Tree:
    return Tree(
        feature=np.maximum(tree.feature, 0),
        threshold=rounded_to_single(tree.threshold, strict=False),
        left=tree.children_left,
        right=tree.children_right,
        missing_left=np.asarray(tree.missing_go_to_left, dtype=np.bool_),
        value=np.asarray(value, dtype=np.float64),
        cover=tree.weighted_n_node_samples,
    )


def hist_gradient_boosting(model: Any) -> TreeEnsemble:
    """Of ``HistGradientBoostingClassifier`` without categorical features: it compares in float64."""
    stages = getattr(model, "_predictors")  # noqa: B009
    k = len(stages[0])
    trees = [_hist_tree(predictor.nodes, label, k) for stage in stages for label, predictor in enumerate(stage)]
    base = np.ravel(getattr(model, "_baseline_prediction"))  # noqa: B009
    return planted(trees, columns=model.n_features_in_, base=base, decision=Decision.POSITIVE if k == 1 else Decision.LARGEST)


def _hist_tree(nodes: Any, label: int, k: int) -> Tree:
    leaf = nodes["is_leaf"].astype(np.bool_)
    if np.any(nodes["is_categorical"].astype(np.bool_) & ~leaf):
        raise StructureError("the model splits by sets of categories")
    return Tree(
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
        threshold=np.where(leaf, np.inf, nodes["num_threshold"]),
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        value=for_class(nodes["value"].astype(np.float64), label, k),
        cover=nodes["count"],
    )
