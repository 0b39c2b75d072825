"""The paired comparison: whether two models are right on the same samples equally often."""

from __future__ import annotations

from typing import SupportsIndex

from aisecops.core.statistics.interval import check_counts
from aisecops.core.statistics.special import beta_tails


def mcnemar(only_first: SupportsIndex, only_second: SupportsIndex) -> float:
    """Return the exact two-sided p-value of McNemar's test.

    Two models tried on the same inputs (or one before and after a defence) are *paired*: the inputs that both get right, or both wrong, say nothing about the difference.
    Of the others, if the models are equally good, half go each way.

    Parameters
    ----------
    only_first, only_second
        Samples that only the first, only the second model gets right. 1 is returned where there are none.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or percentages. Psychometrika 12, 153-157.
    """
    if only_first == 0 and only_second == 0:
        return 1.0
    b, n = check_counts(only_first, int(only_first) + int(only_second))
    fewer = min(b, n - b)
    return 1.0 if 2 * fewer >= n else min(1.0, 2.0 * beta_tails(fewer + 1.0, float(n - fewer), 0.5)[1])
