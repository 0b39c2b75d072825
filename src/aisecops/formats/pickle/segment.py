"""Reads a short piece of a stream into plain Python values: numbers, text, tuples, dicts. Everything else in it is opaque.

joblib's array wrappers say in their state how many raw bytes follow them, so that state must be known exactly: what is not plainly written there is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aisecops.formats.pickle.names import literal
from aisecops.formats.pickle.opcodes import NAMES, pieces
from aisecops.formats.pickle.trace import Buffer

MOST_OPCODES = 20_000
LONGEST_INTEGER = 64
"""Bytes of an integer that is read: no shape or size needs more."""


class Unreadable(Exception):  # noqa: N818
    """The piece holds something that cannot be told from the file alone."""


class Contradiction(Unreadable):
    """The piece says two things of which only one can be: no library writes that."""


class _Opaque:
    """Something whose value does not matter, or is not known."""


OPAQUE = _Opaque()
_MARK = _Opaque()


class Segment:
    """Executes ``data[start:stop]`` on a stack that holds ``first`` alone.

    Parameters
    ----------
    get
        Memo index to value, as the machine sees it.
    made
        Offset of a REDUCE or NEWOBJ to the value that it made.
    """

    def __init__(self, data: Buffer, first: object, get: Callable[[int], object], made: Callable[[int], object]) -> None:
        self._data, self._get, self._made = data, get, made
        self._stack: list[Any] = [first]
        self.opcodes = 0

    def state(self, start: int, stop: int) -> Any:
        """The value that the piece leaves above the first one. Raises ``Unreadable``."""
        first = self._stack[0]
        pos = start
        while pos < stop:
            self.opcodes += 1
            if self.opcodes > MOST_OPCODES:
                raise Unreadable("its state is too long")
            reads = pieces(self._data, pos, stop)
            after = reads[-1][1] if reads else pos + 1
            self._step(self._data[pos], pos, reads[-1] if reads else (after, after))
            pos = after
        if pos != stop or len(self._stack) != 2 or self._stack[0] is not first:
            raise Unreadable("its state is not written right behind it")
        return self._stack[1]

    def _step(self, op: int, at: int, argument: tuple[int, int]) -> None:
        name, stack = NAMES.get(op, ""), self._stack
        if name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name in _INTEGERS:
            stack.append(self._integer(name, *argument))
        elif name in _STRINGS:
            stack.append(literal(self._data, at, len(self._data)))
        elif name in _BYTES:
            stack.append(OPAQUE)
        elif name in _GETS:
            index = self._integer(name, *argument)
            stack.append(self._get(index))
        elif name in _POPS:
            made = self._made(at)
            self._pop(_POPS[name])
            stack.append(made)
        elif name in _TUPLES:
            stack.append(tuple(self._pop(_TUPLES[name])))
        elif name == "GLOBAL":
            stack.append(OPAQUE)
        elif name not in _NOTHING:
            self._change(name)

    def _change(self, name: str) -> None:
        """Opcodes that fill containers."""
        stack = self._stack
        if name == "MARK":
            stack.append(_MARK)
        elif name == "TUPLE":
            stack.append(tuple(self._to_mark()))
        elif name == "LIST":
            stack.append(self._to_mark())
        elif name in ("DICT", "SETITEM", "SETITEMS"):
            items = self._pop(2) if name == "SETITEM" else self._to_mark()
            if name == "DICT":
                stack.append({})
            self._fill(items)
        elif name == "BUILD":
            self._pop(1)
        else:
            raise Unreadable(f"its state uses {name or 'an unknown opcode'}")

    def _fill(self, items: list[Any]) -> None:
        target = self._stack[-1] if self._stack else None
        if type(target) is not dict or len(items) % 2 or not all(type(key) is str for key in items[::2]):
            raise Unreadable("its state is no dictionary of names")
        target.update(zip(items[::2], items[1::2], strict=True))

    def _pop(self, count: int) -> list[Any]:
        popped = self._stack[-count:] if count else []
        if len(popped) != count or any(item is _MARK for item in popped):
            raise Unreadable("its state uses something from outside")
        del self._stack[len(self._stack) - count :]
        return popped

    def _to_mark(self) -> list[Any]:
        for place in range(len(self._stack) - 1, 0, -1):
            if self._stack[place] is _MARK:
                popped = self._stack[place + 1 :]
                del self._stack[place:]
                return popped
        raise Unreadable("its state uses something from outside")

    def _integer(self, name: str, start: int, stop: int) -> int:
        raw = bytes(self._data[start:stop])
        if len(raw) > LONGEST_INTEGER:
            raise Unreadable("its state holds a huge number")
        if name in ("INT", "LONG", "GET"):
            digits = raw.rstrip(b"\n").removesuffix(b"L" if name == "LONG" else b"")
            if not digits.removeprefix(b"-").isdigit():
                raise Unreadable("its state holds an odd number")
            return int(digits)
        return int.from_bytes(raw, "little", signed=name in ("BININT", "LONG1", "LONG4"))


_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "EMPTY_TUPLE": tuple, "EMPTY_DICT": dict, "EMPTY_LIST": list,
    "BINFLOAT": lambda: OPAQUE, "FLOAT": lambda: OPAQUE,
}  # fmt: skip
_INTEGERS = frozenset({"INT", "LONG", "BININT", "BININT1", "BININT2", "LONG1", "LONG4"})
_STRINGS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"})
_BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_POPS = {"REDUCE": 2, "NEWOBJ": 2, "STACK_GLOBAL": 2}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_NOTHING = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "FRAME", "PROTO"})
