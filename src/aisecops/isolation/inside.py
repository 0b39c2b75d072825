"""What runs in the fresh interpreter: first confinement, then the code that must not be trusted.

The order matters. Nothing that a stranger wrote is read before the last door is shut, and what holds is reported before it is: afterwards anything that this process
says may be that stranger's.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from aisecops.isolation import messages, supervisor
from aisecops.isolation.messages import Answer, Call, Channel, ChannelClosed, Confined, FromParent, Load, Plan, Raised
from aisecops.isolation.serving import Served, load
from aisecops.isolation.strength import Mechanism

if TYPE_CHECKING:
    from aisecops.isolation.batches import SharedMemory

GIB = 1 << 30
_ADDRESS_SPACE_BEYOND = 64 * GIB
"""Reserved, untouched address space is free but for page tables: 1/512 of it."""


def main(control: int, lifeline: int, post: int, questions: int, answers: int) -> NoReturn:
    """Split in two, confine the second and serve; the numbers are descriptors that the parent left open."""
    channel = Channel(socket.socket(fileno=control))
    plan = msgspec.msgpack.decode(channel.receive(), type=Plan)
    without = frozenset(plan.without)
    report: dict[str, str] = {Mechanism.FRESH_PROCESS: "", Mechanism.SUPERVISOR: "switched off" if Mechanism.SUPERVISOR in without else ""}
    linux = sys.platform == "linux"
    if linux:
        from aisecops.isolation.linux import namespaces

        supervisor.adopt_orphans()
        supervisor.first_to_go()
        report |= namespaces.enter_user_and_pid(without)
    child = os.fork()
    if child:
        channel.end.close()
        supervisor.supervise(child, lifeline, post, plan)
        os._exit(0)
    os.close(lifeline)
    os.close(post)
    try:
        report |= _confine(plan, without, report) if linux else {Mechanism.RESOURCE_LIMITS: _limit(plan)}
        _serve(channel, report, questions, answers, plan.file_bytes)
    except ChannelClosed:
        pass
    os._exit(0)


def _confine(plan: Plan, without: frozenset[str], so_far: Mapping[str, str]) -> dict[str, str]:
    """Shut the doors from the outermost to the innermost, each by a mechanism of its own."""
    from aisecops.isolation.linux import calls, landlock, namespaces, privileges, seccomp, view

    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    own_pids = not so_far[Mechanism.PID_NAMESPACE]
    report = namespaces.enter_the_rest(without)
    report |= view.build(plan.readable, plan.folder, plan.folder_bytes, own_pids, without)
    in_view = not report[Mechanism.MOUNT_VIEW]
    os.chdir(plan.folder)
    report[Mechanism.RESOURCE_LIMITS] = "switched off" if Mechanism.RESOURCE_LIMITS in without else _limit(plan)
    report |= privileges.drop(without)
    own = ("/proc",) if in_view and own_pids else (f"/proc/{os.getpid()}", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
    report |= landlock.restrict((*plan.readable, *own, "/dev/urandom", "/dev/random"), (plan.folder, "/dev/null"), without)
    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)  # again: a change of user or powers forgets it
    return report | seccomp.restrict(without, own_pids=own_pids)


def _limit(plan: Plan) -> str:
    """Set the limits that the kernel keeps for each process: what cannot be set is said."""
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": plan.cpu_seconds,
        "RLIMIT_DATA": plan.memory_bytes,
        "RLIMIT_AS": plan.memory_bytes + _ADDRESS_SPACE_BEYOND,
        "RLIMIT_FSIZE": plan.file_bytes,
        "RLIMIT_NOFILE": plan.open_files,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 64 << 10,
    }
    if not _shares_its_count_of_processes():
        wanted["RLIMIT_NPROC"] = plan.threads
    failed = []
    for name, most in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        try:
            hard = resource.getrlimit(kind)[1]
            value = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            failed.append(name)
    return f"cannot set {', '.join(failed)}" if failed else ""


def _shares_its_count_of_processes() -> bool:
    """Whether the limit on processes counts those of the user elsewhere, too: it does not in a user namespace of one's own."""
    try:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            return file.read().split() == ["0", "0", "4294967295"]
    except OSError:
        return True


def _serve(channel: Channel, report: dict[str, str], questions: int, answers: int, most_bytes: int) -> None:
    channel.send(Confined(report))
    decode = msgspec.msgpack.Decoder(FromParent).decode
    message = decode(channel.receive())
    assert isinstance(message, Load)
    try:
        served = load(message.entry, message.request)
    except BaseException as error:
        channel.send(_raised(0, error))
        return
    answerer = _Answerer(served, questions, answers, most_bytes)
    channel.send(Answer(0, {}, (), b""))
    while True:
        call = decode(channel.receive())
        assert isinstance(call, Call)
        try:
            channel.send(answerer.answer(call))
        except ChannelClosed:
            raise
        except BaseException as error:
            channel.send(_raised(call.number, error))


class _Answerer:
    """Asks what is served, and carries arrays both ways; numpy is not imported before there are any."""

    def __init__(self, served: Served, questions: int, answers: int, most_bytes: int) -> None:
        self._served, self._most_bytes = served, most_bytes
        self._descriptors = {"questions": questions, "answers": answers}
        self._memories: dict[str, SharedMemory] = {}

    def answer(self, call: Call) -> Answer:
        """Answer ``call``."""
        arrays: Mapping[str, Any] = {}
        if call.arrays:
            from aisecops.isolation import batches

            arrays = batches.unpack(call.arrays, call.inline, self._memory("questions"), self._most_bytes)
        values, arrays = self._served.answer(call.method, call.values, arrays)
        if not arrays:
            return Answer(call.number, values, (), b"")
        from aisecops.isolation import batches

        return Answer(call.number, values, *batches.pack(arrays, self._memory("answers")))

    def _memory(self, name: str) -> SharedMemory:
        if name not in self._memories:
            from aisecops.isolation.batches import SharedMemory

            self._memories[name] = SharedMemory(self._descriptors[name])
        return self._memories[name]


def _raised(number: int, error: BaseException) -> Raised:
    try:
        text = str(error)
    except BaseException:
        text = ""
    return Raised(number, type(error).__name__[:100], text[: messages.MOST_BYTES >> 10], issubclass(type(error), MemoryError))
