"""Namespaces: a process that has its own idea of who it is, which processes there are, and which network."""

from __future__ import annotations

import os

from aisecops.isolation.linux import calls
from aisecops.isolation.strength import Mechanism

INSIDE_ID = 1000
"""The user that the process is to itself: never root."""


def enter_user_and_pid(without: frozenset[str]) -> dict[str, str]:
    """Leave for a user namespace of one's own; the next child is the first process of a new pid namespace. Return what does not hold, and why.

    Needs a process of one thread. An ordinary user needs the user namespace for all the others; root can do without.
    """
    report: dict[str, str] = {name: "switched off" for name in (Mechanism.USER_NAMESPACE, Mechanism.PID_NAMESPACE) if name in without}
    user, group = os.getuid(), os.getgid()
    if Mechanism.USER_NAMESPACE not in report:
        report[Mechanism.USER_NAMESPACE] = _attempt(calls.CLONE_NEWUSER)
        if not report[Mechanism.USER_NAMESPACE]:
            report[Mechanism.USER_NAMESPACE] = _map(user, group)
    if Mechanism.PID_NAMESPACE not in report:
        report[Mechanism.PID_NAMESPACE] = _attempt(calls.CLONE_NEWPID)
    return report


def enter_the_rest(without: frozenset[str]) -> dict[str, str]:
    """Leave for empty network, IPC and host name namespaces; return what does not hold, and why."""
    wanted = {
        Mechanism.NETWORK_NAMESPACE: calls.CLONE_NEWNET,
        Mechanism.IPC_NAMESPACE: calls.CLONE_NEWIPC,
        Mechanism.UTS_NAMESPACE: calls.CLONE_NEWUTS,
    }
    report: dict[str, str] = {name: "switched off" if name in without else _attempt(flag) for name, flag in wanted.items()}
    if not report[Mechanism.UTS_NAMESPACE]:
        import socket

        socket.sethostname("quarantine")
    return report


def _attempt(flag: int) -> str:
    try:
        calls.unshare(flag)
    except OSError as error:
        return str(error.strerror)
    return ""


def _map(user: int, group: int) -> str:
    """Become ``INSIDE_ID``. Without a map the process is nobody and may do nothing in its own namespace."""
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE_ID} {user} 1"), ("gid_map", f"{INSIDE_ID} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    except OSError as error:
        return f"{name}: {error.strerror}"
    return ""
