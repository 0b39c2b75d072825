"""Abstract values: where a value comes from (access path), what is known of it, and what it carries (taint).

A value is a product of three domains. The *path* starts at an import and grows with every attribute, call (``()``) and item (``[]``), so that
``openai.OpenAI().chat.completions.create()`` names the result of that call wherever it has got to. *Known* is a constant, the known start of a text, a dictionary or
list of values, or nothing. *Taint* maps labels (``untrusted``, ``model-output``, ... and ``#name`` for what came in through parameter ``name``) to how they got here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

LONGEST_PATH = 160
"""Characters of an access path: ``x = x.next()`` in a loop must not grow it for ever."""
CHOSEN = "argparse.ArgumentParser().parse_args()"
"""Access path of what holds the options of the command line, whichever library reads them."""
_LONGEST_TRAIL = 12
_DEEPEST = 6
_MOST_COPIED = 200
_MOST_PIECES = 16
_MOST_JOINED = 40
"""Items of a list that is one or the other: lists that meet again and again would grow for ever."""


class Unknown:
    """The one value of ``known`` that says nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class Clean:
    """``known`` of the annotation of a type in which nothing can hide: a number, an enumeration, a literal."""

    __slots__ = ()


CLEAN = Clean()
INJECTED = Clean()
"""``known`` of the annotation of a parameter that a framework fills with what a function of the program gives: ``Annotated[Session, Depends(session)]``."""


class Prefix:
    """A text of which the start, and whether it holds certain pieces, is known: an f-string, a concatenation; or that is one of several."""

    __slots__ = ("pieces", "text", "whole")

    def __init__(self, text: str, pieces: tuple[str, ...] = (), whole: bool = False) -> None:
        self.text = text
        self.pieces = pieces
        """All constant pieces in order, the start included."""
        self.whole = whole
        """Whether it is one of ``pieces``."""


class Dict(msgspec.Struct, eq=False):
    """A dictionary with some known keys. ``complete``: it has no others."""

    items: dict[Any, Value]
    complete: bool = True


class List(msgspec.Struct, eq=False):
    """A list, tuple or set with known items, in order. ``complete``: it has no others."""

    items: list[Value]
    complete: bool = True


MUTABLE = frozenset((Dict, List))
"""Types of what is ``known`` and can change: all else is shared as it is."""


class Step(msgspec.Struct, frozen=True):
    """One step of how a value got here."""

    path: str
    line: int
    message: str


class Mark(msgspec.Struct, eq=False):
    """How a label got to a value (``trail``), and for which categories of weakness it has been made harmless on the way (``safe``)."""

    trail: tuple[Step, ...]
    safe: frozenset[str] = frozenset()

    def then(self, step: Step) -> Mark:
        """The mark one step later."""
        if len(self.trail) >= _LONGEST_TRAIL or (self.trail and self.trail[-1].line == step.line and self.trail[-1].path == step.path):
            return self
        return Mark((*self.trail, step), self.safe)


Taint = dict[str, Mark]


class Value(msgspec.Struct, eq=False, frozen=True):
    """An abstract value. Values are not changed once made, but for the items of the ``Dict`` and ``List`` that they hold.

    Hundreds of thousands are made for a project: a struct of msgspec takes half as long to make as a class of Python's.
    """

    path: str = ""
    known: Any = UNKNOWN
    taint: Taint | None = None
    ref: Any = None
    """What of the program itself this is: a function, class, instance, module, partial call or parameter (``aisecops.codebase.dataflow.program``)."""

    @property
    def text(self) -> str | None:
        """The text that this is, if it is known whole."""
        return self.known if isinstance(self.known, str) else None

    @property
    def start(self) -> str:
        """The known start of the text that this is."""
        return self.known if isinstance(self.known, str) else self.known.text if isinstance(self.known, Prefix) else ""

    def label(self, name: str) -> Mark | None:
        """The mark of label ``name``."""
        return self.taint.get(name) if self.taint else None

    def __repr__(self) -> str:
        return f"Value({self.path!r}, {self.known!r}, {sorted(self.taint) if self.taint else None}, {self.ref!r})"


NOTHING = Value()
NONE = Value(known=None)


def merged(*taints: Taint | None) -> Taint | None:
    """Return the union of ``taints``: what is safe for a category is so only if every way here made it so."""
    result: Taint | None = None
    own = False
    for taint in taints:
        if not taint or taint is result:
            continue
        if result is None:
            result = taint
            continue
        if not own:
            result, own = dict(result), True
        for label, mark in taint.items():
            add_mark(result, label, mark)
    return result


def add_mark(taint: Taint, label: str, mark: Mark) -> None:
    """Change ``taint`` so that it carries ``label`` also as ``mark`` says."""
    there = taint.get(label)
    if there is None:
        taint[label] = mark
    elif there.safe and there.safe != mark.safe:
        taint[label] = Mark(there.trail if not mark.safe <= there.safe else mark.trail, there.safe & mark.safe)


