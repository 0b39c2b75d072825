"""System calls that Python 3.11 has no function for."""

from __future__ import annotations

import ctypes
import os
from typing import Final

_libc: Final = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 24, 22, 38, 47
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
# These have the same number wherever Linux runs: they are younger than the table that all architectures share.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF, MOUNT_SETATTR = 444, 445, 446, 442


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for new ones."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def prctl(option: int, *arguments: int | ctypes.Array[ctypes.c_char]) -> int:
    """``prctl(2)`` with up to four arguments."""
    words = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    words += [ctypes.c_ulong(0)] * (4 - len(words))
    return _checked(_libc.prctl(ctypes.c_int(option), *words), "prctl")


def prctl_pointer(option: int, argument: int, structure: ctypes.Structure) -> int:
    """``prctl(2)`` whose third argument points to ``structure``."""
    return _checked(
        _libc.prctl(ctypes.c_int(option), ctypes.c_ulong(argument), ctypes.byref(structure), ctypes.c_ulong(0), ctypes.c_ulong(0)), "prctl"
    )


def syscall(number: int, *arguments: object) -> int:
    """The system call ``number``; integers are passed as machine words."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *words), f"system call {number}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """``mount(2)``."""
    result = _libc.mount(os.fsencode(source), os.fsencode(target), os.fsencode(kind) or None, ctypes.c_ulong(flags), os.fsencode(data) or None)
    _checked(result, f"mount {kind or source}")


def unmount(target: str, flags: int = 0) -> None:
    """``umount2(2)``."""
    _checked(_libc.umount2(os.fsencode(target), ctypes.c_int(flags)), "umount")


def pivot_root(new: str, old: str) -> None:
    """Make the mount ``new`` the root, and hang the root that was at ``old``, inside it."""
    _checked(_libc.pivot_root(os.fsencode(new), os.fsencode(old)), "pivot_root")


def capset(header: ctypes.Structure, data: ctypes.Array[ctypes.c_uint32]) -> None:
    """``capset(2)``."""
    _checked(_libc.capset(ctypes.byref(header), data), "capset")
