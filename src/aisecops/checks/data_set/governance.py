"""Whose data a set holds, for how long, under which licence, and who is missing."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.data_set.origin import origin
from aisecops.checks.data_set.representation import representation
from aisecops.checks.data_set.rows import attach_rows, polars
from aisecops.checks.data_set.subject import DataSet
from aisecops.checks.references import PRIVATE_DATA_EXPOSED
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, Result, check
from aisecops.core.examination import Code, NotExamined
from aisecops.core.finding import Fix, Weakness
from aisecops.core.measurement import Better, Reading
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat
from aisecops.core.text import inert
from aisecops.project.data_sets import TIME

_TITLES = {"erased-rows": "Rows that must be gone", "unconsented-rows": "Rows without consent", "expired-rows": "Rows past their retention"}
_REFUSED = ("no", "n", "false", "f", "0", "withdrawn", "revoked", "refused", "denied", "opt-out", "opted out", "none")


@check(
    id="data-set/governance",
    title="The data may be used, and nobody is in them who must not be",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.PRIVACY,
    categories=("data-governance",),
    refs=(PRIVATE_DATA_EXPOSED,),
    version=2,
)
def governance(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find rows that must be gone, persons who have not agreed, groups that are missing, and data without a licence for what they are used for.

    What it finds
        Where ``erased`` names a list of salted hashes in ``aisecops.yaml``: rows whose ``id`` (or ``group``) has one of them. Where there is a consent column: rows in
        which it says no, or nothing. With ``retention``: rows older than it allows. With ``population``: groups that are missing or small against it. With ``license``,
        ``provenance`` or ``use``, or a Croissant document: a licence that is missing, contradicted or forbids the declared use, and an origin that nobody names.

    Why it matters
        Who has asked to be deleted comes back with the next export or an old backup, and a model that is trained on the row keeps what it has learned. Who is not in
        the data is who the model fails. A licence that forbids the use is found by the owner of the data at the latest.

    Example
        The erasure of March was done in the database; ``train-2.parquet`` is from February.

    How to fix
        Take the rows out, train anew what has learned from them, and hold each export to the list. Collect what is missing; ask who may use the data.

    Measurements
        ``erased-rows``, ``unconsented-rows`` and ``expired-rows``, with the rows attached as Parquet; ``representation`` of each declared group: its share of the rows
        divided by its declared share, with a Clopper-Pearson interval; all intervals hold together with 95 %.

    Limits
        A person is found by the very id that the list was made from: SHA-256 of the salt and the id as it is written. Whether consent covers the purpose nobody can
        tell. What a licence allows is what its kind allows: no advice of a lawyer. Where too few rows leave it open whether a group is small, that is said.

    References
        GDPR Art. 5(1)(e), 7 and 17; EU AI Act Art. 10(3); Clopper and Pearson (1934).
    """
    yield from origin(data)
    yield from data.examined(lambda: _judged(data, ctx))


def _judged(data: DataSet, ctx: Context) -> Iterator[Result]:
    if data.declared.erased:
        yield from _erased(data, ctx)
    if data.roles.consent:
        yield from _unconsented(data, ctx)
    said = data.declared.governance
    if said and said.population:
        yield from representation(data, said.population)
    if said and said.since:
        yield from _expired(data, ctx, data.roles.time if said.retention == TIME else said.retention, said.since)


def _erased(data: DataSet, ctx: Context) -> Iterator[Result]:
    from hashlib import sha256

    column = data.roles.id or data.roles.group
    if not column:
        yield NotExamined(
            code=Code.BAD_INPUT, reason="an erasure list is declared, and no column that names whose row it is", remedy="declare `id` or `group`"
        )
        return
    pl, listed, salt = polars(), frozenset(data.declared.erased), data.declared.salt.encode()
    cells = data.collect(data.frame.select(pl.col(column).cast(pl.String).str.strip_chars()))[column]
    gone = [value for value in cells.drop_nulls().unique().to_list() if sha256(salt + value.encode()).hexdigest() in listed]
    rows = cells.is_in(gone).arg_true().to_list() if gone else []
    yield from _told(data, ctx, rows, "erased-rows", f"whose `{inert(column, 60)}` is on the erasure list", Severity.HIGH, len(cells))


def _unconsented(data: DataSet, ctx: Context) -> Iterator[Result]:
    pl, column = polars(), data.roles.consent
    said = data.collect(data.frame.select(pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()))[column]
    rows = (said.is_null() | said.is_in(list(_REFUSED))).arg_true().to_list()
    yield from _told(data, ctx, rows, "unconsented-rows", f"whose `{inert(column, 60)}` says no, or nothing", Severity.MEDIUM, len(said))


def _expired(data: DataSet, ctx: Context, column: str, since: str) -> Iterator[Result]:
    """Rows recorded before the day ``since``."""
    if column not in data.names:
        reason = (
            "a retention is declared, and no column that says when a row was recorded" if not column else f"there is no column `{inert(column, 60)}`"
        )
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="declare `time`, or `retention.column`")
        return
    pl, dtype = polars(), data.frame.collect_schema()[column]
    if dtype.base_type() in (pl.Date, pl.Datetime):
        day = pl.col(column).cast(pl.Date)
    else:
        day = pl.col(column).cast(pl.String).str.strip_chars().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    told = data.collect(data.frame.select(day.alias("day"), pl.col(column).is_not_null().alias("present")))
    unread = int((told["present"] & told["day"].is_null()).sum())
    if unread:
        reason = (
            f"{unread:,} of {len(told):,} cells of `{inert(column, 60)}` are no day that begins YYYY-MM-DD: how old these rows are nobody can say"
        )
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="write days as YYYY-MM-DD")
    if unread < len(told):
        rows = told.select(pl.arg_where(pl.col("day") < pl.lit(since).str.to_date())).to_series().to_list()
        yield from _told(
            data, ctx, rows, "expired-rows", f"are older than the retention allows (recorded before {since})", Severity.MEDIUM, len(told)
        )


def _told(data: DataSet, ctx: Context, rows: list[int], name: str, whose: str, severity: Severity, total: int) -> Iterator[Result]:
    attachments = attach_rows(ctx, name, dict.fromkeys(rows, 1.0), total) if rows else ()
    yield Reading(name=name, value=float(len(rows)), unit="rows", n=max(1, total), better=Better.LOWER, attachments=attachments)
    if rows:
        yield Weakness(
            category="data-governance",
            identity=(name,),
            title=_TITLES[name],
            message=f"{len(rows):,} of {total:,} rows {whose}; the first is row {rows[0]:,} (from 0).",
            severity=severity,
            confidence=Confidence.HIGH,
            evidence={"rows": len(rows)},
            fix=Fix("Take them out, and train anew what has learned from them."),
        )
