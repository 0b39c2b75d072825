"""Models that stop learning before they know rows by heart: by a validation part of their own, or after a share of the rounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.defences.leakage.estimators import parts
from aisecops.defences.leakage.settings import Family, Setting

_PATIENCE = 5
_ITSELF: dict[str, dict[str, int | bool]] = {
    "HistGradientBoostingClassifier": {"early_stopping": True, "n_iter_no_change": _PATIENCE},
    "GradientBoostingClassifier": {"n_iter_no_change": _PATIENCE},
    "MLPClassifier": {"early_stopping": True, "n_iter_no_change": _PATIENCE},
    "SGDClassifier": {"early_stopping": True, "n_iter_no_change": _PATIENCE},
}
_ROUNDS = {
    "HistGradientBoostingClassifier": ("max_iter", 100), "GradientBoostingClassifier": ("n_estimators", 100), "XGBClassifier": ("n_estimators", 100),
    "LGBMClassifier": ("n_estimators", 100), "CatBoostClassifier": ("iterations", 1000),
}  # fmt: skip
"""The parameter of each that counts rounds, and what it is where nobody said."""


def stopped(estimator: Any) -> tuple[Setting, ...]:
    """Return a setting that stops by validation, where the estimator can, and one with a quarter of the rounds of boosting."""
    itself, fewer = dict(_validated(estimator)), dict(_fewer(estimator))
    found = [Setting(family=Family.EARLY_STOPPING, told="by validation", parameters=dict(itself))]
    found.append(Setting(family=Family.EARLY_STOPPING, told=f"{max(fewer.values(), default=0)} rounds", parameters=dict(fewer)))
    return tuple(one for one in found if one.parameters)


def _validated(estimator: Any) -> Iterator[tuple[str, int | bool]]:
    for prefix, part in parts(estimator):
        own = part.get_params(deep=False)
        wanted = _ITSELF.get(type(part).__name__, {})
        if any(own.get(name) != value for name, value in wanted.items()):
            yield from ((prefix + name, value) for name, value in wanted.items())


def _fewer(estimator: Any) -> Iterator[tuple[str, int]]:
    for prefix, part in parts(estimator):
        if type(part).__name__ in _ROUNDS:
            name, default = _ROUNDS[type(part).__name__]
            now = part.get_params(deep=False).get(name) or default
            if now >= 8:
                yield prefix + name, now // 4
