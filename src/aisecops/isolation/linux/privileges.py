"""None of root's powers, now or by a program that has the set-uid bit."""

from __future__ import annotations

import ctypes

from aisecops.isolation.linux import calls
from aisecops.isolation.strength import Mechanism

_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def drop(without: frozenset[str]) -> dict[str, str]:
    """Drop all capabilities, and the way to get any; return what does not hold, and why."""
    return {
        Mechanism.NO_CAPABILITIES: "switched off" if Mechanism.NO_CAPABILITIES in without else _tried(_no_capabilities),
        Mechanism.NO_NEW_PRIVILEGES: "switched off" if Mechanism.NO_NEW_PRIVILEGES in without else _tried(_no_new_privileges),
    }


def _tried(step: object) -> str:
    assert callable(step)
    try:
        step()
    except OSError as error:
        return str(error.strerror)
    return ""


def _no_capabilities() -> None:
    for capability in range(64):
        try:
            calls.prctl(calls.PR_CAPBSET_DROP, capability)
        except OSError:  # beyond the last one, or without the right to drop what we do not have
            break
    calls.capset(_Header(_VERSION_3, 0), (ctypes.c_uint32 * 6)())


def _no_new_privileges() -> None:
    calls.prctl(calls.PR_SET_NO_NEW_PRIVS, 1)
