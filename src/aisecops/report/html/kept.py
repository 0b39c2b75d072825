"""Files that a record names, if they still are what it says: a record can come from anywhere, so its paths are hostile."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from aisecops.core.digest import digest
from aisecops.core.run import Root

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""What has turned into a pipe since must not make us wait."""
_IN_ALL = 256 << 20


class Kept:
    """What lies below the roots of a run, ``most`` bytes of it in all. Each file is read once, and is given out only with the size and digest of the record."""

    def __init__(self, roots: Sequence[Root], most: int = _IN_ALL) -> None:
        self._folders = [folder for path in ([root.path for root in roots] or ["."]) if (folder := _folder(path))]
        self._room = most
        self._last: tuple[str, bytes | None] = ("", None)

    def read(self, path: str, known: str, size: int) -> bytes | None:
        """Return the content of ``path``; None if it is not there, not ours to read, or something else by now."""
        if self._last[0] != known:
            self._last = (known, self._read(path, known, size))
        return self._last[1]

    def _read(self, path: str, known: str, size: int) -> bytes | None:
        if size > self._room:
            return None
        for folder in self._folders:
            data = _content(folder, path, size)
            if data is not None and digest(data) == known:
                self._room -= size
                return data
        return None


def _folder(path: str) -> str:
    """The folder that ``path`` is, or that holds it; empty where there can be none."""
    try:
        place = os.path.realpath(path)
        return place if os.path.isdir(place) else os.path.dirname(place)
    except (OSError, ValueError):
        return ""


def _content(folder: str, path: str, size: int) -> bytes | None:
    try:
        place = os.path.realpath(os.path.join(folder, path))
        if os.path.commonpath([folder, place]) != folder or os.path.getsize(place) != size:
            return None
        with open(os.open(place, _FLAGS), "rb") as file:
            return file.read(size + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except (OSError, ValueError):
        return None
