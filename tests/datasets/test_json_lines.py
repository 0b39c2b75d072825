"""Files of JSON lines whose rows are not alike: what comes late counts, and what cannot be read is told without a cell."""

from __future__ import annotations

import json

import polars as pl
import pytest

from aisecops.datasets import json_lines
from aisecops.datasets.reading import read_table
from aisecops.datasets.table import TableError
from aisecops.datasets.written import read_written

LATE, ROWS = 15_000, 16_000


def lines(path, row):
    path.write_text("".join(json.dumps(row(number)) + "\n" for number in range(ROWS)))
    return str(path)


def test_a_key_and_a_fraction_that_come_late_are_read(tmp_path):
    path = lines(tmp_path / "a.jsonl", lambda n: {"v": 0.5 if n == LATE else n} | ({"mail": "anna.rossi@web.de"} if n == LATE else {}))
    read = read_written(path)
    assert dict(read.schema) == {"v": pl.Float64, "mail": pl.String} and read["mail"].drop_nulls().to_list() == ["anna.rossi@web.de"]
    assert read_table(path).column("v").values[LATE] == 0.5


def test_a_text_that_comes_late_among_numbers_makes_a_column_of_texts(tmp_path):
    read = read_written(lines(tmp_path / "a.jsonl", lambda n: {"v": "anna" if n == LATE else n}))
    assert (read.schema["v"], read["v"][LATE], read["v"][7]) == (pl.String, "anna", "7")


def test_of_a_large_file_pieces_from_all_over_it_show_the_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "_LOOKED_AT", 1 << 14)
    path = lines(tmp_path / "a.jsonl", lambda n: {"v": n} | ({"late": "x"} if n > LATE else {}))
    assert dict(read_written(path).schema) == {"v": pl.Int64, "late": pl.String}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"mail": "anna.rossi@web.de"}, "`v` holds a record here, and a single value"),
        (["anna.rossi@web.de"], "`v` holds a list here, and a single value"),
    ],
)
def test_a_record_among_single_values_is_told_with_its_line_and_without_the_value(tmp_path, value, said):
    with pytest.raises(TableError) as told:
        read_written(lines(tmp_path / "a.jsonl", lambda n: {"v": value if n == LATE else n}))
    assert said in told.value.what and told.value.where.endswith(f"a.jsonl:{LATE + 1}") and "anna" not in str(told.value)


def test_of_a_list_in_json_it_is_told_likewise(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([{"v": "anna.rossi@web.de" if n % 2 else {"a": 1}} for n in range(30)]))
    with pytest.raises(TableError, match="`v` holds a single value here, and a record in the rows before"):
        read_written(str(tmp_path / "a.json"))


def test_what_polars_says_is_told_without_the_cells_that_it_quotes():
    from aisecops.datasets.sources import _said

    assert _said("cannot parse 'anna.o'rossi@web.de' (string) as Int64", 200) == "cannot parse 'xxxx.x'xxxxx@xxx.xx' (string) as Int64"
    assert _said("unexpected value; found value of type UInt64: 4711", 200) == "unexpected value; found value of type UInt64"
    assert _said("File out of specification: it must end with PAR1", 200) == "File out of specification: it must end with PAR1"
