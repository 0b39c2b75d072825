"""Which commit a folder stands at, read from ``.git`` by hand.

Git itself is never run: a repository's own configuration can make it execute programs (``core.fsmonitor``, ``core.sshCommand``, filters), and the tree may be
somebody else's. So nothing here says whether the work tree differs from the commit.
"""

from __future__ import annotations

import os
import re
import stat

_ID = r"[0-9a-f]{40}|[0-9a-f]{64}"
_REF = r"ref: (refs/[\w./+@#-]{1,200})"
_SMALL = 4096
_PACKED = 16 << 20


def repository_above(folder: str) -> str:
    """Return the nearest of ``folder`` and its ancestors that holds ``.git``; empty if there is none."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above


def commit_of(repository: str, *, follow: bool) -> str:
    """Return the commit id that ``HEAD`` of ``repository`` stands at; empty where it cannot be told.

    ``follow``: a ``.git`` that is a file (work trees, submodules) may name a folder elsewhere. In an untrusted tree it may not.
    """
    git = os.path.join(repository, ".git")
    if os.path.isfile(git):
        target = read_small(git, _SMALL).removeprefix("gitdir:").strip() if follow else ""
        if not target:
            return ""
        git = os.path.join(repository, target)
    head = read_small(os.path.join(git, "HEAD"), _SMALL).strip()
    if re.fullmatch(_ID, head):
        return head
    ref = re.fullmatch(_REF, head)
    if ref is None or ".." in ref[1]:
        return ""
    common = read_small(os.path.join(git, "commondir"), _SMALL).strip() if follow else ""
    shared = os.path.join(git, common) if common else git
    return _loose(git, ref[1]) or _loose(shared, ref[1]) or _packed(shared, ref[1])


def _loose(git: str, ref: str) -> str:
    value = read_small(os.path.join(git, *ref.split("/")), _SMALL).strip()
    return value if re.fullmatch(_ID, value) else ""


def _packed(git: str, ref: str) -> str:
    for line in read_small(os.path.join(git, "packed-refs"), _PACKED).splitlines():
        value, _, name = line.partition(" ")
        if name == ref and re.fullmatch(_ID, value):
            return value
    return ""


def read_small(path: str, limit: int) -> str:
    """Return the text of a regular file of at most ``limit`` bytes; empty if it is anything else. Never waits on a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return ""
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return ""
        return file.read(limit + 1).decode("utf-8", "surrogateescape")
