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
        self.stack: list[Any] = [first]
        self.opcodes = 0

    def state(self, start: int, stop: int) -> Any:
        """The value that the piece leaves above the first one. Raises ``Unreadable``."""
        first = self.stack[0]
        data, pos = self._data, start
        while pos < stop:
            self.opcodes += 1
            if self.opcodes > MOST_OPCODES:
                raise Unreadable("its state is too long")
            op = data[pos]
            if op == _MEMOIZE:  # every second one
                pos += 1
                continue
            step = _STEPS.get(op)
            if step is None:
                raise Unreadable(f"its state uses {NAMES.get(op) or 'an unknown opcode'}")
            reads = pieces(data, pos, stop)
            after = reads[-1][1] if reads else pos + 1
            step(self, pos, reads[-1] if reads else (after, after))
            pos = after
        if pos != stop or len(self.stack) != 2 or self.stack[0] is not first:
            raise Unreadable("its state is not written right behind it")
        return self.stack[1]

    # -- the opcodes: each takes its offset and the extent of its argument

    def op_text(self, at: int, _argument: tuple[int, int]) -> None:
        """Push a literal, or None where nobody can tell it."""
        self.stack.append(literal(self._data, at, len(self._data)))

    def op_from_memo(self, at: int, argument: tuple[int, int]) -> None:
        """GET and its like."""
        self.stack.append(self._get(self._integer(at, argument)))

    def op_number(self, at: int, argument: tuple[int, int]) -> None:
        """Push an integer."""
        self.stack.append(self._integer(at, argument))

    def op_mark(self, _at: int, _argument: tuple[int, int]) -> None:
        """MARK."""
        self.stack.append(_MARK)

    def op_tuple(self, _at: int, _argument: tuple[int, int]) -> None:
        """TUPLE."""
        self.stack.append(tuple(self._to_mark()))

    def op_list(self, _at: int, _argument: tuple[int, int]) -> None:
        """LIST."""
        self.stack.append(self._to_mark())

    def op_dict(self, _at: int, _argument: tuple[int, int]) -> None:
        """DICT."""
        items = self._to_mark()
        self.stack.append({})
        self._fill(items)

    def op_set_item(self, _at: int, _argument: tuple[int, int]) -> None:
        """SETITEM."""
        self._fill(self.pop(2))

    def op_set_items(self, _at: int, _argument: tuple[int, int]) -> None:
        """SETITEMS."""
        self._fill(self._to_mark())

    def op_build(self, _at: int, _argument: tuple[int, int]) -> None:
        """BUILD: what it was done to stays."""
        self.pop(1)

    def op_call(self, at: int, _argument: tuple[int, int]) -> None:
        """What takes two values and leaves what it made."""
        made = self._made(at)
        self.pop(2)
        self.stack.append(made)

    def _fill(self, items: list[Any]) -> None:
        target = self.stack[-1] if self.stack else None
        if type(target) is not dict or len(items) % 2 or not all(type(key) is str for key in items[::2]):
            raise Unreadable("its state is no dictionary of names")
        target.update(zip(items[::2], items[1::2], strict=True))

    def pop(self, count: int) -> list[Any]:
        """Pop ``count`` values, which the piece itself has pushed."""
        popped = self.stack[-count:] if count else []
        if len(popped) != count or any(item is _MARK for item in popped):
            raise Unreadable("its state uses something from outside")
        del self.stack[len(self.stack) - count :]
        return popped

    def _to_mark(self) -> list[Any]:
        for place in range(len(self.stack) - 1, 0, -1):
            if self.stack[place] is _MARK:
                popped = self.stack[place + 1 :]
                del self.stack[place:]
                return popped
        raise Unreadable("its state uses something from outside")

    def _integer(self, at: int, argument: tuple[int, int]) -> int:
        raw, name = bytes(self._data[argument[0] : argument[1]]), NAMES[self._data[at]]
        if len(raw) > LONGEST_INTEGER:
            raise Unreadable("its state holds a huge number")
        if name in ("INT", "LONG", "GET"):
            digits = raw.rstrip(b"\n").removesuffix(b"L" if name == "LONG" else b"")
            if not digits.removeprefix(b"-").isdigit():
                raise Unreadable("its state holds an odd number")
            return int(digits)
        return int.from_bytes(raw, "little", signed=name in ("BININT", "LONG1", "LONG4"))


_Step = Callable[[Segment, int, tuple[int, int]], None]


def _pushes(make: Callable[[], Any]) -> _Step:
    """The step of an opcode that pushes what ``make`` returns."""
    return lambda segment, _at, _argument: segment.stack.append(make())


def _packs(count: int) -> _Step:
    """The step of an opcode that makes a tuple of ``count`` values."""
    return lambda segment, _at, _argument: segment.stack.append(tuple(segment.pop(count)))


def _nothing(_segment: Segment, _at: int, _argument: tuple[int, int]) -> None:
    """The step of an opcode that leaves the stack as it is."""


_STEPS_BY_NAME: dict[str, _Step] = {
    "NONE": _pushes(lambda: None), "NEWTRUE": _pushes(lambda: True), "NEWFALSE": _pushes(lambda: False), "EMPTY_TUPLE": _pushes(tuple),
    "EMPTY_DICT": _pushes(dict), "EMPTY_LIST": _pushes(list),
    **dict.fromkeys(("BINFLOAT", "FLOAT", "GLOBAL", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"), _pushes(lambda: OPAQUE)),
    **dict.fromkeys(("INT", "LONG", "BININT", "BININT1", "BININT2", "LONG1", "LONG4"), Segment.op_number),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), Segment.op_text),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), Segment.op_from_memo),
    **dict.fromkeys(("REDUCE", "NEWOBJ", "STACK_GLOBAL"), Segment.op_call),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "FRAME", "PROTO"), _nothing),
    "TUPLE1": _packs(1), "TUPLE2": _packs(2), "TUPLE3": _packs(3), "MARK": Segment.op_mark, "TUPLE": Segment.op_tuple, "LIST": Segment.op_list,
    "DICT": Segment.op_dict, "SETITEM": Segment.op_set_item, "SETITEMS": Segment.op_set_items, "BUILD": Segment.op_build,
}  # fmt: skip
_STEPS = {op: _STEPS_BY_NAME[name] for op, name in NAMES.items() if name in _STEPS_BY_NAME}
_MEMOIZE = 0x94
