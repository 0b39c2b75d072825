"""Small models of every framework, and a small table for them."""

from __future__ import annotations

import numpy as np


def table(classes, *, missing=False, n=150, seed=0):
    """Three features of few values, of one of which some are missing, and labels that depend on all of them, noisily."""
    random = np.random.default_rng(seed)
    x = np.round(random.random((n, 3)), 2)
    score = x @ [1.0, 0.7, -0.6] + 0.15 * random.standard_normal(n)
    y = np.searchsorted(np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1]), score)
    if missing:
        x[random.random(n) < 0.15, 2] = np.nan
    return x, y


def forest(classes):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(9, max_depth=4, random_state=0)


def pure_forest(classes):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(4, random_state=0, max_leaf_nodes=14)


def extra_trees(classes):
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(8, max_depth=4, random_state=0)


def tree(classes):
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=6, random_state=0)


def gradient_boosting(classes):
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(n_estimators=6, max_depth=3, random_state=0)


def hist_gradient_boosting(classes):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=6, max_leaf_nodes=6, min_samples_leaf=5, random_state=0)


def xgboost(classes):
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=7, max_depth=3, n_jobs=1)


def lightgbm(classes):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=7, num_leaves=6, min_child_samples=4, verbose=-1, n_jobs=1)


def catboost(classes):
    from catboost import CatBoostClassifier

    return CatBoostClassifier(iterations=7, depth=3, verbose=0, thread_count=1, allow_writing_files=False)


def scaled_xgboost(classes):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    return make_pipeline(StandardScaler(), MinMaxScaler(), xgboost(classes))


MODELS = {
    "tree": tree,
    "forest": forest,
    "pure-forest": pure_forest,
    "extra-trees": extra_trees,
    "gradient-boosting": gradient_boosting,
    "hist-gradient-boosting": hist_gradient_boosting,
    "xgboost": xgboost,
    "lightgbm": lightgbm,
    "catboost": catboost,
    "scaled-xgboost": scaled_xgboost,
}
