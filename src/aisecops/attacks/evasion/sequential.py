"""Evaluate no more samples than the answer takes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from aisecops.attacks.evasion.masking.symptom import Symptom, blocked
from aisecops.core.errors import UserError
from aisecops.core.measurement import Better, Bound, Reading
from aisecops.core.statistics import SequentialGate, Side, confidence_sequence
from aisecops.oracles.oracle import Capability, Flags, Integers


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sequential evaluation ended.

    ``side``: of the threshold, with at most the error asked for each way. ``used``: samples that the decision took. ``evaluated``: samples that were
    evaluated, whole batches. ``rows``: which, in their order. ``reading``: robust accuracy over them, with an interval that holds in spite of the stopping.
    """

    side: Side
    used: int
    evaluated: int
    rows: Integers
    reading: Reading


def sequential(
    evaluate: Callable[[Integers], Flags],
    n: int,
    *,
    threshold: float,
    seed: int,
    batch: int = 16,
    error: float = 0.05,
    level: float = 0.95,
    subject: str = "",
    relied_on: frozenset[Capability] = frozenset(),
    symptoms: tuple[Symptom, ...] = (),
) -> Stopped:
    """Attack samples in batches until it is clear on which side of ``threshold`` the robust accuracy is.

    The samples come in an order drawn from ``seed``, so that those looked at are a fair draw whatever order the data set has. The gate looks after each
    sample, the interval is a confidence sequence over all samples evaluated: both may be read at any time.

    Parameters
    ----------
    evaluate
        From row numbers, shape (m,), to whether the model has each right *and* keeps it right under attack, shape (m,).
    n
        Rows there are.
    threshold
        Between 0 and 1.
    batch
        Rows a call: attacks are cheaper many at a time, and evaluate up to ``batch`` - 1 rows more than the decision takes.
    error
        The most that the probability of a wrong answer may be, on each side.
    subject
        Of the reading, such as ``linf <= 0.1``.
    relied_on, symptoms
        What the attacks rely on and what ails the model: see ``masking``.
    """
    if n < 1:
        raise UserError("robustness needs at least one sample")
    gate = SequentialGate(threshold, error=error)
    order, robust = np.random.default_rng(seed).permutation(n), np.zeros(0, dtype=bool)
    while len(robust) < n and gate.side is Side.UNDECIDED:
        rows = order[len(robust) : len(robust) + batch]
        answers = np.asarray(evaluate(rows), dtype=bool)
        if answers.shape != rows.shape:
            raise ValueError(f"{len(rows)} answers expected, not {answers.shape}")
        gate.observe(answers.tolist())
        robust = np.append(robust, answers)
    kept, evaluated = int(robust.sum()), len(robust)
    reading = Reading(
        name="robust-accuracy", subject=subject, value=kept / evaluated, unit="1", n=evaluated, better=Better.HIGHER, bound=Bound.ATTACK,
        blocked=blocked(symptoms, relied_on) if relied_on else "",
    ).within(confidence_sequence(kept, evaluated, level))  # fmt: skip
    return Stopped(side=gate.side, used=gate.used, evaluated=evaluated, rows=order[:evaluated], reading=reading)
