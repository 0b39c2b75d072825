"""Whose data a set holds, for how long, under which licence, and who is missing."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

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
from aisecops.core.text import agreeing, count_of, inert
from aisecops.datasets.roles import words_of
from aisecops.project.data_sets import TIME, Governance

_CONTACT = re.compile(r"(?:.* )?(?:e ?mail|mail|email address|mail address|phone|telephone|mobile|cell)(?: (?:number|no))?")
_TITLES = {"erased-rows": "Rows that must be gone", "unconsented-rows": "Rows without consent", "expired-rows": "Rows past their retention"}


@check(
    id="data-set/governance",
    title="The data may be used, and nobody is in them who must not be",
    inputs=(AssetKind.DATA_SET,),
    stage=Stage.DATA,
    threat=Threat.PRIVACY,
    categories=("data-governance",),
    refs=(PRIVATE_DATA_EXPOSED,),
    version=4,
)
def governance(data: DataSet, ctx: Context) -> Iterator[Result]:
    """Find rows that must be gone, persons who have not agreed, groups that are missing, and data without a licence for what they are used for.

    What it finds
        Where ``erased`` names a list of salted hashes in ``aisecops.yaml``: rows whose ``id``, ``group``, e-mail or telephone number has one of them, or the columns
        that ``erased-by`` names. Where a column speaks of consent (a yes, an objection, the day it was given or taken back): rows without it. With ``retention``: rows
        older than it allows, or than their own column does. With ``population``: groups that are missing or small against it. With ``license``, ``provenance`` or
        ``use``, or a Croissant document: a licence that is missing, contradicted or forbids the declared use, and an origin that nobody names; what cards, catalogues,
        ``datapackage.json``, ``CITATION.cff`` and READMEs beside the data say counts, too.

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
        A person is found where the cell is the id that the list was made from, or another way to write it: case, space, forms of Unicode, ``anna+news@``, signs of a
        telephone number, joined columns. A list made from another spelling than the normal one (``+49 (0) 170 ...``) finds those who are written like it.
        Whether consent covers the purpose nobody can tell. What a licence allows is what its kind allows: no advice of a lawyer. Where too few rows leave it open
        whether a group is small, that is said.

    References
        GDPR Art. 5(1)(e), 7 and 17; EU AI Act Art. 10(3); Clopper and Pearson (1934).
    """
    yield from origin(data)
    yield from data.examined(lambda: _judged(data, ctx))


def _judged(data: DataSet, ctx: Context) -> Iterator[Result]:
    if data.declared.erased:
        yield from _erased(data, ctx)
    yield from _unconsented(data, ctx)
    said = data.declared.governance
    if said and said.population:
        yield from representation(data, said.population)
    if said and (said.since or said.until):
        yield from _expired(data, ctx, said)


def _erased(data: DataSet, ctx: Context) -> Iterator[Result]:
    keys = [key for key in data.declared.erased_by or _whose(data) if all(column in data.names for column in key)]
    if lost := [column for key in data.declared.erased_by for column in key if column not in data.names]:
        reason = f"`erased-by` names the column `{inert(lost[0], 60)}`, which is not there"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy=f"it has {', '.join(inert(name, 40) for name in data.names[:12])}")
    elif not keys:
        reason = "an erasure list is declared, and no column that names whose row it is"
        yield NotExamined(
            code=Code.BAD_INPUT, reason=reason, remedy="declare `id` or `group`, or `erased-by`: the columns that the list was made from"
        )
    if not keys:
        return
    found: dict[int, tuple[str, ...]] = {}
    for key in keys:
        for row in _rows_of(data, key):
            found.setdefault(row, key)
    whose = " or ".join(dict.fromkeys(" and ".join(f"`{inert(column, 60)}`" for column in key) for key in (found.values() or keys[:1])))
    yield from _told(
        data, ctx, sorted(found), "erased-rows", "is/are", f"of a person whom the erasure list names by {whose}", Severity.HIGH, data.rows
    )


def _whose(data: DataSet) -> tuple[tuple[str, ...], ...]:
    """The columns by which a list may know a person, where nobody says which."""
    roles = (data.roles.id, data.roles.group, *data.declared.columns.personal)
    named = (name for name in data.names if _CONTACT.fullmatch(words_of(name)))
    return tuple((name,) for name in dict.fromkeys((*roles, *named)) if name)


def _rows_of(data: DataSet, key: tuple[str, ...]) -> list[int]:
    """The rows whose value of ``key``, a column or several joined, is on the list in any of its spellings."""
    from hashlib import sha256

    from aisecops.datasets.spelled_ids import codes_among, joined, spellings

    pl, listed, salt = polars(), frozenset(data.declared.erased), data.declared.salt.encode()

    def gone(values: tuple[str, ...]) -> bool:
        forms = spellings(values[0], codes) if len(values) == 1 else joined(values)
        return any(sha256(salt + form.encode("utf-8", "surrogatepass")).hexdigest() in listed for form in forms)

    cells = data.collect(data.frame.select(pl.col(column).cast(pl.String).alias(str(at)) for at, column in enumerate(key)))
    persons = cells.drop_nulls().unique(maintain_order=True)
    codes = codes_among(persons.to_series().to_list()) if persons.width == 1 else ()
    found = persons.filter(pl.Series([gone(values) for values in persons.iter_rows()], dtype=pl.Boolean))
    if found.is_empty():
        return []
    rows: list[int] = cells.with_row_index("row").join(found, on=cells.columns, how="semi")["row"].to_list()
    return rows


def _unconsented(data: DataSet, ctx: Context) -> Iterator[Result]:
    from aisecops.datasets.consent import consent_columns, lacking

    said = tuple(consent_columns(data.names, data.roles.consent))
    if not said:
        return
    told = data.collect(data.frame.select(lacking(one).alias(str(at)) for at, one in enumerate(said)))
    against = [one.column for one, column in zip(said, told.iter_columns(), strict=True) if column.any()]
    rows = told.select(polars().any_horizontal(polars().all())).to_series().arg_true().to_list()
    listed = " or ".join(f"`{inert(name, 60)}`" for name in against or [said[0].column])
    yield from _told(data, ctx, rows, "unconsented-rows", "has/have", f"no consent: {listed} says no, or nothing", Severity.MEDIUM, len(told))


def _expired(data: DataSet, ctx: Context, said: Governance) -> Iterator[Result]:
    """Rows recorded before the day ``since``, or to be kept until a day before ``today``."""
    rows: dict[str, list[int]] = {}
    for column, before, why in (
        (
            data.roles.time if said.retention == TIME else said.retention,
            said.since,
            f"older than the retention allows (recorded before {said.since})",
        ),
        (said.until, said.today, f"past the day until which to keep them, before {said.today}"),
    ):
        if before and (column or before == said.since):
            told = yield from _before(data, column, before)
            if told is not None:
                rows[why] = told
    if rows:
        every = sorted(set().union(*rows.values()))
        how = " or ".join(why for why, told in rows.items() if told) or next(iter(rows))
        yield from _told(data, ctx, every, "expired-rows", "is/are", how, Severity.MEDIUM, data.rows)


def _before(data: DataSet, column: str, day: str) -> Generator[Result, None, list[int] | None]:
    """Return the rows whose ``column`` is a day before ``day``; None where it says none."""
    from datetime import date

    from aisecops.datasets.recorded_days import recorded_days

    if column not in data.names:
        reason = (
            "a retention is declared, and no column that says when a row was recorded" if not column else f"there is no column `{inert(column, 60)}`"
        )
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="declare `time`, or `retention.column`")
        return None
    cells = data.collect(data.frame.select(column))[column]
    days = recorded_days(cells)
    unread = int((cells.is_not_null() & days.is_null()).sum())
    if unread:
        those = f"{count_of(unread, len(cells), 'cell')} of `{inert(column, 60)}`{agreeing(unread, 'is no day/are no days')}"
        reason = f"{those} in a way that is known: how old these rows are nobody can say"
        yield NotExamined(code=Code.BAD_INPUT, reason=reason, remedy="write days as YYYY-MM-DD")
    if unread == len(cells):
        return None
    rows: list[int] = (days < date.fromisoformat(day)).fill_null(value=False).arg_true().to_list()
    return rows


def _told(data: DataSet, ctx: Context, rows: list[int], name: str, verb: str, how: str, severity: Severity, total: int) -> Iterator[Result]:
    """Tell of ``rows`` what ``verb``, in both numbers, and ``how`` say of them."""
    attachments = attach_rows(ctx, name, dict.fromkeys(rows, 1.0), total) if rows else ()
    yield Reading(name=name, value=float(len(rows)), unit="rows", n=max(1, total), better=Better.LOWER, attachments=attachments)
    if rows:
        yield Weakness(
            category="data-governance",
            identity=(name,),
            title=_TITLES[name],
            message=f"{count_of(len(rows), total, 'row', verb)} {how}; the first is row {rows[0]:,} (from 0).",
            severity=severity,
            confidence=Confidence.HIGH,
            evidence={"rows": len(rows)},
            fix=Fix("Take them out, and train anew what has learned from them."),
        )
