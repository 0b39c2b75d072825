"""Folders that are one table: parts of one schema, and folders that name columns."""

from __future__ import annotations

import bz2
import gzip
import lzma

import polars as pl
import pytest

from aisecops.datasets.parts import parts_of
from aisecops.datasets.reading import read_table
from aisecops.datasets.table import TableError
from aisecops.datasets.written import read_written
from aisecops.workflows.scan import ScanRequest, scan


def rows(start, count=40):
    return "".join(f"{n},anna.rossi{n}@web.de,{n * 0.25}\n" for n in range(start, start + count))


def test_parts_are_one_data_set_with_rows_in_their_order(tmp_path):
    folder = tmp_path / "people.csv"
    folder.mkdir()
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-2.csv.crc").write_bytes(b"crc")
    for at in (10, 2, 1):
        (folder / f"part-{at}.csv").write_text("id,contact,income\n" + rows(at * 100))
    read = read_written(str(folder))
    assert read.columns == ["id", "contact", "income"] and [int(n) for n in read["id"][::40]] == [100, 200, 1000]
    assert read_table(str(folder)).column("income").values[0] == 25.0
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/personal-data", "data-set/quality"), jobs=1))
    assert [(asset.path, asset.facts["rows"]) for asset in run.assets] == [("people.csv", 120)]
    assert [found.asset for found in run.findings if found.check == "data-set/personal-data"] == ["data-set:people.csv"]
    assert not run.not_examined


PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("packer", PACKERS)
def test_packed_parts_are_one_data_set(tmp_path, packer):
    folder = tmp_path / "people"
    folder.mkdir()
    for at in (10, 2, 1):
        (folder / f"part-{at}.csv{packer}").write_bytes(PACKERS[packer](f"id,contact,income\n{rows(at * 100)}".encode()))
    assert [int(n) for n in read_table(str(folder)).column("id").values[::40]] == [100, 200, 1000]
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/personal-data", "data-set/quality"), jobs=1))
    assert [(asset.path, asset.facts["rows"]) for asset in run.assets if asset.kind == "data-set"] == [("people", 120)]
    assert [found.asset for found in run.findings if found.check == "data-set/personal-data"] == ["data-set:people"]
    assert not [item for item in run.not_examined if item.check.startswith("data-set/")]


def test_packed_parts_in_folders_that_name_columns_and_packed_shards_are_one_data_set(tmp_path):
    for year in (2023, 2024):
        (tmp_path / f"sales/year={year}").mkdir(parents=True)
        (tmp_path / f"sales/year={year}/part-0.jsonl.gz").write_bytes(gzip.compress(b'{"amount": 1.5}\n{"amount": 2.5}\n'))
        (tmp_path / f"train-0000{year % 2}-of-00002.csv.gz").write_bytes(gzip.compress(f"id,contact,income\n{rows(year)}".encode()))
    assert read_table(str(tmp_path / "sales")).column("year").values.tolist() == [2023, 2023, 2024, 2024]
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    told = {asset.path: (asset.facts["rows"], asset.facts["columns"]) for asset in run.assets if asset.kind == "data-set"}
    assert told == {"sales": (4, 2), "train-*-of-00002.csv.gz": (80, 3)}


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (gzip.compress(b"id,contact,income\n1,a,2\n")[:-9], "not a whole gzip file"),
        (gzip.compress(b"id,contact\n1,a\n"), "part-2.csv.gz: another header than in part-1.csv.gz"),
        (gzip.compress(b"id,contact,income\n1,a,2\n1,a,2,3\n"), "part-2.csv.gz, line 3: 4 fields"),
    ],
    ids=["cut off", "header", "line"],
)
def test_a_packed_part_that_is_broken_is_named(tmp_path, part, reason):
    (tmp_path / "part-1.csv.gz").write_bytes(gzip.compress(f"id,contact,income\n{rows(1)}".encode()))
    (tmp_path / "part-2.csv.gz").write_bytes(part)
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    assert [(item.path, item.remedy != "") for item in run.not_examined if reason in item.reason] == [(".", True)]


def test_packed_parts_that_together_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("aisecops.datasets.packed._SUSPECT_FROM", 1 << 20)
    for at in (1, 2):
        (tmp_path / f"part-{at}.csv.gz").write_bytes(gzip.compress(b"id,contact,income\n" + b"1,a,2\n" * (130_000 if at == 2 else 100_000)))
    with pytest.raises(TableError, match=r"part-2.csv.gz: the .* bytes of the parts so far unpack to more than 1 MiB"):
        read_table(str(tmp_path))


