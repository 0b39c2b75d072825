"""seccomp: the kernel's list of the system calls that this process may still make.

A list of what is permitted, not of what is refused: calls that a later kernel brings are refused until somebody has thought about them. Most refused calls fail
as if by lack of permission, so that a library takes its other way; those of another architecture end the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable

from aisecops.isolation.linux import calls, syscalls
from aisecops.isolation.strength import Mechanism

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE = _ERRNO | errno.EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_CLONE_THREAD, _CLONE_INTO_NEW_NAMESPACES = 0x10000, 0x7E020000
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_GROWSDOWN = 0x1, 0x20, 0x100
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032, 1034)  # duplicates, flags, locks, sizes; not who is sent a signal (F_SETOWN)
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, its size, bytes to read, non-blocking, close on exec
_PRCTL = (3, 15, 16, 23, 0x53564D41)  # names of threads and of memory, and reading what is known anyway

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def restrict(without: frozenset[str], *, own_pids: bool) -> dict[str, str]:
    """Give up all system calls but those; ``own_pids``: no process of others has a number here. Return what does not hold, and why."""
    return {Mechanism.SECCOMP: "switched off" if Mechanism.SECCOMP in without else _restrict(own_pids)}


def _restrict(own_pids: bool) -> str:
    machine = os.uname().machine
    if machine not in _ARCHITECTURES or sys.maxsize < 1 << 32 or sys.byteorder != "little":
        return f"no list of system calls for {machine}"
    program = filter_program(machine, os.getpid(), own_pids=own_pids)
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    try:
        calls.prctl(calls.PR_SET_NO_NEW_PRIVS, 1)
        calls.prctl_pointer(calls.PR_SET_SECCOMP, 2, _Program(len(program), code))
    except OSError as error:
        return str(error.strerror)
    return ""


def filter_program(machine: str, pid: int, *, own_pids: bool) -> list[Instruction]:
    """The filter, as classic BPF instructions (code, jump if true, jump if false, constant)."""
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    for number in syscalls.permitted(machine):
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for name, number in syscalls.looked_at(machine).items():
        body = _body(name, pid, own_pids)
        program += [(_EQUAL, 0, len(body), number), *body]
    return [*program, (_RETURN, 0, 0, _REFUSE)]


def _body(name: str, pid: int, own_pids: bool) -> list[Instruction]:
    """What decides on one call; each body ends in a return."""
    match name:
        case "clone":  # threads only
            return [_argument(0), (_ANY_BIT, 1, 0, _CLONE_INTO_NEW_NAMESPACES), (_ANY_BIT, 1, 0, _CLONE_THREAD), *_refuse_else_allow()]
        case "clone3":  # its flags lie in memory that a filter cannot read: glibc then uses clone
            return [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
        case "mmap":  # neither shared anonymous memory nor growing stacks: the limit on memory counts neither
            flags = [(_ANY_BIT, 2, 0, _MAP_GROWSDOWN), (_ANY_BIT, 0, 2, _MAP_ANONYMOUS), (_ANY_BIT, 0, 1, _MAP_SHARED)]
            return [_argument(3), *flags, *_refuse_else_allow()]
        case "kill" | "tgkill":
            return _one_of(0, (pid,))
        case "prlimit64":
            return _one_of(0, (0, pid))
        case "fcntl":
            return _one_of(1, _FCNTL)
        case "ioctl":
            return _one_of(1, _IOCTL)
        case "prctl":
            return _one_of(0, _PRCTL)
        case _:
            assert name == "sched_setaffinity"
            return [(_RETURN, 0, 0, _ALLOW if own_pids else _REFUSE)]


def _argument(index: int) -> Instruction:
    """Load the lower half of an argument: the kernel reads no more of these."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index)


def _one_of(index: int, values: Iterable[int]) -> list[Instruction]:
    body = [_argument(index)]
    for value in values:
        body += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*body, (_RETURN, 0, 0, _REFUSE)]


def _refuse_else_allow() -> list[Instruction]:
    return [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
