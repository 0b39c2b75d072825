"""Tars: links, devices, escapes, holes, and what Python's tarfile makes of the same bytes."""

from __future__ import annotations

import io
import pickle
import tarfile

import pytest
from tools.flip_files import problems

from aisecops.core.examination import Code
from aisecops.formats.artifact import PartAnomaly
from tests.formats.conftest import Read
from tests.formats.facts import anomalies, calls, is_whole
from tests.formats.samples import EVIL, tar


def special(kind: bytes, name: str = "x", link: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "name", "link", "wrong"),
    [
        (tarfile.SYMTYPE, "x", "/etc/passwd", True),
        (tarfile.SYMTYPE, "a/b/x", "../y", False),
        (tarfile.SYMTYPE, "a/x", "../../y", True),
        (tarfile.LNKTYPE, "a/x", "../y", True),
        (tarfile.LNKTYPE, "a/x", "a/y", False),
        (tarfile.REGTYPE, "../x", "", True),
        (tarfile.REGTYPE, "a/../x", "", False),
        (tarfile.DIRTYPE, "/abs", "", True),
        (tarfile.CHRTYPE, "x", "", True),
        (tarfile.FIFOTYPE, "x", "", True),
    ],
)
def test_what_leaves_the_folder(kind: bytes, name: str, link: str, wrong: bool, read: Read) -> None:
    assert (PartAnomaly.PATH_ESCAPE in anomalies(read(special(kind, name, link)))) is wrong


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["a", "a" * 90, "a" * 60 + "/" + "b" * 60, "é" * 30])
def test_names_as_python_reads_them(form: int, name: str, read: Read) -> None:
    content = tar({name: EVIL}, form)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert [m.name for m in archive] == [name]
    part = read(content)
    assert [p.path for p in part.parts] == [(name,)]
    assert is_whole(part)


def test_old_tar_without_magic(read: Read) -> None:
    content = bytearray(tar({"m": EVIL}))
    content[257:265] = bytes(8)
    content[148:156] = b"        "
    content[148:156] = b"%06o\x00 " % sum(content[:512])
    assert calls(read(bytes(content))) == {"os.system"}


def test_a_broken_header_leaves_the_rest_unaccounted(read: Read) -> None:
    content = bytearray(tar({"m": pickle.dumps([1]), "n": EVIL}))
    content[1024 + 148] ^= 1
    part = read(bytes(content))
    assert PartAnomaly.BROKEN in anomalies(part)
    assert part.coverage.unaccounted
    assert not problems(part)


def test_a_second_archive_behind_the_end_mark(read: Read) -> None:
    part = read(tar({"m": pickle.dumps([1])}) + tar({"n": EVIL}))
    assert PartAnomaly.POLYGLOT in anomalies(part)
    assert "os.system" in calls(part)


def test_bytes_in_the_padding(read: Read) -> None:
    content = bytearray(tar({"m": pickle.dumps([1])}))
    content[1000] = 1
    assert PartAnomaly.TRAILING_BYTES in anomalies(read(bytes(content)))


def test_sparse_members_are_not_examined(read: Read) -> None:
    content = bytearray(tar({"m": EVIL}, tarfile.GNU_FORMAT))
    content[156:157] = b"S"
    content[148:156] = b"        "
    content[148:156] = b"%06o\x00 " % sum(content[:512])
    assert Code.NO_PARSER in {u.code for u in read(bytes(content)).unread}


def test_a_size_of_ninety_exabytes(read: Read) -> None:
    content = bytearray(tar({"m": EVIL}))
    content[124:136] = b"\x80" + b"\xff" * 11
    content[148:156] = b"        "
    content[148:156] = b"%06o\x00 " % sum(content[:512])
    part = read(bytes(content))
    assert PartAnomaly.BROKEN in anomalies(part)
    assert not problems(part)
    assert calls(part) == {"os.system"}


def test_ten_thousand_members(read: Read) -> None:
    part = read(tar({f"m{i}": b"text" for i in range(10_000)}))
    assert len(part.parts) == 10_000
    assert is_whole(part)
