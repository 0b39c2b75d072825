"""Stealing a model query by query: a curve from queries to the fidelity of the copy, with its price."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np

from aisecops.attacks.extraction.rows import RowThief
from aisecops.attacks.extraction.texts import TextThief
from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.oracles.budget import BudgetSpent
from aisecops.oracles.oracle import Batch, Integers, Oracle

_STEPS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


class Thief(Protocol):
    """Who asks, and makes a copy of the answers."""

    @property
    def asked(self) -> int:
        """How many questions that were."""

    @property
    def exact(self) -> bool:
        """Whether the model was solved for."""

    def ask(self, total: int, *, active: bool) -> None:
        """Ask until ``total`` questions have been asked."""

    def copy(self, judged: Any) -> tuple[str, Integers]:
        """The name of the best copy and its labels of ``judged``."""


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
        After more and more queries; what is solved for exactly is asked no more.
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
    pool: Batch,
    judged: Batch,
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
        Rows that the thief has, shape (n, d), or n texts, unlabelled. Questions are drawn from them, and, when they are used up, mixed: columns of two rows, the
        beginning of a text and the end of another.
    judged
        Rows or texts to measure fidelity with, m of them, none of which is in ``pool``. Asking about them is not the thief's: it is counted apart.
    active
        Whether half of the questions go where the present copy is least sure.

    Raises
    ------
    UserError
        Fewer than 10 in the pool or to judge with.
    """
    if min(len(pool), len(judged)) < 10:
        raise UserError("there are too few rows to steal a model with", fix="give at least 10 rows to ask with and 10 to judge by")
    try:
        truth = oracle.labels(judged)
    except BudgetSpent as spent:
        return Theft(copies=(), constant=1.0, exact=False, rows=len(judged), stopped=str(spent))
    thief: Thief = RowThief(oracle, pool, seed) if isinstance(pool, np.ndarray) else TextThief(oracle, pool, seed)
    copies: list[Copied] = []
    stopped = ""
    for step in (*(step for step in _STEPS if step < queries), queries):
        try:
            thief.ask(step, active=active)
        except BudgetSpent as spent:
            stopped = str(spent)
            break
        name, told = thief.copy(judged)
        interval = clopper_pearson(agreed := int((told == truth).sum()), len(truth))
        money, seconds = thief.asked * price, thief.asked / rate if rate else 0.0
        copies.append(Copied(queries=thief.asked, fidelity=agreed / len(truth), interval=interval, student=name, money=money, seconds=seconds))
        if thief.exact:
            break
    return Theft(copies=tuple(copies), constant=float(np.bincount(truth).max() / len(truth)), exact=thief.exact, rows=len(truth), stopped=stopped)
