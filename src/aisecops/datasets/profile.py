"""What a table is like, column by column: what is missing, constant, mixed or written in several ways, and which rows stand there twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from aisecops.content.unicode.normalisation import normalised
from aisecops.datasets.damaged import may_be_damaged
from aisecops.datasets.domain.declaration import ColumnType, Domain
from aisecops.datasets.extra import load_polars
from aisecops.datasets.pieces import HELD, column_groups, columns_apart, every, read_at_once, repeats, row_keys
from aisecops.datasets.spellings import Misspelling, misspellings
from aisecops.datasets.synonyms import synonyms, ways_of_nothing

Integers = npt.NDArray[np.int64]

_NUMBER = r"^\s*[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|(?i:inf(?:inity)?))\s*$"
_MIXED = 0.9
_MOST_VARIANTS = 1000
"""Distinct values up to which a column of text is a category."""
_SAMPLE = 20_000
"""Rows from which the chance of rows that agree by accident is estimated."""
_NO_PAIR = 1e-9


class ColumnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its rows, how many cells are missing, how many values differ (estimated by HyperLogLog above some thousands), and how many of them are numbers.

    ``suspect``: whether any text has another character than those of ASCII, or ``&``: only such may be damaged (``aisecops.datasets.damaged``).
    """

    name: str
    rows: int
    missing: int
    distinct: int
    numbers: int
    textual: bool
    suspect: bool = False

    @property
    def present(self) -> int:
        """Cells that are not missing."""
        return self.rows - self.missing

    @property
    def mostly_numbers(self) -> bool:
        """Whether it is text that nearly always is a number: a column of numbers, perhaps with a few texts."""
        return self.textual and self.numbers >= _MIXED * self.present > 0


