"""What holds a quarantined process on this machine, and whether that is enough.

A guarantee is what a person cares about; a mechanism is what the kernel offers. Most guarantees are held by several mechanisms, so that one missing does not
open the door; which combinations suffice is written down here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from aisecops.isolation.errors import WeakIsolation


class Mechanism(StrEnum):
    """One means of the operating system, or of ours, by which a process is confined."""

    FRESH_PROCESS = "fresh-process"
    USER_NAMESPACE = "user-namespace"
    PID_NAMESPACE = "pid-namespace"
    NETWORK_NAMESPACE = "network-namespace"
    IPC_NAMESPACE = "ipc-namespace"
    UTS_NAMESPACE = "uts-namespace"
    MOUNT_VIEW = "mount-view"
    LANDLOCK_FILES = "landlock-files"
    LANDLOCK_NETWORK = "landlock-network"
    LANDLOCK_SCOPES = "landlock-scopes"
    SECCOMP = "seccomp"
    NO_NEW_PRIVILEGES = "no-new-privileges"
    NO_CAPABILITIES = "no-capabilities"
    RESOURCE_LIMITS = "resource-limits"
    SUPERVISOR = "supervisor"


M = Mechanism
MEANINGS: Mapping[Mechanism, str] = {
    M.FRESH_PROCESS: "a new interpreter: none of the parent's memory, environment or descriptors",
    M.USER_NAMESPACE: "an unprivileged user of its own, whoever starts it",
    M.PID_NAMESPACE: "sees no other process; all of its processes end with it",
    M.NETWORK_NAMESPACE: "a network without interfaces",
    M.IPC_NAMESPACE: "no System V or POSIX queues and shared memory of others",
    M.UTS_NAMESPACE: "a host name of its own",
    M.MOUNT_VIEW: "a file system that holds the Python installation, read-only, and a private folder of limited size",
    M.LANDLOCK_FILES: "the kernel refuses files outside that view",
    M.LANDLOCK_NETWORK: "the kernel refuses TCP",
    M.LANDLOCK_SCOPES: "the kernel refuses signals and abstract sockets across the border",
    M.SECCOMP: "a list of permitted system calls: no sockets, no new processes, no debugging, no mounts, no keyrings",
    M.NO_NEW_PRIVILEGES: "no set-uid programs",
    M.NO_CAPABILITIES: "none of root's powers",
    M.RESOURCE_LIMITS: "limits on memory, processor time, file size, descriptors, core dumps",
    M.SUPERVISOR: "a process outside that ends it with the parent, and when it has too many threads or too much memory",
}


class Guarantee(StrEnum):
    """What must hold against a hostile model."""

    SECRETS = "secrets"
    FILES = "files"
    NETWORK = "network"
    PROCESSES = "processes"
    SIGNALS = "signals"
    MEMORY = "memory"
    CPU = "cpu"
    TIME = "time"
    DISK = "disk"
    KERNEL = "kernel"


G = Guarantee
_HELD_BY: Mapping[Guarantee, tuple[frozenset[Mechanism], ...]] = {
    G.SECRETS: (
        frozenset({M.FRESH_PROCESS, M.PID_NAMESPACE}),
        frozenset({M.FRESH_PROCESS, M.LANDLOCK_FILES}),
        frozenset({M.FRESH_PROCESS, M.MOUNT_VIEW}),
    ),
    # Landlock leaves chmod, chown, utime and attributes alone; the list of system calls has none of them.
    G.FILES: (frozenset({M.MOUNT_VIEW, M.NO_CAPABILITIES}), frozenset({M.LANDLOCK_FILES, M.SECCOMP, M.NO_NEW_PRIVILEGES})),
    # No sockets at all: an empty network leaves vsock, which leads to the hypervisor, and the Unix sockets that lie in folders.
    G.NETWORK: (frozenset({M.SECCOMP}),),
    G.PROCESSES: (frozenset({M.SECCOMP, M.SUPERVISOR}),),
    G.SIGNALS: (frozenset({M.PID_NAMESPACE}), frozenset({M.SECCOMP}), frozenset({M.LANDLOCK_SCOPES})),
    # The limit counts private memory; shared memory is bounded by the calls that seccomp leaves.
    G.MEMORY: (frozenset({M.RESOURCE_LIMITS, M.SECCOMP}),),
    G.CPU: (frozenset({M.RESOURCE_LIMITS, M.SECCOMP}),),
    G.TIME: (frozenset({M.SUPERVISOR, M.PID_NAMESPACE}), frozenset({M.SUPERVISOR, M.SECCOMP})),
    G.DISK: (frozenset({M.MOUNT_VIEW, M.RESOURCE_LIMITS}), frozenset({M.SUPERVISOR, M.RESOURCE_LIMITS})),
    G.KERNEL: (frozenset({M.SECCOMP, M.NO_NEW_PRIVILEGES}),),
}
MEANT: Mapping[Guarantee, str] = {
    G.SECRETS: "memory, environment and descriptors of other processes",
    G.FILES: "files outside the view can be neither read nor written",
    G.NETWORK: "no connection, datagram, name look-up or socket of another program",
    G.PROCESSES: "no program, no process, a bounded number of threads",
    G.SIGNALS: "no signal to, no tracing of, other processes",
    G.MEMORY: "bounded memory",
    G.CPU: "bounded processor time",
    G.TIME: "it ends when told to, whatever it does",
    G.DISK: "bounded space on disk",
    G.KERNEL: "no namespaces, mounts, keyrings, tracing programs and other doors into the kernel",
}


class Strength(msgspec.Struct, frozen=True, kw_only=True):
    """What was found when a process confined itself.

    Parameters
    ----------
    missing
        The mechanisms that do not hold, each with the reason.
    active
        Those that do.
    """

    active: frozenset[Mechanism]
    missing: dict[Mechanism, str]

    def by(self, guarantee: Guarantee) -> tuple[tuple[Mechanism, ...], ...]:
        """Every combination of active mechanisms that holds ``guarantee``; empty if it does not hold."""
        return tuple(tuple(sorted(way)) for way in _HELD_BY[guarantee] if way <= self.active)

    @property
    def broken(self) -> tuple[Guarantee, ...]:
        """The guarantees that do not hold."""
        return tuple(guarantee for guarantee in Guarantee if not self.by(guarantee))

    @property
    def sufficient(self) -> bool:
        """Whether it holds what must not be trusted."""
        return not self.broken

    def demand(self) -> None:
        """Refuse if this is too weak for what must not be trusted.

        Raises
        ------
        WeakIsolation
        """
        if self.broken:
            raise WeakIsolation(f"isolation on this machine does not hold {', '.join(self.broken)} ({self._reasons()})", fix=REMEDY)

    def _reasons(self) -> str:
        wanted = {mechanism for guarantee in self.broken for way in _HELD_BY[guarantee] for mechanism in way}
        return "; ".join(f"{mechanism}: {why}" for mechanism, why in self.missing.items() if mechanism in wanted) or "no mechanism for it"


REMEDY = "run on Linux 5.13 or newer (aisecops doctor says what is missing), or accept the risk with --allow-weak-isolation, which the record shows"


def strength(report: Mapping[str, str]) -> Strength:
    """Return the strength that a report of mechanisms amounts to: an empty reason means that the mechanism holds."""
    why = {mechanism: report.get(mechanism, "not available on this system") for mechanism in Mechanism}
    return Strength(active=frozenset(m for m in Mechanism if not why[m]), missing={m: reason for m, reason in why.items() if reason})
