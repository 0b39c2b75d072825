"""Which setting to take, by a rule that is written down: nobody picks the row that looks best."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.defences.leakage.settings import Family

RULE = (
    "of the settings that change what is learned and whose accuracy falls by at most the tolerance at the unfavourable end of its interval, the one "
    "with the smallest upper end of the area under the attack's curve; it is recommended if that lies below the lower end of the model as it is, and none is otherwise"
)
"""Defences of outputs are shown and never recommended: they are attacked with one question a record here, and whoever asks about its neighbours, too, learns nearly
as much as before (Choquette-Choo et al., Label-only membership inference attacks, ICML 2021)."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A number and its interval."""

    value: float
    low: float
    high: float
    n: int


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table: what a setting costs and buys.

    Parameters
    ----------
    accuracy, change
        On the test set, and its difference to the model as it is (paired: the same rows).
    leak
        The area under the curve of the best membership attack; 0.5 is a guess. ``rate``: its true-positive rate at 1 %; None where that is not resolvable.
    gap
        The largest gap between groups of the declared fairness metrics; ``robust``: robust accuracy at one distance.
    """

    setting: str
    family: Family | None
    accuracy: Point
    change: Point
    leak: Point
    rate: Point | None = None
    gap: Point | None = None
    robust: Point | None = None
    attack: str = ""


def recommended(plain: Price, tried: Sequence[Price], tolerance: float) -> tuple[Price, ...]:
    """Return the settings that may be recommended (``RULE``), the recommended one first; empty: none.

    Parameters
    ----------
    plain
        The model as it is.
    tolerance
        The accuracy that the project is willing to pay, in shares of all rows.
    """
    learned = [one for one in tried if one.family is not None and not one.family.of_outputs]
    fit = [one for one in learned if one.change.low >= -tolerance and one.leak.high < plain.leak.low]
    return tuple(sorted(fit, key=lambda one: (one.leak.high, -one.change.low)))


def accuracy_change(gained: int, lost: int, n: int, level: float = 0.95) -> Interval:
    """Return the interval of (gained - lost) / n, where ``gained`` rows were wrong before and are right now and ``lost`` the other way round.

    Given how many answers changed, the gains are binomial. The share that changed and the share of gains among them get an exact interval with half of the error
    each; the change is (2 share of gains - 1) times the share that changed.
    """
    changed, half = gained + lost, (1.0 + level) / 2.0
    share = clopper_pearson(changed, n, half)
    if not changed:
        return Interval(-share.high, share.high, level, "clopper-pearson-of-changes")
    won = clopper_pearson(gained, changed, half)
    low, high = 2.0 * won.low - 1.0, 2.0 * won.high - 1.0
    ends = [part * factor for part in (low, high) for factor in (share.low, share.high)]
    return Interval(min(ends), max(ends), level, "clopper-pearson-of-changes-and-gains")
