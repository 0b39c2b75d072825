"""The states that a stream gives to instances of chosen classes, item by item: for classes whose ``__setstate__`` runs a text of its state.

A second pass, for the few streams that hold such a class, and one that verdicts rest on. So it says nothing rather than too little: where the stream does
anything that no pickler writes on the way to such a state (a dictionary that something else has had in its hands, a key that is no text, an opcode that
depends on the loader), the state is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from struct import error as StructError  # noqa: N812
from typing import ClassVar

from aisecops.formats.pickle.names import literal, resolve
from aisecops.formats.pickle.opcodes import NAMES, pieces
from aisecops.formats.pickle.stack import Steps
from aisecops.formats.pickle.trace import Buffer, RawArray, State

_BUDGET = 5_000_000
"""Opcodes of one stream that are looked at: a search over a large forest has a tenth."""
_MOST_ITEMS = 200
"""Items of a state; the classes in question have some thirty."""
_TEXTS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"})
_PUSHED = frozenset(
    "BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8 INT LONG LONG1 LONG4 FLOAT BINFLOAT BININT BININT1 BININT2 NEWTRUE NEWFALSE EMPTY_LIST EMPTY_SET".split()
)
_NEUTRAL = frozenset({"PROTO", "FRAME"})


def states(
    data: Buffer, start: int, asked: Callable[[str, str], bool], *, arrays: Collection[RawArray] = (), budget: int = _BUDGET
) -> tuple[State, ...] | None:
    """Return the states that the stream at ``start`` gives to instances of the classes for which ``asked(module, name)``, in order.

    Parameters
    ----------
    asked
        Called with the names as they resolve.
    arrays
        The raw arrays of that stream's trace, to step over.

    Returns
    -------
    tuple of State, or None
        None where the stream cannot be followed to its end.
    """
    pass_ = _Pass(data, asked, {array.start: array for array in arrays}, budget)
    try:
        pass_.run(start)
    except (LookupError, ValueError, StructError):  # the walk says how it ends
        return None
    return tuple(pass_.found)


class _Named:
    """A callable, or (``made``) an instance of it."""

    __slots__ = ("made", "resolved")

    def __init__(self, resolved: tuple[str, str], *, made: bool = False) -> None:
        self.resolved, self.made = resolved, made


class _First:
    """A tuple that begins with a class that was asked about."""

    __slots__ = ("named",)

    def __init__(self, named: _Named) -> None:
        self.named = named


class _Dictionary:
    """A dictionary of the stream: keys and values in turn, and whether anything else may have changed it."""

    __slots__ = ("items", "shared")

    def __init__(self, items: list[_Value]) -> None:
        self.items, self.shared = items, False


class _Empty:
    """What NONE pushes."""


_EMPTY = _Empty()
_Value = _Named | _First | _Dictionary | _Empty | int | None
"""An integer is the offset of a text's opcode; None is anything else."""


