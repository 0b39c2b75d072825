"""Forests of scikit-learn, asked tree by tree.

A forest hands each of its trees to joblib, even where one thread is all there is: that takes five times as long as a tree needs for the few rows of a question, and
attacks and searches put thousands of them. The answers are the same to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from aisecops.oracles.oracle import Floats

_FORESTS = frozenset({"RandomForestClassifier", "ExtraTreesClassifier"})
_MODULES = ("sklearn.ensemble._forest", "sklearn.pipeline")


class Forest:
    """A fitted forest, alone or at the end of a pipeline, without joblib."""

    def __init__(self, forest: Any, before: Any) -> None:
        self._forest, self._before = forest, before

    def predict(self, samples: Any) -> Any:
        """Return the label of each row, shape (n,), as the forest calls it."""
        return self._forest.classes_.take(np.argmax(self.predict_proba(samples), axis=1), axis=0)

    def predict_proba(self, samples: Any) -> Floats:
        """Return the mean probability of each class over all trees, shape (n, classes)."""
        rows = samples if self._before is None else self._before.transform(samples)
        rows = self._forest._validate_X_predict(rows)  # noqa: SLF001 - as its own ``predict_proba`` begins: checks names, numbers and their type
        answers = np.zeros((rows.shape[0], len(self._forest.classes_)))
        for tree in self._forest.estimators_:
            answers += tree.predict_proba(rows, check_input=False)
        answers /= len(self._forest.estimators_)
        return answers


def asked_directly(estimator: Any) -> Any:
    """Return what answers as ``estimator`` does and sooner, if it is such a forest and no other threads were asked for; otherwise ``estimator`` itself."""
    forest, before = estimator, None
    if _named(estimator, {"Pipeline"}) and len(estimator.steps) > 1:
        forest, before = estimator.steps[-1][1], estimator[:-1]
    plain = _named(forest, _FORESTS) and forest.n_jobs in (None, 1) and getattr(forest, "n_outputs_", 0) == 1
    return Forest(forest, before) if plain and hasattr(forest, "_validate_X_predict") else estimator


def _named(estimator: Any, names: set[str] | frozenset[str]) -> bool:
    """Whether it is one of scikit-learn's own classes: those of others may answer otherwise."""
    return type(estimator).__module__ in _MODULES and type(estimator).__name__ in names
