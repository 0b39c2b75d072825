"""What has changed between two versions of a data set, or between what a model learned from and what it meets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from aisecops.checks.data_set.drift_told import columns_told, told
from aisecops.checks.data_set.others import of_role, opened
from aisecops.checks.data_set.rows import attach_rows
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Stage, Threat
from aisecops.core.text import count, inert

if TYPE_CHECKING:
    from aisecops.datasets.comparison import Comparison

_MOST_ROWS = 200_000
_FEWEST_ROWS = 30
_ALL_NEW = 0.95
"""The share of new rows from which on there is nothing that has stayed."""
_EDITED = 0.5
"""Rows that have gone, for each new one, from which on the new ones are taken for what became of them."""
_UNLIKE = 0.9
"""The share of different rows below which rows of two versions are alike by chance: what is left over of each is then no sample of anything."""


@check(
    id="data-set/drift",
    title="A new version is like the one before",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.DATA_POISONING,
    categories=("data-drift",),
    version=2,
)
def drift(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Compare a data set with its earlier version, or production data with the reference, and tell what has changed beyond chance.

    What it finds
        Columns that have come, gone or changed their distribution, were multiplied (another unit) or have changed places; classes and sources whose share has grown or
        that are gone; values that there never were, or that have begun to be missing; labels that have changed within one source, and columns that no longer go together
        as they did. Which rows are new is found from the digests of both versions; where others have stayed, the new rows are compared with those before, or with the
        rows that they have replaced: one in a hundred rows of another kind is seen there, and not in the whole.

    Why it matters
        Whoever poisons a data set must change it: rows of one class or from one source that nobody can explain are how it shows. And a model is only as good as its
        last measurement, on data that may no longer be what it meets.

    Example
        Since the last version ``source = partner-7`` went from 2 % to 11 % of the rows, nearly all of them labelled ``benign``.

    How to fix
        Have whoever delivered the rows explain them before anybody trains; quarantine what nobody can explain. Where the world has changed, train and measure anew.

    Measurements
        ``drift`` for each column that differs, as effect from 0 to 1; ``changed-share``: the share of rows that the earlier version does not have, and ``surplus-share``:
        the share of rows of a class, a source or a value that has grown, each attached as Parquet with the chance of each row to be one too many.

    Limits
        Planned by ``previous`` in ``aisecops.yaml``, or by the roles ``reference`` and ``production``. Changes too small for the number of rows are not found; texts
        and pictures are not compared by what they say. The chance that a comparison tells anything where nothing has changed is at most 1 %, over all its columns. Rows
        of one customer, or of one week, are not independent: where there is a column of groups, or a later version has a column of times, what differs between customers
        or weeks of the earlier version is no change.

    References
        Holm (1979); Smirnov (1948); Rao and Scott (1981); Rabanser et al., Failing loudly (NeurIPS 2019).
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
    from aisecops.datasets.comparison import clusters_of, compared
    from aisecops.datasets.sources import explained
    from aisecops.datasets.written import as_written

    named = inert(before.asset.path, 80)
    with explained(after.location):
        one, step_one = _read(before)
        two, step_two = _read(after)
        yield from columns_told(before.names, after.names, named)
        if max(step_one, step_two) > 1:
            reason = f"every {step_one}th row of {named} and every {step_two}th of this set were compared"
            yield NotExamined(code=Code.TRUNCATED, reason=reason, remedy="compare parts of them")
        if min(len(one), len(two)) < _FEWEST_ROWS:
            reason = f"{count(min(len(one), len(two)), 'row', 'is/are')} too few to tell a change from chance"
            yield NotExamined(code=Code.NO_POWER, reason=reason, remedy=f"compare at least {_FEWEST_ROWS} rows")
            return
        new: tuple[int, ...] | None = None
        if versions:
            if after.fits(ctx):
                gone, new = _differing(before.frame, after.frame)
                if len(new) >= _ALL_NEW * after.rows:  # 7 that is 7.0 now, since a cell is missing, is no change
                    gone, new = _differing(as_written(before.frame), as_written(after.frame))
            else:
                yield after.too_large(ctx)
        clusters = clusters_of(one, two, after.roles)
        if new is not None and step_one == step_two == 1 and _FEWEST_ROWS <= len(new) < _ALL_NEW * len(two) and two.n_unique() >= _UNLIKE * len(two):
            replaced = list(gone) if len(gone) >= max(_FEWEST_ROWS, _EDITED * len(new)) else None
            old = one if replaced is None else one[replaced]
            kept = clusters if clusters is None or replaced is None else clusters.among(_mask(replaced, len(one)))
            found = compared(old, two[list(new)], after.roles, share=len(new) / len(two), clusters=kept)
            where = f"of the {len(new):,} new rows, against {'all' if replaced is None else f'the {len(replaced):,} that are gone'}"
        else:
            found, where = compared(one, two, after.roles, clusters=clusters), ""
        yield from _readings(found, named)
        yield from told(found, after.roles, named, where)
        if new is not None:
            yield from _rows(found, two, new, after, ctx, named)


def _mask(rows: Sequence[int], count: int) -> Any:
    import numpy as np

    mask = np.zeros(count, dtype=bool)
    mask[list(rows)] = True
    return mask


def _read(data: DataSet) -> tuple[Any, int]:
    """The table, or every k-th row of a large one, and k."""
    from aisecops.datasets.pieces import every

    step = max(1, -(-data.rows // _MOST_ROWS))
    return every(data.frame, data.names, step, data.rows), step


def _differing(before: Any, after: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rows that only the earlier version has, and those that only the later one has, of two lazy Polars frames."""
    from aisecops.datasets.versions import changed_rows, difference, version

    return changed_rows(before, after, difference(version(before), version(after)))


def _readings(found: Comparison, named: str) -> Iterator[Reading]:
    for one in sorted(found.shifts, key=lambda one: -one.effect)[:50]:
        subject = f"{inert(one.column, 60)} ({one.kind}), against {named}"
        yield Reading(name="drift", value=min(1.0, one.effect), unit="share", better=Better.LOWER, subject=subject)


def _rows(found: Comparison, table: Any, new: Sequence[int], data: DataSet, ctx: Context, named: str) -> Iterator[Result]:
    """Which rows are new, and of those that are of a kind that has grown the chance of each to be one too many."""
    from aisecops.datasets.comparison import surplus

    if len(table) != data.rows:
        return
    attachments = attach_rows(ctx, "data-drift-rows", dict.fromkeys(new, 1.0), data.rows) if new else ()
    yield Reading(
        name="changed-share", value=len(new) / max(1, data.rows), unit="share", n=data.rows, subject=f"against {named}", attachments=attachments
    )
    if scores := surplus(found, table, new):
        attachments = attach_rows(ctx, "data-drift-surplus", scores, data.rows)
        share = sum(scores.values()) / data.rows
        yield Reading(
            name="surplus-share", value=share, unit="share", n=data.rows, better=Better.LOWER, subject=f"against {named}", attachments=attachments
        )
