"""Arrow streams, as `datasets` of Hugging Face keeps them, give what the table had, some batches at a time; broken ones are told in a line."""

from __future__ import annotations

import io

import polars as pl
import pytest

from aisecops.datasets import arrow_stream
from aisecops.datasets.sources import explained, open_frame
from aisecops.datasets.table import TableError
from aisecops.workflows.scan import ScanRequest, scan

ROWS = 2_000


def table() -> pl.DataFrame:
    return pl.DataFrame({
        "id": range(ROWS),
        "text": [f"text {n}" if n % 9 else None for n in range(ROWS)],
        "kind": pl.Series(["a", "b"] * (ROWS // 2), dtype=pl.Categorical),
        "turns": [[{"role": "user", "content": str(n)}] for n in range(ROWS)],
    })  # fmt: skip


def stream(path, frame: pl.DataFrame, parts: int) -> str:
    """Write a stream of so many batches: Polars writes one to a stream, and those of several follow each other but for schema and end."""
    whole = io.BytesIO()
    for number in range(parts):
        one = io.BytesIO()
        frame[number * len(frame) // parts : (number + 1) * len(frame) // parts].write_ipc_stream(one)
        messages = list(arrow_stream._messages(one))
        whole.write(one.getvalue()[messages[0].start if not number else messages[1].start : messages[-1].end])
    path.write_bytes(whole.getvalue() + b"\xff\xff\xff\xff" + bytes(4))
    return str(path)


@pytest.mark.parametrize("parts", [1, 10])
def test_a_stream_gives_its_table_whatever_is_asked_of_it(tmp_path, monkeypatch, parts):
    path = stream(tmp_path / "a.arrow", table(), parts)
    monkeypatch.setattr(arrow_stream, "_AT_ONCE", 30_000)
    frame = open_frame(path)
    assert frame.collect().equals(table())
    assert frame.select("text").head(3).collect().equals(table().select("text").head(3))
    assert frame.filter(pl.col("id") > 1_500).select("kind").collect().equals(table().filter(pl.col("id") > 1_500).select("kind"))
    assert len(list(arrow_stream._frames(path, 30_000))) == (1 if parts == 1 else 5)


def test_streams_are_examined_like_any_table(tmp_path):
    frame = table().with_columns(contact=pl.concat_str(pl.lit("anna.rossi"), "id", pl.lit("@web.de")))
    stream(tmp_path / "train.arrow", frame, 4)
    stream(tmp_path / "none.arrow", frame.clear(), 1)
    run = scan(ScanRequest(paths=(str(tmp_path),), select=("data-set/personal-data", "data-set/quality"), jobs=1))
    assert {reading.assets[0]: reading.value for reading in run.measurements if reading.name == "rows"} == {
        "data-set:train.arrow": ROWS,
        "data-set:none.arrow": 0,
    }
    assert [finding.asset for finding in run.findings if finding.check == "data-set/personal-data"] == ["data-set:train.arrow"]
    assert not run.not_examined


def test_a_stream_that_is_cut_or_broken_is_told(tmp_path):
    path = tmp_path / "a.arrow"
    stream(path, table(), 5)
    whole = path.read_bytes()
    for broken in (whole[:200], whole[: len(whole) // 2], whole[:4] + b"\x7f" * 8 + whole[12:], whole[:8] + b"\xff" * 300 + whole[308:]):
        path.write_bytes(broken)
        with pytest.raises(TableError, match="not a whole arrow file"), explained(str(path)):
            open_frame(str(path)).collect()
