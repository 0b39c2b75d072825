"""YAML as people write it, turned into typed structs, with the line and column of every mistake.

The dialect is the part of YAML 1.2 that reads the same to everybody: mappings, lists and scalars. ``yes``, ``on`` and dates are text, as YAML 1.2 has it.
Tags, anchors, aliases, merge keys, duplicate keys and second documents are refused: they are how a file says one thing to its reader and another to
a program, or grows a gigabyte out of a kilobyte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec

from aisecops.core.errors import UserError
from aisecops.core.text import inert, inert_path

T = TypeVar("T")
Path = tuple[str | int, ...]
Place = tuple[int, int]
Refusal = Callable[..., UserError]

MAX_BYTES = 4 << 20
MAX_DEPTH = 32

# Compiled on first use (``re`` keeps them): this module is imported by programs that read no YAML.
# Beside control characters: line ends that editors do not show (YAML 1.1 would end a comment there) and marks that turn the direction of text.
_FORBIDDEN = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_INTEGER = r"[-+]?[0-9]{1,18}|0x[0-9a-fA-F]{1,16}|0o[0-7]{1,20}"
_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_STEP = r"\.([^.\[\]`]+)|\[(\d+)\]|\[\.\.\.\]"
_SPOKEN = {
    "object": "a mapping of keys to values", "array": "a list", "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing",
}  # fmt: skip
_NEED_QUOTES = {
    "*": "a value that begins with `*` needs quotes",
    "!": "a value that begins with `!` needs quotes",
    "&": "a value that begins with `&` needs quotes",
    "%": "a value that begins with `%` needs quotes",
    "@": "a value that begins with `@` needs quotes",
    "`": "a value that begins with a backtick needs quotes",
    "\t": "indent with spaces: YAML takes no tabs",
}


class Mistake(NamedTuple):
    """What types cannot say against a value: where it stands in the document (its keys and indices from the top), what is wrong, what to do."""

    path: Path
    what: str
    fix: str


def parse_yaml(
    text: str | bytes,
    type: type[T],
    *,
    source: str,
    error: Refusal = UserError,
    mistakes: Callable[[T], Iterable[Mistake]] = lambda _value: (),
) -> T:
    """Return ``text`` as a value of ``type`` (a msgspec struct that forbids unknown fields, as a rule).

    Parameters
    ----------
    text
        The document: text, or bytes in UTF-8.
    source
        What the messages call it: a path, or the name of a built-in document.
    error
        What is raised, with ``where`` as ``source:line:column``, if the document is not YAML or not a ``type``.
    mistakes
        What else may be wrong with it; the first is raised, with its place.
    """
    reading = _Reading(_decode(text, source, error), source, error)
    plain = reading.document()
    try:
        value = msgspec.convert(plain, type)
    except msgspec.ValidationError as wrong:
        raise _explain(str(wrong), type, reading) from None
    for mistake in mistakes(value):
        raise reading.refuse(mistake.what, reading.place(mistake.path), mistake.fix)
    return value


def _decode(text: str | bytes, source: str, error: Refusal) -> str:
    """Return the document as text that YAML may hold; say where it is not."""
    where = inert_path(source)
    if len(text) > MAX_BYTES:
        raise error(f"larger than {MAX_BYTES >> 20} MiB", where=where, fix="this is more than anybody writes by hand: is it the right file?")
    if isinstance(text, bytes):
        try:
            text = str(text, "utf-8")
        except UnicodeDecodeError as wrong:
            line, column = _place(str(wrong.object[: wrong.start], "utf-8", "replace"))
            raise error("not UTF-8 text", where=f"{where}:{line}:{column}", fix="save it as UTF-8") from None
    text = text.removeprefix("\ufeff")
    if bad := re.search(_FORBIDDEN, text):
        line, column = _place(text[: bad.start()])
        raise error(f"a character that does not belong here ({inert(bad.group())})", where=f"{where}:{line}:{column}", fix="remove it")
    return text


def _place(before: str) -> Place:
    """Line and column, from 1, of what follows ``before``."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Reading:
    """One document on its way from text to plain values, and where each of them stands."""

    def __init__(self, text: str, source: str, error: Refusal) -> None:
        self.text = text
        self.source = inert_path(source)
        self.error = error
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}

    def refuse(self, what: str, place: Place | None, fix: str = "") -> UserError:
        """Return the error for ``what`` at ``place``."""
        where = f"{self.source}:{place[0]}:{place[1]}" if place else self.source
        return self.error(what, where=where, fix=fix)

    def place(self, path: Path) -> Place:
        """Where the value at ``path`` stands; that of the nearest value around it where it is not written out."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values[path]

    def document(self) -> Any:
        """Return the plain value of the only document."""
        import yaml

        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return self._build(yaml.parse(self.text, Loader=loader))
        except yaml.MarkedYAMLError as wrong:
            mark = wrong.problem_mark or wrong.context_mark
            raise self._not_yaml(wrong.problem or "", mark) from None
        except yaml.YAMLError as wrong:
            raise self.refuse(f"not YAML: {inert(str(wrong))}", None) from None

    def _not_yaml(self, problem: str, mark: Any) -> UserError:
        line = self.text.split("\n")[mark.line : mark.line + 1]
        around = line[0][max(mark.column - 1, 0) : mark.column + 1] if line else ""
        fix = next((hint for sign, hint in _NEED_QUOTES.items() if sign in around), "")
        return self.refuse(f"not YAML: {inert(problem)}", (mark.line + 1, mark.column + 1), fix)

    def _build(self, events: Iterable[Any]) -> Any:
        """Put the events together to plain values without recursion, so that nesting costs no stack."""
        result: list[Any] = []
        open_parts = [_Open(None, result)]
        for event in events:
            kind = type(event).__name__
            if kind in ("SequenceEndEvent", "MappingEndEvent"):
                open_parts.pop()
            elif kind == "DocumentStartEvent" and result:
                raise self.refuse("a second document", _start(event), "keep one document in the file, without `---` in between")
            elif kind in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"):
                self._refuse_tricks(event, kind, len(open_parts))
                self._add(open_parts, event, kind)
        if not result or result[0] is None:
            raise self.refuse("it is empty", None)
        return result[0]

    def _refuse_tricks(self, event: Any, kind: str, depth: int) -> None:
        if kind == "AliasEvent":
            raise self.refuse("aliases (`*name`) are not supported", _start(event), "write the value out; text that begins with `*` needs quotes")
        if event.anchor is not None:
            raise self.refuse("anchors (`&name`) are not supported", _start(event), "write the value out; text that begins with `&` needs quotes")
        if event.tag is not None:
            raise self.refuse("tags (`!name`) are not supported", _start(event), "text that begins with `!` needs quotes")
        if depth > MAX_DEPTH:
            raise self.refuse(f"nested deeper than {MAX_DEPTH} levels", _start(event))

    def _add(self, open_parts: list[_Open], event: Any, kind: str) -> None:
        parent = open_parts[-1]
        if isinstance(parent.container, dict) and parent.key is None:
            self._key(parent, event, kind)
            return
        path = parent.next_path()
        self.values[path] = _start(event)
        value: Any = _scalar(event) if kind == "ScalarEvent" else [] if kind == "SequenceStartEvent" else {}
        parent.put(value)
        if kind != "ScalarEvent":
            open_parts.append(_Open(path, value))

    def _key(self, parent: _Open, event: Any, kind: str) -> None:
        if kind != "ScalarEvent":
            raise self.refuse("a key must be plain text", _start(event), "text that begins with `{` or `[` needs quotes")
        path = (*(parent.path or ()), event.value)
        if event.value in parent.container:
            first = self.keys[path]
            raise self.refuse(f"the key `{inert(event.value)}` is there twice (first in line {first[0]})", _start(event), "keep one of them")
        self.keys[path] = _start(event)
        parent.key = event.value


class _Open:
    """A mapping or list that is being filled; ``key`` waits for its value. ``path`` is None for what holds the document itself."""

    def __init__(self, path: Path | None, container: Any) -> None:
        self.path = path
        self.container = container
        self.key: str | None = None

    def next_path(self) -> Path:
        """Where the next value goes. The document itself is ()."""
        if self.path is None:
            return ()
        return (*self.path, len(self.container) if self.key is None else self.key)

    def put(self, value: Any) -> None:
        """Store the next value."""
        if self.key is not None:
            self.container[self.key] = value
            self.key = None
        else:
            self.container.append(value)


def _start(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(event: Any) -> Any:
    """Return what a scalar means in YAML 1.2's core schema. Numbers that are not finite stay text: no setting of ours can mean them."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(_INTEGER, text):
        return int(text, 0) if text[1:2] in ("x", "o") else int(text)
    if len(text) <= 40 and re.fullmatch(_NUMBER, text):
        number = float(text)
        return number if abs(number) < float("inf") else text
    return text


