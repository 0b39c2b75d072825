"""The files of a git repository, read by hand: where they are, and what the small ones say."""

from __future__ import annotations

import os
import stat

SMALL = 4096
"""Bytes of a file that holds one name or id."""


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


def git_folder(repository: str, *, follow: bool) -> str:
    """Return the folder that ``.git`` in ``repository`` is or names; empty for one that names a folder elsewhere and may not (``follow``), or none.

    A ``.git`` that is a file belongs to a work tree or submodule. In an untrusted tree it would lead wherever its author likes, as would a link.
    """
    git = os.path.join(repository, ".git")
    if not follow and os.path.islink(git):
        return ""
    if not os.path.isfile(git):
        return git
    target = read_small(git, SMALL).removeprefix("gitdir:").strip() if follow else ""
    return os.path.join(repository, target) if target else ""


def shared_folder(git: str, *, follow: bool) -> str:
    """Return the folder of what the work trees of a repository have in common (references, objects): ``git`` itself, unless it names another and may."""
    common = read_small(os.path.join(git, "commondir"), SMALL).strip() if follow else ""
    return os.path.join(git, common) if common else git
