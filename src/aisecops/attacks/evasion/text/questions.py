"""Asking about texts: nothing is asked twice, every question is booked on the text that it was asked for, and answers become margins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Capability, Flags, Floats, Integers, Oracle, OracleError, needs

_LEAST = 1e-15
"""Probabilities below are taken for this: zeros of a forest have a logarithm, too."""
Request = tuple[int, str]
"""The number of the text that is under attack, and what to ask about for its sake."""


class Questions:
    """What is asked about n texts with labels ``y``.

    ``queries`` counts per text, ``calls`` the batches; ``limit`` is the most queries a text, above which its requests go unanswered (NaN).
    """

    def __init__(self, oracle: Oracle, y: Integers, limit: int | None = None) -> None:
        needs(oracle, Capability.LABELS, purpose="attacking texts")
        self._oracle, self._y, self._limit = oracle, y, limit
        self.scored = Capability.SCORES in oracle.capabilities
        self.queries = np.zeros(len(y), dtype=np.int64)
        self.calls = 0
        self._probabilities: bool | None = None
        self._rows: dict[str, int] = {}
        self._answers: Floats = np.empty((0, len(oracle.classes)) if self.scored else (0,))

    def margins(self, requests: Sequence[Request]) -> Floats:
        """Ask all in one call; the margin of each: how far the true label is ahead of the best other one, negative where the model answers otherwise.

        With probabilities it is the difference of their logarithms, so that a sure model still shows which way is down; with labels alone it is 1 or -1.
        NaN where the limit left no question.

        Raises
        ------
        BudgetSpent
            If there is something to ask and nothing left to ask it with.
        """
        fresh = self._fresh(requests)
        if fresh:
            texts = list(fresh)
            self._answers = np.concatenate([self._answers, self._asked(texts)])
            self._rows.update(zip(texts, range(len(self._rows), len(self._rows) + len(texts)), strict=True))
            np.add.at(self.queries, list(fresh.values()), 1)
        rows = np.array([self._rows.get(text, -1) for _, text in requests], dtype=np.int64)
        true = self._y[[sample for sample, _ in requests]]
        return np.where(rows >= 0, self._margins(self._answers[rows], true), np.nan) if len(rows) else np.empty(0)

    def confirmed(self, requests: Sequence[Request]) -> Flags:
        """Whether the model's own label of each text is not the true one, asked in one call; with labels alone that was the answer all along."""
        if not requests or not self.scored:
            return np.ones(len(requests), dtype=np.bool_)
        samples = [sample for sample, _ in requests]
        labels = self._oracle.labels([text for _, text in requests])
        self.calls += 1
        np.add.at(self.queries, samples, 1)
        return np.asarray(labels != self._y[samples])

    def _fresh(self, requests: Sequence[Request]) -> dict[str, int]:
        """Return what has to be asked and for whom, within the limit a text and what the oracle's budget has left."""
        fresh: dict[str, int] = {}
        left = [0 if self._limit is None else self._limit - spent for spent in self.queries.tolist()]
        for sample, text in requests:
            if text not in self._rows and text not in fresh and (self._limit is None or left[sample] > 0):
                fresh[text] = sample
                left[sample] -= 1
        most = getattr(self._oracle, "left", None)
        if most is not None and fresh and most < len(fresh):
            if most == 0:
                raise BudgetSpent("no queries left")
            fresh = dict(list(fresh.items())[:most])
        return fresh

    def _asked(self, texts: list[str]) -> Floats:
        answers = self._oracle.scores(texts) if self.scored else self._oracle.labels(texts)
        self.calls += 1
        answers = np.asarray(answers, dtype=np.float64)
        if answers.shape != (len(texts), *self._answers.shape[1:]) or not np.isfinite(answers).all():
            raise OracleError("its answer about texts has the wrong shape or is not finite", where=self._oracle.name)
        return answers

    def _margins(self, answers: Floats, true: Integers) -> Floats:
        if not self.scored:
            return np.where(answers == true, 1.0, -1.0)
        if self._probabilities is None:
            self._probabilities = bool(np.all(answers >= 0) and np.allclose(answers.sum(axis=1), 1.0, atol=1e-3))
        if self._probabilities:
            answers = np.log(np.maximum(answers, _LEAST))
        rows = np.arange(len(answers))
        others = answers.copy()
        others[rows, true] = -np.inf
        margin = answers[rows, true] - others.max(axis=1)
        tied = (margin == 0) & (others.argmax(axis=1) < true)  # of equal scores the lower class is the label
        return np.where(tied, -1e-12, margin)