def _explain(message: str, type: Any, reading: _Reading) -> UserError:
    """Turn msgspec's message into one that names the place and what would be right."""
    what, _, at = message.partition(" - at `$")
    path: Path = tuple(int(number) if number else name for name, number in re.findall(_STEP, at))
    while path and path not in reading.values:
        path = path[:-1]
    place = reading.values[path]
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        key = unknown[1]
        return reading.refuse(f"unknown key `{inert(key)}`", reading.keys.get((*path, key), place), _suggest(key, _keys(type, path)))
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        inside = f" of `{inert(str(path[-1]))}`" if path and isinstance(path[-1], str) else ""
        return reading.refuse(f"the key `{missing[1]}`{inside} is missing", place, "add it")
    if value := re.fullmatch(r"Invalid enum value '?(.*?)'?", what, re.DOTALL):
        return reading.refuse(f"`{inert(value[1])}` is not a value that {_named(path)} can have", place, _suggest(value[1], _choices(type, path)))
    if wrong := re.fullmatch(r"Expected `(.*?)`(?:, got `(.*?)`)?(.*)", what, re.DOTALL):
        return reading.refuse(f"{_named(path)} must be {_spoken(wrong[1])}{wrong[3]}{_instead(wrong[2])}", place, _way_out(wrong[1], wrong[2]))
    return reading.refuse(inert(what), place)


