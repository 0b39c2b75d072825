"""Tables that are packed: unpacked once, to a file without a name, so that whatever reads tables reads them as any other, and none is held in memory.

A few kilobytes may unpack to more than any disk has, and what a packed file says of itself need not be true: what comes out is counted as it comes.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, TypeVar
from weakref import WeakValueDictionary, finalize

import msgspec

from aisecops.core.inflate import Decompressor, Inflate
from aisecops.core.text import inert, inert_path
from aisecops.datasets.delimited import LINES, PACKERS, TABLES, Unnamed, ending_of, unnamed
from aisecops.datasets.extra import load_polars
from aisecops.datasets.parts import Parts, is_of_parts, parts_of, unpacked_parts
from aisecops.datasets.table import TableError
from aisecops.datasets.zipped import members, tables

T = TypeVar("T")

LONGEST_LINE = 32 << 20
"""Bytes of a line beyond which a reader of tables would hold it many times over."""
_MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".xz": b"\xfd7zXZ\x00", ".zst": b"\x28\xb5\x2f\xfd"}
_NAMES = {".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}
_COMMANDS = {".gz": "gunzip", ".bz2": "bunzip2", ".xz": "unxz", ".zst": "unzstd", ".zip": "unzip"}
_PIECE = 1 << 20
_SUSPECT_FROM, _RATIO = 128 << 20, 250
"""A file that unpacks to more than this, and to more than so many times its size, is not unpacked any further: tables come to a tenth or a fiftieth."""
_SPARE_DISK = 1 << 30
_LZMA_MEMORY = 128 << 20
_BLOCK = 128 << 10
"""The most that a block of zstd unpacks to (RFC 8878)."""


class TooMuchError(TableError):
    """More than can be examined comes out of a packed file."""


class Copy:
    """An unpacked table: a file that goes when nobody holds this object any more. ``path`` is where this process opens it."""

    def __init__(self, ending: str, shown: str) -> None:
        import tempfile

        if os.path.isdir("/proc/self/fd"):  # a file without a name is gone whatever ends the process
            self.file: Any = tempfile.TemporaryFile(prefix="aisecops-table-")  # noqa: SIM115 (lives as long as this object)
            self.path = f"/proc/self/fd/{self.file.fileno()}"
        else:
            self.file = tempfile.NamedTemporaryFile(prefix="aisecops-table-", suffix=ending)  # noqa: SIM115
            self.path = self.file.name
        unnamed[self.path] = Unnamed(ending, shown)
        finalize(self, _forget, self.path, self.file)


def _forget(path: str, file: Any) -> None:
    unnamed.pop(path, None)
    file.close()


_copies: WeakValueDictionary[tuple[object, ...], Copy] = WeakValueDictionary()


def is_packed(path: str) -> bool:
    """Whether the name says that it is a packed table, or an archive that may hold some."""
    stem, ending = os.path.splitext(path.lower())
    return ending == ".zip" or (ending in PACKERS and os.path.splitext(stem)[1] in TABLES)


class PartCopies:
    """A table of packed parts, each unpacked as ``Copy`` is; ``path`` is what this process calls it."""

    def __init__(self, parts: Parts) -> None:
        self.path = f"unpacked:{parts.folder}:{id(self)}"
        self.copies = list(_part_copies(parts))
        unpacked_parts[self.path] = msgspec.structs.replace(parts, packed=False, unpacked=tuple(copy.path for copy in self.copies))
        unnamed[self.path] = Unnamed(parts.ending, inert_path(parts.folder))
        finalize(self, _forget_parts, self.path)


def _part_copies(parts: Parts) -> Iterator[Copy]:
    """Unpack one part after the other, until all together are too much."""
    made = size = 0
    for path in parts.paths:
        yield (copy := unpacked(path))
        made, size = made + os.path.getsize(copy.path), size + os.path.getsize(path)
        if made > _SUSPECT_FROM and made > _RATIO * size:
            what = f"{parts.name_of(path)}: the {size:,} bytes of the parts so far unpack to more than {made >> 20:,} MiB, {_RATIO} times as much"
            raise TooMuchError(
                what, where=inert_path(parts.folder), fix="unpack them where you know that they are what they should be, and examine the result"
            )


def _forget_parts(path: str) -> None:
    unnamed.pop(path, None)
    unpacked_parts.pop(path, None)


def whole_table(path: str, member: str = "") -> Copy | PartCopies | None:
    """Return what is packed at ``path`` unpacked: a file, or all parts of a table; None where nothing is. Parameters and errors as of ``unpacked``."""
    if is_of_parts(path):
        parts = parts_of(path)
        return PartCopies(parts) if parts and parts.packed else None
    return unpacked(path, member) if is_packed(path) else None


def unpacked(path: str, member: str = "") -> Copy:
    """Return the table in a packed file, unpacked; asked again while somebody holds it, the same.

    Parameters
    ----------
    path
        ``a.csv.gz``, ``a.csv.zst``, ``a.zip``, ...
    member
        Which file of a zip; may be left out where only one is a table.

    Raises
    ------
    TableError
        It is no such file, cut off, its checksum is another, something follows its end, or it is encrypted; a zip holds no table, or several.
    TooMuchError
        It unpacks to more than the disk has, to more than 128 MiB and 250 times its size, or to a line of more than 32 MiB.
    """
    try:
        status = os.stat(path)
        key = (os.getpid(), path, member, status.st_mtime_ns, status.st_size)
        if (known := _copies.get(key)) is None:
            known = _copies[key] = _unpack(path, member, status.st_size)
        return known
    except OSError as wrong:
        what = f"it cannot be unpacked ({wrong.strerror or inert(str(wrong), 80)})"
        raise TableError(what, where=inert_path(path), fix="check the file, and that there is room in the folder for temporary files") from None


def _unpack(path: str, member: str, size: int) -> Copy:
    where, packer = inert_path(path), os.path.splitext(path.lower())[1]
    with open(path, "rb") as file:
        if packer == ".zip":
            member = member or _only_table(file, where)
            copy, pieces = Copy(ending_of(member), f"{where}/{inert_path(member)}"), _of_zip(file, member, where)
        else:
            copy, pieces = Copy(ending_of(path), where), _of_stream(file, packer, where)
        _write(copy, _bounded(pieces, size, where, packer, lines=ending_of(copy.path) in LINES))
    return copy


def _write(copy: Copy, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        copy.file.write(piece)
    copy.file.flush()


def _bounded(pieces: Iterator[bytes], size: int, where: str, packer: str, *, lines: bool) -> Iterator[bytes]:
    """Pass on what comes out of a packed file until it is too much."""
    import shutil
    import tempfile

    made = since = 0
    room = shutil.disk_usage(tempfile.gettempdir()).free - _SPARE_DISK
    fix = f"unpack it ({_COMMANDS[packer]}) where you know that it is what it should be, and examine the result"
    for piece in pieces:
        made, end = made + len(piece), piece.rfind(b"\n")
        since = since + len(piece) if end < 0 else len(piece) - end
        if lines and since >= LONGEST_LINE:
            raise TooMuchError(
                f"a line of more than {LONGEST_LINE >> 20} MiB: a reader of tables would hold it many times over", where=where, fix=fix
            )
        if made > _SUSPECT_FROM and made > _RATIO * size:
            raise TooMuchError(f"its {size:,} bytes unpack to more than {made >> 20:,} MiB, {_RATIO} times as much", where=where, fix=fix)
        if made > room:
            raise TooMuchError(f"it unpacks to more than {max(0, room) >> 20:,} MiB, which is what the disk has left", where=where, fix=fix)
        yield piece


def _of_stream(file: IO[bytes], packer: str, where: str) -> Iterator[bytes]:
    """Yield what one packed stream after the other holds; only zeros may follow the last, as tapes leave them."""
    again = TableError(
        f"not a whole {_NAMES.get(packer, packer[1:])} file", where=where, fix="pack it again: it is cut off, broken or another format"
    )
    head = file.read(len(_MAGIC[packer]))
    if head != _MAGIC[packer]:
        raise again
    file.seek(0)
    try:
        if packer == ".zst":
            yield from _of_zstd(file, where)
        else:
            yield from _streams(file, _maker(packer), _MAGIC[packer], again, where)
    except (EOFError, zlib.error, ValueError) as wrong:
        raise again from wrong
    except OSError as wrong:
        if wrong.errno:
            raise
        raise again from None
    except Exception as wrong:
        if type(wrong).__name__ == "LZMAError":
            raise again from None
        raise


def _maker(packer: str) -> Callable[[], Decompressor]:
    if packer == ".bz2":
        from bz2 import BZ2Decompressor

        return BZ2Decompressor
    if packer == ".xz":
        import lzma

        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)
    return lambda: Inflate(31)


def _streams(file: IO[bytes], make: Callable[[], Decompressor], magic: bytes, broken: TableError, where: str) -> Iterator[bytes]:
    rest = file.read(_PIECE)
    while rest:
        rest += file.read(max(0, len(magic) - len(rest)))
        if not rest.startswith(magic):
            if rest.strip(b"\0") or any(piece.strip(b"\0") for piece in iter(lambda: file.read(_PIECE), b"")):
                raise TableError("bytes that are not packed follow its end", where=where, fix="pack it again: what a reader makes of them differs")
            return
        stream = make()
        while not stream.eof:
            if not rest and stream.needs_input:
                rest = file.read(_PIECE)
                if not rest:
                    raise broken
            out, rest = stream.decompress(rest, _PIECE), b""
            yield out
        rest = stream.unused_data or file.read(_PIECE)


def _of_zstd(file: IO[bytes], where: str) -> Iterator[bytes]:
    """Yield the lines of a zstd file, which Polars reads: Python does so since 3.14."""
    pl = load_polars()
    size, most = os.fstat(file.fileno()).st_size, _zstd_blocks(file) * _BLOCK
    if most > _SUSPECT_FROM and most > _RATIO * size:
        what = f"its {size:,} bytes unpack to as much as {most >> 20:,} MiB, {_RATIO} times as much"
        raise TooMuchError(what, where=where, fix="unpack it (unzstd) where you know that it is what it should be, and examine the result")
    try:
        for batch in pl.scan_lines(file.name).collect_batches(maintain_order=True, engine="streaming"):
            yield ("\n".join(batch.to_series().to_list()) + "\n").encode() if len(batch) else b""
    except pl.exceptions.PolarsError as wrong:
        if "utf" in str(wrong).lower():
            raise TableError("not UTF-8 text", where=where, fix="save it as UTF-8") from None
        raise ValueError(str(wrong)) from None


def _zstd_blocks(file: IO[bytes]) -> int:
    """Return how many blocks the frames of a zstd file have, by their headers alone. Raises ``ValueError`` where they do not add up to the file."""
    size, blocks, at = os.fstat(file.fileno()).st_size, 0, 0

    def read(count: int) -> int:
        nonlocal at
        file.seek(at)
        data = file.read(count)
        if len(data) < count:
            raise ValueError("cut off")
        at += count
        return int.from_bytes(data, "little")

    while at < size:
        magic = read(4)
        if magic >> 4 == 0x184D2A5:  # a frame to skip
            skip = read(4)
            at += skip
            continue
        if magic != 0xFD2FB528:
            raise ValueError("no frame")
        told = read(1)
        single = told >> 5 & 1
        at += (not single) + (0, 1, 2, 4)[told & 3] + ((1 if single else 0), 2, 4, 8)[told >> 6]
        last = False
        while not last:
            header = read(3)
            last, kind, length = bool(header & 1), header >> 1 & 3, header >> 3
            at, blocks = at + (1 if kind == 1 else length), blocks + 1
        at += 4 * (told >> 2 & 1)
    file.seek(0)
    return blocks


def _only_table(file: IO[bytes], where: str) -> str:
    names = _listed(file, where, tables)
    if len(names) != 1:
        shown = ", ".join(inert(name, 40) for name in names[:6])
        what = f"{len(names):,} tables in one archive ({shown})" if names else "an archive without a table"
        raise TableError(what, where=where, fix="unpack it, and examine the folder")
    return names[0]


def _listed(file: IO[bytes], where: str, listing: Callable[[IO[bytes]], Sequence[T]]) -> Sequence[T]:
    try:
        return listing(file)
    except ValueError as wrong:
        raise TableError(str(wrong), where=where, fix="pack it again, or unpack it and examine the folder") from None


def _of_zip(file: IO[bytes], member: str, where: str) -> Iterator[bytes]:
    from zipfile import BadZipFile, ZipFile

    items = [item for item in _listed(file, where, members) if item.filename == member]
    if len(items) != 1:
        raise TableError(f"{len(items)} files of one name in it", where=where, fix="pack it again: which of them a reader takes differs")
    if items[0].flag_bits & 1:
        raise TableError("it is encrypted", where=where, fix="unpack it with its password, and examine the result")
    try:
        with ZipFile(file) as archive, archive.open(items[0]) as stream:
            yield from iter(lambda: stream.read(_PIECE), b"")
    except (BadZipFile, EOFError, zlib.error, ValueError, NotImplementedError, RuntimeError) as wrong:
        what = f"not a whole zip file ({inert(str(wrong), 80)})"
        raise TableError(what, where=where, fix="pack it again: it is cut off, broken, or packed in a way that is not read") from None
