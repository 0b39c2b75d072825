"""The one interface between what attacks and metrics want to know and the models that know it.

An oracle answers batches. What it can answer beyond labels are *capabilities*: declared by its adapter, probed before they are relied on. Who needs one that is
missing refuses by its name (``needs``), never by the name of a class.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Batch: TypeAlias = "Floats | Sequence[str]"
"""What an oracle is asked about: numbers, shape (n, ...), first axis the samples, or n texts.

Tables are matrices (n, columns) of float64 in which a category is its number (``oracles.layout``) and a missing value NaN; images are (n, height, width) or
(n, channels, height, width)."""


class Capability(StrEnum):
    """What an oracle can answer beside labels."""

    LABELS = "labels"
    SCORES = "scores"
    GRADIENT = "gradient"
    STRUCTURE = "structure"


class Loss(StrEnum):
    """The losses that a gradient can be taken of; all grow as the model gets more wrong about ``y``.

    ``cross-entropy``: of the true label. ``margin``: the largest other logit minus that of ``y``. ``difference-of-logits-ratio``: Croce and Hein (ICML 2020), the
    margin divided by the gap of the first and third largest logit, so that scaling all logits changes nothing. ``target``: the logit of ``target`` minus that
    of ``y``.
    """

    CROSS_ENTROPY = "cross-entropy"
    MARGIN = "margin"
    DLR = "difference-of-logits-ratio"
    TARGET = "target"


class CapabilityError(UserError):
    """The oracle cannot answer what was asked of it."""


class OracleError(UserError):
    """The model gave no usable answer: it raised, or its answer has the wrong shape, is not finite, or does not come in time."""


class Oracle(Protocol):
    """A model as a thing to ask.

    ``classes`` are the names of the labels in the order of their numbers: answers number them 0 to k-1 whatever the model itself calls them.
    """

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the k labels."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can answer."""

    def labels(self, batch: Batch) -> Integers:
        """The label of each sample, 0 to k-1, shape (n,)."""

    def scores(self, batch: Batch) -> Floats:
        """A score for each class, shape (n, k), the largest where the label is: probabilities, logits or margins, as the model gives them."""

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """Return the loss of each sample, shape (n,), and its gradient by the sample, the shape of ``batch``."""

    def structure(self) -> Structure:
        """What the model computes, as data: trees or a linear map."""


def needs(oracle: Oracle, *wanted: Capability, purpose: str) -> None:
    """Refuse if ``oracle`` lacks one of ``wanted``: the message names the capability and what it is needed for.

    Raises
    ------
    CapabilityError
    """
    missing = [capability for capability in wanted if capability not in oracle.capabilities]
    if missing:
        has = ", ".join(sorted(oracle.capabilities)) or "nothing"
        raise CapabilityError(f"{purpose} needs {' and '.join(missing)}, and this model gives {has}", where=oracle.name)
