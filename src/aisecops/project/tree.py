"""The search of one tree: which files are there, of which kind, and which a rule leaves out.

The tree may be hostile. Nothing is opened but regular files; links are followed only where their target is known to lie inside; nesting costs no stack; names
are bytes that mean nothing.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import msgspec

from aisecops.codebase.repository import read_small
from aisecops.core.asset import AssetKind
from aisecops.core.digest import digest
from aisecops.core.examination import INTERRUPTED, Code
from aisecops.core.progress import Progress
from aisecops.core.text import inert, inert_path
from aisecops.formats.artifact import Format
from aisecops.formats.recognition import HEAD, is_plain_data, recognise
from aisecops.project.found import Found, Ledger
from aisecops.project.ignore import Patterns, read_lines
from aisecops.project.kinds import (
    KEPT_WHEN_IGNORED,
    holds_fields,
    holds_records,
    is_image,
    is_numbers,
    is_office,
    is_packed_table,
    is_recording,
    is_text,
    is_workbook,
    kind_of,
)
from aisecops.project.pointers import missing_content
from aisecops.project.state import STATE_NAME, holds_only_state

if TYPE_CHECKING:
    from aisecops.project.manifest import DeclaredAsset

OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""A file that turns into a pipe between listing and opening must not make us wait; one that turns into a link must not lead us out."""

BEGINNING = 1 << 16
"""Bytes that are read of each file: most are no longer, and opening one again, to hash it or to look at its end, costs more than reading on."""
_LONGEST_HEADER = 1 << 20
_LINE_OPCODES = frozenset(b"cFILSV")
"""What a pickle may begin with whose argument is a line of text, as the header of a table is."""
MACHINERY = {
    ".git": "git's own files", ".hg": "Mercurial's own files", ".svn": "Subversion's own files", STATE_NAME: "aisecops' own files",
    "node_modules": "installed JavaScript packages", "__pycache__": "compiled Python", ".tox": "test environments", ".nox": "test environments",
    ".mypy_cache": "a tool's cache", ".ruff_cache": "a tool's cache", ".pytest_cache": "a tool's cache", ".hypothesis": "a tool's cache",
}  # fmt: skip
_ENVIRONMENT = "a virtual environment"
_HUB_CACHE = r"(.*[/\\](?:models|datasets|spaces)--[^/\\]+)[/\\]snapshots[/\\]"
_HUB_CONFIG = frozenset(("config.json", "adapter_config.json", "model_index.json"))
_HUB_WEIGHTS = (".safetensors", ".gguf")
_HUB_NAMED_WEIGHTS = (".bin", ".h5", ".pt", ".ckpt", ".onnx", ".msgpack")
_PICTURES, _CLASSES = 10, 2
"""Pictures in one folder that make it a data set, and such folders side by side that make these its classes; a rare class has fewer."""
_DOCUMENTS = 10
"""Documents in one folder that are examined as a collection, too; so many plain texts are documents where they are half of the folder."""
_TABLES_OF_ZIP = 100
_TABLE_NAMES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".ipc")
"""A first look at names, which costs no import where a folder holds no table."""
_MAX_RULES = 1 << 18
_ZIP_END, _ZIP_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ZIP_TAIL = (1 << 16) + 22
"""The end record and the longest comment behind it."""


class Folder:
    """A folder on the way: where it is, and what holds for everything in it.

    ``relative`` is its path from the root, ending with ``/`` (empty for the root); ``asked`` the same from the top of the rules' reach, as patterns want it.
    ``muted`` is why text is left out here (empty: it is not), since the folder ``muted_at``.
    """

    __slots__ = ("asked", "excluded", "muted", "muted_at", "path", "relative", "rules")

    def __init__(
        self, path: str, relative: str, asked: str, rules: Patterns | None, excluded: Patterns | None, muted: str = "", muted_at: str = ""
    ) -> None:
        self.path = path
        self.relative = relative
        self.asked = asked
        self.rules = rules
        self.excluded = excluded
        self.muted = muted
        self.muted_at = muted_at

    def inner(self, entry: os.DirEntry[str]) -> Folder:
        """The folder ``entry`` of this one, under the same rules."""
        name = entry.name + "/"
        return Folder(entry.path, self.relative + name, self.asked + name, self.rules, self.excluded, self.muted, self.muted_at)


