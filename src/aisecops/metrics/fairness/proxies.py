"""Which allowed columns carry a protected one: leaving a column out helps little where others tell the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.core.errors import UserError
from aisecops.core.measurement import Reading
from aisecops.core.statistics import bonferroni
from aisecops.metrics.fairness.groups import Groups, group_by
from aisecops.metrics.quality.discrimination import auc
from aisecops.metrics.quality.judged import Judged
from aisecops.oracles.oracle import Flags, Floats

ALL = "all columns together"
_LEAST = 20
"""Samples that a group needs on each half."""
_SPREAD = 1.0
"""Samples added to each value of a column, spread as the groups are: a value seen once says little."""
_PARTS = 16


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    """How well ``column`` tells members of ``group`` from all others: the probability that it ranks a member above somebody else (0.5: not at all).

    Measured on ``n`` samples that its rule was not learned from; ``low`` and ``high`` hold together with those of all other proxies. Where ``low`` is above 0.5
    the column carries the group.
    """

    group: str
    column: str
    value: float
    low: float
    high: float
    n: int
    method: str


def proxies(protected: Mapping[str, Sequence[Any]], allowed: Mapping[str, Sequence[Any]], *, level: float = 0.95, seed: int = 0) -> tuple[Proxy, ...]:
    """Return how well each allowed column, and all of them together, tell each protected group; the best first.

    Half of the samples, drawn by ``seed``, teach how much more frequent each value of a column (numbers: each of 16 equal parts) is in the group than elsewhere;
    all columns together add up these log ratios, as a naive Bayes classifier does. The other half measures. Groups with fewer than 20 members, or fewer than 20
    others, on either half are left out.

    Raises
    ------
    UserError
        Lengths differ, or there is no allowed column.
    """
    if not allowed:
        raise UserError("there is no column that could be a proxy", fix="give the columns that the model uses")
    partitions = group_by(protected, depth=1)
    coded = {name: _coded(name, values) for name, values in allowed.items()}
    n = len(partitions[0].member)
    if any(len(code) != n for code in coded.values()):
        raise UserError("protected and allowed columns have different lengths", fix="give one value for each sample")
    learning = np.zeros(n, dtype=bool)
    learning[np.random.default_rng(seed).permutation(n)[: n // 2]] = True
    found = [(group, member) for part in partitions for group, member in _members(part) if _enough(member, learning)]
    if not found:
        return ()
    each = bonferroni(level, len(found) * (len(coded) + (len(coded) > 1)))
    measured = [proxy for group, member in found for proxy in _measured(group, member, coded, learning, each)]
    return tuple(sorted(measured, key=lambda proxy: -proxy.low))


def _members(part: Groups) -> list[tuple[str, Flags]]:
    """Each group; of two one is enough."""
    shown = part.names[1:] if len(part.names) == 2 else part.names
    return [(name, part.member == part.names.index(name)) for name in shown] if len(part.names) > 1 else []


def _enough(member: Flags, learning: Flags) -> bool:
    return all(min((member & side).sum(), (~member & side).sum()) >= _LEAST for side in (learning, ~learning))


def _measured(group: str, member: Flags, coded: Mapping[str, Any], learning: Flags, level: float) -> list[Proxy]:
    evidence = {name: _evidence(code, member, learning) for name, code in coded.items()}
    if len(evidence) > 1:
        evidence[ALL] = np.sum(list(evidence.values()), axis=0)
    readings = {name: _reading(score[~learning], member[~learning], level) for name, score in evidence.items()}
    return [
        Proxy(group=group, column=name, value=reading.value, low=reading.low, high=reading.high, n=reading.n or 0, method=reading.method)
        for name, reading in readings.items()
        if reading.value is not None and reading.low is not None and reading.high is not None
    ]


def _evidence(code: Any, member: Flags, learning: Flags) -> Floats:
    """The logarithm of how much more frequent each sample's value is in the group, as the learning half knows it."""
    values = int(code.max()) + 1
    inside = np.bincount(code[learning & member], minlength=values)
    outside = np.bincount(code[learning & ~member], minlength=values)
    share = inside.sum() / (inside.sum() + outside.sum())
    ratio = (inside + _SPREAD * share) / (outside + _SPREAD * (1.0 - share))
    return np.asarray(np.log(ratio)[code])


def _reading(score: Floats, member: Flags, level: float) -> Reading:
    judged = Judged(
        classes=("others", "members"),
        y=member.astype(np.int64),
        labels=(score > 0).astype(np.int64),
        scores=np.stack([-score, score], axis=1),
    )
    return auc(judged, level=level)[0]


def _coded(name: str, values: Sequence[Any]) -> Any:
    column = np.asarray(values)
    if column.dtype.kind == "f" and not np.isnan(column).all():
        gone = np.isnan(column)
        edges = np.unique(np.quantile(column[~gone], np.arange(1, _PARTS) / _PARTS, method="higher"))
        return np.where(gone, len(edges) + 1, np.searchsorted(edges, np.where(gone, 0.0, column), side="right"))
    return group_by({name: values}, depth=1)[0].member
