"""Tar archives: ustar, GNU and pax, read header by header; nothing is unpacked."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aisecops.core.examination import Code
from aisecops.formats.artifact import Format, PartAnomaly
from aisecops.formats.member_names import decoded, escapes
from aisecops.formats.model_archives import NO_PARSER, unparsed
from aisecops.formats.piece import Bytes, Draft, Reader, Role
from aisecops.formats.recognition import is_tar_header

_BLOCK = 512
_LONGEST = 1 << 20
_DEVICES = {b"3": "a character device", b"4": "a block device", b"6": "a FIFO"}
_NAMES = {b"L": "path", b"K": "linkpath"}


class Member(msgspec.Struct):
    """A member: its header at ``start``, its data at [data, data + size)."""

    start: int
    data: int
    size: int
    kind: bytes
    name: str
    link: str


def read_tar(draft: Draft, reader: Reader) -> Format:
    """Read the members of the draft's piece; return TAR, or TORCH_TAR for the files of before PyTorch 0.1.10."""
    data, size = draft.piece.data, len(draft.piece.data)
    members = list(_members(data, reader.budget.members + 1))
    torch = {"storages", "tensors", "pickle"} <= {m.name.removeprefix("./") for m in members}
    end = 0
    for member in members:
        stop = member.data + member.size
        _names(draft, member)
        if stop > size:
            draft.anomaly(PartAnomaly.BROKEN, member.start, f"{member.name} is longer than the archive")
            stop = size
        if member.kind == b"S":
            draft.opaque(stop - member.data)
            draft.unread(Code.NO_PARSER, f"{member.name} is stored with holes (GNU sparse)", "unpack it by hand and scan the result")
        elif member.size:  # readers unpack a type that they do not know as a file
            _content(draft, reader, member, stop, torch)
        end = min(stop + -stop % _BLOCK, size)
        if bytes(data[stop:end]).strip(b"\x00"):
            draft.leave(stop, end)
            draft.anomaly(PartAnomaly.TRAILING_BYTES, stop, f"bytes between {member.name} and the next member")
    _padding(draft, reader, end)
    if torch:
        return Format.TORCH_TAR
    content = {m.name.removeprefix("./"): (m.data, min(m.data + m.size, size)) for m in members}
    found = unparsed(content, lambda name: bytes(data[slice(*content[name])]))
    if found is None:
        return Format.TAR
    draft.unread(Code.NO_PARSER, found[1], NO_PARSER)
    return found[0]


def _content(draft: Draft, reader: Reader, member: Member, stop: int, torch: bool) -> None:
    name = member.name.removeprefix("./")
    piece = draft.piece.inside(member.data, stop, member.name, Role.PICKLE if torch and name in ("pickle", "sys_info") else Role.MEMBER)
    if torch and name in ("storages", "tensors"):
        from aisecops.formats.torch_legacy import read_storage_member, read_tensor_member

        inner = Draft(piece)
        kind = (read_storage_member if name == "storages" else read_tensor_member)(inner, reader)
        draft.parts.append(inner.finish(kind))
        return
    part = reader.part(piece)
    draft.parts.append(part)
    if part.format is Format.DATA:
        draft.opaque(stop - member.data)


def _names(draft: Draft, member: Member) -> None:
    """Note names and links that leave the folder, and members that are no files."""
    if escapes(member.name):
        draft.anomaly(PartAnomaly.PATH_ESCAPE, member.start, f"{member.name} leaves the folder that it is unpacked to")
    if member.kind in (b"1", b"2") and escapes(member.link, at=member.name if member.kind == b"2" else ""):
        draft.anomaly(PartAnomaly.PATH_ESCAPE, member.start, f"{member.name} is a link to {member.link}")
    if member.kind in _DEVICES:
        draft.anomaly(PartAnomaly.PATH_ESCAPE, member.start, f"{member.name} is {_DEVICES[member.kind]}")


def _padding(draft: Draft, reader: Reader, end: int) -> None:
    """Behind the last member stand zeros, by habit up to a multiple of 10 kB; anything else is none of the archive's."""
    data, size = draft.piece.data, len(draft.piece.data)
    if size - end < _BLOCK:
        draft.anomaly(PartAnomaly.BROKEN, end, "the archive breaks off before its end mark")
    pos = end
    while pos < size:
        block = bytes(data[pos : pos + (1 << 16)])
        rest = block.lstrip(b"\x00")
        if rest:
            begin = pos + len(block) - len(rest)
            if begin - end < 2 * _BLOCK:
                draft.anomaly(PartAnomaly.BROKEN, end, "no end mark behind the last member")
            reader.remainder(draft, begin, "the archive")
            return
        pos += len(block)


def _members(data: Bytes, most: int) -> Iterator[Member]:
    """The members in their order, long names and pax headers applied; ends at the first block that is no header."""
    pos, size = 0, len(data)
    told: dict[str, str] = {}
    everywhere: dict[str, str] = {}
    for _ in range(most):
        block = bytes(data[pos : pos + _BLOCK])
        length = _number(block[124:136])
        if not is_tar_header(block) or length < 0:
            return
        kind = block[156:157]
        start, pos = pos, pos + _BLOCK
        if kind in b"LKxgX" and length <= min(_LONGEST, size - pos):
            _extend(kind, bytes(data[pos : pos + length]), told, everywhere)
            pos += -(-length // _BLOCK) * _BLOCK
            continue
        extended = everywhere | told
        told = {}
        length = _pax_size(extended, length)
        if kind in b"123456" and kind:
            length = 0  # links and devices have no data, whatever their size says (GNU tar, Python)
        prefix = block[345:500].partition(b"\x00")[0] if block[257:262] == b"ustar" and block[263:265] == b"00" else b""
        short = decoded(block[:100].partition(b"\x00")[0])
        name = extended.get("path") or (f"{decoded(prefix)}/{short}" if prefix else short)
        link = extended.get("linkpath") or decoded(block[157:257].partition(b"\x00")[0])
        sparse = any(key.startswith("GNU.sparse") for key in extended)
        yield Member(start, pos, length, b"S" if sparse else kind, name, link)
        pos += -(-length // _BLOCK) * _BLOCK
        if pos >= size:
            return


def _extend(kind: bytes, content: bytes, told: dict[str, str], everywhere: dict[str, str]) -> None:
    """Take in what a GNU long name or a pax header says about the next member (``g``: about all that follow)."""
    if kind in _NAMES:
        told[_NAMES[kind]] = decoded(content.rstrip(b"\x00"))
        return
    into, pos = (everywhere if kind == b"g" else told), 0
    while pos < len(content):
        digits, space, _ = content[pos : pos + 20].partition(b" ")
        if not space or not digits.isdigit() or int(digits) < 5 or len(into) > 1000:
            return
        key, _, value = content[pos + len(digits) + 1 : pos + int(digits) - 1].partition(b"=")
        into[decoded(key)] = decoded(value)
        pos += int(digits)


def _pax_size(extended: dict[str, str], length: int) -> int:
    size = extended.get("size", "")
    return int(size) if size.isascii() and size.isdigit() and len(size) < 20 else length


def _number(field: bytes) -> int:
    """A number of a header: octal, or big-endian with the top bit set (GNU). -1 if it is neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \x00")
    return int(text, 8) if text and all(c in b"01234567" for c in text) else (0 if not text else -1)
