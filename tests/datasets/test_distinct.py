"""The texts of a column that is read in pieces disclose what they disclose as a whole."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from aisecops.datasets.credentials import secrets_in
from aisecops.datasets.disclosure import personal_in
from aisecops.datasets.distinct import DistinctTexts, Sample, distinct_texts
from aisecops.datasets.nested import Place

ROWS, DISTINCT = 300_000, 280_000
TOKEN = "gh" + "p_" + "".join("aB3dE5gH7jK9mN1pQ3sT5vW7yZ2cF4hJ6kL8")


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    """Columns of each kind; some of their values stand in two pieces."""
    number = pl.int_range(ROWS, eager=True) % DISTINCT
    word = (number * 7_919 % 10_007).cast(pl.String)
    columns = {
        "contact": "p" + number.cast(pl.String) + "." + word + "@web.de",
        "reference": pl.select(
            pl.when(number % 50_000 == 7).then("p" + number.cast(pl.String) + "@web.de").otherwise("TCK-" + number.cast(pl.String))
        ).to_series(),
        "note": pl.select(
            pl.when(number % 90_000 == 5)
            .then("please call me at +49 170 5" + (100_000 + number).cast(pl.String) + " tomorrow")
            .when(number == 211_000)
            .then(pl.lit(f"it said token {TOKEN} and failed"))
            .otherwise("nothing was said about it by anybody " + (number % 30).cast(pl.String))
        ).to_series(),
        "city": "city " + (number % 9).cast(pl.String),
    }
    path = tmp_path_factory.mktemp("distinct") / "a.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return pl.scan_parquet(path)


@pytest.mark.parametrize("column", ["contact", "reference", "note", "city"])
def test_in_pieces_as_a_whole(frame, column):
    texts, whole = DistinctTexts.read(frame, Place(column, frame.collect_schema()[column]), rows=ROWS), distinct_texts(frame, column)
    assert (texts.count, texts.sample.to_list()) == (len(whole), whole.head(100_000).to_list())
    assert pl.concat(texts.picked(lambda values: values)).sort().equals(whole.sort())
    told, secrets = personal_in(column, texts), [one.value for one in secrets_in(column, texts)]
    assert told == personal_in(column, whole) and secrets == [one.value for one in secrets_in(column, whole)]
    assert [(one.kind.value, one.count) for one in told] == {
        "contact": [("email", DISTINCT)],
        "reference": [("email", 6)],
        "note": [("phone", 4)],
        "city": [],
    }[column]
    assert secrets == ([TOKEN] if column == "note" else [])


def test_too_many_texts_to_search_are_searched_all_over_the_table_and_counted(frame):
    texts = DistinctTexts.read(frame, Place("contact", pl.String), rows=ROWS, most=1_000_000)
    kept = [part for part in texts.picked(lambda values: values, limited=True) if len(part)]
    given = sum(len(part) for part in kept)
    assert len(kept) > 1 and 800_000 < sum(part.str.len_chars().sum() for part in kept) <= 1_000_000
    assert texts.passed_over == DISTINCT - given


def test_of_more_texts_than_can_be_remembered_the_number_is_estimated(monkeypatch, frame):
    monkeypatch.setattr("aisecops.datasets.distinct._MOST_REMEMBERED", 50_000)
    assert DistinctTexts.read(frame, Place("contact", pl.String), rows=ROWS).count == pytest.approx(DISTINCT, rel=0.02)
    few = Sample(10)
    few.add_distinct(distinct_texts(pl.LazyFrame({"x": ["a", "b", "a"]}), "x"))
    assert few.estimate() == 2


def test_texts_in_any_order_are_taken():
    values = pl.Series("x", [f"p{n}.{n * 7}@web.de" for n in np.random.default_rng(0).permutation(500)])
    assert [(one.kind.value, one.count) for one in personal_in("x", values)] == [("email", 500)]
