"""The structure of a zip as its readers find it: end records, central directories, local headers (APPNOTE 6.3.10).

Nothing here follows one reader: Python's zipfile takes the last end record and shifts all offsets by what stands before the archive, miniz (PyTorch) takes
offsets as they are, streaming readers go from local header to local header. What they may find is listed; ``aisecops.formats.zip`` compares.
"""

from __future__ import annotations

from struct import Struct

import msgspec

from aisecops.formats.piece import Bytes

END, CENTRAL, LOCAL, DESCRIPTOR = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"
_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR = Struct("<4sLQL")
_CENTRAL = Struct("<4s6H3L5H2L")
_LOCAL = Struct("<4s5H3L2H")
_WIDE = 0xFFFFFFFF
_TAIL = (1 << 16) + 22
_ENDS = 16


class Entry(msgspec.Struct):
    """An entry of a central directory. ``header`` is where its local header should be."""

    name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    unpacked: int
    header: int
    link: bool


class Header(msgspec.Struct):
    """A local header at ``start``; the member's data begins at ``data``."""

    start: int
    data: int
    name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    unpacked: int


class Directory(msgspec.Struct):
    """A central directory at [start, end), by the end record at ``record`` (which ends, with its comment, at ``stop``)."""

    start: int
    end: int
    record: int
    stop: int
    count: int
    shift: int
    """What Python adds to the offsets that the archive gives."""
    tail: int
    """Where the end records begin: ``record``, or the zip64 record before it."""


def extent(data: Bytes, record: int) -> tuple[int, int] | None:
    """Where the zip with the end record at ``record`` begins and ends; None if it has no central directory."""
    found = _directory(data, record)
    if found is None or found.start == found.end or bytes(data[found.start : found.start + 4]) != CENTRAL:
        return None
    return min(max(found.shift, 0), found.start), found.stop


def directories(data: Bytes) -> list[Directory]:
    """Every central directory that a reader may take, the one that Python takes first."""
    at = max(len(data) - _TAIL, 0)
    tail = bytes(data[at:])
    found: list[Directory] = []
    pos = tail.rfind(END)
    while pos >= 0 and len(found) < _ENDS:
        directory = _directory(data, at + pos)
        if directory is not None:
            found.append(directory)
            unshifted = directory.start - directory.shift
            if directory.shift and 0 <= unshifted < directory.record and bytes(data[unshifted : unshifted + 4]) == CENTRAL:
                length = min(directory.end - directory.start, directory.record - unshifted)
                found.append(msgspec.structs.replace(directory, start=unshifted, end=unshifted + length, shift=0))
        pos = tail.rfind(END, 0, pos)
    return found


def _directory(data: Bytes, record: int) -> Directory | None:
    if record + _END.size > len(data):
        return None
    _, _, _, _, count, size, offset, comment = _END.unpack_from(data, record)
    tail = record
    wide = _end64(data, record)
    if wide is not None:
        tail, count, size, offset = wide
    start = tail - size
    if start < 0:
        return None
    stop = min(record + _END.size + comment, len(data))
    return Directory(start, tail, record, stop, count, start - offset, tail)


def _end64(data: Bytes, record: int) -> tuple[int, int, int, int] | None:
    """The zip64 end record that the locator before ``record`` points to: where it is, count, size and offset of the directory."""
    at = record - _LOCATOR.size
    if at < 0 or bytes(data[at : at + 4]) != b"PK\x06\x07":
        return None
    _, _, offset, _ = _LOCATOR.unpack_from(data, at)
    for place in (at - _END64.size, offset):  # Python looks right before the locator; others where it points
        if 0 <= place <= at - _END64.size and bytes(data[place : place + 4]) == b"PK\x06\x06":
            _, _, _, _, _, _, _, count, size, start = _END64.unpack_from(data, place)
            return place, count, size, start
    return None


def entries(data: Bytes, directory: Directory, most: int) -> tuple[list[Entry], int]:
    """The entries of ``directory``, and where they stop."""
    found: list[Entry] = []
    pos, end = directory.start, directory.end
    while pos + _CENTRAL.size <= end and len(found) < most:
        (signature, made_by, _, flags, method, _, _, crc, packed, unpacked, name, extra, comment, _, _, attributes, header) = _CENTRAL.unpack_from(
            data, pos
        )
        if signature != CENTRAL:
            break
        at = pos + _CENTRAL.size
        stop = at + name + extra + comment
        if stop > end:
            break
        if _WIDE in (packed, unpacked, header):
            unpacked, packed, header = _wide(bytes(data[at + name : at + name + extra]), unpacked, packed, header)
        link = made_by >> 8 == 3 and attributes >> 28 == 0xA
        found.append(Entry(bytes(data[at : at + name]), method, flags, crc, packed, unpacked, header + directory.shift, link))
        pos = stop
    return found, pos


def header(data: Bytes, start: int) -> Header | None:
    """The local header at ``start``."""
    if start < 0 or start + _LOCAL.size > len(data):
        return None
    signature, _, flags, method, _, _, crc, packed, unpacked, name, extra = _LOCAL.unpack_from(data, start)
    at = start + _LOCAL.size
    if signature != LOCAL or at + name + extra > len(data):
        return None
    if packed == _WIDE or unpacked == _WIDE:
        unpacked, packed, _ = _wide(bytes(data[at + name : at + name + extra]), unpacked, packed, 0)
    return Header(start, at + name + extra, bytes(data[at : at + name]), method, flags, crc, packed, unpacked)


def _wide(extra: bytes, unpacked: int, packed: int, header: int) -> tuple[int, int, int]:
    """Take those of the three that are 0xffffffff from the zip64 extra field, which holds only these, in this order."""
    pos = 0
    while pos + 4 <= len(extra):
        tag, length = int.from_bytes(extra[pos : pos + 2], "little"), int.from_bytes(extra[pos + 2 : pos + 4], "little")
        if tag == 1:
            body = extra[pos + 4 : pos + 4 + length]
            values = iter([int.from_bytes(body[i : i + 8], "little") for i in range(0, len(body) - 7, 8)])
            return tuple(next(values, v) if v == _WIDE else v for v in (unpacked, packed, header))  # type: ignore[return-value]
        pos += 4 + length
    return unpacked, packed, header


def descriptor_end(data: Bytes, pos: int, crc: int, packed: int, unpacked: int) -> int:
    """Where the data descriptor at ``pos`` ends that says ``crc`` and the sizes; ``pos`` if there is none that agrees."""
    block = bytes(data[pos : pos + 24])
    start = 4 if block[:4] == DESCRIPTOR else 0
    for width in (4, 8):
        said = (
            crc.to_bytes(4, "little")
            + (packed % (1 << 8 * width)).to_bytes(width, "little")
            + (unpacked % (1 << 8 * width)).to_bytes(width, "little")
        )
        if block[start : start + len(said)] == said:
            return pos + start + len(said)
    return pos