class Tree:
    """Searches roots one after the other into one ledger.

    Parameters
    ----------
    inside
        Real paths of all folders that are searched: links to anywhere else are not followed.
    named
        Files that the user named, by real path of their folder: always assets; model files if nothing recognises them.
    declared
        What the manifest names, likewise: always an asset, of the declared kind.
    untrusted
        The tree's own rules (``.gitignore``) are not obeyed, and folders of machinery are searched for model files, data and notebooks: code may load them.
    stop
        Whether to come to an end: what is left is noted as not examined, folder by folder.
    """

    def __init__(
        self,
        inside: Sequence[str],
        named: AbstractSet[str],
        declared: dict[str, DeclaredAsset],
        *,
        untrusted: bool,
        progress: Progress,
        stop: Callable[[], bool],
    ) -> None:
        self.ledger = Ledger()
        self._inside = tuple(os.path.join(root, "") for root in inside)
        self._named = named
        self._declared = declared
        self._untrusted = untrusted
        self._progress = progress
        self._stop = stop
        self._seen: set[str] = set()
        self._blobs: set[str] = set()
        self._links: list[tuple[Folder, str, str, str]] = []
        self._pictures: dict[str, list[int]] = {}
        self._galleries: dict[str, list[tuple[Found, int]]] = {}
        self._documents: dict[str, list[int]] = {}
        self._texts: dict[str, list[Found]] = {}
        self._files: dict[str, int] = {}
        self._collections = tuple(os.path.join(path, "") for path, item in declared.items() if item.kind is AssetKind.DOCUMENT)
        self._hub: dict[str, set[str]] = {}
        self._parts: tuple[str, ...] = ()
        self._shards: set[str] = set()

    def search(self, root: Folder) -> None:
        """Search everything under ``root``."""
        stack = [root]
        while stack:
            folder = stack.pop()
            if self._stop():
                self._cut(folder)
                continue
            self._progress.step(inert_path(folder.relative) or ".")
            try:
                with os.scandir(folder.path) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as wrong:
                self.ledger.skip(folder.relative, Code.UNREADABLE, f"the folder cannot be read ({wrong.strerror})", "check its permissions")
                continue
            names = {entry.name for entry in entries}
            if self._enter(folder, names, top=folder is root):
                self._table_of_parts(folder, names)
                stack.extend(reversed(self._look_at(folder, entries)))
            self._composites(folder)

    def _enter(self, folder: Folder, names: set[str], *, top: bool) -> bool:
        """Apply what the folder says about itself; tell whether to go on."""
        if not top and ("pyvenv.cfg" in names or "conda-meta" in names):
            if not self._untrusted:
                self.ledger.leave_out(folder.relative, _ENVIRONMENT)
                return False
            if not folder.muted:
                folder.muted, folder.muted_at = _ENVIRONMENT, folder.relative
        if ".gitignore" in names and not self._untrusted and not folder.muted:
            folder.rules = rules_of(folder.path, folder.relative + ".gitignore", len(folder.asked), folder.rules)
        return True

    def _table_of_parts(self, folder: Folder, names: AbstractSet[str]) -> None:
        """Take account of a folder that is one table: of parts, or of folders that say what their rows have in common."""
        if not any("=" in name or name.endswith(_TABLE_NAMES) or is_packed_table(name) for name in names):
            return
        from aisecops.datasets.parts import may_be_part, parts_of

        if folder.path.startswith(self._parts):
            return
        if not any(may_be_part(name) for name in names) or (parts := parts_of(folder.path)) is None:
            self._tables_of_shards(folder, names)
            return
        if any(path.startswith(os.path.join(folder.path, "")) for path in (*self._declared, *self._named)):
            return
        self._parts = (*self._parts, os.path.join(folder.path, ""))
        if folder.path not in self._declared:
            size = sum(os.path.getsize(path) for path in parts.paths)
            path = inert_path(folder.relative.rstrip("/")) or "."
            self.ledger.found.append(Found(path=path, location=folder.path, kind=AssetKind.DATA_SET, size=size))

    def _tables_of_shards(self, folder: Folder, names: AbstractSet[str]) -> None:
        """Take account of the tables whose shards lie side by side, as hubs hold them: ``train-00000-of-00002.parquet`` beside those of the test part."""
        from aisecops.datasets.parts import shards_among

        for pattern, shards in shards_among(names).items() if any("-of-" in name for name in names) else ():
            paths = [os.path.join(folder.path, name) for name in shards]
            if any(path in self._declared or path in self._named or os.path.islink(path) for path in paths):
                continue
            self._shards.update(paths)
            location = os.path.join(folder.path, pattern)
            declared = self._declared.get(location)
            role = (declared.role or "") if declared else ""
            size = sum(map(os.path.getsize, paths))
            path = inert_path(folder.relative + pattern)
            found = Found(path=path, location=location, kind=AssetKind.DATA_SET, size=size, declared=declared is not None, role=role)
            self.ledger.found.append(found)

    def _look_at(self, folder: Folder, entries: list[os.DirEntry[str]]) -> list[Folder]:
        """Take account of ``entries``; return the folders to search next."""
        inner: list[Folder] = []
        for entry in entries:
            if self._stop():
                self._cut(folder)
                break
            try:
                self._entry(folder, entry, inner)
            except OSError as wrong:  # a file system that tells no types, and now not even that
                self.ledger.skip(folder.relative + entry.name, Code.UNREADABLE, f"it cannot be read ({wrong.strerror})", "check its permissions")
        return inner

    def _cut(self, folder: Folder) -> None:
        self.ledger.skip(folder.relative, INTERRUPTED.code, INTERRUPTED.reason, INTERRUPTED.remedy)

    def _entry(self, folder: Folder, entry: os.DirEntry[str], inner: list[Folder]) -> None:
        if entry.is_file(follow_symlinks=False):
            self.file(folder, entry.name, entry.path, entry.path)
        elif entry.is_dir(follow_symlinks=False):
            if (found := self._folder(folder, entry)) is not None:
                inner.append(found)
        elif entry.is_symlink():
            self._link(folder, entry)
        elif not self._is_excluded(folder, entry.name, entry.path, is_folder=False):
            self.special(folder.relative + entry.name)

    def special(self, path: str) -> None:
        """A pipe, socket or device: opening one may wait for ever or do something."""
        self.ledger.skip(
            path, Code.BAD_INPUT, "not a regular file (a pipe, socket or device): never opened", "leave it out with --exclude, or remove it"
        )

    def _folder(self, folder: Folder, entry: os.DirEntry[str]) -> Folder | None:
        if self._is_excluded(folder, entry.name, entry.path, is_folder=True):
            return None
        inner = folder.inner(entry)
        reason = MACHINERY.get(entry.name, "")
        if entry.name == "objects" and folder.path.endswith(os.sep + ".git"):
            self.ledger.leave_out(inner.relative, MACHINERY[".git"])
            return None
        if entry.name == STATE_NAME and not self._untrusted and holds_only_state(entry.path):
            return None  # we put it there: whether it is there says nothing about the tree
        if reason and not self._untrusted:
            self.ledger.leave_out(*((folder.muted_at, folder.muted) if folder.muted else (inner.relative, reason)))
            return None
        if reason and entry.name != STATE_NAME and not folder.muted:
            inner.muted, inner.muted_at = reason, inner.relative
        if not inner.muted and folder.rules is not None and (rule := folder.rules.rule(entry.name, folder.asked + entry.name, folder=True)):
            inner.muted, inner.muted_at = _ignored(rule.text, rule.source), inner.relative
        return inner

    def _is_excluded(self, folder: Folder, name: str, path: str, *, is_folder: bool) -> bool:
        if folder.excluded is None or path in self._declared or path in self._named:
            return False
        rule = folder.excluded.rule(name, folder.asked + name, is_folder)
        if rule is not None:
            place = folder.relative + name + "/" if is_folder else folder.relative
            self.ledger.leave_out(place, f"excluded by `{inert(rule.text)}` ({rule.source})")
        return rule is not None

    def _link(self, folder: Folder, entry: os.DirEntry[str]) -> None:
        """Follow links to blobs of the same hub cache now, links within the tree at the end, others never."""
        if self._is_excluded(folder, entry.name, entry.path, is_folder=False):
            return
        target = os.path.realpath(entry.path)
        try:
            mode = os.stat(target).st_mode
        except (OSError, ValueError):
            self.ledger.leave_out(folder.relative + entry.name, "a link to nothing")
            return
        inside = os.path.join(target, "").startswith(self._inside)
        if stat.S_ISREG(mode) and is_hub_blob(entry.path, target):
            self._blobs.add(target)
            self.file(folder, entry.name, entry.path, target)
        elif not inside:
            self.ledger.leave_out(folder.relative + entry.name, "a link out of the tree")
        elif stat.S_ISREG(mode):
            self._links.append((folder, entry.name, entry.path, target))

    def finish(self) -> None:
        """Settle what needs the whole picture: files that only a link makes an asset, and blobs that a snapshot has a name for."""
        self._settle_pictures()
        known = {found.location for found in self.ledger.found}
        for folder, name, path, target in self._links:
            if target not in known:
                self.file(folder, name, path, target)
        self.ledger.found = [found for found in self.ledger.found if found.location not in self._blobs or not _is_blob_name(found)]

    def file(self, folder: Folder, name: str, path: str, location: str) -> None:
        """Take account of one regular file: ``path`` is its name in the file system, ``location`` where its content is."""
        if path in self._seen or self._is_excluded(folder, name, path, is_folder=False):
            return
        self._seen.add(path)
        self._files[folder.path] = self._files.get(folder.path, 0) + 1
        try:
            content, size = read_beginning(location)
        except OSError as wrong:
            self.ledger.skip(folder.relative + name, Code.UNREADABLE, f"it cannot be read ({wrong.strerror})", "check its permissions")
            return
        except ValueError:
            self.special(folder.relative + name)
            return
        missing = missing_content(inert_path(folder.relative + name), path, content, size)
        if (
            missing is not None and recognise(content[:HEAD], size, name) is None and not ends_as_zip(location, content, size)
        ):  # a model may be made to read as a pointer
            self.ledger.not_examined.append(missing)
            self._note_hub(folder, name)
            return
        self._asset(folder, name, path, location, content, size)

    def _asset(self, folder: Folder, name: str, path: str, location: str, content: bytes, size: int) -> None:
        declared = self._declared.get(path)
        head = content[:HEAD]
        kind, form = kind_of(name, folder.relative, head, size)
        if form is Format.PICKLE and size > HEAD and head[0] in _LINE_OPCODES:
            kind, form = kind_of(name, folder.relative, _with_first_line(location, content, size), size)  # the head may have left it open
        if kind is not AssetKind.MODEL_FILE and ends_as_zip(location, content, size):
            kind, form = AssetKind.MODEL_FILE, Format.ZIP
        if form is Format.ZSTD and is_packed_table(name):
            kind, form = AssetKind.DATA_SET, None  # no loader of models unpacks it
        if declared is not None:
            kind = declared.kind
        elif path in self._named:
            kind = kind or (AssetKind.DOCUMENT if is_text(name) and is_plain_data(head) else AssetKind.MODEL_FILE)
        elif kind is None:
            kind = self._unnamed(folder, name, path, location, head, size)
            if kind is None:
                return
        elif kind not in KEPT_WHEN_IGNORED and self._is_ignored(folder, name):
            if not holds_records(name, content):
                return
            kind = AssetKind.DATA_SET
        self._note_hub(folder, name)
        role = declared.role if declared and declared.role else ""
        known = digest(content) if len(content) == size else ""
        found = Found(
            path=inert_path(folder.relative + name),
            location=location,
            kind=kind,
            size=size,
            format=form,
            declared=declared is not None,
            role=role,
            digest=known,
        )
        is_part = declared is None and path not in self._named and (path in self._shards or path.startswith(self._parts))
        if kind is AssetKind.DATA_SET and is_part:
            return
        self.ledger.found.append(found)
        if (is_packed_table(name) or (form is Format.ZIP and is_workbook(name))) and kind is AssetKind.MODEL_FILE:
            if not is_part:
                self.ledger.found.append(msgspec.structs.replace(found, kind=AssetKind.DATA_SET, format=None))
        elif form is Format.ZIP and name.lower().endswith(".zip") and kind is AssetKind.MODEL_FILE:
            self._tables_within(found)
            self._media_within(found)
        elif form is Format.TAR and kind is AssetKind.MODEL_FILE:
            self._media_within(found)
        elif kind is AssetKind.CONFIGURATION and declared is None and holds_records(name, content):
            self.ledger.found.append(msgspec.structs.replace(found, kind=AssetKind.DATA_SET))
        if is_office(name, form) and kind is AssetKind.MODEL_FILE and not self._is_ignored(folder, name):
            kind = AssetKind.DOCUMENT
            self.ledger.found.append(msgspec.structs.replace(found, kind=kind, format=None))
        if kind is AssetKind.CONFIGURATION and holds_fields(name, folder.relative):
            self.ledger.found.append(msgspec.structs.replace(found, kind=AssetKind.DOCUMENT))
        if kind is AssetKind.DOCUMENT and is_image(head):
            self._pictures.setdefault(folder.path, []).append(size)
        elif kind is AssetKind.DOCUMENT:
            self._documents.setdefault(folder.path, []).append(size)

    def _tables_within(self, archive: Found) -> None:
        """Take account of the tables in a zip: each is a data set, whose path goes on behind the zip's."""
        from aisecops.datasets.zipped import packed_in, place_of, tables_in

        names = tables_in(archive.location)
        for name in names[:_TABLES_OF_ZIP]:
            path = f"{archive.path}/{place_of(name)}"
            self.ledger.found.append(msgspec.structs.replace(archive, path=path, kind=AssetKind.DATA_SET, format=None))
        if len(names) > _TABLES_OF_ZIP:
            reason = f"{len(names) - _TABLES_OF_ZIP:,} more tables than the {_TABLES_OF_ZIP} that are examined in one archive"
            self.ledger.skip(archive.path, Code.TOO_LARGE, reason, "unpack it, and examine the folder")
        for name in packed_in(archive.location)[:_TABLES_OF_ZIP] if names else ():
            self.ledger.skip(f"{archive.path}/{place_of(name)}", Code.NO_PARSER, "packed twice: tables are read of one archive", "unpack it once")

    def _media_within(self, archive: Found) -> None:
        """Take account of an archive of pictures or recordings: a data set besides, since loaders of models open it, too."""
        from aisecops.datasets.media import media_in_archive

        if media_in_archive(archive.location) >= _PICTURES:
            self.ledger.found.append(msgspec.structs.replace(archive, kind=AssetKind.DATA_SET, format=None))

    def _unnamed(self, folder: Folder, name: str, path: str, location: str, head: bytes, size: int) -> AssetKind | None:
        """Take account of what is an asset only in company: pictures, recordings, and plain texts outside of a declared collection."""
        if is_image(head) or is_recording(head):
            self._pictures.setdefault(folder.path, []).append(size)
        elif is_text(name) and size:
            if path.startswith(self._collections):
                return AssetKind.DOCUMENT
            if is_numbers(head):
                return None
            found = Found(path=inert_path(folder.relative + name), location=location, kind=AssetKind.DOCUMENT, size=size)
            self._texts.setdefault(folder.path, []).append(found)
        return None

    def _is_ignored(self, folder: Folder, name: str) -> bool:
        if folder.muted:
            self.ledger.leave_out(folder.muted_at, folder.muted)
            return True
        if folder.rules is None or (rule := folder.rules.rule(name, folder.asked + name, folder=False)) is None:
            return False
        self.ledger.leave_out(folder.relative, _ignored(rule.text, rule.source))
        return True

    def _note_hub(self, folder: Folder, name: str) -> None:
        if name in _HUB_CONFIG:
            self._hub.setdefault(folder.path, set()).add("config")
        elif name.endswith(_HUB_WEIGHTS) or (name.endswith(_HUB_NAMED_WEIGHTS) and ("model" in name or "adapter" in name)):
            self._hub.setdefault(folder.path, set()).add("weights")

    def _composites(self, folder: Folder) -> None:
        """A folder that is an asset itself: a model as hubs hold it, a set of pictures, a collection of documents."""
        pictures = self._pictures.pop(folder.path, [])
        path = inert_path(folder.relative.rstrip("/")) or "."
        if len(self._hub.pop(folder.path, ())) == 2:
            self.ledger.found.append(Found(path=path, location=folder.path, kind=AssetKind.HUB_FOLDER, size=0))
        if pictures and folder.path not in self._declared:
            found = Found(path=path, location=folder.path, kind=AssetKind.DATA_SET, size=sum(pictures))
            self._galleries.setdefault(os.path.dirname(folder.path), []).append((found, len(pictures)))
        self._collection(folder, path)

    def _settle_pictures(self) -> None:
        """Take folders of pictures side by side, named like classes, for one data set: `cat` and `dog` are its labels, and a picture may stand in both."""
        if not self._galleries:
            return
        from aisecops.project.data_sets import guessed_role  # which loads what knows tables: a tenth of a start

        everywhere = {found.location for inner in self._galleries.values() for found, _ in inner}
        for parent, inner in self._galleries.items():
            classes = [found for found, count in inner if count >= _PICTURES]
            paths = [found.path for found, _ in inner]
            inside = any(os.path.dirname(path) == parent for path in self._declared)
            if not inside and parent in self._declared and self._declared[parent].kind is AssetKind.DATA_SET:
                continue  # the manifest has a name for all of them
            alone = (
                len(classes) < _CLASSES
                or parent in everywhere  # pictures beside the folders: these are no classes of it
                or "." in paths
                or any(guessed_role(path.rpartition("/")[2]) for path in paths)
                or any(os.path.join(path, "").startswith(os.path.join(parent, "")) for path in self._declared)
            )
            if alone:
                self.ledger.found += classes
                continue
            path, size = paths[0].rpartition("/")[0] or ".", sum(found.size for found, _ in inner)
            self.ledger.found.append(Found(path=path, location=parent, kind=AssetKind.DATA_SET, size=size))

    def _collection(self, folder: Folder, path: str) -> None:
        texts, sizes = self._texts.pop(folder.path, []), self._documents.pop(folder.path, [])
        others = self._files.pop(folder.path, 0) - len(texts) - len(sizes)
        if len(texts) >= _DOCUMENTS and others <= len(texts) + len(sizes):
            kept = [found for found in texts if not self._is_ignored(folder, os.path.basename(found.location))]
            self.ledger.found += kept
            sizes += [found.size for found in kept]
        if len(sizes) >= _DOCUMENTS and folder.path not in self._declared and not os.path.join(folder.path, "").startswith(self._collections):
            self.ledger.found.append(Found(path=path, location=folder.path, kind=AssetKind.DOCUMENT, size=sum(sizes)))


