"""joblib's arrays: raw bytes in the middle of a stream.

``joblib.load`` is pickle.py with another BUILD: if the object that was built is a ``NumpyArrayWrapper``, the bytes of the array follow right behind the BUILD
opcode, and the array takes the wrapper's place on the stack (``joblib/numpy_pickle.py``, ``NumpyUnpickler.load_build``). How many bytes there are is said by the
wrapper's ``shape``, ``dtype`` and ``numpy_array_alignment_bytes`` (since 1.2; before, the attribute and the padding did not exist). Whoever counts wrong reads
another program than joblib does, so here nothing is guessed: a wrapper or dtype that is not written the way joblib and numpy write them ends the walk.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import msgspec

from aisecops.core.settings import Operation
from aisecops.core.text import inert
from aisecops.formats.pickle.dtypes import DType, DTypes
from aisecops.formats.pickle.memo import Memo
from aisecops.formats.pickle.recorder import Recorder, Stopped
from aisecops.formats.pickle.segment import Contradiction, Unreadable
from aisecops.formats.pickle.trace import Buffer, Ending, Global, StreamAnomaly
from aisecops.formats.pickle.values import RESULT, TRACKED

_WRAPPER = "NumpyArrayWrapper"
_WRAPPERS = frozenset({("joblib.numpy_pickle", _WRAPPER), ("sklearn.externals.joblib.numpy_pickle", _WRAPPER)})
"""The wrapper, also where scikit-learn before 0.23 had its joblib. A class of that name elsewhere may be one or not, so building it ends the walk."""
_EXTERNAL = frozenset({"NDArrayWrapper", "ZNDArrayWrapper"})
"""joblib before 0.10 kept each array in a file of its own, which loading opens."""


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


class _Wrapper:
    """A wrapper: behind which opcode its state begins, and whether it was set."""

    def __init__(self, resume: int) -> None:
        self.resume = resume
        self.built = False


class Arrays(DTypes):
    """Follows data types and array wrappers through a stream that joblib reads."""

    reads_all = True

    def __init__(self, data: Buffer, recorder: Recorder) -> None:
        super().__init__(data, recorder)
        self._doubtful: set[int] = set()
        """Uses whose results might be wrappers, for all that their arguments tell."""
        self._reconstructed = 0

    def track(self, use: int, arguments: Sequence[int] | None, at: int) -> int | None:
        """Note the call ``use`` at offset ``at``; return a number for a TRACKED value if it makes a data type or a wrapper."""
        recorder = self._recorder
        named = recorder.globals[recorder.uses[use].callee]
        first = self._global(arguments[0]) if arguments else None
        for made in (named, first):
            if made is not None and _last(made) in _EXTERNAL:
                recorder.anomaly(StreamAnomaly.EXTERNAL_FILE, at, f"{_last(made)}: joblib opens the file that its state names")
        if recorder.uses[use].operation is Operation.INSTANTIATE:
            return self._add(use, at, _Wrapper(at + 1)) if named.resolved in _WRAPPERS and arguments == () else None
        if (
            named.resolved == ("copyreg", "_reconstructor")
            and first is not None
            and first.resolved in _WRAPPERS
            and arguments
            and len(arguments) == 3
        ):
            self._reconstructed += 1
            return self._add(use, at, _Wrapper(at + 1))
        made_dtype = super().track(use, arguments, at)
        if made_dtype is None and arguments is None:
            self._doubtful.add(use)
        return made_dtype

    def build(self, value: int, at: int, memo: Memo) -> Array | None:
        """BUILD at offset ``at`` on ``value``: return the array that follows, if one does."""
        if value & 3 == RESULT:
            self._refuse_doubtful(value >> 2, at)
        if value & 3 != TRACKED:
            return None
        made = self._tracked.get(value >> 2)
        if not isinstance(made, _Wrapper):
            super().build(value, at, memo)
            return None
        try:
            if made.built:
                raise Unreadable("it is built twice")
            made.built = True
            return self._array(self._state(made, at, memo))
        except Unreadable as refused:
            if isinstance(refused, Contradiction):
                self._lie(at, refused)
            raise Stopped(Ending.LIMIT, f"an array wrapper at offset {at} is followed by nobody can tell how many bytes: {refused}") from None

    def _refuse_doubtful(self, use: int, at: int) -> None:
        """Stop where an object that may be a wrapper is built in a way that joblib never writes."""
        recorder = self._recorder
        wrappers = {number for number, named in enumerate(recorder.globals) if _last(named) == _WRAPPER} if recorder.globals else set()
        if not wrappers:
            return
        referred = sum(n for n, u in zip(recorder.counts, recorder.uses, strict=True) if u.operation is Operation.REFERENCE and u.callee in wrappers)
        if recorder.uses[use].callee in wrappers or referred > self._reconstructed or (referred and use in self._doubtful):
            raise Stopped(Ending.LIMIT, f"the object built at offset {at} may be an array wrapper, followed by nobody can tell how many bytes")

    def _array(self, state: Any) -> Array:
        """What the state of a wrapper says about the bytes behind it."""
        if type(state) is not dict or not {"shape", "dtype", "subclass", "order"} <= state.keys():
            raise Unreadable("its state lacks shape or dtype")
        dtype, shape, alignment = state["dtype"], state["shape"], state.get("numpy_array_alignment_bytes")
        if type(shape) is not tuple or not all(type(n) is int and n >= 0 for n in shape):
            raise Unreadable("its shape is not a tuple of sizes")
        if not isinstance(dtype, DType):
            raise Unreadable("its dtype is not written in the stream as numpy writes it")
        if not (alignment is None or type(alignment) is int):
            raise Unreadable("its alignment is no number")
        size, objects = _layout(dtype)
        total = prod(shape) * size
        if not size or total >= 1 << 62:
            raise Unreadable("its size is impossible")
        return Array(inert(dtype.code or dtype.kind, 60), objects, total, alignment is not None)


def _last(named: Global) -> str:
    return named.resolved[1].rpartition(".")[2]


def _layout(dtype: DType) -> tuple[int, bool]:
    """The size of an item in bytes, and whether items hold Python objects.

    Code and state say it twice; where the two could disagree, numpy decides by rules that changed between versions, so both must say the same.
    """
    if dtype.refused:
        raise Unreadable(f"its dtype cannot be told: {dtype.refused}")
    if not dtype.kind or dtype.size < 0:
        raise Unreadable(f"its dtype is {inert(dtype.code or 'unknown', 40)!r}")
    if dtype.built and dtype.code and dtype.kind not in "SUV" and dtype.state[5] != -1:
        raise Contradiction("its dtype states two sizes")
    return dtype.size, dtype.objects
