"""Measurements of two runs side by side: which changes are more than noise.

Proportions (a whole number of successes out of ``n``, with an exact or score interval) get Newcombe's interval of the difference. All of a comparison hold
*jointly* at the level: with sixty measurements and 95 % each, three would seem to change by chance alone, so the tails are shared (Bonferroni). The interval is
for independent samples; two models tried on the same rows are paired, and the truth is then at least as narrow as this says, mostly.
Anything else with intervals is compared by whether these overlap: cruder, never surer than it looks, and said as such. A number without an interval tells
nothing about noise.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from aisecops.core.measurement import Better, Measurement
from aisecops.core.run import Run
from aisecops.core.statistics.multiplicity import bonferroni
from aisecops.core.statistics.newcombe import newcombe

LEVEL = 0.95
_PROPORTIONS = ("clopper-pearson", "wilson")
_WHOLE = 1e-6


class Change(StrEnum):
    """What became of a measurement, the most urgent first."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"
    UNCLEAR = "unclear"
    INCOMPARABLE = "incomparable"
    NEW = "new"
    GONE = "gone"
    NOISE = "noise"
    SAME = "same"


class ReadingChange(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A measurement before and after.

    ``difference``, ``low`` and ``high``: after minus before with the interval that was asked, where there is one, at ``level`` (of this one interval) by
    ``method``. ``why`` says in words what the verdict rests on.
    """

    change: Change
    why: str
    before: Measurement | None = None
    after: Measurement | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    method: str = ""

    @property
    def measurement(self) -> Measurement:
        """It, as the later run has it if it does."""
        found = self.after or self.before
        assert found is not None
        return found


Key = tuple[str, ...]


def compare_readings(before: Run, after: Run) -> tuple[ReadingChange, ...]:
    """Return what became of every measurement of two runs, the most urgent first."""
    old, new = _named(before), _named(after)
    versions = [{check.id: (check.version, repr(sorted(check.parameters.items()))) for check in run.checks} for run in (before, after)]
    questions = sum(_counts(old[key]) is not None and _counts(new[key]) is not None for key in old.keys() & new.keys())
    changes = []
    for key in dict.fromkeys([*new, *old]):
        if key not in new:
            changes.append(ReadingChange(change=Change.GONE, why="the later run did not measure it", before=old[key]))
        elif key not in old:
            changes.append(ReadingChange(change=Change.NEW, why="the earlier run did not measure it", after=new[key]))
        else:
            same = versions[0].get(new[key].check) == versions[1].get(new[key].check)
            changes.append(_compared(old[key], new[key], same, max(questions, 1)))
    order = {change: number for number, change in enumerate(Change)}
    return tuple(sorted(changes, key=lambda one: order[one.change]))


def _named(run: Run) -> dict[Key, Measurement]:
    """The measurements by what they measure; where several share that, each further one has its number."""
    found: dict[Key, Measurement] = {}
    for one in run.measurements:
        key = base = (one.check, one.name, one.subject, *sorted(one.assets))
        number = 1
        while key in found:
            number += 1
            key = (*base, f"#{number}")
        found[key] = one
    return found


def _compared(old: Measurement, new: Measurement, same_check: bool, questions: int) -> ReadingChange:
    def told(change: Change, why: str, **more: object) -> ReadingChange:
        return ReadingChange(change=change, why=why, before=old, after=new, **more)  # type: ignore[arg-type]

    if why := _incomparable(old, new, same_check):
        return told(Change.INCOMPARABLE, why)
    assert old.value is not None
    assert new.value is not None
    difference = new.value - old.value
    counts, later = _counts(old), _counts(new)
    if counts and later:
        interval = newcombe(*later, *counts, bonferroni(LEVEL, questions))
        sure = interval.low > 0 or interval.high < 0
        change = _direction(difference, new.better) if sure else Change.SAME if counts == later else Change.NOISE
        joint = f", jointly over {questions:,} comparisons" if questions > 1 else ""
        why = f"the interval of the difference {'excludes' if sure else 'holds'} 0 ({LEVEL:.0%}{joint})"
        return told(change, why, difference=difference, low=interval.low, high=interval.high, level=interval.level, method=interval.method)
    if old.value == new.value and (old.low, old.high) == (new.low, new.high):
        return told(Change.SAME, "the same number", difference=0.0)
    if None in (old.low, old.high, new.low, new.high):
        return told(Change.UNCLEAR, "no interval tells how much of it is noise", difference=difference)
    apart = new.low > old.high or new.high < old.low  # type: ignore[operator]
    why = "the intervals do not overlap" if apart else "the intervals overlap: it may be noise, and this crude comparison cannot tell more"
    return told(_direction(difference, new.better) if apart else Change.NOISE, why, difference=difference)


def _incomparable(old: Measurement, new: Measurement, same_check: bool) -> str:
    if old.blocked or new.blocked:
        return f"not usable {'now' if new.blocked else 'before'}: {new.blocked or old.blocked}"
    if old.value is None or new.value is None:
        return f"no value {'now' if new.value is None else 'before'}"
    if (old.unit, old.bound, old.better) != (new.unit, new.bound, new.better):
        return "the unit or the bound is another"
    return "" if same_check else "its check has another version or other parameters"


def _counts(one: Measurement) -> tuple[int, int] | None:
    """Successes and trials, where it is a proportion; None else."""
    if one.blocked or one.value is None or not one.n or not 0 <= one.value <= 1 or one.method not in _PROPORTIONS:
        return None
    successes = round(one.value * one.n)
    return (successes, one.n) if abs(one.value * one.n - successes) <= _WHOLE * max(one.n, 1) else None


def _direction(difference: float, better: Better | None) -> Change:
    if better is None:
        return Change.CHANGED
    return Change.BETTER if (difference > 0) == (better is Better.HIGHER) else Change.WORSE
