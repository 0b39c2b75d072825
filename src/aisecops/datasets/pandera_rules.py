"""What a table breaks of a pandera schema: its rules as Polars expressions that are true for cells which break them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from aisecops.datasets.extra import load_polars
from aisecops.datasets.pandera_schema import ColumnSchema, Rule, Schema, Unchecked, Violation
from aisecops.datasets.pieces import repeats, row_keys

_DAY = r"^\s*\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?\s*$"
_TRUTH = ("true", "false", "1", "0", "1.0", "0.0")
_INTEGERS = re.compile(r"u?int\d*", re.IGNORECASE)
_REALS = re.compile(r"float\d*|double|decimal.*|number", re.IGNORECASE)
_TEXTS = re.compile(r"str(ing)?(\[.*\])?|utf8|string.*", re.IGNORECASE)
_TRUTHS = re.compile(r"bool(ean)?", re.IGNORECASE)
_TIMES = re.compile(r"date(time)?.*|timestamp.*", re.IGNORECASE)
_ANY = re.compile(r"object|category|categorical.*|enum.*", re.IGNORECASE)
_COMPARED = {
    "equal_to": ("value", "is not {}", "__ne__"),
    "not_equal_to": ("value", "is {}", "__eq__"),
    "greater_than": ("min_value", "is not above {}", "__le__"),
    "greater_than_or_equal_to": ("min_value", "is below {}", "__lt__"),
    "less_than": ("max_value", "is not below {}", "__ge__"),
    "less_than_or_equal_to": ("max_value", "is above {}", "__gt__"),
}
"""Argument, what is said of a cell that breaks the rule, and how such a cell compares with the argument."""

Condition = tuple[str, Any]


def violations(frame: Any, schema: Schema) -> tuple[list[Violation], list[Unchecked]]:
    """Return what a lazy Polars frame breaks of ``schema``, and what could not be looked at.

    Cells of CSV are text: a type holds where every cell can be read as it, whatever ``coerce`` says. A missing cell breaks ``nullable`` and no other rule.
    """
    names = frame.collect_schema().names()
    found, unchecked = list(_of_table(names, schema)), [Unchecked("", what, "it is not known here") for what in schema.unknown]
    for said in schema.columns:
        matching = [name for name in names if _begins(said.name, name)] if said.regex else [said.name] if said.name in names else []
        unchecked += [Unchecked(said.name, what, "it is not known here") for what in said.unknown]
        if not matching and said.required:
            found.append(Violation(column=said.name, why="is not there"))
        for name in matching:
            broken, left = _of_column(frame, name, said)
            found += broken
            unchecked += left
    if schema.unique and set(schema.unique) <= set(names):
        found += _repeated(frame, schema.unique)
    return found, unchecked


def _begins(pattern: str, name: str) -> bool:
    try:
        return re.match(pattern, name) is not None
    except re.error:
        return False


def _of_table(names: Sequence[str], schema: Schema) -> Iterator[Violation]:
    known = [column for column in schema.columns if not column.regex]
    if schema.strict:
        listed = {column.name for column in known}
        patterns = [column.name for column in schema.columns if column.regex]
        for name in names:
            if name not in listed and not any(_begins(pattern, name) for pattern in patterns):
                yield Violation(column=name, why="is not in the schema, which is strict")
    if schema.ordered:
        wanted = [column.name for column in known if column.name in names]
        if [name for name in names if name in set(wanted)] != wanted:
            yield Violation(column="", why="the columns stand in another order than in the schema")


def _of_column(frame: Any, name: str, said: ColumnSchema) -> tuple[list[Violation], list[Unchecked]]:
    rules, unchecked = _conditions(frame.collect_schema()[name], name, said)
    found = []
    for why, broken in rules:
        rows = _rows(frame, broken)
        if isinstance(rows, str):
            unchecked.append(Unchecked(name, why, rows))
        elif len(rows):
            found.append(Violation(column=name, why=why, rows=rows))
    return found, unchecked


def _rows(frame: Any, broken: Any) -> Any:
    """The rows, from 0, in which ``broken`` holds, shape (n,); a text where nobody can say, and why."""
    pl = load_polars()
    try:
        return frame.select(pl.arg_where(broken.fill_null(False))).collect(engine="streaming").to_series().to_numpy()
    except pl.exceptions.ComputeError as wrong:
        if "regex" not in str(wrong):
            raise
        return "its regular expression needs more than linear time"


def _repeated(frame: Any, names: Sequence[str]) -> list[Violation]:
    rows = repeats(row_keys(frame, names))
    return [Violation(column=", ".join(names), why="repeats an earlier row", rows=rows)] if len(rows) else []


def _conditions(dtype: Any, name: str, said: ColumnSchema) -> tuple[list[Condition], list[Unchecked]]:
    """Return what must not hold of a column's cells, each with the words for it, and the rules that cannot be told in this way."""
    pl = load_polars()
    cell = pl.col(name)
    told: list[Condition] = []
    unchecked: list[Unchecked] = []
    if not said.nullable:
        told.append(("is missing", cell.is_null()))
    if dtype.is_nested() or dtype.base_type() in (pl.Binary, pl.Object):
        return told, [Unchecked(name, rule.name, "nested cells are not compared") for rule in said.rules]
    if said.unique:
        told.append(("repeats an earlier row", cell.is_not_null() & ~cell.is_first_distinct()))
    typed = _typed(cell, dtype, said.dtype)
    if isinstance(typed, str):
        unchecked.append(Unchecked(name, f"dtype {said.dtype}", typed))
    elif typed is not None:
        told.append((f"is no {said.dtype}", cell.is_not_null() & typed))
    for rule in said.rules:
        found = _condition(cell, dtype, rule)
        if found is None:
            unchecked.append(Unchecked(name, rule.name, "its arguments do not fit the column"))
        else:
            told += [(why, cell.is_not_null() & broken) for why, broken in found]
    return told, unchecked


