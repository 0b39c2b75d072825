"""The abstract pickle machine: one linear pass over a stream, which tells what loading it would do and builds nothing.

The machine keeps what an unpickler keeps (a stack, marks, a memo, the protocol), with an integer for every value (``values``). It accepts whatever some
unpickler accepts (CPython's C and Python ones, and their subclasses) and skips arguments by their length. An opcode that raises in every unpickler ends
the walk; one that raises in some, or only for some values, does not.

To audit it, compare ``_Machine.run`` and the methods in ``_RARE`` with ``Lib/pickle.py``, opcode by opcode; ``tools/fuzz_pickle.py`` does so by experiment.
``run`` takes bytes and a recorder and returns an offset: a compiled twin can take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from re import fullmatch
from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import TYPE_CHECKING, NoReturn

from aisecops.core.settings import Operation
from aisecops.formats.pickle.memo import Memo, SparseMemo, new_memo, sparse
from aisecops.formats.pickle.names import LONGEST, literal
from aisecops.formats.pickle.opcodes import ATOM_SIZE, HIGHEST_PROTOCOL, NAMES, finder, line_end, pieces, size
from aisecops.formats.pickle.recorder import OBJECT_STATE, Recorder, Stopped
from aisecops.formats.pickle.trace import OUT_OF_MEMORY, Buffer, Ending, RawArray, StreamAnomaly, Trace
from aisecops.formats.pickle.values import DATA, EMPTY_TUPLE, GLOBAL, RESULT, STRING, TRACKED, UNKNOWN

if TYPE_CHECKING:
    from aisecops.formats.pickle.arrays import Arrays
    from aisecops.formats.pickle.dtypes import DTypes

_CHUNK = 1 << 18
"""Bytes between two looks at the limits: no opcode is shorter, or adds more than about 100 bytes to what is held."""
_LEVEL, _ENTRY = 90, 40
"""Bytes that one open mark and one value on the stack cost, at most."""
_BETWEEN = 16
"""Opcodes between the building of a tuple and its use that are looked at: MEMOIZE or PUT, and a frame."""

_unpack_u4 = Struct("<I").unpack_from
_MEMO_INDEX = rb"[ \t-\r]*([+-]?[0-9]+(?:_[0-9]+)*)[ \t-\r]*"
_LONGEST_INDEX = 4000
"""Digits of a memo index: CPython refuses more than 4300, unless told otherwise."""


def walk(
    data: Buffer,
    start: int = 0,
    *,
    joblib: bool = False,
    keep_arguments: Callable[[str, str], bool] = lambda _module, _name: False,
    max_opcodes: int = 2_000_000_000,
    max_held: int = 64 << 20,
) -> Trace:
    """Walk the pickle stream at ``data[start:]`` to its end.

    Parameters
    ----------
    data
        The bytes; a map of a file serves as well as bytes in memory.
    joblib
        Whether ``joblib.load`` reads the stream: then raw array data follows each array wrapper.
    keep_arguments
        Called with (module, name) of each callable, as the stream has it and as it resolves: whether to keep the arguments of its calls.
    max_opcodes, max_held
        Limits: opcodes walked, and bytes of memory held (roughly); beyond them the ending is LIMIT.

    Returns
    -------
    Trace
        Never raises on account of what ``data`` holds.
    """
    end = len(data)
    recorder, arrays = Recorder(data, end, keep_arguments), None
    if joblib:
        from aisecops.formats.pickle.arrays import Arrays

        arrays = Arrays(data, recorder)
    machine = _Machine(data, start, end, recorder, arrays, max_opcodes, max_held)
    ending, error = machine.walk()
    return recorder.trace(start, min(machine.pos, end), ending, error, machine.protocol, machine.opcodes)


class _Machine:
    """One stream under way."""

    def __init__(self, data: Buffer, start: int, end: int, recorder: Recorder, arrays: Arrays | None, max_opcodes: int, max_held: int) -> None:
        self.data, self.pos, self.end = data, start, end
        self.recorder, self.arrays = recorder, arrays
        self.dtypes: DTypes | None = arrays
        """What follows data types: from the first on, or from the beginning where joblib reads."""
        self.max_opcodes, self.max_held = max_opcodes, max_held
        self.stack: list[int] = []
        """Values above the last mark."""
        self.levels: list[list[int]] = []
        """Values below it, mark by mark (``metastack`` in pickle.py)."""
        self.memo: Memo = new_memo(end)
        self.memoize: Callable[[int], None] = self.memo.append
        self.protocol = 0
        self.opcodes = 0
        self.at = start
        self.frame_end = -1
        """Where the current frame ends; -1 outside of frames."""
        self.chunk_end = start
        self.bound = start
        """Where ``run`` pauses for a look at frames and limits."""
        self.live = False
        """Whether any value >= 0 was ever made: until then no container needs to be searched for callables."""
        self.recent: Sequence[int] = ()
        self.recent_at = -1
        """The items of the tuple that was built last, and the offset behind the opcode that built it."""
        self.calls: dict[int, int] = {}
        self.news: dict[int, int] = {}
        self.states: dict[int, int] = {}
        """By value: what a REDUCE or NEWOBJ of it yields, and the use that a BUILD of it is, where only the count grows."""

    def walk(self) -> tuple[Ending, str]:
        """Run to the end; return how it ended, and why."""
        try:
            self.run()
        except Stopped as stopped:
            result = stopped.ending, stopped.error
            self.check_frame(self.at)
        else:
            result = Ending.STOP, ""
        if result[0] is Ending.TRUNCATED:
            self.pos = self.end
        elif result[0] is not Ending.STOP:
            self.pos = self.at
        for level in (*self.levels, self.stack):
            self.recorder.reference(level)
        return result

    def run(self) -> None:
        """Execute opcodes until STOP. ``Stopped`` says that it ends otherwise."""
        data, find, plain, recorder, levels, rare = self.data, finder(self.data), _PLAIN, self.recorder, self.levels, _RARE
        calls, news, states = self.calls, self.news, self.states
        counts = recorder.counts
        stack, memo, memoize, live = self.stack, self.memo, self.memoize, self.live
        recent, recent_at = self.recent, self.recent_at
        pos, count = self.pos, 0
        at = pos
        bound = self.checkpoint(at, pos)
        try:
            while True:
                while pos < bound:
                    at = pos
                    op = data[pos]
                    count += 1
                    if n := plain[op]:
                        if n > 0:  # a number, None, True ...
                            stack.append(DATA)
                            pos += n
                            continue
                        self.stack, self.recent, self.recent_at = stack, recent, recent_at
                        step = rare.get(op)
                        if step is None:
                            raise Stopped(Ending.MALFORMED, f"unknown opcode 0x{op:02x} at offset {at}")
                        pos = step(self, at)
                        stack, memo, memoize, live = self.stack, self.memo, self.memoize, self.live
                        bound = self.bound
                        continue
                    pos += 1
                    # Few comparisons for each opcode that models are made of. MEMOIZE follows most values that can be memoized: both go in one.
                    if op >= 0x80:
                        if op == 0x8C:  # SHORT_BINUNICODE
                            pos += data[pos] + 1
                            stack.append(STRING - at)
                            if data[pos] == 0x94:
                                memoize(STRING - at)
                                pos += 1
                                count += 1
                        elif op == 0x94:  # MEMOIZE
                            memoize(stack[-1])
                        elif op == 0x85:  # TUPLE1
                            a = stack.pop()
                            if a >= 0:
                                recorder.reference((a,))
                            stack.append(DATA)
                            recent, recent_at = (a,), pos
                            if pos < bound and data[pos] == 0x94:
                                memoize(DATA)
                                pos += 1
                                count += 1
                        elif op == 0x87:  # TUPLE3
                            c = stack.pop()
                            b = stack.pop()
                            a = stack.pop()
                            recent, recent_at = (a, b, c), pos
                            if a >= 0 or b >= 0 or c >= 0:
                                recorder.reference(recent)
                            stack.append(DATA)
                            if pos < bound and data[pos] == 0x94:
                                memoize(DATA)
                                pos += 1
                                count += 1
                        elif op == 0x86:  # TUPLE2
                            b = stack.pop()
                            a = stack.pop()
                            if a >= 0 or b >= 0:
                                recorder.reference((a, b))
                            stack.append(DATA)
                            recent, recent_at = (a, b), pos
                            if data[pos] == 0x94:
                                memoize(DATA)
                                pos += 1
                                count += 1
                        else:  # NEWOBJ (0x81)
                            b = stack.pop()
                            a = stack.pop()
                            if b >= 0:
                                recorder.reference((b,))
                            if a in news:
                                n = news[a]
                                counts[n >> 2] += 1
                                stack.append(n)
                            else:
                                stack.append(self.instantiate(a, b, recent, recent_at, at))
                                live = True
                    elif op >= 0x61:
                        if op == 0x68:  # BINGET
                            stack.append(memo[data[pos]])
                            pos += 1
                        elif op == 0x71:  # BINPUT
                            n = data[pos]
                            pos += 1
                            if n == len(memo):
                                memo.append(stack[-1])
                            else:
                                memo = self.put(n, stack[-1])
                                memoize = self.memoize
                        elif op == 0x62:  # BUILD
                            b = stack.pop()
                            a = stack[-1]
                            if b >= 0:
                                recorder.reference((b,))
                            if a in states and b < 0:
                                counts[states[a]] += 1
                            elif a >= 0:
                                self.stack = stack
                                pos = self.build(a, b, at)
                                bound = self.bound
                        elif op == 0x74:  # TUPLE
                            recent, recent_at = stack, pos
                            if live and stack and max(stack) >= 0:
                                recorder.reference(stack)
                            stack = levels.pop()
                            stack.append(DATA if recent else EMPTY_TUPLE)
                            if pos < bound and data[pos] == 0x94:
                                memoize(stack[-1])
                                pos += 1
                                count += 1
                        elif op == 0x75 or op == 0x65:  # SETITEMS, APPENDS
                            if live and stack and max(stack) >= 0:
                                recorder.reference(stack)
                            stack = levels.pop()
                            if stack[-1] >= 0:
                                self.items(stack[-1], at)
                        elif op == 0x7D:  # EMPTY_DICT
                            stack.append(DATA)
                            if data[pos] == 0x94:
                                memoize(DATA)
                                pos += 1
                                count += 1
                        elif op == 0x6A:  # LONG_BINGET
                            stack.append(memo[_unpack_u4(data, pos)[0]])
                            pos += 4
                        elif op == 0x72:  # LONG_BINPUT
                            n = _unpack_u4(data, pos)[0]
                            pos += 4
                            if n == len(memo):
                                memo.append(stack[-1])
                            else:
                                memo = self.put(n, stack[-1])
                                memoize = self.memoize
                        elif op == 0x73:  # SETITEM
                            b = stack.pop()
                            a = stack.pop()
                            if a >= 0 or b >= 0:
                                recorder.reference((a, b))
                            if stack[-1] >= 0:
                                self.items(stack[-1], at)
                        elif op == 0x61:  # APPEND
                            a = stack.pop()
                            if a >= 0:
                                recorder.reference((a,))
                            if stack[-1] >= 0:
                                self.items(stack[-1], at)
                        elif op == 0x70 or op == 0x67:  # PUT, GET
                            stop = find(b"\n", pos) + 1 or self.cut()
                            text = bytes(data[pos : stop - 1])
                            n = int(text) if text.isdigit() and len(text) < 10 else self.memo_index(at, stop)
                            pos = stop
                            if op == 0x67:
                                stack.append(memo[n])
                            elif n == len(memo):
                                memo.append(stack[-1])
                            else:
                                memo = self.put(n, stack[-1])
                                memoize = self.memoize
                        else:  # LIST, DICT (0x6C, 0x64)
                            if live and stack and max(stack) >= 0:
                                recorder.reference(stack)
                            stack = levels.pop()
                            stack.append(DATA)
                    elif op == 0x28:  # MARK
                        levels.append(stack)
                        stack = []
                    elif op == 0x52:  # REDUCE
                        b = stack.pop()
                        a = stack.pop()
                        if b >= 0:
                            recorder.reference((b,))
                        if a in calls:
                            n = calls[a]
                            counts[n >> 2] += 1
                            stack.append(n)
                        else:
                            stack.append(self.call(a, b, recent, recent_at, at))
                            live = True
                        if pos < bound and data[pos] == 0x94:
                            memoize(stack[-1])
                            pos += 1
                            count += 1
                    elif op == 0x43:  # SHORT_BINBYTES
                        pos += data[pos] + 1
                        stack.append(STRING - at)
                        if pos < bound and data[pos] == 0x94:
                            memoize(STRING - at)
                            pos += 1
                            count += 1
                    elif op == 0x58:  # BINUNICODE
                        pos += 4 + _unpack_u4(data, pos)[0]
                        stack.append(STRING - at)
                    elif op == 0x5D:  # EMPTY_LIST
                        stack.append(DATA)
                        if data[pos] == 0x94:
                            memoize(DATA)
                            pos += 1
                            count += 1
                    elif op == 0x29:  # EMPTY_TUPLE
                        stack.append(EMPTY_TUPLE)
                    elif op == 0x49 or op == 0x46 or op == 0x4C:  # INT, FLOAT, LONG: never parsed, so that all that some unpickler takes is taken
                        pos = find(b"\n", pos) + 1 or self.cut()
                        stack.append(DATA)
                    elif op == 0x56 or op == 0x53:  # UNICODE, STRING
                        pos = find(b"\n", pos) + 1 or self.cut()
                        stack.append(STRING - at)
                    elif op == 0x30:  # POP
                        if stack:
                            a = stack.pop()
                            if a >= 0:
                                recorder.reference((a,))
                        else:
                            stack = levels.pop()
                    else:  # STOP (0x2E)
                        self.stop(stack, pos)
                        return
                self.opcodes = count
                self.stack = stack
                bound = self.checkpoint(at, pos)
        except (LookupError, StructError):
            self.fail(at)
        finally:
            self.stack, self.at, self.pos, self.opcodes = stack, at, pos, count

    # -- pauses and endings

    def checkpoint(self, at: int, pos: int) -> int:
        """Look at frames and limits, with ``at`` the last opcode executed and ``pos`` the next; return where to look again."""
        if 0 <= self.frame_end <= pos:
            self.check_frame(at)
            self.frame_end = -1
        if pos >= self.end:
            raise Stopped(Ending.TRUNCATED, "the data ends inside the stream")
        if pos >= self.chunk_end:
            self.chunk_end = pos + _CHUNK
            self.check_limits()
        return self.rebound()

    def check_frame(self, at: int) -> None:
        """Look whether readers disagree about the argument of the opcode at ``at``: pickle.py raises if it crosses the end of its frame."""
        if at < self.frame_end and any(start < self.frame_end < stop for start, stop in pieces(self.data, at, self.end)):
            self.disagree(at, f"the argument of {NAMES[self.data[at]]} crosses the end of its frame")

    def rebound(self) -> int:
        """Set where ``run`` pauses next."""
        self.bound = min(self.end, self.chunk_end, self.frame_end if self.frame_end >= 0 else self.end)
        return self.bound

    def check_limits(self) -> None:
        """Stop where the stream has taken more than it may."""
        if self.opcodes > self.max_opcodes:
            raise Stopped(Ending.LIMIT, f"more than {self.max_opcodes} opcodes")
        values = len(self.stack) + sum(map(len, self.levels))
        followed = self.dtypes.held if self.dtypes is not None else 0
        if self.memo.held + followed + len(self.levels) * _LEVEL + values * _ENTRY > self.max_held:
            raise Stopped(Ending.LIMIT, f"{OUT_OF_MEMORY} {self.max_held >> 20} MiB")

    def disagree(self, at: int, detail: str) -> None:
        """Record that readers see different programs from here on."""
        self.recorder.anomaly(StreamAnomaly.FRAME_DISAGREEMENT, at, detail)

    def stop(self, stack: list[int], pos: int) -> None:
        """STOP: it needs a value, and its frame must end with it: some readers go on behind the frame, some behind the opcode."""
        stack[-1]
        if self.frame_end > pos:
            self.disagree(pos - 1, "the stream stops before the end of its frame")

    def fail(self, at: int) -> NoReturn:
        """Say why the opcode at ``at`` found no byte, value or memo entry."""
        op = self.data[at]
        length = at + size(self.data, at, self.end) - self.end
        if length > 0 or (length == 0 and op in _LOOK_AHEAD):
            raise Stopped(Ending.TRUNCATED, "the data ends inside the stream")
        missing = "a memo entry that was never put" if op in _GETS else "more than the stack holds"
        raise Stopped(Ending.MALFORMED, f"{NAMES[op]} at offset {at} wants {missing}")

    # -- operations on callables and on what they made

    def call(self, callee: int, argument: int, recent: Sequence[int], recent_at: int, at: int) -> int:
        """REDUCE: return what it leaves on the stack."""
        return self.used(Operation.CALL, callee, self.arguments(callee, argument, recent, recent_at, at), at, self.calls)

    def instantiate(self, callee: int, argument: int, recent: Sequence[int], recent_at: int, at: int) -> int:
        """NEWOBJ: return what it leaves on the stack."""
        return self.used(Operation.INSTANTIATE, callee, self.arguments(callee, argument, recent, recent_at, at), at, self.news)

    def used(self, operation: Operation, value: int, arguments: Sequence[int] | None, at: int, known: dict[int, int] | None = None) -> int:
        """Record that ``value`` is called or instantiated; return the value for the result. ``known`` remembers it where only the count will grow."""
        recorder, self.live = self.recorder, True
        callee, origin = recorder.target(value)
        if origin >= 0:
            callee = -1
        keeps = callee >= 0 and recorder.keeps[callee]
        number = recorder.use(operation, callee, origin, at, recorder.arguments(arguments) if keeps and arguments is not None else None)
        if callee >= 0 and (self.arrays is not None or recorder.makes_dtype(number)):
            tracked = self.follower().track(number, arguments, at)
            if tracked is not None:
                return tracked << 2 | TRACKED
        result = number << 2 | RESULT
        if known is not None and value >= 0 and not keeps:
            known[value] = result
        return result

    def follower(self) -> DTypes:
        """What follows data types: most streams have none."""
        if self.dtypes is None:
            from aisecops.formats.pickle.dtypes import DTypes

            self.dtypes = DTypes(self.data, self.recorder)
        return self.dtypes

    def arguments(self, callee: int, argument: int, recent: Sequence[int], recent_at: int, at: int) -> Sequence[int] | None:
        """The items of the argument tuple, where the stream built it right before the opcode at ``at``."""
        if argument == EMPTY_TUPLE:
            return ()
        return recent if argument == DATA and callee & 3 == GLOBAL and self.adjoins(recent_at, at) else None

    def adjoins(self, start: int, at: int) -> bool:
        """Whether the opcodes executed from ``start`` up to ``at`` leave the stack as it is."""
        if start < 0:
            return False
        if start + 1 == at and self.data[start] == 0x94:  # one MEMOIZE, as picklers write it
            return True
        for _ in range(_BETWEEN):
            if start >= at or self.data[start] not in _NEUTRAL:
                break
            start += size(self.data, start, self.end)
        return start == at

    def items(self, value: int, at: int) -> None:
        """Items are added to what the stream did not make as a plain container."""
        self.recorder.use(Operation.ITEMS, *self.recorder.target(value), at)

    def build(self, value: int, state: int, at: int) -> int:
        """BUILD on what is no plain data: return the offset of the next opcode. Whether the state is no plain data either is kept with the use."""
        arguments = OBJECT_STATE if state >= 0 else None
        number = self.recorder.use(Operation.STATE, *self.recorder.target(value), at, arguments)
        if self.arrays is None:
            if value & 3 == TRACKED:
                self.follower().build(value, at, self.memo)
            elif arguments is None:
                self.states[value] = number
            return at + 1
        array = self.arrays.build(value, at, self.memo)
        if array is None:
            return at + 1
        if self.frame_end > at + 1:  # joblib reads from the file, which is at the end of the frame already
            self.disagree(at, "an array begins inside a frame")
            raise Stopped(Ending.LIMIT, "an array begins inside a frame")
        # joblib puts the array in the place of its wrapper; if it is nested, that is whatever the nested stream returns
        self.stack[-1], stop = self.nested(at + 1) if array.nested else (UNKNOWN, array.stop(at + 1, self.data, self.end))
        self.recorder.arrays.append(RawArray(at + 1, min(stop, self.end), array.dtype, array.nested))
        return stop

    def nested(self, start: int) -> tuple[int, int]:
        """Walk the pickle of an object array, which joblib reads with a fresh unpickler; return its value and its end."""
        inner = _Machine(self.data, start, self.end, self.recorder, None, self.max_opcodes, self.max_held)
        ending, error = inner.walk()
        if ending is not Ending.STOP:
            raise Stopped(ending, f"in the object array at offset {start}: {error}")
        return inner.stack[-1], inner.pos

    # -- the rarer opcodes: each takes its own offset and returns that of the next

    def put(self, index: int, value: int) -> Memo:
        """Put out of turn; return the memo, which may be another one."""
        memo = self.memo
        if isinstance(memo, SparseMemo):
            memo.put(index, value)
        elif memo.takes(index):
            memo.put(index, value)
            self.memoize = memo.memoize
        else:
            self.memo = memo = sparse(memo)
            memo.put(index, value)
            self.memoize = memo.append
        return memo

    def memo_index(self, at: int, stop: int) -> int:
        """Read the number of GET and PUT, on the line up to ``stop``, as ``PyLong_FromString`` reads it."""
        if stop - at > _LONGEST_INDEX:
            raise Stopped(Ending.LIMIT, f"a memo index of {stop - at} characters at offset {at}")
        text, nul, _ = bytes(self.data[at + 1 : stop - 1]).partition(b"\0")
        found = fullmatch(_MEMO_INDEX, text)
        index = int(found[1]) if found else -1
        if nul:
            self.text_disagreement(at, "has a NUL in its number", "the C unpickler stops reading there, pickle.py raises")
        elif index >= 1 << 63:
            self.text_disagreement(at, "has a huge number")
        if index < 0:
            raise Stopped(Ending.MALFORMED, f"{NAMES[self.data[at]]} at offset {at} has no number that may be a memo index")
        return index

    def cut(self) -> NoReturn:
        """A line of text does not end: pickle.py would take it without its last character, and then find no next opcode."""
        raise Stopped(Ending.TRUNCATED, "the data ends inside a line of text")

    def op_data(self, at: int) -> int:
        self.stack.append(DATA)
        return at + size(self.data, at, self.end)

    def op_string(self, at: int) -> int:
        self.stack.append(STRING - at)
        return at + size(self.data, at, self.end)

    def op_long4(self, at: int) -> int:
        if self.data[at + 4] >= 0x80:
            raise Stopped(Ending.MALFORMED, f"LONG4 of negative length at offset {at}")
        return self.op_data(at)

    def op_proto(self, at: int) -> int:
        if self.data[at + 1] > HIGHEST_PROTOCOL:
            raise Stopped(Ending.MALFORMED, f"protocol {self.data[at + 1]} at offset {at}")
        self.protocol = self.data[at + 1]
        return at + 2

    def op_frame(self, at: int) -> int:
        """FRAME as the strictest reader (pickle.py) takes it; the C unpickler before 3.13.15 and 3.14.7 ignores where frames end (python/cpython#154848)."""
        pos = at + 9
        if pos > self.end:
            return pos
        if at + 1 < self.frame_end < pos:
            self.disagree(at, "the length of a frame crosses the end of another frame")
        elif pos < self.frame_end:
            self.disagree(at, "a frame begins inside another frame")
        length = int.from_bytes(self.data[at + 1 : pos], "little")
        if length >= 1 << 63:
            raise Stopped(Ending.MALFORMED, f"a frame of {length} bytes at offset {at}")
        # One that is longer than the data is what a stream that breaks off has: it disagrees only if it stops all the same (see ``stop``).
        self.frame_end = pos + length
        self.rebound()
        return pos

    def op_pop_mark(self, at: int) -> int:
        self.to_mark()
        return at + 1

    def op_dup(self, at: int) -> int:
        self.stack.append(self.stack[-1])
        return at + 1

    def op_frozenset(self, at: int) -> int:
        self.to_mark()
        self.stack.append(DATA)
        return at + 1

    def op_additems(self, at: int) -> int:
        self.to_mark()
        if self.stack[-1] >= 0:
            self.items(self.stack[-1], at)
        return at + 1

    def to_mark(self) -> list[int]:
        """Pop to the last mark; return what was popped, its callables recorded."""
        popped, self.stack = self.stack, self.levels.pop()
        self.recorder.reference(popped)
        return popped

    def op_global(self, at: int) -> int:
        number, pos, cut = self.two_lines(at, "utf-8")
        self.stack.append(UNKNOWN if number < 0 else number << 2 | GLOBAL)
        self.live = True
        if cut:
            raise Stopped(Ending.TRUNCATED, cut)
        return pos

    def op_inst(self, at: int) -> int:
        """INST. pickle.py names the class before it looks for the mark, and calls it even if the last line lacks its line feed."""
        number, pos, cut = self.two_lines(at, "ascii")
        value = UNKNOWN if number < 0 else number << 2 | GLOBAL
        arguments = self.to_mark()
        self.stack.append(self.used(Operation.CALL, value, arguments, at))
        if cut:
            raise Stopped(Ending.TRUNCATED, cut)
        return pos

    def two_lines(self, at: int, encoding: str) -> tuple[int, int, str]:
        """Read module and name; return the number of the global (-1 where it cannot be told), the next offset, and how the data was cut off, if so."""
        data, cut = self.data, ""
        middle = line_end(data, at + 1)
        stop = line_end(data, middle) if middle >= 0 else -1
        if stop < 0:  # pickle.py drops the last character, whatever it is, and goes on
            cut = "the data ends inside a line of text"
            self.text_disagreement(at, "lacks a line feed")
            middle = self.end if middle < 0 else middle
            stop = max(middle, self.end)
        if max(middle - at, stop - middle) > LONGEST:
            self.recorder.anomaly(StreamAnomaly.COMPUTED_NAME, at, "a name that is too long for anything")
            return -1, stop, cut
        try:
            module, name = (str(bytes(data[a:b][:-1]), encoding) for a, b in ((at + 1, middle), (middle, stop)))
        except ValueError:
            raise Stopped(Ending.MALFORMED, f"{NAMES[data[at]]} at offset {at} has a name that is not {encoding}") from None
        if not cut and not (module and name):
            self.text_disagreement(at, "has an empty name")
        return self.recorder.name(module, name, at, NAMES[data[at]], self.protocol), stop, cut

    def text_disagreement(self, at: int, what: str, how: str = "pickle.py takes it, the C unpickler raises") -> None:
        """Record a text argument that unpicklers read differently."""
        self.recorder.anomaly(StreamAnomaly.TEXT_DISAGREEMENT, at, f"{NAMES[self.data[at]]} {what}: {how}")

    def op_stack_global(self, at: int) -> int:
        name, module = self.stack.pop(), self.stack.pop()
        inside = literal(self.data, STRING - module, self.end) if module <= STRING else None
        called = literal(self.data, STRING - name, self.end) if name <= STRING else None
        self.live = True
        if inside is None or called is None:
            self.recorder.reference((module, name))
            self.recorder.anomaly(StreamAnomaly.COMPUTED_NAME, at, "imports a name that is no plain text of the stream")
            self.stack.append(UNKNOWN)
        else:
            self.stack.append(self.recorder.name(inside, called, at, "STACK_GLOBAL", self.protocol) << 2 | GLOBAL)
        return at + 1

    def op_obj(self, at: int) -> int:
        callee, arguments = self.stack[0], self.stack[1:]
        self.stack = self.levels.pop()
        self.recorder.reference(arguments)
        self.stack.append(self.used(Operation.CALL, callee, arguments, at))
        return at + 1

    def op_newobj_ex(self, at: int) -> int:
        keywords, argument, callee = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.recorder.reference((keywords, argument))
        self.stack.append(self.used(Operation.INSTANTIATE, callee, None, at))
        return at + 1

    def op_extension(self, at: int) -> int:
        self.recorder.anomaly(StreamAnomaly.EXTENSION_CODE, at, "names a callable by a number of the loading process's extension registry")
        return self.unknown(at)

    def op_next_buffer(self, at: int) -> int:
        self.recorder.anomaly(StreamAnomaly.OUT_OF_BAND_BUFFER, at, "asks the loader for a buffer")
        return self.unknown(at)

    def op_persid(self, at: int) -> int:
        self.recorder.persistent_id(at, None)
        return self.unknown(at)

    def op_binpersid(self, at: int) -> int:
        value = self.stack.pop()
        self.recorder.reference((value,))
        known = value == DATA and self.adjoins(self.recent_at, at)
        items = self.recorder.arguments(self.recent) if known else None
        self.recorder.persistent_id(at, items)
        if items and items[0].text == "module" and len(items) > 1 and items[1].kind == "global":
            self.stack.append(self.recent[1])  # torch's legacy format: its loader gives the class back. Other loaders have the anomaly.
            return at + 1
        return self.unknown(at)

    def unknown(self, at: int) -> int:
        """Push what the loader supplies."""
        self.stack.append(UNKNOWN)
        self.live = True
        return at + size(self.data, at, self.end)

    def op_readonly_buffer(self, at: int) -> int:
        self.stack[-1]
        return at + 1


_LOOK_AHEAD = frozenset({0x8C, 0x7D, 0x5D, 0x86})
"""Opcodes whose branch in ``run`` also reads the next one."""
_GETS = frozenset({0x67, 0x68, 0x6A})
_NEUTRAL = frozenset({0x94, 0x71, 0x72, 0x70, 0x95, 0x80})
"""MEMOIZE, the PUTs, FRAME, PROTO: they leave the stack as it is."""

_RARE: dict[int, Callable[[_Machine, int], int]] = {
    0x31: _Machine.op_pop_mark, 0x32: _Machine.op_dup,
    0x42: _Machine.op_string, 0x8E: _Machine.op_string, 0x96: _Machine.op_data, 0x8A: _Machine.op_data,
    0x8B: _Machine.op_long4,
    0x54: _Machine.op_string, 0x55: _Machine.op_string, 0x8D: _Machine.op_string,
    0x91: _Machine.op_frozenset, 0x90: _Machine.op_additems,
    0x63: _Machine.op_global, 0x93: _Machine.op_stack_global, 0x69: _Machine.op_inst, 0x6F: _Machine.op_obj, 0x92: _Machine.op_newobj_ex,
    0x82: _Machine.op_extension, 0x83: _Machine.op_extension, 0x84: _Machine.op_extension,
    0x50: _Machine.op_persid, 0x51: _Machine.op_binpersid, 0x97: _Machine.op_next_buffer, 0x98: _Machine.op_readonly_buffer,
    0x80: _Machine.op_proto, 0x95: _Machine.op_frame,
}  # fmt: skip

_PLAIN = [ATOM_SIZE[op] or (-1 if op in _RARE or op not in NAMES else 0) for op in range(256)]
"""By opcode: its size where it pushes one value that nothing later looks into, -1 where it is rare or none at all, 0 for those that ``run`` has a branch for."""
