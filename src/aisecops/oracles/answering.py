"""The oracle that stands before a loaded model: it splits batches, checks every answer, and says on which row the model fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.checking import LabelNumbers, checked_batch, checked_scores
from aisecops.oracles.losses import loss_of
from aisecops.oracles.model import Model, Pull
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Loss, OracleError
from aisecops.oracles.structure import LinearMap

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure

T = TypeVar("T", bound=np.generic)


class ModelOracle:
    """An ``Oracle`` over a ``Model``.

    A model that raises on a batch gives an ``OracleError`` that names the first row it fails on, found by bisection: at most log2(n) + 2 further calls, which
    no budget counts.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.name, self.classes = model.name, model.classes
        if len(self.classes) < 2:
            raise CapabilityError("a classifier has two classes or more", where=self.name)
        self._number = LabelNumbers(model.own, where=self.name)

    @cached_property
    def capabilities(self) -> frozenset[Capability]:
        """Labels, and what the model gives beside them."""
        model = self.model
        has = {Capability.LABELS: True, Capability.SCORES: model.scores is not None}
        has |= {Capability.STRUCTURE: self._structure is not None, Capability.GRADIENT: self._pull is not None}
        return frozenset(capability for capability, there in has.items() if there)

    def labels(self, batch: Batch) -> Integers:
        """Return the number of each sample's label, as the model itself says it."""
        predict = self.model.labels
        if predict is None:
            return np.asarray(self.scores(batch).argmax(axis=1), dtype=np.int64)
        answers: Integers = self._in_parts(batch, lambda part, at: self._number(self._call(predict, part, at), len(part)), np.zeros(0, np.int64))
        return answers

    def scores(self, batch: Batch) -> Floats:
        """Return the model's scores, shape (n, k)."""
        score, k = self.model.scores, len(self.classes)
        if score is None:
            raise self._lacks(Capability.SCORES)

        def ask(part: Batch, at: int) -> Floats:
            return checked_scores(self._call(score, part, at), len(part), k, where=self.name, at=at)

        answers: Floats = self._in_parts(batch, ask, np.zeros((0, k)))
        return answers

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """Return the loss of each sample and its gradient by the sample."""
        if self._pull is None:
            raise self._lacks(Capability.GRADIENT)
        batch, y = np.asarray(batch, dtype=np.float64), np.asarray(y, dtype=np.int64)
        self._check_labels(y, len(batch))
        if loss is Loss.TARGET and target is None:
            raise ValueError("the target loss needs `target`: a label for each sample")
        if target is not None:
            self._check_labels(target, len(batch))
        values, slopes = np.zeros(len(batch)), np.zeros_like(batch)
        for rows in self._parts(len(batch)):
            values[rows], slopes[rows] = self._gradient(self._pull, batch[rows], y[rows], loss, None if target is None else target[rows])
        return values, slopes

    def structure(self) -> Structure:
        """Return what the model computes, as data."""
        if self._structure is None:
            raise self._lacks(Capability.STRUCTURE)
        return self._structure

    @cached_property
    def _structure(self) -> Structure | None:
        return self.model.structure() if self.model.structure is not None else None

    @cached_property
    def _pull(self) -> Pull | None:
        if self.model.pull is None and isinstance(self._structure, LinearMap):
            return _linear_pull(self._structure)
        return self.model.pull

    def _lacks(self, capability: Capability) -> CapabilityError:
        return CapabilityError(f"this model gives no {capability}", where=self.name)

    def _check_labels(self, y: Integers, n: int) -> None:
        if np.shape(y) != (n,) or (n and not (np.min(y) >= 0 and np.max(y) < len(self.classes))):
            raise UserError(f"labels must be numbers 0 to {len(self.classes) - 1}, one for each of {n} samples", where=self.name)

    def _parts(self, n: int) -> list[slice]:
        most = self.model.most or n or 1
        return [slice(start, min(start + most, n)) for start in range(0, n, most)]

    def _in_parts(self, batch: Batch, ask: Callable[[Batch, int], Any], empty: Any) -> Any:
        batch = checked_batch(batch, where=self.name)
        answers = [ask(batch[rows], rows.start) for rows in self._parts(len(batch))]
        return np.concatenate(answers) if len(answers) > 1 else answers[0] if answers else empty

    def _call(self, ask: Callable[[Any], Any], part: Batch, at: int) -> Any:
        """Ask about the samples from number ``at`` on; a part that is too short for a model of one batch size is filled with its last sample."""
        try:
            if isinstance(part, np.ndarray):
                return _first(ask(self.model.encode(self._filled(part))), len(part), self.model.exactly)
            return ask(self.model.encode(part))
        except UserError as wrong:
            raise wrong if wrong.where else type(wrong)(wrong.what, where=self.name, fix=wrong.fix) from wrong
        except (Exception, SystemExit) as wrong:
            raise OracleError(f"the model raised {_said(wrong)}{self._place(ask, part, at)}", where=self.name) from wrong

    def _filled(self, part: npt.NDArray[T]) -> npt.NDArray[T]:
        missing = (self.model.most or 0) - len(part)
        return np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]) if self.model.exactly and missing > 0 else part

    def _place(self, ask: Callable[[Any], Any], part: Batch, at: int) -> str:
        """Say the first row that fails by itself, if one does. Halves: whenever the first half works, the failure is in the second."""
        n = len(part)
        if not self.model.bisect or self.model.exactly or n == 1:
            return "" if n > 1 else f" (sample {at})"
        low, high = 0, n
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._fails(ask, part[low:middle]) else (middle, high)
        return f" (sample {at + low})" if self._fails(ask, part[low:high]) else f" (a batch of {n}, and no sample of it alone)"

    def _fails(self, ask: Callable[[Any], Any], part: Batch) -> bool:
        try:
            ask(self.model.encode(part))
        except (Exception, SystemExit):
            return True
        return False

    def _gradient(self, pull: Pull, batch: Floats, y: Integers, loss: Loss, target: Integers | None) -> tuple[Floats, Floats]:
        n, kept = len(batch), []
        batch, y = self._filled(batch), self._filled(y)
        target = None if target is None else self._filled(target)

        def slope(logits: Floats) -> Floats:
            values, by_logits = loss_of(checked_scores(logits, len(y), len(self.classes), where=self.name), y, loss, target)
            kept.append(values)
            return by_logits

        try:
            gradient = np.asarray(pull(batch, slope), dtype=np.float64)
        except UserError:
            raise
        except (Exception, SystemExit) as wrong:
            raise OracleError(f"the model raised {_said(wrong)}", where=self.name) from wrong
        if gradient.shape != batch.shape or not np.isfinite(gradient).all():
            raise OracleError("the model's gradient is not finite, or has another shape than the samples", where=self.name)
        return kept[0][:n], gradient[:n]


def _first(answer: Any, n: int, exactly: bool) -> Any:
    """Without the answers about samples that only filled a batch."""
    return answer[:n] if exactly else answer


def _linear_pull(linear: LinearMap) -> Pull:
    def pull(batch: Floats, slope: Callable[[Floats], Floats]) -> Floats:
        rows = batch.reshape(len(batch), -1)  # images come as they are
        return (slope(rows @ linear.weights.T + linear.offset) @ linear.weights).reshape(batch.shape)

    return pull


_QUOTED_CELLS = re.compile(
    r"""(could not convert string to \w+: |invalid literal for int\(\) with base \d+: )(?:'.*?'|".*?")|(unknown categories )\[.*?\]|(unseen labels: ).*""",
    re.IGNORECASE,
)
"""Where libraries quote the value of a cell: it may be a person's, and what a model raises enters the record."""


def _said(wrong: BaseException) -> str:
    """What a model's exception says, on one line: its text is the model's. Quoted cells are left out."""
    text = _QUOTED_CELLS.sub(r"\1\2\3…", " ".join(str(wrong).split()))
    return inert(f"{type(wrong).__name__}: {text}" if text else type(wrong).__name__, limit=200)
