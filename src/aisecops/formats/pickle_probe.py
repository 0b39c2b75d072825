"""Whether an unpickler that starts at a place would get anywhere: the question behind "is this a pickle?".

Pickles of protocol 0 and 1 have no magic number: any text might be one. So the probe runs a few opcodes on counts alone (how deep the stack is, where
the marks are), refusing only what every unpickler refuses, until it knows. Text dies within a line or two; a stream that calls something does not.
"""

from __future__ import annotations

from mmap import mmap
from typing import TypeVar

T = TypeVar("T")
Data = bytes | mmap | memoryview

_SURE = 40
"""Opcodes after which nobody doubts: text and noise underflow, or meet a byte that is no opcode, long before."""
_SURE_WHEN_DULL = 4096
"""The same for runs of one or two opcodes: a line of NNNN... is more likely text or a tensor."""
_SURE_WITH_PROTO = 12
_SURE_WITH_STOP = 6
_SURE_AFTER_NAME = 4
"""Lists of words (requirements.txt) look like GLOBALs; hardly any goes on for four more opcodes."""
_STREAMS = 64

_STARTS = frozenset(b"(FILSVJKMNGTUXBC])}\x80\x82\x83\x84\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96c")
"""Opcodes that an empty stack and an empty memo allow (PERSID and BINPERSID ask for a loader that resolves them: torch, which has its own rules)."""


def _by_opcode(table: dict[str, T]) -> dict[int, T]:
    return {ord(c): value for letters, value in table.items() for c in letters}


_FIXED = _by_opcode(
    {"(.012NR\x81\x88\x89]})\x8floatdesuRb\x85\x86\x87\x90\x91\x92\x93\x94\x97\x98Q": 0, "K\x82hq\x80": 1, "M\x83": 2, "Jjr\x84": 4, "G\x95": 8}
)
"""Bytes of the argument."""
_COUNTED = _by_opcode({"UC\x8c\x8a": 1, "TXB\x8b": 4, "\x8d\x8e\x96": 8})
"""Bytes of the length before the argument."""
_LINES = frozenset(b"FILSVPgp")
_NEEDS = _by_opcode({"2": (1, 1), "s\x92": (3, -2), "aRb\x81\x86\x93": (2, -1), "qrp\x94\x85\x98Q": (1, 0), "\x87": (3, -2), "\x80\x95": (0, 0)})
"""Items needed above the last mark, and how the depth changes; what is in none of these tables pushes one item."""
_TO_MARK = _by_opcode({"1": (0, 0, 0), "tldi\x91": (0, 0, 1), "eu\x90": (0, 1, 0), "o": (1, 0, 1)})
"""Opcodes that pop to the mark: items needed above it, items needed below it, items pushed."""
_CALLS, _EXTENSIONS, _PUTS, _GETS = frozenset(b"Rbio\x81\x92"), frozenset(b"\x82\x83\x84"), frozenset(b"qrp\x94"), frozenset(b"ghj")
_MARK, _POP, _STOP, _PROTO, _STACK_GLOBAL, _GLOBAL = b"(0.\x80\x93c"

# Sets and translate() rather than patterns: compiling those takes a millisecond of every start.
_WORD = bytes(range(0x80, 0x100)) + b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
_MODULE, _NAME = _WORD + b"0123456789.-", _WORD + b"0123456789.<>"
_NUMBERS = b"0123456789.\x00"


def _is_name(text: bytes, first: bytes, rest: bytes) -> bool:
    return text[:1] in first and bool(text) and not text.translate(None, rest)


def _is_number(text: bytes) -> bool:
    """Tell whether a number begins here, as loosely as any unpickler reads INT, LONG and FLOAT."""
    digits = text.lstrip().lstrip(b"+-")
    return (digits[:1] in _NUMBERS and bool(digits)) or digits[:3].lower() in (b"inf", b"nan")


def looks_like_pickle(data: Data, start: int = 0, size: int = -1, *, calls_only: bool = False) -> bool:
    """Tell whether an unpickler that starts at ``start`` reaches a call, goes on long after an import, or comes to a plausible end.

    ``data`` may be only the head of ``size`` bytes: where the answer lies beyond it, the answer is yes. ``calls_only`` wants to see the call: for bytes
    that are tensors by their place, and may look like anything.
    """
    size = len(data) if size < 0 else size
    for _ in range(_STREAMS):
        if start >= len(data) or data[start] not in _STARTS:
            return False
        try:
            answer = _Probe(data, start, size, calls_only).run()
        except _BeyondError:
            return not calls_only
        except _RefusedError:
            return False
        if isinstance(answer, bool):
            return answer
        start = answer
    return True


class _RefusedError(Exception):
    """Every unpickler raises here."""


class _BeyondError(Exception):
    """The argument lies in the file, but beyond the bytes at hand."""


