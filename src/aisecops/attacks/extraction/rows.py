"""A thief who has rows of numbers: asks where the copy is least sure, mixes columns when the rows are used up, and solves linear models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aisecops.attacks.extraction.linear import StolenLinear, solve_linear
from aisecops.attacks.extraction.students import answers_of, best_student, chosen, most_doubtful, soft
from aisecops.oracles.oracle import Capability, Floats, Integers, Oracle

_BEYOND = 1e-6


class RowThief:
    """Knows questions and answers, and the copy made of them."""

    def __init__(self, oracle: Oracle, pool: Floats, seed: int) -> None:
        self._oracle, self._pool, self._rng, self._seed = oracle, pool, np.random.default_rng(seed), seed
        self._fresh = self._rng.permutation(len(pool))
        self.samples, self.answers = np.zeros((0, pool.shape[1])), np.zeros((0, len(oracle.classes)))
        self.solved: StolenLinear | None = None
        self._student: Callable[[Floats], Floats] | None = None

    def ask(self, total: int, *, active: bool) -> None:
        """Ask until ``total`` questions have been asked."""
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
            batch = np.concatenate([drawn, mixed[most_doubtful(self._student(mixed), more // 2)]])
        self._answer(batch)

    def _answer(self, batch: Floats, *, first: bool = False) -> None:
        """Ask; ``first`` puts the answers before those that there are, of which the last prove a linear model."""
        answers = answers_of(self._oracle, batch)
        order = slice(None, None, -1) if first else slice(None)
        self.samples, self.answers = np.concatenate([self.samples, batch][order]), np.concatenate([self.answers, answers][order])

    def _drawn(self, count: int) -> Floats:
        taken, self._fresh = self._fresh[:count], self._fresh[count:]
        return np.concatenate([self._pool[taken], self._mixed(count - len(taken))])

    def _mixed(self, count: int) -> Floats:
        one, two = self._rng.integers(len(self._pool), size=(2, count))
        return np.asarray(np.where(self._rng.random((count, self._pool.shape[1])) < 0.5, self._pool[one], self._pool[two]))

    @property
    def asked(self) -> int:
        """How many questions that were."""
        return len(self.samples)

    @property
    def exact(self) -> bool:
        """Whether the model was solved for: linear, and asked in every direction in which the thief's rows go. A pixel that was dark in all questions has any weight."""
        return self.solved is not None and self.solved.exact and not (_beyond(self.samples, self._pool) > _BEYOND).any()

    def copy(self, judged: Floats) -> tuple[str, Integers]:
        """The name of the best copy and its labels of ``judged``."""
        if Capability.SCORES in self._oracle.capabilities:
            self.solved = solve_linear(self.samples, self.answers)
            if self.solved is not None and self.solved.exact:
                return "equations", self.solved.labels(judged)
        hard = np.eye(self.answers.shape[1])[chosen(self.answers)]
        told = soft(self.answers) if Capability.SCORES in self._oracle.capabilities else None
        name, student = best_student(self.samples, hard, told, self._seed)
        self._student = student
        return name, chosen(student(judged))


def _beyond(asked: Floats, pool: Floats) -> Floats:
    """How far each row of ``pool`` goes in directions in which no row ``asked`` does, in deviations of the columns, shape (n,)."""
    centre = asked.mean(axis=0)
    spread = np.nanstd(pool, axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    known, rows = (asked - centre) / scale, (pool - centre) / scale
    _, sizes, directions = np.linalg.svd(known, full_matrices=False)
    directions = directions[sizes > 1e-9 * sizes.max(initial=0.0)]
    return np.asarray(np.abs(rows - rows @ directions.T @ directions).max(axis=1, initial=0.0))