class Variants(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a column that differ in capitals and spaces only: the spellings, the most frequent first, and how many cells have another than that."""

    column: str
    spellings: tuple[str, ...]
    cells: int


class Impossible(msgspec.Struct, frozen=True, kw_only=True):
    """Cells that a declared domain excludes: the column, why, and their rows from 0, shape (n,)."""

    column: str
    why: str
    rows: Integers


def profile(frame: Any) -> list[ColumnProfile]:
    """Return what the columns of a lazy Polars frame are like; each is read once."""
    pl = load_polars()
    schema = frame.collect_schema()
    told: dict[str, Any] = {}
    for group in column_groups(frame, list(schema)):
        asked = [pl.len().alias("rows")]
        for name in group:
            asked += _asked(name, schema[name])
        told |= frame.select(asked).collect(engine="streaming").row(0, named=True)
    return [
        ColumnProfile(
            name=name,
            rows=int(told["rows"]),
            missing=int(told[f"missing {name}"]),
            distinct=int(told.get(f"distinct {name}") or 0),
            numbers=int(told.get(f"numbers {name}") or 0),
            textual=dtype == pl.String,
            suspect=bool(told.get(f"suspect {name}")),
        )
        for name, dtype in schema.items()
    ]


def _asked(name: str, dtype: Any) -> list[Any]:
    pl = load_polars()
    column = pl.col(name)
    missing = (column.is_null() | column.is_nan()).sum() if dtype.is_float() else column.null_count()  # numpy knows no other way to say it
    asked = [missing.alias(f"missing {name}")]
    if not dtype.is_nested() and dtype != pl.Object:
        asked.append(column.approx_n_unique().alias(f"distinct {name}"))
    if dtype == pl.String:
        asked.append(column.str.contains(_NUMBER).sum().alias(f"numbers {name}"))
        asked.append(may_be_damaged(column).any().alias(f"suspect {name}"))
    return asked


def constant(frame: Any, columns: Sequence[ColumnProfile]) -> list[str]:
    """Return the columns that hold one value in all rows, missing ones aside: few distinct values are only estimated, so these are counted."""
    pl = load_polars()
    suspects = [column.name for column in columns if column.present and 0 < column.distinct <= 2]
    if not suspects:
        return []
    told = frame.select(pl.col(name).drop_nulls().n_unique() for name in suspects).collect(engine="streaming").row(0)
    return [name for name, count in zip(suspects, told, strict=True) if count == 1]


def categories(frame: Any, columns: Sequence[ColumnProfile]) -> Iterator[tuple[str, Any]]:
    """Yield the name of each column of categories and its values: a Polars frame with ``value``, ``len`` (how often) and ``folded`` (without capitals and spaces)."""
    pl = load_polars()
    names = [c.name for c in columns if c.textual and 1 < c.distinct <= min(_MOST_VARIANTS, c.present / 2) and c.numbers < c.present]
    for name, cells in columns_apart(frame, names, HELD // max(1, columns[0].rows) if columns else 0):
        counts = cells.select(pl.col(name).alias("value")).drop_nulls().group_by("value").len().collect(engine="streaming")
        yield name, _by_eye(counts.with_columns(folded=_folded(pl.col("value"))).sort("len", "value", descending=[True, False]))


def _by_eye(values: Any) -> Any:
    """Fold what cannot be seen and what looks alike, too, in the few values that have such a character; accents stay, and so does what is written in another script."""
    pl = load_polars()
    odd = values.filter(~pl.col("value").str.contains(r"^[\x20-\x7e]*$"))["value"].to_list()
    read = {value: folded for value in odd if (folded := normalised(value).text) not in (value, _without_accents(value))}
    if not read:
        return values
    return values.with_columns(folded=_folded(pl.col("value").replace(read)))


def _folded(values: Any) -> Any:
    """Without capitals, and without what stands between letters: ``New York``, ``new-york`` and ``NewYork`` are one, ``1-1`` and ``11`` are not."""
    plain = values.str.to_lowercase().str.strip_chars().str.replace_all(r"[\s_-]+", " ")
    return plain.str.replace_all(r"([\pL]{2,}) ([\pL]{2,})", "$1$2").str.replace_all(r"([\pL]{2,}) ([\pL]{2,})", "$1$2")


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def same_things(values: Any) -> list[tuple[str, ...]]:
    """Return the values of a column that are one thing by several words: see ``aisecops.datasets.synonyms``."""
    return synonyms(dict(values.select("value", "len").iter_rows()))


def without_value(values: Any, missing: int) -> tuple[str, ...]:
    """Return the words of a column for a value that is not there: see ``aisecops.datasets.synonyms``."""
    return ways_of_nothing(dict(values.select("value", "len").iter_rows()), missing)


def variants(column: str, values: Any) -> list[Variants]:
    """Return categories that are written in several ways: ``Berlin``, ``berlin ``, and one with a Cyrillic letter.

    Codes of one or two characters are left alone: ``a`` may well not be ``A``.
    """
    pl = load_polars()
    groups = values.filter(pl.col("folded").str.len_chars() > 2).group_by("folded", maintain_order=True)
    return [
        Variants(column=column, spellings=tuple(group["value"].to_list()), cells=int(group["len"][1:].sum())) for _, group in groups if len(group) > 1
    ]


def misspelt(values: Any) -> list[Misspelling]:
    """Return categories that are nearly another one, which is far more frequent (``Berlnn``): see ``aisecops.datasets.spellings``."""
    pl = load_polars()
    merged = values.group_by("folded", maintain_order=True).agg(pl.col("value").first(), pl.col("len").sum())
    return misspellings(dict(zip(merged["value"].to_list(), merged["len"].to_list(), strict=True)))


def repeated(frame: Any, columns: Sequence[str]) -> Integers:
    """Return the rows, from 0, that agree in all of ``columns`` with a row before them."""
    return repeats(row_keys(frame, columns))


def accidental(frame: Any, columns: Sequence[str], rows: int) -> float:
    """Return how many pairs of ``rows`` rows are expected to agree in all columns by accident, were the columns independent of each other; 0 below 1e-9."""
    pairs, together = rows * (rows - 1) / 2, max(64, len(columns) // 8) if read_at_once(frame) else 4
    for start in range(0, len(columns), together):
        if pairs < _NO_PAIR:  # thousands of further columns make it no more than that
            return 0.0
        sample = every(frame, columns[start : start + together], max(1, rows // _SAMPLE), rows)
        for column in sample.iter_columns():
            shares = column.unique_counts() / max(1, len(sample))
            pairs *= min(1.0, float((shares**2).sum()))
    return float(pairs)


def impossible(frame: Any, domain: Domain) -> list[Impossible]:
    """Return the cells that ``domain`` excludes: below or above its bounds, no number, no declared category, or missing where nothing may be."""
    pl = load_polars()
    schema = frame.collect_schema()
    found = []
    for column in domain.columns:
        if column.name not in schema:
            continue
        cell = pl.col(column.name)
        number = cell.cast(pl.Float64, strict=False) if schema[column.name] != pl.Boolean else cell.cast(pl.Float64)
        rules: list[tuple[str, Any]] = []
        if not column.missing:
            rules.append(("missing", cell.is_null()))
        if column.type in (ColumnType.REAL, ColumnType.INTEGER):
            rules.append(("not a number", cell.is_not_null() & number.is_null()))
        if column.type is ColumnType.INTEGER:
            rules.append(("not a whole number", number != number.round()))
        if column.low is not None:
            rules.append((f"below {column.low:g}", number < column.low))
        if column.high is not None:
            rules.append((f"above {column.high:g}", number > column.high))
        if column.type is ColumnType.CATEGORY and column.categories:
            rules.append(("not a declared category", cell.is_not_null() & ~cell.cast(pl.String).is_in(list(column.categories))))
        for why, rule in rules:
            rows = frame.select(pl.arg_where(rule)).collect(engine="streaming").to_series().to_numpy()
            if len(rows):
                found.append(Impossible(column=column.name, why=why, rows=rows.astype(np.int64)))
    return found
