"""Schemas as pandera writes them (YAML or JSON), read as data: nothing is imported and nothing runs, so a check that is a Python function cannot be held to.

pandera has written three forms over time: checks beside a column's other keys (``in_range: {...}``), under ``checks`` by name, and as a list whose entries carry their
name in ``options``. All are read. What is not known here is kept by name, to be told as not examined.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.text import inert, inert_path

_COLUMN_KEYS = frozenset((
    "dtype", "nullable", "unique", "coerce", "required", "regex", "checks", "title", "description", "metadata", "report_duplicates", "name", "default",
    "drop_invalid_rows",
))  # fmt: skip
_FRAME_KEYS = frozenset((
    "schema_type", "api", "version", "columns", "checks", "index", "dtype", "coerce", "strict", "ordered", "unique", "name", "title", "description", "metadata",
    "add_missing_columns",
    "report_duplicates", "unique_column_names", "drop_invalid_rows",
))  # fmt: skip
_ALIASES = {
    "eq": "equal_to", "ne": "not_equal_to", "gt": "greater_than", "ge": "greater_than_or_equal_to", "lt": "less_than", "le": "less_than_or_equal_to",
    "between": "in_range",
}  # fmt: skip
_ARGUMENT = {
    "equal_to": "value", "not_equal_to": "value", "greater_than": "min_value", "greater_than_or_equal_to": "min_value", "less_than": "max_value",
    "less_than_or_equal_to": "max_value", "in_range": "", "isin": "allowed_values", "notin": "forbidden_values", "str_matches": "pattern",
    "str_contains": "pattern", "str_startswith": "string", "str_endswith": "string", "str_length": "", "unique_values_eq": "values",
}  # fmt: skip
"""Checks that are known, and what their only argument is called; empty: they have several."""


class Rule(msgspec.Struct, frozen=True):
    """A check of cells by pandera's name, and its arguments."""

    name: str
    arguments: dict[str, Any]


class ColumnSchema(msgspec.Struct, frozen=True, kw_only=True):
    """What a schema says of a column; of all columns whose name begins like a regular expression, if ``regex``. ``unknown``: checks that are not known here."""

    name: str
    dtype: str = ""
    nullable: bool = False
    unique: bool = False
    required: bool = True
    regex: bool = False
    rules: tuple[Rule, ...] = ()
    unknown: tuple[str, ...] = ()


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """What a schema says of a table. ``unique``: columns whose values together may not repeat; ``unknown``: what is not known here."""

    columns: tuple[ColumnSchema, ...]
    strict: bool = False
    ordered: bool = False
    unique: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a table breaks: where (a column, or empty for the table), what is wrong, and in which rows from 0, shape (n,) (none where it is not about rows)."""

    column: str
    why: str
    rows: Any = ()


class Unchecked(msgspec.Struct, frozen=True):
    """A rule that nobody could look at: of which column, which, and why."""

    column: str
    rule: str
    why: str


class SchemaError(UserError):
    """A file is no pandera schema."""


def parse_schema(text: str | bytes, source: str) -> Schema:
    """Return the schema in ``text`` (YAML or JSON). Raises ``SchemaError`` with the place of the mistake."""
    from aisecops.core.yaml_text import parse_yaml

    where = inert_path(source)
    if source.lower().endswith(".json"):
        try:
            document = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.MsgspecError, RecursionError) as wrong:
            raise SchemaError(f"not a JSON object ({inert(str(wrong), 100)})", where=where, fix="write it by pandera: schema.to_json(path)") from None
    else:
        document = parse_yaml(text, dict[str, Any], source=source, error=SchemaError)
    columns = document.get("columns")
    if not isinstance(columns, dict) or not all(value is None or isinstance(value, dict) for value in columns.values()):
        raise SchemaError("no pandera schema: `columns` is not a mapping", where=where, fix="write it by pandera: schema.to_yaml(path)")
    unique = document.get("unique")
    return Schema(
        columns=tuple(_column(name, said or {}) for name, said in columns.items()),
        strict=document.get("strict") is True,
        ordered=document.get("ordered") is True,
        unique=tuple(str(name) for name in (unique if isinstance(unique, list) else [unique] if isinstance(unique, str) else [])),
        unknown=tuple(_unknown_of_frame(document)),
    )


def _unknown_of_frame(document: dict[str, Any]) -> Iterator[str]:
    yield from (key for key in document if key not in _FRAME_KEYS)
    if document.get("checks"):
        yield "checks of whole rows"
    index = document.get("index")
    parts = index if isinstance(index, list) else [index] if isinstance(index, dict) else []
    if any(isinstance(part, dict) and (part.get("checks") or part.get("unique") or set(part) - _COLUMN_KEYS) for part in parts):
        yield "checks of the index, which a file does not have"


def _column(name: str, said: dict[str, Any]) -> ColumnSchema:
    rules: list[Rule] = []
    unknown: list[str] = []
    for check, arguments in _checks(said):
        rule = _rule(_ALIASES.get(check, check), arguments)
        if rule is None:
            unknown.append(check)
        else:
            rules.append(rule)
    if "checks" in said and not said["checks"]:
        unknown.append("a check that is a Python function")  # what pandera leaves of it in a file
    return ColumnSchema(
        name=name,
        dtype=str(said.get("dtype") or ""),
        nullable=said.get("nullable") is True,
        unique=said.get("unique") is True,
        required=said.get("required") is not False,
        regex=said.get("regex") is True,
        rules=tuple(rules),
        unknown=tuple(unknown),
    )


def _checks(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and arguments of a column's checks, in whichever form they are written."""
    yield from ((key, value) for key, value in said.items() if key not in _COLUMN_KEYS)
    written = said.get("checks")
    if isinstance(written, dict):
        yield from written.items()
    for one in written if isinstance(written, list) else []:
        options = one.get("options") if isinstance(one, dict) else None
        name = options.get("check_name") if isinstance(options, dict) else None
        yield (name, one) if isinstance(name, str) else ("a check without a name", None)


def _rule(name: str, arguments: Any) -> Rule | None:
    """The check as a rule; None if it, or what it is given, is not known."""
    if name not in _ARGUMENT:
        return None
    only = _ARGUMENT[name]
    given = {key: value for key, value in arguments.items() if key != "options"} if isinstance(arguments, dict) else {only: arguments}
    if only and "value" in given and only not in given:
        given = {only: given["value"]}
    wanted = {only} if only else {"min_value", "max_value", "include_min", "include_max", "exact_value"}
    if (only and only not in given) or set(given) - wanted or not (only or {"min_value", "max_value", "exact_value"} & given.keys()):
        return None
    lists = only in {"allowed_values", "forbidden_values", "values"}
    plain = all(_plain(value) or (lists and isinstance(value, list) and all(map(_plain, value))) for value in given.values())
    text = name.startswith("str_") and only and not isinstance(given[only], str)
    return None if not plain or text or (lists and not isinstance(given[only], list)) else Rule(name, given)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))
