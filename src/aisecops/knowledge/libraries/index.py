"""Finding what is known of an access path: exact paths by a dictionary, wildcards by their last name (or first, where the last is open)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from aisecops.core.settings import LibraryText
from aisecops.knowledge.libraries.model import Entry
from aisecops.knowledge.libraries.patterns import is_wild, matches

_COMPILED = os.path.join(os.path.dirname(__file__), "data", "libraries.json")
_MOST_REMEMBERED = 10_000
_NONE: frozenset[str] = frozenset()
_FORMS = ("calls", "attributes", "assigns", "decorators", "bases", "methods")


class Table(msgspec.Struct, frozen=True):
    """Where entries apply in one form: exact path to entries, and patterns with the entry of each. Entries are numbers."""

    exact: dict[str, tuple[int, ...]] = {}
    wild: tuple[tuple[str, int], ...] = ()


class Compiled(msgspec.Struct, frozen=True):
    """``data/libraries.json``. Entries stay raw until one is asked for: a scan meets a few of them."""

    tables: dict[str, Table]
    entries: tuple[msgspec.Raw, ...]


def tables(entries: Iterable[tuple[int, Entry]]) -> dict[str, Table]:
    """Return where ``entries``, each with its number, apply.

    Raises
    ------
    ValueError
        A pattern is open at both ends: every call would have to be compared with it.
    """
    result: dict[str, Table] = {}
    numbered = list(entries)
    for form in _FORMS:
        exact: dict[str, tuple[int, ...]] = {}
        wild: list[tuple[str, int]] = []
        for number, entry in numbered:
            for path in getattr(entry, form):
                if is_wild(path):
                    _key(path)
                    wild.append((path, number))
                else:
                    exact[path] = (*exact.get(path, ()), number)
        if exact or wild:
            result[form] = Table(exact, tuple(wild))
    return result


def _key(pattern: str) -> tuple[bool, str]:
    """Return by what to find ``pattern``: its last part (True) or its first."""
    first, _, last = (pattern.partition(".")[0], *pattern.removeprefix("?").rpartition(".")[1:])
    if "*" not in last:
        return True, last
    if "*" in first or first.startswith("?"):
        raise ValueError(f"`{pattern}` is open at both ends: name its first or its last part")
    return False, first


class _Finder:
    """The entries of one form, by path."""

    def __init__(self, table: Table) -> None:
        self.exact = table.exact
        self.by_last: dict[str, list[tuple[str, int]]] = {}
        self.by_first: dict[str, list[tuple[str, int]]] = {}
        for pattern, number in table.wild:
            last, key = _key(pattern)
            (self.by_last if last else self.by_first).setdefault(key, []).append((pattern, number))

    def find(self, path: str) -> tuple[int, ...]:
        """Return the numbers of the entries that apply to ``path``."""
        known = self.exact.get(path, ())
        patterns = self.by_last.get(path[path.rfind(".") + 1 :].lstrip("?"))
        others = self.by_first.get(path.partition(".")[0]) if self.by_first else None
        if patterns is None and others is None:
            return known
        fitting = (number for pattern, number in (*(patterns or ()), *(others or ())) if matches(pattern, path))
        return tuple(dict.fromkeys((*known, *fitting)))


class Libraries:
    """Everything that is known of libraries: what ships, and what the project adds."""

    def __init__(self, raw: tuple[msgspec.Raw, ...], known: dict[str, Table], extra: tuple[Entry, ...] = ()) -> None:
        self._raw = raw
        self._count = len(raw) + len(extra)
        self._entries: dict[int, Entry] = {len(raw) + number: entry for number, entry in enumerate(extra)}
        added = tables(self._entries.items())
        self._finders = {form: _Finder(_both(known.get(form, Table()), added.get(form))) for form in _FORMS}
        self._answers: dict[str, dict[str, tuple[Entry, ...]]] = {form: {} for form in _FORMS}
        self._calls = self._answers["calls"]
        self._attribute_labels: dict[str, tuple[str, ...]] = {}
        self._labels: dict[str, frozenset[str]] = {}
        self._confirms: dict[str, bool] = {}
        self._tails: frozenset[str] | None = None

    @classmethod
    def load(cls, extra: Iterable[LibraryText] = ()) -> Libraries:
        """Return what ships, and what the files ``extra`` of the project add. Raises ``UserError`` where one of these is wrong."""
        compiled = msgspec.json.decode(_read(), type=Compiled)
        texts = tuple(extra)
        if not texts:
            return cls(compiled.entries, compiled.tables)
        from aisecops.knowledge.libraries.written import compiled_texts

        return cls(compiled.entries, compiled.tables, compiled_texts(texts))

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Libraries:
        """Return exactly ``entries``."""
        return cls((), {}, tuple(entries))

    def __iter__(self) -> Iterator[Entry]:
        return (self._entry(number) for number in range(self._count))

    def calls(self, path: str) -> tuple[Entry, ...]:
        """What is known of calling ``path``."""
        found = self._calls.get(path)
        return self._get("calls", path) if found is None else found

    def attributes(self, path: str) -> tuple[Entry, ...]:
        """What is known of reading the attribute ``path``."""
        return self._get("attributes", path)

    def assignments(self, path: str) -> tuple[Entry, ...]:
        """What is known of assigning to the attribute, or the item (``[]``), ``path``."""
        return self._get("assigns", path)

    def decorators(self, path: str) -> tuple[Entry, ...]:
        """What is known of decorating with ``path``, whether called or not."""
        return self._get("decorators", path)

    def bases(self, path: str) -> tuple[Entry, ...]:
        """What is known of deriving a class from ``path``."""
        return self._get("bases", path)

    def methods(self, path: str) -> tuple[Entry, ...]:
        """What is known of overriding the method ``path`` (``package.Class.method``)."""
        return self._get("methods", path)

    def attribute_labels(self, path: str) -> tuple[str, ...]:
        """The labels that reading the attribute ``path`` gives."""
        found = self._attribute_labels.get(path)
        if found is None:
            if len(self._attribute_labels) > _MOST_REMEMBERED:
                self._attribute_labels.clear()
            found = tuple(dict.fromkeys(entry.source for entry in self._get("attributes", path) if entry.source))
            self._attribute_labels[path] = found
        return found

    def attribute_guards(self, path: str) -> frozenset[str]:
        """The categories for which what the attribute ``path`` gives is harmless."""
        entries = self._get("attributes", path)
        return frozenset(category for entry in entries for category in entry.guard) if entries else _NONE

    def labels(self, path: str) -> frozenset[str]:
        """The labels that the calls (those that no argument decides) and attributes along ``path`` give."""
        found = self._labels.get(path)
        if found is None:
            if len(self._labels) > _MOST_REMEMBERED:
                self._labels.clear()
            found = self._labels[path] = frozenset(self._along(path))
        return found

    def confirms(self, path: str) -> bool:
        """Whether a value with this path is what a person said."""
        found = self._confirms.get(path)
        if found is None:
            if len(self._confirms) > _MOST_REMEMBERED:
                self._confirms.clear()
            found = self._confirms[path] = any(entry.confirm for call in _called(path) for entry in self.calls(call))
        return found

    def names_tail(self, name: str) -> bool:
        """Whether anything is known of some call whose path ends with ``name``."""
        if self._tails is None:
            calls = self._finders["calls"]
            exact = {path[path.rfind(".") + 1 :] for path in calls.exact}
            wild = {pattern.removeprefix("?").rpartition(".")[2] for patterns in calls.by_first.values() for pattern, _ in patterns}
            self._tails = frozenset(exact | calls.by_last.keys() | wild)
        return name in self._tails

    def _along(self, path: str) -> Iterable[str]:
        for call in _called(path):
            for entry in self.calls(call):
                if entry.source and not (entry.needs or entry.tainted):
                    yield entry.source
        for end in [i for i, c in enumerate(path) if c in ".[("] + [len(path)]:
            yield from self.attribute_labels(path[:end])

    def _get(self, form: str, path: str) -> tuple[Entry, ...]:
        answers = self._answers[form]
        found = answers.get(path)
        if found is None:
            if len(answers) > _MOST_REMEMBERED:
                answers.clear()
            found = answers[path] = tuple(self._entry(number) for number in self._finders[form].find(path))
        return found

    def _entry(self, number: int) -> Entry:
        entry = self._entries.get(number)
        if entry is None:
            entry = self._entries[number] = msgspec.json.decode(self._raw[number], type=Entry)
        return entry


def _called(path: str) -> list[str]:
    """Return what is called along ``path``: all that stands before a ``()``."""
    return [path[:i] for i in range(len(path)) if path.startswith("()", i)]


def _both(known: Table, added: Table | None) -> Table:
    if added is None:
        return known
    exact = dict(known.exact)
    for path, numbers in added.exact.items():
        exact[path] = (*exact.get(path, ()), *numbers)
    return Table(exact, (*known.wild, *added.wild))


def _read() -> bytes:
    with open(_COMPILED, "rb") as file:
        return file.read()
