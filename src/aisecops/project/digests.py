"""SHA-256 of what was found."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from aisecops.core import examination
from aisecops.core.progress import Progress, Silent
from aisecops.core.text import inert_path
from aisecops.project.found import Found
from aisecops.project.tree import MACHINERY, OPEN_FLAGS, is_hub_blob

_BUFFER = 1 << 20
"""Bytes a read: measured best of 256 kB, 1 MB, 4 MB and mmap, which a file that shrinks would turn into a bus error."""
_LARGE = 1 << 20
"""Bytes from which on a file is worth a thread."""
_TELL_EVERY = 64
"""Buffers of one file after which the display is told that it is still being read."""
INTERRUPTED = examination.INTERRUPTED.reason
_SILENT = Silent()


def digest_files(
    found: Sequence[Found], *, jobs: int, progress: Progress = _SILENT, stop: Callable[[], bool] = lambda: False
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the digests (``sha256:...``) by path, and for every path that has none the reason.

    What discovery has read to the end has its digest already. That of a folder is taken over the names and digests of all files in it but machinery (``.git``
    and its like); links are not followed, unless they are a hub cache's names for its blobs. Large files are hashed by up to ``jobs`` threads at a time:
    ``hashlib`` lets go of the interpreter's lock. Once ``stop`` says so, what is not hashed yet has the reason ``INTERRUPTED``.
    """
    digests = {item.path: item.digest for item in found if item.digest}
    rest = [item for item in found if not item.digest]
    reasons: dict[str, str] = {}
    below = {item.path: _files_in(item, reasons) for item in rest if os.path.isdir(item.location) or _is_sharded(item.location)}
    sizes = {item.location: item.size for item in rest if item.path not in below}
    sizes |= {location: 0 for files in below.values() for location in files.values() if location not in sizes}
    hashing = _Hashing(progress, stop)
    hashing.run(sizes, jobs)
    hashed, errors = hashing.digests, hashing.errors
    for item in rest:
        files = below.get(item.path)
        wrong = [errors[location] for location in (files.values() if files is not None else [item.location]) if location in errors]
        if wrong:
            reasons[item.path] = wrong[0]
        elif item.path not in reasons:
            digests[item.path] = "sha256:" + (hashed[item.location] if files is None else _folder_digest(files, hashed))
    return digests, reasons


class _Hashing:
    """Hashes files, several at a time; only the thread that runs it tells of progress."""

    def __init__(self, progress: Progress, stop: Callable[[], bool]) -> None:
        self.digests: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self._progress, self._stop = progress, stop
        self._told = 0

    def run(self, sizes: dict[str, int], jobs: int) -> None:
        """Hash every location of ``sizes``: the large ones shared between threads, the small ones here."""
        large = deque(sorted((location for location, size in sizes.items() if size >= _LARGE), key=lambda location: -sizes[location]))
        small = deque(location for location, size in sizes.items() if size < _LARGE)
        threads = []
        for _ in range(min(jobs, len(large)) - 1):
            from threading import Thread

            threads.append(Thread(target=self._drain, args=(large, lambda _location, _done: None), daemon=True))
            threads[-1].start()
        self._drain(small, self._tell)
        self._drain(large, self._tell)
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
                self._tell(next((location for location in sizes if location not in self.digests and location not in self.errors), ""), 0)
        if threads:
            self._tell("", 0)

    def _drain(self, queue: deque[str], tell: Callable[[str, int], None]) -> None:
        """Hash what is in ``queue`` until nothing is left. Several threads may do so at once."""
        if not queue:
            return
        buffer = bytearray(_BUFFER)
        while queue:
            try:
                location = queue.popleft()
            except IndexError:  # another thread was quicker
                return
            try:
                self.digests[location] = self._hash(location, buffer, tell)
            except OSError as wrong:
                self.errors[location] = f"it cannot be read ({wrong.strerror})"
            except ValueError as wrong:
                self.errors[location] = str(wrong)
            tell(location, 1)

    def _hash(self, location: str, buffer: bytearray, tell: Callable[[str, int], None]) -> str:
        """Return the SHA-256 of a regular file in hex. Raises ``ValueError`` if it is not one, changed meanwhile, or if the run is interrupted."""
        from hashlib import sha256  # which takes its time to load: not for folders of small files

        view = memoryview(buffer)
        state = sha256()
        with open(os.open(location, OPEN_FLAGS), "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise ValueError("it is no longer a regular file")
            length = 0
            while count := file.readinto(buffer):
                if self._stop():
                    raise ValueError(INTERRUPTED)
                state.update(view[:count])
                length += count
                if length % (_TELL_EVERY * _BUFFER) < count == _BUFFER:
                    tell(location, 0)
            after = os.fstat(file.fileno())
        if length != before.st_size or after.st_mtime_ns != before.st_mtime_ns or after.st_size != length:
            raise ValueError("it changed while it was read")
        return state.hexdigest()

    def _tell(self, location: str, _done: int) -> None:
        """Tell of the file at ``location``, and of those that any thread has finished since the last time."""
        finished = len(self.digests) + len(self.errors)
        self._progress.step(inert_path(os.path.basename(location)), finished - self._told)
        self._told = finished


def _is_sharded(location: str) -> bool:
    if "*-of-" not in location:
        return False
    from aisecops.datasets.parts import is_sharded

    return is_sharded(location)


def _files_in(item: Found, reasons: dict[str, str]) -> dict[str, str]:
    """The files in the folder ``item``; a reason is noted if it cannot be listed."""
    try:
        if not os.path.isdir(item.location):  # shards of a table
            from aisecops.datasets.parts import files_of

            return {os.path.basename(file): file for file in files_of(item.location)}
        return dict(_walk(item.location))
    except OSError as wrong:
        reasons[item.path] = f"a folder in it cannot be read ({wrong.strerror})"
        return {}


def _walk(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the name within ``folder`` and the location of every file in it."""
    stack = [("", folder)]
    while stack:
        prefix, path = stack.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_symlink():
                    target = os.path.realpath(entry.path)
                    if is_hub_blob(entry.path, target) and os.path.isfile(target):
                        yield prefix + entry.name, target
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in MACHINERY:
                        stack.append((prefix + entry.name + "/", entry.path))
                elif entry.is_file(follow_symlinks=False):
                    yield prefix + entry.name, entry.path


def _folder_digest(files: dict[str, str], digests: dict[str, str]) -> str:
    from hashlib import sha256

    state = sha256()
    for name in sorted(files):
        state.update(inert_path(name).encode() + b"\0" + digests[files[name]].encode() + b"\n")
    return state.hexdigest()