class _Probe:
    """One run: position, depth of the stack, depths at the marks."""

    __slots__ = ("count", "data", "depth", "marks", "memo", "met", "named", "pos", "size", "start", "strict")

    def __init__(self, data: Data, start: int, size: int, calls_only: bool) -> None:
        self.data, self.start, self.pos, self.size, self.strict = data, start, start, size, calls_only
        self.depth, self.marks, self.memo = 0, [0], False
        self.count, self.named = 0, 1 << 30
        self.met: set[int] = set()

    def run(self) -> bool | int:
        """Run until it is known: True, False, or the end of a stream that says nothing, behind which the next may begin."""
        data, end = self.data, len(self.data)
        sure = _SURE_WITH_PROTO if data[self.pos] == _PROTO else _SURE
        while self.strict or self.count < sure or (len(self.met) < 3 and self.count < _SURE_WHEN_DULL):
            if self.pos >= end:
                return self.size > end and not self.strict
            op = data[self.pos]
            self.pos = self._skip(op, self.pos + 1)
            if op == _STOP:
                return self._stop() if not self.strict else False
            self._step(op)
            if self.named < self.count and (op in _CALLS or (self.count - self.named >= _SURE_AFTER_NAME and not self.strict)):
                return True
            self.count += 1
            self.met.add(op)
        return True

    def _stop(self) -> bool | int:
        if self.depth <= self.marks[-1]:
            raise _RefusedError
        certain = self.pos >= self.size or self.named < self.count or self.count >= _SURE_WITH_STOP or self.data[self.start] == _PROTO
        return True if certain else self.pos

    def _step(self, op: int) -> None:
        floor = self.marks[-1]
        if op in _TO_MARK:
            above, below, pushed = _TO_MARK[op]
            if len(self.marks) < 2 or self.depth < floor + above or floor < self.marks[-2] + below:
                raise _RefusedError
            self.depth = self.marks.pop() + pushed
        elif op in _NEEDS:
            need, change = _NEEDS[op]
            if self.depth < floor + need:
                raise _RefusedError
            self.depth += change
            self.memo |= op in _PUTS
        elif op == _MARK:
            self.marks.append(self.depth)
        elif op == _POP:
            self._pop(floor)
        elif op in _GETS and not self.memo:
            raise _RefusedError
        else:
            self.depth += 1
        if op == _STACK_GLOBAL or (op in _EXTENSIONS and not self.strict):
            self.named = min(self.named, self.count)

    def _pop(self, floor: int) -> None:
        if self.depth > floor:
            self.depth -= 1
        elif len(self.marks) > 1:
            self.marks.pop()
        else:
            raise _RefusedError

    def _skip(self, op: int, pos: int) -> int:
        """Return where the argument of ``op`` ends, or refuse it."""
        fixed = _FIXED.get(op)
        if fixed is not None:
            if op == _PROTO and pos < len(self.data) and self.data[pos] > 5:
                raise _RefusedError
            return pos + fixed
        width = _COUNTED.get(op)
        if width is not None:
            return self._counted(op, pos, width)
        if op in _LINES:
            return self._text(op, pos)
        if op in b"ci":
            return self._name(op, pos)
        raise _RefusedError

    def _counted(self, op: int, pos: int, width: int) -> int:
        length = int.from_bytes(self.data[pos : pos + width], "little")
        if (op in b"T\x8b" and length >= 1 << 31) or pos + width + length > self.size:  # their length is signed
            raise _RefusedError
        return pos + width + length

    def _text(self, op: int, pos: int) -> int:
        begin = bytes(self.data[pos : pos + 64])  # checked first: a file of one long line has no line feed at hand
        late = len(begin) == 64 and len(begin.lstrip()) < 16  # however many blanks stand before a number, unpicklers skip them
        if begin and not late and ((op in b"FIL" and not _is_number(begin)) or (op in b"S" and begin[:1] not in (b"'", b'"'))):
            raise _RefusedError
        return self._line(pos)[1]

    def _name(self, op: int, pos: int) -> int:
        if op != _GLOBAL and len(self.marks) < 2:
            raise _RefusedError
        if (begin := bytes(self.data[pos : pos + 512])) and b"\n" not in begin and not _is_name(begin, _WORD, _MODULE):
            raise _RefusedError  # wherever the line ends: `c0,c1,...` is the header of a table
        module, pos = self._line(pos)
        name, pos = self._line(pos)
        if not _is_name(module, _WORD, _MODULE) or not _is_name(name, _WORD + b"<", _NAME):
            raise _RefusedError
        self.named = min(self.named, self.count - (op != _GLOBAL))
        return pos

    def _line(self, pos: int) -> tuple[bytes, int]:
        """Return the text up to the line feed (its first 512 bytes) and the place behind it."""
        data = self.data
        if isinstance(data, memoryview):  # it cannot search
            end = bytes(data[pos : pos + 1024]).find(b"\n")
            end = bytes(data[pos:]).find(b"\n") if end < 0 else end
            end = end + pos if end >= 0 else end
        else:
            end = data.find(b"\n", pos)
        if end < 0:
            raise _BeyondError if self.size > len(data) else _RefusedError
        return bytes(data[pos : min(end, pos + 512)]), end + 1