def read_beginning(location: str) -> tuple[bytes, int]:
    """Return the first ``BEGINNING`` bytes and the size of a regular file. Raises ``OSError``, or ``ValueError`` if it is not one."""
    handle = os.open(location, OPEN_FLAGS)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(location)
        return os.read(handle, BEGINNING), status.st_size
    finally:
        os.close(handle)


def _with_first_line(location: str, content: bytes, size: int) -> bytes:
    """Return enough of a file to tell the long header of a table (``V1,V2,...``) from the text of a pickle's first opcode: what follows the line tells."""
    if size <= len(content) or b"\n" in content:
        return content
    try:
        handle = os.open(location, OPEN_FLAGS)
    except OSError:
        return content
    try:
        return os.pread(handle, _LONGEST_HEADER, 0)
    except OSError:
        return content
    finally:
        os.close(handle)


def ends_as_zip(location: str, head: bytes, size: int) -> bool:
    """Tell whether a zip ends the file at ``location``: its readers look for the end, and take whatever stands in front for a preface."""
    if size <= len(head):  # all of it
        return _directory_in(head)
    try:
        handle = os.open(location, OPEN_FLAGS)
    except OSError:
        return False
    try:
        start = max(size - _ZIP_TAIL, 0)
        tail = os.pread(handle, _ZIP_TAIL, start)
        at = tail.rfind(_ZIP_END)
        if at < 0:
            return False
        directory = start + at - int.from_bytes(tail[at + 12 : at + 16], "little")
        return directory >= 0 and os.pread(handle, 4, directory) == _ZIP_ENTRY
    except OSError:
        return False
    finally:
        os.close(handle)