def test_folders_name_columns(tmp_path):
    for year, month in ((2023, "01"), (2024, "02"), ("__HIVE_DEFAULT_PARTITION__", "02")):
        inner = tmp_path / f"sales/year={year}/month={month}"
        inner.mkdir(parents=True)
        pl.DataFrame({"shop": ["a b", "c"], "amount": [1.5, 2.5]}).write_parquet(inner / "data_0.parquet")
        (tmp_path / f"texts/place=a%2Fb/year={year}").mkdir(parents=True)
        (tmp_path / f"texts/place=a%2Fb/year={year}/x.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    table = read_written(str(tmp_path / "sales"))
    assert table.columns == ["shop", "amount", "year", "month"]
    assert table["year"].to_list() == [2023, 2023, 2024, 2024, None, None] and table["month"].to_list() == [1, 1, 2, 2, 2, 2]
    assert read_written(str(tmp_path / "texts"))["place"].unique().to_list() == ["a/b"]
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    assert {asset.path: (asset.facts["rows"], asset.facts["columns"]) for asset in run.assets} == {"sales": (6, 4), "texts": (6, 3)}


@pytest.mark.parametrize(
    "names",
    [
        ("train-00000-of-00001.csv", "test-00000-of-00001.csv"),
        ("2023.csv", "2024.csv"),
        ("part-1.csv", "notes.csv"),
        ("part-1.csv",),
    ],
)
def test_files_that_are_tables_of_their_own_stay_so(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("id,contact,income\n" + rows(0))
    assert parts_of(str(tmp_path)) is None
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/secret",), jobs=1))
    assert sorted(asset.path for asset in run.assets) == sorted(names)


def test_the_part_that_is_broken_is_named(tmp_path):
    (tmp_path / "part-1.csv").write_text("id,contact,income\n" + rows(0))
    (tmp_path / "part-2.csv").write_text("id,contact,income\n" + rows(9) + "1,2,3,4\n")
    with pytest.raises(TableError, match=r"part-2.csv, line 42: 4 fields, the header has 3"):
        read_written(str(tmp_path))
    (tmp_path / "part-2.csv").write_text("id,mail,income\n" + rows(9))
    with pytest.raises(TableError, match=r"part-2.csv: another header than in part-1.csv"):
        read_written(str(tmp_path))
    (tmp_path / "part-2.csv").write_text("")
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    assert [gap.reason for gap in run.not_examined] == ["part-2.csv: the file is empty"]
    (tmp_path / "part-1.csv").unlink()
    (tmp_path / "part-2.csv").unlink()
    for at, kind in enumerate((pl.Int64, pl.String)):
        pl.DataFrame({"a": [1, 2]}).cast(kind).write_parquet(tmp_path / f"part-{at}.parquet")
    with pytest.raises(TableError, match="its parts do not fit together"):
        read_written(str(tmp_path))


def test_shards_of_several_tables_in_one_folder_are_a_data_set_each(tmp_path):
    """As hubs hold them: a row of the test part that stands in any shard of the training part is told once, with the whole."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "README.md").write_text("# data\n")
    for part, shards, start in (("train", 3, 0), ("test", 2, 110)):
        for at in range(shards):
            numbers = range(start + at * 40, start + at * 40 + 40)
            table = pl.DataFrame({"x": [n * 0.731 for n in numbers], "name": [f"thing {n}" for n in numbers]})
            table.write_parquet(data / f"{part}-0000{at}-of-0000{shards}.parquet")
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality", "data-set/split-leakage"), jobs=1))
    told = {asset.path: (asset.facts["role"], asset.facts["rows"], bool(asset.digest)) for asset in run.assets if asset.kind == "data-set"}
    assert told == {"data/train-*-of-00003.parquet": ("train", 120, True), "data/test-*-of-00002.parquet": ("test", 80, True)}
    assert [one.message.split(";")[0] for one in run.findings] == [
        "10 of 80 test rows (12.5%) stand in data/train-*-of-00003.parquet: 10 exactly, 0 nearly"
    ]
    (data / "test-00001-of-00002.parquet").write_bytes(b"PAR1" + bytes(40))
    broken = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    assert [(gap.path, gap.reason.split(":")[0]) for gap in broken.not_examined] == [("data/test-*-of-00002.parquet", "test-00001-of-00002.parquet")]
