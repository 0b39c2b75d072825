"""A domain found in data: every row keeps it, what is known to hold is found, and what holds by chance is not."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from aisecops.core.yaml_text import parse_yaml
from aisecops.datasets.domain import Change, Column, ColumnType, Domain
from aisecops.datasets.domain.inference import infer
from aisecops.datasets.domain.rendering import domain_yaml
from aisecops.datasets.table import Table, TableColumn
from tests.datasets.flows import FLOWS, flows


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine, load_iris, load_digits])
def test_real_rows_keep_what_was_found_in_them(load):
    data = load()
    domain = infer(Table.of_matrix(data.data, data.feature_names))
    assert domain.check(data.data).valid.all()
    read = parse_yaml("domain:\n" + domain_yaml(domain, 2), dict[str, Domain], source="written")["domain"]
    assert read == domain
    r = np.random.default_rng(0)
    repaired = domain.repair(data.data + r.normal(size=data.data.shape) * data.data.std(axis=0), data.data)
    assert domain.check(repaired, data.data).valid.all()


def test_orders_that_are_meant_are_told_from_those_by_chance():
    cancer, wine = load_breast_cancer(), load_wine()
    found = infer(Table.of_matrix(cancer.data, cancer.feature_names)).relations
    assert {"`mean radius` <= `worst radius`", "`mean area` <= `worst area`", "`mean concave points` <= `worst concave points`"} <= set(found)
    assert infer(Table.of_matrix(wine.data, wine.feature_names)).relations == ()


def test_flows_give_back_their_types_sums_and_orders():
    names = tuple(name.replace("tcp", "proto_tcp").replace("udp", "proto_udp").replace("icmp", "proto_icmp") for name in FLOWS.names)
    rows = np.column_stack((flows(3_000, 0), np.full(3_000, 7.0)))
    domain = infer(Table.of_matrix(rows, (*names, "version")))
    columns = {column.name: column for column in domain.columns}
    assert columns["total"].formula == "in_bytes + out_bytes"
    assert {column.name for column in domain.columns if column.group == "proto"} == {"proto_tcp", "proto_udp", "proto_icmp"}
    assert (
        columns["duration"].type == ColumnType.REAL and columns["packets"].type == ColumnType.INTEGER and columns["known"].type == ColumnType.BOOLEAN
    )
    assert columns["known"].group == "" and columns["version"].change == Change.IMMUTABLE
    assert "syn <= packets" in domain.relations
    assert domain.check(rows).valid.all()


def test_few_rows_say_nothing_about_relations():
    rows = np.array([[1.0, 2.0, 3.0], [2.0, 5.0, 7.0], [4.0, 9.0, 13.0]])
    domain = infer(Table.of_matrix(rows))
    assert domain.relations == () and not any(column.formula for column in domain.columns)


def test_categories_missing_values_and_the_label():
    columns = (
        TableColumn(name="job", type=ColumnType.CATEGORY, values=np.array([0.0, 1, np.nan] * 20), categories=("baker", "clerk")),
        TableColumn(name="age", type=ColumnType.REAL, values=np.array([30.0, np.nan, 41] * 20)),
        TableColumn(name="lost", type=ColumnType.REAL, values=np.full(60, np.nan)),
        TableColumn(name="y", type=ColumnType.INTEGER, values=np.array([0.0, 1, 1] * 20)),
    )
    domain = infer(Table(columns=columns), target="y")
    assert domain.names == ("job", "age", "lost")
    job, age, lost = domain.columns
    assert job.categories == ("baker", "clerk") and job.missing
    assert (age.type, age.low, age.high, age.missing) == (ColumnType.INTEGER, 30, 41, True)
    assert lost.change == Change.IMMUTABLE
    assert domain.check(Table(columns=columns[:3]).matrix()).valid.all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 120))
def test_any_table_keeps_its_own_domain(seed, rows):
    r = np.random.default_rng(seed)
    kinds = (
        lambda: r.normal(size=rows),
        lambda: r.integers(-3, 30, rows),
        lambda: r.integers(0, 2, rows),
        lambda: np.where(r.random(rows) < 0.2, np.nan, r.integers(0, 9, rows)),
        lambda: np.full(rows, r.normal()),
    )
    values = [np.asarray(kinds[r.integers(len(kinds))](), dtype=float) for _ in range(6)]
    values += [values[0] + values[1], np.abs(values[2])]
    matrix = np.column_stack(values)
    domain = infer(Table.of_matrix(matrix))
    assert not list(domain.mistakes())
    assert domain.check(matrix).valid.all()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=12),
        min_size=1,
        max_size=4,
        unique=True,
    )
)
def test_written_names_are_read_back(names):
    domain = Domain(columns=tuple(Column(name=name, type=ColumnType.CATEGORY, categories=(name, f"{name}2")) for name in names))
    assert parse_yaml("domain:\n" + domain_yaml(domain, 4), dict[str, Domain], source="written")["domain"] == domain


def test_every_part_of_a_domain_is_written():
    assert (
        parse_yaml("domain:\n" + domain_yaml(msgspec.structs.replace(FLOWS, tolerance=1e-3), 2), dict[str, Domain], source="written")[
            "domain"
        ].tolerance
        == 1e-3
    )
    assert parse_yaml("domain:\n" + domain_yaml(FLOWS, 2), dict[str, Domain], source="written")["domain"] == FLOWS
