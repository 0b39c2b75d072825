"""The methods carried out on Polars series: each distinct value is made once, types are kept, missing values stay missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.datasets.extra import load_polars
from aisecops.datasets.headers import MISSING
from aisecops.datasets.masking import Method
from aisecops.defences.anonymisation.dates import Shifts, read, shifted
from aisecops.defences.anonymisation.pseudonyms import Pseudonyms
from aisecops.defences.anonymisation.texts import REMOVED

_OF_NUMBERS = (Method.TOKEN, Method.PHONE, Method.CARD, Method.DIGITS)
_EMPTY = frozenset(MISSING)


class MaskError(UserError):
    """A data set cannot be masked as asked."""


def fits(dtype: Any, method: Method) -> bool:
    """Return whether a method can be carried out on values of this type."""
    pl = load_polars()
    text = dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)
    match method:
        case Method.KEEP | Method.DROP | Method.REDACT:
            return True
        case Method.TEXT:
            return bool(text or dtype.is_nested())
        case Method.EMAIL | Method.IBAN | Method.IP | Method.NAME:
            return text
        case Method.TOKEN | Method.PHONE | Method.CARD | Method.DIGITS:
            return text or dtype.is_integer() or dtype.is_float()
        case Method.SHIFT | Method.YEAR:
            return text or dtype in (pl.Date, pl.Datetime)
        case Method.GENERALISE:
            return text or dtype.is_integer() or dtype.is_float() or dtype in (pl.Boolean, pl.Date, pl.Datetime)


def check_type(column: str, dtype: Any, method: Method) -> None:
    """Refuse a method that cannot be carried out on values of this type. Raises ``MaskError``."""
    if not fits(dtype, method):
        what = f"`{method.value}` is not for values of the type {inert(str(dtype), 40)}"
        raise MaskError(what, where=f"column `{inert(column, 60)}`", fix="choose another method, such as redact or drop")


def type_after(dtype: Any, method: Method) -> Any:
    """Return the type that a column has afterwards: whole numbers are Int64, categories text, all others what they were."""
    pl = load_polars()
    if method is Method.KEEP or dtype == pl.Null:
        return dtype
    if method in _OF_NUMBERS and dtype.is_integer():
        return pl.Int64
    return pl.String if dtype in (pl.Categorical, pl.Enum) else dtype


def replaced(series: Any, make: Callable[[str], str]) -> Any:
    """Return a series of text with each distinct value that is not missing replaced."""
    distinct = [value for value in series.unique().to_list() if value is not None and value.strip() not in _EMPTY]
    made = {value: new for value in distinct if (new := make(value)) != value}
    return series.replace(list(made), list(made.values())) if made else series


def pseudonymised(series: Any, method: Method, pseudonyms: Pseudonyms) -> Any:
    """Return the pseudonyms of a series of text or whole numbers. Raises ``MaskError`` for numbers of 19 digits, which have no room for others."""
    pl = load_polars()
    if series.dtype == pl.Null:
        return series
    made = replaced(as_text(series), lambda value: pseudonyms.of(method, value))
    if not series.dtype.is_numeric():
        return made
    numbers = made.cast(pl.Int64, strict=False)
    if numbers.null_count() > series.null_count():
        what = f"`{method.value}` is for whole numbers of up to 18 digits"
        raise MaskError(what, where=f"column `{inert(series.name, 60)}`", fix="store it as text, or mask it by another method")
    return numbers.cast(series.dtype) if series.dtype.is_float() else numbers


def as_text(series: Any) -> Any:
    """Return values as they are written; whole numbers without a point, also where missing ones have made them floats: they are the same in every file."""
    pl = load_polars()
    if not series.dtype.is_float():
        return series.cast(pl.String)
    known = series.fill_nan(None)
    whole = known.cast(pl.Int64, strict=False)
    return (whole if (whole.cast(series.dtype) == known).all() and whole.null_count() == known.null_count() else known).cast(pl.String)


def redacted(series: Any) -> Any:
    """Return the series with a word for each text, and missing for each value of another type."""
    pl = load_polars()
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        return replaced(series.cast(pl.String), lambda _: REMOVED)
    return pl.Series(series.name, [None] * len(series), dtype=series.dtype)


def shifted_days(series: Any, subjects: Any, shifts: Shifts, form: str) -> Any:
    """Return the days moved by subject; the day of a row without a subject goes missing.

    Parameters
    ----------
    series
        Dates, moments, or text written as ``form``.
    subjects
        The subject of each row, as text.
    """
    pl = load_polars()
    spans: Mapping[str, int] = {subject: shifts.of(subject) for subject in subjects.unique().to_list() if subject is not None and subject.strip()}
    days = pl.Series("days", [spans.get(subject) for subject in subjects.to_list()], dtype=pl.Int64)
    if series.dtype != pl.String:
        return pl.DataFrame({"day": series, "by": days}).select((pl.col("day") + pl.duration(days="by")).cast(series.dtype))["day"].alias(series.name)
    pairs = zip(series.to_list(), days.to_list(), strict=True)
    moved = [value if value is None or value.strip() in _EMPTY else None if by is None else shifted(value.strip(), form, by) for value, by in pairs]
    return pl.Series(series.name, moved, dtype=pl.String)


def years(series: Any, form: str) -> Any:
    """Return the years of days: of text, four digits; of dates, the first day of the year."""
    pl = load_polars()
    if series.dtype == pl.String:
        return replaced(series, lambda value: str(read(value.strip(), form).year))
    return series.dt.truncate("1y")