def _named(path: Path) -> str:
    """What a person calls the value at ``path``."""
    if not path:
        return "the document"
    last = path[-1]
    if isinstance(last, str):
        return f"`{inert(last)}`"
    return f"entry {last + 1} of {_named(path[:-1])}"


def _spoken(types: str) -> str:
    """Return msgspec's type names in words; ``str | null`` is an optional text."""
    names = [name.strip() for name in types.split("|")]
    return " or ".join(_SPOKEN.get(name, name) for name in names if name != "null" or len(names) == 1)


def _instead(got: str | None) -> str:
    return f", not {_spoken(got)}" if got else ""


def _way_out(expected: str, got: str | None) -> str:
    if got == "null":
        return "write a value, or remove the key"
    if "str" in expected and got in ("int", "float", "bool"):
        return "put it in quotes"
    if "array" in expected and got in ("str", "int", "float", "bool"):
        return "write it as a list: `[value]`"
    return ""


def _suggest(word: str, known: list[str]) -> str:
    """Return the nearest of ``known``, or all of them."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"one of: {', '.join(known)}" if known else ""


def _keys(type: Any, path: Path) -> list[str]:
    """The keys that the mapping at ``path`` may have."""
    return [field.encode_name for kind in _types_at(type, path) for field in getattr(kind, "fields", ())]


def _choices(type: Any, path: Path) -> list[str]:
    """The values that the enumeration at ``path`` may have."""
    return [str(member.value) for kind in _types_at(type, path) for member in getattr(kind, "cls", ()) if hasattr(member, "value")]


def _types_at(type: Any, path: Path) -> list[Any]:
    """The types that msgspec may find at ``path``, unions taken apart."""
    from msgspec.inspect import type_info

    kinds = _alternatives(type_info(type))
    for step in path:
        inner = [_inside(kind, step) for kind in kinds]
        kinds = [kind for found in inner if found is not None for kind in _alternatives(found)]
    return kinds


def _alternatives(kind: Any) -> list[Any]:
    return [inner for each in getattr(kind, "types", (kind,)) for inner in ([each] if each is kind else _alternatives(each))]


def _inside(kind: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return getattr(kind, "item_type", None)
    named = next((field.type for field in getattr(kind, "fields", ()) if field.encode_name == step), None)
    return named if named is not None else getattr(kind, "value_type", None)
