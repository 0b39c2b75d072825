"""Does a model answer as its adapter declares? Found out before anything relies on it, by asking.

A gradient with the wrong sign, scores in another order than the labels, or a network left in training mode make every attack weak and every model look strong.
So: each declared capability is tried; what does not hold is taken away, with the reason; what holds is described, down to what a call costs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Flags, Floats, Integers, Loss, Oracle

if TYPE_CHECKING:
    from aisecops.oracles.structure import Structure

T = TypeVar("T")
MOST, ALONE, SLOPES = 64, 6, 8
"""Samples asked about in a batch, one by one, and for gradients."""
CLOSE = 1e-4
"""Scores that differ by no more than this share of their spread agree: single precision adds up in another order in another batch."""


class ScoreKind(StrEnum):
    """What scores look like. ``unnormalised``: logits, margins, votes."""

    PROBABILITIES = "probabilities"
    LOG_PROBABILITIES = "log-probabilities"
    UNNORMALISED = "unnormalised"


class Fault(msgspec.Struct, frozen=True):
    """A declared capability that does not hold, and why."""

    capability: Capability
    why: str


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe found.

    Parameters
    ----------
    capabilities
        What was declared and holds.
    faults
        What was declared and does not.
    deterministic
        The same batch twice gives the same answers, but for rounding.
    batch_invariant
        A sample alone gets the answer that it gets among others, but for rounding.
    constant
        The same label for all samples of the probe.
    score_kind
        Without scores None.
    saturated
        Share of samples whose winning probability rounds to 1 in single precision: their cross-entropy has no slope.
    distinct
        Different rows of scores, as a share of the samples: near 0 for scores that are rounded, clipped or constant (and for small trees).
    gradient_error
        Median relative difference of slopes from finite differences; None without gradients, or where all are flat.
    fixed_seconds, sample_seconds
        What a call costs, and each sample of it: the fastest of those made.
    queries
        Samples that the probe asked about.
    """

    capabilities: frozenset[Capability]
    faults: tuple[Fault, ...]
    deterministic: bool
    batch_invariant: bool
    constant: bool
    score_kind: ScoreKind | None
    saturated: float
    distinct: float
    gradient_error: float | None
    fixed_seconds: float
    sample_seconds: float
    queries: int

    @property
    def batch_size(self) -> int:
        """Samples in a call from which on the fixed cost is below a tenth; between 1 and 4096."""
        return int(np.clip(np.round(10 * self.fixed_seconds / max(self.sample_seconds, 1e-9)), 1, 4096))


def probe(oracle: Oracle, batch: Batch, seed: int = 0, *, clock: Callable[[], float] = time.perf_counter) -> Probe:
    """Ask ``oracle`` about at most 64 samples of ``batch``, drawn by ``seed``, in a few ways, and compare.

    Parameters
    ----------
    batch
        Samples that the model is made for, at least one.

    Returns
    -------
    Probe
        Some 300 queries; with a structure 1,000 more, of the structure's proof.

    Raises
    ------
    OracleError
        The model does not even give labels for these samples.

    Examples
    --------
    >>> found = probe(oracle, X_test)  # doctest: +SKIP
    >>> oracle = narrow(oracle, found.capabilities)  # doctest: +SKIP
    """
    if not len(batch):
        raise UserError("a probe needs a sample", where=oracle.name)
    random = np.random.default_rng(seed)
    return _Probing(oracle, _drawn(batch, random), random, clock).result()


def narrow(oracle: Oracle, capabilities: frozenset[Capability]) -> Oracle:
    """``oracle`` with no more than ``capabilities``."""
    return oracle if oracle.capabilities <= capabilities else Narrowed(oracle, capabilities)


def _drawn(batch: Batch, random: np.random.Generator) -> Batch:
    chosen = random.permutation(len(batch))[:MOST]
    return batch[chosen] if isinstance(batch, np.ndarray) else [batch[place] for place in chosen]


