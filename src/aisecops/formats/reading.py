"""From a path to the tree of parts: what the file is, what is in it, and what pickle streams stand anywhere in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from mmap import ACCESS_READ, mmap

from aisecops.core.examination import Code
from aisecops.core.text import inert
from aisecops.formats.artifact import Coverage, Format, Limits, Part, PartAnomaly, Unread
from aisecops.formats.pickle.trace import Trace
from aisecops.formats.pickle.twins import Twins
from aisecops.formats.pickle.walk import walk
from aisecops.formats.pickle_probe import looks_like_pickle
from aisecops.formats.piece import Budget, Bytes, Draft, Piece, Role
from aisecops.formats.recognition import HEAD, is_mislabelled, is_plain_data, recognise

Annotate = Callable[[Bytes, Trace], Trace]
KeepArguments = Callable[[str, str], bool]

_READ = 1 << 16
"""Files below this size are read; mapping costs more than copying them."""
_ZIP_TAIL = (1 << 16) + 22
"""The longest comment and the record before it: where a zip's end is looked for."""
_COMPRESSED = frozenset({Format.GZIP, Format.BZIP2, Format.XZ, Format.LZMA, Format.ZLIB, Format.LZ4})
_WITHOUT_PARSER = "aisecops has no parser for {} yet: examine it with a tool of its own, or leave it out with --exclude"


def read_artifact(
    path: str,
    *,
    name: str = "",
    limits: Limits | None = None,
    keep_arguments: KeepArguments | None = None,
    annotate: Annotate | None = None,
    twins: Twins | None = None,
) -> Part:
    """Read the file at ``path`` without loading anything, and say what it is made of.

    Parameters
    ----------
    name
        What the file is called where that differs from ``path``.
    keep_arguments
        Called with (module, name) of each callable: whether to keep the arguments of its calls (see ``walk``).
    annotate
        Completes each trace while its bytes are at hand.
    twins
        What is known from other files that were read with the same arguments.

    Returns
    -------
    Part
        Never raises on content. What cannot be opened is a part with an ``unread`` of code ``unreadable``.
    """
    try:
        data = _open(path)
    except OSError as error:
        return _failed(Code.UNREADABLE, f"cannot be read: {error.strerror or error}", "give this user the right to read it")
    if isinstance(data, str):
        return _failed(Code.UNREADABLE, data, "")
    if not data:
        return _failed(Code.TRUNCATED, "the file is empty", "get the file again from its source")
    reader = _Reader(Budget(limits or Limits()), keep_arguments or _keep_none, annotate, twins)
    return reader.part(Piece(data, name=name or os.path.basename(path), role=Role.FILE))


def _keep_none(module: str, name: str) -> bool:  # noqa: ARG001 (called by position)
    return False


