"""What a walk has found so far: callables, uses, anomalies; each once, so that memory stays bounded on millions of calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aisecops.core.settings import Operation
from aisecops.core.text import inert
from aisecops.formats.pickle.names import BYTES_OPCODES, extent, literal, resolve
from aisecops.formats.pickle.trace import (
    Anomaly,
    Argument,
    Buffer,
    Ending,
    Global,
    PersistentId,
    RawArray,
    StreamAnomaly,
    Trace,
    Use,
)
from aisecops.formats.pickle.values import GLOBAL, RESULT, STRING, TRACKED

MOST_DISTINCT = 100_000
"""Different callables, uses or persistent ids of one stream, each: beyond that the walk stops and says so. Honest streams have dozens (torch: a few thousand ids)."""
MOST_TEXT = 16 << 20
"""Characters of names and arguments kept of one stream."""
MOST_ARGUMENTS = 64
"""Arguments of one call that are kept; calls with more count as unknown."""
_A_FILE = 64
"""Bytes literals of at least this size are told apart as arguments: they may hold a file that the callee loads. Shorter ones are data like any other."""
MOST_READ = 100
"""Places of numbers that are listed, and one more if there are more."""
MOST_ANOMALIES = 50
"""Anomalies of one kind that are listed."""
_DATA = Argument("data")
_UNKNOWN = Argument("unknown")
OBJECT_STATE = (_UNKNOWN,)
"""The arguments of a BUILD with a callable, or with what a call made, for a state: the same for all, since there may be millions."""


class Stopped(Exception):  # noqa: N818
    """The walk ends here."""

    def __init__(self, ending: Ending, error: str) -> None:
        super().__init__(error)
        self.ending = ending
        self.error = error


class _Use:
    """A use, apart from its count."""

    __slots__ = ("arguments", "callee", "offset", "operation", "origin")

    def __init__(self, operation: Operation, callee: int, origin: int, offset: int, arguments: tuple[Argument, ...] | None) -> None:
        self.operation, self.callee, self.origin, self.offset, self.arguments = operation, callee, origin, offset, arguments


class Recorder:
    """Collects what one stream (with the streams nested in it) does.

    Parameters
    ----------
    keep_arguments
        Called with (module, name); whether to keep the arguments of calls of that callable.
    """

    def __init__(self, data: Buffer, end: int, keep_arguments: Callable[[str, str], bool]) -> None:
        self.globals: list[Global] = []
        self.keeps: list[bool] = []
        """By number of the global: whether arguments of its calls are kept."""
        self.uses: list[_Use] = []
        self.counts: list[int] = []
        self.arrays: list[RawArray] = []
        self.places: list[tuple[int, int]] = []
        """Where numbers stand that were read."""
        self.tracked_uses: list[int] = []
        """By number of the TRACKED value: the use that made it."""
        self._data, self._end = data, end
        self._keep = keep_arguments
        self._names: dict[tuple[str, str, tuple[str, str]], int] = {}
        self._numbers: dict[tuple[Operation, int, int, tuple[Argument, ...] | None], int] = {}
        self._anomalies: list[Anomaly] = []
        self._anomaly_counts: dict[StreamAnomaly, int] = {}
        self._persistent: dict[tuple[Argument, ...] | None, int] = {}
        self._text_left = MOST_TEXT

    def name(self, module: str, name: str, offset: int, opcode: str, protocol: int) -> int:
        """Record that the stream names a callable; return its number."""
        resolved = resolve(module, name, protocol)
        key = (module, name, resolved)
        number = self._names.get(key)
        if number is None:
            self._spend(len(module) + len(name))
            number = self._names[key] = self._checked(len(self.globals))
            self.globals.append(Global(module, name, offset, opcode, protocol, resolved))
            self.keeps.append(self._keep(module, name) or (resolved != (module, name) and self._keep(*resolved)))
        return number

    def makes_dtype(self, use: int) -> bool:
        """Whether ``use`` is a call of ``numpy.dtype``."""
        return self.globals[self.uses[use].callee].resolved == ("numpy", "dtype")

    def read(self, start: int, stop: int) -> None:
        """Note that what the walk found rests on the numbers in [start, stop), too."""
        if len(self.places) <= MOST_READ:
            self.places.append((start, stop))

    def use(self, operation: Operation, callee: int, origin: int, offset: int, arguments: tuple[Argument, ...] | None = None) -> int:
        """Count a use; return its number."""
        key = (operation, callee, origin, arguments)
        number = self._numbers.get(key)
        if number is None:
            for argument in arguments or ():
                self._spend(len(argument.text))
            number = len(self.uses)
            if operation is not Operation.REFERENCE:  # of these there are no more than callables
                self._checked(number)
            self._numbers[key] = number
            self.uses.append(_Use(operation, callee, origin, offset, arguments))
            self.counts.append(0)
        self.counts[number] += 1
        return number

    def target(self, value: int) -> tuple[int, int]:
        """Return (callee, origin) of the object that an operation hits: a callable itself, or what some use made."""
        kind, number = value & 3, value >> 2
        if value < 0 or kind not in (GLOBAL, RESULT, TRACKED):
            return -1, -1
        if kind == GLOBAL:
            return number, -1
        origin = number if kind == RESULT else self.tracked_uses[number]
        return self.uses[origin].callee, origin

    def reference(self, values: Iterable[int]) -> None:
        """Record that every callable among ``values`` goes somewhere else than into a call of it."""
        for value in values:
            if value >= 0 and value & 3 == GLOBAL:
                self.use(Operation.REFERENCE, value >> 2, -1, self.globals[value >> 2].offset)

    def anomaly(self, kind: StreamAnomaly, offset: int, detail: str) -> None:
        """Record an anomaly; the first of many of a kind are enough."""
        seen = self._anomaly_counts[kind] = self._anomaly_counts.get(kind, 0) + 1
        if seen <= MOST_ANOMALIES:
            self._anomalies.append(Anomaly(kind, offset, detail))

    def persistent_id(self, offset: int, items: tuple[Argument, ...] | None) -> None:
        """Record an id that the loader resolves."""
        if not self._persistent:
            self.anomaly(StreamAnomaly.PERSISTENT_ID, offset, "asks the loader for an object by a persistent id")
        if items not in self._persistent:
            self._spend(sum(len(item.text) for item in items or ()))
            self._checked(len(self._persistent))
            self._persistent[items] = offset

    def arguments(self, values: Iterable[int]) -> tuple[Argument, ...] | None:
        """What is known of the values on the stack that a call takes as arguments."""
        values = tuple(values)
        return tuple(map(self._argument, values)) if len(values) <= MOST_ARGUMENTS else None

    def _argument(self, value: int) -> Argument:
        if value > STRING:
            kind = value & 3
            if value < 0:
                return _DATA
            if kind == GLOBAL:
                return Argument("global", index=value >> 2)
            if kind in (RESULT, TRACKED):
                return Argument("result", index=value >> 2 if kind == RESULT else self.tracked_uses[value >> 2])
            return _UNKNOWN
        at = STRING - value
        if self._data[at] in BYTES_OPCODES:
            start, stop = extent(self._data, at)
            return Argument("bytes", index=at) if stop - start >= _A_FILE else _DATA
        text = literal(self._data, at, self._end)
        return _UNKNOWN if text is None else Argument("text", text)

    def _checked(self, count: int) -> int:
        if count >= MOST_DISTINCT:
            raise Stopped(Ending.LIMIT, f"more than {MOST_DISTINCT} different callables, uses or persistent ids")
        return count

    def _spend(self, characters: int) -> None:
        self._text_left -= characters
        if self._text_left < 0:
            raise Stopped(Ending.LIMIT, f"more than {MOST_TEXT} characters of names and arguments")

    def trace(self, start: int, end: int, ending: Ending, error: str, protocol: int, opcodes: int) -> Trace:
        """The finished trace. Callables that no use mentions were imported all the same: they get a reference."""
        used = {use.callee for use in self.uses}
        for number, named in enumerate(self.globals):
            if number not in used:
                self.use(Operation.REFERENCE, number, -1, named.offset)
        return Trace(
            start=start, end=end, ending=ending, error=inert(error), protocol=protocol, opcodes=opcodes, globals=tuple(self.globals),
            uses=tuple(
                Use(operation=u.operation, callee=u.callee, offset=u.offset, count=count, origin=u.origin, arguments=u.arguments)
                for u, count in zip(self.uses, self.counts, strict=True)
            ),
            anomalies=tuple(self._anomalies), arrays=tuple(self.arrays), read=tuple(self.places),
            persistent_ids=tuple(PersistentId(offset, items) for items, offset in self._persistent.items()),
        )  # fmt: skip