def _directory_in(content: bytes) -> bool:
    at = content.rfind(_ZIP_END)
    directory = at - int.from_bytes(content[at + 12 : at + 16], "little")
    return at >= 0 and directory >= 0 and content[directory : directory + 4] == _ZIP_ENTRY


def rules_of(folder: str, source: str, start: int, outer: Patterns | None) -> Patterns | None:
    """Return the rules of the ``.gitignore`` in ``folder`` on top of ``outer``."""
    path = os.path.join(folder, ".gitignore")
    text = "" if os.path.islink(path) else read_small(path, _MAX_RULES)  # as git has it: a link could quote any file in our reasons
    return Patterns(read_lines(text), inert_path(source), start, outer) if text else outer


def is_hub_blob(path: str, target: str) -> bool:
    """Whether the link at ``path`` is a snapshot's name for a blob (``target``, a real path) of the same hub cache."""
    cache = re.match(_HUB_CACHE, path, re.DOTALL)
    return cache is not None and os.path.dirname(target) == os.path.join(os.path.realpath(cache[1]), "blobs")


def _is_blob_name(found: Found) -> bool:
    return f"/{found.path}".endswith(f"/blobs/{os.path.basename(found.location)}") or found.path == os.path.basename(found.location)


def _ignored(pattern: str, source: str) -> str:
    return f"ignored by `{inert(pattern)}` in {source}"
