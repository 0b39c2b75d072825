"""A process for what must not be trusted, seen from outside: start it, ask it, end it."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from aisecops.core.decoding import UNDECODABLE
from aisecops.core.text import inert
from aisecops.isolation.errors import DiedError, GarbageError, IsolationError, RaisedError, StartError, TimedOutError
from aisecops.isolation.installation import import_path, installation, within
from aisecops.isolation.limits import Limits
from aisecops.isolation.messages import (
    Answer,
    ArrayHeader,
    Call,
    Channel,
    ChannelClosed,
    Confined,
    FromChild,
    Load,
    MalformedError,
    Plan,
    Raised,
    Values,
    plain,
)
from aisecops.isolation.strength import Mechanism, Strength, strength
from aisecops.isolation.supervisor import CLOSED, Ending

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from aisecops.isolation.batches import SharedMemory

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PASSED_ON: Final = (*_THREADS, "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
_MOST_THREADS: Final = 16
"""Of a pool, if nobody says otherwise: the stacks and buffers of one for each of a hundred cores would be most of the memory allowed."""
_ENTRY: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_GIVE_UP_AFTER: Final = 5.0
_GRACE: Final = 1.0
_decode = msgspec.msgpack.Decoder(FromChild).decode


class Quarantine:
    """A fresh interpreter that confines itself, then serves what ``entry`` returns.

    Parameters
    ----------
    entry
        ``module:function``. It is called inside as ``function(request)`` and returns an object with ``answer(method, values, arrays)``.
    request
        Plain data: None, booleans, integers, floats, strings, bytes, lists and dictionaries with string keys.
    readable
        Files and folders that may be read inside, beside the Python installation and the system's libraries. All else is out of reach.
    limits
        What it may use.
    allow_weak
        Start even where this machine cannot hold what must not be trusted; ``strength`` says what holds.
    name
        What messages call it, such as the path of the model.
    without
        Mechanisms to leave out, to see what each one holds. For tests.

    Raises
    ------
    WeakIsolation
        Some guarantee does not hold, and ``allow_weak`` is not set. ``entry`` was not run.
    RaisedError, DiedError, TimedOutError, StartError
        It did not get as far as serving.

    Examples
    --------
    >>> with Quarantine("aisecops.isolation.echo:serve", {}) as quarantine:  # doctest: +SKIP
    ...     values, arrays = quarantine.call("echo", {"a": 1}, {"x": np.zeros(3)}, seconds=5)
    """

    def __init__(
        self,
        entry: str,
        request: Values,
        *,
        readable: Sequence[str] = (),
        limits: Limits | None = None,
        allow_weak: bool = False,
        name: str = "",
        without: Sequence[str] = (),
    ) -> None:
        if not _ENTRY.fullmatch(entry):
            raise ValueError(f"{entry!r} is not module:function")
        if not hasattr(os, "fork"):
            raise StartError("there is no isolation on this system", where=name or entry, fix="use Linux: WSL or a container will do")
        self.limits = limits or Limits()
        self.name = name or entry
        self.strength: Strength
        self._number = 0
        self._memories: dict[int, SharedMemory] = {}
        self._lock = threading.Lock()
        self._process = _Process(readable, self.limits, without)
        try:
            self._start(entry, request, allow_weak)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.alive

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the child processes of this one that run for it: to end the first of them is to end it all."""
        return self._process.ids

    @property
    def folder(self) -> str:
        """Its private folder, as it is called inside; outside it is empty, or gone, where the process has a file system of its own."""
        return self._process.plan.folder

    def close(self) -> None:
        """End it and all that it started, and remove its folder. May be called again."""
        self._process.end()

    def call(
        self,
        method: str,
        values: Values | None = None,
        arrays: Mapping[str, npt.NDArray[Any]] | None = None,
        *,
        seconds: float | None = None,
    ) -> tuple[Values, dict[str, npt.NDArray[np.generic]]]:
        """Ask ``method`` and return what it answers: plain values and arrays of numbers or truth values, whose meaning the caller has to check.

        Parameters
        ----------
        method, values, arrays
            What to ask. Arrays cross by shared memory.
        seconds
            The most wall time to wait; ``limits.call_seconds`` if not given.

        Raises
        ------
        RaisedError
            The code inside raised; it can be asked again.
        TimedOutError, DiedError, GarbageError
            It is dead now. Start another one.
        """
        with self._lock:  # one question at a time: an answer has to follow it
            return self._ask(method, values or {}, arrays or {}, self.limits.call_seconds if seconds is None else seconds)

    def _ask(
        self, method: str, values: Values, arrays: Mapping[str, npt.NDArray[Any]], seconds: float
    ) -> tuple[Values, dict[str, npt.NDArray[np.generic]]]:
        process = self._process
        if not process.alive:
            raise DiedError("the quarantined process has ended", where=self.name, fix="start another one")
        headers: tuple[ArrayHeader, ...] = ()
        inline = b""
        if arrays:
            from aisecops.isolation import batches

            headers, inline = batches.pack(arrays, self._memory(process.questions))
        self._number += 1
        answer = self._exchange(Call(self._number, method, values, headers, inline), seconds)
        if not answer.arrays:
            return answer.values, {}
        from aisecops.isolation import batches

        try:
            return answer.values, batches.unpack(answer.arrays, answer.inline, self._memory(process.answers), self.limits.file_bytes)
        except (MalformedError, OSError) as error:
            raise self._garbage(str(error)) from None

    def _memory(self, descriptor: int) -> SharedMemory:
        """The shared memory of ``descriptor``: numpy is not imported before there is a batch."""
        if descriptor not in self._memories:
            from aisecops.isolation.batches import SharedMemory

            self._memories[descriptor] = SharedMemory(descriptor)
        return self._memories[descriptor]

    def _start(self, entry: str, request: Values, allow_weak: bool) -> None:
        deadline = time.monotonic() + self.limits.start_seconds
        try:
            self._process.channel.send(self._process.plan, self.limits.start_seconds)
            data = self._process.channel.receive(self.limits.start_seconds)
            report = msgspec.msgpack.decode(data, type=Confined)
        except (ChannelClosed, MalformedError, TimeoutError, *UNDECODABLE):
            ending = self._process.end(_GRACE)
            how = _how(ending, self.limits) if ending else "it did not answer"
            raise StartError(f"the quarantined process did not confine itself: {how}", where=self.name, fix="see aisecops doctor") from None
        self.strength = strength(report.mechanisms)
        if Mechanism.MOUNT_VIEW in self.strength.active and not within(self.folder, map(os.path.realpath, self._process.plan.readable)):
            with contextlib.suppress(OSError):  # the folder inside is another one: this can go, and then need not be remembered by anybody
                os.rmdir(self.folder)
        if not allow_weak:
            self.strength.demand()
        self._exchange(Load(entry, request), max(0.001, deadline - time.monotonic()), loading=True)

    def _exchange(self, message: Load | Call, seconds: float, *, loading: bool = False) -> Answer:
        """Send one message and return the one that has to follow it."""
        channel = self._process.channel
        try:
            channel.send(message, seconds)
            reply: Answer | Raised = _decode(channel.receive(seconds))
        except TimeoutError:
            self.close()
            doing = "load" if loading else "answer"
            raise TimedOutError(f"it did not {doing} within {seconds:.3g} seconds and was ended", where=self.name, fix="allow more time") from None
        except ChannelClosed:
            raise self._died() from None
        except (MalformedError, *UNDECODABLE) as error:
            raise self._garbage(str(error)) from None
        except BaseException:  # Ctrl-C: the answer that is still to come would be taken for that to another question
            self.close()
            raise
        if reply.number != (message.number if isinstance(message, Call) else 0):
            raise self._garbage("it answers another question")
        if isinstance(reply, Raised):
            raise self._raised(reply)
        if not plain(reply.values):
            raise self._garbage("it is not plain data")
        return reply

    def _raised(self, reply: Raised) -> IsolationError:
        kind, text = inert(reply.kind, 100), inert(" ".join(reply.message[:2000].split()))
        if reply.memory:
            most = self.limits.memory_bytes >> 20
            return RaisedError(f"it needs more than {most} MiB of memory ({kind}: {text})", where=self.name, fix="allow more memory")
        return RaisedError(f"{kind}: {text}" if text else kind, where=self.name)

    def _garbage(self, why: str) -> GarbageError:
        self.close()
        return GarbageError(f"what came back is not an answer ({inert(why)}); the process was ended", where=self.name)

    def _died(self) -> DiedError:
        ending = self._process.end(_GRACE)
        return DiedError(f"the quarantined process ended: {_how(ending, self.limits)}", where=self.name, fix="start another one")


