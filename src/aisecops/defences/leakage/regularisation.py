"""Models that are pulled towards simplicity: large weights, or subtrees that explain little, cost something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.defences.leakage.estimators import parts
from aisecops.defences.leakage.settings import Family, Setting

_STRENGTHS = ("some", "much")
_VALUES: dict[str, tuple[float, float]] = {
    "l2_regularization": (10.0, 100.0),
    "reg_lambda": (10.0, 100.0),
    "l2_leaf_reg": (30.0, 300.0),
    "ccp_alpha": (0.0005, 0.002),
}
_WEIGHT_DECAY = {"MLPClassifier": (0.1, 1.0), "SGDClassifier": (0.01, 0.1), "RidgeClassifier": (10.0, 100.0)}


def regularised(estimator: Any) -> tuple[Setting, ...]:
    """Return two settings, some and much: a tenth and a hundredth of ``C``, or what the estimator has instead (L2 of leaves, weight decay, pruning)."""
    found = []
    for step, strength in enumerate(_STRENGTHS):
        values = dict(_stronger(estimator, step))
        last = {name.rpartition("__")[2]: value for name, value in values.items()}
        told = ", ".join(f"{name} {value:g}" for name, value in sorted(last.items()))
        found.append(Setting(family=Family.REGULARISATION, told=told or strength, parameters=dict(values)))
    return tuple(one for one in found if one.parameters)


def _stronger(estimator: Any, step: int) -> Iterator[tuple[str, float]]:
    for prefix, part in parts(estimator):
        own: dict[str, Any] = part.get_params(deep=False)
        if type(part).__module__.startswith("catboost"):
            own = own | {"l2_leaf_reg": own.get("l2_leaf_reg")}
        if isinstance(own.get("C"), int | float):
            yield f"{prefix}C", own["C"] / (10.0, 100.0)[step]
        if (decay := _WEIGHT_DECAY.get(type(part).__name__)) and own["alpha"] < decay[step]:
            yield f"{prefix}alpha", decay[step]
        for name in _VALUES.keys() & own.keys():
            if (own[name] or 0.0) < _VALUES[name][step]:
                yield prefix + name, _VALUES[name][step]