def combined(values: Iterable[Value]) -> Taint | None:
    """Return the union of what ``values`` carry."""
    taints = [value.taint for value in values if value.taint]
    return merged(*taints) if taints else None


def joined(one: Value, other: Value) -> Value:
    """Return what a value is that is either ``one`` or ``other``."""
    if one is other:
        return one
    taint = merged(one.taint, other.taint)
    known = one.known if one.known is other.known else _known_of_both(one, other)
    path = one.path or other.path
    ref = one.ref if one.ref is not None else other.ref
    if known is one.known and taint is one.taint and path is one.path and ref is one.ref:
        return one
    return Value(path, known, taint, ref)


def _known_of_both(one: Value, other: Value) -> Any:
    a, b = one.known, other.known
    if type(a) is type(b) and not isinstance(a, (Dict, List, Prefix)) and a == b:
        return a
    if a is None and (other.path or other.ref is not None or isinstance(b, (Dict, List))):  # `x = None`, filled in on one of the ways
        return b
    if b is None and (one.path or one.ref is not None or isinstance(a, (Dict, List))):
        return a
    if one.path == other.path and one.path.startswith("?"):  # a list of the caller's, to which something was added on one of the ways
        for this, that in ((a, b), (b, a)):
            if this is UNKNOWN and isinstance(that, List) and not that.complete:
                return that
    if isinstance(a, Dict) and isinstance(b, Dict):
        both = {key: joined(a.items[key], b.items[key]) for key in a.items.keys() & b.items.keys()}
        some = {key: (a.items.get(key) or b.items[key]) for key in [*a.items, *b.items] if key not in both}
        return Dict(both | some, complete=False)
    if isinstance(a, List) and isinstance(b, List):
        longest = a if len(a.items) >= len(b.items) else b
        rest = b if longest is a else a
        extra = [item for item in rest.items if not any(item is there for there in longest.items)]
        return List([*longest.items, *extra[: max(0, _MOST_JOINED - len(longest.items))]], complete=False)
    if isinstance(a, (str, Prefix)) and isinstance(b, (str, Prefix)):
        return Prefix(_common(one.start, other.start), _either(one, other), _is_whole(a) and _is_whole(b))
    return UNKNOWN


def _either(one: Value, other: Value) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*pieces(one), *pieces(other))))[:_MOST_PIECES]


def _is_whole(known: Any) -> bool:
    return isinstance(known, str) or (isinstance(known, Prefix) and known.whole and len(known.pieces) < _MOST_PIECES)


def _common(a: str, b: str) -> str:
    end = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:end]


def pieces(value: Value) -> tuple[str, ...]:
    """Return the constant pieces of text in ``value``."""
    if isinstance(value.known, str):
        return (value.known,)
    return value.known.pieces if isinstance(value.known, Prefix) else ()


def tainted(value: Value, taint: Taint | None) -> Value:
    """Return ``value`` carrying exactly ``taint``."""
    return value if value.taint is taint else Value(value.path, value.known, taint, value.ref)


def without(value: Value, categories: frozenset[str] | None) -> Value:
    """Return ``value`` made harmless for ``categories``; for all (None), it carries nothing any more."""
    if not value.taint:
        return value
    if categories is None:
        return Value(value.path, value.known, None, value.ref)
    return Value(value.path, value.known, {label: Mark(mark.trail, mark.safe | categories) for label, mark in value.taint.items()}, value.ref)


def passed(value: Value, step: Step) -> Value:
    """Return ``value`` one step later; what carries nothing needs no trail."""
    if not value.taint:
        return value
    return Value(value.path, value.known, {label: mark.then(step) for label, mark in value.taint.items()}, value.ref)


def fresh(value: Value, depth: int = 4) -> Value:
    """Return ``value`` with dictionaries and lists of its own: what happens to them does not reach back."""
    known = value.known
    if type(known) not in MUTABLE:
        return value
    if not depth:
        return Value(value.path, UNKNOWN, value.taint, value.ref)
    whole = known.complete and len(known.items) <= _MOST_COPIED
    if isinstance(known, Dict):
        fields = {key: fresh(known.items[key], depth - 1) for key in islice(known.items, _MOST_COPIED)}
        return Value(value.path, Dict(fields, whole), value.taint, value.ref)
    return Value(value.path, List([fresh(item, depth - 1) for item in known.items[:_MOST_COPIED]], whole), value.taint, value.ref)


def inner(value: Value, depth: int = _DEEPEST) -> Iterator[Value]:
    """Yield ``value`` and the values inside it."""
    yield value
    if depth:
        if isinstance(value.known, Dict):
            for item in list(value.known.items.values()):
                yield from inner(item, depth - 1)
        elif isinstance(value.known, List):
            for item in list(value.known.items):
                yield from inner(item, depth - 1)


def extended(path: str, more: str) -> str:
    """Return the access path ``path`` + ``more``; nothing if there is none or it grows too long."""
    return path + more if path and len(path) < LONGEST_PATH else ""
