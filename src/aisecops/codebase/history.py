"""What a git repository once held: the files that are in its history and no longer in the work tree.

A repository's configuration can make git run programs (``core.fsmonitor``, ``core.sshCommand``, filters, lazy fetches of partial clones), and the tree may be
somebody else's. So its configuration is never read: the references are read by hand, and git works in a folder of ours that borrows nothing but the object
store, with an environment in which no configuration, no prompt and no network exists.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

import msgspec

from aisecops.codebase.borrowed import environment, git_command, git_program, quoted
from aisecops.codebase.repository import SMALL, git_folder, read_small, shared_folder

if TYPE_CHECKING:
    import subprocess

_ID = r"[0-9a-f]{40}|[0-9a-f]{64}"
_PACKED = 64 << 20
_MOST_REFERENCES = 100_000
_MOST_FILES = 500_000
_BINARY = 8000
"""Bytes in which git, too, looks for a zero byte to tell a binary file."""


class PastFile(msgspec.Struct, frozen=True):
    """A file as it once was: its path, the commit that brought it (12 hex digits), and its content."""

    path: str
    commit: str
    data: bytes


class HistoryGap(msgspec.Struct, frozen=True):
    """A part of the history that was not read. ``code`` is one of the codes of ``NotExamined``."""

    code: str
    reason: str
    remedy: str = ""


class HistoryLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a history is read.

    Attributes
    ----------
    file_bytes : int
        Of one file; larger ones are counted and left out.
    total_bytes : int
        Of all files together, the oldest first.
    seconds : float
        After which git is stopped.
    """

    file_bytes: int = 4 << 20
    total_bytes: int = 2 << 30
    seconds: float = 600


def history(root: str, limits: HistoryLimits | None = None, *, follow: bool = True) -> Iterator[PastFile | HistoryGap]:
    """Yield the text files of the history of the repository at ``root`` that its work tree no longer holds.

    Parameters
    ----------
    root : str
        A folder that holds ``.git``, or is a bare repository.
    limits : HistoryLimits, optional
        How much to read.
    follow : bool
        Whether the repository may lead elsewhere: by a ``.git`` that is a file (work trees, submodules), by alternates, by links. In an untrusted tree it may not.

    Yields
    ------
    PastFile or HistoryGap
        Each content once, with the first commit that brought it, oldest first; and what was not read.
    """
    git = _git_folder(root, follow)
    if git is None:
        yield HistoryGap("bad-input", "there is no git repository here")
        return
    program = git_program(root)
    if program is None:
        yield HistoryGap("missing-extra", "git is not installed, so the history was not searched", "install git")
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="aisecops-history-") as folder:
        yield from _Reader(program, root, git, folder, limits or HistoryLimits(), follow=follow).files()


class _Blob(msgspec.Struct, frozen=True):
    id: str
    path: str
    commit: str
    size: int