class _Pass(Steps[_Value]):
    def __init__(self, data: Buffer, asked: Callable[[str, str], bool], arrays: dict[int, RawArray], budget: int) -> None:
        self.data, self.end, self.asked, self.arrays, self.budget = data, len(data), asked, arrays, budget
        self.found: list[State] = []
        self.protocol = 0

    def run(self, start: int) -> None:
        """Execute one stream to its STOP. Raises ``LookupError`` where it cannot be followed."""
        self.clear()
        pos = start
        while True:
            self.budget -= 1
            if self.budget < 0:
                raise LookupError
            name, reads = NAMES[self.data[pos]], pieces(self.data, pos, self.end)
            after = reads[-1][1] if reads else pos + 1
            if after > self.end:
                raise LookupError
            if name == "STOP":
                self.stack[-1]
                return
            self.step(name, pos, *(reads[-1] if reads else (after, after)))
            pos = self.skip(after) if name == "BUILD" else after

    def step(self, name: str, at: int, start: int, stop: int) -> None:
        """Execute the opcode at ``at`` with the argument ``data[start:stop]``."""
        if name in _TEXTS:
            self.stack.append(at)
        elif name in _PUSHED:
            self.stack.append(None)
        elif name == "NONE":
            self.stack.append(_EMPTY)
        elif name not in _NEUTRAL:
            self._STEPS[name](self, name, at, start, stop)
        elif name == "PROTO":
            self.protocol = self.data[start]

    def skip(self, pos: int) -> int:
        """Step over the array that begins at ``pos``, if one does, as joblib reads it in the place of its wrapper; through it if it is a pickle."""
        array = self.arrays.get(pos)
        if array is None:
            return pos
        if array.nested:
            outer = self.stack, self.levels, self.memo
            self.run(pos)
            self.stack, self.levels, self.memo = outer
        self.stack[-1] = None
        return array.end

    def tuple_(self, name: str, *_: object) -> None:
        items = self.to_mark() if name == "TUPLE" else self.pop({"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}[name])
        _share(items)
        first = items[0] if items else None
        self.stack.append(_First(first) if isinstance(first, _Named) and self.asked(*first.resolved) else None)

    def container(self, name: str, *_: object) -> None:
        items = self.to_mark()
        _share(items)
        self.stack.append(_Dictionary(items) if name == "DICT" else None)

    def dictionary(self, *_: object) -> None:
        self.stack.append(_Dictionary([]))

    def fill(self, name: str, *_: object) -> None:
        """APPEND(S), SETITEM(S), ADDITEMS."""
        items = self.pop({"APPEND": 1, "SETITEM": 2}[name]) if name in ("APPEND", "SETITEM") else self.to_mark()
        _share(items)
        target = self.stack[-1]
        if isinstance(target, _Dictionary):
            target.items += items
            target.shared |= not name.startswith("SETITEM") or len(items) % 2 == 1

    def named(self, name: str, at: int, start: int, stop: int) -> None:
        """GLOBAL, STACK_GLOBAL."""
        if name == "GLOBAL":
            module, attribute = (str(bytes(self.data[a:b]), "utf-8") for a, b in ((at + 1, start - 1), (start, stop - 1)))
        else:
            module, attribute = (self.text(value) for value in self.pop(2))
        self.stack.append(_Named(resolve(module, attribute, self.protocol)))

    def text(self, value: _Value) -> str:
        """The text of a literal. Raises ``LookupError`` where ``value`` is none that every loader reads alike."""
        text = literal(self.data, value, self.end) if isinstance(value, int) else None
        if text is None:
            raise LookupError
        return text

    def call(self, name: str, *_: object) -> None:
        """REDUCE, NEWOBJ, NEWOBJ_EX. A call that is given a class first makes an instance of it, or nothing that would take a state."""
        callee, *arguments = self.pop(3 if name == "NEWOBJ_EX" else 2)
        _share(arguments)
        makes = arguments[0].named if isinstance(arguments[0], _First) else callee
        self.stack.append(_Named(makes.resolved, made=True) if isinstance(makes, _Named) else None)

    def build(self, *_: object) -> None:
        (state,) = self.pop(1)
        made = self.stack[-1]
        if isinstance(made, _Named) and self.asked(*made.resolved):
            items = self.items(state)
            empty = {self.text(key) for key, value in _pairs(state.items) if value is _EMPTY} if items and isinstance(state, _Dictionary) else ()
            self.found.append(State(*made.resolved, items, frozenset(empty)))
        _share([state])

    def items(self, state: _Value) -> tuple[tuple[str, str | None], ...] | None:
        """The keys of a state, each with its value if that is a text (and no long one); None where the keys are not known through and through."""
        if not isinstance(state, _Dictionary) or state.shared or len(state.items) > 2 * _MOST_ITEMS:
            return None
        try:
            return tuple(
                (self.text(key), literal(self.data, value, self.end) if isinstance(value, int) else None) for key, value in _pairs(state.items)
            )
        except LookupError:
            return None

    def supplied(self, name: str, *_: object) -> None:
        """PERSID, BINPERSID: an object that the loader supplies."""
        if name == "BINPERSID":
            _share(self.pop(1))
        self.stack.append(None)

    _STEPS: ClassVar[dict[str, Callable[..., None]]] = {
        **Steps.MOVES,
        "EMPTY_TUPLE": tuple_, "TUPLE1": tuple_, "TUPLE2": tuple_, "TUPLE3": tuple_, "TUPLE": tuple_,
        "EMPTY_DICT": dictionary, "LIST": container, "DICT": container, "FROZENSET": container,
        "APPEND": fill, "APPENDS": fill, "SETITEM": fill, "SETITEMS": fill, "ADDITEMS": fill,
        "GLOBAL": named, "STACK_GLOBAL": named, "REDUCE": call, "NEWOBJ": call, "NEWOBJ_EX": call, "BUILD": build,
        "PERSID": supplied, "BINPERSID": supplied,
    }  # fmt: skip
    """Opcodes that are not here (INST, OBJ, EXT, NEXT_BUFFER) end the pass: whoever writes these today has something else in mind."""


def _share(values: Sequence[_Value]) -> None:
    """Note that something else holds these, too, and may change them."""
    for value in values:
        if isinstance(value, _Dictionary):
            value.shared = True


def _pairs(items: list[_Value]) -> list[tuple[_Value, _Value]]:
    return list(zip(items[::2], items[1::2], strict=True))
