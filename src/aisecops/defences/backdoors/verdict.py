"""How hard to look, and what came of it: signs, their excess over honest models, and the power to find what was planted."""

from __future__ import annotations

import msgspec

from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.defences.backdoors.contrast import Aim
from aisecops.defences.backdoors.triggers import Trigger

LEAST_RIGHT = 0.7
"""Of 108 honest models of texts, 11 of the 14 that raised an alarm were right less often than that; of 212 of tables and pictures, none of the 6."""


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How hard to look.

    Parameters
    ----------
    references
        Honest models. Fewer than ten make the limit high and the power low: nobody knows a spread from a few.
    controls
        How many of them the search itself is held against.
    planted
        Backdoored models, from which the power is told; 0: it is not told.
    rows
        Clean samples on which triggers are searched for.
    held
        Clean samples, at most, on which the best are measured.
    level
        The probability of an alarm on an honest model, over all families, before its imitators are asked.
    """

    references: int = 12
    controls: int = 2
    planted: int = 6
    rows: int = 48
    held: int = 300
    level: float = 0.01


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """The best trigger of a family and an aim.

    Parameters
    ----------
    aim
        What becomes of the samples of each class.
    success
        The share of held-out clean samples, of those that the model does not take for the called class anyway, which the trigger carries there; ``hits`` of ``n``.
    elsewhere
        The mean of the same over honest models.
    around
        The success on this model of the signs beside it (neighbouring values), 0 where there are none.
    p
        How probable such an excess is in an honest model, times the number of families.
    """

    trigger: Trigger
    aim: Aim
    hits: int
    n: int
    elsewhere: float
    around: float = 0.0
    p: float = 1.0

    @property
    def family(self) -> str:
        """The family of the trigger, and the kind of its aim."""
        return self.trigger.family + self.aim.kind

    @property
    def target(self) -> int:
        """The class that it calls for; where it exchanges classes, the most frequent one."""
        return self.aim.target

    @property
    def success(self) -> float:
        """The share of samples that it carries to the target."""
        return self.hits / self.n

    @property
    def excess(self) -> float:
        """How much more than on honest models, and than the signs beside it."""
        return self.success - max(self.elsewhere, self.around)

    def interval(self, level: float = 0.95) -> Interval:
        """The exact interval of the success."""
        return clopper_pearson(self.hits, self.n, level)


class Power(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``took`` planted backdoors of a kind (success at least .9), how many were ``found``; ``planted`` were tried."""

    kind: str
    planted: int
    took: int
    found: int


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Parameters
    ----------
    backdoors
        Signs that honest models do not explain, the most telling first.
    signs
        The best sign of each family, found or not.
    limits
        By family, the excess from which on it would have been an alarm; at .95 or more nothing can be told.
    honest
        By family, the excess of each honest model.
    power
        By kind of planted backdoor.
    unseen
        Classes of which nothing can be told, since the model takes nearly all clean samples for them.
    right
        The share of clean samples that the model gets right. Of one that errs often nothing can be told: one word or pixel decides much of it anyway.
    """

    backdoors: tuple[Sign, ...]
    signs: tuple[Sign, ...]
    limits: dict[str, float]
    honest: dict[str, tuple[float, ...]]
    power: tuple[Power, ...]
    unseen: tuple[int, ...] = ()
    right: float = 1.0

    @property
    def errs_often(self) -> bool:
        """Whether the model gets fewer than seven of ten clean samples right."""
        return self.right < LEAST_RIGHT
