"""How a diagnosis asks: flat points in, labels and scores out, failures told apart from answers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from aisecops.core.text import inert
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Batch, Capability, CapabilityError, Flags, Floats, Integers, Oracle


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Of n queries: the labels, shape (n,); the scores, shape (n, k), where the oracle gives them."""

    labels: Integers
    scores: Floats | None

    def __getitem__(self, rows: Integers | Flags | slice) -> Answers:
        return Answers(labels=self.labels[rows], scores=None if self.scores is None else self.scores[rows])

    def same_scores(self, other: Answers) -> Flags:
        """Whether each row's scores are those of ``other`` to the last bit, shape (n,)."""
        assert self.scores is not None
        assert other.scores is not None
        return np.asarray((self.scores == other.scores).all(axis=1))


class FailedQueriesError(Exception):
    """Some queries had no answer."""


class Asker:
    """Asks for scores where the oracle gives any, else for labels, and counts.

    Parameters
    ----------
    oracle
        To ask.
    shape
        Of one sample: points are flat, shape (n, d), and take this shape on the way. Texts are passed as they are.

    Attributes
    ----------
    capabilities
        Of the oracle.
    asked, failed
        Queries; and those of the last batch that had no answer.
    history
        All scores that were answered.
    """

    def __init__(self, oracle: Oracle, shape: tuple[int, ...] = ()) -> None:
        self._oracle, self._shape = oracle, shape
        self.capabilities = oracle.capabilities
        self.with_scores = Capability.SCORES in oracle.capabilities
        self.asked = self.failed = 0
        self.error = ""
        self.history: list[Floats] = []

    def __call__(self, points: Floats | Sequence[str]) -> Answers:
        """Return the answers.

        Raises
        ------
        FailedQueriesError
            If one failed: ``failed`` then says how many of this batch did, ``error`` what the last one said.
        """
        batch: Batch = points.reshape(len(points), *self._shape) if isinstance(points, np.ndarray) else points
        self.asked += len(points)
        answers = self._once(batch)
        if answers is None:
            self.failed = self._failing(batch, calls=64)
            raise FailedQueriesError
        return answers

    def labels(self, points: Floats | Sequence[str]) -> Integers | None:
        """The labels that the oracle gives beside scores; None if it gives none, or fails."""
        if not (self.with_scores and Capability.LABELS in self._oracle.capabilities):
            return None
        self.asked += len(points)
        batch: Batch = points.reshape(len(points), *self._shape) if isinstance(points, np.ndarray) else points
        try:
            return np.asarray(self._oracle.labels(batch))
        except (BudgetSpent, CapabilityError):
            raise
        except Exception:  # the adapter before a model may raise anything
            return None

    def _once(self, batch: Batch) -> Answers | None:
        """The answers; None if the oracle raised, or answered what is not finite."""
        try:
            if not self.with_scores:
                return Answers(labels=np.asarray(self._oracle.labels(batch)), scores=None)
            scores = np.asarray(self._oracle.scores(batch), dtype=np.float64)
        except (BudgetSpent, CapabilityError):
            raise
        except Exception as problem:
            self.error = inert(str(problem) or type(problem).__name__, limit=160)
            return None
        if not np.isfinite(scores).all():
            self.error = "scores that are not finite"
            return None
        self.history.append(scores)
        return Answers(labels=scores.argmax(axis=1), scores=scores)

    def _failing(self, batch: Batch, calls: int) -> int:
        """How many rows of a failing batch fail, by halving; once the calls are used up, what is left undivided counts as failing."""
        waiting, failing = [batch], 0
        while waiting:
            part = waiting.pop()
            if len(part) == 1 or calls <= 0:
                failing += len(part)
                continue
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                calls -= 1
                self.asked += len(half)
                if self._once(half) is None:
                    waiting.append(half)
        return failing
