"""Two versions of a table, compared in every way that there is a test for, with one correction over all of them: what is told is beyond chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from aisecops.core.statistics.multiplicity import holm
from aisecops.datasets.clusters import Clusters, by_group, by_time
from aisecops.datasets.extra import load_polars
from aisecops.datasets.relations import GroupShift, PairShift, group_shifts, pair_shifts
from aisecops.datasets.roles import ColumnRoles
from aisecops.datasets.shift import ColumnShift, changes, numbers_of
from aisecops.datasets.two_samples import ks_distance

ALPHA = 0.01
"""The chance of any false alarm among all tests of a comparison."""
_NOTABLE = {"values": 0.1, "categories": 0.05, "missing": 0.03, "new-value": 0.01, "lost-value": 0.02}
"""Effects from which on a change is told, by kind."""
_IN_A_GROUP, _TOGETHER = 0.15, 0.2
_OF_ALL = 0.01
"""The share of all rows that a change among new rows must come to."""
_MORE_THAN_ALL = 1.5
_MOST_GROUPED = 40
_FEW = 12
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of two versions, p-values corrected over all tests.

    Parameters
    ----------
    shifts, groups, pairs
        Columns by themselves, columns among the rows of one class or source, and columns that no longer go together as they did.
    factors
        By what all numbers of a column have been multiplied, where that is what has happened to it.
    swapped
        Columns that have changed places.
    clustered
        Whether rows come in clusters, and were counted as such.
    """

    shifts: tuple[ColumnShift, ...] = ()
    groups: tuple[GroupShift, ...] = ()
    pairs: tuple[PairShift, ...] = ()
    factors: dict[str, float] = {}
    swapped: tuple[tuple[str, str], ...] = ()
    clustered: bool = False


def compared(before: Any, after: Any, roles: ColumnRoles, *, share: float = 1.0, clusters: Clusters | None = None) -> Comparison:
    """Compare two Polars frames in memory.

    Parameters
    ----------
    roles
        What the columns are for: label and source are watched more closely, what names a row, a group or a time is left out.
    share
        The share of all rows that ``after`` is, where only new rows are compared.
    clusters
        Which rows of ``before`` belong together.
    """
    names = _columns(before, after, roles)
    watched = tuple(name for name in (roles.label, roles.source) if name in names)
    alone = [one for name in names for one in changes(name, before[name], after[name], as_categories=name in watched, clusters=clusters)]
    within = list(_within(before, after, names, watched, roles.label, clusters))
    pairs = pair_shifts(before, after, [name for name in names if name not in watched], clusters)
    p = holm([*(one.p for one in alone), *(one.shift.p for one in within), *(one.p for one in pairs)])
    shifts = tuple(msgspec.structs.replace(one, p=q) for one, q in zip(alone, p, strict=False) if q < ALPHA and _is_notable(one, share))
    moved = {one.column: max(other.effect for other in shifts if other.column == one.column) for one in shifts}
    groups = _told_groups(within, p[len(alone) :], moved, share, roles.label)
    apart = {one.shift.column for one in groups}
    together = [
        msgspec.structs.replace(one, p=q)
        for one, q in zip(pairs, p[len(alone) + len(within) :], strict=True)
        if q < ALPHA and abs(one.before - one.after) >= _TOGETHER and not {one.one, one.two} & {*moved, *apart}
    ]
    of_numbers = [one.column for one in shifts if one.kind == "values"]
    return Comparison(
        shifts=shifts,
        groups=groups,
        pairs=tuple(sorted(together, key=lambda one: -abs(one.before - one.after))),
        factors={name: factor for name in of_numbers if (factor := _factor(before[name], after[name]))},
        swapped=tuple(_swapped(before, after, of_numbers[:_MOST_GROUPED])),
        clustered=clusters is not None,
    )


def clusters_of(before: Any, after: Any, roles: ColumnRoles) -> Clusters | None:
    """Return which rows of ``before`` belong together: those of one group, else, where ``after`` is later, those of one stretch of time."""
    if roles.group and roles.group in before.columns:
        return by_group(before[roles.group])
    if roles.time and roles.time in before.columns and roles.time in after.columns:
        return by_time(before[roles.time], after[roles.time])
    return None


def _columns(before: Any, after: Any, roles: ColumnRoles) -> list[str]:
    left_out = {roles.id, roles.time, roles.text, roles.split, roles.group}
    return [name for name in after.columns if name in before.columns and name not in left_out and not _counts_rows(before[name], after[name])]


