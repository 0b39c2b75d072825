"""Files of lines with very many columns: read once, and told of as if each column had been read from the lines."""

from __future__ import annotations

import pytest

from aisecops.datasets.columnar import by_columns
from aisecops.datasets.table import TableError
from aisecops.datasets.written import open_written
from aisecops.workflows.scan import ScanRequest, scan


def wide(columns=260, rows=2_800):
    lines = [",".join(f"c{at}" for at in range(columns))]
    lines += [
        ",".join([str(row), f"p{row}.x@web.de", *(f"{(row * 7919 + at * 104729) % 99991}" for at in range(columns - 3)), "x"]) for row in range(rows)
    ]
    return lines


def test_the_copy_holds_what_the_lines_hold_and_findings_are_the_same(tmp_path):
    lines = wide()
    lines[1_000] = lines[1_000].removesuffix("x") + '"a ""b"", c"'
    (tmp_path / "a.csv").write_text("\n".join([*lines, lines[5]]))
    assert (tmp_path / "a.csv").stat().st_size > 4 << 20  # smaller ones are held in memory
    frame = open_written(str(tmp_path / "a.csv"))
    told = by_columns(frame, str(tmp_path / "a.csv"), 260)
    assert told is not None and told[0].collect().equals(frame.collect())
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/personal-data", "data-set/quality"), jobs=1))
    assert [reading.value for reading in run.measurements if reading.name == "rows"] == [2_801]
    assert {found.evidence.get("kind", found.check) for found in run.findings} >= {"data-set/personal-data"}
    assert not run.not_examined


def test_a_narrow_table_stays_where_it_is_and_a_broken_line_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert by_columns(open_written(str(tmp_path / "a.csv")), str(tmp_path / "a.csv"), 2) is None
    lines = wide(rows=40)
    lines[30] += ",1"
    (tmp_path / "b.csv").write_text("\n".join(lines))
    with pytest.raises(TableError, match="261 fields, the header has 260") as wrong:
        by_columns(open_written(str(tmp_path / "b.csv")), str(tmp_path / "b.csv"), 260)
    assert wrong.value.where.endswith(":31")
