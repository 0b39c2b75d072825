"""The primal-dual hybrid gradient method for linear programmes whose variables lie between 0 and 1.

    minimise  cost . x   such that   matrix x <= right  (the last rows: = right)

Each step moves the amounts x against their reduced costs, and the prices of the rows by what the rows are missed by (Chambolle and Pock 2011; step lengths by the sums
of columns and rows, Pock and Chambolle 2011). It is two sparse products: a twentieth of a millisecond for a forest of 100 trees.

How much longer steps of amounts are than those of prices (the weight) decides whether the method gets anywhere: between problems it differs a hundredfold. It follows
how far both went since the last restart (Applegate et al. 2021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisecops.oracles.oracle import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

WEIGHT = 15.0
"""The weight to begin with, where an answer costs about 1."""
LEAST, MOST, AT_ONCE = 1.0, 1e4, 4.0
"""Bounds of the weight, and of its change at a restart."""
TINY = 1e-12


class HybridGradient:
    """One programme, of which the first ``unequal`` rows are inequalities."""

    def __init__(self, matrix: csr_matrix, right: Floats, cost: Floats, unequal: int) -> None:
        self._matrix, self._transposed = matrix, matrix.T.tocsr()
        self._right, self._cost, self._unequal = right, cost, unequal
        sizes = abs(matrix)
        self._by_amount = 1.0 / np.maximum(np.asarray(sizes.sum(axis=0)).ravel(), TINY)
        self._by_price = 1.0 / np.maximum(np.asarray(sizes.sum(axis=1)).ravel(), TINY)

    def steps(self, x: Floats, y: Floats, count: int, weight: float) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Amounts and prices after ``count`` steps, and their averages on the way: where to go on from is the better of the two (Applegate et al. 2021)."""
        by_amount, by_price = self._by_amount * weight, self._by_price / weight
        x, y, all_x, all_y = np.clip(x, 0.0, 1.0), y.copy(), np.zeros_like(x), np.zeros_like(y)
        for _ in range(count):
            further = x - by_amount * (self._cost + self._transposed @ y)
            np.clip(further, 0.0, 1.0, out=further)
            y += by_price * (self._matrix @ (2 * further - x) - self._right)
            np.maximum(y[: self._unequal], 0.0, out=y[: self._unequal])
            x = further
            all_x += x
            all_y += y
        return (x, y), (all_x / count, all_y / count)

    def weight(self, before: tuple[Floats, Floats], after: tuple[Floats, Floats], weight: float) -> float:
        """The weight to go on with, after steps with ``weight`` led from the amounts and prices ``before`` to those ``after``: half way, by logarithms, to balance."""
        amounts = float(np.sqrt(np.sum((after[0] - before[0]) ** 2 / self._by_amount)))
        prices = float(np.sqrt(np.sum((after[1] - before[1]) ** 2 / self._by_price)))
        if not (amounts > TINY and prices > TINY):
            return weight
        wished = float(np.sqrt(weight * amounts / prices))
        return float(np.clip(np.clip(wished, weight / AT_ONCE, weight * AT_ONCE), LEAST, MOST))
