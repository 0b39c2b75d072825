"""A version is one digest; what has changed is found from the digests of two versions alone."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.datasets.versions import Difference, changed_rows, difference, version


def table(rows: int = 20_000, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "amount": rng.normal(size=rows),
            "count": rng.integers(0, 9, rows),
            "city": rng.choice(["Roma", "Lyon", "Oslo"], rows),
            "note": [f"text {n}" for n in rng.integers(0, 1000, rows)],
        }
    )


def test_the_same_cells_have_the_same_digest_however_they_are_held():
    one = table()
    assert version(one) == version(one.lazy()) == version(pl.concat([one[:7000], one[7000:]], rechunk=False))
    assert version(one).rows == 20_000


def test_every_cell_type_order_and_name_counts():
    one = table(300)
    others = [
        one.with_columns(amount=pl.when(pl.int_range(pl.len()) == 17).then(1.5).otherwise("amount")),
        one.with_columns(city=pl.when(pl.int_range(pl.len()) == 17).then(None).otherwise("city")),
        one.with_columns(city=pl.when(pl.int_range(pl.len()) == 17).then(pl.lit("")).otherwise("city")),
        one.rename({"city": "town"}),
        one.reverse(),
        one[:-1],
        one.with_columns(pl.col("count").cast(pl.String)),
        one.select("count", "amount", "city", "note"),
    ]
    assert len({version(frame).digest for frame in (one, *others)}) == 1 + len(others)


def test_a_row_put_in_at_the_top_changes_one_chunk():
    one = table()
    two = pl.concat([one[:3], one[9000:9001], one[3:]])
    found = difference(version(one), version(two))
    assert (len(found.before), len(found.after)) == (1, 1)
    assert found.after[0].end - found.after[0].start < 5000
    assert len(changed_rows(one, two, found)[0]) == 0
    assert len(changed_rows(one, two, found)[1]) == 1


def test_changed_columns_are_named():
    one = table()
    two = one.with_columns(pl.col("amount") * 2).drop("city").with_columns(new=pl.lit(1))
    found = difference(version(one), version(two))
    assert (found.columns_added, found.columns_removed, found.columns_changed) == (("new",), ("city",), ("amount",))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1999), max_size=8, unique=True), st.integers(0, 5))
def test_removed_and_changed_rows_are_found_exactly(touched, added):
    one = table(2000, seed=1).with_row_index("key")
    two = one.with_columns(count=pl.when(pl.col("key").is_in(touched)).then(99).otherwise("count"))
    two = pl.concat([two, one[:added].with_columns(pl.col("key") + 10_000)])
    found = difference(version(one), version(two))
    removed, new = changed_rows(one, two, found)
    assert removed == tuple(sorted(touched))
    assert new == (*sorted(touched), *range(2000, 2000 + added))
    assert found.same == (not touched and not added)


def test_no_rows_no_columns_and_one_row_a_million_times():
    assert version(pl.DataFrame()).rows == 0
    assert version(pl.DataFrame({"a": []})).digest != version(pl.DataFrame({"b": []})).digest
    same = version(pl.DataFrame({"a": [1] * 50_000}))
    assert same.rows == 50_000 and len(same.chunks) > 5
    assert difference(same, same) == Difference()


def test_nested_and_temporal_types_are_digested():
    frame = pl.DataFrame({"l": [[1, 2], [3], None], "d": pl.Series([1, 2, 3]).cast(pl.Date), "b": [True, False, None]})
    assert version(frame) == version(frame) != version(frame.reverse())
