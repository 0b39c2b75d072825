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
_WITH_ARGUMENT = frozenset((*FIXED, *COUNTED, *LINES))
_LARGEST = 1 << 16
_MOST_USES = 1000
_MOST_LENGTHS = 512
_MOST_ALIKE = 4
"""What is kept at a time: uses of a trace, lengths, and traces of one length. Hostile files are all different, and must not fill the memory."""
_CREDIT, _MOST_CREDIT = 8, 64
"""Streams that may be prepared for a twin before the first has come, and after many have: where none comes, that is time for nothing."""


class Twins:
    """The traces of streams of which a second one of the same making has come. One for all walks with the same options and limits."""

    def __init__(self) -> None:
        self._met: dict[int, Trace] = {}
        """By length of the data: the latest trace. What is worth more waits until a second stream has the same: most streams have no twin."""
        self._known: dict[int, list[tuple[int, int, Trace]]] = {}
        """By length of the data: which bits count, what they are, and what the walk found."""
        self._credit = _CREDIT

    def find(self, data: bytes, most_opcodes: int) -> Trace | None:
        """Return the trace of ``data``, walked from its beginning, if it is that of an earlier stream (of at most ``most_opcodes``)."""
        known = self._known.get(len(data))
        if known is None:
            return None
        number = int.from_bytes(data, "little")
        for mask, bits, trace in known:
            if number & mask == bits and trace.opcodes <= most_opcodes:
                self._credit = min(self._credit + 1, _MOST_CREDIT)
                return trace
        return None

    def keep(self, data: bytes, trace: Trace) -> None:
        """Remember the ``trace`` of the walk of ``data`` from its beginning, once that seems worth it."""
        length = len(data)
        if length > _LARGEST or not self._credit or trace.ending is not Ending.STOP or trace.arrays:
            return
        if len(trace.uses) > _MOST_USES or len(trace.read) > MOST_READ:
            return
        if self._met.get(length) != trace:
            if len(self._met) >= _MOST_LENGTHS:
                self._met.clear()
            self._met[length] = trace
            return
        self._credit -= 1
        if len(self._known) >= _MOST_LENGTHS:
            self._known.clear()
        mask = _compared(data, trace)
        alike = self._known.setdefault(length, [])
        alike.insert(0, (mask, int.from_bytes(data, "little") & mask, trace))
        del alike[_MOST_ALIKE:]


def _compared(data: bytes, trace: Trace) -> int:
    """The bits of ``data`` (as a little-endian number) on which the ``trace`` of its first stream may depend, and all behind the stream."""
    mask = bytearray(b"\xff" * len(data))
    at, end = 0, trace.end
    while at < end:
        op = data[at]
        if op not in _WITH_ARGUMENT:
            at += 1
            continue
        after = at + size(data, at, end)
        skipped = at + 1 if op in _NUMBERS else at + 1 + _CONTENTS[op] if op in _CONTENTS else after
        mask[skipped:after] = bytes(after - skipped)
        at = after
    for start, stop in trace.read:
        mask[start:stop] = b"\xff" * (stop - start)
    return int.from_bytes(mask, "little")
