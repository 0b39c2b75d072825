"""A file system of one's own: only what may be read, all of it read-only, and one private folder in memory, of limited size.

What is not there cannot be opened, changed, listed or asked for its size; Landlock alone would leave the last two, and ``chmod``.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

from aisecops.isolation.linux import calls
from aisecops.isolation.strength import Mechanism

_RDONLY, _NOSUID, _NODEV = 1, 2, 4
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random")


def build(readable: Sequence[str], folder: str, folder_bytes: int, own_pids: bool, without: frozenset[str]) -> dict[str, str]:
    """Move into a view that holds ``readable`` and ``folder``; ``own_pids``: the process is the first of a pid namespace, and /proc shows that one."""
    if Mechanism.MOUNT_VIEW in without:
        return {Mechanism.MOUNT_VIEW: "switched off"}
    try:
        calls.unshare(calls.CLONE_NEWNS)
        _build(readable, folder, folder_bytes, own_pids)
    except OSError as error:
        _undo(folder)
        return {Mechanism.MOUNT_VIEW: str(error.strerror)}
    _enter(folder)
    return {Mechanism.MOUNT_VIEW: ""}


def _undo(folder: str) -> None:
    """Take away what was mounted: left there, it would be a writable way to what Landlock lets us only read."""
    while os.path.ismount(folder):
        calls.unmount(folder, calls.MNT_DETACH)


def _enter(root: str) -> None:
    """Make ``root`` the root, for good. Half of this is no place to stay: an error ends the process."""
    os.chdir(root)
    calls.pivot_root(".", "./old")
    os.chdir("/")
    calls.unmount("/old", calls.MNT_DETACH)


def _build(readable: Sequence[str], folder: str, folder_bytes: int, own_pids: bool) -> None:
    calls.mount("none", "/", flags=calls.MS_REC | calls.MS_PRIVATE)
    calls.mount("view", folder, "tmpfs", calls.MS_NOSUID | calls.MS_NODEV, "size=1m,mode=755")
    root = folder
    for path in _outermost(readable):
        _bind(path, root)
    os.makedirs(root + "/old", mode=0o700)
    os.makedirs(root + "/proc", exist_ok=True)
    for device in _DEVICES:
        _place(root + device, is_folder=False)
    os.makedirs(root + folder, exist_ok=True)
    _seal(root, recursive=True)
    for device in _DEVICES:
        calls.mount(device, root + device, flags=calls.MS_BIND)
    if own_pids:
        _proc(root)
    calls.mount(
        "private", root + folder, "tmpfs", calls.MS_NOSUID | calls.MS_NODEV | calls.MS_NOEXEC, f"size={folder_bytes},nr_inodes=16384,mode=700"
    )


def _proc(root: str) -> None:
    """Mount /proc for the new pid namespace. A container that hides parts of its own /proc does not let us; libraries get along without."""
    try:
        calls.mount("proc", root + "/proc", "proc", calls.MS_NOSUID | calls.MS_NODEV | calls.MS_NOEXEC)
    except OSError:
        return


def _outermost(paths: Sequence[str]) -> list[str]:
    """``paths`` and what their links lead to, without those that lie in another."""
    both = sorted({p for path in paths if os.path.exists(path) for p in (os.path.abspath(path), os.path.realpath(path))})
    kept: list[str] = []
    for path in both:
        if not kept or not path.startswith(kept[-1].rstrip("/") + "/"):
            kept.append(path)
    return kept


def _bind(path: str, root: str) -> None:
    if path.startswith("/proc"):
        return
    real = os.path.realpath(path)
    _place(root + path, is_folder=os.path.isdir(real))
    calls.mount(real, root + path, flags=calls.MS_BIND | calls.MS_REC)


def _place(path: str, *, is_folder: bool) -> None:
    if is_folder:
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_CLOEXEC, 0o600))


def _seal(path: str, *, recursive: bool) -> None:
    attributes = ctypes.create_string_buffer(struct.pack("QQQQ", _RDONLY | _NOSUID | _NODEV, 0, 0, 0), 32)
    calls.syscall(calls.MOUNT_SETATTR, _AT_FDCWD, os.fsencode(path), _AT_RECURSIVE * recursive, attributes, 32)
