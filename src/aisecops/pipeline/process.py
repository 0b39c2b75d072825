"""A worker process and the two ends of the line to it.

Four pipes and a piece of shared memory connect them. Assignments go down; what a step has to say comes up at once, so that nothing is lost with a worker; the
*bell* says that it is time to read it, which is not for every single one: waking up costs more than reading. A *lifeline* that carries nothing has the kernel
kill the worker when its parent is gone. The shared *cell* says which step is under way since when: what remains to be read when a worker has died. It also
spares a message for each of the many steps that find nothing: a living worker that has come past a step without a word had nothing to say of it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from struct import Struct
from time import monotonic, sleep
from typing import NoReturn

import msgspec

from aisecops.core.check import Budget
from aisecops.core.decoding import UNDECODABLE
from aisecops.pipeline.limits import confine, kill_descendants, resident_bytes
from aisecops.pipeline.wire import Unframer, frame

Step = tuple[int, int]
"""Index of the task and number of the step in it: 0 the parser, n the n-th check."""
Assignment = tuple[int, tuple[int, ...]]
"""Index of the task and the checks (numbers from 1) to run in it."""
Entry = tuple[int, int, bytes]
"""Index of the task, number of the step, msgpack of its result."""

_CELL = Struct("dqq")  # seconds on the monotonic clock when the step began (0: it is over), its place, farewell; native: each is written in one piece
_LENGTH = Struct("<I")
_BELL_BYTES = 1 << 14  # well below what a pipe holds: the worker should not have to wait for its parent
_BELL_SECONDS = 0.02
_encode = msgspec.msgpack.Encoder().encode
_assignments = msgspec.msgpack.Decoder(list[Assignment])
_entry = msgspec.msgpack.Decoder(Entry)


class Farewell(IntEnum):
    """Why a worker left by itself."""

    NONE = 0
    MEMORY = 1
    STRAY = 2
    BROKEN = 3


class Link:
    """The worker's end."""

    def __init__(self, assignments: int, results: int, bell: int, cell: mmap.mmap, mark: bytes) -> None:
        self._assignments, self._results, self._bell, self._cell, self._mark = assignments, results, bell, cell, mark
        self._home = os.getpid()
        self._task = -1
        self.step, self.begun = 0, 0.0
        """The number of the step that was begun last, and when that was."""
        self._unannounced = 0
        self._rung = monotonic()

    def batches(self) -> Iterator[list[Assignment]]:
        """What the parent wants done, batch by batch, until it hangs up."""
        while head := self._read(_LENGTH.size):
            yield _assignments.decode(self._read(*_LENGTH.unpack(head)))
            self._ring()

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (more := os.read(self._assignments, size - len(data))):
            data += more
        return data

    def turn_to(self, index: int) -> None:
        """What begins from now on belongs to task ``index``."""
        self._task, self.step = index, 0

    def begin(self, step: int) -> None:
        """Step number ``step`` is about to run; the one before it is over."""
        self.step, self.begun = step, monotonic()
        self._mark_place(self.begun)

    def rest(self) -> None:
        """The last step of the task is over."""
        self._mark_place(0.0, over=True)

    def _mark_place(self, start: float, *, over: bool = False, farewell: Farewell = Farewell.NONE) -> None:
        _CELL.pack_into(self._cell, 0, start, _place((self._task, self.step), over=over), farewell)

    def at_home(self) -> bool:
        """Whether this is still the process that was started, not a copy that a check has made of it."""
        return os.getpid() == self._home

    def send(self, result: bytes) -> None:
        """Send what the step that was begun last has to say. The parent looks at the cell before it looks here, so the next step must not have begun."""
        self._mark_place(0.0)  # waiting for the parent is not the step's fault
        data = memoryview(frame(self._mark, _encode((self._task, self.step, result))))
        self._unannounced += len(data)
        if self._unannounced > _BELL_BYTES or monotonic() - self._rung > _BELL_SECONDS:
            self._ring()
        while data:
            data = data[os.write(self._results, data) :]

    def _ring(self) -> None:
        os.write(self._bell, b"!")
        self._unannounced, self._rung = 0, monotonic()

    def leave(self, farewell: Farewell) -> NoReturn:
        """End this process, and say why; a copy goes without a word."""
        if self.at_home():
            self._mark_place(_CELL.unpack_from(self._cell)[0], farewell=farewell)
        os._exit(0)