class _Probing:
    """One probe: asks, times, and gathers faults."""

    def __init__(self, oracle: Oracle, batch: Batch, random: np.random.Generator, clock: Callable[[], float]) -> None:
        self._oracle, self._batch, self._random, self._clock = oracle, batch, random, clock
        self._held = set(oracle.capabilities)
        self._faults: list[Fault] = []
        self._queries = 0
        self._times: dict[int, float] = {}

    def result(self) -> Probe:
        labels, again, alone = self._thrice(self._oracle.labels)
        scores = self._try(Capability.SCORES, lambda: self._thrice(self._oracle.scores))
        if scores is not None:
            self._check_order(scores[0], labels)
        slope_error = self._try(Capability.GRADIENT, lambda: self._gradient(labels))
        self._try(Capability.STRUCTURE, self._structure)
        fixed, each = self._costs()
        shown = scores[0] if scores is not None else None
        return Probe(
            capabilities=frozenset(self._held),
            faults=tuple(self._faults),
            deterministic=_same_labels(labels, again, scores) and (scores is None or _agree(scores[0], scores[1], scores[0])),
            batch_invariant=_same_labels(labels[: len(alone)], alone, scores)
            and (scores is None or _agree(scores[0][: len(alone)], scores[2], scores[0])),
            constant=len(set(labels.tolist())) == 1,
            score_kind=None if shown is None else kind_of_scores(shown),
            saturated=0.0 if shown is None else saturated(shown),
            distinct=0.0 if shown is None else len(np.unique(shown, axis=0)) / len(shown),
            gradient_error=slope_error,
            fixed_seconds=fixed,
            sample_seconds=each,
            queries=self._queries,
        )

    def _thrice(self, ask: Callable[[Batch], Any]) -> tuple[Any, Any, Any]:
        """The answers about the batch, about it again, and about its first samples one by one."""
        first, second = self._timed(ask, self._batch), self._timed(ask, self._batch)
        single = [self._timed(ask, self._batch[place : place + 1]) for place in range(min(ALONE, len(self._batch)))]
        return first, second, np.concatenate(single)

    def _timed(self, ask: Callable[[Batch], T], batch: Batch) -> T:
        started = self._clock()
        answer = ask(batch)
        seconds = self._clock() - started
        self._times[len(batch)] = min(seconds, self._times.get(len(batch), np.inf))
        self._queries += len(batch)
        return answer

    def _try(self, capability: Capability, check: Callable[[], T]) -> T | None:
        if capability not in self._held:
            return None
        try:
            return check()
        except (UserError, NotImplementedError) as wrong:
            self._fault(capability, wrong.what if isinstance(wrong, UserError) else "it is not implemented")
            return None

    def _fault(self, capability: Capability, why: str) -> None:
        self._faults.append(Fault(capability, why))
        self._held.discard(capability)

    def _check_order(self, scores: Floats, labels: Integers) -> None:
        """The label must have the largest score, or one that rounding could have made the largest."""
        winning = scores[np.arange(len(labels)), labels]
        wrong = int(np.count_nonzero(winning < scores.max(axis=1) - 1e-6 * _spread(scores)))
        if wrong:
            self._fault(Capability.SCORES, f"another class than the label has the largest score on {wrong} of {len(labels)} samples")

    def _gradient(self, labels: Integers) -> float | None:
        """Compare slopes along random directions with differences of the loss; also, no label may be one that the loss calls wrong."""
        samples = np.asarray(self._batch[:SLOPES], dtype=np.float64)
        y = labels[: len(samples)]
        loss, gradient = self._ask_gradient(samples, y)
        wrong = int(np.count_nonzero(loss > 1e-4 * (1 + np.abs(loss))))
        if wrong:
            self._fault(Capability.GRADIENT, f"the loss takes another class than the label for the model's choice on {wrong} of {len(y)} samples")
            return None
        direction = self._random.normal(size=samples.shape)
        slopes = (gradient * direction).reshape(len(samples), -1).sum(axis=1)
        errors = _relative(slopes, np.stack([self._difference(samples, y, direction, step) for step in _steps(samples)]))
        if not len(errors):
            return None
        error = float(np.median(errors))
        if error > 0.1:
            self._fault(Capability.GRADIENT, f"slopes differ from finite differences of the loss by {error:.0%} (median of {len(errors)} samples)")
        return error

    def _ask_gradient(self, samples: Floats, y: Integers) -> tuple[Floats, Floats]:
        self._queries += len(samples)
        return self._oracle.gradient(samples, y, Loss.MARGIN)

    def _difference(self, samples: Floats, y: Integers, direction: Floats, step: float) -> Floats:
        above, below = (self._ask_gradient(samples + sign * step * direction, y)[0] for sign in (1, -1))
        return (above - below) / (2 * step)

    def _structure(self) -> None:
        from aisecops.oracles.extraction import verified

        self._queries += verified(self._oracle.structure(), self._oracle, np.asarray(self._batch, dtype=np.float64), points=1000).asked

    def _costs(self) -> tuple[float, float]:
        """Fixed cost of a call and marginal cost of a sample, from the fastest call with one and the fastest with all."""
        n = len(self._batch)
        each = max(0.0, self._times[n] - self._times[1]) / (n - 1) if n > 1 else 0.0
        return max(0.0, self._times[1] - each), each


