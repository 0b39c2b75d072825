"""The day on which each row was recorded, from whatever a column says it with: days in the ways of the world, moments, seconds since 1970."""

from __future__ import annotations

from typing import Any

from aisecops.datasets.extra import load_polars

_DAY = 86_400.0
_UNITS = ((1e8, 1.0), (1e11, 1e3), (1e14, 1e6), (1e17, 1e9))
"""Smallest number that is taken for a moment, and how many of its units make a second: 1973 to 2286 in seconds, milliseconds, micro- and nanoseconds."""
_SPAN = 1e2
_WAYS = (
    (r"^(\d{4}-\d{1,2}-\d{1,2})(?:[T ].*)?$", "%Y-%m-%d"),
    (r"^(\d{4}/\d{1,2}/\d{1,2})(?:[T ].*)?$", "%Y/%m/%d"),
    (r"^(\d{4}\.\d{1,2}\.\d{1,2})\.?(?:[T ].*)?$", "%Y.%m.%d"),
    (r"^(\d{1,2}\.\d{1,2}\.\d{4})(?:,? .*)?$", "%d.%m.%Y"),
    (r"^(\d{8})(?:T\d{4,6}Z?)?$", "%Y%m%d"),
    (r"^(\d{4}-W\d{2}-\d)$", "%G-W%V-%u"),
    (r"^(\d{4}-\d{3})$", "%Y-%j"),
    (r"^(?:[A-Z][a-z]+,? )?(\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4})(?: .*)?$", "%d %b %Y"),
    (r"^(?:[A-Z][a-z]+,? )?(\d{1,2} [A-Z][a-z]{3,8} \d{4})(?: .*)?$", "%d %B %Y"),
    (r"^(\d{1,2} [A-Z][a-z]{2} \d{2})$", "%d %b %y"),
    (r"^([A-Z][a-z]{2} \d{1,2} \d{4})(?: .*)?$", "%b %d %Y"),
    (r"^([A-Z][a-z]{3,8} \d{1,2} \d{4})(?: .*)?$", "%B %d %Y"),
)
_EITHER = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T,].*)?$"


def recorded_days(cells: Any) -> Any:
    """Return the day of each cell of a Polars series, null where it says none.

    Where a column writes ``03/04/2024`` and none of its cells tells day from month, each is the later of its two days: no row is called older than it may be.
    """
    pl = load_polars()
    if cells.dtype.base_type() in (pl.Date, pl.Datetime):
        return cells.cast(pl.Date)
    text = cells.cast(pl.String).str.strip_chars()
    # 05-JAN-19 as 05 Jan 19
    short = r"^(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{2,4})"
    spaced = text.str.replace(short, "$1 $2 $3").str.to_titlecase()
    named = pl.select(pl.when(pl.lit(text).str.contains(short)).then(pl.lit(spaced)).otherwise(pl.lit(text))).to_series()
    plain = named.str.replace(r"^([A-Z][a-z]{2,8} \d{1,2}),", "${1}")
    found = [plain.str.extract(pattern).str.to_date(way, strict=False) for pattern, way in _WAYS]
    return pl.select(pl.coalesce(*found, _moments(text), _either(text), _last_days(text))).to_series().alias(cells.name)


def _last_days(text: Any) -> Any:
    """The last day of a month (``2019-01``), of a week (``2019-W05``), of a quarter (``2019-Q1``) or of a year: no row is called older than it may be."""
    pl = load_polars()
    week = text.str.extract(r"^(\d{4}-?W\d{2})$").str.replace(r"^(\d{4})W", "${1}-W")
    quarter = text.str.extract(r"^(\d{4}[- ]?Q[1-4])$")
    for number, end in enumerate(("-03-31", "-06-30", "-09-30", "-12-31"), 1):
        quarter = quarter.str.replace(rf"[- ]?Q{number}$", end)
    month = text.str.extract(r"^(\d{4}[-/](?:0[1-9]|1[0-2]))$").str.replace("/", "-")
    year = text.str.extract(r"^((?:19|20)\d{2})(?:\.0)?$")
    return pl.select(
        pl.coalesce(
            (week + "-7").str.to_date("%G-W%V-%u", strict=False),
            quarter.str.to_date("%Y-%m-%d", strict=False),
            (month + "-01").str.to_date("%Y-%m-%d", strict=False).dt.month_end(),
            (year + "-12-31").str.to_date("%Y-%m-%d", strict=False),
        )
    ).to_series()


def _moments(text: Any) -> Any:
    """Days of numbers that are seconds since 1970, or thousandths of them, and so on."""
    pl = load_polars()
    number = text.cast(pl.Float64, strict=False)
    days = [pl.when(pl.lit(number).is_between(least, least * _SPAN)).then(pl.lit(number) / units / _DAY) for least, units in _UNITS]
    return pl.select(pl.coalesce(*days).floor().cast(pl.Int32, strict=False).cast(pl.Date)).to_series()


def _either(text: Any) -> Any:
    pl = load_polars()
    parts = text.str.extract_groups(_EITHER).struct.unnest()
    names = parts.columns

    def day(first: int, second: int) -> Any:
        return (parts[names[2]] + "-" + parts[names[second]] + "-" + parts[names[first]]).str.to_date("%Y-%m-%d", strict=False)

    ahead, behind = day(0, 1), day(1, 0)  # the day stands ahead of the month, or behind it
    if ahead.null_count() != behind.null_count():
        return ahead if ahead.null_count() < behind.null_count() else behind
    return pl.select(pl.max_horizontal(ahead, behind)).to_series()
