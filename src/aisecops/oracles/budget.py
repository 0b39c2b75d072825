"""What may be spent on asking a model, and the exact account of what was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from aisecops.oracles.oracle import Batch, Capability, Floats, Integers, Loss, Oracle
    from aisecops.oracles.structure import Structure

T = TypeVar("T")


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The most that may be spent on one model; None is no limit.

    Parameters
    ----------
    queries
        Samples asked about, each of a batch counted; a gradient counts as one query and one gradient.
    calls
        Batches.
    seconds
        Wall time, from the first call.
    rate
        Queries a second, at most, on average since the first call: the meter waits.
    money, price
        Money in all, and for one query.
    """

    queries: int | None = None
    calls: int | None = None
    seconds: float | None = None
    rate: float | None = None
    money: float | None = None
    price: float = 0.0


class BudgetSpent(Exception):  # noqa: N818 - not an error: an attack stops and returns the best that it has
    """The next call would exceed the budget: it was not made."""


class Ledger(msgspec.Struct, kw_only=True):
    """What was spent: queries, calls, gradients (of the queries), seconds inside the model, money."""

    queries: int = 0
    calls: int = 0
    gradients: int = 0
    seconds: float = 0.0
    money: float = 0.0


class Metered:
    """An oracle within a budget: counts every sample that it passes on, and refuses with ``BudgetSpent`` *before* the call that would exceed it."""

    def __init__(
        self,
        oracle: Oracle,
        budget: Budget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.oracle, self.budget, self.ledger = oracle, budget or Budget(), Ledger()
        self._clock, self._sleep = clock, sleep
        self._began: float | None = None

    @property
    def name(self) -> str:
        """As the oracle's."""
        return self.oracle.name

    @property
    def classes(self) -> tuple[str, ...]:
        """As the oracle's."""
        return self.oracle.classes

    @property
    def capabilities(self) -> frozenset[Capability]:
        """As the oracle's."""
        return self.oracle.capabilities

    def labels(self, batch: Batch) -> Integers:
        """The oracle's, counted."""
        return self._spend(len(batch), lambda: self.oracle.labels(batch))

    def scores(self, batch: Batch) -> Floats:
        """The oracle's, counted."""
        return self._spend(len(batch), lambda: self.oracle.scores(batch))

    def gradient(self, batch: Floats, y: Integers, loss: Loss, target: Integers | None = None) -> tuple[Floats, Floats]:
        """The oracle's, counted."""
        answer = self._spend(len(batch), lambda: self.oracle.gradient(batch, y, loss, target))
        self.ledger.gradients += len(batch)
        return answer

    def structure(self) -> Structure:
        """The oracle's; it costs nothing."""
        return self.oracle.structure()

    @property
    def left(self) -> int | None:
        """The queries that may still be asked; None: no limit."""
        limits = []
        if self.budget.queries is not None:
            limits.append(self.budget.queries - self.ledger.queries)
        if self.budget.money is not None and self.budget.price:
            limits.append(int((self.budget.money - self.ledger.money) / self.budget.price + 1e-9))
        return max(0, min(limits)) if limits else None

    def _spend(self, samples: int, call: Callable[[], T]) -> T:
        budget, ledger = self.budget, self.ledger
        now = self._clock()
        began = self._began = now if self._began is None else self._began
        left = self.left
        if left is not None and samples > left:
            raise BudgetSpent(f"{samples} more queries, {left} left")
        if budget.calls is not None and ledger.calls >= budget.calls:
            raise BudgetSpent(f"{budget.calls} calls made")
        if budget.seconds is not None and now - began >= budget.seconds:
            raise BudgetSpent(f"{budget.seconds:g} seconds over")
        if budget.rate:
            wait = (ledger.queries / budget.rate) - (now - began)
            if wait > 0:
                self._sleep(wait)
        ledger.queries += samples
        ledger.calls += 1
        ledger.money += samples * budget.price
        started = self._clock()
        try:
            return call()
        finally:
            ledger.seconds += self._clock() - started
