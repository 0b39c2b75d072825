"""The process between the parent and the one that must not be trusted: it starts it, watches it, ends it, and says how it ended.

It runs only our own code, outside the namespaces of the other. The parent holds the other end of a pipe to it: when that closes, because the parent
says so or because it died however suddenly, everything inside is killed and the private folder removed. Tying the end to the parent by a signal would not do:
that signal comes when the *thread* that started us ends.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from itertools import count

import msgspec

from aisecops.isolation.messages import Plan
from aisecops.isolation.strength import Mechanism

_INTERVAL_MS = 50
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_FOLDER_EVERY = 4
CLOSED = "closed"
"""The reason if it was the parent who wanted it."""


class Ending(msgspec.Struct, frozen=True):
    """How the process ended. ``reason``: why the supervisor ended it, if it did."""

    signal: int
    status: int
    cpu_seconds: float
    reason: str = ""


class _Child:
    """The process that is watched."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._found: tuple[int, float] | None = None

    def ended(self) -> bool:
        """Whether it has ended by now."""
        return self._wait(os.WNOHANG) is not None

    def ending(self, reason: str) -> Ending:
        """Wait for its end, and say how it was."""
        found = self._wait(0)
        assert found is not None
        status, cpu_seconds = found
        return Ending(
            signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            status=os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            cpu_seconds=cpu_seconds,
            reason=reason,
        )

    def _wait(self, options: int) -> tuple[int, float] | None:
        if self._found is None:
            number, status, usage = os.wait4(self.number, options)
            if number:
                self._found = status, usage.ru_utime + usage.ru_stime
        return self._found


def supervise(number: int, lifeline: int, post: int, plan: Plan) -> None:
    """Watch the process ``number`` until it ends or the pipe ``lifeline`` closes; then write an ``Ending`` to ``post``, and clean up."""
    child = _Child(number)
    reason = _watch(child, lifeline, plan)
    if reason:
        _kill(number)
    ending = child.ending(reason)
    _reap()
    _remove(plan.folder)
    try:
        os.write(post, msgspec.msgpack.encode(ending))
    except OSError:  # nobody is there to read it
        return


def _watch(child: _Child, lifeline: int, plan: Plan) -> str:
    """Return why ``child`` has to be ended; empty if it has ended."""
    parent, watched = os.getppid(), Mechanism.SUPERVISOR not in plan.without
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    handle = _handle(child.number)
    if handle is not None:
        poll.register(handle, select.POLLIN)
    for turn in count():
        ready = {number for number, _ in poll.poll(_INTERVAL_MS)}
        if child.ended():
            return ""
        if lifeline in ready or os.getppid() != parent:
            return CLOSED
        if watched and (reason := _excess(child.number, plan, look_at_folder=turn % _FOLDER_EVERY == 0)):
            return reason
    return ""


def _handle(child: int) -> int | None:
    """A descriptor that says when ``child`` ends, where there are such."""
    try:
        return os.pidfd_open(child)
    except (AttributeError, OSError):
        return None


def _excess(child: int, plan: Plan, *, look_at_folder: bool) -> str:
    """Which limit ``child`` is over: those that a resource limit of the kernel does not count, or not for root."""
    try:
        with open(f"/proc/{child}/status", "rb") as file:
            facts = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
        threads = int(facts[b"Threads"])
        memory = 1024 * sum(int(facts[name].split()[0]) for name in (b"RssAnon", b"RssShmem", b"VmSwap") if name in facts)
    except (OSError, KeyError, ValueError):  # not Linux, or it has just ended
        return ""
    if threads > plan.threads:
        return f"more than {plan.threads} threads"
    if memory > plan.memory_bytes + 2 * plan.file_bytes:
        return f"more than {plan.memory_bytes >> 20} MiB of memory"
    if look_at_folder and _size(plan.folder, plan.folder_bytes) > plan.folder_bytes:
        return f"more than {plan.folder_bytes >> 20} MiB in its folder"
    return ""


def _size(folder: str, enough: int) -> int:
    """The bytes in ``folder``, counted until there are ``enough``; a file counts for a page at least. Links are not followed."""
    total, folders = 0, [folder]
    while folders and total <= enough:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    total += max(_PAGE, entry.stat(follow_symlinks=False).st_blocks * 512)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            continue
    return total


def _kill(child: int) -> None:
    """End ``child``: with the first process of a pid namespace, the kernel ends all others of it."""
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return


def _reap() -> None:
    """End what the process left behind, which only happens where no pid namespace holds it: orphans come to us."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        children = _children()
        for child in children:
            _kill(child)
        try:
            os.waitpid(-1, 0 if children else os.WNOHANG)
        except ChildProcessError:
            return


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def adopt_orphans() -> None:
    """Become the parent of what ours leaves behind."""
    if sys.platform == "linux":
        from aisecops.isolation.linux import calls

        calls.prctl(36, 1)


def first_to_go() -> None:
    """Let the system, when memory runs out, end this process and its child rather than another program."""
    try:
        with open("/proc/self/oom_score_adj", "wb") as file:
            file.write(b"1000")
    except OSError:
        return


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
