"""What a defence is worth: the same attack on the same samples with and without it, and what it costs where nobody attacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.core.errors import UserError
from aisecops.core.statistics.mcnemar import mcnemar
from aisecops.oracles.oracle import Flags, Integers, Oracle

Samples = TypeVar("Samples")


class Attempted(Protocol):
    """What an attack returns, as far as this needs it."""

    @property
    def found(self) -> Flags:
        """Which samples it evaded with."""


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """The same n samples without the defence and with it.

    ``before`` and ``after`` count the samples with the outcome, ``only_before`` and ``only_after`` those with it on one side alone; ``p`` is the exact two-sided
    p-value of McNemar's test that the defence makes no difference.
    """

    n: int
    before: int
    after: int
    only_before: int
    only_after: int
    p: float


class DefenceEffect(msgspec.Struct, frozen=True, kw_only=True):
    """``evaded``: of the samples that both models get right, those that the attack got past them. ``correct``: of all samples, those got right unattacked."""

    evaded: Paired
    correct: Paired


def defence_effect(
    attack: Callable[[Oracle, list[Samples], Integers], Attempted], plain: Oracle, defended: Oracle, samples: list[Samples], y: npt.ArrayLike
) -> DefenceEffect:
    """Attack ``plain`` and ``defended`` alike and compare them sample by sample.

    Parameters
    ----------
    attack
        What is tried on either, for instance ``lambda oracle, texts, y: edit_text(oracle, texts, y, families=UNSEEN)``. It searches anew against the defended
        model: evasions that were found against the plain one and no longer work would flatter the defence.
    plain, defended
        The model without and with the defence; the latter may be another model (trained with it).
    samples, y
        n samples (both classes, so that the cost shows) and their labels. Attacked are those that both models get right.

    Raises
    ------
    UserError
        If the models do not have the same classes, or do not get any sample right together.
    """
    if plain.classes != defended.classes:
        raise UserError("the two models have different classes", where=defended.name, fix="compare a model with its own defended form")
    labels = np.asarray(y, dtype=np.int64)
    right = [np.asarray(oracle.labels(samples) == labels) for oracle in (plain, defended)]  # type: ignore[arg-type]  # a batch of what the oracle eats
    both = np.flatnonzero(right[0] & right[1])
    if not both.size:
        raise UserError("there is no sample that both models get right", where=defended.name, fix="give samples with their true labels")
    chosen = [samples[at] for at in both.tolist()]
    evaded = [np.asarray(attack(oracle, chosen, labels[both]).found) for oracle in (plain, defended)]
    return DefenceEffect(evaded=paired(*evaded), correct=paired(*right))


def paired(before: Flags, after: Flags) -> Paired:
    """Count an outcome on the same samples without and with a defence."""
    only_before, only_after = int((before & ~after).sum()), int((after & ~before).sum())
    return Paired(
        n=len(before),
        before=int(before.sum()),
        after=int(after.sum()),
        only_before=only_before,
        only_after=only_after,
        p=mcnemar(only_before, only_after),
    )
