"""What a model said about samples whose labels are known: the one input of all quality metrics."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval
from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Oracle


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """Answers beside the truth.

    Parameters
    ----------
    y
        True labels, 0 to k-1, shape (n,).
    labels
        The model's, shape (n,).
    classes
        The names of the k labels.
    scores
        The model's, shape (n, k), if it gives any: probabilities or not, finite.

    Raises
    ------
    UserError
        If there are no samples, the shapes do not fit, a label is not a number of a class, or a score is not finite.
    """

    y: Integers
    labels: Integers
    classes: tuple[str, ...]
    scores: Floats | None = None

    def __post_init__(self) -> None:
        n, k = len(self.y), len(self.classes)
        if not n:
            raise UserError("quality needs at least one sample")
        if self.labels.shape != (n,) or self.y.shape != (n,):
            raise UserError(f"{n} true labels and answers of shape {self.labels.shape} do not fit")
        for what, values in (("true label", self.y), ("answered label", self.labels)):
            if values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= k:
                raise UserError(f"a {what} is not one of the {k} classes, numbered 0 to {k - 1}")
        if self.scores is not None:
            if self.scores.shape != (n, k):
                raise UserError(f"scores of shape {self.scores.shape} for {n} samples and {k} classes")
            if bad := int(np.count_nonzero(~np.isfinite(self.scores).all(axis=1))):
                raise UserError(f"the scores of {bad} of {n} samples are not finite")

    @property
    def right(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether the model is right, shape (n,)."""
        return np.asarray(self.labels == self.y)

    @property
    def not_probabilities(self) -> str:
        """Why the scores cannot be read as probabilities; empty: they can. Rows may miss 1 by what rounding to two digits explains."""
        if self.scores is None:
            return "the model gives no scores"
        if self.scores.min() < -1e-6 or self.scores.max() > 1.0 + 1e-6:
            return f"the scores are not probabilities: they reach from {self.scores.min():.3g} to {self.scores.max():.3g}"
        off = float(np.abs(self.scores.sum(axis=1) - 1.0).max())
        return f"the scores are not probabilities: rows add up to 1 only within {off:.2g}" if off > 0.005 * len(self.classes) + 1e-6 else ""


def judge(oracle: Oracle, batch: Batch, y: Integers | Sequence[int]) -> Judged:
    """Ask ``oracle`` once about every sample: labels, and scores if it has them."""
    truth = np.asarray(y)
    scores = oracle.scores(batch) if Capability.SCORES in oracle.capabilities else None
    labels = oracle.labels(batch) if Capability.LABELS in oracle.capabilities or scores is None else scores.argmax(axis=1)
    return Judged(y=truth, labels=np.asarray(labels), classes=oracle.classes, scores=None if scores is None else np.asarray(scores, dtype=np.float64))


def clipped(interval: Interval, low: float = 0.0, high: float = 1.0) -> Interval:
    """``interval`` within the values that are possible."""
    return Interval(min(max(interval.low, low), high), max(min(interval.high, high), low), interval.level, interval.method)
