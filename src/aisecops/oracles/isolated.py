"""The oracle of a model that lives in a quarantined process: the same answers, checked once more, for whatever is inside may lie."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from glob import escape, glob
from typing import TYPE_CHECKING, Any, Protocol, Self

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.text import inert
from aisecops.isolation.errors import DiedError, GarbageError, RaisedError, TimedOutError
from aisecops.oracles.checking import checked_batch, checked_scores
from aisecops.oracles.crossing import Arrays, Values, batch_arrays, error_of, structure_of_parts
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Floats, Integers, Loss, OracleError
from aisecops.oracles.spec import ModelSpec

if TYPE_CHECKING:
    from aisecops.isolation.limits import Limits
    from aisecops.oracles.structure import Structure

ENTRY = "aisecops.oracles.serve:serve"
MOST_BYTES = 64 << 20
"""Of one batch: larger ones are split, so that questions and answers stay far below what a quarantine lets across."""


class Served(Protocol):
    """A quarantine, as it is used here."""

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""

    def call(
        self, method: str, values: Values | None = None, arrays: Mapping[str, npt.NDArray[Any]] | None = None, *, seconds: float | None = None
    ) -> tuple[Values, dict[str, npt.NDArray[np.generic]]]:
        """Ask."""

    def close(self) -> None:
        """End it."""


def open_isolated(spec: ModelSpec, *, limits: Limits | None = None, allow_weak: bool = False, restarts: int = 2) -> IsolatedOracle:
    """Load the model that ``spec`` names in a quarantined process and return its oracle; close it when done.

    Parameters
    ----------
    limits
        What the process may use.
    allow_weak
        Load even where this machine cannot hold a hostile model.
    restarts
        How often, in all, a process that died or hung is started again.

    Raises
    ------
    IsolationError
        The process does not start, or ``WeakIsolation``.
    UserError
        As ``open_model``.
    """
    from aisecops.isolation.quarantine import Quarantine

    if spec.endpoint is not None:
        raise ValueError("an endpoint runs elsewhere already: open_model")
    spec = spec.absolute()
    beside = glob(f"{escape(spec.path)}?*") if spec.path else []  # ONNX keeps large weights in `model.onnx.data`
    readable = (*spec.files, *beside)
    request = {"spec": msgspec.to_builtins(spec)}
    return IsolatedOracle(
        lambda: Quarantine(ENTRY, request, readable=readable, limits=limits, allow_weak=allow_weak, name=inert(spec.title)), restarts=restarts
    )


class IsolatedOracle:
    """An ``Oracle`` over what ``start`` starts.

    A call during which the process dies or exceeds its time is asked once more of a fresh process; when that fails as well, or ``restarts`` are used up, it is an
    ``OracleError``.
    """

    def __init__(self, start: Callable[[], Served], *, restarts: int = 2) -> None:
        self._start, self._left = start, restarts
        self._served = start()
        try:
            self.name, self.classes, self.capabilities = self._described()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._served.close()

    @property
    def processes(self) -> Collection[int]:
        """The ids of the processes that run for it."""
        found: Collection[int] = getattr(self._served, "processes", ())
        return found

    @property
    def broken(self) -> tuple[str, ...]:
        """The guarantees that its quarantine does not hold; empty for a complete one."""
        strength = getattr(self._served, "strength", None)
        return tuple(strength.broken) if strength is not None else ()

    def labels(self, batch: Batch) -> Integers:
        """Return the number of each sample's label."""
        parts = [self._labels(part) for part in self._parts(batch)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def scores(self, batch: Batch) -> Floats:
        """Return the model's scores, shape (n, k)."""
        self._needs(Capability.SCORES)
        k = len(self.classes)
        asked = [(part, self._ask("scores", arrays=batch_arrays(part))[1]) for part in self._parts(batch)]
        return np.concatenate([np.zeros((0, k)), *[checked_scores(answer.get("scores"), len(part), k, where=self.name) for part, answer in asked]])

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """Return the loss of each sample and its gradient by the sample."""
        self._needs(Capability.GRADIENT)
        if loss is Loss.TARGET and target is None:
            raise ValueError("the target loss needs `target`: a label for each sample")
        batch = np.asarray(batch, dtype=np.float64)
        values, slopes = np.zeros(len(batch)), np.zeros(batch.shape)
        for rows in _rows(batch):
            arrays = batch_arrays(batch[rows]) | {"y": np.asarray(y[rows], dtype=np.int64)}
            if target is not None:
                arrays["target"] = np.asarray(target[rows], dtype=np.int64)
            answer = self._ask("gradient", {"loss": str(loss)}, arrays)[1]
            values[rows] = self._numbers(answer, "loss", values[rows].shape)
            slopes[rows] = self._numbers(answer, "gradient", slopes[rows].shape)
        return values, slopes

    def structure(self) -> Structure:
        """Return what the model computes, as data."""
        self._needs(Capability.STRUCTURE)
        return self._structure

    @cached_property
    def _structure(self) -> Structure:
        values, arrays = self._ask("structure")
        try:
            return structure_of_parts(values, arrays, len(self.classes))
        except (ValueError, msgspec.ValidationError) as wrong:
            raise self._garbage(f"a structure with {wrong}") from None

    def _labels(self, part: Batch) -> Integers:
        labels = self._ask("labels", arrays=batch_arrays(part))[1].get("labels")
        if labels is None or labels.dtype != np.int64 or labels.shape != (len(part),):
            raise self._garbage("labels of another shape or type")
        numbers: Integers = labels.astype(np.int64)
        if len(numbers) and (numbers.min() < 0 or numbers.max() >= len(self.classes)):
            raise self._garbage("a label that is none")
        return numbers

    def _numbers(self, answer: Arrays, name: str, shape: tuple[int, ...]) -> Floats:
        array = answer.get(name)
        if array is None or array.dtype != np.float64 or array.shape != shape or not np.isfinite(array).all():
            raise self._garbage(f"a {name} that is not finite, or of another shape")
        return array

    def _parts(self, batch: Batch) -> list[Batch]:
        batch = checked_batch(batch, where=self.name)
        return [batch[rows] for rows in _rows(batch)]

    def _needs(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise CapabilityError(f"this model gives no {capability}", where=self.name)

    def _garbage(self, what: str) -> OracleError:
        return OracleError(f"the quarantined model answers {what}", where=self.name)

    def _described(self) -> tuple[str, tuple[str, ...], frozenset[Capability]]:
        values, _ = self._once("describe", {}, {})
        try:
            described = msgspec.convert(values, _Description)
        except msgspec.ValidationError:
            raise OracleError("the quarantined model does not describe itself") from None
        if len(set(described.classes)) < max(2, len(described.classes)):
            raise OracleError("the quarantined model has not two different classes", where=inert(described.name))
        return inert(described.name), tuple(inert(name) for name in described.classes), frozenset(described.capabilities)

    def _ask(self, method: str, values: Values | None = None, arrays: Arrays | None = None) -> tuple[Values, Arrays]:
        """Ask, and once more of a fresh process where this one died."""
        for again in (False, True):
            try:
                if not self._served.alive:
                    self._restart()
                return self._once(method, values or {}, arrays or {})
            except (DiedError, TimedOutError, GarbageError) as wrong:
                if again or self._left == 0:
                    raise OracleError(f"the model gave no answer: {wrong.what}", where=self.name, fix=wrong.fix) from wrong
        raise AssertionError("unreachable")

    def _once(self, method: str, values: Values, arrays: Arrays) -> tuple[Values, Arrays]:
        try:
            answered, given = self._served.call(method, values, arrays)
        except RaisedError as wrong:
            raise OracleError(f"the model raised {wrong.what}", where=wrong.where, fix=wrong.fix) from wrong
        if (error := error_of(answered)) is not None:
            raise error
        return answered, dict(given)

    def _restart(self) -> None:
        if self._left == 0:
            raise OracleError("the quarantined process has ended too often", where=self.name, fix="give it more time or memory, or look at the model")
        self._left -= 1
        self._served.close()
        self._served = self._start()
        if self._described() != (self.name, self.classes, self.capabilities):
            raise self._garbage("otherwise what it is than before it was started again")


class _Description(msgspec.Struct):
    name: str
    classes: list[str]
    capabilities: list[Capability]


def _rows(batch: Batch) -> list[slice]:
    """Slices of at most ``MOST_BYTES``."""
    n = len(batch)
    size = batch.nbytes if isinstance(batch, np.ndarray) else 4 * sum(len(text) for text in batch)
    most = max(1, int(n * MOST_BYTES / max(1, size)))
    return [slice(start, min(start + most, n)) for start in range(0, n, most)]
