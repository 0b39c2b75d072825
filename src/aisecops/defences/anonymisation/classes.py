"""The pass that k-anonymity needs: the quasi-identifiers of all rows in memory at once, split into classes, and each class with one value in each column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np

from aisecops.core.text import inert
from aisecops.datasets.extra import load_polars
from aisecops.datasets.headers import MISSING
from aisecops.datasets.masking import MaskSettings, Method
from aisecops.defences.anonymisation.columns import MaskError
from aisecops.defences.anonymisation.dates import ISO, DateError, format_of, read
from aisecops.defences.anonymisation.generalisation import Categories, Codes, Numbers, Quasi
from aisecops.defences.anonymisation.partition import Integers, partition
from aisecops.defences.anonymisation.plan import ColumnPlan
from aisecops.defences.anonymisation.risk import Risk, Sensitive, combined, diversity, persons, risk

_POSTAL = re.compile(r"(?i)zip|post_?(?:al)?_?code|plz|(?:^|_)cp(?:$|_)")
_EMPTY = frozenset(MISSING)
_CODE = re.compile("0[0-9]{3,9}")
"""Zeros in front: no number of anything."""
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")


class Classes(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in classes, and what they get.

    Parameters
    ----------
    of_row
        The class of each row, shape (n,).
    values
        Column to a Polars series with the value of each class.
    lost
        Column to the width that its values have now, averaged over rows: 0 nothing lost, 1 all of it.
    before, after
        The risk by all quasi-identifiers; None where there are none.
    """

    of_row: Integers
    values: dict[str, Any]
    lost: dict[str, float]
    before: Risk | None
    after: Risk | None


def classes_of(frame: Any, plans: Sequence[ColumnPlan], settings: MaskSettings, subject: str, sensitive: Sequence[str]) -> Classes:
    """Split the rows of a table.

    Parameters
    ----------
    frame
        A lazy Polars frame; of it the quasi-identifiers, the subject and the sensitive columns are held in memory.
    plans
        What is done to each column: those generalised are split by, those kept although they are quasi-identifiers count in the risk.
    subject
        The column that says whose row it is; empty: each row is another person's.
    sensitive
        Columns that nobody must learn of a person.

    Raises
    ------
    MaskError
        There are fewer persons than k, or l or t do not even hold for the table as a whole.
    """
    quasi = [plan.name for plan in plans if plan.quasi and plan.method in (Method.GENERALISE, Method.KEEP)]
    table = frame.select(list(dict.fromkeys((*quasi, *sensitive, *((subject,) if subject else ()))))).collect(engine="streaming")
    subjects = _codes(table[subject]) if subject else None
    guarded = {name: _sensitive(table[name]) for name in sensitive}
    found = {plan.name: _quasi(table[plan.name], settings) for plan in plans if plan.method is Method.GENERALISE}
    of_row = np.zeros(len(table), dtype=np.int64)
    if found and settings.k > 1:
        holds = _promise(settings, subjects, guarded)
        _check_whole(settings, len(table), subjects, guarded, holds)
        of_row = partition(np.column_stack([column.points() for column, _ in found.values()]), settings.k, holds)
    elif found:
        of_row = combined([_codes(table[name]) for name in found])
    values, lost, recoded = {}, {}, {}
    for name, (column, write) in found.items():
        told = column.recoded(of_row)
        values[name] = write(told.values).alias(name)
        lost[name] = float(told.widths[of_row].mean())
        recoded[name] = _codes(values[name])[of_row]
    codes = {name: _codes(table[name]) for name in quasi}
    told_before = risk(list(codes.values()), subjects, guarded, settings.population) if quasi else None
    told_after = risk([recoded.get(name, codes[name]) for name in quasi], subjects, guarded, settings.population) if quasi else None
    return Classes(of_row=of_row, values=values, lost=lost, before=told_before, after=told_after)


def _codes(series: Any) -> Integers:
    """Number the values of a column; a missing one is a value."""
    codes: Integers = series.rank("dense").fill_null(0).cast(load_polars().Int64).to_numpy()
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _sensitive(series: Any) -> Sensitive:
    """Numbers have an order, also those that CSV holds as text."""
    pl = load_polars()
    if series.dtype == pl.String:
        numbers = series.str.strip_chars().cast(pl.Float64, strict=False)
        series = numbers if numbers.null_count() == series.is_in([*_EMPTY]).sum() + series.null_count() else series
    return Sensitive.of(_codes(series), ordered=series.dtype.is_numeric())


def _promise(settings: MaskSettings, subjects: Integers | None, sensitive: Mapping[str, Sensitive]) -> Callable[[Integers], bool]:
    """Return what the rows of each class must hold to, besides being k."""
    whole = {name: column.shares() for name, column in sensitive.items()}

    def holds(rows: Integers) -> bool:
        if subjects is not None and len(np.unique(subjects[rows])) < settings.k:
            return False
        for name, column in sensitive.items() if settings.l > 1 or settings.t < 1 else ():
            if len(np.unique(column.values[rows])) < settings.l or column.distance(column.shares(rows) - whole[name]) > settings.t:
                return False
        return True

    return holds


