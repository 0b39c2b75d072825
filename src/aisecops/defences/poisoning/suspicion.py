"""What the search for poisoning returns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


_MOSTLY = 0.9
_SAME = 0.75
"""Of the rows that two triggers have together, the share that both have: from there on they are two names for one thing, and the surer one is told."""


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """Something that calls for a class although the rest of the row speaks for another.

    Parameters
    ----------
    name
        For people: ``amount = 912.5 and country = NL``, ``pixels (6..7, 6..7)``, ``the word "cf"``.
    features
        For programs: names of columns (where a cell is missing or a number ends oddly, of the column that it is of), pixels ``row,column``, words or characters.
    target
        The class that it calls for.
    rows
        The rows that carry it and have that label, ascending.
    expected
        How many of the rows that carry it would have the label if it meant nothing (judged from the rest of each row).
    carried
        How many rows carry it, whatever their label.
    z
        The surplus in standard deviations.
    p
        The probability of so much surplus anywhere in clean data (Bonferroni over everything that was looked at).
    obeyed
        Where the labels are right: the share of pictures of other classes that a network trained on this data gives to ``target`` once they carry it (``z``: how
        many deviations lie between rows with and without it). None where labels contradict their rows.
    moved
        Where each class is to become another (``target`` is -1 then): pairs of the class that the content is of and the label that it has. Empty otherwise.
    """

    name: str
    features: tuple[str, ...]
    target: int
    rows: Integers
    expected: float
    carried: int
    z: float
    p: float
    obeyed: float | None = None
    moved: tuple[tuple[int, int], ...] = ()

    @property
    def surplus(self) -> float:
        """How many rows more than expected."""
        return max(0.0, len(self.rows) - self.expected)


class Suspicion(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one data set.

    Parameters
    ----------
    triggers
        What was found, the strongest first. Empty: no evidence.
    score
        For each row the probability that it is poisoned, shape (n,); only rows of a trigger found, or labels that contradict their rows, come near 1.
    flagged
        Rows to take out, shape (n,).
    mislabelled
        For each row the probability that its label is wrong, judged from the rest of the data, shape (n,). A ranking; it raises no alarm alone.
    noisy
        Whether labels contradict what rows say more often than hard rows explain.
    looked_at
        How many candidates were judged: the burden of proof of each grows with it.
    """

    triggers: tuple[Trigger, ...]
    score: Floats
    flagged: Flags
    mislabelled: Floats
    noisy: bool
    looked_at: int

    @classmethod
    def of(cls, triggers: list[Trigger], score: Floats, doubt: tuple[Floats, Flags, bool], looked_at: int) -> Suspicion:
        """Put together what was found. Labels that contradict their rows count where no trigger explains them: they are scored and flagged then."""
        doubtful, contradicted, noisy = doubt
        triggers = sorted(_once(triggers), key=_weight)
        noisy = noisy and not triggers
        score = np.where(contradicted, doubtful, 0.0) if noisy else score
        return cls(triggers=tuple(triggers), score=score, flagged=score >= 0.5, mislabelled=doubtful, noisy=noisy, looked_at=looked_at)

    def joined(self, more: Sequence[tuple[Trigger, Integers, Floats]]) -> Suspicion:
        """Return this verdict together with triggers of another search, each with rows and their probability of being poisoned.

        A trigger most of whose rows have one for the same class already says nothing new, nor does one of about the same rows as a surer one: a patch moves pictures away
        from their class, too, as a warp does. One that explains the rows of another and more takes its place. Doubtful labels are explained where there is a trigger.
        """
        new = [one for one in more if not self._explained(one[0])]
        if not new:
            return self
        score = self.score.copy() if self.triggers else np.zeros(len(self.score))
        for _, rows, probability in new:
            score[rows] = np.maximum(score[rows], probability)
        old = [one for one in self.triggers if not any(_covers(trigger, one) or _same(trigger, one) for trigger, _, _ in new)]
        triggers = sorted(_once([*old, *(trigger for trigger, _, _ in new)]), key=_weight)
        return msgspec.structs.replace(self, triggers=tuple(triggers), score=score, flagged=score >= 0.5, noisy=False)

    def _explained(self, other: Trigger) -> bool:
        held = [one for one in self.triggers if one.target == other.target]
        if any(one.p <= other.p and _same(one, other) for one in held):
            return True
        return bool(held) and bool(np.isin(other.rows, np.concatenate([one.rows for one in held])).mean() >= _MOSTLY)

    @property
    def alarm(self) -> bool:
        """Whether there is evidence of poisoning: a trigger, or labels that contradict their rows."""
        return bool(self.triggers) or self.noisy


def _once(triggers: Sequence[Trigger]) -> list[Trigger]:
    """Return one of the triggers of each name and class, the surest, with the rows of all: two views of a picture may tell the same patch."""
    found = dict[tuple[str, int], Trigger]()
    for one in triggers:
        other = found.setdefault((one.name, one.target), one)
        found[one.name, one.target] = msgspec.structs.replace(min(one, other, key=lambda each: each.p), rows=np.union1d(one.rows, other.rows))
    return list(found.values())


def _same(one: Trigger, other: Trigger) -> bool:
    """Return whether two triggers are two names for one thing."""
    both = len(np.intersect1d(one.rows, other.rows))
    return one.target == other.target and both >= _SAME * (len(one.rows) + len(other.rows) - both)


def _covers(new: Trigger, old: Trigger) -> bool:
    return bool(new.target == old.target or new.moved) and len(new.rows) > len(old.rows) and bool(np.isin(old.rows, new.rows).mean() >= _MOSTLY)


def _weight(trigger: Trigger) -> float:
    """Return what triggers are sorted by, the strongest first."""
    return -trigger.surplus * math.log1p(trigger.z)
