"""The footer of a Parquet file says how large its columns are; a broken one says nothing, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.datasets.parquet_footer import Unpacked, unpacked


def written(path, **settings):
    frame = pl.DataFrame(
        {"text": ["a" * 1_000 + str(n) for n in range(2_000)], "n": range(2_000), "tags": [["x", None]] * 2_000, "sure": [True, None] * 1_000}
    )
    frame.write_parquet(path, **settings)
    return str(path)


def test_sizes_are_those_before_the_file_was_packed(tmp_path):
    whole = unpacked(written(tmp_path / "a.parquet", row_group_size=10_000))
    parts = unpacked(written(tmp_path / "b.parquet", row_group_size=500, compression="zstd"))
    assert 2_000_000 < whole.largest < whole.total < 2_100_000
    assert 500_000 < parts.largest < 550_000 and 2_000_000 < parts.total < 2_200_000
    plain = unpacked(written(tmp_path / "c.parquet", statistics=False, compression="uncompressed"))
    assert 2_000_000 < plain.largest < plain.total < 2_200_000


def test_a_table_without_rows_takes_nothing(tmp_path):
    pl.DataFrame({"x": []}).write_parquet(tmp_path / "a.parquet")
    assert unpacked(str(tmp_path / "a.parquet")).largest < 100


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_footer_is_read_or_refused(tmp_path_factory, footer, said):
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    path.write_bytes(b"PAR1" + footer + said.to_bytes(4, "little") + b"PAR1")
    assert unpacked(str(path)) is None or isinstance(unpacked(str(path)), Unpacked)


def test_footers_that_are_cut_or_changed_somewhere_do_no_harm(tmp_path):
    data = Path(written(tmp_path / "a.parquet")).read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    path = tmp_path / "b.parquet"
    for place in range(0, length, 5):
        at = len(data) - 8 - length + place
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        assert unpacked(str(path)) is None or unpacked(str(path)).total >= 0
    path.write_bytes(data[-20:])
    assert unpacked(str(path)) is None
