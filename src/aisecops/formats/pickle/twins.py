"""Streams that differ only where the walk never looks: one model for each shop, sensor or customer, all of one class, with other numbers in them.

What a walk finds depends on opcodes, lengths, names and text, not on the digits of numbers and the bytes of arrays, which it skips but for the numbers that say
what a data type is. So a stream that equals an
earlier one everywhere else has the same trace, and a comparison of two large integers takes the place of a thousand opcodes. Nothing is guessed: every byte
that the walk may have read is compared.
"""

from __future__ import annotations

from aisecops.formats.pickle.opcodes import COUNTED, FIXED, LINES, size
from aisecops.formats.pickle.recorder import MOST_READ
from aisecops.formats.pickle.trace import Ending, Trace

_NUMBERS = frozenset({0x4A, 0x4B, 0x4D, 0x47})
"""BININT, BININT1, BININT2, BINFLOAT: all of their argument is skipped."""
_CONTENTS = {op: COUNTED[op] for op in (0x42, 0x43, 0x8E, 0x96, 0x8A, 0x8B)}
"""BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8, LONG1, LONG4: skipped but for the length. (A name that is bytes is no name, whatever they are.)"""
_READ_ON = frozenset((*COUNTED, *LINES))
"""Opcodes of which only their argument says where they end."""
_LARGEST = 1 << 16
_MOST_USES = 1000
_MOST_LENGTHS = 512
_MOST_ALIKE = 4
"""What is kept at a time: uses of a trace, lengths, and traces of one length. Hostile files are all different, and must not fill the memory."""
_MOST_WAITING = 4 << 20
"""Bytes of streams that wait for a second one of their length."""
_BETWEEN = 256
"""Bytes between two looks whether a stream is a twin."""
_CREDIT, _MOST_CREDIT = 16, 64
"""Streams that may be prepared for a twin before the first has come, and after many have: where none comes, that is time for nothing."""


class Twins:
    """The traces of streams, for others of the same making. One for all walks with the same options and limits."""

    def __init__(self) -> None:
        self._met: dict[int, list[tuple[bytes, Trace]]] = {}
        """By length: streams, and their traces. What is worth more waits until another one of that length has come: most streams have no twin."""
        self._waiting = 0
        self._known: dict[int, list[tuple[int, int, Trace]]] = {}
        """By length of the data: which bits count, what they are, and what the walk found."""
        self._credit = _CREDIT

    def find(self, data: bytes, most_opcodes: int) -> Trace | None:
        """Return the trace of ``data``, walked from its beginning, if it is that of an earlier stream (of at most ``most_opcodes``)."""
        length = len(data)
        trace = self._among_known(length, data)
        if trace is None and length in self._met and self._prepare(data):
            trace = self._among_known(length, data)
        if trace is None or trace.opcodes > most_opcodes:
            return None
        self._credit = min(self._credit + 1, _MOST_CREDIT)
        return trace

    def _among_known(self, length: int, data: bytes) -> Trace | None:
        known = self._known.get(length)
        if known is None:
            return None
        number = int.from_bytes(data, "little")
        return next((trace for mask, bits, trace in known if number & mask == bits), None)

    def keep(self, data: bytes, trace: Trace) -> None:
        """Remember the ``trace`` of the walk of ``data`` from its beginning."""
        length = len(data)
        if length > _LARGEST or trace.ending is not Ending.STOP or trace.arrays or len(trace.uses) > _MOST_USES or len(trace.read) > MOST_READ:
            return
        if len(self._met) >= _MOST_LENGTHS or self._waiting >= _MOST_WAITING:
            self._met.clear()
            self._waiting = 0
        self._waiting += length
        waiting = self._met.setdefault(length, [])
        waiting.insert(0, (data, trace))
        del waiting[_MOST_ALIKE:]

    def _prepare(self, other: bytes) -> bool:
        """Work out what twins of a stream that was met have in common with it, if ``other`` is likely to be one."""
        length = len(other)
        for met in self._met[length]:
            if not self._credit:
                return False
            self._credit -= 1
            mask = _compared(*met, other)
            if mask:
                break
        else:
            return False
        self._met[length].remove(met)
        if len(self._known) >= _MOST_LENGTHS:
            self._known.clear()
        alike = self._known.setdefault(length, [])
        alike.insert(0, (mask, int.from_bytes(met[0], "little") & mask, met[1]))
        del alike[_MOST_ALIKE:]
        return True


def _alike(one: bytes, other: bytes, mask: bytearray) -> bool:
    return not (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")) & int.from_bytes(mask, "little")


def _compared(data: bytes, trace: Trace, other: bytes) -> int:
    """The bits of ``data`` (as a little-endian number) on which the ``trace`` of its first stream may depend, and all behind the stream.

    0 where ``other`` turns out, on the way, to differ in one: most do soon.
    """
    mask = bytearray(b"\xff" * len(data))
    at, end, seen = 0, trace.end, 0
    while at < end:
        if at - seen > _BETWEEN:
            if not _alike(data[seen:at], other[seen:at], mask[seen:at]):
                return 0
            seen = at
        op = data[at]
        if op in FIXED:
            after = at + 1 + FIXED[op]
            if op in _NUMBERS:
                mask[at + 1 : after] = bytes(after - at - 1)
        elif op in _READ_ON:
            after = at + size(data, at, end)
            if op in _CONTENTS:
                skipped = at + 1 + _CONTENTS[op]
                mask[skipped:after] = bytes(after - skipped)
        else:
            after = at + 1
        at = after
    for start, stop in trace.read:
        mask[start:stop] = b"\xff" * (stop - start)
    return int.from_bytes(mask, "little")
