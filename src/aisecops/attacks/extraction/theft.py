"""Stealing a model query by query: a curve from queries to the fidelity of the copy, with its price."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.extraction.linear import PROOFS, StolenLinear, are_probabilities, solve_linear
from aisecops.attacks.extraction.students import best_student, chosen
from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle

_STEPS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_LEAST = 1e-5, 5e-3
"""Probabilities below half of the smallest one seen, and within these bounds, are taken for that: where rounding hides them there is nothing to learn."""

_BEYOND = 1e-6


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """A copy after ``queries``: how often it gives the model's label to rows that it was not made with, which kind it is, what the queries cost.

    ``money`` and ``seconds`` (waiting for the rate limit) are at the price and rate given; 0 where none was.
    """

    queries: int
    fidelity: float
    interval: Interval
    student: str
    money: float = 0.0
    seconds: float = 0.0


class Theft(msgspec.Struct, frozen=True, kw_only=True):
    """What a thief gets.

    Parameters
    ----------
    copies
        After more and more queries.
    constant
        The fidelity of always giving the model's most frequent label: what costs nothing.
    exact
        Whether the model was solved for: the copy has its very numbers, in all directions in which the thief's rows go.
    rows
        How many rows the fidelity was measured with.
    stopped
        The budget that ended it early; empty: none did.
    """

    copies: tuple[Copied, ...]
    constant: float
    exact: bool
    rows: int
    stopped: str = ""


def steal(
    oracle: Oracle,
    pool: Floats,
    judged: Floats,
    *,
    queries: int = 1000,
    price: float = 0.0,
    rate: float | None = None,
    active: bool = True,
    seed: int = 0,
) -> Theft:
    """Copy ``oracle`` with at most ``queries`` questions, and measure the copies.

    Parameters
    ----------
    pool
        Rows that the thief has, shape (n, d), unlabelled. Questions are drawn from them, and, when they are used up, mixed from the columns of two of them.
    judged
        Rows to measure fidelity with, shape (m, d), none of which is in ``pool``. Asking about them is not the thief's: it is counted apart.
    active
        Whether half of the questions go where the present copy is least sure.

    Raises
    ------
    UserError
        Fewer than 10 rows in the pool or to judge with.
    """
    if min(len(pool), len(judged)) < 10:
        raise UserError("there are too few rows to steal a model with", fix="give at least 10 rows to ask with and 10 to judge by")
    try:
        truth = oracle.labels(judged)
    except BudgetSpent as spent:
        return Theft(copies=(), constant=1.0, exact=False, rows=len(judged), stopped=str(spent))
    thief = _Thief(oracle, pool, seed)
    copies: list[Copied] = []
    stopped = ""
    for step in (*(step for step in _STEPS if step < queries), queries):
        try:
            thief.ask(step, active=active)
        except BudgetSpent as spent:
            stopped = str(spent)
            break
        name, label = thief.copy()
        interval = clopper_pearson(agreed := int((label(judged) == truth).sum()), len(truth))
        copies.append(
            Copied(
                queries=step, fidelity=agreed / len(truth), interval=interval, student=name, money=step * price, seconds=step / rate if rate else 0.0
            )
        )
    return Theft(copies=tuple(copies), constant=float(np.bincount(truth).max() / len(truth)), exact=thief.exact, rows=len(truth), stopped=stopped)


class _Thief:
    """Knows questions and answers, and the copy made of them."""

    def __init__(self, oracle: Oracle, pool: Floats, seed: int) -> None:
        self._oracle, self._pool, self._rng, self._seed = oracle, pool, np.random.default_rng(seed), seed
        self._fresh = self._rng.permutation(len(pool))
        self.samples, self.answers = np.zeros((0, pool.shape[1])), np.zeros((0, len(oracle.classes)))
        self.solved: StolenLinear | None = None
        self._student: Callable[[Floats], Floats] | None = None

    def ask(self, total: int, *, active: bool) -> None:
        """Ask until ``total`` questions have been asked."""
        if self.exact:
            return
        more = total - len(self.samples)
        if self.solved is not None and self.solved.exact:
            beyond = _beyond(self.samples, self._pool)
            farthest = np.argsort(-beyond, kind="stable")[:more]
            self._answer(self._pool[farthest[beyond[farthest] > _BEYOND]], first=True)
            return
        if not active or self._student is None:
            batch = self._drawn(more)
        else:
            drawn = self._drawn(more - more // 2)
            mixed = self._mixed(4 * more)
            scores = np.sort(self._student(mixed), axis=1)
            batch = np.concatenate([drawn, mixed[np.argsort(scores[:, -1] - scores[:, -2], kind="stable")[: more // 2]]])
        self._answer(batch)

    def _answer(self, batch: Floats, *, first: bool = False) -> None:
        """Ask; ``first`` puts the answers before those that there are, of which the last prove a linear model."""
        if Capability.SCORES in self._oracle.capabilities:
            answers = np.asarray(self._oracle.scores(batch), dtype=np.float64)
        else:
            answers = np.eye(len(self._oracle.classes))[self._oracle.labels(batch)]
        order = slice(None, None, -1) if first else slice(None)
        self.samples, self.answers = np.concatenate([self.samples, batch][order]), np.concatenate([self.answers, answers][order])

    def _drawn(self, count: int) -> Floats:
        taken, self._fresh = self._fresh[:count], self._fresh[count:]
        return np.concatenate([self._pool[taken], self._mixed(count - len(taken))])

    def _mixed(self, count: int) -> Floats:
        one, two = self._rng.integers(len(self._pool), size=(2, count))
        return np.asarray(np.where(self._rng.random((count, self._pool.shape[1])) < 0.5, self._pool[one], self._pool[two]))

    @property
    def exact(self) -> bool:
        """Whether the model was solved for: linear, and asked in every direction in which the thief's rows go. A pixel that was dark in all questions has any weight."""
        return self.solved is not None and self.solved.exact and not (_beyond(self.samples, self._pool) > _BEYOND).any()

    def copy(self) -> tuple[str, Callable[[Floats], Integers]]:
        """The name of the best copy and what it answers."""
        if Capability.SCORES in self._oracle.capabilities:
            if not self.exact:
                self.solved = solve_linear(self.samples, self.answers)
            if self.solved is not None and self.solved.exact:
                return "equations", self.solved.labels
        hard = np.eye(self.answers.shape[1])[chosen(self.answers)]
        soft = _soft(self.answers) if Capability.SCORES in self._oracle.capabilities else None
        name, student = best_student(self.samples, hard, soft, self._seed)
        self._student = student
        return name, lambda batch: chosen(student(batch))


def _beyond(asked: Floats, pool: Floats) -> Floats:
    """How far each row of ``pool`` goes in directions in which no row ``asked`` does, in deviations of the columns, shape (n,)."""
    centre = asked.mean(axis=0)
    spread = np.nanstd(pool, axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    known, rows = (asked - centre) / scale, (pool - centre) / scale
    _, sizes, directions = np.linalg.svd(known, full_matrices=False)
    directions = directions[sizes > 1e-9 * sizes.max(initial=0.0)]
    return np.asarray(np.abs(rows - rows @ directions.T @ directions).max(axis=1, initial=0.0))


def _soft(scores: Floats) -> Floats:
    """Scores as a student learns them: logarithms of probabilities, or the scores, around their mean over classes."""
    known = scores
    if are_probabilities(scores):
        known = np.log(np.maximum(scores, np.clip(scores[scores > 0].min() / 2, *_LEAST)))
    return np.asarray(known - known.mean(axis=1, keepdims=True))


def least_queries(columns: int) -> int:
    """Return how many answers solve for a linear model of so many columns, and prove it."""
    return columns + 1 + PROOFS
