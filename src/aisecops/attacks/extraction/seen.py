"""What a thief sees of a model: images as rows of pixels; and behind a defence rounded scores, those of the first classes, or labels alone."""

from __future__ import annotations

import numpy as np

from aisecops.attacks.extraction.linear import are_probabilities
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Oracle
from aisecops.oracles.veiled import Veiled


class Flat(Veiled):
    """An oracle of samples of ``shape``, asked with rows, shape (n, product of ``shape``): what copies are trained on."""

    def __init__(self, oracle: Oracle, shape: tuple[int, ...]) -> None:
        super().__init__(oracle)
        self._shape = shape

    def labels(self, batch: Batch) -> Integers:
        """As the oracle's."""
        return self._oracle.labels(self._shaped(batch))

    def scores(self, batch: Batch) -> Floats:
        """As the oracle's."""
        return self._oracle.scores(self._shaped(batch))

    def _shaped(self, batch: Batch) -> Floats:
        rows = np.asarray(batch, dtype=np.float64)
        return rows.reshape(len(rows), *self._shape)


class Rounded(Veiled):
    """An oracle whose scores have ``digits`` decimals."""

    def __init__(self, oracle: Oracle, digits: int) -> None:
        super().__init__(oracle, f"scores of {digits} decimals")
        self._digits = digits

    def scores(self, batch: Batch) -> Floats:
        """As the oracle's, rounded."""
        return np.round(self._oracle.scores(batch), self._digits)


class Top(Veiled):
    """An oracle that tells the scores of the ``k`` likeliest classes; the others share what is left of a probability, and of other scores get the least that is told."""

    def __init__(self, oracle: Oracle, k: int) -> None:
        super().__init__(oracle, f"scores of the first {k}")
        self._k = k

    def scores(self, batch: Batch) -> Floats:
        """As the oracle's where they are told, and what a thief has to take the others for."""
        scores = np.asarray(self._oracle.scores(batch), dtype=np.float64)
        hidden = scores.shape[1] - self._k
        if hidden <= 0 or not len(scores):
            return scores
        least = np.sort(scores, axis=1)[:, hidden : hidden + 1]
        told = scores >= least
        shared = np.sum(np.where(told, 0, scores), axis=1, keepdims=True) / np.maximum(1, (~told).sum(axis=1, keepdims=True))
        return np.where(told, scores, shared if are_probabilities(scores) else least)


class LabelsOnly(Veiled):
    """An oracle that keeps its scores to itself."""

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle, "labels alone")
        self.capabilities = frozenset({Capability.LABELS})

    def scores(self, batch: Batch) -> Floats:  # noqa: ARG002
        """There are none."""
        raise CapabilityError("this model gives labels alone", where=self.name)
