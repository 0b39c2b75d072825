"""Each group beside everybody else: how much the rates differ, and what may be concluded from so many samples about so many groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.statistics import bonferroni
from aisecops.metrics.fairness.groups import Groups, group_by
from aisecops.metrics.fairness.hypergeometric import two_sided
from aisecops.metrics.fairness.intervals import differences, proportions, ratio
from aisecops.metrics.fairness.rates import Rate, count, rates_of
from aisecops.oracles.oracle import Flags

DEFAULT = (Rate.SELECTION, Rate.TRUE_POSITIVE, Rate.FALSE_POSITIVE, Rate.ERROR)
MARGIN = 0.1
_HOPELESS = 1000.0
"""Where more than so many times the samples were needed, no number of samples is named: the difference is as large as the margin, as far as one can tell."""


class Standing(StrEnum):
    """What is known of one difference."""

    FAIR = "fair"
    UNFAIR = "unfair"
    TOO_FEW = "too-few"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One rate of one group beside that of the rest.

    Parameters
    ----------
    rate, group, columns
        What of whom, and the protected columns that make the group.
    hits, trials, rest_hits, rest_trials
        The counts; ``value`` and ``rest`` the two rates, None where there was no trial.
    difference, low, high
        Of the group's rate minus that of the rest, with an interval that holds together with those of all other comparisons.
    ratio, ratio_low, ratio_high
        The same as a quotient; the upper end None where it is infinite.
    standing
        The verdict.
    more
        For ``too-few``: how many more samples of this group, all else alike, would decide it; None where no number would.
    """

    rate: Rate
    group: str
    columns: tuple[str, ...]
    hits: int
    trials: int
    rest_hits: int
    rest_trials: int
    value: float | None
    rest: float | None
    difference: float | None
    low: float
    high: float
    ratio: float | None
    ratio_low: float
    ratio_high: float | None
    standing: Standing
    more: int | None = None


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """All comparisons; ``questions`` of them were asked at once, and ``level`` is the confidence in all together."""

    comparisons: tuple[Comparison, ...]
    level: float
    margin: float
    questions: int
    n: int

    def of(self, standing: Standing) -> tuple[Comparison, ...]:
        """The comparisons that came out so, the largest surest difference first."""
        chosen = [one for one in self.comparisons if one.standing is standing]
        return tuple(sorted(chosen, key=lambda one: -least(one)))

    @property
    def rates(self) -> tuple[Rate, ...]:
        """What was compared."""
        return tuple(dict.fromkeys(one.rate for one in self.comparisons))


def least(one: Comparison) -> float:
    """How large the difference is at least, whichever way."""
    return max(one.low, -one.high, 0.0)


def most(one: Comparison) -> float:
    """How large the difference may be."""
    return max(one.high, -one.low)


def audit(
    columns: Mapping[str, Sequence[Any]],
    due: Flags | Sequence[bool],
    favoured: Flags | Sequence[bool],
    *,
    rates: Sequence[str] = DEFAULT,
    margin: float = MARGIN,
    depth: int = 2,
    level: float = 0.95,
) -> Audit:
    """Compare the groups that ``columns`` make, alone and where up to ``depth`` of them meet.

    *Unfair* takes two proofs: the interval of the difference lies beyond the margin, and Fisher's exact test, corrected for all questions asked, says that
    chance does not explain it. So a model that treats all groups alike is called unfair with probability at most ``1 - level``, however many groups there are and
    however small they are. *Fair* takes an interval within the margin. All else is *too few to say*.

    Parameters
    ----------
    columns
        Protected columns by name, one value for each sample.
    due, favoured
        Whether the favourable answer is right, and whether the model gives it, shape (n,).
    rates
        Names as ``rates_of`` takes them.
    margin
        How much the rate of a group may differ from that of the rest, above 0 and below 1.
    level
        Confidence in all statements together.

    Raises
    ------
    UserError
        Lengths differ, there is no sample, or a name is unknown.
    """
    truth, answer = np.asarray(due, dtype=bool), np.asarray(favoured, dtype=bool)
    if not 0 < margin < 1:
        raise UserError(f"a margin lies between 0 and 1, not {margin:g}", where="margin", fix="0.1 allows a difference of ten points")
    if not len(truth) or truth.shape != answer.shape or any(len(values) != len(truth) for values in columns.values()):
        raise UserError(
            "the protected columns, the truth and the answers need one value for each sample", fix="give them in the order of the samples"
        )
    chosen = tuple(dict.fromkeys(rate for name in rates for rate in rates_of(name)))
    partitions = [groups for groups in group_by(columns, depth=depth) if len(groups.names) > 1]
    if not partitions:
        raise UserError("everybody is in one group: there is nobody to compare with", fix="give a test set that holds several groups")
    questions = sum(_asked(groups) for groups in partitions) * len(chosen)
    found = [one for groups in partitions for one in _compared(groups, truth, answer, chosen, margin, level, questions)]
    return Audit(comparisons=tuple(found), level=level, margin=margin, questions=questions, n=len(truth))


