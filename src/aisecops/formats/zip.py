"""Zip archives: every member that any plausible reader would see is examined, and every way in which readers would disagree is named."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from itertools import pairwise

import msgspec

from aisecops.core.examination import Code
from aisecops.core.inflate import Decompressor, Inflate
from aisecops.core.text import inert_path
from aisecops.formats.artifact import Coverage, Format, Part, PartAnomaly
from aisecops.formats.compression import note_problem, unpack
from aisecops.formats.member_names import decoded, escapes
from aisecops.formats.model_archives import NO_PARSER, unparsed
from aisecops.formats.piece import Draft, Reader, Role
from aisecops.formats.recognition import HEAD, is_plain_data, recognise
from aisecops.formats.zip_directory import LOCAL, Directory, Entry, Header, descriptor_end, directories, entries, header

_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 8, 12, 14
_ENCRYPTED, _DESCRIPTOR, _STRONG, _MASKED, _LEVEL = 0x1, 0x8, 0x40, 0x2000, 0x6
_MISSING_METHODS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_END_RECORD = 22
_STORAGE = re.compile(r"(?:data|constants|tensors)/\d+")
_AGAIN = 1 << 20
_UNCHECKED = 1 << 20
"""Members with more raw numbers than this are not checksummed: it takes longer than everything else, and no loader interprets them."""
_MOST_TEXT = 16 << 20
"""Bytes of code or configuration that are looked through."""
_GAP = 64 << 20
"""How much of a gap between members is searched for local headers."""


def read_zip(draft: Draft, reader: Reader) -> Format:
    """Read the draft's piece as a zip; return ZIP or what kind of zip it is."""
    return _Zip(draft, reader).read()


