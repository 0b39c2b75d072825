"""Models that imitate the examined one on clean samples: what they obey, too, follows from its answers to these and is no backdoor.

An honest network that was trained too briefly lets one column decide, and so do its imitators. A backdoor does not show on clean samples, which is its point, so
imitators do not learn it (Yoshida and Fujino, Disabling backdoor by knowledge distillation, AISec 2020).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aisecops.defences.backdoors.asking import answered
from aisecops.defences.backdoors.references import Train
from aisecops.oracles.oracle import Batch, Floats, Integers, Oracle

_IMITATORS, _COPIES = 8, 5


class Imitation:
    """Trains imitators of a model once for each set of rows.

    Parameters
    ----------
    model
        The model to imitate.
    train
        What trains honest models of its family.
    batch
        From numbers of clean rows to the samples.
    """

    def __init__(self, model: Oracle, train: Train, batch: Callable[[Integers], Batch], seed: int) -> None:
        self._model, self._train, self._batch, self._seed = model, train, batch, seed
        self._made = dict[bytes, list[Oracle]]()

    def of(self, rows: Integers) -> list[Oracle]:
        """Return eight models of these rows, drawn with replacement, each row five times with a label that the model's probabilities draw."""
        if rows.tobytes() not in self._made:
            told = answered(self._model, self._batch(rows)).cumsum(axis=1)
            self._made[rows.tobytes()] = [self._imitator(rows, told, number) for number in range(_IMITATORS)]
        return self._made[rows.tobytes()]

    def _imitator(self, rows: Integers, told: Floats, number: int) -> Oracle:
        rng = np.random.default_rng([self._seed, 17, number])
        drawn = np.repeat(rng.integers(len(rows), size=len(rows)), _COPIES)
        labels = (told[drawn] < rng.random((len(drawn), 1))).sum(axis=1).clip(0, told.shape[1] - 1)
        if len(np.unique(labels)) < 2:
            labels[0] = (labels[0] + 1) % told.shape[1]  # models of one class cannot be trained
        return self._train(self._batch(rows[drawn]), labels, 2000 + number)
