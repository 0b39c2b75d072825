"""The one question of every search: how much further a trigger moves the samples on the examined model than on honest ones.

A value that every model takes for a sign of a class (a tumour of radius 0 is benign) is no backdoor, and it would crowd the planted one out of any list that is
ordered by success alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aisecops.defences.backdoors.asking import shares
from aisecops.defences.backdoors.triggers import Trigger
from aisecops.oracles.oracle import Batch, Floats, Oracle


class Proposal(NamedTuple):
    """A trigger that may be one, and the class that it calls for."""

    target: int
    trigger: Trigger


class Contrast:
    """One model beside a few honest ones, all asked about the same samples."""

    def __init__(self, oracle: Oracle, controls: Sequence[Oracle], batch: Batch) -> None:
        self.oracle, self.controls, self.batch = oracle, controls, batch
        self.classes = len(oracle.classes)

    def gains(self, triggers: Sequence[Trigger], rows: int | None = None) -> Floats:
        """Return for each trigger and class by how much the model is moved more than the controls on average, shape (triggers, classes)."""
        batch = self.batch if rows is None else self.batch[:rows]
        own = shares(self.oracle, triggers, batch)
        if not self.controls:
            return own
        return np.asarray(own - np.mean([shares(control, triggers, batch) for control in self.controls], axis=0))


def best(triggers: Sequence[Trigger], gains: Floats, each: int) -> list[Proposal]:
    """Return the ``each`` triggers of largest gain for each class."""
    return [Proposal(target, triggers[at]) for target in range(gains.shape[1]) for at in np.argsort(-gains[:, target], kind="stable")[:each].tolist()]
