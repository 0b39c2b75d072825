"""Schemas that the real pandera writes are held to as pandera itself holds data to them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from aisecops.datasets.pandera_rules import violations
from aisecops.datasets.pandera_schema import SchemaError, parse_schema
from aisecops.datasets.written import open_written
from tests.checks.data_set.tables import scanned, written

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandera.pandas as pa
    import pandera.polars as pp
    from pandera.io.pandas_io import to_json, to_yaml

SCHEMA = pa.DataFrameSchema({
    "id": pa.Column(int, [pa.Check.ge(0), pa.Check.ne(13)], unique=True),
    "age": pa.Column(float, [pa.Check.in_range(0, 99, include_max=False)], nullable=True),
    "name": pa.Column(str, [pa.Check.str_matches(r"[A-Z]\w+"), pa.Check.str_length(2, 6)]),
    "kind": pa.Column(str, [pa.Check.isin(["a", "b"]), pa.Check.notin(["c"])]),
    "code": pa.Column(str, [pa.Check.str_startswith("K"), pa.Check.str_endswith("1"), pa.Check.str_contains("[0-9]{2}")], nullable=True),
    "level": pa.Column(int, [pa.Check.isin([1, 2, 3]), pa.Check.lt(3), pa.Check.gt(1), pa.Check.le(9), pa.Check.eq(2)]),
    "ok": pa.Column(bool),
}, strict=True, unique=["name", "kind"])  # fmt: skip


def table(seed: int) -> pd.DataFrame:
    rng, n = np.random.default_rng(seed), 60
    return pd.DataFrame({
        "id": rng.integers(-2, 80, n),
        "age": np.where(rng.random(n) < 0.1, np.nan, rng.integers(-5, 110, n)),
        "name": rng.choice(["Anna", "otto", "Al", "B", "Maximilian", "Eva", "Ines"], n),
        "kind": rng.choice(["a", "b", "c"], n),
        "code": rng.choice(["K01", "K11", "J11", "K1", "K-1", None], n),
        "level": rng.integers(1, 5, n),
        "ok": rng.random(n) < 0.5,
    })  # fmt: skip


def pandera_says(frame: pd.DataFrame) -> set[tuple[str, int]]:
    """Cells that pandera calls wrong, those of rows that repeat others aside: it names all of them, we the second and later."""
    try:
        SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as wrong:
        cases = wrong.failure_cases
        cases = cases[~cases["check"].isin(["field_uniqueness", "multiple_fields_uniqueness"])]
        return {(str(column), int(row)) for column, row in zip(cases["column"], cases["index"], strict=True)}
    return set()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_cells_that_pandera_finds_are_found(tmp_path, seed, form):
    frame = table(seed)
    frame.to_csv(tmp_path / "a.csv", index=False)
    text = to_yaml(SCHEMA) if form == "yaml" else to_json(SCHEMA)
    schema = parse_schema(text, f"s.{form}")
    found, unchecked = violations(open_written(str(tmp_path / "a.csv")), schema)
    assert not unchecked
    assert {(one.column, row) for one in found if "repeats" not in one.why for row in one.rows} == pandera_says(frame)
    assert {one.column: set(one.rows) for one in found if "repeats" in one.why} == {
        "id": set(np.flatnonzero(frame["id"].duplicated())),
        "name, kind": set(np.flatnonzero(frame.duplicated(["name", "kind"]))),
    }


def test_polars_schemas_are_read_too_and_columns_are_counted():
    schema = pp.DataFrameSchema(
        {
            "x": pp.Column(pl.Int64, pp.Check.in_range(0, 5)),
            "when": pp.Column(pl.Datetime("us")),
            "gone": pp.Column(pl.String),
            "maybe": pp.Column(pl.String, required=False),
            r"f_\d": pp.Column(pl.Float64, pp.Check.lt(1), regex=True),
        },
        strict=True,
        ordered=True,
    )
    frame = pl.LazyFrame({"when": ["2024-01-01", "soon"], "x": ["1", "6"], "f_1": [0.5, 2.0], "more": [1, 2]})
    found, unchecked = violations(frame, parse_schema(schema.to_yaml(), "s.yaml"))
    said = {(one.column, one.why, tuple(one.rows)) for one in found}
    assert not unchecked
    assert said == {
        ("x", "is above 5", (1,)),
        ("when", "is no Datetime(time_unit='us', time_zone=None)", (1,)),
        ("gone", "is not there", ()),
        ("f_1", "is not below 1", (1,)),
        ("more", "is not in the schema, which is strict", ()),
        ("", "the columns stand in another order than in the schema", ()),
    }


OLDER = """
schema_type: dataframe
version: 0.13.0
columns:
  x:
    dtype: int64
    checks:
      greater_than_or_equal_to: 3
      in_range: {min_value: 0, max_value: 9}
  y:
    dtype: float64
    checks:
    - value: 2
      options: {check_name: less_than, raise_warning: false}
