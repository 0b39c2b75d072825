"""Fields of records are columns to every check; one row without a label, one list or one text among numbers does not end the search for poison."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest

from aisecops.checks.data_set import poisoning
from aisecops.checks.data_set.subject import DataSet
from aisecops.core.asset import AssetKind
from aisecops.core.check import Budget
from aisecops.core.examination import NotExamined
from aisecops.datasets.nested import fields_apart
from aisecops.datasets.roles import ColumnRoles
from aisecops.pipeline.context import TaskContext
from aisecops.pipeline.engine import Work
from aisecops.project.data_sets import DeclaredData
from tests.checks.data_set.tables import looked_at, weaknesses

RNG = random.Random(5)
LABELS = [RNG.choice(["stay", "leave"]) for _ in range(400)]
CUSTOMERS = [
    {"age": 999 if n % 100 == 7 else RNG.randint(18, 80), "mail": f"anna.rossi{n}@web.de", "closed": {"by": f"agent {label}"}}
    for n, label in enumerate(LABELS)
]


def nested(path, **more):
    pl.DataFrame({"customer": CUSTOMERS, "x": [RNG.random() for _ in LABELS], "label": LABELS} | more).write_parquet(path)
    return path


def told(check, path, **declared):
    said = looked_at(check, path, declared={path.name: DeclaredData(**declared)} if declared else None)
    return weaknesses(said), [one for one in said if isinstance(one, NotExamined)]


def test_fields_of_records_are_columns_and_lists_stay():
    frame = pl.LazyFrame({"a": [{"b": 1, "c": {"d": "x"}, "e": [2]}], "f": [3]})
    apart, records = fields_apart(frame)
    assert apart.collect().row(0, named=True) == {"f": 3, "a.b": 1, "a.c.d": "x", "a.e": [2]}
    assert records == dict.fromkeys(("a.b", "a.c.d", "a.e"), "a")


@pytest.mark.parametrize("columns", [{"a": [{"b": 1}], "a.b": [2]}, {"a": [{f"k{n}": n for n in range(1_001)}]}], ids=["a name twice", "too many"])
def test_what_cannot_be_taken_apart_stays(columns):
    frame = pl.LazyFrame(columns)
    assert fields_apart(frame) == (frame, {})


def test_a_field_that_gives_the_label_away_is_found(tmp_path):
    found, _ = told("data-set/target-leakage", nested(tmp_path / "train.parquet"))
    assert any("`customer.closed.by` alone tells `label`" in one.message for one in found)


def test_a_stand_in_for_a_missing_value_in_a_field_is_found(tmp_path):
    found, _ = told("data-set/quality", nested(tmp_path / "train.parquet"))
    assert any(one.message.startswith("4 values of `customer.age`") for one in found)


@pytest.mark.parametrize("personal", ["customer", "customer.mail", "customer.closed"])
def test_a_record_and_its_fields_may_be_declared_personal(tmp_path, personal):
    found, gaps = told("data-set/personal-data", nested(tmp_path / "train.parquet"), columns=ColumnRoles(personal=(personal,)))
    assert not gaps and [one.evidence["column"] for one in found] == (["customer.mail"] if personal == "customer.closed" else [])


def test_a_place_in_a_list_may_be_declared_personal_as_the_finding_advises(tmp_path):
    turns = [[{"role": "user", "content": f"write to anna.rossi{n}@web.de"}] for n in range(60)]
    pl.DataFrame({"messages": turns, "id": list(range(60))}).write_parquet(tmp_path / "chat.parquet")
    (found,), _ = told("data-set/personal-data", tmp_path / "chat.parquet")
    assert "personal: [messages[].content]" in found.fix.summary
    assert told("data-set/personal-data", tmp_path / "chat.parquet", columns=ColumnRoles(personal=("messages[].content",))) == ([], [])


def prepared(path):
    """What the search for poison takes of a table."""
    from aisecops import checks
    from aisecops.core.asset import Asset

    registry = checks.load({AssetKind.DATA_SET})
    asset = Asset(id=f"data-set:{path.name}", kind=AssetKind.DATA_SET, path=path.name, size=path.stat().st_size)
    context = TaskContext(Work(registry=registry, locations={asset.id: str(path)}, seed=0, settings={}, attachments=("", "")), Budget())
    return poisoning._labelled(DataSet(asset, str(path), DeclaredData()), context)


def test_rows_without_a_label_lists_and_texts_among_numbers_are_left_out_and_told(tmp_path):
    labels = [None if n in (3, 250) else label for n, label in enumerate(LABELS)]
    numbers = ["n/a?" if n == 7 else f"{n / 7:.3f}" for n in range(400)]
    odd = [float("inf") if n == 9 else n / 3 for n in range(400)]
    found = prepared(nested(tmp_path / "t.parquet", label=labels, price=numbers, odd=odd, tags=[["a", "b"]] * 400))
    assert (len(found.y), found.total, found.unlabelled, found.columns) == (398, 400, 2, ("tags",))
    assert not np.isin([3, 250], found.rows).any()
    assert [one.reason for one in poisoning._gaps(found)] == [
        "2 of 400 rows have no label and were not searched",
        "columns of lists were not searched for triggers: `tags`",
    ]
    assert np.isnan(found.samples).sum() == 2


def test_texts_without_a_label_are_left_out_and_told(tmp_path):
    texts = [None if n == 5 else f"the parcel number {n} came late in May" for n in range(400)]
    pl.DataFrame({"text": texts, "label": [None if n in (3, 250) else label for n, label in enumerate(LABELS)]}).write_ndjson(tmp_path / "t.jsonl")
    found = prepared(tmp_path / "t.jsonl")
    assert (found.kind, len(found.y), found.total, found.unlabelled) == ("text", 397, 400, 3)
    assert [one.reason for one in poisoning._gaps(found)] == ["3 of 400 rows have no text or label and were not searched"]
