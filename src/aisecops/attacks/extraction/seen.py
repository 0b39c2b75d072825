"""What a thief sees of a model: images as rows of pixels; and behind a defence rounded scores, those of the first classes, or labels alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisecops.attacks.extraction.linear import are_probabilities
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Loss, Oracle

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure


class _Seen:
    """Neither gradient nor structure."""

    name: str

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:  # noqa: ARG002
        """There is none."""
        raise CapabilityError("this model gives no gradient", where=self.name)

    def structure(self) -> Structure:
        """It is not known."""
        raise CapabilityError("this model does not show its structure", where=self.name)


class Flat(_Seen):
    """An oracle of samples of ``shape``, asked with rows, shape (n, product of ``shape``): what copies are trained on."""

    def __init__(self, oracle: Oracle, shape: tuple[int, ...]) -> None:
        self._oracle, self._shape = oracle, shape
        self.name, self.classes = oracle.name, oracle.classes
        self.capabilities = oracle.capabilities & {Capability.LABELS, Capability.SCORES}

    def labels(self, batch: Batch) -> Integers:
        """As the oracle's."""
        return self._oracle.labels(self._shaped(batch))

    def scores(self, batch: Batch) -> Floats:
        """As the oracle's."""
        return self._oracle.scores(self._shaped(batch))

    def _shaped(self, batch: Batch) -> Floats:
        rows = np.asarray(batch, dtype=np.float64)
        return rows.reshape(len(rows), *self._shape)


class Rounded(_Seen):
    """An oracle whose scores have ``digits`` decimals."""

    def __init__(self, oracle: Oracle, digits: int) -> None:
        self._oracle, self._digits = oracle, digits
        self.name, self.classes = f"{oracle.name}, scores of {digits} decimals", oracle.classes
        self.capabilities = oracle.capabilities & {Capability.LABELS, Capability.SCORES}

    def labels(self, batch: Batch) -> Integers:
        """As the oracle's."""
        return self._oracle.labels(batch)

    def scores(self, batch: Batch) -> Floats:
        """As the oracle's, rounded."""
        return np.round(self._oracle.scores(batch), self._digits)


class Top(_Seen):
    """An oracle that tells the scores of the ``k`` likeliest classes; the others share what is left of a probability, and of other scores get the least that is told."""

    def __init__(self, oracle: Oracle, k: int) -> None:
        self._oracle, self._k = oracle, k
        self.name, self.classes = f"{oracle.name}, scores of the first {k}", oracle.classes
        self.capabilities = oracle.capabilities & {Capability.LABELS, Capability.SCORES}

    def labels(self, batch: Batch) -> Integers:
        """As the oracle's."""
        return self._oracle.labels(batch)

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


class LabelsOnly(_Seen):
    """An oracle that keeps its scores to itself."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.name, self.classes = f"{oracle.name}, labels alone", oracle.classes
        self.capabilities = frozenset({Capability.LABELS})

    def labels(self, batch: Batch) -> Integers:
        """As the oracle's."""
        return self._oracle.labels(batch)

    def scores(self, batch: Batch) -> Floats:  # noqa: ARG002
        """There are none."""
        raise CapabilityError("this model gives labels alone", where=self.name)
