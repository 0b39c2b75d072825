"""Compressed streams, unpacked piece by piece within a budget: nothing is allocated because a header says so."""

from __future__ import annotations

from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from typing import Any

import msgspec

from aisecops.core.examination import Code
from aisecops.core.inflate import Decompressor, Inflate
from aisecops.formats.artifact import Format, PartAnomaly
from aisecops.formats.piece import Budget, Bytes, Draft, Piece, Reader
from aisecops.formats.recognition import HEAD, recognise

_IN, _OUT = 1 << 18, 1 << 20
_SUSPECT_FROM = 16 << 20
"""Unpacked bytes below which no ratio is a bomb."""
_LZMA_MEMORY = 256 << 20
"""What a dictionary may take: a header can claim 4 GiB; ``xz -9`` needs 65 MiB."""
_ZFILE_HEADER = 21
"""``ZF`` and the unpacked length in hex, padded to 19 characters (joblib before 0.10)."""


class Unpacked(msgspec.Struct):
    """What a stream held: the bytes, where the stream ends in its source, and what kept us from its end."""

    data: Bytes
    end: int
    code: Code | None = None
    problem: str = ""
    bomb: bool = False


class _Sink:
    """Bytes in memory up to a bound, in an unlinked file beyond it."""

    def __init__(self, held: int) -> None:
        self._chunks: list[bytes] = []
        self._held, self.size = held, 0
        self._file: Any = None

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._file is not None:
            self._file.write(chunk)
        else:
            self._chunks.append(chunk)
            if self.size > self._held:
                self._spool()

    def _spool(self) -> None:
        import tempfile

        self._file = tempfile.TemporaryFile(prefix="aisecops-")  # noqa: SIM115 (closed when it is mapped)
        self._file.writelines(self._chunks)
        self._chunks = []

    def content(self) -> Bytes:
        if self._file is None:
            return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._file.flush()
        view = mmap(self._file.fileno(), 0, access=ACCESS_READ)
        self._file.close()
        return view


def unpack(
    data: Bytes, start: int, end: int, make: Callable[[], Decompressor], budget: Budget, again: Callable[[int], int] | None = None
) -> Unpacked:
    """Unpack the stream at [start, end).

    Parameters
    ----------
    make
        Makes the decompressor of one stream.
    again
        Given where a stream ended, returns where the next of a multi-stream file begins, or -1.
    """
    sink = _Sink(budget.limits.held_bytes // 4)  # joining holds it twice, and several layers may be open
    result = Unpacked(b"", start)
    pos = start
    try:
        while pos >= 0:
            result.end = _one(data, pos, end, make(), sink, budget, result)
            pos = again(result.end) if again and result.code is None else -1
    except Exception as error:
        # zlib.error, LZMAError, OSError, EOFError, ValueError, RuntimeError: each library has its own way to say that a stream is broken
        result.code, result.problem, result.end = Code.BAD_INPUT, f"{type(error).__name__}: {error}", end
    budget.unpacked -= sink.size
    result.data = sink.content()
    return result


def _one(data: Bytes, pos: int, end: int, stream: Decompressor, sink: _Sink, budget: Budget, result: Unpacked) -> int:
    """Unpack one stream into ``sink``; return where it ends. What stops it is noted in ``result``."""
    start, before = pos, sink.size
    while not stream.eof:
        chunk = b""
        if stream.needs_input:
            chunk = bytes(data[pos : min(pos + _IN, end)])
            pos += len(chunk)
        out = stream.decompress(chunk, _OUT)
        if out:
            sink.write(out)
        elif not chunk and not stream.eof:
            result.code, result.problem = Code.TRUNCATED, "the compressed stream breaks off"
            return end
        made = sink.size - before
        if made > _SUSPECT_FROM and made > budget.limits.ratio * (pos - start):
            result.code, result.problem, result.bomb = Code.TOO_LARGE, f"{pos - start} bytes unpack to more than {made}", True
            return end
        if sink.size > budget.unpacked:
            result.code, result.problem = Code.TOO_LARGE, "more than the limit of unpacked bytes"
            return end
    return pos - len(stream.unused_data or b"")  # None from lz4


def _maker(kind: Format) -> Callable[[], Decompressor]:
    match kind:
        case Format.GZIP:
            return lambda: Inflate(31)
        case Format.ZLIB:
            return lambda: Inflate(15)
        case Format.BZIP2:
            from bz2 import BZ2Decompressor

            return BZ2Decompressor
        case Format.XZ | Format.LZMA:
            import lzma

            form = lzma.FORMAT_XZ if kind is Format.XZ else lzma.FORMAT_ALONE
            return lambda: lzma.LZMADecompressor(form, memlimit=_LZMA_MEMORY)
        case _:
            from lz4.frame import LZ4FrameDecompressor

            return LZ4FrameDecompressor  # type: ignore[no-any-return]


def read_compressed(draft: Draft, reader: Reader, kind: Format) -> Format:
    """Unpack the draft's piece and read what was in it, even where the stream is broken: a loader that reads as it unpacks has run that much."""
    piece, size = draft.piece, len(draft.piece.data)

    def again(end: int) -> int:
        return end if recognise(bytes(piece.data[end : end + HEAD]), size - end) is kind else -1

    start = 0
    if kind is Format.ZLIB and piece.data[:2] == b"ZF":
        start = _ZFILE_HEADER + (piece.data[_ZFILE_HEADER : _ZFILE_HEADER + 1] == b" ")
    found = unpack(piece.data, start, size, _maker(kind), reader.budget, again)
    note_problem(draft, found, start)
    if len(found.data) or found.code is None:
        draft.parts.append(reader.part(piece.unpacked(found.data, _inner_name(piece), piece.role)))
    if found.code is None and found.end < size and not _is_padding(piece.data, found.end):
        reader.remainder(draft, found.end, "the compressed stream")
    return kind


def note_problem(draft: Draft, found: Unpacked, offset: int) -> None:
    """Put into ``draft`` what kept us from the end of a stream."""
    if found.bomb:
        draft.anomaly(PartAnomaly.BOMB, offset, found.problem)
    if found.code is Code.BAD_INPUT:
        draft.anomaly(PartAnomaly.BROKEN, offset, found.problem)
    elif found.code is not None:
        remedy = "unpack it by hand and scan the result" if found.code is Code.TOO_LARGE else "get the whole file and scan again"
        draft.unread(found.code, found.problem, remedy)


def _is_padding(data: Bytes, start: int) -> bool:
    """Tell whether only zeros follow, as tapes and block devices leave them (gzip and xz allow it)."""
    rest = len(data) - start
    return rest <= 1 << 16 and bytes(data[start:]) == bytes(rest)


def _inner_name(piece: Piece) -> str:
    """The name without the compressor's suffix, as the tools name what they unpack."""
    base = piece.name.rpartition("/")[2]
    stem, _, suffix = base.rpartition(".")
    if suffix.lower() in ("tgz", "tbz", "tbz2", "txz"):
        return f"{stem}.tar"
    return stem if stem and suffix.lower() in ("gz", "gzip", "bz2", "xz", "lzma", "z", "zlib", "lz4") else "content"
