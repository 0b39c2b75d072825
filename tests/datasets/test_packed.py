"""Tables that are packed are examined as those that are not, and of one that is broken or a bomb a line says why it is not."""

from __future__ import annotations

import bz2
import gc
import gzip
import lzma
import os
import zipfile
import zlib

import polars as pl
import pytest

from aisecops.datasets.packed import TooMuchError, unpacked
from aisecops.datasets.reading import read_table
from aisecops.datasets.table import TableError
from aisecops.workflows.scan import ScanRequest, scan

ROWS = [f"{n},p{n}.x{n % 7}@mail{n % 5}.com,{18 + n % 60},{'yes' if n % 3 else 'no'}" for n in range(600)]
TABLE = ("id,email,age,label\n" + "\n".join([*ROWS, ROWS[3], ""])).encode()
ZEROS = bytes(1 << 20)


def zstd(data):
    """One frame of stored blocks, as RFC 8878 has it."""
    pieces = [data[start : start + 100_000] for start in range(0, len(data), 100_000)]
    blocks = b"".join((len(piece) << 3 | (piece is pieces[-1])).to_bytes(3, "little") + piece for piece in pieces)
    return b"\x28\xb5\x2f\xfd\x00\x58" + blocks


PACKERS = {"csv.gz": gzip.compress, "csv.bz2": bz2.compress, "csv.xz": lzma.compress, "csv.zst": zstd}


def told(folder):
    run = scan(ScanRequest(paths=(str(folder),), select=("data-set/personal-data", "data-set/secret", "data-set/quality"), jobs=1))
    found = {}
    for one in run.findings:
        found.setdefault(one.asset.removeprefix("data-set:"), []).append((one.check, one.category, one.message, one.evidence))
    return found, run


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_packed_table_is_told_of_as_the_plain_one(tmp_path):
    for ending, data in ({"csv": TABLE} | {ending: pack(TABLE) for ending, pack in PACKERS.items()}).items():
        (tmp_path / f"people.{ending}").write_bytes(data)
    zipped(tmp_path / "all.zip", **{"a/people.csv": TABLE})
    found, run = told(tmp_path)
    plain = found["people.csv"]
    assert ("data-set/personal-data", "personal-data") in [one[:2] for one in plain]
    assert found == dict.fromkeys(("people.csv", *(f"people.{ending}" for ending in PACKERS), "all.zip/a/people.csv"), plain)
    assert [asset.facts["rows"] for asset in run.assets if asset.kind == "data-set"] == [601] * 6
    assert not run.not_examined


@pytest.mark.parametrize("ending", PACKERS)
def test_streams_in_a_row_are_one_and_what_is_broken_is_refused(tmp_path, ending):
    pack, path, half = PACKERS[ending], tmp_path / f"a.{ending}", TABLE.index(b"\n300,") + 1
    path.write_bytes(pack(TABLE[:half]) + pack(TABLE[half:]))
    assert read_table(str(path)).rows == 601
    whole = pack(TABLE)
    for broken in (whole[: len(whole) // 2], whole + b"and more", TABLE, b""):
        path.write_bytes(broken)
        with pytest.raises(TableError, match=r"not a whole \w+ file|bytes that are not packed follow its end"):
            unpacked(str(path))
    if ending == "csv.gz":
        path.write_bytes(whole[:-8] + b"\0\0\0\0" + whole[-4:])
        with pytest.raises(TableError, match="not a whole gzip file"):
            unpacked(str(path))


def test_bombs_are_told_in_a_line_and_leave_nothing_behind(tmp_path):
    (tmp_path / "zeros.csv.bz2").write_bytes(bz2.compress(ZEROS * 33))
    with pytest.raises(TooMuchError, match="a line of more than 32 MiB"):
        unpacked(str(tmp_path / "zeros.csv.bz2"))
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = b"0,0\n" * (1 << 18)
    (tmp_path / "lines.csv.gz").write_bytes(b"".join([packer.compress(line) for _ in range(140)]) + packer.flush())
    with pytest.raises(TooMuchError, match="250 times as much"):
        unpacked(str(tmp_path / "lines.csv.gz"))
    run_of = (1 | 1 << 1 | 131072 << 3).to_bytes(3, "little") + b"0"  # a block of one byte that is repeated
    frame = b"\x28\xb5\x2f\xfd\x00\x58" + (1 << 1 | 131072 << 3).to_bytes(3, "little") + b"0"
    (tmp_path / "run.csv.zst").write_bytes((frame + run_of) * 1000)
    with pytest.raises(TooMuchError, match="250 times as much"):
        unpacked(str(tmp_path / "run.csv.zst"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs to see its own descriptors")
def test_a_copy_is_made_once_and_goes_with_whoever_holds_it(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TABLE))
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    one, two = unpacked(str(tmp_path / "a.csv.gz")), unpacked(str(tmp_path / "a.csv.gz"))
    assert one is two and pl.scan_csv(one.path).select(pl.len()).collect().item() == 601
    del one, two
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_each_table_of_an_archive_is_a_data_set_and_names_lead_nowhere(tmp_path):
    zipped(tmp_path / "data.zip", **{"x/train.csv": TABLE, "../../test.csv": TABLE[: TABLE.index(b"\n400,") + 1], "in.zip": b"", "b.csv.gz": b""})
    _, run = told(tmp_path)
    assets = {asset.path: asset.facts for asset in run.assets if asset.kind == "data-set"}
    assert {path: facts.get("rows") for path, facts in assets.items()} == {"data.zip/_/_/test.csv": 400, "data.zip/x/train.csv": 601}
    assert {(gap.path, gap.reason[:12]) for gap in run.not_examined} == {("data.zip/in.zip", "packed twice"), ("data.zip/b.csv.gz", "packed twice")}


def test_an_archive_that_is_encrypted_or_broken_says_so(tmp_path):
    zipped(tmp_path / "a.zip", **{"a.csv": TABLE})
    data = bytearray((tmp_path / "a.zip").read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    locked = bytearray(data)
    locked[6] |= 1
    locked[directory + 8] |= 1
    data[60] ^= 255
    for name, content, said in (("locked", locked, "it is encrypted"), ("broken", data, "not a whole zip file")):
        (tmp_path / f"{name}.zip").write_bytes(content)
        with pytest.raises(TableError, match=said):
            unpacked(str(tmp_path / f"{name}.zip"), "a.csv")
    zipped(tmp_path / "two.zip", **{"a.csv": TABLE, "b.csv": TABLE})
    with pytest.raises(TableError, match=r"2 tables in one archive \(a.csv, b.csv\)"):
        read_table(str(tmp_path / "two.zip"))
