"""numpy's data types: how large an item is and whether it holds objects, as the stream says it.

``numpy.dtype(code, False, True)`` makes a data type, and BUILD sets its state: (version, byte order, subarray, names, fields, size, alignment, flags, ...). numpy
believes the flags: an array of a type that holds objects, and whose flags deny it, takes bytes of the file for their addresses; a field may reach beyond its
item. So each state that a stream sets must agree with the code and with the fields, as those that numpy writes do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import Any

from aisecops.formats.pickle.memo import Memo
from aisecops.formats.pickle.names import literal
from aisecops.formats.pickle.recorder import Recorder
from aisecops.formats.pickle.segment import OPAQUE, Contradiction, Segment, Unreadable
from aisecops.formats.pickle.trace import Buffer, Global, StreamAnomaly
from aisecops.formats.pickle.values import GLOBAL, STRING, TRACKED

_CODE = re.compile(r"[<>|=]?([biufcmMSUVO])([0-9]{1,18})")
_SIZED = "SUV?"
"""Kinds whose items are as large as the state says; numpy ignores what it says of others."""
_RECORDS = frozenset((module, name) for module in ("numpy", "numpy.rec", "numpy.core.records", "numpy._core.records") for name in ("record", "void"))
"""Classes that stand in place of a code of kind V. Of any other class numpy may make a data type of objects."""
_OTHERS = re.compile(r"(?:b?float|u?int)([0-9]{1,3})(?:_[0-9a-z]+)?")
"""Data types of the package ml_dtypes, which are numbers."""
_OBJECTS = 3
"""Flags: items are counted references, and are pickled in a list. Either alone has bytes taken for addresses."""
_NUMBER = rb"(?:K[\s\S]|M[\s\S]{2}|J[\s\S]{4}|I-?[0-9]{1,9}\n|L-?[0-9]{1,9}L?\n)"
_PLAIN_STATE = re.compile(rb"NNN(" + _NUMBER + rb")" + _NUMBER + rb"(" + _NUMBER + rb")t(?:q[\s\S]|r[\s\S]{4}|\x94|p[0-9]{1,9}\n)?\Z")
"""The end of a state without subarray, names and fields: size, alignment, flags. No opcode that leaves the stack alone has so long an argument, so these bytes
are opcodes that ran, or a text, which numpy refuses for a state."""
_LONGEST_STATE = 64
_MOST_STEPS = 2_000_000
"""Opcodes of states that are read in one stream, besides one for each of its bytes: nested types are read once for each level."""
_HELD = 350
"""Bytes of memory that one data type takes, roughly."""


class DType:
    """A data type that the stream makes, and what became of it. ``kind``: numpy's letter, ``V`` for records, ``?`` for numbers of another package, or nothing."""

    __slots__ = ("built", "code", "kind", "objects", "refused", "resume", "size", "state")

    def __init__(self, resume: int, code: str, kind: str, size: int) -> None:
        self.resume, self.code, self.kind, self.size = resume, code, kind, size
        self.objects = kind == "O"
        self.built = False
        self.state: Any = None
        self.refused = ""


