"""Zips whose readers disagree: whatever any of them would see is examined, and the disagreement is named."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from tools.flip_files import problems

from aisecops.core.examination import Code
from aisecops.formats.artifact import Format, PartAnomaly
from tests.bounded import bounded
from tests.formats.conftest import Read
from tests.formats.facts import anomalies, calls, is_whole
from tests.formats.samples import EVIL, torch_zip, zipped

GOOD = pickle.dumps({"a": 1}, 2)


def local(name: bytes, content: bytes, *, method: int = 0, flags: int = 0, **said: int) -> bytes:
    """A local header and its data; ``said`` overrides crc, packed and size."""
    body, fields = _described(content, method, said)
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 0x21, *fields, len(name), 0) + name + body


def entry(name: bytes, content: bytes, offset: int, *, method: int = 0, flags: int = 0, attributes: int = 0, **said: int) -> bytes:
    """A directory entry for a local header at ``offset``."""
    made_by = 0x314 if attributes else 20
    fields = (made_by, 20, flags, method, 0, 0x21, *_described(content, method, said)[1], len(name), 0, 0, 0, 0, attributes << 16, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields) + name


def _described(content: bytes, method: int, said: dict[str, int]) -> tuple[bytes, tuple[int, int, int]]:
    body = zlib.compress(content)[2:-4] if method == 8 else content
    return body, (said.get("crc", zlib.crc32(content)), said.get("packed", len(body)), said.get("size", len(content)))


def end(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, offset, len(comment)) + comment


def archive(locals_: list[bytes], make_entries: Callable[[list[int]], list[bytes]], comment: bytes = b"") -> bytes:
    offsets = [sum(map(len, locals_[:i])) for i in range(len(locals_))]
    body, directory = b"".join(locals_), b"".join(found := make_entries(offsets))
    return body + directory + end(len(found), len(directory), len(body), comment)


def simple(
    central: dict[str, int] | None = None,
    header: dict[str, int] | None = None,
    content: bytes = EVIL,
    names: tuple[bytes, bytes] = (b"m.bin", b"m.bin"),
) -> bytes:
    return archive([local(names[0], content, **(header or {}))], lambda at: [entry(names[1], content, at[0], **(central or {}))])


def test_the_builder_builds_honest_archives(read: Read) -> None:
    for method in (0, 8):
        content = simple({"method": method}, {"method": method})
        assert zipfile.ZipFile(io.BytesIO(content)).read("m.bin") == EVIL
        part = read(content)
        assert is_whole(part)
        assert calls(part) == {"os.system"}


TRICKS = {
    "name": (simple(names=(b"a.txt", b"m.bin")), PartAnomaly.NAME_MISMATCH),
    "nul in the name": (simple(names=(b"a\x00.txt", b"a\x00.txt")), PartAnomaly.NAME_MISMATCH),
    "method, stored by the directory": (simple({"method": 0}, {"method": 8, "packed": len(EVIL)}), PartAnomaly.DATA_MISMATCH),
    "flags": (simple({"flags": 1}), PartAnomaly.DATA_MISMATCH),
    "marked as encrypted": (simple({"flags": 1}, {"flags": 1}), PartAnomaly.ENCRYPTED),
    "checksum of the local header": (simple(None, {"crc": 1}), PartAnomaly.DATA_MISMATCH),
    "checksum of both": (simple({"crc": 1}, {"crc": 1}), PartAnomaly.WRONG_CHECKSUM),
    "longer by the local header": (simple({"packed": 3, "size": 3}), PartAnomaly.DATA_MISMATCH),
    "size beyond packed size": (simple({"packed": 4}, {"packed": 4}), PartAnomaly.DATA_MISMATCH),
    "drive": (simple(names=(b"C:m.bin", b"C:m.bin")), PartAnomaly.PATH_ESCAPE),
    "absolute": (simple(names=(b"/etc/m", b"/etc/m")), PartAnomaly.PATH_ESCAPE),
    "parent": (simple(names=(b"a/../../m", b"a/../../m")), PartAnomaly.PATH_ESCAPE),
    "parent by backslash": (simple(names=(b"..\\m", b"..\\m")), PartAnomaly.PATH_ESCAPE),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_with_one_member(trick: str, read: Read) -> None:
    content, kind = TRICKS[trick]
    part = read(content, "m.zip")
    assert kind in anomalies(part)
    assert "os.system" in calls(part)
    assert not problems(part)


def test_a_method_that_only_the_local_header_gives(read: Read) -> None:
    body = zlib.compress(EVIL)[2:-4]
    content = archive([local(b"m", EVIL, method=8)], lambda at: [entry(b"m", body, at[0])])
    part = read(content)
    assert PartAnomaly.DATA_MISMATCH in anomalies(part)
    assert "os.system" in calls(part)


def test_duplicates_are_all_read(read: Read) -> None:
    for evil_first in (True, False):
        contents = [EVIL, GOOD] if evil_first else [GOOD, EVIL]
        content = archive([local(b"m", c) for c in contents], lambda at, c=contents: [entry(b"m", x, o) for x, o in zip(c, at, strict=True)])
        part = read(content)
        assert PartAnomaly.DUPLICATE_MEMBER in anomalies(part)
        assert "os.system" in calls(part)


def test_names_that_torch_takes_for_one(read: Read) -> None:
    part = read(zipped({"m/data.pkl": GOOD, "m/DATA.PKL": EVIL, "m/version": b"3"}))
    assert PartAnomaly.DUPLICATE_MEMBER in anomalies(part)
    assert "os.system" in calls(part)


def test_a_member_in_no_directory(read: Read) -> None:
    for flags, method in ((0, 0), (0, 8), (8, 8)):
        hidden = local(b"hidden", EVIL, method=method, flags=flags, **({"packed": 0} if flags else {}))
        content = archive([local(b"m", GOOD), hidden, local(b"n", GOOD)], lambda at: [entry(b"m", GOOD, at[0]), entry(b"n", GOOD, at[2])])
        part = read(content)
        assert PartAnomaly.DATA_MISMATCH in anomalies(part)
        assert "os.system" in calls(part)
        assert not problems(part)


def test_bytes_between_members(read: Read) -> None:
    content = archive([local(b"m", GOOD), b"\x00\x01gap", local(b"n", GOOD)], lambda at: [entry(b"m", GOOD, at[0]), entry(b"n", GOOD, at[2])])
    part = read(content)
    assert PartAnomaly.TRAILING_BYTES in anomalies(part)
    assert sum(s.end - s.start for s in part.coverage.unaccounted) == 5


def test_a_pickle_between_members(read: Read) -> None:
    content = archive([local(b"m", GOOD), EVIL, local(b"n", GOOD)], lambda at: [entry(b"m", GOOD, at[0]), entry(b"n", GOOD, at[2])])
    part = read(content)
    assert "os.system" in calls(part)
    assert PartAnomaly.POLYGLOT in anomalies(part)


def test_bytes_before_and_behind(read: Read) -> None:
    for content in (b"#!/bin/sh\n" + simple(), simple() + b"tail"):
        part = read(content, "m.zip")
        assert part.coverage.unaccounted
        assert "os.system" in calls(part)
        assert not problems(part)


def test_two_archives_in_one_file(read: Read) -> None:
    for content in (simple() + simple(content=GOOD), simple(content=GOOD) + simple()):
        part = read(content)
        assert "os.system" in calls(part)
        assert anomalies(part) & {PartAnomaly.DATA_MISMATCH, PartAnomaly.POLYGLOT}


def test_an_end_record_in_the_comment(read: Read) -> None:
    """Python takes the last record, strict readers the one whose comment reaches the end."""
    good, evil = local(b"m", GOOD), local(b"m", EVIL)
    good_directory, evil_directory = entry(b"m", GOOD, 0), entry(b"m", EVIL, len(good))
    body = good + evil
    fake = evil_directory + end(1, len(evil_directory), len(body) + len(good_directory) + 22)
    content = body + good_directory + end(1, len(good_directory), len(body), fake)
    part = read(content)
    assert "os.system" in calls(part)
    assert PartAnomaly.DATA_MISMATCH in anomalies(part)


def test_a_directory_at_the_offset_and_another_before_the_record(read: Read) -> None:
    """Python looks right before the end record, miniz at the offset that the record gives."""
    good, evil = local(b"m", GOOD), local(b"m", EVIL)
    first, second = entry(b"m", EVIL, len(good)), entry(b"m", GOOD, 0)
    body = good + evil
    content = body + first + second + end(1, len(second), len(body))
    part = read(content)
    assert "os.system" in calls(part)
    assert PartAnomaly.DATA_MISMATCH in anomalies(part)


def test_overlapping_members(read: Read) -> None:
    kernel = local(b"m", GOOD)
    content = archive([kernel], lambda at: [entry(b"%d" % i, GOOD, at[0]) for i in range(50)])
    assert PartAnomaly.BOMB in anomalies(read(content))


def test_overlapping_members_are_not_read_for_ever(read: Read) -> None:
    stream = b"\x80\x02" + b"N0" * 200_000 + b"N."
    kernel = local(b"m", stream)
    content = archive([kernel], lambda at: [entry(b"m", stream, at[0], packed=len(stream) - i, size=len(stream) - i) for i in range(500)])
    with bounded():
        part = read(content)
    assert PartAnomaly.BOMB in anomalies(part)
    assert any(u.code is Code.TOO_LARGE for p in part.walk() for u in p.unread)


def test_links(read: Read) -> None:
    for target, wrong in ((b"/etc/passwd", True), (b"../../x", True), (b"other.txt", False)):
        content = archive([local(b"link", target)], lambda at, t=target: [entry(b"link", t, at[0], attributes=0o120777)])
        assert (PartAnomaly.PATH_ESCAPE in anomalies(read(content))) is wrong


def test_no_central_directory(read: Read) -> None:
    part = read(torch_zip()[:-300])
    assert PartAnomaly.BROKEN in anomalies(part)
    part = read(local(b"m", EVIL))
    assert "os.system" in calls(part)


def test_unknown_method(read: Read) -> None:
    part = read(simple({"method": 93}, {"method": 93}))
    assert [u.code for p in part.walk() for u in p.unread] == [Code.NO_PARSER]


def test_encrypted_members_are_not_examined(read: Read) -> None:
    part = read(simple({"flags": 1}, {"flags": 1}, content=bytes(range(100, 200))))
    assert PartAnomaly.ENCRYPTED in anomalies(part)


def test_zip64(read: Read) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        with made.open("m.pkl", "w", force_zip64=True) as member:
            member.write(EVIL)
        made.writestr("n.pkl", GOOD)
    part = read(buffer.getvalue())
    assert is_whole(part)
    assert "os.system" in calls(part)


@pytest.mark.slow
def test_more_members_than_sixteen_bits_count(read: Read) -> None:
    content = zipped({str(i): b"" for i in range(65_600)}, zipfile.ZIP_STORED)
    part = read(content)
    assert part.format is Format.ZIP
    assert is_whole(part)


def test_streamed_members_with_data_descriptors(read: Read) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[arg-type]
        made.writestr("m.pkl", EVIL)
        made.writestr("text", b"x" * 5000)
    part = read(pipe.content)
    assert is_whole(part)
    assert calls(part) == {"os.system"}


def test_a_long_line_in_a_packed_member_is_still_seen(read: Read) -> None:
    part = read(zipped({"notes.txt": b"V" + b"a" * 30_000 + b"\n0" + EVIL}))
    assert "os.system" in calls(part)
    lying = bytearray(zipped({"notes.txt": b"V" + b"a" * 30_000 + b"\n0" + EVIL}))
    size = struct.pack("<L", 30_003 + len(EVIL))
    assert size in lying
    part = read(bytes(lying.replace(size, struct.pack("<L", 100))))
    assert "os.system" in calls(part)
