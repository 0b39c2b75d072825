"""The opcodes of pickle protocols 0 to 5: names, and where the bytes of each argument lie.

The layout is that of CPython's ``Modules/_pickle.c`` and ``Lib/pickle.py``: an argument is read in one or two pieces (a length, then that many bytes; or one
or two lines), and the pieces matter because readers treat a piece that crosses the end of a frame differently.
"""

from __future__ import annotations

from collections.abc import Callable
from re import compile as pattern

from aisecops.formats.pickle.trace import Buffer

NAMES: dict[int, str] = {
    0x28: "MARK", 0x29: "EMPTY_TUPLE", 0x2E: "STOP", 0x30: "POP", 0x31: "POP_MARK", 0x32: "DUP",
    0x42: "BINBYTES", 0x43: "SHORT_BINBYTES", 0x46: "FLOAT", 0x47: "BINFLOAT", 0x49: "INT", 0x4A: "BININT", 0x4B: "BININT1", 0x4C: "LONG",
    0x4D: "BININT2", 0x4E: "NONE", 0x50: "PERSID", 0x51: "BINPERSID", 0x52: "REDUCE", 0x53: "STRING", 0x54: "BINSTRING",
    0x55: "SHORT_BINSTRING", 0x56: "UNICODE", 0x58: "BINUNICODE", 0x5D: "EMPTY_LIST", 0x61: "APPEND", 0x62: "BUILD", 0x63: "GLOBAL",
    0x64: "DICT", 0x65: "APPENDS", 0x67: "GET", 0x68: "BINGET", 0x69: "INST", 0x6A: "LONG_BINGET", 0x6C: "LIST", 0x6F: "OBJ",
    0x70: "PUT", 0x71: "BINPUT", 0x72: "LONG_BINPUT", 0x73: "SETITEM", 0x74: "TUPLE", 0x75: "SETITEMS", 0x7D: "EMPTY_DICT",
    0x80: "PROTO", 0x81: "NEWOBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", 0x85: "TUPLE1", 0x86: "TUPLE2", 0x87: "TUPLE3",
    0x88: "NEWTRUE", 0x89: "NEWFALSE", 0x8A: "LONG1", 0x8B: "LONG4", 0x8C: "SHORT_BINUNICODE", 0x8D: "BINUNICODE8", 0x8E: "BINBYTES8",
    0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x92: "NEWOBJ_EX", 0x93: "STACK_GLOBAL", 0x94: "MEMOIZE", 0x95: "FRAME",
    0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
}  # fmt: skip

HIGHEST_PROTOCOL = 5

ATOM_SIZE = [0] * 256
"""By opcode: the size with its argument, for opcodes of a fixed size that push one value which nothing later looks into; 0 for all others."""
for _code, _size in ((0x4E, 1), (0x88, 1), (0x89, 1), (0x8F, 1), (0x4B, 2), (0x4D, 3), (0x4A, 5), (0x47, 9)):
    ATOM_SIZE[_code] = _size

FIXED: dict[int, int] = {
    0x4A: 4, 0x4B: 1, 0x4D: 2, 0x47: 8, 0x68: 1, 0x6A: 4, 0x71: 1, 0x72: 4, 0x80: 1, 0x82: 1, 0x83: 2, 0x84: 4, 0x95: 8,
}  # fmt: skip
"""Bytes of an argument of fixed size."""
COUNTED: dict[int, int] = {
    0x43: 1, 0x42: 4, 0x8E: 8, 0x96: 8, 0x55: 1, 0x54: 4, 0x8C: 1, 0x58: 4, 0x8D: 8, 0x8A: 1, 0x8B: 4,
}  # fmt: skip
"""Bytes of the length (little-endian, unsigned as the C unpickler reads it) that stands before an argument."""
LINES: dict[int, int] = {0x49: 1, 0x4C: 1, 0x46: 1, 0x53: 1, 0x56: 1, 0x67: 1, 0x70: 1, 0x50: 1, 0x63: 2, 0x69: 2}
"""Lines of text that an opcode reads."""


def finder(data: Buffer) -> Callable[[bytes, int], int]:
    """Return ``data.find``, also for the one kind of buffer that has none."""
    if not isinstance(data, memoryview):
        return data.find

    def find(wanted: bytes, start: int) -> int:
        found = pattern(wanted).search(data, start)
        return found.start() if found else -1

    return find


def line_end(data: Buffer, start: int) -> int:
    r"""Return the offset behind the next ``\n`` from ``start``, or -1."""
    return finder(data)(b"\n", start) + 1 or -1


def pieces(data: Buffer, at: int, end: int) -> list[tuple[int, int]]:
    """Return [start, stop) of each read of the argument of the opcode at ``at``. A stop beyond ``end`` means that the argument is cut off."""
    op, start = data[at], at + 1
    if op in FIXED:
        return [(start, start + FIXED[op])]
    if op in COUNTED:
        width = COUNTED[op]
        body = start + width
        return [(start, body), (body, body + int.from_bytes(data[start:body], "little"))]
    found = []
    for _ in range(LINES.get(op, 0)):
        stop = line_end(data, start)
        stop = end + 1 if stop < 0 else stop
        found.append((start, stop))
        start = stop
    return found


def size(data: Buffer, at: int, end: int) -> int:
    """Return the bytes that the opcode at ``at`` takes with its argument."""
    reads = pieces(data, at, end)
    return (reads[-1][1] if reads else at + 1) - at
