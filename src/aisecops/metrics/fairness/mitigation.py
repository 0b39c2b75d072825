"""What making a model fairer buys and costs: thresholds for each group, weights for training, measured before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import Interval, clopper_pearson
from aisecops.metrics.fairness.comparison import DEFAULT, MARGIN, Audit, audit
from aisecops.metrics.fairness.groups import Groups, group_by
from aisecops.metrics.fairness.rates import Rate
from aisecops.oracles.oracle import Flags, Floats


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """Two audits of the same samples, and what lies between them in accuracy: ``change`` (after minus before) with an interval for paired answers."""

    before: Audit
    after: Audit
    accuracy_before: float
    accuracy_after: float
    change: Interval


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The score from which a member of each group gets the favourable answer."""

    rate: Rate
    cuts: dict[str, float]

    def apply(self, columns: Mapping[str, Sequence[Any]], scores: Floats | Sequence[float]) -> Flags:
        """Return the answers for samples with these protected columns; somebody of a group that was not there before is judged by the median cut."""
        groups, told = _all(columns), np.asarray(scores, dtype=np.float64)
        fallback = float(np.median(list(self.cuts.values())))
        cuts = np.array([self.cuts.get(name, fallback) for name in groups.names])
        return np.asarray(told >= cuts[groups.member])


def reweighing(columns: Mapping[str, Sequence[Any]], due: Flags | Sequence[bool]) -> Floats:
    """Return training weights under which outcome and group are independent: what a share of the cell should be, over what it is. Their mean is 1.

    References
    ----------
    Kamiran, F., Calders, T. (2012). Data preprocessing techniques for classification without discrimination. Knowledge and Information Systems 33, 1-33.
    """
    groups, truth = _all(columns), np.asarray(due, dtype=bool)
    if truth.shape != groups.member.shape:
        raise UserError("columns and outcomes have different lengths", fix="give one outcome for each sample")
    size, positive = np.bincount(groups.member), np.bincount(groups.member, truth, len(groups.names))
    share = truth.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        up, down = size * share / positive, size * (1.0 - share) / (size - positive)
    return np.asarray(np.where(truth, up[groups.member], down[groups.member]))


def equalising_thresholds(
    columns: Mapping[str, Sequence[Any]],
    due: Flags | Sequence[bool],
    scores: Floats | Sequence[float],
    *,
    rate: Rate = Rate.SELECTION,
    threshold: float = 0.5,
) -> Thresholds:
    """Return a cut for each group at which its ``rate`` is what all samples together have at ``threshold``.

    Learn them on other samples than those that they are judged on. Using them means to treat people differently by a protected attribute: ask a
    lawyer first.

    Parameters
    ----------
    rate
        ``selection-rate``, ``true-positive-rate`` or ``false-positive-rate``.

    Raises
    ------
    UserError
        Another rate, scores that are not finite, or a group without the samples that the rate is about.
    """
    groups, truth, told = _all(columns), np.asarray(due, dtype=bool), np.asarray(scores, dtype=np.float64)
    concerned = {Rate.SELECTION: np.ones(len(truth), dtype=bool), Rate.TRUE_POSITIVE: truth, Rate.FALSE_POSITIVE: ~truth}.get(rate)
    if concerned is None:
        raise UserError(f"thresholds can equalise selection, true or false positive rates, not {rate}", where="rate")
    if told.shape != truth.shape or truth.shape != groups.member.shape or not np.all(np.isfinite(told)):
        raise UserError("every sample needs an outcome and a finite score", fix="leave out samples without one")
    if not concerned.any():
        raise UserError(f"no sample tells the {rate}")
    aim = float((told[concerned] >= threshold).mean())
    cuts = {}
    for number, name in enumerate(groups.names):
        own = np.sort(told[concerned & (groups.member == number)])[::-1]
        if not len(own):
            raise UserError(f"no sample of {name} tells the {rate}", fix="leave the group out, or give more samples")
        cuts[name] = _cut(own, round(aim * len(own)))
    return Thresholds(rate=rate, cuts=cuts)


def price(
    columns: Mapping[str, Sequence[Any]],
    due: Flags | Sequence[bool],
    before: Flags | Sequence[bool],
    after: Flags | Sequence[bool],
    *,
    rates: Sequence[str] = DEFAULT,
    margin: float = MARGIN,
    depth: int = 1,
    level: float = 0.95,
) -> Price:
    """Audit the answers before and after a mitigation on the same samples, and say what it costs in accuracy."""
    truth = np.asarray(due, dtype=bool)
    first, second = (np.asarray(answers, dtype=bool) for answers in (before, after))
    audits = [audit(columns, truth, answers, rates=rates, margin=margin, depth=depth, level=level) for answers in (first, second)]
    right, then = first == truth, second == truth
    return Price(
        before=audits[0], after=audits[1], accuracy_before=float(right.mean()), accuracy_after=float(then.mean()), change=_paired(right, then, level)
    )


def _paired(before: Flags, after: Flags, level: float) -> Interval:
    """The change of accuracy: gained minus lost, each with half of the error that is allowed, so that no independence is needed."""
    n, half = len(before), (1.0 + level) / 2.0
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    plus, minus = clopper_pearson(gained, n, half), clopper_pearson(lost, n, half)
    return Interval(plus.low - minus.high, plus.high - minus.low, level, "clopper-pearson-of-gained-and-lost")


def _cut(ordered: Floats, wanted: int) -> float:
    """Between the last one chosen and the first one left; samples with the same score go together, whichever way comes closer."""
    if wanted <= 0:
        return float(np.nextafter(ordered[0], np.inf))
    if wanted >= len(ordered):
        return float(ordered[-1])
    value = ordered[wanted - 1]
    if ordered[wanted] < value:
        return float((value + ordered[wanted]) / 2.0)
    above, upto = int((ordered > value).sum()), int((ordered >= value).sum())
    return float(value) if upto - wanted <= wanted - above else float(np.nextafter(value, np.inf))


def _all(columns: Mapping[str, Sequence[Any]]) -> Groups:
    """The partition by all columns at once."""
    return group_by(columns, depth=len(columns))[-1]