def _asked(groups: Groups) -> int:
    """Of two groups the second beside the first is the first beside the second, once more."""
    return len(groups.names) if len(groups.names) > 2 else 1


def _compared(groups: Groups, due: Flags, favoured: Flags, rates: tuple[Rate, ...], margin: float, level: float, questions: int) -> list[Comparison]:
    counts = count(groups, due, favoured, rates)
    shown = _asked(groups)
    all_hits, all_trials = counts.hits.sum(axis=1, keepdims=True), counts.trials.sum(axis=1, keepdims=True)
    hits, trials = counts.hits[:, :shown].ravel(), counts.trials[:, :shown].ravel()
    rest_hits, rest_trials = (all_hits - counts.hits)[:, :shown].ravel(), (all_trials - counts.trials)[:, :shown].ravel()
    each = bonferroni(level, questions)
    gaps = differences(hits, trials, rest_hits, rest_trials, each)
    half = bonferroni(each, 2)
    ratios = ratio(proportions(hits, trials, half), proportions(rest_hits, rest_trials, half))
    table = np.stack([hits, trials, rest_hits, rest_trials], axis=1).tolist()
    names = [(rate, group) for rate in rates for group in groups.names[:shown]]
    alpha = (1.0 - level) / questions
    return [
        _comparison(
            rate, group, groups.columns, counted, (gaps.low[i], gaps.high[i]), (ratios.low[i], ratios.high[i]), margin, alpha,
        )
        for i, ((rate, group), counted) in enumerate(zip(names, table, strict=True))
    ]  # fmt: skip


def _comparison(
    rate: Rate,
    group: str,
    columns: tuple[str, ...],
    counted: Sequence[int],
    gap: tuple[float, float],
    quotient: tuple[float, float],
    margin: float,
    alpha: float,
) -> Comparison:
    hits, trials, rest_hits, rest_trials = counted
    known = trials > 0 and rest_trials > 0
    value, rest = (hits / trials if trials else None), (rest_hits / rest_trials if rest_trials else None)
    low, high = float(gap[0]), float(gap[1])
    standing = Standing.TOO_FEW
    if known and -margin <= low and high <= margin:
        standing = Standing.FAIR
    elif known and (low > margin or high < -margin) and two_sided(hits, trials, hits + rest_hits, trials + rest_trials) <= alpha:
        standing = Standing.UNFAIR
    apart = value - rest if value is not None and rest is not None else None
    return Comparison(
        rate=rate,
        group=group,
        columns=columns,
        hits=hits,
        trials=trials,
        rest_hits=rest_hits,
        rest_trials=rest_trials,
        value=value,
        rest=rest,
        difference=apart,
        low=low,
        high=high,
        ratio=value / rest if value is not None and rest else None,
        ratio_low=float(quotient[0]),
        ratio_high=float(quotient[1]) if math.isfinite(quotient[1]) else None,
        standing=standing,
        more=_more(trials, apart, low, high, margin) if standing is Standing.TOO_FEW else None,
    )


def _more(trials: int, apart: float | None, low: float, high: float, margin: float) -> int | None:
    """How many more trials shrink the interval until it lies on one side of the margin: its width goes with one over the root of their number."""
    if apart is None or not trials:
        return None
    room = abs(margin - abs(apart))
    towards = max(high - apart, apart - low)
    times = (towards / room) ** 2 if room > 0 else math.inf
    return math.ceil(trials * (times - 1.0)) if 1.0 < times <= _HOPELESS else None
