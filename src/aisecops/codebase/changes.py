"""Which files of a work tree are not as they were at the merge base with a branch, tag or commit.

Every file is compared by its git id with the tree of the merge base, so that what is committed, staged, only edited or not known to git at all counts alike, and
the index is not needed. Where git keeps a file in another form than the work tree (Git LFS, line endings, filters) it counts as changed: rather looked at too
often than never.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping

import msgspec

from aisecops.codebase.borrowed import borrow, environment, git_command, git_program
from aisecops.codebase.repository import SMALL, git_folder, read_small, shared_folder
from aisecops.core.errors import UserError
from aisecops.core.text import inert

_ID = r"[0-9a-f]{40}|[0-9a-f]{64}"
_NAME = re.compile(r"[\w./+@#-]{1,200}")
_SUFFIX = re.compile(r"(?:[~^]\d{0,6}){0,20}")
_PACKED = 64 << 20
_SECONDS = 120.0
_PIECE = 1 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_WHERE = "--changed-since"


class Base(msgspec.Struct, frozen=True):
    """The merge base: its commit, the folder of the repository, and the git id and size of each of its files by path."""

    commit: str
    repository: str
    files: Mapping[str, tuple[str, int]]

    def changed(self, location: str) -> bool:
        """Whether what lies at ``location`` (a real path, of a file or a folder) is not as it was; what git does not know is changed."""
        path = os.path.relpath(location, self.repository).replace(os.sep, "/")
        if not os.path.isdir(location):
            return self._file_changed(location, path)
        before = {name for name in self.files if path == "." or name.startswith(f"{path}/")}
        now = set()
        for folder, _, names in os.walk(location, followlinks=False):
            for name in names:
                inner = os.path.join(folder, name)
                now.add(os.path.relpath(inner, self.repository).replace(os.sep, "/"))
                if self._file_changed(inner, os.path.relpath(inner, self.repository).replace(os.sep, "/")):
                    return True
        return before != now

    def _file_changed(self, location: str, path: str) -> bool:
        known = self.files.get(path)
        return known is None or _git_id(location, known[1], len(known[0])) != known[0]


def merge_base(repository: str, reference: str) -> Base:
    """Return the merge base of ``HEAD`` and ``reference`` in the trusted ``repository`` (a folder that holds ``.git``).

    Raises
    ------
    UserError
        There is no such reference, no common history here, or git is missing.
    """
    git = git_folder(repository, follow=True)
    shared = shared_folder(git, follow=True)
    head = _resolved(git, shared, "HEAD")
    program = git_program(repository)
    if program is None:
        raise UserError("git is not installed", where=_WHERE, fix="install git, or scan everything")
    if os.path.isdir(os.path.join(shared, "reftable")):
        raise UserError("the references are kept in a reftable, which is not read", where=_WHERE, fix="git refs migrate --ref-format=files")
    if not head:
        raise UserError("the repository has no commit yet", where=_WHERE, fix="scan everything")
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="aisecops-changes-") as folder:
        borrow(folder, shared, long=len(head) == 64)
        asked = _Git(program, folder)
        base = asked.base(_commit(asked, git, shared, reference), head, reference)
        return Base(commit=base, repository=os.path.realpath(repository), files=asked.files(base))


class _Git:
    """Git on the borrowed objects."""

    def __init__(self, program: str, folder: str) -> None:
        self._program, self._folder = program, folder

    def out(self, *arguments: str) -> bytes | None:
        """What git says; None where it fails."""
        import subprocess

        command = git_command(self._program, self._folder, *arguments)
        try:
            done = subprocess.run(  # noqa: S603 no shell; what the user names is held to a pattern that holds no flag
                command, stdin=subprocess.DEVNULL, capture_output=True, cwd=self._folder, env=environment(self._folder), timeout=_SECONDS, check=False
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise UserError(f"git took more than {_SECONDS:g} seconds", where=_WHERE, fix="scan everything") from None
        return done.stdout if done.returncode == 0 else None

    def base(self, commit: str, head: str, reference: str) -> str:
        """The merge base of two commits."""
        found = (self.out("merge-base", commit, head) or b"").decode().strip()
        if not re.fullmatch(_ID, found):
            fix = "fetch the whole history (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0)"
            raise UserError(f"HEAD and {inert(reference)} have no common commit here", where=_WHERE, fix=fix)
        return found

    def files(self, commit: str) -> dict[str, tuple[str, int]]:
        """Path to git id and size of every file of ``commit``; links and submodules are none."""
        listed = self.out("ls-tree", "-r", "-l", "-z", commit)
        if listed is None:
            raise UserError(f"the files of {commit[:12]} cannot be listed (a partial clone?)", where=_WHERE, fix="fetch the whole repository first")
        files = {}
        for entry in filter(None, listed.split(b"\0")):
            head, _, path = entry.partition(b"\t")
            mode, kind, id_, size = head.split()
            if kind == b"blob" and mode != b"120000" and size != b"-":
                files[os.fsdecode(path)] = (id_.decode(), int(size))
        return files


def _commit(asked: _Git, git: str, shared: str, reference: str) -> str:
    """The commit that ``reference`` names: a branch, tag, remote branch, ``HEAD``, a commit id or the start of one, with ``~2`` or ``^`` behind it."""
    cut = next((at for at, character in enumerate(reference) if character in "~^"), len(reference))
    name, suffix = reference[:cut], reference[cut:]
    if _NAME.fullmatch(name) and not name.startswith("-") and ".." not in name and _SUFFIX.fullmatch(suffix):
        for start in (_resolved(git, shared, name), name if re.fullmatch(r"[0-9a-f]{7,64}", name) else ""):
            found = (asked.out("rev-parse", "--verify", "--quiet", f"{start}{suffix}^{{commit}}") or b"").decode().strip() if start else ""
            if re.fullmatch(_ID, found):
                return found
    fix = "name a branch, a tag or a commit that is here; `git fetch origin main` brings a branch to a shallow clone"
    raise UserError(f"there is no commit {inert(reference)!r} in this repository", where=_WHERE, fix=fix)


def _resolved(git: str, shared: str, name: str) -> str:
    """The id that a reference stands at, in the order in which git looks; empty if there is none."""
    for full in (name, f"refs/{name}", f"refs/tags/{name}", f"refs/heads/{name}", f"refs/remotes/{name}", f"refs/remotes/{name}/HEAD"):
        found = _read(git, shared, full)
        if found:
            return found
    return ""


def _read(git: str, shared: str, name: str, links: int = 5) -> str:
    for folder in (git, shared):
        value = read_small(os.path.join(folder, *name.split("/")), SMALL).strip()
        if re.fullmatch(_ID, value):
            return value
        linked = re.fullmatch(rf"ref: (refs/{_NAME.pattern})", value)
        if linked and links and ".." not in linked[1]:
            return _read(git, shared, linked[1], links - 1)
    for line in read_small(os.path.join(shared, "packed-refs"), _PACKED).splitlines():
        value, _, full = line.partition(" ")
        if full == name and re.fullmatch(_ID, value):
            return value
    return ""


def _git_id(location: str, size: int, digits: int) -> str:
    """The id that git would give the regular file at ``location``, if it has ``size`` bytes; empty for anything else, which needs no reading."""
    import hashlib

    try:
        with open(os.open(location, _FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size != size:
                return ""
            digest = hashlib.new("sha256" if digits == 64 else "sha1", b"blob %d\0" % size, usedforsecurity=False)
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()
