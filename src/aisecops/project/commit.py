"""Which commit a folder stands at, read from ``.git`` by hand.

Git itself is never run: a repository's own configuration can make it execute programs (``core.fsmonitor``, ``core.sshCommand``, filters), and the tree may be
somebody else's. So nothing here says whether the work tree differs from the commit.
"""

from __future__ import annotations

import os
import re

from aisecops.codebase.repository import SMALL, git_folder, read_small, shared_folder

_ID = r"[0-9a-f]{40}|[0-9a-f]{64}"
_REF = r"ref: (refs/[\w./+@#-]{1,200})"
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
    git = git_folder(repository, follow=follow)
    if not git:
        return ""
    head = read_small(os.path.join(git, "HEAD"), SMALL).strip()
    if re.fullmatch(_ID, head):
        return head
    ref = re.fullmatch(_REF, head)
    if ref is None or ".." in ref[1]:
        return ""
    shared = shared_folder(git, follow=follow)
    return _loose(git, ref[1]) or _loose(shared, ref[1]) or _packed(shared, ref[1])


def _loose(git: str, ref: str) -> str:
    value = read_small(os.path.join(git, *ref.split("/")), SMALL).strip()
    return value if re.fullmatch(_ID, value) else ""


def _packed(git: str, ref: str) -> str:
    for line in read_small(os.path.join(git, "packed-refs"), _PACKED).splitlines():
        value, _, name = line.partition(" ")
        if name == ref and re.fullmatch(_ID, value):
            return value
    return ""
