"""A table in pieces says what it says as a whole."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from aisecops.datasets.pieces import column_groups, columns_apart, every, pieces, repeats, row_keys, rows_at, shared
from aisecops.datasets.written import open_written


def table(rows: int = 4_000, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    texts = [None if n % 11 == 0 else f"{n} \N{LATIN SMALL LETTER E WITH ACUTE}" for n in rng.integers(0, 60, rows).tolist()]
    return pl.DataFrame({"text": texts, "number": rng.integers(0, 30, rows), "real": rng.integers(0, 2, rows) / 2})


def written(folder, kind: str, frame: pl.DataFrame):
    path = folder / f"a.{kind}"
    match kind:
        case "csv":
            frame.write_csv(path)
        case "jsonl":
            frame.write_ndjson(path)
        case "arrow":
            frame.write_ipc(path)
        case "parquet":
            frame.write_parquet(path, row_group_size=700)
    return open_written(str(path))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "arrow", "parquet"])
def test_whatever_the_file_its_pieces_and_rows_are_those_of_the_table(tmp_path, kind):
    frame, lazy = table(), written(tmp_path, kind, table())
    names = frame.columns
    assert len(column_groups(lazy, names)) == (1 if kind in ("csv", "jsonl") else 3)
    found = list(pieces(lazy, 300))
    assert max(len(piece) for piece in found) <= 300 and pl.concat(found).equals(lazy.collect())
    assert rows_at(lazy, names, np.array([0, 5, 3_999])).equals(lazy.collect()[[0, 5, 3_999]])
    assert every(lazy, names, 7, 4_000).equals(lazy.gather_every(7).collect())
    again = np.flatnonzero(~frame.select(pl.struct(names).is_first_distinct()).to_series().to_numpy())
    assert len(again) > 400 and repeats(row_keys(lazy, names)).tolist() == again.tolist()


def test_rows_are_compared_as_they_are_written_where_one_table_has_numbers_and_the_other_texts():
    frame = table()
    said = frame.select(pl.all().cast(pl.String))
    assert (row_keys(frame.lazy(), frame.columns, as_text=True) == row_keys(said.lazy(), frame.columns, as_text=True)).all()
    assert not (row_keys(frame.lazy(), frame.columns) == row_keys(said.lazy(), frame.columns)).any()


def test_hashes_that_stand_further_ahead_or_in_another_table_are_found():
    keys = np.random.default_rng(1).integers(0, 2**64, 30_000, dtype=np.uint64)
    keys[20_000:20_100] = keys[:100]
    assert repeats(keys).tolist() == list(range(20_000, 20_100))
    assert shared(keys, keys[19_950:20_050]).tolist() == [*range(50), *range(19_950, 20_050)]
    assert not len(shared(keys, keys[:0])) and not len(shared(keys[:0], keys))


def test_of_nothing_there_is_nothing():
    empty = table().clear().lazy()
    assert not list(pieces(empty)) and not len(row_keys(empty, ["text", "real"])) and not len(row_keys(empty, []))
    assert rows_at(empty, ["text"], np.zeros(0, np.int64)).shape == (0, 1)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_that_are_read_together_come_as_they_are_one_by_one(tmp_path, kind):
    lazy = written(tmp_path, kind, table(500))
    for together in (0, 2, 50):
        apart = list(columns_apart(lazy, ["real", "number", "text"], together))
        assert [name for name, _ in apart] == ["real", "number", "text"]
        assert all(cells.collect().equals(lazy.select(name).collect()) for name, cells in apart)


def test_of_few_different_hashes_all_but_the_first_of_each_are_repeats():
    keys = np.random.default_rng(2).integers(0, 2**64, 50, dtype=np.uint64)[np.random.default_rng(3).integers(0, 50, 4_000)]
    first = np.unique(keys, return_index=True)[1]
    assert repeats(keys).tolist() == np.setdiff1d(np.arange(4_000), first).tolist()