def _same_labels(labels: Integers, others: Integers, scores: tuple[Floats, Floats, Floats] | None) -> bool:
    """Whether labels agree where they are not decided by rounding."""
    differing = labels != others
    if scores is not None and differing.any():
        top = np.sort(scores[0][: len(labels)], axis=1)
        differing &= top[:, -1] - top[:, -2] > CLOSE * _spread(scores[0])
    return not differing.any()


def _agree(scores: Floats, others: Floats, whole: Floats) -> bool:
    return bool(np.all(np.abs(scores - others) <= CLOSE * _spread(whole)))


def _spread(scores: Floats) -> float:
    return float(np.ptp(scores)) or 1.0


def _steps(samples: Floats) -> tuple[float, ...]:
    """Steps of finite differences: small against the samples, large against the rounding of single precision."""
    scale = float(np.median(np.abs(samples - np.median(samples, axis=0)))) or float(np.std(samples)) or 1.0
    return tuple(scale * share for share in (1e-1, 1e-2, 1e-3))


def _relative(slopes: Floats, differences: Floats) -> Floats:
    """Relative error of each slope at the step that suits it best; samples that are flat both ways are left out."""
    size = np.maximum(np.abs(slopes), np.abs(differences).max(axis=0))
    flat: Flags = size <= 1e-12
    errors = np.abs(differences - slopes).min(axis=0) / np.where(flat, 1.0, size)
    return np.asarray(errors[~flat])


def kind_of_scores(scores: Floats) -> ScoreKind:
    """What ``scores``, shape (n, k), look like."""
    if np.all(scores >= -1e-9) and np.allclose(scores.sum(axis=1), 1.0, atol=1e-4):
        return ScoreKind.PROBABILITIES
    if np.all(scores <= 1e-9) and np.allclose(np.exp(scores).sum(axis=1), 1.0, atol=1e-4):
        return ScoreKind.LOG_PROBABILITIES
    return ScoreKind.UNNORMALISED


def saturated(scores: Floats) -> float:
    """Share of samples whose winning probability rounds to 1 in single precision: as given, or by softmax."""
    if kind_of_scores(scores) is not ScoreKind.PROBABILITIES:
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores = scores / scores.sum(axis=1, keepdims=True)
    return float(np.mean(scores.max(axis=1).astype(np.float32) >= np.float32(1.0)))


class Narrowed:
    """An oracle without some of its capabilities."""

    def __init__(self, oracle: Oracle, capabilities: frozenset[Capability]) -> None:
        self.oracle = oracle
        self.name, self.classes = oracle.name, oracle.classes
        self.capabilities = oracle.capabilities & (capabilities | {Capability.LABELS})

    def labels(self, batch: Batch) -> Integers:
        """The oracle's."""
        return self.oracle.labels(batch)

    def scores(self, batch: Batch) -> Floats:
        """The oracle's, if that is left."""
        self._needs(Capability.SCORES)
        return self.oracle.scores(batch)

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """The oracle's, if that is left."""
        self._needs(Capability.GRADIENT)
        return self.oracle.gradient(batch, y, loss, target)

    def structure(self) -> Structure:
        """The oracle's, if that is left."""
        self._needs(Capability.STRUCTURE)
        return self.oracle.structure()

    def _needs(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise CapabilityError(f"this model gives no {capability}", where=self.name)