class DTypes:
    """Follows the data types of one stream.

    ``reads_all``: keep also the states that say outright that there are no fields.
    """

    reads_all = False

    def __init__(self, data: Buffer, recorder: Recorder) -> None:
        self._data, self._recorder = data, recorder
        self._tracked: dict[int, Any] = {}
        """By number of the TRACKED value; a stream within the stream has followers of its own, and the numbers go on."""
        self._made: dict[int, Any] = {}
        """By offset of the opcode that made it."""
        self._steps = 0

    @property
    def held(self) -> int:
        """Bytes of memory, roughly."""
        return len(self._tracked) * _HELD

    def track(self, use: int, arguments: Sequence[int] | None, at: int) -> int | None:
        """Note the call ``use`` at offset ``at``; return a number for a TRACKED value if it makes a data type."""
        return self._add(use, at, self._dtype(arguments, at)) if self._recorder.makes_dtype(use) else None

    def _add(self, use: int, at: int, made: object) -> int:
        number = len(self._recorder.tracked_uses)
        self._recorder.tracked_uses.append(use)
        self._made[at] = self._tracked[number] = made
        return number

    def _dtype(self, arguments: Sequence[int] | None, at: int) -> DType:
        first = arguments[0] if arguments else 0
        code = literal(self._data, STRING - first, len(self._data)) if first <= STRING else None
        if found := _CODE.fullmatch(code or ""):
            return DType(at + 1, code or "", found[1], int(found[2]) * (4 if found[1] == "U" else 1))
        named = self._global(first) if arguments else None
        if named is not None and named.resolved in _RECORDS:
            return DType(at + 1, "", "V", -1)
        if named is not None and named.module == "ml_dtypes" and (found := _OTHERS.fullmatch(named.name)):
            return DType(at + 1, "", "?", (int(found[1]) + 7) // 8)
        return DType(at + 1, code or "", "", -1)

    def build(self, value: int, at: int, memo: Memo) -> Any:
        """BUILD at offset ``at`` on ``value``, which is TRACKED."""
        made = self._tracked.get(value >> 2)
        if made is None:
            self._lie(at, "its state is set from without the stream that made it")
        else:
            self._set(made, at, memo)

    def _lie(self, at: int, why: object) -> None:
        self._recorder.anomaly(StreamAnomaly.FALSE_DTYPE, at, f"a data type of numpy is written as no library writes it: {why}")

    def _set(self, dtype: DType, at: int, memo: Memo) -> None:
        plain = _PLAIN_STATE.search(bytes(self._data[max(at - _LONGEST_STATE, 0) : at]))
        try:
            if dtype.built:
                raise Contradiction("it is built twice")
            dtype.built = True
            if plain is not None:
                self._recorder.read(at - len(plain[0]), at)
                _believe(dtype, (None, None, None, None, None, _number(plain[1]), None, _number(plain[2])))
            if plain is None or self.reads_all:
                self._recorder.read(dtype.resume, at)
                dtype.state = self._state(dtype, at, memo)
                _believe(dtype, dtype.state)
        except Unreadable as refused:
            if isinstance(refused, Contradiction) or plain is None:
                self._lie(at, refused)
            dtype.refused = str(refused)

    def _state(self, made: Any, at: int, memo: Memo) -> Any:
        if memo.overwritten:  # what a GET returned cannot be told afterwards
            raise Unreadable("the memo is out of order")
        if self._steps > _MOST_STEPS + at:
            raise Unreadable("the states of arrays and dtypes are too long")
        segment = Segment(self._data, made, lambda index: self._value(memo, index), lambda offset: self._made.get(offset, OPAQUE))
        try:
            return segment.state(made.resume, at)
        finally:
            self._steps += segment.opcodes

    def _value(self, memo: Memo, index: int) -> object:
        try:
            value = memo[index]
        except LookupError:
            return OPAQUE
        if value <= STRING:
            text = literal(self._data, STRING - value, len(self._data))
            return OPAQUE if text is None else text
        return self._tracked.get(value >> 2, OPAQUE) if value >= 0 and value & 3 == TRACKED else OPAQUE

    def _global(self, value: int) -> Global | None:
        return self._recorder.globals[value >> 2] if value >= 0 and value & 3 == GLOBAL else None


def _number(written: bytes) -> int:
    """The number that the opcode ``written`` pushes."""
    if written[:1] in b"IL":
        return int(written[1:].rstrip(b"L\n"))
    return int.from_bytes(written[1:], "little", signed=written[:1] == b"J")


def _believe(dtype: DType, state: Any) -> None:
    """Set what ``state`` says of ``dtype``. Refuse what no numpy writes: another size or other flags than its code and its fields have."""
    if type(state) is not tuple or len(state) < 8 or type(state[4]) not in (dict, type(None)) or type(state[7]) is not int:
        raise Contradiction("its state has an unknown form")
    subarray, names, fields, stated, flags = state[2], state[3], state[4] or {}, state[5], state[7]
    if not dtype.kind:
        raise Contradiction("it is made from no code that numpy writes")
    if dtype.kind in _SIZED:
        if type(stated) is not int or stated < 0 or dtype.size not in (stated, -1):
            raise Contradiction("it states two sizes")
        dtype.size = stated
    named = names if type(names) is tuple and all(type(name) is str for name in names) else ()
    if (names is not None) != bool(named) or bool(named) != bool(fields) or not set(named) <= set(fields):
        raise Contradiction("its fields have other names than it states")
    objects = dtype.kind == "O"
    if subarray is not None:
        inner = _first(subarray)
        width = _repeated(inner.size, subarray[1] if len(subarray) > 1 else None)
        if width is None or inner.size < 0 or width > dtype.size:
            raise Contradiction("its subarray is larger than it")
        objects |= inner.objects
    for field in fields.values():
        inner, place = _first(field), field[1] if len(field) > 1 else None
        if type(place) is not int or place < 0 or inner.size < 0 or place + inner.size > dtype.size:
            raise Contradiction("a field of it reaches beyond it")
        objects |= inner.objects
    if (fields or subarray is not None) and dtype.kind != "V" and (objects or flags):  # a number of which parts have names, too
        raise Contradiction("it is plain and structured at once")
    if flags & _OBJECTS != (_OBJECTS if objects else 0):
        raise Contradiction("its flags deny the objects that it holds" if objects else "its flags claim objects that it does not hold")
    dtype.objects = objects


def _repeated(width: int, shape: object) -> int | None:
    """The size of a subarray."""
    sizes = shape if type(shape) is tuple else (shape,)
    return width * prod(sizes) if all(type(n) is int and n >= 0 for n in sizes) else None


def _first(pair: Any) -> DType:
    """The data type of a field (type, offset) or a subarray (type, shape)."""
    found = pair[0] if type(pair) is tuple and pair else None
    if not isinstance(found, DType):
        raise Unreadable("a field of it cannot be told")
    if found.refused:
        raise Contradiction(f"a field of it cannot be told: {found.refused}")
    return found
