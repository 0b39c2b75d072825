"""What a worker process may not do to us: its limits, set in the worker itself right after the fork."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Collection

from aisecops.core.check import Budget

_ALLOCATOR = "_RJEM_MALLOC_CONF"
"""What Polars' allocator reads when it is loaded: addresses that it keeps for later count as allocated here, and would be most of what a check may have."""


def confine(budget: Budget, keep: Collection[int]) -> None:
    """Cut this forked process off from the command that it was copied from.

    Parameters
    ----------
    budget
        ``memory_bytes`` is what it may allocate beyond what it starts with. Mapped files do not count, so RLIMIT_AS would be the wrong limit.
    keep
        The file descriptors that it needs. All others close, so it holds up nobody's end of file; standard streams become ``/dev/null``.
    """
    os.setsid()  # a group of its own: Ctrl-C does not reach it, and killing the group ends whatever a check has forked
    _default_signals()
    _close_others(keep)
    os.environ.setdefault(_ALLOCATOR, "retain:false,narenas:2")
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, _data_bytes() + budget.memory_bytes)
    _first_to_go()
    gc.freeze()  # objects of the parent are never collected here: their files are closed already, and their pages stay shared
    if "faulthandler" in sys.modules:
        sys.modules["faulthandler"].disable()  # it would write to a terminal that is not ours


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _close_others(keep: Collection[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    try:
        opened = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:  # a bare chroot
        opened = list(range(3, 1024))
    for number in opened:
        if number > 2 and number not in keep:
            try:
                os.close(number)
            except OSError:  # the listing's own descriptor, or none at all
                continue


def _limit(which: int, soft: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(which, (soft, soft))


def _data_bytes() -> int:
    """Return what counts towards RLIMIT_DATA already; 0 where the system does not tell."""
    try:
        return int(_read("/proc/self/statm").split()[5]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _first_to_go() -> None:
    """Let the system, when memory runs out, end this process rather than the command or another program."""
    try:
        with open("/proc/self/oom_score_adj", "wb") as file:
            file.write(b"1000")
    except OSError:
        pass


def kill_descendants(pid: int) -> None:
    """Kill what ``pid`` has started, sessions of their own included, as far as the system tells (what a dead process has left behind in another session, it does not)."""
    waiting = [pid]
    while waiting:
        for child in children(waiting.pop()):
            waiting.append(child)
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started and not yet waited for; none where the system does not tell."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        return [int(child) for thread in threads for child in _read(f"/proc/{pid}/task/{thread}/children").split()]
    except OSError:
        return []


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def resident_bytes(pid: int) -> int:
    """Return the memory that process ``pid`` holds for itself, shared memory included (RLIMIT_DATA leaves that out); 0 where the system does not tell."""
    try:
        lines = _read(f"/proc/{pid}/status").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith((b"RssAnon:", b"RssShmem:")))
