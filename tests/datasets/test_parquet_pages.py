"""Row groups larger than memory are read some pages at a time, and give what a reader gives that unpacks them at once."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from aisecops.datasets import parquet_pages
from aisecops.datasets.sources import explained, open_frame
from aisecops.datasets.table import TableError

ROWS = 3_000


def table() -> pl.DataFrame:
    day = dt.datetime(2026, 1, 1)
    return pl.DataFrame({
        "text": [None if n % 7 == 0 else f"text {n} " + "x" * (n % 97) for n in range(ROWS)],
        "kind": pl.Series(["a", "b", "c"] * (ROWS // 3), dtype=pl.Categorical),
        "n": range(ROWS),
        "sure": [True, None] * (ROWS // 2),
        "at": pl.Series([day + dt.timedelta(hours=n) for n in range(ROWS)]).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
        "price": pl.Series(range(ROWS)).cast(pl.Decimal(10, 2)),
        "took": pl.Series(range(ROWS)).cast(pl.Duration("us")),
        "tags": [["x", None], []] * (ROWS // 2),
        "where": [{"lat": float(n), "city": "Oslo"} for n in range(ROWS)],
    })  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """What is large here is so in kilobytes."""
    monkeypatch.setattr(parquet_pages, "LARGE", 1_000)
    monkeypatch.setattr(parquet_pages, "_AT_ONCE", 20_000)


@pytest.mark.parametrize(
    "how", [{"row_group_size": 1_100, "data_page_size": 3_000}, {"data_page_size": 500, "compression": "snappy", "statistics": False}]
)
def test_pages_give_what_the_whole_gives(tmp_path, how):
    path = str(tmp_path / "a.parquet")
    table().write_parquet(path, **how)
    frame = open_frame(path)
    assert "PYTHON SCAN" in frame.explain()
    assert frame.collect().equals(table())
    assert frame.select("n", "text").filter(pl.col("n") > 2_000).collect().equals(table().select("n", "text").filter(pl.col("n") > 2_000))
    assert frame.select("text").head(5).collect().equals(table().select("text").head(5))
    parts = list(parquet_pages.pages_of(path).read(["text", "n"]))
    assert len(parts) > 8 and max(part.estimated_size() for part in parts) < 100_000  # some pages of each at a time, and never a group


def test_what_takes_memory_is_a_page_then_and_not_the_column(tmp_path):
    path = str(tmp_path / "a.parquet")
    pl.DataFrame({"text": ["word " * 50 + str(n) for n in range(ROWS)]}).write_parquet(path, data_page_size=5_000)
    assert parquet_pages.at_once(path) == 20_000
    pl.DataFrame({"text": ["word " * 100_000, "b"]}).write_parquet(path)
    assert 500_000 < parquet_pages.at_once(path) < 510_000


def test_pages_that_are_broken_are_told_in_a_line(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": [f"text {n}" for n in range(ROWS)]}).write_parquet(path, compression="uncompressed")
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\xff" * 64 + whole[68:])
    with pytest.raises(TableError, match="the header of a page is broken"):
        parquet_pages.at_once(str(path))
    with pytest.raises(TableError), explained(str(path)):
        open_frame(str(path)).collect()