class Process:
    """The parent's end. ``ended``: nothing more can come from the worker; ``garbled``: something came that is not a worker's."""

    def __init__(self, serve: Callable[[Link], None], budget: Budget, mark: bytes) -> None:
        self._heard = monotonic()
        self.ended = self.garbled = False
        self._cell = mmap.mmap(-1, _CELL.size)
        self._unframer = Unframer(mark)
        self._status: int | None = None
        theirs, self._down = os.pipe()
        self._up, ours = os.pipe()
        self._bell, rings = os.pipe()
        lifeline, self._lifeline = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            for number in (theirs, self._down, self._up, ours, self._bell, rings, lifeline, self._lifeline):
                os.close(number)
            raise
        if not self.pid:
            _run(serve, Link(theirs, ours, rings, self._cell, mark), budget, (theirs, ours, rings, lifeline))
        for number in (theirs, ours, rings, lifeline):
            os.close(number)
        for number in (self._up, self._bell):
            os.set_blocking(number, False)
        self._allowed = resident_bytes(self.pid) + budget.memory_bytes
        self._pidfd = _pidfd(self.pid)

    @property
    def watched(self) -> list[int]:
        """The descriptors that become readable when there is something to attend to."""
        return [self._bell] if self._pidfd is None else [self._bell, self._pidfd]

    def assign(self, batch: Sequence[Assignment]) -> None:
        """Give the idle worker something to do. What becomes of it is told by ``receive`` and ``ended``: a worker that is gone already is no error here."""
        self._heard = monotonic()
        _CELL.pack_into(self._cell, 0, 0.0, _place((-1, 0), over=True), Farewell.NONE)
        body = _encode(batch)
        try:
            os.write(self._down, _LENGTH.pack(len(body)) + body)
        except BrokenPipeError:
            self.ended = True

    def receive(self) -> list[Entry]:
        """Return what has come up, without waiting."""
        gone = self.dead(0.0)  # asked before reading: what it wrote until then is all there is
        _read(self._bell)
        bodies = []
        while data := _read(self._up):
            self._heard = monotonic()
            bodies += self._unframer.feed(data)
        self.ended |= gone or data is not None
        self.garbled |= self._unframer.garbled
        try:
            return [_entry.decode(body) for body in bodies]
        except UNDECODABLE:
            self.garbled = True
            return []

    def dead(self, patience: float) -> bool:
        """Whether the process has ended, or does within ``patience`` seconds."""
        if self._pidfd is not None:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            return bool(poll.poll(patience * 1000))
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if pid else None
        if self._status is None and patience > 0:
            sleep(0.01)
            return self.dead(patience - 0.01)
        return self._status is not None

    def place(self) -> tuple[Step, bool]:
        """Return the step that was begun last, and whether it is over."""
        place = _CELL.unpack_from(self._cell)[1]
        return (place >> 32, (place & 0xFFFFFFFF) >> 1), bool(place & 1)

    def under_way(self) -> tuple[Step, float]:
        """Return the step that was begun last and for how many seconds it has been running; 0 if it is over."""
        start = _CELL.unpack_from(self._cell)[0]
        return self.place()[0], monotonic() - start if start else 0.0

    @property
    def silence(self) -> float:
        """Seconds since it was given something to do or sent something."""
        return monotonic() - self._heard

    @property
    def greedy(self) -> bool:
        """Whether it holds more memory than it may, by ways that its own limit does not see."""
        return resident_bytes(self.pid) > self._allowed

    def kill(self) -> tuple[int, Farewell]:
        """Kill the worker and what it has started, and return its exit status and its farewell. What it has sent can still be received."""
        kill_descendants(self.pid)
        for kill in (os.killpg, os.kill):  # the group may not exist yet
            try:
                if self._status is None or kill is os.killpg:
                    kill(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        if self._status is None:
            _, self._status = os.waitpid(self.pid, 0)
        farewell = _CELL.unpack_from(self._cell)[2]
        return self._status, Farewell(farewell) if farewell in Farewell.__members__.values() else Farewell.NONE

    def close(self) -> None:
        """Kill it if that has not been done, and let go of everything."""
        if self._status is None:
            self.kill()
        for number in (self._down, self._up, self._lifeline, *self.watched):
            os.close(number)
        self._cell.close()


def _place(step: Step, *, over: bool) -> int:
    """Return ``step`` and whether it is over as one number: the parent must never see half of a change."""
    return step[0] << 32 | step[1] << 1 | over


def _read(number: int) -> bytes | None:
    """Return what can be read from a pipe at once; None if nothing is there yet, nothing (``b""``) if nothing ever will be."""
    try:
        return os.read(number, 1 << 18)
    except BlockingIOError:
        return None


def _pidfd(pid: int) -> int | None:
    """Return a descriptor that is readable once ``pid`` has ended; None where the system has none (its pipes then tell, or a look at the next tick)."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _run(serve: Callable[[Link], None], link: Link, budget: Budget, keep: tuple[int, ...]) -> NoReturn:
    """Be the worker."""
    try:
        confine(budget, keep)
        hang_on(keep[-1])
        serve(link)
    except MemoryError:
        link.leave(Farewell.MEMORY)
    except BaseException:
        link.leave(Farewell.BROKEN)
    link.leave(Farewell.NONE)


def hang_on(lifeline: int) -> None:
    """Have the kernel kill this process group when the last write end of ``lifeline`` closes, that is when the parent is gone, however it went."""
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
