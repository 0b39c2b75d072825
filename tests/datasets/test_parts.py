"""Folders that are one table: parts of one schema, and folders that name columns."""

from __future__ import annotations

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
        ("train-00000-of-00002.csv", "train-00001-of-00002.csv", "test-00000-of-00001.csv"),
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
