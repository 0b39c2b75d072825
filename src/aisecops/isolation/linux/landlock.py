"""Landlock: the process itself gives up all files but some, and the kernel holds it to that (Linux 5.13 and newer).

Newer kernels add more that can be given up: truncating (ABI 3), TCP (4), ioctl on devices (5), abstract sockets and signals of others (6).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from aisecops.isolation.linux import calls
from aisecops.isolation.strength import Mechanism

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SYM, _REFER, _TRUNCATE = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12, 1 << 13, 1 << 14
_FILES_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP_BIND_AND_CONNECT = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3
_READ = _READ_FILE | _READ_DIR
_OWN = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM | _REFER | _TRUNCATE
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_VERSION_FLAG, _PATH_BENEATH = 1, 1


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version that the kernel speaks.

    Raises
    ------
    OSError
        It has none, or it is switched off.
    """
    return calls.syscall(calls.LANDLOCK_CREATE_RULESET, None, 0, _VERSION_FLAG)


def restrict(readable: Iterable[str], writable: Iterable[str], without: frozenset[str]) -> dict[str, str]:
    """Give up all files but these, and TCP, and signals to others; return what does not hold, and why."""
    names = (Mechanism.LANDLOCK_FILES, Mechanism.LANDLOCK_NETWORK, Mechanism.LANDLOCK_SCOPES)
    try:
        version = abi()
    except OSError as error:
        return dict.fromkeys(names, f"the kernel has no Landlock ({error.strerror})")
    needed = dict(zip(names, (1, 4, 6), strict=True))
    report: dict[str, str] = {
        name: "switched off"
        if name in without
        else ""
        if version >= needed[name]
        else f"the kernel's Landlock is version {version}, this needs {needed[name]}"
        for name in names
    }
    files, network, scopes = (not report[name] for name in names)
    handled = _FILES_OF_ABI[max(v for v in _FILES_OF_ABI if v <= version)] if files else 0
    try:
        if handled or network or scopes:
            _apply(handled, _TCP_BIND_AND_CONNECT * network, _ABSTRACT_SOCKETS_AND_SIGNALS * scopes, version, readable, writable)
    except OSError as error:
        return {name: report[name] or f"Landlock: {error.strerror}" for name in names}
    return report


def _apply(handled: int, network: int, scoped: int, version: int, readable: Iterable[str], writable: Iterable[str]) -> None:
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = _Ruleset(handled, network, scoped)
    ruleset = calls.syscall(calls.LANDLOCK_CREATE_RULESET, ctypes.byref(attributes), size, 0)
    try:
        if handled:
            for path in readable:
                _allow(ruleset, path, _READ & handled)
            for path in writable:
                _allow(ruleset, path, _OWN & handled)
        calls.prctl(calls.PR_SET_NO_NEW_PRIVS, 1)
        calls.syscall(calls.LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there needs no rule
        return
    try:
        if not os.path.isdir(path):
            access &= _OF_A_FILE
        rule = _Beneath(access, place)
        calls.syscall(calls.LANDLOCK_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)