class _Reader:
    """One walk through one history."""

    def __init__(self, program: str, root: str, git: str, folder: str, limits: HistoryLimits, *, follow: bool) -> None:
        self._program, self._root, self._git, self._folder, self._limits = program, root, git, folder, limits
        self._shared, self._follow = shared_folder(git, follow=follow), follow
        self._late = False

    def files(self) -> Iterator[PastFile | HistoryGap]:
        """Yield the files, then what was not read."""
        if os.path.isdir(os.path.join(self._shared, "reftable")):
            yield HistoryGap("no-parser", "the references are kept in a reftable, which is not read", "git refs migrate --ref-format=files")
            return
        references = _references(self._git, self._shared)
        if not references:
            return
        self._prepare(references)
        blobs: list[_Blob] = []
        for item in self._blobs():
            if isinstance(item, _Blob):
                blobs.append(item)
            else:
                yield item
        present = _present(self._root, {blob.size for blob in blobs}, len(references[0]))
        wanted = [blob for blob in blobs if blob.id not in present]
        yield from self._contents(wanted)
        if self._late:
            yield HistoryGap("timeout", f"git was stopped after {self._limits.seconds:g} seconds; later history was not searched")

    def _prepare(self, references: list[str]) -> None:
        """Make the repository of ours: no references, no hooks, no remote, the other's objects."""
        for name in ("objects/info", "refs"):
            os.makedirs(os.path.join(self._folder, name))
        long = len(references[0]) == 64
        extension = "\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n" if long else "\trepositoryformatversion = 0\n"
        self._write("config", "[core]\n\tbare = true\n" + extension)
        self._write("HEAD", "ref: refs/heads/none\n")
        self._borrow(os.path.abspath(os.path.join(self._shared, "objects")))
        shallow = [line for line in read_small(os.path.join(self._shared, "shallow"), _PACKED).split() if re.fullmatch(_ID, line)]
        if shallow:
            self._write("shallow", "\n".join(shallow) + "\n")
        self._write("starts", "\n".join(references) + "\n")

    def _borrow(self, objects: str) -> None:
        """Let git read the objects in the folder ``objects``. In an untrusted tree these are its own files alone: no alternates of its, no links to others' files."""
        if self._follow:
            self._write("objects/info/alternates", quoted(objects) + "\n")
        elif not os.path.islink(objects) and os.path.isdir(objects):
            for entry in os.scandir(objects):
                if re.fullmatch("[0-9a-f]{2}|pack", entry.name) and entry.is_dir(follow_symlinks=False):
                    _link_files(entry.path, os.path.join(self._folder, "objects", entry.name))

    def _write(self, name: str, content: str) -> None:
        with open(os.path.join(self._folder, name), "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(content)

    def _blobs(self) -> Iterator[_Blob | HistoryGap]:
        """Yield the contents of the history that are small enough, each with its first commit."""
        missing, large = 0, 0
        places: dict[str, tuple[str, str]] = {}
        commit = ""
        command = ("rev-list", "--objects", "--in-commit-order", "--reverse", "--ignore-missing", "--missing=print", "--stdin")
        for line in self._lines(*command, feed="starts"):
            id_, space, path = line.partition(" ")
            if id_.startswith("?"):
                missing += 1
            elif not space:
                commit = id_
            elif path and len(places) < _MOST_FILES:
                places.setdefault(id_, (path, commit))
        self._write("ids", "".join(f"{id_}\n" for id_ in places))
        for line in self._lines("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", feed="ids"):
            id_, kind, size = (*line.split(" "), "", "")[:3]
            if kind == "blob" and int(size) <= self._limits.file_bytes:
                path, commit = places[id_]
                yield _Blob(id_, path, commit[:12], int(size))
            else:
                large += kind == "blob"
                missing += kind == "missing"
        yield from self._left_out(missing, large, len(places))

    def _left_out(self, missing: int, large: int, known: int) -> Iterator[HistoryGap]:
        if missing:
            yield HistoryGap(
                "unreadable", f"{missing:,} objects of the history are not here (a partial or broken clone)", "fetch the whole history first"
            )
        if large:
            yield HistoryGap("too-large", f"{large:,} files of the history have more than {self._limits.file_bytes >> 20} MiB")
        if known >= _MOST_FILES:
            yield HistoryGap("truncated", f"only the oldest {_MOST_FILES:,} files of the history were searched")

    def _contents(self, blobs: list[_Blob]) -> Iterator[PastFile | HistoryGap]:
        total = 0
        for number, blob in enumerate(blobs):
            total += blob.size
            if total > self._limits.total_bytes:
                yield HistoryGap("truncated", f"only the oldest {number:,} of {len(blobs):,} files of the history were searched")
                blobs = blobs[:number]
                break
        self._write("ids", "".join(f"{blob.id}\n" for blob in blobs))
        with _Running(self, "cat-file", "--batch", feed="ids") as output:
            for blob in blobs:
                header = output.readline().split()
                if len(header) != 3:
                    break
                data = output.read(int(header[2]))
                output.read(1)
                if b"\0" not in data[:_BINARY]:
                    yield PastFile(blob.path, blob.commit, data)

    def _lines(self, *arguments: str, feed: str) -> Iterator[str]:
        with _Running(self, *arguments, feed=feed) as output:
            for line in output:
                yield line.rstrip(b"\n").decode("utf-8", "surrogateescape")

    def start(self, arguments: tuple[str, ...], feed: str) -> subprocess.Popen[bytes]:
        """Start git on our repository, with ``feed`` as its input."""
        import subprocess

        command = git_command(self._program, self._folder, *arguments)
        with open(os.path.join(self._folder, feed), "rb") as ids:
            return subprocess.Popen(  # noqa: S603 - no shell, and nothing in the command comes from the repository
                command, stdin=ids, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self._folder, env=environment(self._folder)
            )  # fmt: skip

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop git: its time is up."""
        self._late = True
        process.kill()

    @property
    def seconds(self) -> float:
        """What one command may take."""
        return self._limits.seconds


def _link_files(folder: str, ours: str) -> None:
    """Make ``ours`` hold the regular files of ``folder``."""
    inside = list(os.scandir(folder))
    regular = [entry for entry in inside if entry.is_file(follow_symlinks=False)]
    if len(regular) == len(inside):
        os.symlink(folder, ours, target_is_directory=True)
        return
    os.mkdir(ours)
    for entry in regular:
        os.symlink(entry.path, os.path.join(ours, entry.name))


class _Running:
    """A git command whose output is read; stopped when it takes too long, or when nobody reads on."""

    def __init__(self, reader: _Reader, *arguments: str, feed: str) -> None:
        from threading import Timer

        self._process = reader.start(arguments, feed)
        self._timer = Timer(reader.seconds, reader.stop, (self._process,))
        self._timer.daemon = True

    def __enter__(self) -> IO[bytes]:
        self._timer.start()
        assert self._process.stdout is not None
        return self._process.stdout

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait()


def _git_folder(root: str, follow: bool) -> str | None:
    """Return the folder that holds ``HEAD`` and the references of the repository at ``root``, which may be bare."""
    git = git_folder(root, follow=follow) if os.path.exists(os.path.join(root, ".git")) else root
    return git if git and os.path.isfile(os.path.join(git, "HEAD")) else None


def _references(git: str, shared: str) -> list[str]:
    """Return the ids that ``HEAD`` and all references of a repository stand at, each once."""
    found: dict[str, None] = {}
    packed = read_small(os.path.join(shared, "packed-refs"), _PACKED).splitlines()
    lines = chain([read_small(os.path.join(git, "HEAD"), SMALL)], packed, _loose(git), _loose(shared))
    for line in islice(lines, _MOST_REFERENCES):
        id_ = line.strip().removeprefix("^").partition(" ")[0]
        if re.fullmatch(_ID, id_):
            found[id_] = None
    long = max(map(len, found), default=0)
    return [id_ for id_ in found if len(id_) == long]


def _loose(git: str) -> Iterator[str]:
    for folder, folders, names in os.walk(os.path.join(git, "refs"), followlinks=False):
        folders.sort()
        for name in sorted(names):
            yield read_small(os.path.join(folder, name), SMALL)


def _present(root: str, sizes: set[int], id_length: int) -> set[str]:
    """Return the git ids of the files in the work tree, of those whose size is among ``sizes``."""
    import hashlib

    found: set[str] = set()
    for folder, folders, names in os.walk(root, followlinks=False):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            data = _content(os.path.join(folder, name), sizes)
            if data is not None:
                digest = hashlib.new("sha256" if id_length == 64 else "sha1", usedforsecurity=False)
                digest.update(b"blob %d\0" % len(data) + data)
                found.add(digest.hexdigest())
    return found


def _content(path: str, sizes: set[int]) -> bytes | None:
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size not in sizes:
            return None
        with open(
            os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb"
        ) as file:
            return file.read(status.st_size + 1)
    except OSError:
        return None