"""


def test_the_older_forms_are_read():
    found, unchecked = violations(pl.LazyFrame({"x": [1, 5], "y": [1.0, 2.0]}), parse_schema(OLDER, "s.yaml"))
    assert not unchecked and {(one.column, tuple(one.rows)) for one in found} == {("x", (0,)), ("y", (1,))}


def test_what_is_not_known_is_told_and_never_passes():
    own = pa.DataFrameSchema({"x": pa.Column(int, pa.Check(lambda cell: cell > 0, name="own"))})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = to_yaml(own)
    assert [one.rule for one in violations(pl.LazyFrame({"x": [1]}), parse_schema(text, "s.yaml"))[1]] == ["a check that is a Python function"]
    more = (
        "columns:\n  x: {dtype: 'complex128', is_prime: true, str_matches: '(?=a)b', isin: 5, in_range: {lowest: 1}}\nchecks: {wide: 1}\nparsers: 1\n"
    )
    rules = {one.rule for one in violations(pl.LazyFrame({"x": ["b"]}), parse_schema(more, "s.yaml"))[1]}
    assert rules == {"dtype complex128", "is_prime", "does not match the pattern", "isin", "in_range", "checks of whole rows", "parsers"}


@pytest.mark.parametrize("text", ["", "- 1", "columns: 3", "columns: {x: 1}", "columns: !!python/object:os.system {}", "a: &b 1"])
def test_what_is_no_schema_is_refused_in_a_line(text):
    with pytest.raises(SchemaError) as wrong:
        parse_schema(text, "s.yaml")
    assert "\n" not in str(wrong.value)


def test_a_schema_named_in_the_manifest_is_a_policy(tmp_path):
    written(tmp_path / "a.csv", {"x": [1, 2, 300, ""], "y": ["u", "v", "w", "u"]})
    schema = pa.DataFrameSchema({"x": pa.Column(int, pa.Check.le(9)), "y": pa.Column(str, pa.Check.isin(["u", "v"]))})
    (tmp_path / "schema.yaml").write_text(to_yaml(schema).replace("  y:\n", "  y:\n    is_odd: true\n"))
    (tmp_path / "aisecops.yaml").write_text("name: p\nassets:\n  - {path: a.csv, kind: data-set, schema: schema.yaml}\n")
    run = scanned(tmp_path, "data-set/quality")
    messages = sorted(finding.message for finding in run.findings if finding.title == "The schema is not kept")
    assert [message[:40] for message in messages] == [
        "`x` is above 9 in one row, row 2 (from 0",
        "`x` is missing in one row, row 3 (from 0",
        "`y` is no allowed value in one row, row ",
    ]
    assert {finding.category for finding in run.findings} == {"data-quality"}
    (gap,) = run.not_examined
    assert "`y`: is_odd (it is not known here)" in gap.reason
