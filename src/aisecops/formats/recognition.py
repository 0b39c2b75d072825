"""What a file is, told by its first bytes; the name only where they leave it open."""

from __future__ import annotations

from struct import unpack_from

from aisecops.formats.artifact import Format
from aisecops.formats.pickle_probe import looks_like_pickle

HEAD = 8192
"""Bytes of the beginning that recognition looks at."""

_MAGIC: dict[int, tuple[tuple[bytes, Format], ...]] = {}
"""Formats with a magic number at 0, by their first byte."""

for _magic, _format in (
    (b"PK\x03\x04", Format.ZIP), (b"PK\x05\x06", Format.ZIP), (b"\x93NUMPY", Format.NPY), (b"\x1f\x8b\x08", Format.GZIP), (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ), (b"\x04\x22\x4d\x18", Format.LZ4), (b"\x28\xb5\x2f\xfd", Format.ZSTD), (b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
    (b"Rar!\x1a\x07", Format.RAR), (b"\x89HDF\r\n\x1a\n", Format.HDF5), (b"GGUF", Format.GGUF), (b"GGML", Format.GGUF), (b"ggjt", Format.GGUF),
    (b"RDX2\n", Format.R_DATA), (b"RDX3\n", Format.R_DATA), (b"RDA2\n", Format.R_DATA), (b"RDA3\n", Format.R_DATA), (b"RDB3\n", Format.R_DATA),
    (b"X\n\x00\x00\x00\x02", Format.R_DATA), (b"X\n\x00\x00\x00\x03", Format.R_DATA), (b"\x7fELF", Format.EXECUTABLE),
    (b"\xfe\xed\xfa\xce", Format.EXECUTABLE), (b"\xfe\xed\xfa\xcf", Format.EXECUTABLE),
    (b"\xce\xfa\xed\xfe", Format.EXECUTABLE), (b"\xcf\xfa\xed\xfe", Format.EXECUTABLE), (b"\xca\xfe\xba\xbe", Format.EXECUTABLE),
    (b"\x7fCGC", Format.EXECUTABLE), (b"ZF0x", Format.ZLIB),
):  # fmt: skip
    _MAGIC[_magic[0]] = (*_MAGIC.get(_magic[0], ()), (_magic, _format))

_PICTURES = (
    b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"%PDF-", b"BM", b"II*\x00", b"MM\x00*", b"OggS", b"ID3", b"fLaC", b"wOFF", b"wOF2",
    b"\x00\x00\x01\x00", b"SQLite format 3\x00", b"PAR1", b"ARROW1", b"Obj\x01", b"RIFF",
)  # fmt: skip
_PICKLE_NAMES = frozenset(("pkl", "pickle", "pck", "p", "joblib", "jbl", "pt", "pth", "ckpt", "dill"))
_PROMISED: dict[str, tuple[Format, ...]] = {
    "safetensors": (Format.SAFETENSORS,), "gguf": (Format.GGUF,), "onnx": (Format.ONNX,), "tflite": (Format.TFLITE,), "pb": (Format.SAVED_MODEL,),
    "npy": (Format.NPY,), "npz": (Format.ZIP,), "h5": (Format.HDF5,), "hdf5": (Format.HDF5,), "keras": (Format.ZIP, Format.HDF5),
    **dict.fromkeys(("json", "yaml", "yml", "txt", "md", "csv", "html", "xml", "py", "jpg", "jpeg", "png", "gif", "pdf"), (Format.DATA,)),
}  # fmt: skip
"""What a name promises, where that is a format whose loaders run nothing."""
_ACTIVE = frozenset({
    Format.PICKLE, Format.ZIP, Format.TAR, Format.GZIP, Format.BZIP2, Format.XZ, Format.LZMA, Format.ZLIB, Format.LZ4, Format.SEVEN_ZIP, Format.RAR,
    Format.ZSTD, Format.R_DATA, Format.EXECUTABLE,
})  # fmt: skip
_MARKUP = b"<\xef \t\r\n"
"""What XML begins with: a tag, or white space or a byte order mark before it."""
_IDENTIFIER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/"


def recognise(head: bytes, size: int, name: str = "") -> Format | None:
    """Tell the format of a file of ``size`` bytes from its ``head`` (the first 8 kB, or all of it).

    None: nothing that a model loader would interpret (text, pictures, source, or noise). ``name`` helps only where the content is a pickle that is
    broken right at its beginning. A zip or tar is only ZIP or TAR here: what it holds is for its reader to say.
    """
    if not head:
        return None
    first = head[0]
    for magic, known in _MAGIC.get(first, ()):
        if head.startswith(magic) and (known is not Format.BZIP2 or _bzip2(head)):
            return known
    if size >= 512 and is_tar_header(head):
        return Format.TAR
    if looks_like_pickle(head, 0, size):
        return Format.PICKLE
    other = _by_structure(head, size)
    if other is None and name.rpartition(".")[2].lower() in _PICKLE_NAMES and _broken_pickle(head):
        return Format.PICKLE
    return other


def is_mislabelled(name: str, found: Format) -> bool:
    """Tell whether ``name`` promises a file that is only read, where the content is one that a loader would unpickle or unpack."""
    promised = _PROMISED.get(name.rpartition(".")[2].lower())
    return promised is not None and found in _ACTIVE and found not in promised


def _broken_pickle(head: bytes) -> bool:
    """Tell whether ``head`` may be what is left of a pickle: PROTO and a version, or opcodes of protocol 0 in plain text."""
    return (head[0] == 0x80 and head[1:2] <= b"\x05") or (head[0] in b"(]}cIFLSVN" and b"\x00" not in head[:64])


def _bzip2(head: bytes) -> bool:
    return len(head) < 10 or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")


def _by_structure(head: bytes, size: int) -> Format | None:
    """Formats without a magic number at 0 that stand out by how they are built."""
    first = head[0]
    if first in _MARKUP and b"<PMML" in head:
        return Format.PMML
    if head[4:8] == b"TFL3":
        return Format.TFLITE
    if first == 0x78 and _zlib(head):
        return Format.ZLIB
    if first == 0x5D and _lzma(head):
        return Format.LZMA
    if head[8:9] == b"{" and _safetensors(head, size):
        return Format.SAFETENSORS
    if head[:2] == b"MZ" and _portable_executable(head):
        return Format.EXECUTABLE
    if head[:4] in (b"A\n2\n", b"A\n3\n") and head[4:9].isdigit():
        return Format.R_DATA
    if first in b"\x08\x0a\x12\x1a\x22\x28\x32\x3a\x42":
        return _protobuf(head, size)
    if first & 0xF0 == 0x50 and head[1:4] == b"\x2a\x4d\x18":  # skippable frame, of LZ4 or Zstandard
        return Format.LZ4
    return None


def is_tar_header(head: bytes, at: int = 0) -> bool:
    """Tell whether the 512 bytes at ``at`` are a tar header: the sum of its bytes, its own field taken as blanks, stands in octal at 148."""
    block = head[at : at + 512]
    field = block[148:156].strip(b" \x00")
    if len(block) < 512 or not field.isdigit() or b"8" in field or b"9" in field:
        return False
    claimed = int(field, 8)
    total = sum(block) - sum(block[148:156]) + 256
    if claimed == total:
        return total > 256
    high = sum(b > 127 for b in block) - sum(b > 127 for b in block[148:156])
    return claimed == total - 256 * high and bool(high)  # old tars added signed bytes


def _zlib(head: bytes) -> bool:
    """A zlib header of a 32 kB window without dictionary whose first block inflates (joblib asks for no more than the 0x78)."""
    import zlib

    if len(head) < 2 or (head[0] << 8 | head[1]) % 31 or head[1] & 0x20:
        return False
    try:
        zlib.decompressobj().decompress(head, 64)
    except zlib.error:
        return False
    return True


def _lzma(head: bytes) -> bool:
    """A .lzma header: properties 0x5d, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a size that is unknown or below 2^48."""
    if len(head) < 13:
        return False
    dictionary, unpacked = unpack_from("<IQ", head, 1)
    top = 1 << max(dictionary.bit_length() - 1, 0)
    return dictionary in (0, top, top + top // 2, 0xFFFFFFFF) and (unpacked == (1 << 64) - 1 or unpacked < 1 << 48)


def _safetensors(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    return 2 <= length <= min(size - 8, 1 << 30) and head[9:].lstrip()[:1] in (b'"', b"}")


def _portable_executable(head: bytes) -> bool:
    if len(head) < 64:
        return False
    at = int.from_bytes(head[60:64], "little")
    return head[at : at + 4] == b"PE\x00\x00" or (at >= len(head) and at < 1 << 20 and at % 4 == 0)


_ONNX_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2}
"""Wire types of the fields of onnx.ModelProto."""


def _protobuf(head: bytes, size: int) -> Format | None:
    """ONNX models and TensorFlow graphs are bare protobufs: walk the fields at the top and see whose they are."""
    fields: list[tuple[int, int, int, int]] = []  # number, wire type, value or length, place of the content
    pos = 0
    while pos < len(head) and len(fields) < 64:
        key, pos = _varint(head, pos)
        value, pos = _varint(head, pos)
        if key <= 0 or value < 0 or key & 7 not in (0, 2) or (key & 7 == 2 and value > size - pos):
            return None
        fields.append((key >> 3, key & 7, value, pos))
        pos += value if key & 7 == 2 else 0
    return _protobuf_owner(head, size, fields) if pos >= len(head) or pos == size else None


def _protobuf_owner(head: bytes, size: int, fields: list[tuple[int, int, int, int]]) -> Format | None:
    numbers = {number for number, *_ in fields}
    content = {number: head[at : at + length] for number, wire, length, at in reversed(fields) if wire == 2}
    if fields[0][:2] == (1, 0) and numbers == {1, 2} and content.get(2, b"")[:1] == b"\x0a" and fields[0][2] < 8 and fields[1][2] > 8:
        return Format.SAVED_MODEL
    graph = max((length for number, _, length, _ in fields if number == 7), default=0)
    if (fields[0][0] == 1 and fields[0][2] < 100 and numbers & {7, 8}) or graph > size // 2:
        return Format.ONNX if all(_ONNX_FIELDS.get(number) == wire for number, wire, *_ in fields) else None
    if fields[0][:2] == (1, 2) and numbers <= {1, 2, 3, 4} and _is_node(content[1]):
        return Format.SAVED_MODEL
    return None


def _is_node(content: bytes) -> bool:
    """Tell whether ``content`` begins as a tensorflow.NodeDef: name (field 1), then op (field 2), both short identifiers."""
    if len(content) < 6 or content[0] != 0x0A or content[1] > 127:
        return False
    end = 2 + content[1]
    name, op = content[2:end], content[end + 2 : end + 2 + (content[end + 1] if end + 1 < len(content) else 0)]
    return content[end : end + 1] == b"\x12" and bool(name and op) and not (name + op).translate(None, _IDENTIFIER)


def _varint(data: bytes, pos: int) -> tuple[int, int]:
    """Return the number at ``pos`` and the place behind it; -1 where there is none."""
    value = shift = 0
    while pos < len(data) and shift < 64:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, pos
        shift += 7
    return -1, pos


def is_plain_data(head: bytes) -> bool:
    """Tell whether ``head`` (of something not recognised) is text, a picture, a document: data that no model loader interprets."""
    if head.startswith(_PICTURES):
        return True
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    sample = head[:2048]
    if b"\x00" in sample or len(sample.translate(None, _CONTROLS)) < len(sample):
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3 or sum(b > 127 for b in sample) * 3 < len(sample)
    return True


_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r\f\x0b\x1b\x08")