def _counts_rows(one: Any, two: Any) -> bool:
    """Whether both columns are whole numbers that never repeat: they name rows, and a later version goes on counting."""
    pl = load_polars()
    for series in (one, two):
        if len(series) < _FEW or series.dtype.is_nested() or series.n_unique() < len(series):
            return False
        numbers = series.cast(pl.Int64, strict=False) if series.dtype == pl.String or series.dtype.is_integer() else None
        if numbers is None or numbers.null_count():
            return False
    return True


def _within(before: Any, after: Any, names: Sequence[str], watched: Sequence[str], label: str, clusters: Clusters | None) -> Iterator[GroupShift]:
    if label not in names:
        return
    pl = load_polars()
    few = [name for name in names if name != label and (name in watched or 2 <= before[name].cast(pl.String).n_unique() <= _FEW)][:_MOST_GROUPED]
    yield from group_shifts(before, after, few, [label], watched, clusters)
    yield from group_shifts(before, after, [label], [name for name in names if name != label][:_MOST_GROUPED], watched, clusters)


def _is_notable(one: ColumnShift, share: float) -> bool:
    if share < 1.0 and one.kind == "lost-value":
        return False  # new rows need not have everything
    return one.effect >= _NOTABLE[one.kind] and one.effect * share >= _OF_ALL


def _told_groups(within: Sequence[GroupShift], p: Sequence[float], moved: dict[str, float], share: float, label: str) -> tuple[GroupShift, ...]:
    """What differs within a group by more than it does everywhere; of each column the group in which it differs the most."""
    best: dict[tuple[str, str], GroupShift] = {}
    for one, q in zip(within, p, strict=False):
        enough = max(_IN_A_GROUP, _MORE_THAN_ALL * moved.get(one.shift.column, 0.0))
        if q >= ALPHA or one.shift.kind not in ("values", "categories") or one.shift.effect < enough or one.shift.effect * share < _OF_ALL:
            continue
        key = one.group, one.shift.column
        if key not in best or one.shift.effect > best[key].shift.effect:
            best[key] = msgspec.structs.replace(one, shift=msgspec.structs.replace(one.shift, p=q))
    once = [
        one for (group, column), one in best.items() if (column, group) not in best or group != label
    ]  # labels in a source are a source among labels
    return tuple(sorted(once, key=lambda one: -one.shift.effect))


def _factor(before: Any, after: Any) -> float | None:
    """The number by which every quantile of a column has been multiplied, if there is one: 2.54, 1000."""
    one, two = numbers_of(before.drop_nulls()), numbers_of(after.drop_nulls())
    if one is None or two is None:
        return None
    first, second = np.quantile(one, _QUANTILES), np.quantile(two, _QUANTILES)
    spread = first[-1] - first[0]
    if spread <= 0 or np.count_nonzero(first) < len(first) - 1:
        return None
    factor = float((second[-1] - second[0]) / spread)
    if factor <= 0 or 0.8 < factor < 1.25:
        return None
    return factor if np.abs(second / factor - first).max() < 0.1 * spread else None


def _swapped(before: Any, after: Any, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of columns of which each now looks as the other did, and not as itself."""
    one = {name: numbers_of(before[name].drop_nulls()) for name in names}
    two = {name: numbers_of(after[name].drop_nulls()) for name in names}
    for i, a in enumerate(names):
        for b in names[:i]:
            across = [(one[a], two[b]), (one[b], two[a])]
            along = [(one[a], two[a]), (one[b], two[b])]
            if max(map(_apart, across)) < 0.1 and min(map(_apart, along)) > 2 * max(map(_apart, across)):
                yield b, a


def _apart(pair: tuple[Any, Any]) -> float:
    return ks_distance(*pair) if all(one is not None and len(one) for one in pair) else 1.0


def surplus(found: Comparison, table: Any, rows: Sequence[int]) -> dict[int, float]:
    """Return, of ``rows`` of the later ``table``, those of a class, source or value whose share has grown, each with the chance that it is one too many.

    Where a share went from p to q among the rows that were compared, p / q of them are as many as there were before.
    """
    pl = load_polars()
    scores: dict[int, float] = {}
    places = np.asarray(rows, dtype=np.int64)
    grown = [(one.column, one.detail) for one in found.shifts if one.detail and one.detail[2] > one.detail[1]]
    for column, (value, share, now) in grown if len(places) else ():
        cells = table[column][places]
        number = cells.cast(pl.Float64, strict=False).cast(pl.String)
        for place in places[((cells.cast(pl.String) == value) | (number == value)).fill_null(value=False).to_numpy()].tolist():
            scores[place] = max(scores.get(place, 0.0), 1.0 - share / now)
    return scores
