"""What a quarantined process may use."""

from __future__ import annotations

import msgspec

MIB = 1 << 20
GIB = 1 << 30


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The most that a quarantined process may use in its life.

    Parameters
    ----------
    memory_bytes
        Memory of its own: heap, anonymous maps, private copies of files. What it shares with the parent (a batch, an answer) comes on top: ``file_bytes`` each.
    cpu_seconds
        Processor time over all threads, from its start to its end.
    call_seconds
        Wall time of one call, unless the call says otherwise.
    start_seconds
        Wall time to start, confine itself and load what it serves.
    threads
        Threads at one time. It can start no other process where seccomp is there.
    file_bytes
        The largest file, and the largest batch or answer.
    folder_bytes
        All that its private folder holds.
    open_files
        Descriptors at one time.
    """

    memory_bytes: int = 4 * GIB
    cpu_seconds: int = 4 * 3600
    call_seconds: float = 60.0
    start_seconds: float = 120.0
    threads: int = 512
    file_bytes: int = GIB
    folder_bytes: int = 256 * MIB
    open_files: int = 256