def _check_whole(
    settings: MaskSettings, rows: int, subjects: Integers | None, sensitive: Mapping[str, Sensitive], holds: Callable[[Integers], bool]
) -> None:
    everybody = int(persons(np.zeros(rows, dtype=np.int64), subjects)[0])
    if everybody < settings.k:
        raise MaskError(
            f"there are {everybody:,} persons, too few to hide among {settings.k}", fix="ask for a smaller k, or drop the quasi-identifiers"
        )
    if not holds(np.arange(rows)):
        few = min(sensitive, key=lambda name: diversity(np.zeros(rows, dtype=np.int64), sensitive[name]))
        raise MaskError(f"`{inert(few, 60)}` has fewer than {settings.l} different values in the whole table", fix="ask for a smaller l")


def is_met(after: Risk, settings: MaskSettings) -> bool:
    """Whether a table is as anonymous as ``settings`` ask."""
    return after.k >= settings.k and all(found >= settings.l for found in after.l.values()) and all(found <= settings.t for found in after.t.values())


# ---------------------------------------------------------------- columns as quasi-identifiers


def _quasi(series: Any, settings: MaskSettings) -> tuple[Quasi, Callable[[list[Any]], Any]]:
    """Return the column as something to split by, and what writes its new values in its own type."""
    pl = load_polars()
    dtype = series.dtype
    if series.name in settings.hierarchies:
        return _categories(series, settings.hierarchies[series.name])
    if dtype.is_integer() or dtype.is_float():
        values = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
        return Numbers(values, whole=dtype.is_integer()), lambda new: pl.Series(new, dtype=dtype if dtype.is_integer() else pl.Float64).cast(dtype)
    if dtype == pl.Date or dtype == pl.Datetime:
        return Numbers(_days(series), days=True), lambda new: pl.Series(new, dtype=pl.Date).cast(dtype)
    if dtype == pl.Boolean:
        truth = {"true": True, "false": False}
        return Categories(series.cast(pl.String).to_list()), lambda new: pl.Series([truth.get(value) for value in new], dtype=pl.Boolean)
    return _of_text(series)


def _days(series: Any) -> Any:
    pl = load_polars()
    return series.cast(pl.Date).cast(pl.Int32).cast(pl.Float64).fill_null(np.nan).to_numpy()


def _of_text(series: Any) -> tuple[Quasi, Callable[[list[Any]], Any]]:
    """Text may hold numbers or days: CSV has nothing else."""
    pl = load_polars()
    texts = [None if value is None or value.strip() in _EMPTY else value.strip() for value in series.cast(pl.String).to_list()]
    known = sorted({value for value in texts if value is not None})
    if _POSTAL.search(series.name) or any(_CODE.fullmatch(value) for value in known):
        return Codes(texts), _as_text
    if known and (numbers := _numbers(known)):
        whole = all(_WHOLE.fullmatch(value) for value in known)
        values = np.array([np.nan if value is None else numbers[value] for value in texts])
        return Numbers(values, whole=whole), lambda new: _as_text([None if value is None else repr(value) for value in new])
    try:
        form = format_of(known, series.name) if known else ""
    except DateError:
        form = ""
    if not form:
        return Categories(texts), _as_text
    day = {value: (read(value, form).date() - date(1970, 1, 1)).days for value in known}
    days = np.array([np.nan if value is None else float(day[value]) for value in texts])
    return Numbers(days, days=True), lambda new: _as_text(
        [None if value is None else value.isoformat() if form == ISO else value.strftime(form) for value in new]
    )


def _numbers(known: Sequence[str]) -> dict[str, float] | None:
    try:
        found = {value: float(value) for value in known}
    except ValueError:
        return None
    return found if all(np.isfinite(list(found.values()))) else None


def _categories(series: Any, kinds: Mapping[str, str]) -> tuple[Quasi, Callable[[list[Any]], Any]]:
    pl = load_polars()
    if series.dtype not in (pl.String, pl.Categorical, pl.Enum):
        raise MaskError(
            "a hierarchy is for texts", where=f"column `{inert(series.name, 60)}`", fix="leave the hierarchy out: numbers and days have their own"
        )
    try:
        return Categories([None if value in _EMPTY else value for value in series.cast(pl.String).to_list()], kinds), _as_text
    except ValueError as wrong:
        raise MaskError(
            inert(str(wrong), 100), where=f"hierarchy of `{inert(series.name, 60)}`", fix="let each value be a kind of something wider"
        ) from None


def _as_text(values: list[Any]) -> Any:
    pl = load_polars()
    return pl.Series(values, dtype=pl.String)
