"""How a network was trained, which its file does not tell."""

from __future__ import annotations

import msgspec


class NetworkTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How a torch network was trained: whoever trains it anew, as a shadow or with a defence, does it so.

    Parameters
    ----------
    epochs, batch
        Passes through the data, and records in a step.
    optimiser, learning_rate, momentum, weight_decay
        ``adam`` or ``sgd``, with what torch calls so.
    """

    epochs: int
    batch: int
    optimiser: str
    learning_rate: float
    momentum: float = 0.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch) < 1 or not 0 < self.learning_rate < float("inf"):
            raise ValueError("`epochs`, `batch` and `learning-rate` are above 0")
        if self.optimiser not in ("adam", "sgd"):
            raise ValueError("`optimiser` is adam or sgd")
        if not 0 <= self.momentum < 1 or not 0 <= self.weight_decay < float("inf"):
            raise ValueError("`momentum` lies between 0 and 1, `weight-decay` is not below 0")
