"""Groups that a data set lacks, held against the population that it is to stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.checks.data_set.subject import DataSet
from aisecops.core.check import Result
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.statistics import clopper_pearson
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import count, count_of, inert

_ALPHA, _SMALL = 0.05, 0.8
"""The chance that any interval misses, and the share of its share from which on a group counts as represented (the four-fifths rule)."""
_MOST_NAMED = 12


class _Group(msgspec.Struct, frozen=True):
    column: str
    name: str
    expected: float
    rows: int
    total: int
    low: float
    high: float

    @property
    def shown(self) -> str:
        return f"{inert(self.column, 40)} = {inert(self.name, 40)}"

    @property
    def small(self) -> bool:
        """Fewer than in the population, with confidence, and by more than a fifth."""
        return self.high < self.expected and self.rows < _SMALL * self.expected * self.total

    @property
    def open(self) -> bool:
        """So few rows that it may be as large as it should be, or too small."""
        return self.high >= self.expected and self.low <= _SMALL * self.expected


def representation(data: DataSet, population: dict[str, dict[str, float]]) -> Iterator[Result]:
    """Yield a reading for each declared group, a finding for those that are missing or small, and what too few rows cannot tell.

    The intervals are Clopper-Pearson's at 1 - 5 % / number of groups: exact, and all of them together hold with 95 %, however the groups depend on each other.
    """
    if lost := [column for column in population if column not in data.names]:
        reason = f"`population` names the column `{inert(lost[0], 60)}`, which is not there"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy=f"it has {', '.join(inert(name, 40) for name in data.names[:12])}")
    rows = {column: _counts(data, column, shares) for column, shares in population.items() if column in data.names}
    if strange := [column for column, (counts, _) in rows.items() if counts is None]:
        listed = ", ".join(f"`{inert(column, 60)}`" for column in strange)
        reason = f"none of the groups that `population` names for {listed} is there, in any spelling: they are called otherwise, or the column holds something else"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="name the groups as the cells do")
    known = {column: (counts, total) for column, (counts, total) in rows.items() if counts is not None}
    level = 1 - _ALPHA / max(1, sum(len(population[column]) for column in known))
    groups = list(_groups(known, population, level))
    for group in groups:
        yield Reading(
            name="representation",
            value=group.rows / group.total / group.expected if group.total else None,
            unit="ratio",
            n=group.total or None,
            low=group.low / group.expected if group.total else None,
            high=group.high / group.expected if group.total else None,
            level=level if group.total else None,
            method="clopper-pearson" if group.total else "",
            better=Better.HIGHER,
            blocked="" if group.total else "no rows",
            subject=group.shown,
        )
    if small := [group for group in groups if group.total and group.small]:
        yield _weakness(small)
    if unsure := [group for group in groups if not group.total or group.open]:
        listed = ", ".join(f"{group.shown} ({count_of(group.rows, group.total, 'row')})" for group in unsure[:_MOST_NAMED])
        reason = f"too few rows to say whether these groups are represented: {listed}"
        yield NotExamined(code=Code.NO_POWER, reason=reason, remedy="collect more rows, or declare fewer groups")


def _counts(data: DataSet, column: str, shares: dict[str, float]) -> tuple[dict[str, int] | None, int]:
    """Return the rows of each group, None where not one of them is there, and of how many rows; rows that say nothing don't count."""
    from aisecops.datasets.extra import load_polars
    from aisecops.datasets.population_groups import counted

    pl: Any = load_polars()
    cells = data.frame.select(pl.col(column).cast(pl.String).str.strip_chars().alias("group")).drop_nulls().filter(pl.col("group") != "")
    found = list(data.collect(cells.group_by("group").len()).iter_rows())
    return counted(found, shares), sum(count for _, count in found)


def _groups(rows: dict[str, tuple[dict[str, int], int]], population: dict[str, dict[str, float]], level: float) -> Iterator[_Group]:
    for column, (counts, total) in rows.items():
        for name, expected in population[column].items():
            interval = clopper_pearson(counts[name], total, level) if total else None
            yield _Group(column, name, expected, counts[name], total, interval.low if interval else 0.0, interval.high if interval else 1.0)


def _weakness(small: list[_Group]) -> Weakness:
    listed = ", ".join(
        f"{group.shown} ({count(group.rows, 'row')}, {group.rows / group.total:.2%}, at most {group.high:.2%}; {group.expected:.2%} declared)"
        for group in small[:_MOST_NAMED]
    )
    more = f" and {len(small) - _MOST_NAMED:,} more" if len(small) > _MOST_NAMED else ""
    missing = any(not group.rows for group in small)
    return Weakness(
        category="data-governance",
        identity=("representation", *sorted(f"{group.column}={group.name}" for group in small)),
        title="Groups of the population are missing" if missing else "Groups of the population are too small",
        message=f"Against the declared population: {listed}{more}.",
        severity=Severity.MEDIUM if missing else Severity.LOW,
        confidence=Confidence.HIGH,
        evidence={"kind": "representation", "groups": len(small)},
        fix=Fix(
            "Collect rows of these groups, or say in the model card whom the model is not made for; look at its quality for each group (`aisecops run`)."
        ),
    )
