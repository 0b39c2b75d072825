"""What somebody outside sees of a model: its answers, not what is inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Loss, Oracle

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure


class Veiled:
    """An oracle of the same labels, and of the scores that a subclass shows; neither gradient nor structure.

    Parameters
    ----------
    told
        What is shown, for the name; empty: the name stays.
    """

    def __init__(self, oracle: Oracle, told: str = "") -> None:
        self._oracle = oracle
        self.name, self.classes = f"{oracle.name}, {told}" if told else oracle.name, oracle.classes
        self.capabilities = oracle.capabilities & {Capability.LABELS, Capability.SCORES}

    def labels(self, batch: Batch) -> Integers:
        """As the oracle's."""
        return self._oracle.labels(batch)

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:  # noqa: ARG002
        """There is none."""
        raise CapabilityError("this model gives no gradient", where=self.name)

    def structure(self) -> Structure:
        """It is not known."""
        raise CapabilityError("this model does not show its structure", where=self.name)
