"""Linear models by equation solving: d + 1 answers determine d + 1 numbers, a few more prove that there was nothing else."""

from __future__ import annotations

import msgspec
import numpy as np

from aisecops.oracles.oracle import Floats, Integers

PROOFS = 5
"""Answers beyond those that determine the copy: were the model not linear, they would not fit."""
_FIT = 1e-6
_SATURATED = 1e-8
"""Probabilities below this are mostly rounding: such answers are left out of the equations."""


class StolenLinear(msgspec.Struct, frozen=True, kw_only=True):
    """A copy: scores ``x @ weights.T + offset``, shapes (k, d) and (k,), the first class at 0.

    ``error``: the largest difference to an answer that it was not solved from, in units of the spread of all answers; ``exact``: that is rounding (below 1e-6).
    """

    weights: Floats
    offset: Floats
    error: float

    @property
    def exact(self) -> bool:
        """Whether the model was linear in these columns, and this is it."""
        return self.error < _FIT

    def labels(self, samples: Floats) -> Integers:
        """The label of each sample, shape (n,)."""
        return np.asarray(np.argmax(samples @ self.weights.T + self.offset, axis=1), dtype=np.int64)


def are_probabilities(scores: Floats) -> bool:
    """Whether scores, shape (n, k), are distributions, perhaps rounded."""
    return bool((scores >= 0).all() and (scores <= 1).all() and np.allclose(scores.sum(axis=1), 1.0, atol=0.06))


def _equations(samples: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """The samples whose answers can be used, and these relative to the first class: logarithms of probabilities, other scores as they are."""
    if are_probabilities(scores):
        usable = scores.min(axis=1) > _SATURATED
        samples, scores = samples[usable], np.log(scores[usable])
    return samples, np.asarray(scores - scores[:, :1])


def solve_linear(samples: Floats, scores: Floats) -> StolenLinear | None:
    """Solve for the linear model (or softmax of one) that gave ``scores`` to ``samples``.

    Parameters
    ----------
    samples, scores
        Shapes (n, d) and (n, k). The last 5 are kept back as proof; the rest is solved by least squares.

    Returns
    -------
    StolenLinear | None
        None: fewer than d + 6 answers that are not saturated.

    References
    ----------
    Tramèr et al., Stealing machine learning models via prediction APIs (USENIX Security 2016).
    """
    samples, odds = _equations(samples, np.asarray(scores, dtype=np.float64))
    n, d = samples.shape
    if n < d + 1 + PROOFS or not np.isfinite(samples).all():
        return None
    centre, scale = samples.mean(axis=0), samples.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    matrix = np.column_stack([(samples - centre) / scale, np.ones(n)])
    solution = np.linalg.lstsq(matrix[:-PROOFS], odds[:-PROOFS], rcond=1e-12)[0]
    spread = float(np.abs(odds - odds.mean(axis=0)).max()) or 1.0
    error = float(np.abs(matrix[-PROOFS:] @ solution - odds[-PROOFS:]).max()) / spread
    weights = solution[:-1].T / scale
    return StolenLinear(weights=weights, offset=solution[-1] - weights @ centre, error=error)


def least_queries(columns: int) -> int:
    """Return how many answers solve for a linear model of so many columns, and prove it."""
    return columns + 1 + PROOFS
