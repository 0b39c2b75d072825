"""What a comparison of two versions says, in words. Values of cells are told of labels and sources only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aisecops.core.finding import Fix, Weakness
from aisecops.core.taxonomy import Confidence, Severity
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.datasets.comparison import Comparison
    from aisecops.datasets.roles import ColumnRoles
    from aisecops.datasets.shift import ColumnShift

_LARGE = 0.3
"""The effect from which on a change is severe."""
_MOST_NAMED = 12
_KINDS = {"new-value": "a value that was not there", "lost-value": "a value is gone"}


def columns_told(before: Sequence[str], after: Sequence[str], named: str) -> Iterator[Weakness]:
    """Yield which columns have come or gone."""
    came, went = [name for name in after if name not in before], [name for name in before if name not in after]
    parts = [f"{word} {', '.join(f'`{inert(n, 40)}`' for n in names[:_MOST_NAMED])}" for word, names in (("new:", came), ("gone:", went)) if names]
    if parts:
        message = f"The columns are not those of {named}: {'; '.join(parts)}."
        yield _weakness("columns", (*came, *went), message, Severity.MEDIUM, "Columns have come or gone")


def told(found: Comparison, roles: ColumnRoles, named: str, where: str) -> Iterator[Weakness]:
    """Yield what has changed: classes and sources each by itself, all other columns as one, and what no longer goes together.

    Parameters
    ----------
    named
        The earlier version.
    where
        Which rows were compared; empty: all.
    """
    watched = {name for name in (roles.label, roles.source) if name}
    among = f" {where}" if where else ""
    by_shares = {one.column for one in found.shifts if one.kind == "categories"}
    for one in found.shifts:
        if one.column in watched and one.detail and (one.kind == "categories" or one.column not in by_shares):
            yield _growth(one, named, among)
    yield from _columns([one for one in found.shifts if one.column not in watched or one.kind == "missing"], found, named, among)
    yield from _groups(found, watched, named, among)
    yield from _pairs(found, named, among)


def _growth(one: ColumnShift, named: str, among: str) -> Weakness:
    value, share, now = one.detail or ("", 0.0, 0.0)
    message = f"The share of `{inert(one.column, 60)}` = {inert(value, 40)!r} went from {share:.1%} in {named} to {now:.1%}{among}."
    severity = Severity.HIGH if one.effect >= _LARGE else Severity.MEDIUM
    title = "One class or source has grown" if now > share else "One class or source has shrunk"
    return _weakness("growth", (one.column, value), message, severity, title)


def _columns(shifts: Sequence[ColumnShift], found: Comparison, named: str, among: str) -> Iterator[Weakness]:
    if not shifts:
        return
    others = sorted(shifts, key=lambda one: -one.effect)
    listed = ", ".join(
        f"`{inert(one.column, 40)}` ({_KINDS.get(one.kind, one.kind)}, {one.effect:.2f}{_how(one, found)})" for one in others[:_MOST_NAMED]
    )
    more = f" and {len(others) - _MOST_NAMED:,} more" if len(others) > _MOST_NAMED else ""
    places = "".join(f" `{inert(a, 40)}` and `{inert(b, 40)}` have changed places." for a, b in found.swapped[:_MOST_NAMED])
    message = (
        f"Not distributed as in {named}, beyond chance{among and f', {among.strip()}'}: {listed}{more} (0: the same, 1: nothing in common).{places}"
    )
    severity = Severity.MEDIUM if others[0].effect >= _LARGE else Severity.LOW
    yield _weakness("distribution", sorted({one.column for one in others}), message, severity, "Columns have changed")


def _how(one: ColumnShift, found: Comparison) -> str:
    factor = found.factors.get(one.column) if one.kind == "values" else None
    return f", all multiplied by about {factor:.2g}" if factor else ""


def _groups(found: Comparison, watched: set[str], named: str, among: str) -> Iterator[Weakness]:
    for one in found.groups[:_MOST_NAMED]:
        column, group = inert(one.shift.column, 60), inert(one.group, 60)
        place = f"`{group}` = {inert(one.value, 40)!r}" if one.group in watched else f"one value of `{group}`"
        what = "is not distributed as it was,"
        if one.shift.column in watched and one.shift.detail:
            value, share, now = one.shift.detail
            what = f"= {inert(value, 40)!r} went from {share:.1%} to {now:.1%},"
        message = f"Among the rows of {place}{among}, `{column}` {what} against {named}: an effect of {one.shift.effect:.2f}, more than in all rows."
        severity = Severity.HIGH if one.shift.column in watched and one.shift.effect >= _LARGE else Severity.MEDIUM
        yield _weakness("within", (one.group, one.shift.column), message, severity, "A column has changed within one class or source")


def _pairs(found: Comparison, named: str, among: str) -> Iterator[Weakness]:
    if not found.pairs:
        return
    listed = ", ".join(
        f"`{inert(one.one, 40)}` with `{inert(one.two, 40)}` ({one.before:.2f}, now {one.after:.2f})" for one in found.pairs[:_MOST_NAMED]
    )
    more = f" and {len(found.pairs) - _MOST_NAMED:,} more pairs" if len(found.pairs) > _MOST_NAMED else ""
    place = f"{named}{among and f', {among.strip()}'}"
    message = f"Columns do not go together as in {place}, though each by itself is as it was (rank correlations): {listed}{more}."
    often = sorted(
        {name for one in found.pairs for name in (one.one, one.two)}, key=lambda name: -sum(name in (one.one, one.two) for one in found.pairs)
    )
    yield _weakness("relation", often, message, Severity.MEDIUM, "Columns no longer go together")


def _weakness(kind: str, names: Sequence[str], message: str, severity: Severity, title: str) -> Weakness:
    return Weakness(
        category="data-drift",
        identity=(kind, *names),
        title=title,
        message=message,
        severity=severity,
        confidence=Confidence.HIGH,
        evidence={"kind": kind, "columns": [inert(name, 60) for name in names[:_MOST_NAMED]]},
        fix=Fix("Ask where the new rows come from before anybody trains on them; where the world has changed, train and measure anew."),
    )
