"""What has changed between two versions of a data set, or between what a model learned from and what it meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.others import of_role, opened
from aisecops.checks.data_set.rows import attach_rows
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

if TYPE_CHECKING:
    from aisecops.datasets.shift import ColumnShift

_ALPHA = 0.01
"""The chance of any false alarm among all columns of a comparison."""
_NOTABLE, _LARGE, _GROWN = 0.1, 0.3, 0.05
"""Effects from which on a change is told, is severe, and, of a label or source, is told."""
_MOST_ROWS = 200_000
_FEWEST_ROWS = 30
_MOST_NAMED = 12


@check(
    id="data-set/drift",
    title="A new version is like the one before",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=("data-drift",),
)
def drift(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Compare a data set with its earlier version, or production data with the reference, and tell what has changed beyond chance.

    What it finds
        Columns that have come, gone or changed their distribution, classes and sources whose share has grown, values that have begun to be missing. Which rows are new
        is found from the digests of both versions.

    Why it matters
        Whoever poisons a data set must change it: rows of one class or from one source that nobody can explain are how it shows. And a model is only as good as its
        last measurement, on data that may no longer be what it meets.

    Example
        Since the last version ``source = partner-7`` went from 2 % to 11 % of the rows, nearly all of them labelled ``benign``.

    How to fix
        Have whoever delivered the rows explain them before anybody trains; quarantine what nobody can explain. Where the world has changed, train and measure anew.

    Measurements
        ``drift`` for each column that differs, as effect from 0 to 1; ``changed-share``: the share of rows that the earlier version does not have, attached as Parquet.

    Limits
        Planned by ``previous`` in ``aisecops.yaml``, or by the roles ``reference`` and ``production``. Changes too small for the number of rows are not found; texts
        and pictures are not compared by what they say. The chance that a comparison tells anything where nothing has changed is at most 1 %, over all its columns.

    References
        Holm (1979); Smirnov (1948); Rabanser et al., Failing loudly (NeurIPS 2019).
    """
    yield from data.examined(lambda: _compared(data, ctx))


def _compared(data: DataSet, ctx: Context) -> Iterator[Result]:
    if data.declared.previous:
        before = opened(data.declared.previous, ctx)
        if before is None:
            reason = f"the earlier version {inert(data.declared.previous, 80)} is not a readable table of this run"
            yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="correct `previous` in aisecops.yaml, or scan the folder that holds both")
        else:
            yield from _between(before, data, ctx, versions=True)
    elif data.role == "production":
        for before in of_role(data, "reference", ctx):
            yield from _between(before, data, ctx, versions=False)


def _between(before: DataSet, after: DataSet, ctx: Context, *, versions: bool) -> Iterator[Result]:
    from aisecops.datasets.shift import shifts
    from aisecops.datasets.sources import explained

    named = inert(before.asset.path, 80)
    with explained(after.location):
        one, step_one = _read(before)
        two, step_two = _read(after)
        yield from _columns(before, after, named)
        if max(step_one, step_two) > 1:
            reason = f"every {step_one}th row of {named} and every {step_two}th of this set were compared"
            yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="compare parts of them")
        if min(len(one), len(two)) < _FEWEST_ROWS:
            reason = f"{min(len(one), len(two))} rows are too few to tell a change from chance"
            yield NotExamined(code=Code.NO_POWER, reason=reason, remedy=f"compare at least {_FEWEST_ROWS} rows")
            return
        left_out = {after.roles.id, after.roles.time, after.roles.text, after.roles.split}
        shared = tuple(name for name in after.names if name in before.names and name not in left_out)
        found = shifts(one, two, columns=shared) if shared else []
        yield from _readings(found, named)
        yield from _weaknesses([one for one in found if one.p < _ALPHA], after, named)
        if versions:
            yield from _rows(before, after, ctx, named)


def _read(data: DataSet) -> tuple[Any, int]:
    """The table, or every k-th row of a large one, and k."""
    from aisecops.datasets.pieces import every

    step = max(1, -(-data.rows // _MOST_ROWS))
    return every(data.frame, data.names, step, data.rows), step


def _columns(before: DataSet, after: DataSet, named: str) -> Iterator[Weakness]:
    came = [name for name in after.names if name not in before.names]
    went = [name for name in before.names if name not in after.names]
    if came or went:
        parts = [
            f"{word} {', '.join(f'`{inert(n, 40)}`' for n in names[:_MOST_NAMED])}" for word, names in (("new:", came), ("gone:", went)) if names
        ]
        yield _told(
            "columns", (*came, *went), f"The columns are not those of {named}: {'; '.join(parts)}.", Severity.MEDIUM, "Columns have come or gone"
        )


def _readings(found: Sequence[ColumnShift], named: str) -> Iterator[Reading]:
    worst = sorted(found, key=lambda one: -one.effect)[:50]
    for one in worst:
        if one.p < _ALPHA:
            yield Reading(
                name="drift", value=one.effect, unit="share", better=Better.LOWER, subject=f"{inert(one.column, 60)} ({one.kind}), against {named}"
            )


def _weaknesses(found: Sequence[ColumnShift], data: DataSet, named: str) -> Iterator[Weakness]:
    watched = {name for name in (data.roles.label, data.roles.source) if name}
    for one in found:
        if one.column in watched and one.kind == "categories" and one.effect >= _GROWN and one.detail:
            value, share, now = one.detail
            name = inert(one.column, 60)
            what = f"The share of `{name}` = {inert(value, 40)!r} went from {share:.1%} in {named} to {now:.1%}."
            yield _told(
                "growth", (one.column, value), what, Severity.HIGH if one.effect >= _LARGE else Severity.MEDIUM, "One class or source has grown"
            )
    others = sorted((one for one in found if one.column not in watched and one.effect >= _NOTABLE), key=lambda one: -one.effect)
    if others:
        listed = ", ".join(f"`{inert(one.column, 40)}` ({one.kind}, {one.effect:.2f})" for one in others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED:,} more" if len(others) > _MOST_NAMED else ""
        severity = Severity.MEDIUM if others[0].effect >= _LARGE else Severity.LOW
        what = f"Not distributed as in {named}, beyond chance: {listed}{more} (0: the same, 1: nothing in common)."
        yield _told("distribution", sorted(one.column for one in others), what, severity, "Columns have changed")


def _rows(before: DataSet, after: DataSet, ctx: Context, named: str) -> Iterator[Result]:
    from aisecops.datasets.versions import changed_rows, difference, version

    if not after.fits(ctx):
        yield after.too_large(ctx)
        return
    found = difference(version(before.frame), version(after.frame))
    _, new = changed_rows(before.frame, after.frame, found)
    attachments = attach_rows(ctx, "data-drift-rows", dict.fromkeys(new, 1.0), after.rows) if new else ()
    yield Reading(
        name="changed-share", value=len(new) / max(1, after.rows), unit="share", n=after.rows, subject=f"against {named}", attachments=attachments
    )


def _told(kind: str, names: Sequence[str], message: str, severity: Severity, title: str) -> Weakness:
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
