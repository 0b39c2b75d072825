"""A repaired point is valid, a valid one does not move: on flows with every kind of rule, and on domains made at random."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.datasets.domain import Change, Column, ColumnType, Domain, DomainError
from tests.datasets.flows import FLOWS, flows, kept

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, scale=st.sampled_from((0.1, 1.0, 30.0, 1e3, 1e6, 1e300)), spoilt=st.sampled_from((None, np.nan, np.inf, -np.inf)))
def test_what_is_repaired_is_valid_by_an_independent_judge(seed, scale, spoilt):
    r = np.random.default_rng(seed)
    origin = flows(60, seed)
    points = flows(60, seed + 1) + r.normal(size=origin.shape) * scale
    if spoilt is not None:
        points[r.random(points.shape) < 0.2] = spoilt
    given_points = points.copy()
    repaired = FLOWS.repair(points, origin)
    assert kept(repaired, origin).all()
    assert FLOWS.check(repaired, origin).valid.all()
    assert np.array_equal(FLOWS.repair(repaired, origin), repaired)
    assert np.array_equal(points, given_points, equal_nan=True)  # the argument is left alone


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_a_valid_point_does_not_move_and_the_judges_agree(seed):
    r = np.random.default_rng(seed)
    origin, points = flows(80, seed), flows(80, seed + 1)
    points[:, [9, 11]] = origin[:, [9, 11]]
    half = r.random(points.shape) < 0.02
    points = np.where(half, points + r.integers(-2, 3, points.shape), points)
    judged = kept(points, origin)
    assert np.array_equal(FLOWS.check(points, origin).valid, judged)
    assert np.array_equal(FLOWS.repair(points, origin)[judged], points[judged])


def test_repair_keeps_what_was_asked_for_where_it_can():
    origin = flows(500, 3)
    points = origin.copy()
    points[:, 2] += 1000.4  # more bytes in: the total and the rate follow, nothing else moves
    repaired = FLOWS.repair(points, origin)
    assert np.array_equal(repaired[:, 2], origin[:, 2] + 1000)
    assert np.array_equal(repaired[:, [0, 1, 3, 8, 11]], origin[:, [0, 1, 3, 8, 11]])
    assert np.array_equal(repaired[:, 4], origin[:, 4] + 1000)


def test_a_relation_is_met_by_the_nearest_point():
    domain = Domain(columns=(Column(name="a", low=0, high=10), Column(name="b", low=0, high=10)), relations=("a + b <= 10",))
    repaired = domain.repair(np.array([[9.0, 7.0]]), np.array([[1.0, 1.0]]))
    assert repaired == pytest.approx(np.array([[6.0, 4.0]]), abs=1e-6)


def test_an_immutable_derived_column_holds_its_sources_together():
    total = Column(name="total", type=ColumnType.INTEGER, formula="a + b", change=Change.IMMUTABLE)
    parts = (Column(name="a", type=ColumnType.INTEGER, low=0, high=100), Column(name="b", type=ColumnType.INTEGER, low=0, high=100))
    domain = Domain(columns=(*parts, total))
    repaired = domain.repair(np.array([[31.0, 30.0, 0.0]]), np.array([[10.0, 30.0, 40.0]]))
    assert repaired[0, 2] == 40 and repaired[0, 0] + repaired[0, 1] == 40
    assert repaired[0, 0] > 10  # the move survives in part


def test_bounds_relative_to_the_row_and_one_way_columns():
    domain = Domain(
        columns=(
            Column(name="age", low=0, high=100, up="20%", down=1),
            Column(name="seen", type=ColumnType.INTEGER, low=0, high=9, change=Change.DECREASE),
        )
    )
    repaired = domain.repair(np.array([[90.0, 8.0], [0.0, 2.4]]), np.array([[50.0, 5.0], [50.0, 5.0]]))
    assert repaired.tolist() == [[60.0, 5.0], [49.0, 2.0]]


def test_categories_conditions_and_missing_values():
    domain = Domain(
        columns=(
            Column(name="service", type=ColumnType.CATEGORY, categories=("dns", "http", "ssh")),
            Column(name="port", type=ColumnType.INTEGER, low=0, high=65535),
            Column(name="age", low=0, high=1, missing=True),
        ),
        relations=('if service == "ssh" then port == 22',),
    )
    origin = np.array([[0.0, 53.0, np.nan], [1.0, 80.0, 0.5]])
    repaired = domain.repair(np.array([[2.2, 53.0, 0.7], [1.4, 443.0, np.nan]]), origin)
    assert np.array_equal(repaired, [[2.0, 22.0, np.nan], [1.0, 443.0, 0.5]], equal_nan=True)
    assert domain.check(np.array([[2.0, 80.0, 0.5]])).of(0) == ('if service == "ssh" then port == 22',)


def test_an_origin_outside_the_domain_keeps_what_it_has():
    domain = Domain(columns=(Column(name="n", type=ColumnType.INTEGER, low=0, high=5), Column(name="x", low=0, high=1)))
    origin = np.array([[7.5, 3.0]])
    assert not domain.check(origin).valid[0]
    assert domain.check(np.array([[7.5, 0.5]]), origin).valid[0]
    assert domain.repair(np.array([[7.5, 9.0]]), origin).tolist() == [[7.5, 3.0]]


def test_violations_are_named():
    origin = flows(4, 1)
    points = origin.copy()
    points[0, 1] = 1.5
    points[1, 5:8] = (1, 1, 0)
    points[2, 4] += 3
    points[3, 9] = 1 - points[3, 9]
    found = FLOWS.check(points, origin)
    assert found.of(0)[0] == "packets: whole number"
    assert "proto: one-hot" in found.of(1)
    assert found.of(2)[0] == "total: formula"
    assert "known: immutable" in found.of(3)


def test_cost_prices_changes_by_range_unit_and_group():
    domain = Domain(
        columns=(
            Column(name="x", low=0, high=200),
            Column(name="n", type=ColumnType.INTEGER, low=0, high=10, cost=3, fixed_cost=1),
            Column(name="a", type=ColumnType.BOOLEAN, group="g"),
            Column(name="b", type=ColumnType.BOOLEAN, group="g"),
            Column(name="twice", formula="2 * x"),
        )
    )
    origin = np.array([[0.0, 0.0, 1.0, 0.0, 0.0]])
    cost = [domain.cost(np.array([row]), origin)[0] for row in ([50.0, 0, 1, 0, 100], [0, 2.0, 1, 0, 0], [0, 0, 0, 1.0, 0], [0, 0, 1.0, 0, 0])]
    assert cost == [0.25, 7.0, 1.0, 0.0]


def test_personal_values_are_masked_in_what_reports_show():
    domain = Domain(
        columns=(Column(name="income", low=0, high=1e6, personal=True), Column(name="kind", type=ColumnType.CATEGORY, categories=("a", "b")))
    )
    first, second = domain.changes(np.array([3.0, 1.0]), np.array([2.0, 0.0]))
    assert (first.before, first.after) == ("(personal)", "(personal)")
    assert (second.before, second.after) == ("a", "b")


def test_a_space_needs_bounds_or_data():
    domain = Domain(columns=(Column(name="x"), Column(name="y", low=0, high=1)))
    with pytest.raises(DomainError, match=r"no low for x; give each column low and high, or take them from data"):
        _ = domain.low
    fitted = domain.bounded(np.array([[3.0, 0.5], [7.0, 0.1]]))
    assert fitted.low.tolist() == [3.0, 0.0] and fitted.high.tolist() == [7.0, 1.0]
    assert fitted.plain and not FLOWS.plain


def test_points_of_another_width_are_refused():
    with pytest.raises(DomainError, match="the domain has 12 columns, the points are 3x4"):
        FLOWS.repair(np.zeros((3, 4)), np.zeros((3, 4)))


numbers = st.integers(-5, 5)
terms = st.sampled_from(("c0", "c1", "c2", "c3", "2 * c0", "c0 + c1", "c1 - c2", "max(c0, c2)", "c0 * c1", "abs(c3)", "3", "c2 / c1", "d"))


@st.composite
def domains(draw):
    kinds = [draw(st.sampled_from((ColumnType.REAL, ColumnType.INTEGER, ColumnType.BOOLEAN))) for _ in range(4)]
    ways = [draw(st.sampled_from(tuple(Change))) for _ in range(4)]
    columns = tuple(Column(name=f"c{i}", type=kind, low=-20, high=20, change=way) for i, (kind, way) in enumerate(zip(kinds, ways, strict=True)))
    sign = st.sampled_from(("<=", "<", ">=", ">", "==", "!="))
    relations = [f"{draw(terms)} {draw(sign)} {draw(terms)}" for _ in range(draw(st.integers(0, 3)))]
    relations += [
        f"if {draw(terms)} {draw(sign)} {draw(numbers)} then {draw(terms)} {draw(sign)} {draw(terms)}" for _ in range(draw(st.integers(0, 2)))
    ]
    derived = Column(name="d", formula=draw(st.sampled_from(("c0 + c1", "c0 * c2", "c0 / c1", "sqrt(c2)", "min(c0, c3) - 1"))), low=-100, high=100)
    return Domain(columns=(*columns, derived), relations=tuple(relations))


@settings(max_examples=150, deadline=None)
@given(domain=domains(), seed=seeds)
def test_any_domain_any_point(domain, seed):
    r = np.random.default_rng(seed)
    origin = np.round(r.uniform(-6, 6, (40, 5)))
    boolean = [column.type == ColumnType.BOOLEAN for column in domain.columns]
    origin[:, boolean] = np.abs(origin[:, boolean]) % 2
    with np.errstate(all="ignore"):
        domain.rules.derive(origin, np.full_like(origin, 0.5))
    origin = origin[np.isfinite(origin).all(axis=1)]
    points = origin + r.normal(size=origin.shape) * 10
    repaired = domain.repair(points, origin)
    valid = domain.check(origin, origin).valid
    now = domain.check(repaired, origin).valid
    assert now[valid].all()
    assert np.all(now | np.all(repaired == origin, axis=1))
    assert np.array_equal(domain.repair(repaired, origin), repaired)
    assert np.array_equal(domain.repair(origin, origin), origin)


def test_a_domain_survives_its_own_writing():
    assert msgspec.convert(msgspec.to_builtins(FLOWS), Domain) == FLOWS
