"""Many questions at once: what is left of confidence."""

from __future__ import annotations

from collections.abc import Sequence

from aisecops.core.statistics.interval import check_level


def bonferroni(level: float, questions: int) -> float:
    """Return the level at which each of ``questions`` intervals must be computed for all of them to hold together at ``level``."""
    check_level(level)
    if questions < 1:
        raise ValueError(f"at least one question, not {questions}")
    return 1.0 - (1.0 - level) / questions


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for their number, in the order given: rejecting those at most alpha errs anywhere with probability at most alpha.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65-70.
    """
    if any(not 0.0 <= p <= 1.0 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = worst
    return tuple(adjusted)
