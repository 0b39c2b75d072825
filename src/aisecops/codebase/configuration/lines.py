"""Files with one setting a line: ini, ``.env``, ``.properties``, ``redis.conf`` and their kin, and TOML, whose parser does not tell places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aisecops.codebase.configuration.facts import Key, Scalar, Section, Setting
from aisecops.codebase.text import Place, Text

_MOST_SETTINGS = 50_000
_ENVIRONMENTS = frozenset(("setenv", "set_env", "env"))
"""Options of tox and pytest that list variables in the indented lines below."""
_LONGEST = 20_000
_SECTION = re.compile(r"\s*\[+\s*([^\[\]\n]{1,300}?)\s*\]+\s*(?:[#;].*)?$")
_PAIR = re.compile(r"\s*([^\s=:#;\[\]{}()\"'][^=:\n]{0,200}?)\s*[=:]\s?(.*)$", re.DOTALL)
_BLANK_PAIR = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.-]*)[ \t]+(\S.*)$")
_VARIABLE = re.compile(r"\s*(?:export\s+|set\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)$", re.DOTALL)
_INTERPOLATED = re.compile(r"\$\{?[A-Za-z_]|\$\(|%\(|\{\{")
_DEFAULTED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_.]*:?-?([^${}]+)\}")
_TOML_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*=""")
_TOML_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]\n]{1,300}?)\s*\]\]?\s*(?:#.*)?$")
_TOML_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")


def read_ini(text: Text, *, blanks: bool = False) -> Iterator[Setting]:
    """Yield the settings of an ini or properties file; the section is the first part of a key, and dots in it divide nothing.

    ``blanks``: a blank may stand between key and value (``redis.conf``).
    """
    section: tuple[str, ...] = ()
    below = False
    for line, column, content in _logical_lines(text.content):
        if found := _SECTION.match(content):
            section, below = (found[1],), False
            continue
        pair = _PAIR.match(content) or (_BLANK_PAIR.match(content) if blanks else None)
        if blanks and (spaced := _BLANK_PAIR.match(content)):
            pair = spaced
        if pair:
            name, value = pair[1].strip(), _value(pair[2])
            below = below if content[0].isspace() else name in _ENVIRONMENTS and not value
            yield Setting(
                key=(name,) if below and content[0].isspace() else (*section, name),
                value=value,
                place=text.at_line(line, column + pair.start(2)),
                section=Section.ENVIRONMENT if below and content[0].isspace() else Section.FILE,
                known=not _INTERPOLATED.search(value),
            )


def read_environment(text: Text) -> Iterator[Setting]:
    """Yield the variables of a ``.env`` file."""
    for line, column, content in _logical_lines(text.content):
        found = _VARIABLE.match(content)
        if found:
            value = _value(found[2])
            if default := _DEFAULTED.fullmatch(value):
                value = default[1]
            yield Setting(
                key=(found[1],),
                value=value,
                place=text.at_line(line, column + found.start(2)),
                section=Section.ENVIRONMENT,
                known=not _INTERPOLATED.search(value),
            )


def _logical_lines(content: str) -> Iterator[tuple[int, int, str]]:
    """Yield the lines that say something, continued ones as one: number of the first, column of the first character, text."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number = 0
    for _ in range(_MOST_SETTINGS):
        while number < len(lines) and (not lines[number].strip() or lines[number].lstrip()[0] in "#;!"):
            number += 1
        if number >= len(lines):
            return
        first, whole = number, lines[number][:_LONGEST]
        while whole.endswith("\\") and number + 1 < len(lines) and len(whole) < _LONGEST:
            number += 1
            whole = whole[:-1] + lines[number].strip()[:_LONGEST]
        number += 1
        yield first + 1, 1, whole


def _value(text: str) -> str:
    """Return a value without quotes and comment."""
    text = text.strip()
    if text[:1] in ('"', "'") and (end := text.find(text[0], 1)) > 0:
        return text[1:end]
    return re.split(r"\s[#;]", text, maxsplit=1)[0].strip()


def read_toml(text: Text) -> Iterator[Setting]:
    """Yield the settings of a TOML file. Raises ``ValueError`` with the problem and the line where it is not TOML."""
    import tomllib

    try:
        document = tomllib.loads(text.content.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not TOML: {wrong}") from None
    places = dict(_toml_places(text))
    for key, value in _scalars(document):
        yield Setting(key=key, value=value, place=_nearest(places, key))


def _scalars(document: dict[str, Any]) -> Iterator[tuple[Key, Scalar]]:
    waiting: list[tuple[Key, Any]] = [((), document)]
    count = 0
    while waiting and count < _MOST_SETTINGS:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*key, name), child) for name, child in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*key, number), child) for number, child in reversed(list(enumerate(value)))]
        else:
            count += 1
            yield key, value if isinstance(value, (str, bool, int, float)) else str(value)


def _toml_places(text: Text) -> Iterator[tuple[Key, Place]]:
    """Yield where each key stands, as far as a line tells: tables, arrays of tables and dotted keys. A line inside a long text may be taken for one."""
    table: Key = ()
    arrays: dict[Key, int] = {}
    for number, line in enumerate(text.content.split("\n"), 1):
        line = line[:_LONGEST]
        if found := _TOML_TABLE.match(line):
            table = _toml_parts(found[2])
            if found[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
            table = _numbered(table, arrays)
            yield table, text.at_line(number)
        elif found := _TOML_KEY.match(line):
            yield (*table, *_toml_parts(found[1])), text.at_line(number, found.end() + 1)


def _toml_parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _TOML_PART.findall(text))


def _numbered(table: Key, arrays: dict[Key, int]) -> Key:
    """Put into a table's name which item of each array of tables it belongs to."""
    result: list[str | int] = []
    for end in range(1, len(table) + 1):
        result.append(table[end - 1])
        if table[:end] in arrays:
            result.append(arrays[table[:end]])
    return tuple(result)


def _nearest(places: dict[Key, Place], key: Key) -> Place:
    """Return the place of ``key``, or of what holds it."""
    while key:
        if key in places:
            return places[key]
        key = key[:-1]
    return Place(1)
