"""Whether a call does what an entry of the knowledge of libraries speaks of.

Tests have three outcomes: they hold, they do not, or nothing settles them. The third is split: where a parameter of the function around the call decides,
only its callers can say (``Judgement.depends``), and the call is judged again for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from aisecops.codebase.dataflow.answers import Encoded
from aisecops.codebase.dataflow.program import Arguments, Class, Parameter, Versions
from aisecops.codebase.dataflow.values import NOTHING, UNKNOWN, Dict, List, Prefix, Step, Value, inner, pieces
from aisecops.knowledge.libraries import model
from aisecops.knowledge.libraries.patterns import matches

if TYPE_CHECKING:
    from aisecops.knowledge.libraries import Entry, Group, Test

_EVERYTHING = model.EVERYTHING
_LONGEST_MATCHED = 4096
"""Characters of a text that a regular expression of an entry is tried on."""


class Judgement(msgspec.Struct, eq=False):
    """What an entry says of one call.

    ``arguments`` are those that it names, as far as they are given. ``label`` and ``trail`` tell of the taint for which it is reported, where it is for one.
    """

    arguments: dict[str, Value] = {}
    receiver: Value = NOTHING
    open: bool = False
    """Whether it is reported unless the callers see to it that one of ``safe`` holds."""
    reported: bool = False
    depends: bool = False
    doubtful: bool = False
    label: str = ""
    trail: tuple[Step, ...] = ()


class Missing:
    """An argument that the call does not pass. ``spread``: the ``*args`` or ``**kwargs`` that may hold it after all."""

    __slots__ = ("spread",)

    def __init__(self, spread: Value | None) -> None:
        self.spread = spread


_MISSING = Missing(None)


def judge(entry: Entry, arguments: Arguments, receiver: Value, versions: Versions) -> Judgement:
    """Return what ``entry`` says of a call with ``arguments`` on ``receiver``."""
    if entry.needs and arguments.rest is None and arguments.spread is None and _lacks(entry, arguments):
        return Judgement()
    return _Judge(entry, arguments, receiver, versions).judgement()


_REQUIRED: dict[str, tuple[Entry, frozenset[str] | None]] = {}
"""What was found out of entries, by id, each with its entry: a project's own knowledge may use an id again."""


def _lacks(entry: Entry, arguments: Arguments) -> bool:
    """Whether the call passes none of the arguments that each of the entry's needs is about: what most calls of a large library are spared by."""
    known = _REQUIRED.get(entry.id)
    if known is None or known[0] is not entry:
        named = [_passed(group) for group in entry.needs]
        known = _REQUIRED[entry.id] = entry, frozenset().union(*named) if all(named) else None
    names = known[1]
    if names is None or not names.isdisjoint(arguments.keywords):
        return False
    return names.isdisjoint(entry.arguments[: len(arguments.positional)])


def _passed(group: Group) -> frozenset[str]:
    """The arguments of which one has to be passed for ``group`` to hold; empty if it can hold without."""
    plain = (model.Equal, model.Present, model.AnyLiteral, model.Prefix, model.Starts, model.Matches, model.Contains, model.Tainted, model.Path)
    inside = (model.HasKeys, model.Item, model.Items)
    found = (
        name for name, test in group.arguments.items() if isinstance(test, (*plain, *inside)) and name not in (model.RECEIVER, model.ANY_ARGUMENT)
    )
    return frozenset(found)


_OF_OTHERS = frozenset((model.Not, model.Surely, model.Any))
"""Tests that are made of others."""


