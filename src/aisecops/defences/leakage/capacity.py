"""Models that can hold less: trees of less depth, leaves of more rows.

A leaf of one row knows that row by heart; its probabilities say so to whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.defences.leakage.estimators import parts
from aisecops.defences.leakage.settings import Family, Setting

_DEPTHS, _LEAVES = (8, 4, 2), (5, 20, 50)
_DEPTH = {"max_depth": None, "depth": 6}
_LEAF = {"min_samples_leaf": 1, "min_child_samples": 20, "min_child_weight": 1, "min_data_in_leaf": 1}


def depths(estimator: Any) -> tuple[Setting, ...]:
    """Return settings with trees of at most 8, 4 and 2 levels, as far as that is less than now; none where nothing has a depth."""
    found = [Setting(family=Family.DEPTH, told=str(depth), parameters=dict(_shallower(estimator, depth))) for depth in _DEPTHS]
    return tuple(one for one in found if one.parameters)


def leaves(estimator: Any) -> tuple[Setting, ...]:
    """Return settings with at least 5, 20 and 50 rows in a leaf (or, of XGBoost, that weight), as far as that is more than now."""
    found = [Setting(family=Family.LEAF, told=f"{rows} rows", parameters=dict(_fuller(estimator, rows))) for rows in _LEAVES]
    return tuple(one for one in found if one.parameters)


def _shallower(estimator: Any, depth: int) -> Iterator[tuple[str, int]]:
    for prefix, part in parts(estimator):
        own = _own(part, "depth")
        for name in _DEPTH.keys() & own.keys():
            now = own[name] if own[name] not in (None, -1, 0) else _unlimited(part)
            if now > depth:
                yield prefix + name, depth


def _fuller(estimator: Any, rows: int) -> Iterator[tuple[str, int]]:
    for prefix, part in parts(estimator):
        own = _own(part, "min_data_in_leaf")
        for name in _LEAF.keys() & own.keys():
            now = own[name] if own[name] is not None else _LEAF[name]
            if isinstance(now, int | float) and (now if now >= 1 or now == 0 else rows) < rows:  # a float below 1 is a share of all rows
                yield prefix + name, rows


def _unlimited(part: Any) -> float:
    """What "no limit" means: XGBoost and CatBoost have 6 levels then."""
    return 6 if type(part).__module__.partition(".")[0] in ("xgboost", "catboost") else float("inf")


def _own(part: Any, catboost: str) -> dict[str, Any]:
    """The parameters of a part itself; CatBoost lists only those that were given."""
    own: dict[str, Any] = part.get_params(deep=False)
    return own | {catboost: own.get(catboost)} if type(part).__module__.startswith("catboost") else own
