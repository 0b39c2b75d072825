"""Files of lines as the world writes them: remarks before the header, Excel's first line, line ends of old Macs, packed with gzip; and what is said of broken ones."""

from __future__ import annotations

import gzip
import json

import pytest

from aisecops.datasets.reading import read_table
from aisecops.datasets.table import TableError
from aisecops.datasets.written import read_written
from aisecops.workflows.scan import ScanRequest, scan


@pytest.mark.parametrize(
    "head",
    ["id,length\n", "sep=,\r\nid,length\n", "# exported by hand\n# mm, not cm, nor inches\nid,length\n", "\ufeffid;length\n", "id|length\n"],
)
def test_the_header_is_found_behind_what_comes_before_it(tmp_path, head):
    mark = next((mark for mark in ";|" if mark in head), ",")
    (tmp_path / "a.csv").write_text(head + "".join(f"{n}{mark}{n / 2}\n" for n in range(30)), encoding="utf-8")
    assert read_written(str(tmp_path / "a.csv")).columns == ["id", "length"]
    table = read_table(str(tmp_path / "a.csv"))
    assert table.rows == 30 and [column.type.value for column in table.columns] == ["integer", "real"]


def test_spaces_separate_fields_where_every_line_has_as_many_and_texts_stay_whole(tmp_path):
    (tmp_path / "a.csv").write_text('"town name" area kind\n' + "".join(f'"town {n}" {n / 2} {"ab"[n % 2]}\n' for n in range(30)))
    assert read_written(str(tmp_path / "a.csv")).columns == ["town name", "area", "kind"]
    assert read_table(str(tmp_path / "a.csv")).column("area").values[3] == 1.5
    (tmp_path / "b.csv").write_text("what they said\n" + "".join(f"nothing new {'again' if n % 2 else 'today'}\n" for n in range(30)))
    assert read_written(str(tmp_path / "b.csv")).columns == ["what they said"]


def test_a_header_that_begins_with_a_sharp_is_one_and_lines_are_counted_from_the_first(tmp_path):
    (tmp_path / "a.csv").write_text("#CHROM,POS\n1,2\n3,4\n")
    assert read_written(str(tmp_path / "a.csv")).columns == ["#CHROM", "POS"]
    (tmp_path / "b.csv").write_text("# a remark\nid,length\n1,2\n3,4,5\n")
    with pytest.raises(TableError, match="3 fields, the header has 2") as told:
        read_written(str(tmp_path / "b.csv"))
    assert told.value.where.endswith(":4")


def test_lines_may_end_as_they_did_on_old_macs(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id,name\r" + b"".join(b"%d,x\r" % n for n in range(20)))
    assert read_written(str(tmp_path / "a.csv")).shape == (20, 2)


def test_numbers_with_a_decimal_comma_are_numbers_and_empty_lines_no_rows(tmp_path):
    (tmp_path / "a.csv").write_text("id;length;note\n" + "".join(f"{n};{n},25;no, none\n\n" for n in range(40)))
    table = read_table(str(tmp_path / "a.csv"))
    assert table.rows == 40 and [column.type.value for column in table.columns] == ["integer", "real", "category"]
    assert table.column("length").values[3] == 3.25
    read = read_written(str(tmp_path / "a.csv"))
    assert read.row(3) == ("3", "3.25", "no, none")
    (tmp_path / "b.csv").write_text("id;pair;length\n" + "".join(f"{n};1,2;{n}.5\n" for n in range(40)))
    assert read_written(str(tmp_path / "b.csv"))["pair"][0] == "1,2"


def test_the_first_fraction_may_come_late_and_so_may_a_text(tmp_path):
    (tmp_path / "a.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(12_000)) + "0.5\n#N/A\n")
    column = read_table(str(tmp_path / "a.csv")).column("n")
    assert column.type.value == "real" and column.missing == 1 and column.values[-2] == 0.5
    (tmp_path / "b.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(12_000)) + "none of it\n")
    with pytest.raises(TableError, match="holds numbers, and here a text of the shape `xxxx xx xx`") as told:
        read_table(str(tmp_path / "b.csv"))
    assert told.value.where.endswith(":12002")


def test_packed_tables_are_data_sets_that_are_examined(tmp_path):
    rows = "".join(f"{n},anna.rossi{n}@web.de\n" for n in range(200))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(("id,contact\n" + rows).encode()))
    lines = "".join(json.dumps({"id": n, "text": "x"}) + "\n" for n in range(60))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.encode()) + gzip.compress(lines.encode()))
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(("id,contact\n" + rows).encode())[:300])
    (tmp_path / "d.csv.gz").write_text("id,contact\n" + rows)
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(b"id\n" + b"0" * (70 << 20)))
    (tmp_path / "f.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/personal-data", "data-set/quality"), jobs=1))
    assert {reading.assets[0]: reading.value for reading in run.measurements if reading.name == "rows"} == {
        "data-set:a.csv.gz": 200,
        "data-set:b.jsonl.gz": 120,
    }
    assert [finding.asset for finding in run.findings if finding.check == "data-set/personal-data"] == ["data-set:a.csv.gz"]
    assert {gap.asset: gap.reason for gap in run.not_examined if gap.asset.startswith("data-set")} == {
        "data-set:c.csv.gz": "not a whole gzip file",
        "data-set:d.csv.gz": "not a whole gzip file",
        "data-set:e.csv.gz": "a line of more than 32 MiB: a reader of tables would hold it many times over",
        "data-set:f.jsonl.zst": "not a whole zstd file",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":' * 200 + "1" + "}" * 200 + "\n", "nested more than 64 deep"),
        ('{"a": NaN}\n', "NaN is a number to Python and not in JSON"),
        ('\ufeff{"a": 1}\n', "it begins with a byte order mark"),
    ],
)
def test_what_is_no_json_is_told_by_its_reason(tmp_path, text, said):
    (tmp_path / "a.jsonl").write_text(text * 3, encoding="utf-8")
    with pytest.raises(TableError, match=said):
        read_table(str(tmp_path / "a.jsonl"))


