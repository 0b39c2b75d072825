"""A file becomes a tree of parts in which every byte has its place."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import pickle
import random
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.flip_files import problems, run

from aisecops.core.examination import Code
from aisecops.formats.artifact import Format, Limits, PartAnomaly
from aisecops.formats.reading import read_artifact
from tests.bounded import bounded
from tests.formats.conftest import Read
from tests.formats.facts import account, anomalies, calls, is_whole
from tests.formats.samples import EVIL, OBJECT, honest, joblib_file, npy, tar, torch_legacy, torch_zip, zfile, zipped

FORMATS = {
    "row.pkl": Format.PICKLE, "plain.joblib": Format.JOBLIB, "v1.npy": Format.NPY, "arrays.npz": Format.NPZ, "packed.npz": Format.NPZ,
    "model.pt": Format.TORCH_ZIP, "packed.pt": Format.TORCH_ZIP, "legacy.pt": Format.TORCH_LEGACY, "tar.pt": Format.TORCH_TAR, "archive.zip": Format.ZIP,
    "archive.tar": Format.TAR, "archive.tar.gz": Format.GZIP, "old.joblib": Format.ZLIB, "lz4.joblib": Format.LZ4,
}  # fmt: skip


@pytest.mark.parametrize("name", honest())
def test_honest_files_are_read_to_their_last_byte(name: str, read: Read) -> None:
    part = read(honest()[name], name)
    assert is_whole(part), account(part)
    assert not problems(part)
    assert part.format is FORMATS.get(name, part.format)
    assert any(p.traces for p in part.walk()) == (name not in ("v1.npy", "v2.npy", "fields.npy"))


@pytest.mark.parametrize("name", honest())
def test_a_name_changes_nothing_but_the_label(name: str, read: Read) -> None:
    plain = [(p.format, p.traces, p.coverage) for p in read(honest()[name], name).walk()]
    for renamed in ("x.txt", "x.jpg", "x"):
        assert [(p.format, p.traces, p.coverage) for p in read(honest()[name], renamed).walk()] == plain


def test_the_payload_is_found_in_every_wrapping(read: Read) -> None:
    content, depth = EVIL, 0
    for wrap in (gzip.compress, lambda c: zipped({"m.bin": c}), bz2.compress, lambda c: tar({"m": c}), lzma.compress, zlib.compress, zfile):
        content, depth = wrap(content), depth + 1
        part = read(content, "x")
        assert calls(part) == {"os.system"}, depth
        assert is_whole(part)


SECOND = {"zip": zipped({"x.pkl": EVIL}), "tar": tar({"x.pkl": EVIL}), "gzip": gzip.compress(EVIL), "pickle": b"\x80\x02" + EVIL}


@pytest.mark.parametrize(
    "carrier", ["v1.npy", "model.pt", "archive.zip", "archive.tar", "plain.joblib", "row.pkl", "legacy.pt", "gzip.joblib", "protocol4.pkl"]
)
@pytest.mark.parametrize("second", SECOND)
def test_a_second_file_behind_the_first_is_read_too(carrier: str, second: str, read: Read) -> None:
    part = read(honest()[carrier] + SECOND[second], carrier)
    assert "os.system" in calls(part)
    in_a_row = (second == "pickle" and part.format in {Format.PICKLE, Format.JOBLIB}) or (second == "gzip" and part.format is Format.GZIP)
    assert in_a_row or anomalies(part) & {PartAnomaly.POLYGLOT, PartAnomaly.DATA_MISMATCH}


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_bytes_slipped_in_at_any_boundary_show(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    name = data.draw(st.sampled_from(sorted(honest())))
    content = honest()[name]
    path = tmp_path_factory.getbasetemp() / "slipped"
    path.write_bytes(content)
    before = read_artifact(str(path), name=name)
    boundaries = {0, len(content)} | {p.offset for p in before.parts if p.offset} | {p.offset + p.size for p in before.parts if p.offset}
    boundaries |= {t.end for t in before.traces}
    at = data.draw(st.sampled_from(sorted(boundaries)))
    extra = data.draw(st.binary(min_size=1, max_size=64))
    path.write_bytes(content[:at] + extra + content[at:])
    after = read_artifact(str(path), name=name)
    assert not problems(after)
    assert account(after) != account(before)
    stretched = after.size - before.size == len(extra) and is_whole(after) and after.format is before.format
    zeros = not any(extra)  # padding, where the format has padding
    if stretched and not zeros:
        assert (
            len(after.traces) > len(before.traces)
            or calls(after) != calls(before)
            or after.traces != before.traces
            or len(account(after)) > len(account(before))
        )


@pytest.mark.parametrize("name", honest())
def test_truncated_anywhere_is_never_whole(name: str, read: Read) -> None:
    content = honest()[name]
    rng = random.Random(name)
    full = read(content, name)
    ends = {t.end for t in full.traces} | {p.offset for p in full.parts if p.offset} | {rng.randrange(1, len(content)) for _ in range(12)}
    for end in sorted(ends - {len(content)}):
        part = read(content[:end], name)
        assert not problems(part)
        complete = end in {t.end for t in full.traces} and part.format is Format.PICKLE  # a row of pickles may end after each
        padding = part.format in (Format.TAR, Format.TORCH_TAR) and not any(content[end:])  # only zeros were cut
        assert complete or padding or not is_whole(part), end


def test_bit_flips_never_hurt(tmp_path: Path) -> None:
    assert run(7, 2_000, str(tmp_path)) == []


def test_flips_stay_within_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(8, 300, str(tmp_path))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024


def test_random_bytes_are_unknown_not_clean(read: Read) -> None:
    for seed in range(200):
        part = read(random.Random(seed).randbytes(3000), "weights.bin")
        assert not problems(part)
        assert part.unread or part.traces


def test_tensor_noise_is_unknown(read: Read) -> None:
    part = read(np.random.default_rng(1).standard_normal(4096).astype("float32").tobytes(), "weights.bin")
    assert part.format is Format.UNKNOWN
    assert [u.code for u in part.unread] == [Code.NO_PARSER]


def test_text_is_data(read: Read) -> None:
    part = read(b"hello world\n" * 1000, "notes.txt")
    assert (part.format, part.coverage.opaque, part.unread) == (Format.DATA, 12_000, ())


class TestPlaces:
    """Paths that are no ordinary files."""

    def test_missing(self, tmp_path: Path) -> None:
        assert read_artifact(str(tmp_path / "none")).unread[0].code is Code.UNREADABLE

    def test_folder(self, tmp_path: Path) -> None:
        assert read_artifact(str(tmp_path)).unread[0].code is Code.UNREADABLE

    def test_fifo_does_not_block(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        assert read_artifact(str(tmp_path / "fifo")).unread[0].code is Code.UNREADABLE

    def test_device(self) -> None:
        assert read_artifact("/dev/zero").unread[0].code is Code.UNREADABLE

    def test_empty(self, read: Read) -> None:
        assert read(b"", "m.pkl").unread[0].code is Code.TRUNCATED

    def test_no_permission(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.pkl"
        path.write_bytes(EVIL)
        path.chmod(0)
        if os.geteuid() != 0:
            assert read_artifact(str(path)).unread[0].code is Code.UNREADABLE
            return
        child = os.fork()  # permissions do not bind root: ask as somebody else
        if child == 0:
            status = 1
            try:
                os.setuid(65534)
                status = 0 if read_artifact(str(path)).unread[0].code is Code.UNREADABLE else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def test_four_gigabytes_of_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "sparse.bin"
        path.touch()
        os.truncate(path, 4 << 30)
        with bounded():
            part = read_artifact(str(path))
            assert part.size == 4 << 30
            assert part.unread

    def test_a_sparse_file_that_begins_as_a_pickle(self, tmp_path: Path) -> None:
        path = tmp_path / "sparse.pkl"
        path.write_bytes(pickle.dumps([1], 4))
        os.truncate(path, 4 << 30)
        with bounded():
            part = read_artifact(str(path))
            assert part.coverage.unaccounted


class TestNesting:
    def test_two_hundred_gzips(self, read: Read) -> None:
        content = EVIL
        for _ in range(200):
            content = gzip.compress(content, 1)
        part = read(content)
        assert PartAnomaly.BOMB in anomalies(part)
        assert any(u.code is Code.TOO_LARGE for p in part.walk() for u in p.unread)

    def test_two_hundred_zips(self, read: Read) -> None:
        content = EVIL
        for _ in range(200):
            content = zipped({"x": content})
        part = read(content)
        assert PartAnomaly.BOMB in anomalies(part)

    def test_within_the_limit_everything_is_read(self, read: Read) -> None:
        content = EVIL
        for _ in range(8):
            content = gzip.compress(content)
        assert calls(read(content)) == {"os.system"}


class TestBombs:
    def test_a_gzip_of_zeros(self, read: Read) -> None:
        part = read(gzip.compress(bytes(64 << 20), 9) + b"x", limits=Limits(ratio=500))
        assert PartAnomaly.BOMB in anomalies(part)
        assert part.unread[0].code is Code.TOO_LARGE

    def test_the_budget_is_one_for_all_members(self, read: Read) -> None:
        noise = random.Random(1).randbytes(1 << 20)
        content = zipped({f"{i}.pkl": pickle.dumps(noise) for i in range(8)})
        part = read(content, limits=Limits(unpacked_bytes=3 << 20))
        assert sum(u.code is Code.TOO_LARGE for p in part.walk() for u in p.unread) >= 5

    def test_large_content_is_spooled_not_held(self, read: Read) -> None:
        content = gzip.compress(pickle.dumps(random.Random(1).randbytes(24 << 20) + b"end"), 1)
        part = read(content, limits=Limits(held_bytes=4 << 20))
        assert is_whole(part)
        assert part.parts[0].size > 24 << 20

    def test_more_opcodes_than_the_limit(self, read: Read) -> None:
        part = read(b"\x80\x02]" + b"N0" * 400_000 + b".", limits=Limits(opcodes=100_000))
        assert not is_whole(part)


class TestPickles:
    def test_a_broken_stream_keeps_what_ran_before(self, read: Read) -> None:
        part = read(EVIL[:-1] + b"\xff\xffgarbage", "m.pkl")
        assert calls(part) == {"os.system"}
        assert part.coverage.unaccounted
        assert not is_whole(part)

    def test_a_zip_in_an_object_is_read_without_alarm(self, read: Read) -> None:
        part = read(pickle.dumps({"blob": zipped({"a.pkl": pickle.dumps([1])})}, 4))
        assert is_whole(part)
        assert [p.format for p in part.parts] == [Format.ZIP]
        hidden = read(pickle.dumps({"blob": zipped({"a.pkl": EVIL})}, 4))
        assert "os.system" in calls(hidden)

    def test_a_stream_that_ends_as_a_zip_is_a_polyglot(self, read: Read) -> None:
        inner = zipped({"x.pkl": EVIL})
        inner = inner[:-2] + b"\x01\x00"  # its comment is the STOP opcode
        part = read(b"\x80\x03B" + len(inner).to_bytes(4, "little") + inner + b".")
        assert PartAnomaly.POLYGLOT in anomalies(part)
        assert "os.system" in calls(part)

    def test_tar_whose_first_name_is_a_pickle(self, read: Read) -> None:
        content = bytearray(tar({"X" * 40: b"data"}))
        content[: len(EVIL)] = EVIL
        content[148:156] = b"        "
        content[148:156] = b"%06o\x00 " % sum(content[:512])
        part = read(bytes(content), "m.pkl")
        assert PartAnomaly.POLYGLOT in anomalies(part)
        assert "os.system" in calls(part)

    def test_hdf5_behind_a_pickle(self, read: Read) -> None:
        part = read(pickle.dumps([1]).ljust(512, b"\x00") + b"\x89HDF\r\n\x1a\n" + bytes(600))
        assert PartAnomaly.POLYGLOT in anomalies(part)

    def test_joblib_and_pickle_load_see_different_streams(self, read: Read) -> None:
        part = read(joblib_file())
        assert part.format is Format.JOBLIB
        assert part.traces[0].arrays
        assert part.plain_traces[0].ending.value != "stop"

    def test_objects_in_joblib_arrays_are_walked(self, read: Read) -> None:
        class Payload:
            def __reduce__(self) -> tuple[object, ...]:
                return os.system, ("echo",)

        part = read(joblib_file(value={"a": np.array([Payload()], dtype=object), "b": np.zeros(9)}))
        assert "posix.system" in calls(part)

    def test_old_joblib_names_other_files(self, read: Read) -> None:
        stream = b"\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}U\x08filenameU\x0a/etc/passwdsb."
        assert PartAnomaly.EXTERNAL_FILE in anomalies(read(stream, "m.joblib"))


class TestTorchLegacy:
    def test_a_storage_beyond_the_end(self, read: Read) -> None:
        part = read(torch_legacy()[:-5], "m.pt")
        assert PartAnomaly.BROKEN in anomalies(part)

    def test_bytes_behind_the_storages(self, read: Read) -> None:
        part = read(torch_legacy() + b"\x01\x02\x03", "m.pt")
        assert part.format is Format.TORCH_LEGACY
        assert sum(s.end - s.start for s in part.coverage.unaccounted) == 3

    def test_a_computed_magic_number_changes_nothing(self, read: Read) -> None:
        magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
        computed = b"\x80\x02c__builtin__\nint\n(X\x16\x00\x00\x000x1950a86a20f9469cfc6cK\x10tR."
        part = read(torch_legacy().replace(magic, computed, 1))
        assert part.format is Format.TORCH_LEGACY
        assert not part.coverage.unaccounted
        assert "builtins.int" in calls(part)


class TestNpy:
    def test_a_raw_pickle_named_npy(self, read: Read) -> None:
        part = read(EVIL, "m.npy")
        assert calls(part) == {"os.system"}
        assert PartAnomaly.MISLABELLED in anomalies(part)

    def test_objects(self, read: Read) -> None:
        content = npy(np.array([None], dtype=object))
        at = content.index(b"\n") + 1
        part = read(content[:at] + EVIL)
        assert calls(part) == {"os.system"}

    @pytest.mark.parametrize("descr", ["'O'", "[('a', '<f8'), ('b', '|O')]", "'object'", "'i4,O'", "('|O', (2,))", "'(2,3)O'"])
    def test_every_way_to_say_object(self, descr: str, read: Read) -> None:
        header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (1,)}}\n".encode()
        part = read(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + EVIL)
        assert calls(part) == {"os.system"}

    @pytest.mark.parametrize(
        "header", [b"", b"{", b"{'descr': 'x'}", b"__import__('os')", b"{'shape': (9999999999999999,), 'descr': '<f8'}", b"(" * 5000]
    )
    def test_broken_headers(self, header: bytes, read: Read) -> None:
        part = read(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"data")
        assert PartAnomaly.BROKEN in anomalies(part)
        assert not problems(part)


def least_of_five(work: Callable[[], object]) -> float:
    """Seconds of computing."""
    spent = []
    for _ in range(5):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)


class TestTorchZip:
    @pytest.mark.slow
    def test_storages_are_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "big.pt"
        path.write_bytes(torch_zip(200, 1 << 18))
        assert path.stat().st_size > 200 << 20
        part = read_artifact(str(path))
        assert is_whole(part)
        assert part.coverage.opaque > 200 << 20
        content = path.read_bytes()  # to digest it takes thirty times as long
        assert 3 * least_of_five(lambda: read_artifact(str(path))) < least_of_five(lambda: hashlib.md5(content))

    def test_a_pickle_in_the_place_of_a_storage(self, read: Read) -> None:
        assert "os.system" in calls(read(zipped({"m/data.pkl": pickle.dumps([1], 2), "m/data/0": EVIL})))

    def test_a_record_that_is_no_pickle_is_walked_as_one(self, read: Read) -> None:
        part = read(zipped({"m/data.pkl": b"\x00\x01garbage", "m/version": b"3"}))
        assert part.parts[0].format is Format.PICKLE
        assert not is_whole(part)

    def test_script(self, read: Read) -> None:
        part = read(
            zipped({"m/data.pkl": pickle.dumps([1], 2), "m/constants.pkl": pickle.dumps((), 2), "m/code/__torch__.py": b"class M(Module):\n  pass\n"})
        )
        assert part.format is Format.TORCH_SCRIPT
        assert is_whole(part)

    @pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_script_that_writes_files(self, compression: int, read: Read) -> None:
        code = b"class M(Module):\n  def forward(self, x):\n    torch.save(x, '/etc/cron.d/x')\n    return ops.image.read_file('/etc/passwd')\n"
        part = read(zipped({"m/data.pkl": pickle.dumps([1], 2), "m/constants.pkl": pickle.dumps((), 2), "m/code/__torch__.py": code}, compression))
        told = [a.detail for a in part.anomalies if a.kind is PartAnomaly.FILE_OPERATOR]
        assert [d.rpartition(" ")[2] for d in told] == ["torch.save", "ops.image.read_file"]


def test_ten_thousand_members(read: Read) -> None:
    content = zipped({f"folder/member-{i}.txt": b"some text %d" % i for i in range(10_000)})
    with bounded():
        part = read(content)
    assert len(part.parts) == 10_000
    assert is_whole(part)


def test_annotate_gets_each_trace_with_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.pkl": pickle.dumps(OBJECT), "b.pkl": EVIL}))
    seen = []
    read_artifact(str(path), annotate=lambda data, trace: seen.append(bytes(data[trace.start : trace.end])) or trace)
    assert EVIL in seen
    assert len(seen) == 2
