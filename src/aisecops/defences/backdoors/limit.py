"""How strong a trigger may be before it is more than honest models explain: a prediction limit from a few of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aisecops.core.statistics.special import beta_tails


def surprise(value: float, honest: Sequence[float], kinds: int = 1) -> float:
    """Return the probability that one more honest model reaches ``value``: Student's prediction of a new observation from the ``honest`` ones.

    Models of several kinds (number i is of kind ``i % kinds``) have a mean of their own and one standard deviation: the highest mean counts, since nobody says of
    which kind the model is. The standard deviation is at least .1: a few models that agree by luck are no proof that all do.
    """
    groups = [honest[kind::kinds] for kind in range(kinds)]
    means = [sum(group) / len(group) for group in groups]
    freedom = len(honest) - kinds
    squares = sum((one - mean) ** 2 for group, mean in zip(groups, means, strict=True) for one in group)
    spread = max(0.1, math.sqrt(squares / freedom))
    return _upper_tail((value - max(means)) / (spread * math.sqrt(1 + kinds / len(honest))), freedom)


def least_surprising(level: float, honest: Sequence[float], kinds: int = 1) -> float:
    """Return the value whose ``surprise`` is ``level``, found by bisection."""
    low, high = min(honest), max(honest) + 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if surprise(middle, honest, kinds) > level else (low, middle)
    return high


def _upper_tail(t: float, freedom: int) -> float:
    """P(T > t) of Student's distribution, through the incomplete beta function."""
    half = beta_tails(freedom / 2, 0.5, freedom / (freedom + t * t))[0] / 2
    return half if t >= 0 else 1 - half
