"""joblib's arrays: raw bytes in the middle of a stream.

``joblib.load`` is pickle.py with another BUILD: if the object that was built is a ``NumpyArrayWrapper``, the bytes of the array follow right behind the BUILD
opcode, and the array takes the wrapper's place on the stack (``joblib/numpy_pickle.py``, ``NumpyUnpickler.load_build``). How many bytes there are is said by the
wrapper's ``shape``, ``dtype`` and ``numpy_array_alignment_bytes`` (since 1.2; before, the attribute and the padding did not exist). Whoever counts wrong reads
another program than joblib does, so here nothing is guessed: a wrapper or dtype that is not written the way joblib and numpy write them ends the walk.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from re import fullmatch
from typing import Any

import msgspec

from aisecops.core.settings import Operation
from aisecops.core.text import inert
from aisecops.formats.pickle.memo import Memo
from aisecops.formats.pickle.names import literal
from aisecops.formats.pickle.recorder import MOST_DISTINCT, Recorder, Stopped
from aisecops.formats.pickle.segment import OPAQUE, Contradiction, Segment, Unreadable
from aisecops.formats.pickle.trace import Buffer, Ending, Global, StreamAnomaly
from aisecops.formats.pickle.values import GLOBAL, RESULT, SIMPLE_DTYPE, STRING, TRACKED

_WRAPPER = "NumpyArrayWrapper"
_WRAPPERS = frozenset({("joblib.numpy_pickle", _WRAPPER), ("sklearn.externals.joblib.numpy_pickle", _WRAPPER)})
"""The wrapper, also where scikit-learn before 0.23 had its joblib. A class of that name elsewhere may be one or not, so building it ends the walk."""
_EXTERNAL = frozenset({"NDArrayWrapper", "ZNDArrayWrapper"})
"""joblib before 0.10 kept each array in a file of its own, which loading opens."""
_CODE = r"[<>|=]?([biufcmMSUVO])([0-9]{1,18})"
_MOST_STEPS = 2_000_000
"""Opcodes of states that are read, in one stream: nested dtypes are read once for each level."""


class Array(msgspec.Struct, frozen=True):
    """What follows a wrapper: ``size`` bytes behind an optional padding, or a nested pickle."""

    dtype: str
    nested: bool
    size: int
    padded: bool

    def stop(self, start: int, data: Buffer, end: int) -> int:
        """The end of the array whose bytes (padding first) begin at ``start``; beyond ``end`` if the data is cut off."""
        padding = 1 + (data[start] if start < end else 0) if self.padded else 0
        return start + padding + self.size


class _Tracked:
    """A dtype or a wrapper: where the opcode stands that made it, and what became of it."""

    def __init__(self, resume: int, wrapper: bool, code: str | None) -> None:
        self.resume, self.wrapper, self.code = resume, wrapper, code
        self.built = False
        self.state: Any = None
        self.refused = ""


class Arrays:
    """Follows dtypes and array wrappers through a stream that joblib reads."""

    def __init__(self, data: Buffer, recorder: Recorder, until: int = -1) -> None:
        self._data, self._recorder, self._until = data, recorder, until
        self._tracked: list[_Tracked] = []
        self._made: dict[int, _Tracked] = {}
        self._doubtful: set[int] = set()
        """Uses whose results might be wrappers, for all that their arguments tell."""
        self._reconstructed = 0
        self._steps = 0
        self.disordered = False
        """Whether anything was memoized out of turn: then an entry may have been written over, and what a GET returned cannot be told afterwards."""

    def track(self, use: int, arguments: Sequence[int] | None, at: int) -> int | None:
        """Note the call ``use`` at offset ``at``; return a number for a TRACKED value if it makes a dtype or a wrapper."""
        recorder = self._recorder
        named = recorder.globals[recorder.uses[use].callee]
        first = self._global(arguments[0]) if arguments else None
        for made in (named, first):
            if made is not None and _last(made) in _EXTERNAL:
                recorder.anomaly(StreamAnomaly.EXTERNAL_FILE, at, f"{_last(made)}: joblib opens the file that its state names")
        if recorder.uses[use].operation is Operation.INSTANTIATE:
            return self._add(use, at, wrapper=True) if named.resolved in _WRAPPERS and arguments == () else None
        if (
            named.resolved == ("copyreg", "_reconstructor")
            and first is not None
            and first.resolved in _WRAPPERS
            and arguments
            and len(arguments) == 3
        ):
            self._reconstructed += 1
            return self._add(use, at, wrapper=True)
        if named.resolved == ("numpy", "dtype"):
            return self._add(use, at, wrapper=False, code=self._text(arguments[0]) if arguments else None)
        if arguments is None:
            self._doubtful.add(use)
        return None

    def _add(self, use: int, at: int, *, wrapper: bool, code: str | None = None) -> int:
        if len(self._tracked) >= MOST_DISTINCT:
            raise Stopped(Ending.LIMIT, f"more than {MOST_DISTINCT} arrays and dtypes")
        tracked = self._made[at] = _Tracked(at + 1, wrapper, code)
        self._tracked.append(tracked)
        self._recorder.tracked_uses.append(use)
        return len(self._tracked) - 1

    def build(self, value: int, at: int, memo: Memo) -> Array | None:
        """BUILD at offset ``at`` on ``value``: return the array that follows, if one does."""
        if value & 3 == RESULT:
            self._refuse_doubtful(value >> 2, at)
        if value & 3 != TRACKED:
            return None
        tracked = self._tracked[value >> 2]
        if self._until >= 0 and not tracked.wrapper and self._recorder.is_plain_state(at):
            return None
        try:
            if tracked.built or self.disordered:
                raise Unreadable("it is built twice" if tracked.built else "the memo is out of order")
            tracked.built = True
            tracked.state = self._state(tracked, at, memo)
            if tracked.wrapper:
                return self._array(tracked.state)
            _believe(tracked)
        except Unreadable as refused:
            if isinstance(refused, Contradiction) or not (tracked.wrapper or self._recorder.is_plain_state(at)):
                self._recorder.anomaly(StreamAnomaly.FALSE_DTYPE, at, f"a data type of numpy is written as no library writes it: {refused}")
            if tracked.wrapper:
                raise Stopped(Ending.LIMIT, f"an array wrapper at offset {at} is followed by nobody can tell how many bytes: {refused}") from None
            tracked.refused = str(refused)
        if at == self._until:
            raise Stopped(Ending.TRUNCATED, "this is as far as was asked")
        return None

    def _refuse_doubtful(self, use: int, at: int) -> None:
        """Stop where an object that may be a wrapper is built in a way that joblib never writes."""
        recorder = self._recorder
        wrappers = {number for number, named in enumerate(recorder.globals) if _last(named) == _WRAPPER} if recorder.globals else set()
        if not wrappers:
            return
        referred = sum(n for n, u in zip(recorder.counts, recorder.uses, strict=True) if u.operation is Operation.REFERENCE and u.callee in wrappers)
        if recorder.uses[use].callee in wrappers or referred > self._reconstructed or (referred and use in self._doubtful):
            raise Stopped(Ending.LIMIT, f"the object built at offset {at} may be an array wrapper, followed by nobody can tell how many bytes")

    def _state(self, tracked: _Tracked, at: int, memo: Memo) -> Any:
        segment = Segment(self._data, tracked, lambda index: self._value(memo, index), lambda offset: self._made.get(offset, OPAQUE))
        try:
            return segment.state(tracked.resume, at)
        finally:
            self._steps += segment.opcodes
            if self._steps > _MOST_STEPS:
                raise Stopped(Ending.LIMIT, "the states of arrays and dtypes are too long")

    def _value(self, memo: Memo, index: int) -> object:
        try:
            value = memo[index]
        except LookupError:
            return OPAQUE
        if value <= STRING:
            text = literal(self._data, STRING - value, len(self._data))
            return OPAQUE if text is None else text
        return self._tracked[value >> 2] if value >= 0 and value & 3 == TRACKED else OPAQUE

    def _global(self, value: int) -> Global | None:
        return self._recorder.globals[value >> 2] if value >= 0 and value & 3 == GLOBAL else None

    def _text(self, value: int) -> str | None:
        return literal(self._data, STRING - value, len(self._data)) if value <= STRING else None

    def _array(self, state: Any) -> Array:
        """What the state of a wrapper says about the bytes behind it."""
        if type(state) is not dict or not {"shape", "dtype", "subclass", "order"} <= state.keys():
            raise Unreadable("its state lacks shape or dtype")
        dtype, shape, alignment = state["dtype"], state["shape"], state.get("numpy_array_alignment_bytes")
        if type(shape) is not tuple or not all(type(n) is int and n >= 0 for n in shape):
            raise Unreadable("its shape is not a tuple of sizes")
        if not isinstance(dtype, _Tracked) or dtype.wrapper:
            raise Unreadable("its dtype is not written in the stream as numpy writes it")
        if not (alignment is None or type(alignment) is int):
            raise Unreadable("its alignment is no number")
        size, objects = _layout(dtype)
        total = prod(shape) * size
        if not size or total >= 1 << 62:
            raise Unreadable("its size is impossible")
        return Array(inert(dtype.code or "", 60), objects, total, alignment is not None)


def _last(named: Global) -> str:
    return named.resolved[1].rpartition(".")[2]


def _layout(dtype: _Tracked) -> tuple[int, bool]:
    """The size of an item in bytes, and whether items hold Python objects.

    ``numpy.dtype(code, False, True)`` and the state (version, byte order, subarray, names, fields, size, alignment, flags, metadata) that BUILD sets say it
    twice; where the two could disagree, numpy decides by rules that changed between versions, so both must say the same.
    """
    if dtype.refused:
        raise Unreadable(f"its dtype cannot be told: {dtype.refused}")
    found = fullmatch(_CODE, dtype.code or "")
    if found is None:
        raise Unreadable(f"its dtype is {inert(dtype.code or 'unknown', 40)!r}")
    kind, size = found[1], int(found[2]) * (4 if found[1] == "U" else 1)
    objects = kind == "O"
    if dtype.built:
        objects = _checked(kind, size, dtype.state)
    return size, objects


def _checked(kind: str, size: int, state: Any) -> bool:
    """Whether the state of a dtype says that items hold Python objects; ``Unreadable`` where it contradicts the code."""
    if type(state) is not tuple or not 8 <= len(state) <= 9 or type(state[7]) is not int:
        raise Unreadable("the state of its dtype has an unknown form")
    _version, _order, subarray, names, fields, stated, _alignment, flags = state[:8]
    if stated != (size if kind in "SUV" else -1):
        raise Contradiction("its dtype states two sizes")
    if type(fields) not in (dict, type(None)):
        raise Unreadable("the fields of its dtype cannot be told")
    named = names if type(names) is tuple and all(type(name) is str for name in names) else ()
    if (names is not None) != bool(named) or bool(named) != bool(fields) or not set(named) <= set(fields or ()):
        raise Contradiction("the fields of its dtype have other names than it states")
    inner = [_first(field) for field in (fields or {}).values()]
    if subarray is not None:
        inner.append(_first(subarray))
    if inner and kind != "V":
        raise Contradiction("its dtype is plain and structured at once")
    objects = kind == "O" or any(_layout(item)[1] for item in inner)
    if objects != bool(flags & 1):
        raise Contradiction("its dtype contradicts its flags")
    return objects


def _believe(dtype: _Tracked) -> None:
    """Refuse a dtype whose fields reach beyond it, or hold objects that its flags deny: numpy reads them where the file says, and takes its bytes for addresses."""
    state = dtype.state
    if type(state) is not tuple or len(state) < 8 or type(state[4]) not in (dict, type(None)):
        raise Contradiction("its state has an unknown form")
    fields, size, objects = list((state[4] or {}).values()), state[5], False
    if state[2] is not None:
        fields.append(state[2])
    if fields and fullmatch(SIMPLE_DTYPE, dtype.code or ""):  # a number of which parts have names, too
        size, named_objects = _extent(dtype)
        if named_objects or state[7] != 0:
            raise Contradiction("it is plain and structured at once")
    for field in fields:
        inner, second = _first(field), field[1] if len(field) > 1 else None
        width, holds = _extent(inner)
        reach = _repeated(width, second) if field is state[2] else second + width if type(second) is int and second >= 0 else None
        if reach is None or type(size) is not int or reach > size:
            raise Contradiction("a field of it reaches beyond it")
        objects |= holds
    if objects and not (type(state[7]) is int and state[7] & 1):
        raise Contradiction("its flags deny the objects in its fields")


def _extent(dtype: _Tracked) -> tuple[int, bool]:
    """The size of an item, and whether it holds objects, by the state where that says so."""
    if dtype.refused:
        raise Contradiction("a field of it cannot be told")
    state = dtype.state if dtype.built else None
    if type(state) is tuple and len(state) >= 8 and type(state[5]) is int and state[5] >= 0 and type(state[7]) is int:
        return state[5], bool(state[7] & 1)
    if (found := fullmatch(_CODE, dtype.code or "")) is None:
        raise Contradiction("a field of it cannot be told")
    return int(found[2]) * (4 if found[1] == "U" else 1), found[1] == "O"


def _repeated(width: int, shape: object) -> int | None:
    """The size of a subarray."""
    sizes = shape if type(shape) is tuple else (shape,)
    return width * prod(sizes) if all(type(n) is int and n >= 0 for n in sizes) else None


def _first(pair: Any) -> _Tracked:
    """The dtype of a field (dtype, offset) or a subarray (dtype, shape)."""
    found = pair[0] if type(pair) is tuple and pair else None
    if not isinstance(found, _Tracked) or found.wrapper:
        raise Unreadable("a field of its dtype cannot be told")
    return found