def _typed(cell: Any, dtype: Any, wanted: str) -> Any:
    """What is true for a cell of another type; None where any will do, text where the type is not known."""
    pl = load_polars()
    number = cell.cast(pl.Float64, strict=False)
    text = cell.cast(pl.String).str.strip_chars()
    if not wanted or _ANY.fullmatch(wanted):
        return None
    if _INTEGERS.fullmatch(wanted):
        least = 0 if wanted.lower().startswith("u") else None
        return number.is_null() | (number != number.round()) | (number < least if least is not None else pl.lit(False))
    if _REALS.fullmatch(wanted):
        return number.is_null()
    if _TRUTHS.fullmatch(wanted):
        return None if dtype == pl.Boolean else ~text.str.to_lowercase().is_in(list(_TRUTH))
    if _TIMES.fullmatch(wanted):
        return None if dtype.is_temporal() else ~text.str.contains(_DAY)
    if _TEXTS.fullmatch(wanted):
        return pl.lit(True) if dtype.is_numeric() or dtype == pl.Boolean or dtype.is_temporal() else None
    return "this type is not known here"


def _condition(cell: Any, dtype: Any, rule: Rule) -> list[Condition] | None:
    pl = load_polars()
    given, text = rule.arguments, cell.cast(pl.String)
    if rule.name in _COMPARED:
        key, why, broken = _COMPARED[rule.name]
        sides = _comparable(cell, dtype, given[key])
        return sides and [(why.format(given[key]), getattr(sides[0], broken)(sides[1]))]
    match rule.name:
        case "in_range":
            return _range(cell, dtype, given)
        case "isin" | "notin" | "unique_values_eq":
            return _listed(cell, dtype, rule)
        case "str_matches":
            return [("does not match the pattern", ~text.str.contains(f"^(?:{given['pattern']})"))]  # as re.match has it
        case "str_contains":
            return [("does not contain the pattern", ~text.str.contains(given["pattern"]))]
        case "str_startswith":
            return [("does not begin as it should", ~text.str.starts_with(given["string"]))]
        case "str_endswith":
            return [("does not end as it should", ~text.str.ends_with(given["string"]))]
        case "str_length":
            return _lengths(text.str.len_chars(), given)
    return None


def _range(cell: Any, dtype: Any, given: dict[str, Any]) -> list[Condition] | None:
    told: list[Condition] = []
    for key, include, word, strictly, loosely in (
        ("min_value", "include_min", "below", "__le__", "__lt__"),
        ("max_value", "include_max", "above", "__ge__", "__gt__"),
    ):
        if given.get(key) is None:
            continue
        sides = _comparable(cell, dtype, given[key])
        if sides is None:
            return None
        told.append((f"is {word} {given[key]}", getattr(sides[0], strictly if given.get(include) is False else loosely)(sides[1])))
    return told


def _lengths(length: Any, given: dict[str, Any]) -> list[Condition] | None:
    if not all(value is None or (isinstance(value, int) and not isinstance(value, bool)) for value in given.values()):
        return None
    told: list[Condition] = []
    if (exact := given.get("exact_value")) is not None:
        told.append((f"is not {exact} characters long", length != exact))
    if (least := given.get("min_value")) is not None:
        told.append((f"is shorter than {least} characters", length < least))
    if (most := given.get("max_value")) is not None:
        told.append((f"is longer than {most} characters", length > most))
    return told


def _listed(cell: Any, dtype: Any, rule: Rule) -> list[Condition] | None:
    pl = load_polars()
    (values,) = rule.arguments.values()
    values = [value for value in values if value is not None]
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        member = cell.cast(pl.Float64, strict=False).is_in([float(value) for value in values])
    elif all(isinstance(value, bool) for value in values):
        member = cell.cast(pl.String).str.to_lowercase().is_in([str(value).lower() for value in values])
    elif dtype.is_temporal():
        return None
    else:
        member = cell.cast(pl.String).is_in([str(value) for value in values])
    if rule.name == "notin":
        return [("is a forbidden value", member)]
    told = [("is no allowed value", ~member.fill_null(False))]
    if rule.name == "unique_values_eq":
        told.append(("lacks values that must be there", (cell.drop_nulls().n_unique() < len(set(map(str, values)))) & (pl.int_range(pl.len()) == 0)))
    return told


def _comparable(cell: Any, dtype: Any, value: Any) -> tuple[Any, Any] | None:
    """The cells and the value in one form that can be compared."""
    pl = load_polars()
    if isinstance(value, bool):
        return cell.cast(pl.String).str.to_lowercase(), pl.lit(str(value).lower())
    if isinstance(value, int | float):
        return cell.cast(pl.Float64, strict=False), pl.lit(float(value))
    if not isinstance(value, str):
        return None
    if dtype.is_temporal():
        return (cell.cast(pl.String), pl.lit(value)) if re.match(_DAY, value) else None  # both as ISO 8601
    return cell.cast(pl.String), pl.lit(value)