def _how(ending: Ending | None, limits: Limits) -> str:
    """How a process ended, in words."""
    if ending is None:
        return "nobody saw how"
    if ending.reason and ending.reason != CLOSED:
        return ending.reason
    # The kernel counts by ticks, which on a busy machine may be double the truth; and nobody else has a reason to send this signal after so much of it.
    if ending.signal == signal.SIGKILL and ending.cpu_seconds >= limits.cpu_seconds * 0.4:
        return f"more than {limits.cpu_seconds} seconds of processor time"
    if ending.signal:
        try:
            name = signal.Signals(ending.signal).name
        except ValueError:
            name = str(ending.signal)
        return f"signal {name}"
    return f"it left with status {ending.status}"


class _Process:
    """The interpreter, its descriptors and its folder."""

    def __init__(self, readable: Sequence[str], limits: Limits, without: Sequence[str]) -> None:
        everything = (*installation(), *(os.path.abspath(path) for path in readable))
        self.plan = _plan(everything, limits, without)
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, self.plan.folder, ignore_errors=True)
            self.questions, self.answers = _closed(undo, _memory("questions")), _closed(undo, _memory("answers"))
            ours, theirs = socket.socketpair()
            undo.callback(ours.close)
            lifeline, self._lifeline = os.pipe()
            self._post, post = os.pipe()
            _closed(undo, self._lifeline)
            _closed(undo, self._post)
            try:
                self._popen = _interpreter(everything, self.plan.folder, (theirs.fileno(), lifeline, post, self.questions, self.answers))
            finally:
                theirs.close()
                os.close(lifeline)
                os.close(post)
            undo.pop_all()
        self.channel = Channel(ours)
        descriptors = (self._lifeline, self._post, self.questions, self.answers)
        self._cleanup = weakref.finalize(self, _release, os.getpid(), self._popen, ours, descriptors, self.plan.folder)

    @property
    def alive(self) -> bool:
        return self._cleanup.alive

    @property
    def ids(self) -> tuple[int, ...]:
        return (self._popen.pid,) if self.alive else ()

    def end(self, grace: float = 0.0) -> Ending | None:
        """End it, or within ``grace`` seconds let it end; return how it ended, the first time."""
        if grace and self.alive:
            select.select([self._post], [], [], grace)
        return self._cleanup()


