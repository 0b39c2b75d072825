"""Numbers that differ in two ways are told as a table, and no number is lost by that."""

from __future__ import annotations

import msgspec
import pytest

from aisecops.report import terminal
from aisecops.report.layout import plain
from aisecops.report.pivot import pivots
from tests.report import runs


def test_a_table_has_all_numbers_and_names_the_choice():
    swept = runs.swept()
    (table,) = pivots(swept.measurements)
    assert table.title == "defended"
    assert table.columns == ("accuracy", "accuracy change", "membership auc")
    assert [subject for subject, _ in table.rows] == ["as it is", "depth=2", "depth=4", "leaf=20 rows"]
    assert table.chosen == {"leaf=20 rows"}
    assert {one.id for one in table.members()} == {one.id for one in swept.measurements if one.name.startswith("defended-")}


@pytest.mark.parametrize("left", [2, 1])
def test_few_rows_or_columns_are_told_in_lines(left: int):
    swept = runs.swept()
    names = sorted({one.name for one in swept.measurements if one.name.startswith("defended-")})[:left]
    assert pivots(one for one in swept.measurements if one.name in names) == []
    subjects = ["as it is", "depth=2"][:left]
    assert pivots(one for one in swept.measurements if one.subject in subjects) == []


def test_where_a_number_is_missing_the_cell_is_empty():
    lines = plain(terminal.document(msgspec.structs.replace(runs.swept(), measurements=runs.swept().measurements[1:])), 100).splitlines()
    (row,) = [line for line in lines if line.startswith("    as it is")]
    assert row.split() == ["as", "it", "is", "0", "0.958", "(≤", "0.965)", "–"]


def test_people_see_the_table():
    text = plain(terminal.document(runs.swept()), 100)
    start = text.index("    defended")
    assert text[text.rindex("\n", 0, start - 1) + 1 :].splitlines()[:7] == [
        "                            accuracy  membership",
        "    defended      accuracy  change    auc",
        "    as it is      0.749     0         0.958 (≤ 0.965)",
        "    depth=2       0.691     -0.0573   0.551 (≤ 0.576)",
        "    depth=4       0.733     -0.0157   0.621 (≤ 0.645)",
        "  → leaf=20 rows  0.746     -0.00233  0.669 (≤ 0.692)",
        "    → recommended",
    ]


def test_a_table_that_is_too_wide_says_what_is_left_out():
    swept = runs.swept()
    wide = [msgspec.structs.replace(one, name=f"{one.name}-{'w' * 20}-{n}", id=f"{one.id}{n}") for one in swept.measurements for n in range(5)]
    lines = plain(terminal.document(msgspec.structs.replace(swept, measurements=tuple(wide))), 100).splitlines()
    assert any("more columns: --verbose" in line for line in lines)
    assert max(map(len, lines)) <= 100
    told = plain(terminal.document(msgspec.structs.replace(swept, measurements=tuple(wide)), verbose=True), 100)
    assert all(one.name.replace("-", " ")[:40] in told for one in wide)