def _open(path: str) -> Bytes | str:
    """Return the bytes of a regular file, read or mapped; a sentence for anything else. Never blocks: a FIFO without a writer would."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        return "not a regular file"
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):  # replaced in between
            return "not a regular file"
        if found.st_size >= _READ:
            return mmap(fd, found.st_size, access=ACCESS_READ)
        return os.read(fd, _READ)
    finally:
        os.close(fd)


def _failed(code: Code, reason: str, remedy: str) -> Part:
    return Part(path=(), format=Format.UNKNOWN, size=0, coverage=Coverage(0, 0), unread=(Unread(code, inert(reason), remedy),))


class _Reader:
    """Reads pieces and what stands in them, all on one budget."""

    def __init__(self, budget: Budget, keep_arguments: KeepArguments, annotate: Annotate | None, twins: Twins | None) -> None:
        self.budget, self._keep_arguments, self._annotate, self._twins = budget, keep_arguments, annotate, twins

    def walk(self, data: Bytes, start: int, *, joblib: bool = False) -> Trace:
        """Return the trace of the pickle stream at ``start``, and count its opcodes."""
        known = data if self._twins and start == 0 and not joblib and isinstance(data, bytes) else None
        trace = self._twins.find(known, self.budget.opcodes) if self._twins and known is not None else None
        if trace is not None:
            self.budget.opcodes -= trace.opcodes
            return trace
        trace = walk(
            data,
            start,
            joblib=joblib,
            keep_arguments=self._keep_arguments,
            max_opcodes=max(self.budget.opcodes, 1),
            max_held=self.budget.limits.walk_bytes,
        )
        self.budget.opcodes -= trace.opcodes
        annotated = self._annotate(data, trace) if self._annotate else trace
        if self._twins and known is not None and annotated is trace:
            self._twins.keep(known, trace)
        return annotated

    def part(self, piece: Piece) -> Part:
        """Return the part that ``piece`` is."""
        draft = Draft(piece)
        size = len(piece.data)
        if piece.depth > self.budget.limits.depth:
            draft.anomaly(PartAnomaly.BOMB, 0, f"nested deeper than {self.budget.limits.depth}")
            return self._unexamined(draft, Format.UNKNOWN, Code.TOO_LARGE, "nested too deep", "unpack it by hand and scan the result")
        if not self.budget.take_member():
            return self._unexamined(draft, Format.UNKNOWN, Code.TOO_LARGE, "more members than the limit", "unpack it by hand and scan the result")
        head = bytes(piece.data[: 512 if piece.role is Role.STORAGE else HEAD])
        found = recognise(head, size, piece.name)
        if piece.role is Role.PICKLE:
            found = Format.PICKLE
        elif piece.role is Role.STORAGE and found is not Format.ZIP and not looks_like_pickle(head, 0, size, calls_only=True):
            found = None  # numbers may look like anything
        elif found is Format.PICKLE and size > len(head) and not looks_like_pickle(piece.data) and head[0] != 0x80:
            found = None  # the head left it open
        if found is None:
            return self._unrecognised(draft, head)
        if piece.role is Role.FILE and is_mislabelled(piece.name, found):
            draft.anomaly(PartAnomaly.MISLABELLED, 0, f"the name promises another format than {found.value}")
        kind = self._parse(draft, found)
        self._other_views(draft, head, found)
        return draft.finish(kind)

    def _parse(self, draft: Draft, found: Format) -> Format:
        """Read the draft's piece as ``found``; return what it turned out to be. Parsers are imported when they are needed: most files need one."""
        if found is Format.PICKLE:
            from aisecops.formats.pickles import read_pickles

            return read_pickles(draft, self)
        if found is Format.ZIP:
            from aisecops.formats.zip import read_zip

            return read_zip(draft, self)
        if found is Format.NPY:
            from aisecops.formats.npy import read_npy

            return read_npy(draft, self)
        if found is Format.TAR:
            from aisecops.formats.tar import read_tar

            return read_tar(draft, self)
        if found in _COMPRESSED:
            from aisecops.formats.compression import read_compressed

            return read_compressed(draft, self, found)
        draft.opaque(len(draft.piece.data))
        draft.unread(Code.NO_PARSER, f"a file of format {found.value}", _WITHOUT_PARSER.format(found.value))
        return found

    def remainder(self, draft: Draft, start: int, what: str) -> None:
        """Account for the bytes from ``start`` on, behind the end of ``what``: another file, or nothing that we know."""
        piece, size = draft.piece, len(draft.piece.data)
        if start >= size:
            return
        head = bytes(piece.data[start : start + HEAD])
        found = recognise(head, size - start)
        if found is None and not self._zip_end(piece.data, start):
            draft.leave(start, size)
            draft.anomaly(PartAnomaly.TRAILING_BYTES, start, f"{size - start} bytes follow {what}")
            return
        draft.anomaly(PartAnomaly.POLYGLOT, start, f"{what} is followed by a second file ({(found or Format.ZIP).value})")
        draft.parts.append(self.part(piece.inside(start, size, f"bytes from {start}", Role.FILE)))

    def _unexamined(self, draft: Draft, kind: Format, code: Code, reason: str, remedy: str) -> Part:
        draft.opaque(len(draft.piece.data))
        draft.unread(code, reason, remedy)
        return draft.finish(kind)

    def _unrecognised(self, draft: Draft, head: bytes) -> Part:
        """Data inside a container is data, unless a zip stands at its end; a file that a user gave is worth a third look, and a word."""
        piece, size = draft.piece, len(draft.piece.data)
        end = None if piece.role is Role.STORAGE else self._zip_end(piece.data, 0)
        if end:
            if end[1] == size:
                return draft.finish(self._parse(draft, Format.ZIP))
            self._zip_view(draft, None, end)
        if piece.role is not Role.FILE:
            draft.opaque(size)
            return draft.finish(Format.DATA)
        self._user_block(draft)
        if is_plain_data(head):
            draft.opaque(size)
            return draft.finish(Format.DATA)
        return self._unexamined(draft, Format.UNKNOWN, Code.NO_PARSER, "bytes in no form that aisecops knows", "find out what wrote the file")

    def _other_views(self, draft: Draft, head: bytes, found: Format) -> None:
        """Look whether loaders of another format would take the same bytes, and read them as that, too."""
        piece, size = draft.piece, len(draft.piece.data)
        if found not in (Format.PICKLE, Format.ZIP) and looks_like_pickle(head, 0, size):
            draft.anomaly(PartAnomaly.POLYGLOT, 0, f"a {found.value} file that unpickles as well")
            draft.parts.append(self.part(piece.inside(0, size, "as a pickle", Role.PICKLE)))
        if found is not Format.ZIP and not draft.covered_to_the_end and (end := self._zip_end(piece.data, 0)):
            self._zip_view(draft, found, end)
        if piece.role is Role.FILE and found is not Format.HDF5:
            self._user_block(draft)

    def _zip_end(self, data: Bytes, start: int) -> tuple[int, int] | None:
        """Where the last zip in ``data`` begins and ends, if there is one in the bytes from ``start`` on that Python's zipfile would open."""
        at = max(start, len(data) - _ZIP_TAIL)
        tail = data if at == 0 and isinstance(data, bytes) else bytes(data[at:])
        found = tail.rfind(b"PK\x05\x06")
        if found < 0:
            return None
        from aisecops.formats.zip_directory import extent

        return extent(data, at + found)

    def _zip_view(self, draft: Draft, found: Format | None, extent: tuple[int, int]) -> None:
        """Read the zip at ``extent``. One that ends where the file ends is made to be opened as a zip; otherwise it is an object's own bytes."""
        start, end = extent
        appended = end == len(draft.piece.data)
        if not appended and found not in (Format.PICKLE, None):
            return
        if appended and found is not None:
            draft.anomaly(PartAnomaly.POLYGLOT, start, f"a {found.value} file that opens as a zip as well")
        draft.parts.append(self.part(draft.piece.inside(start, end, f"zip at {start}", Role.MEMBER)))

    def _user_block(self, draft: Draft) -> None:
        """HDF5 may begin at 512, 1024, 2048 ...: its readers skip what stands before."""
        piece, size, at = draft.piece, len(draft.piece.data), 512
        while at + 8 < size:
            if bytes(piece.data[at : at + 8]) == b"\x89HDF\r\n\x1a\n":
                draft.anomaly(PartAnomaly.POLYGLOT, at, "HDF5 readers find their data behind this user block")
                draft.parts.append(self.part(piece.inside(at, size, f"hdf5 at {at}", Role.FILE)))
                return
            at *= 2