HEADLESS = {
    "iris": "5.1,3.5,1.4,Iris-setosa\n4.9,3.0,1.3,Iris-virginica\n",
    "adult": "39, State-gov, 77516, <=50K\n50, ?, 83311, <=50K\n38, Private, 215646, >50K\n",
    "digits": "5,0,0,0,17\n0,0,0,3,255\n",
    "letters": "p,x,s,n\ne,x,y,w\np,b,s,w\n",
    "spam": "ham\tGo until jurong point, crazy\nspam\tFree entry\nham\tOk lar, joking wif u\n",
    "edges": "1,2\n1,4\n2,3\n",
    "days": "2024-01-01,north,3.5\n2024-01-02,south,4.5\n",
    "born": "Anna,1961\nBen,1984\n",
}
HEADED = {
    "plain": "id,name\n1,x\n2,y\n",
    "texts": "question,answer\nWhy?,So.\nHow?,Thus.\n",
    "numbered": ",0,1,2\n0,.5,.1,.7\n1,.25,.9,.2\n",
    "years": "country,1960,1970,1985\nA,3.5,2.5,9.5\nB,1.5,8.5,2.5\n",
    "wavelengths": "350.5,351.2,352.0,352.9,354,355\n.5,.1,.7,.2,.9,.3\n",
    "joined": "name,city\nA,Rome\nB,Paris\nname,city\nC,Rome\n",
}


@pytest.mark.parametrize("name", HEADLESS)
def test_a_first_line_that_is_a_row_is_one(tmp_path, name):
    first, *rows = HEADLESS[name].splitlines()
    path = tmp_path / ("a.tsv" if "\t" in first else "a.csv")
    path.write_text("\n".join([first, *(f"{row} {n}" if "\t" in row else row for n, row in enumerate(rows * 12))]))
    read = read_written(str(path))
    assert read.shape == (1 + 12 * len(rows), first.count("\t" if "\t" in first else ",") + 1)
    assert read.columns == [f"column_{number}" for number in range(1, read.width + 1)]


@pytest.mark.parametrize("name", HEADED)
def test_a_header_is_one_though_it_has_numbers(tmp_path, name):
    header, *rows = HEADED[name].splitlines()
    (tmp_path / "a.csv").write_text("\n".join([header, *rows * 12]))
    assert read_written(str(tmp_path / "a.csv")).height == 12 * len(rows)


def test_a_table_without_a_header_is_said_to_have_none(tmp_path):
    (tmp_path / "a.csv").write_text("".join(f"{n},{n * 0.37:.2f},{'ab'[n % 2]}\n" for n in range(60)))
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    assert [asset.facts["header"] for asset in run.assets] == ["none"] and [
        reading.value for reading in run.measurements if reading.name == "rows"
    ] == [60]
    assert [found.message for found in run.findings if found.evidence["kind"] == "header"] == [
        "The first line is a row: the columns are called `column_1` to `column_3` here."
    ]


def test_marks_among_numbers_are_missing_and_among_texts_what_they_are(tmp_path):
    rows = [f"{'?' if n % 5 == 0 else n};{'-' if n % 4 == 0 else f'{n},5'};{'+-'[n % 2]};{'NA' if n % 3 == 0 else n}" for n in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["power;temperature;strand;grade", *rows]))
    table = read_table(str(tmp_path / "a.csv"))
    assert [(column.type.value, column.missing) for column in table.columns] == [("real", 12), ("real", 15), ("category", 0), ("integer", 20)]
    assert table.column("temperature").values[1] == 1.5
    read = read_written(str(tmp_path / "a.csv"))
    assert read.null_count().row(0) == (12, 15, 0, 20) and read["strand"].n_unique() == 2
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/quality",), jobs=1))
    assert [found.message for found in run.findings if found.evidence["kind"] == "mixed"] == []
    (tmp_path / "a.csv").write_text("\n".join(["power;temperature;strand;grade", *rows * 40, "x;1,5;+;3"]))
    with pytest.raises(TableError, match="column `power` holds numbers, and here a text of the shape `x`") as told:
        read_table(str(tmp_path / "a.csv"))
    assert told.value.where.endswith(":2402")
