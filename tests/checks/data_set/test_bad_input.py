"""Whatever somebody calls a data set: a clear finding, or not examined with the reason; never a crash, a time-out or memory without end."""

from __future__ import annotations

import pickle
import struct
import zlib
from zipfile import ZipFile

import polars as pl
import pytest

from aisecops.core.examination import Code
from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.data_set.tables import written

SOUND = {Code.BAD_INPUT, Code.TOO_LARGE, Code.TRUNCATED, Code.NO_POWER, Code.NO_PARSER}


def examined(folder, **settings):
    """Scan with every check of data sets; nothing may crash, and what is said fits a line."""
    run = scan(ScanRequest(paths=(str(folder),), select=("data-set/*",), jobs=1, **settings))
    assert {gap.code for gap in run.not_examined} <= SOUND, run.not_examined
    assert all("\n" not in gap.reason and len(gap.reason) < 600 for gap in run.not_examined)
    assert all("\n" not in finding.message and len(finding.message) < 3_000 for finding in run.findings)
    return run


def kinds(run):
    return {finding.evidence.get("kind") for finding in run.findings if finding.check == "data-set/quality"}


@pytest.mark.parametrize("name", ["people.xlsx", "people.ods"])
def test_of_a_workbook_is_said_how_its_sheets_become_tables(tmp_path, name):
    with ZipFile(tmp_path / name, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    (gap,) = (gap for gap in examined(tmp_path).not_examined if gap.asset.startswith("data-set:"))
    assert (gap.code, gap.reason) == (Code.NO_PARSER, f"sheets of workbooks ({name[6:]}) are not read as tables") and "csv" in gap.remedy


def test_no_label_one_class_three_rows_and_nothing_at_all(tmp_path):
    written(tmp_path / "nolabel.csv", {"x": list(range(40)), "y_value": [n % 7 for n in range(40)]})
    written(tmp_path / "oneclass.csv", {"x": list(range(200)), "label": [1] * 200})
    written(tmp_path / "three.csv", {"x": [1, 2, 3], "label": [0, 1, 0]})
    written(tmp_path / "missing.csv", {"x": [""] * 40, "label": ["NA"] * 40, "z": ["null"] * 40})
    written(tmp_path / "header.csv", {"x": [], "label": []})
    run = examined(tmp_path)
    by_file = {}
    for finding in run.findings:
        by_file.setdefault(finding.locations[0].path if finding.locations else finding.asset, []).append(finding.evidence["kind"])
    told = {asset.split(":")[-1]: sorted(said) for asset, said in by_file.items()}
    assert told == {"oneclass.csv": ["constant"], "missing.csv": ["label-missing", "missing"], "header.csv": ["empty"]}


def test_a_label_that_is_misspelt_in_the_manifest_is_no_pass(tmp_path):
    written(tmp_path / "train.csv", {"x": list(range(200)), "label": [0, 1] * 100})
    (tmp_path / "aisecops.yaml").write_text("name: ours\nassets:\n  - {path: train.csv, kind: data-set, label: lable}\n")
    run = examined(tmp_path)
    (rule,) = (rule for rule in run.verdict.rules if rule.outcome == "incomplete")
    assert (run.verdict.outcome, rule.id) == ("incomplete", "declared-examined")
    assert "train.csv (bad-input: there is no column `lable`, which the manifest names)" in rule.reason


def test_ten_thousand_columns_are_refused_in_a_line(tmp_path):
    names = [f"c{n}" for n in range(10_000)]
    (tmp_path / "wide.csv").write_text(",".join(names) + "\n" + ",".join("1" * 10_000) + "\n")
    run = examined(tmp_path)
    assert [asset.kind for asset in run.assets] == ["data-set"]
    assert {gap.reason for gap in run.not_examined} == {"10,000 columns, more than 5,000"}


@pytest.mark.slow
def test_a_cell_of_half_a_gigabyte_takes_no_gigabytes(tmp_path):
    with open(tmp_path / "cell.csv", "wb") as file:
        file.write(b"x,label\n")
        file.writelines(b"a" * (1 << 20) for _ in range(500))
        file.write(b",1\n")
    run = examined(tmp_path, memory_mb=1024)
    assert run.not_examined or run.findings or run.measurements


def test_a_huge_cell_in_a_few_kilobytes_of_parquet_is_refused_by_what_the_file_says(tmp_path):
    pl.DataFrame({"x": ["a" * (60 << 20), "b"], "label": [1, 0]}).write_parquet(tmp_path / "cell.parquet")
    assert (tmp_path / "cell.parquet").stat().st_size < 100_000
    (gap,) = examined(tmp_path, memory_mb=256).not_examined
    assert gap.code is Code.TOO_LARGE and "unpacks to 60 MiB, which is read at once and takes some 308 MiB; the limit is 256 MiB" in gap.reason


def test_nested_types_are_read_and_not_flattened(tmp_path):
    frame = pl.DataFrame({"id": range(30), "tags": [["a", "b"], []] * 15, "where": [{"lat": 1.0, "lon": None}] * 30, "label": [0, 1] * 15})
    frame.write_parquet(tmp_path / "nested.parquet")
    frame.write_ndjson(tmp_path / "nested.jsonl")
    run = examined(tmp_path)
    assert {reading.value for reading in run.measurements if reading.name == "rows"} == {30.0}
    assert not run.not_examined


def png(width: int, height: int) -> bytes:
    """A few kilobytes that say they are that many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def test_image_bombs_are_refused_before_they_are_unpacked(tmp_path):
    (tmp_path / "pictures").mkdir()
    for n in range(12):
        (tmp_path / f"pictures/{n:02}.png").write_bytes(png(64, 64 + n))
    for side in (9_000, 12_000, 60_000):
        (tmp_path / f"pictures/bomb-{side}.png").write_bytes(png(side, side))
    (gap,) = (gap for gap in examined(tmp_path).not_examined if gap.check == "data-set/quality")
    assert gap.reason.startswith("3 pictures cannot be read; the first is bomb-12000.png: it unpacks to more than")


BROKEN = {
    "binary.csv": b"\0\1\2\3" * 5_000,
    "tail.csv": b"a,b\n1,2\n" + b"\0" * 9_000,
    "noise.csv": bytes(range(128, 192)),
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "ragged.csv": b"a,b\n1\n",
    "open.csv": b'a,b\n"1,2\n',
    "utf16.csv": b"\xff\xfea\0",
    "twice.csv": b"a,a\n1,2\n",
    "empty.csv": b"",
    "lines.jsonl": b'{"a": 1}\n[1]\n',
    "deep.jsonl": b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}\n",
    "cut.parquet": b"PAR1" + bytes(200),
    "none.arrow": b"ARROW1\0\0" + bytes(50),
}


def test_tables_that_are_none_say_so_and_a_pickle_is_found_by_any_name(tmp_path):
    for name, content in BROKEN.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "pickle.csv").write_bytes(pickle.dumps({"x": [1, 2, 3]}))
    run = examined(tmp_path)
    assert {asset.path for asset in run.assets if asset.kind == "data-set"} == set(BROKEN)
    assert {gap.path for gap in run.not_examined} == set(BROKEN) and not run.findings
    assert next(asset.kind for asset in run.assets if asset.path == "pickle.csv") == "model-file"


@pytest.mark.parametrize(
    "names",
    [
        ("count", "len", "value", "label", "rows"),
        ("^a.*$", "*", "^.*$", "label", "$"),
        ("literal", "", "col(x)", "label", "missing a"),
        ("missing x", "x", "distinct x", "label", "numbers x"),
        ("a\nb", "\x1b[31mred", "\u202eabc", "label", "'; drop"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_name_that_a_library_takes_for_something_else_changes_nothing(tmp_path, names, ending):
    cells = [n * 37 % 101 for n in range(300)]
    columns = [
        [999 if n % 50 == 0 else cell for n, cell in enumerate(cells)],
        ["Berlin", "Lyon", "berlin"] * 100,
        [f"maria.{n}@gmx.de" for n in range(300)],
        [cell % 2 for cell in cells],
        [cell % 2 + 0.001 * cell for cell in cells],
    ]
    told = []
    for folder, header in (("plain", ("a", "b", "c", "label", "d")), ("odd", names)):
        (tmp_path / folder).mkdir()
        frame = pl.DataFrame(dict(zip(header, columns, strict=True)))
        getattr(frame, f"write_{ending}")(tmp_path / folder / f"t.{ending}")
        run = examined(tmp_path / folder)
        assert not run.not_examined
        told.append(sorted((finding.check, finding.title) for finding in run.findings))
    assert told[0] == told[1]
    assert len(told[0]) >= 3
