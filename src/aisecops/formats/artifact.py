"""What a file is made of: a tree of parts, and an account of every byte.

This module holds the vocabulary; ``aisecops.formats.reading`` builds the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from aisecops.core.examination import Code
from aisecops.formats.pickle.trace import Trace


class Format(StrEnum):
    """What a part is, told by its content."""

    PICKLE = "pickle"
    """One pickle or several in a row."""
    JOBLIB = "joblib"
    """A pickle with raw arrays inside the stream."""
    NPY = "npy"
    NPZ = "npz"
    TORCH_ZIP = "torch-zip"
    TORCH_SCRIPT = "torch-script"
    TORCH_LEGACY = "torch-legacy"
    TORCH_TAR = "torch-tar"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    LZMA = "lzma"
    ZLIB = "zlib"
    LZ4 = "lz4"
    HDF5 = "hdf5"
    ONNX = "onnx"
    SAFETENSORS = "safetensors"
    GGUF = "gguf"
    KERAS = "keras"
    SAVED_MODEL = "saved-model"
    SKOPS = "skops"
    TORCH_SERVE = "torch-serve"
    TORCH_EXPORT = "torch-export"
    NEMO = "nemo"
    MLFLOW = "mlflow"
    PMML = "pmml"
    TFLITE = "tflite"
    SEVEN_ZIP = "7z"
    RAR = "rar"
    ZSTD = "zstd"
    R_DATA = "r-data"
    EXECUTABLE = "executable"
    DATA = "data"
    """Bytes that no loader of the containing format interprets: tensor storage, text, pictures."""
    UNKNOWN = "unknown"
    """A part that a loader would interpret, in no form that we know."""


class PartAnomaly(StrEnum):
    """What is wrong with a container."""

    NAME_MISMATCH = "name-mismatch"
    """A member's name differs between central directory and local header."""
    DATA_MISMATCH = "data-mismatch"
    """Sizes, method, flags or checksum differ between central directory, local header and data, so that readers see different members."""
    WRONG_CHECKSUM = "wrong-checksum"
    """A member's data has another checksum than both headers say: damage, or torch with ``set_crc32_options(False)``. Lenient readers take it."""
    DUPLICATE_MEMBER = "duplicate-member"
    PATH_ESCAPE = "path-escape"
    """A member or link that leaves the folder it is unpacked to (absolute, .., device, link)."""
    BOMB = "bomb"
    """Unpacked size or nesting out of proportion; overlapping members."""
    POLYGLOT = "polyglot"
    """Valid as two formats at once; loaders of each see something else."""
    BROKEN = "broken"
    """A header or stream that does not parse."""
    ENCRYPTED = "encrypted"
    TRAILING_BYTES = "trailing-bytes"
    """Bytes after the end, before the start or between members that nothing accounts for."""
    MISLABELLED = "mislabelled"
    """The name promises one format, the content is another that a loader of the promised one would interpret differently."""
    EXTERNAL_FILE = "external-file"
    """Loading opens another file by a name that stands in this one (old joblib)."""
    FILE_OPERATOR = "file-operator"
    """TorchScript code that calls an operator which reads or writes files."""


class Anomaly(msgspec.Struct, frozen=True):
    """A ``PartAnomaly`` at a byte offset of the part, with the detail in words (inert)."""

    kind: PartAnomaly
    offset: int
    detail: str


class Unread(msgspec.Struct, frozen=True):
    """A part of the file that was not examined, and why."""

    code: Code
    reason: str
    remedy: str = ""


class Span(msgspec.Struct, frozen=True, order=True):
    """Bytes [start, end) of a part."""

    start: int
    end: int


class Coverage(msgspec.Struct, frozen=True):
    """Where the bytes of a part went: ``parsed + opaque + sum(unaccounted)`` equals the size of the part.

    Opaque: data that no loader interprets, or, in a part with ``unread``, that nobody examined.
    """

    parsed: int
    opaque: int
    unaccounted: tuple[Span, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a file: the file itself, a member of an archive, what a compressed stream holds.

    ``path`` names it from the outside in (() is the file; ``("archive.zip", "data.pkl")`` style tuples below), inert to print. ``offset`` is where it starts in
    its parent, for parts stored as they are. ``traces`` are its pickle streams in order, offsets relative to the part. In a JOBLIB part they are what
    ``joblib.load`` sees, and ``plain_traces`` what ``pickle.load`` makes of the same bytes: raw arrays look like opcodes to it (mostly it fails at the first).
    """

    path: tuple[str, ...]
    format: Format
    size: int
    offset: int | None = None
    traces: tuple[Trace, ...] = ()
    plain_traces: tuple[Trace, ...] = ()
    parts: tuple[Part, ...] = ()
    coverage: Coverage
    anomalies: tuple[Anomaly, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def member(self) -> str:
        """The path as findings print it: ``outer!inner``; empty for the file itself."""
        return "!".join(self.path)

    def walk(self) -> Iterator[Part]:
        """Yield this part and all parts in it, outer before inner."""
        todo = [self]
        while todo:
            part = todo.pop()
            yield part
            todo.extend(reversed(part.parts))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What reading one file may use, in all its parts together. Beyond a limit a part is ``Unread``, never skipped in silence."""

    unpacked_bytes: int = 8 << 30
    ratio: int = 1100
    """Unpacked to packed size of one compressed stream beyond 16 MiB of output: DEFLATE cannot exceed 1032."""
    depth: int = 8
    members: int = 200_000
    opcodes: int = 2_000_000_000
    walk_bytes: int = 64 << 20
    """Bytes that the stack and the memo of one stream may take, roughly."""
    held_bytes: int = 256 << 20
    """Bytes of one unpacked piece that may be held in memory at a time."""
