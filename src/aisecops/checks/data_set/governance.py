"""Rows that must be gone, and rows of persons who have not agreed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aisecops.checks.data_set.rows import attach_rows
from aisecops.checks.data_set.subject import DataSet
from aisecops.checks.references import PRIVATE_DATA_EXPOSED
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert

_REFUSED = ("no", "n", "false", "f", "0", "withdrawn", "revoked", "refused", "denied", "opt-out", "opted out", "none")


@check(
    id="data-set/governance",
    title="Nobody is in the data who must not be",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.PRIVACY,
    categories=("data-governance",),
    refs=(PRIVATE_DATA_EXPOSED,),
)
def governance(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find rows that an erasure list says must be gone, and rows whose consent column says no.

    What it finds
        Where ``erased`` names a list of salted hashes in ``aisecops.yaml``: rows whose ``id`` (or ``group``) has one of them. Where there is a consent column: rows in
        which it says no, or nothing.

    Why it matters
        Who has asked to be deleted comes back with the next export or an old backup, and a model that is trained on the row keeps what it has learned.

    Example
        The erasure of March was done in the database; ``train-2.parquet`` is from February.

    How to fix
        Take the rows out, train anew what has learned from them, and hold each export to the list.

    Measurements
        ``erased-rows`` and ``unconsented-rows``, with the rows attached as Parquet.

    Limits
        A person is found by the very id that the list was made from: SHA-256 of the salt and the id as it is written. Whether consent covers the purpose nobody can tell.

    References
        GDPR Art. 7 and 17.
    """
    yield from data.examined(lambda: _judged(data, ctx))


def _judged(data: DataSet, ctx: Context) -> Iterator[Result]:
    if data.declared.erased:
        yield from _erased(data, ctx)
    if data.roles.consent:
        yield from _unconsented(data, ctx)


def _erased(data: DataSet, ctx: Context) -> Iterator[Result]:
    from hashlib import sha256

    column = data.roles.id or data.roles.group
    if not column:
        yield NotExamined(
            code=Code.BAD_INPUT, reason="an erasure list is declared, and no column that names whose row it is", remedy="declare `id` or `group`"
        )
        return
    pl, listed, salt = _polars(), frozenset(data.declared.erased), data.declared.salt.encode()
    cells = data.collect(data.frame.select(pl.col(column).cast(pl.String).str.strip_chars()))[column]
    gone = [value for value in cells.drop_nulls().unique().to_list() if sha256(salt + value.encode()).hexdigest() in listed]
    rows = cells.is_in(gone).arg_true().to_list() if gone else []
    yield from _told(data, ctx, rows, "erased-rows", f"whose `{inert(column, 60)}` is on the erasure list", Severity.HIGH, len(cells))


def _unconsented(data: DataSet, ctx: Context) -> Iterator[Result]:
    pl, column = _polars(), data.roles.consent
    said = data.collect(data.frame.select(pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()))[column]
    rows = (said.is_null() | said.is_in(list(_REFUSED))).arg_true().to_list()
    yield from _told(data, ctx, rows, "unconsented-rows", f"whose `{inert(column, 60)}` says no, or nothing", Severity.MEDIUM, len(said))


def _told(data: DataSet, ctx: Context, rows: list[int], name: str, whose: str, severity: Severity, total: int) -> Iterator[Result]:
    attachments = attach_rows(ctx, name, dict.fromkeys(rows, 1.0), total) if rows else ()
    yield Reading(name=name, value=float(len(rows)), unit="rows", n=max(1, total), better=Better.LOWER, attachments=attachments)
    if rows:
        yield Weakness(
            category="data-governance",
            identity=(name,),
            title="Rows that must be gone" if name == "erased-rows" else "Rows without consent",
            message=f"{len(rows):,} of {total:,} rows {whose}; the first is row {rows[0]:,} (from 0).",
            severity=severity,
            confidence=Confidence.HIGH,
            evidence={"rows": len(rows)},
            fix=Fix("Take them out, and train anew what has learned from them."),
        )


def _polars() -> Any:
    from aisecops.datasets.sources import load_polars

    return load_polars()