class _Zip:
    """One archive: what its directories say, which bytes that explains, and its members."""

    def __init__(self, draft: Draft, reader: Reader) -> None:
        self.draft, self.reader = draft, reader
        self.data, self.size = draft.piece.data, len(draft.piece.data)
        self.members: list[tuple[int, int, int]] = []
        """[start, end) of each member, with its local header, and how many bytes of it are opaque."""
        self.structure: list[tuple[int, int, int]] = []
        """The same of directories and end records."""
        self.seen: set[tuple[int, int, int]] = set()
        """(data, method, packed size) of the members that were examined."""
        self.torch = ""
        self.spent = 0
        """Packed bytes examined: overlapping members can ask for the same ones again and again."""

    def read(self) -> Format:
        views = self._rivals(directories(self.data))
        listed: list[Entry] = []
        for view in views:
            listed += self._directory(view)
        if not views:
            self.draft.anomaly(PartAnomaly.BROKEN, self.size, "no central directory: the archive breaks off, or is none")
        self.torch = _torch_prefix(listed)
        self._duplicates(listed, len(views))
        met: set[tuple[object, ...]] = set()
        for entry in listed:
            key = msgspec.structs.astuple(entry)
            if len(views) == 1 or key not in met:
                self._member(entry)
            met.add(key)
        self._gaps()
        return self._kind(listed)

    def _rivals(self, views: list[Directory]) -> list[Directory]:
        """Leave out directories that stand in a member of the first one: those are of archives within this one, and read there."""
        if len(views) < 2:
            return views
        listed, _ = entries(self.data, views[0], max(self.reader.budget.members, 0) + 1)
        inside = [(local.data, local.data + entry.packed) for entry in listed if (local := header(self.data, entry.header)) is not None]
        return [view for view in views if not any(start <= view.start and view.stop <= end for start, end in inside)]

    def _directory(self, view: Directory) -> list[Entry]:
        found, stop = entries(self.data, view, max(self.reader.budget.members, 0) + 1)
        self.structure += [(view.start, stop, 0), (view.tail, self._comment(view), 0)]
        if stop < view.end:
            self.draft.anomaly(PartAnomaly.BROKEN, stop, "the central directory breaks off")
        elif view.count != len(found) and view.count != len(found) % 65536:
            self.draft.anomaly(PartAnomaly.DATA_MISMATCH, view.record, f"the end record counts {view.count} members, the directory has {len(found)}")
        return found

    def _comment(self, view: Directory) -> int:
        """Where the end record ends: behind its comment, if that is text that nobody would load."""
        start = min(view.record + _END_RECORD, view.stop)
        comment = bytes(self.data[start : view.stop])
        return view.stop if not comment or (recognise(comment, len(comment)) is None and is_plain_data(comment)) else start

    def _duplicates(self, listed: list[Entry], views: int) -> None:
        if views > 1 and len({entry.header for entry in listed}) > len(listed) // views:
            self.draft.anomaly(PartAnomaly.DATA_MISMATCH, 0, f"{views} central directories: readers take different ones")
        names = [entry.name.lower() if self.torch else entry.name for entry in listed]  # torch looks them up without regard to case
        if len(set(names)) == len(names) or views > 1:
            return
        met: set[bytes] = set()
        for entry, name in zip(listed, names, strict=True):
            if name in met:
                self.draft.anomaly(PartAnomaly.DUPLICATE_MEMBER, entry.header, f"{decoded(entry.name)} stands there more than once")
            met.add(name)

    def _member(self, entry: Entry) -> None:
        """Check an entry against its local header, and examine what each of them says is there."""
        name = decoded(entry.name)
        if escapes(name):
            self.draft.anomaly(PartAnomaly.PATH_ESCAPE, max(entry.header, 0), f"{name} leaves the folder that it is unpacked to")
        local = header(self.data, entry.header)
        if local is None:
            self.draft.anomaly(PartAnomaly.BROKEN, max(entry.header, 0), f"{name} has no local header")
            return
        self._compare(name, entry, local)
        end = local.data + entry.packed
        if end > self.size:
            self.draft.anomaly(PartAnomaly.BROKEN, entry.header, f"{name} is longer than the archive")
            end = self.size
        opaque = self._examine(name, entry, local, end)
        if local.flags & _DESCRIPTOR:
            end = descriptor_end(self.data, end, entry.crc, entry.packed, entry.unpacked)
        self.members.append((entry.header, end, opaque))

    def _compare(self, name: str, entry: Entry, local: Header) -> None:
        if entry.name != local.name or b"\x00" in entry.name:
            self.draft.anomaly(PartAnomaly.NAME_MISMATCH, local.start, f"the directory says {name}, the local header {decoded(local.name)}")
        said = []
        if entry.method != local.method:
            said.append("method")
        if (entry.flags ^ local.flags) & ~_LEVEL:
            said.append("flags")
        later = local.flags & _DESCRIPTOR
        said += [
            what
            for what, one, other in (
                ("checksum", entry.crc, local.crc), ("packed size", entry.packed, local.packed), ("size", entry.unpacked, local.unpacked)
            )
            if one != other and not (later and other in (0, 0xFFFFFFFF))
        ]  # fmt: skip
        if entry.method == _STORED and entry.packed != entry.unpacked:
            said.append("packed and unpacked size of a stored member")
        if said:
            self.draft.anomaly(PartAnomaly.DATA_MISMATCH, local.start, f"{name}: {', '.join(said)} differ between readers")
        if (entry.flags | local.flags) & (_ENCRYPTED | _STRONG | _MASKED):
            self.draft.anomaly(PartAnomaly.ENCRYPTED, local.start, f"{name} is marked as encrypted")

    def _examine(self, name: str, entry: Entry, local: Header, end: int) -> int:
        """Examine the member as the directory has it, and as the local header has it where that differs. Return how many of its bytes are opaque."""
        if not entry.packed and name.endswith("/"):
            return 0
        longest = max(end, local.data + entry.unpacked) if entry.method == _STORED else end
        part = self._content(name, local.data, min(longest, self.size), entry.method, entry)
        if entry.link and part is not None:
            self._link(name, local.data, end)
        if local.method != entry.method or (local.packed > entry.packed and local.packed != 0xFFFFFFFF):
            self._content(
                f"{name} (by its local header)", local.data, min(local.data + max(local.packed, entry.packed), self.size), local.method, None
            )
        return end - local.data if part is not None and part.coverage.parsed == 0 and not part.parts and not part.coverage.unaccounted else 0

    def _link(self, name: str, start: int, end: int) -> None:
        target = decoded(bytes(self.data[start : min(end, start + 4096)]))
        if escapes(target, at=name):
            self.draft.anomaly(PartAnomaly.PATH_ESCAPE, start, f"{name} is a link to {target}")

    def _content(self, name: str, start: int, end: int, method: int, entry: Entry | None) -> Part | None:
        """Read the member whose data is [start, end); None if it was read before."""
        if (start, method, end) in self.seen:
            return None
        self.seen.add((start, method, end))
        self.spent += end - start
        role = self._role(name)
        if self.spent > 3 * self.size + _AGAIN:
            part = self._shell(name, start, end, Code.TOO_LARGE, "its bytes were read as other members several times")
        elif method == _STORED:
            part = self.reader.part(self.draft.piece.inside(start, end, name, role))
            if entry is not None and part.format is not Format.DATA and part.coverage.opaque <= _UNCHECKED and end - start == entry.packed:
                self._check(name, entry, zlib.crc32(self.data[start:end]), end - start)
        else:
            part = self._packed(name, start, end, method, role, entry)
        self.draft.parts.append(part)
        return part

    def _packed(self, name: str, start: int, end: int, method: int, role: Role, entry: Entry | None) -> Part:
        make = _decompressor(method, self.draft, start)
        if make is None:
            return self._shell(name, start, end, Code.NO_PARSER, f"compressed with {_MISSING_METHODS.get(method, f'method {method}')}")
        if role is Role.STORAGE and method == _DEFLATED and (part := self._plain(name, start, end, entry)):
            return part
        begin = start + 9 if method == _LZMA else start
        found = unpack(self.data, begin, end, make, self.reader.budget)
        note_problem(self.draft, found, start)
        if found.code is None:
            if found.end < end:
                self.draft.anomaly(PartAnomaly.DATA_MISMATCH, found.end, f"{name}: {end - found.end} bytes behind the compressed stream")
            if entry is not None:
                self._check(name, entry, zlib.crc32(found.data), len(found.data))
        return self.reader.part(self.draft.piece.unpacked(found.data, name, role))

    def _shell(self, name: str, start: int, end: int, code: Code, reason: str) -> Part:
        """The part of a member that is not examined."""
        draft = Draft(self.draft.piece.inside(start, end, name))
        draft.opaque(end - start)
        draft.unread(code, reason, "unpack it by hand and scan the result")
        return draft.finish(Format.UNKNOWN)

    def _plain(self, name: str, start: int, end: int, entry: Entry | None) -> Part | None:
        """The part of a deflated tensor that is data by its beginning: there is no need to unpack the rest. Any other member may be a zip by its end."""
        stream = Inflate(-15)
        try:
            head = stream.decompress(bytes(self.data[start : min(end, start + HEAD)]), HEAD)
        except zlib.error:
            return None
        if not head or recognise(head, len(head) if stream.eof else 1 << 48, name) is not None or not self.reader.budget.take_member():
            return None
        size = len(head) if stream.eof else max(entry.unpacked if entry else 0, len(head))
        return Part(path=(*self.draft.piece.path, inert_path(name)), format=Format.DATA, size=size, coverage=Coverage(0, size))

    def _check(self, name: str, entry: Entry, crc: int, size: int) -> None:
        if size != entry.unpacked:
            self.draft.anomaly(
                PartAnomaly.DATA_MISMATCH, max(entry.header, 0), f"{name}: its data has another size; some readers take it, others refuse"
            )
        elif crc != entry.crc:
            self.draft.anomaly(
                PartAnomaly.WRONG_CHECKSUM, max(entry.header, 0), f"{name}: its data has another checksum; torch takes it, others refuse"
            )

    def _role(self, name: str) -> Role:
        """How torch reads the member; anything else is a member like others."""
        if self.torch and name.lower().endswith(".pkl"):
            return Role.PICKLE
        return Role.STORAGE if self.torch and name.startswith(self.torch) and _STORAGE.fullmatch(name[len(self.torch) :]) else Role.MEMBER

    def _gaps(self) -> None:
        """Find overlaps, and look into the bytes that no directory explains."""
        self.members.sort()
        overlaps = sum(one[1] > other[0] for one, other in pairwise(self.members))
        if overlaps:
            self.draft.anomaly(PartAnomaly.BOMB, 0, f"{overlaps} members overlap others")
        else:
            self.draft.opaque(sum(opaque for _, _, opaque in self.members))
        pos = 0
        for start, end, _ in sorted(self.members + self.structure):
            if start > pos:
                self._gap(pos, start)
            pos = max(pos, end)
        self._gap(pos, self.size)

    def _gap(self, start: int, end: int) -> None:
        """Read members that only streaming readers see; what is left is unaccounted."""
        gap, base = bytes(self.data[start : min(end, start + _GAP)]), start
        at = gap.find(LOCAL)
        while at >= 0:
            local = header(self.data, base + at)
            if local is not None:
                self._leave(start, local.start)
                start = self._stray(local, end)
            at = gap.find(LOCAL, max(at + 1, start - base))
        self._leave(start, end)

    def _leave(self, start: int, end: int) -> None:
        if start >= end:
            return
        self.draft.leave(start, end)
        self.draft.anomaly(PartAnomaly.TRAILING_BYTES, start, f"{end - start} bytes that no member accounts for")
        head = bytes(self.data[start : min(end, start + HEAD)])
        if recognise(head, end - start) not in (None, Format.ZIP):
            self.draft.anomaly(PartAnomaly.POLYGLOT, start, "a second file between or around the members")
            self.draft.parts.append(self.reader.part(self.draft.piece.inside(start, end, f"bytes from {start}", Role.FILE)))

    def _stray(self, local: Header, end: int) -> int:
        """Read a member that stands in no directory; return where it ends."""
        name = decoded(local.name)
        self.draft.anomaly(PartAnomaly.DATA_MISMATCH, local.start, f"{name} is in no central directory: only some readers see it")
        stop = min(local.data + local.packed, end)
        if local.flags & _DESCRIPTOR and not local.packed:
            stop = end
            if local.method == _DEFLATED:
                stop = unpack(self.data, local.data, end, lambda: Inflate(-15), self.reader.budget).end
        stop = max(stop, local.data)
        self._content(name, local.data, stop, local.method, None)
        return stop

    def _kind(self, listed: list[Entry]) -> Format:
        names = [entry.name for entry in listed]
        if self.torch:
            prefix = self.torch.encode()
            script = any(n.lower() == prefix.lower() + b"constants.pkl" or n.startswith(prefix + b"code/") for n in names)
            if script:
                self._code([e for e in listed if e.name.startswith(prefix + b"code/") and e.name.endswith(b".py")])
            return Format.TORCH_SCRIPT if script else Format.TORCH_ZIP
        formats = {part.format for part in self.draft.parts}
        if Format.NPY in formats and (formats == {Format.NPY} or all(n.endswith(b".npy") for n in names)):
            return Format.NPZ
        by_name = {decoded(entry.name): entry for entry in listed}
        found = unparsed(by_name, lambda name: self._text(by_name[name]))
        if found is None:
            return Format.ZIP
        self.draft.unread(Code.NO_PARSER, found[1], NO_PARSER)
        return found[0]

    def _code(self, sources: list[Entry]) -> None:
        """Note the operators in TorchScript code that read or write files."""
        from aisecops.formats.torch_script import file_operators

        for entry in sources:
            for operator in file_operators(self._text(entry)):
                self.draft.anomaly(PartAnomaly.FILE_OPERATOR, max(entry.header, 0), f"{decoded(entry.name)} calls {operator}")

    def _text(self, entry: Entry) -> bytes:
        """The content of a member that was read before, if it is stored or deflated; empty if it cannot be had."""
        local = header(self.data, entry.header)
        if local is None:
            return b""
        stop = min(local.data + entry.packed, self.size)
        if entry.method == _DEFLATED:
            content = unpack(self.data, local.data, stop, lambda: Inflate(-15), self.reader.budget).data
        else:
            content = memoryview(self.data)[local.data : stop]
        if len(content) > _MOST_TEXT:
            self.draft.unread(Code.TOO_LARGE, f"{decoded(entry.name)}: {len(content)} bytes of text", "look at this file by hand")
        return bytes(content[:_MOST_TEXT])


def _torch_prefix(listed: list[Entry]) -> str:
    """The folder that holds torch's records (``name/data.pkl``), with its slash; empty if this is no torch archive."""
    for entry in listed:
        folder, slash, record = entry.name.partition(b"/")
        if slash and record.lower() == b"data.pkl":
            return decoded(folder) + "/"
    return ""


def _decompressor(method: int, draft: Draft, start: int) -> Callable[[], Decompressor] | None:
    match method:
        case 8:
            return lambda: Inflate(-15)
        case 12:
            from bz2 import BZ2Decompressor

            return BZ2Decompressor
        case 14:
            import lzma

            properties = bytes(draft.piece.data[start + 4 : start + 9])  # behind a version and the length of the properties, which is 5
            if len(properties) < 5 or properties[0] >= 225:
                return None
            byte = properties[0]
            chosen = {
                "id": lzma.FILTER_LZMA1, "lc": byte % 9, "lp": byte // 9 % 5, "pb": byte // 45,
                "dict_size": min(max(int.from_bytes(properties[1:], "little"), 4096), 256 << 20),
            }  # fmt: skip
            return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chosen])
        case _:
            return None