def _plan(readable: Sequence[str], limits: Limits, without: Sequence[str]) -> Plan:
    return Plan(
        readable=tuple(readable),
        folder=os.path.realpath(tempfile.mkdtemp(prefix="aisecops-quarantine-")),
        memory_bytes=limits.memory_bytes,
        cpu_seconds=limits.cpu_seconds,
        threads=limits.threads,
        file_bytes=limits.file_bytes,
        folder_bytes=limits.folder_bytes,
        open_files=limits.open_files,
        without=tuple(without),
    )


def _memory(name: str) -> int:
    """A descriptor of memory that can be shared: of a file without a name, where there is nothing better."""
    if hasattr(os, "memfd_create"):
        import fcntl

        memory = os.memfd_create(f"aisecops-{name}", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        return memory
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _interpreter(readable: Sequence[str], folder: str, passed: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start Python afresh: no user settings, nothing of our environment but what libraries of numbers need, no descriptors but ``passed``."""
    code = f"import sys; sys.path[:] = {import_path(readable)!r}; from aisecops.isolation.inside import main; main{tuple(passed)!r}"
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    if "OMP_NUM_THREADS" not in environment:  # which MKL and OpenBLAS heed, too, unless their own variable stands
        for name in _THREADS:
            environment.setdefault(name, str(min(os.cpu_count() or 1, _MOST_THREADS)))
    environment |= {"HOME": folder, "TMPDIR": folder, "USER": "quarantine", "LANG": "C.UTF-8", "JOBLIB_MULTIPROCESSING": "0", "PATH": "/nonexistent"}
    said = None if os.environ.get("AISECOPS_DEBUG") else subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-I", "-B", "-X", "utf8", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        env=environment,
        cwd="/",
        pass_fds=passed,
        start_new_session=True,
    )


def _closed(undo: contextlib.ExitStack, descriptor: int) -> int:
    undo.callback(os.close, descriptor)
    return descriptor


def _release(owner: int, popen: subprocess.Popen[bytes], ours: socket.socket, descriptors: Sequence[int], folder: str) -> Ending | None:
    """End the process and clean up. In a fork of the parent, only let go: the process is not ours."""
    lifeline, post, *memory = descriptors
    ours.close()
    os.close(lifeline)
    ending = _read_ending(post) if os.getpid() == owner else None
    for descriptor in (post, *memory):
        os.close(descriptor)
    if os.getpid() != owner:
        return None
    try:
        popen.wait(_GIVE_UP_AFTER)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return ending


def _read_ending(post: int) -> Ending | None:
    if not select.select([post], [], [], _GIVE_UP_AFTER)[0]:
        return None
    try:
        return msgspec.msgpack.decode(os.read(post, 4096), type=Ending)
    except (OSError, *UNDECODABLE):
        return None