class _Judge(msgspec.Struct, eq=False):
    """One entry and one call."""

    entry: Entry
    arguments: Arguments
    receiver: Value
    versions: Versions
    depends: bool = False

    def judgement(self) -> Judgement:
        result = Judgement()
        carried = self._carried(result) if self.entry.tainted else True
        if carried is False:
            return result
        needed = self._some(self.entry.needs) if self.entry.needs else True
        waiting = self.depends and needed is None
        if needed is False or (needed is None and not waiting):
            return result
        self.depends = False
        spared = self._some(self.entry.safe) if self.entry.safe else False
        if spared is True:
            return result
        result.open = not waiting and carried is not None
        result.depends = not result.open or (spared is None and self.depends)
        if result.depends:
            return result
        result.reported = True
        result.doubtful = bool(self.entry.doubtful) and self._some(self.entry.doubtful) is True
        result.arguments, result.receiver = self._given(), self.receiver
        return result

    def _given(self) -> dict[str, Value]:
        given = {name: value for position, name in enumerate(self.entry.arguments) if (value := self.arguments.get(name, position)) is not None}
        return given | self.arguments.keywords

    # Taint

    def _carried(self, result: Judgement) -> bool | None:
        """Whether an argument carries one of its labels; None if that is for the callers to say."""
        depends = False
        for name, labels in self.entry.tainted.items():
            for value in self._values(name):
                found = self._label(value, labels)
                if found is None:
                    depends = True
                elif isinstance(found, tuple):
                    result.label, result.trail = found
                    return True
        return None if depends else False

    def _label(self, value: Value, labels: Iterable[str]) -> tuple[str, tuple[Step, ...]] | bool | None:
        """The first of ``labels`` that ``value`` or something inside it carries, with its trail; None: its parameters may bring one; False: none."""
        if not value.taint and not isinstance(value.known, (Dict, List)):
            return False
        depends = False
        sink = self.entry.sink
        for part in inner(value):
            if not part.taint:
                continue
            for label in labels:
                mark = part.taint.get(label)
                if mark is not None and not (sink in mark.safe or _EVERYTHING in mark.safe):
                    return label, mark.trail
            depends = depends or any(label[0] == "#" and sink not in mark.safe and _EVERYTHING not in mark.safe for label, mark in part.taint.items())
        return None if depends else False

    def _values(self, name: str) -> Iterator[Value]:
        if name == model.RECEIVER:
            yield self.receiver
        elif name == model.ANY_ARGUMENT:
            yield from self.arguments
        else:
            found = self._argument(name)
            if isinstance(found, Value):
                yield found
            elif found.spread is not None:
                yield found.spread

    def _argument(self, name: str) -> Value | Missing:
        position = self.entry.arguments.index(name) if name in self.entry.arguments else -1
        value = self.arguments.get(name, position)
        if value is not None:
            return value
        given = self.arguments
        spread = given.spread
        if spread is None and position >= len(given.positional):
            spread = given.rest
        return _MISSING if spread is None else Missing(spread)

    # Groups of tests

    def _some(self, groups: Iterable[Group]) -> bool | None:
        return _any(self._holds(group) for group in groups)

    def _holds(self, group: Group) -> bool | None:
        result: bool | None = True
        for distribution, specifier in group.versions.items():
            if not self._version(distribution, specifier):
                return False
        for name, test in group.arguments.items():
            said = self._said(name, test)
            if said is False:
                return False
            if said is None:
                result = None
        return result

    def _version(self, distribution: str, specifier: str) -> bool:
        if specifier != model.UNKNOWN_VERSION:
            return self.versions.holds(distribution, specifier) is True
        groups = (*self.entry.safe, *self.entry.doubtful, *self.entry.needs)
        asked = {s for g in groups if (s := g.versions.get(distribution)) and s != model.UNKNOWN_VERSION} or {">=0"}
        return all(self.versions.holds(distribution, s) is None for s in asked)

    def _said(self, name: str, test: Test) -> bool | None:
        if name == model.ANY_ARGUMENT:
            return _any(self.test(test, value) for value in self.arguments)
        if name == model.RECEIVER:
            return self.test(test, self.receiver)
        return self.test(test, self._argument(name))

    def test(self, test: Test, value: Value | Missing) -> bool | None:
        """Whether ``test`` holds for ``value``."""
        if type(test) in _OF_OTHERS:
            if isinstance(test, model.Not):
                said = self.test(test.test, value)
                return None if said is None else not said
            if isinstance(test, model.Surely):
                return self._surely(test.test, value)
            if isinstance(test, model.Any):
                return _any(self.test(one, value) for one in test.tests)
        if type(value) is Missing:
            return self._missing(test, value)
        assert isinstance(value, Value)
        if isinstance(test, model.Absent):
            return False
        if isinstance(test, model.Present):
            return True
        if isinstance(test, model.Made):
            return self._path(value, test.patterns) is True
        if isinstance(test, model.Tainted):
            found = self._label(value, test.labels)
            self.depends = self.depends or found is None
            return None if found is None else bool(found)
        if isinstance(test, model.Unknown):
            if self._open(value):
                self.depends = True
                return None
            return value.known is UNKNOWN and not _is_object(value)
        said = self._known(test, value)
        if said is None and self._open(value):
            self.depends = True
        return said

    def _surely(self, test: Test, value: Value | Missing) -> bool:
        depends = self.depends
        said = self.test(test, value) is True
        self.depends = depends
        return said

    def _missing(self, test: Test, value: Missing) -> bool | None:
        spread = value.spread
        if spread is None:
            return isinstance(test, model.Absent)
        if self._open(spread):
            self.depends = True
            return None
        return True if isinstance(test, (model.Absent, model.Unknown)) else None

    def _open(self, value: Value) -> bool:
        """Whether callers decide what ``value`` is. One that carries a label of its own has its caller: a framework."""
        labels = value.taint
        if not labels:
            return isinstance(value.ref, Parameter)
        if any(label[0] != "#" for label in labels):
            return False
        return value.known is UNKNOWN or isinstance(value.ref, Parameter)

    def _known(self, test: Test, value: Value) -> bool | None:
        match test:
            case model.Equal():
                return _equal(value, test.value)
            case model.Object():
                return True if _is_object(value) else None if value.known is UNKNOWN else False
            case model.AnyLiteral():
                return True if _is_literal(value) else False if _is_object(value) or isinstance(value.known, (Dict, List)) else None
            case model.Path():
                return self._path(value, test.patterns)
            case model.Least():
                return _at_least(value, test.value)
            case model.Prefix() | model.Starts() | model.Matches() | model.Contains():
                return _text(test, value)
            case model.HasKeys():
                return self._keys(test, value)
            case model.Item():
                return self._item(test, value)
            case model.Items():
                return self._items(test, value)
        return None

    def _path(self, value: Value, patterns: Iterable[str]) -> bool | None:
        if isinstance(value.ref, Class):  # a class of the project is what it derives from
            return any(matches(pattern, value.ref.library) for pattern in patterns) if value.ref.library else False
        if not value.path or value.path.startswith("?"):
            if value.path and any(pattern.startswith("?") and matches(pattern, value.path) for pattern in patterns):
                return True
            return False if value.known is not UNKNOWN else None
        return any(matches(pattern, value.path) for pattern in patterns)

    def _keys(self, test: model.HasKeys, value: Value) -> bool | None:
        known = value.ref.value.known if isinstance(value.ref, Encoded) else value.known
        if not isinstance(known, Dict):
            return None if known is UNKNOWN else False
        results = []
        for key, one in test.keys.items():
            item = known.items.get(key)
            if item is None:
                results.append(isinstance(one, model.Absent) if known.complete else None)
            else:
                results.append(self.test(one, item))
        return False if False in results else None if None in results else True

    def _item(self, test: model.Item, value: Value) -> bool | None:
        known = value.known
        if not isinstance(known, (List, Dict)):
            return None if known is UNKNOWN else False
        items = known.items if isinstance(known, List) else list(known.items.values())
        said = _any(self.test(test.test, item) for item in items)
        return None if said is False and not known.complete else said

    def _items(self, test: model.Items, value: Value) -> bool | None:
        known = value.known
        if not isinstance(known, List):
            return None if known is UNKNOWN else False
        results = [self.test(one, item) for one, item in zip(test.tests, known.items, strict=False)]
        if len(known.items) < len(test.tests):
            results.append(False if known.complete else None)
        return False if False in results else None if None in results else True


def _any(outcomes: Iterable[bool | None]) -> bool | None:
    result: bool | None = False
    for outcome in outcomes:
        if outcome:
            return True
        if outcome is None:
            result = None
    return result


def _all_alike(outcomes: Iterable[bool]) -> bool | None:
    found = set(outcomes)
    return found.pop() if len(found) == 1 else None


def _is_literal(value: Value) -> bool:
    return isinstance(value.known, (str, int, float, bool, bytes)) or value.known is None


def _is_object(value: Value) -> bool:
    """Whether it is a function, class or instance of the project: no constant, then."""
    return value.ref is not None and not isinstance(value.ref, Parameter)


def _equal(value: Value, wanted: object) -> bool | None:
    known = value.known
    if known is UNKNOWN:
        return False if _is_object(value) else None
    if isinstance(known, Prefix):
        return None if isinstance(wanted, str) and wanted.startswith(known.text) else False
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and isinstance(known, (int, float)) and not isinstance(known, bool):
        return known == wanted
    return type(known) is type(wanted) and known == wanted


def _at_least(value: Value, least: float) -> bool | None:
    known = value.known
    if known is UNKNOWN:
        return False if _is_object(value) else None
    return isinstance(known, (int, float)) and not isinstance(known, bool) and known >= least


def _text(test: model.Prefix | model.Starts | model.Matches | model.Contains, value: Value) -> bool | None:
    known = value.known
    if known is UNKNOWN:
        return False if _is_object(value) else None
    if not isinstance(known, (str, Prefix)):
        return False
    start = value.start[:_LONGEST_MATCHED]
    whole = isinstance(known, str)
    match test:
        case model.Prefix():
            return True if start.startswith(test.text) else None if not whole and test.text.startswith(start) else False
        case model.Starts():
            return True if re.match(test.pattern, start) else False if whole else None
        case model.Matches():
            if isinstance(known, Prefix) and known.whole:  # one of several texts
                return _all_alike(re.fullmatch(test.pattern, piece[:_LONGEST_MATCHED]) is not None for piece in known.pieces)
            return re.fullmatch(test.pattern, start) is not None if whole else None
        case model.Contains():
            return True if any(test.text in piece for piece in pieces(value)) else False if whole else None
