"""The language of formulas and relations: what it computes, and how it says no."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from aisecops.core.errors import ManifestError
from aisecops.core.yaml_text import parse_yaml
from aisecops.datasets.domain import Column, ColumnType, Domain, DomainError
from aisecops.datasets.domain.binding import Binder
from aisecops.datasets.domain.evaluation import dual, value
from aisecops.datasets.domain.formula import FormulaError, parse_formula, parse_relation

COLUMNS = (
    Column(name="a"),
    Column(name="b"),
    Column(name="in-bytes"),
    Column(name="proto", type=ColumnType.CATEGORY, categories=("tcp", "udp")),
    Column(name="service_dns", type=ColumnType.BOOLEAN, group="service"),
    Column(name="service_http", type=ColumnType.BOOLEAN, group="service"),
)
POINTS = np.array([[1.0, 2.0, 3.0, 0, 1, 0], [4.0, -5.0, 0.5, 1, 0, 1], [-1.5, 0.25, 7.0, 1, 0, 1]])


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + b", lambda a, b, c: a + b),
        ("a - b - `in-bytes`", lambda a, b, c: a - b - c),
        ("-a * b / `in-bytes` + 2e1", lambda a, b, c: -a * b / c + 20),
        ("2 * (a + --b) / 4", lambda a, b, c: 2 * (a + b) / 4),
        ("max(a, b, 0.5) + min(a, b)", lambda a, b, c: np.maximum(np.maximum(a, b), 0.5) + np.minimum(a, b)),
        ("abs(b) + sqrt(`in-bytes`) + log1p(abs(a))", lambda a, b, c: np.abs(b) + np.sqrt(c) + np.log1p(np.abs(a))),
        ("round(a) + floor(b) - ceil(`in-bytes`)", lambda a, b, c: np.rint(a) + np.floor(b) - np.ceil(c)),
        ("a / (b - b)", lambda a, b, c: a / (b - b)),
    ],
)
def test_formulas_compute_what_they_say(formula, expected):
    with np.errstate(all="ignore"):
        wanted = expected(*POINTS[:, :3].T)
    assert value(Binder(COLUMNS).formula(formula), POINTS) == pytest.approx(wanted)


@pytest.mark.parametrize(
    "formula", ["a * b", "a / b", "max(a, b) * 3", "sqrt(abs(a)) - b * b", "log1p(abs(b)) / `in-bytes`", "min(a, 2 * b) - abs(a - b)"]
)
def test_gradients_are_those_of_finite_differences(formula):
    term = Binder(COLUMNS).formula(formula)
    for column, slope in dual(term, POINTS, {}).gradient.items():
        step = np.zeros(POINTS.shape[1])
        step[column] = 1e-6
        assert (value(term, POINTS + step) - value(term, POINTS - step)) / 2e-6 == pytest.approx(slope, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("a <= b", [True, False, True]),
        ("0 < a <= 2", [True, False, False]),
        ("proto == udp", [False, True, True]),
        ('"udp" == proto', [False, True, True]),
        ("service != dns", [False, True, True]),
        ("service == service_http and a > 0", [False, True, False]),
        ("if proto == 'tcp' then b == 3", [False, True, True]),
        ("if service == http and b < 0 then a >= 5", [True, False, True]),
    ],
)
def test_relations_hold_where_they_say(relation, holds):
    domain = Domain(columns=COLUMNS, relations=(relation,))
    assert domain.check(POINTS).valid.tolist() == holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = b", r"`=` cannot be read at character 3; write == for equality"),
        ("a + b", r"a comparison is missing at character 6; write one of <= >= == != < > and the other side"),
        ("a <= c", r"there is no column `c` at character 6; name a column of the domain"),
        ("a <= in-bytes", r"there is no column `in` at character 6; .*backticks"),
        ("a <= (b", r"`\)` is missing at character 8"),
        ("a <= b b", r"`b` does not belong here at character 8"),
        ("a <= sum(b)", r"there is no function `sum` at character 6; there are max"),
        ("a <= sqrt(b, a)", r"`sqrt` takes 1, not 2 at character 6"),
        ("if a < b", r"`then` is missing at character 9"),
        ("proto < udp", r"categories have no order at character 7"),
        ("proto == icmp", r"`proto` has no category `icmp` at character 10; it has tcp, udp"),
        ("service == ssh", r"`service` has no category `ssh` at character 12; it has service_dns, service_http"),
        ("proto + 1 > 2", r"`proto` is a category, not a number at character 1"),
        ("service > 2", r"`service` is a one-hot group, not a number at character 1"),
        ("", r"it ends where a value belongs at character 1"),
        ("a ^ 2 < 3", r"`\^` cannot be read at character 3; write a product"),
        ("(" * 60 + "a", r"nested deeper than 40 levels"),
        ("a" + " + a" * 300 + " < 1", r"more than 200 operators"),
    ],
)
def test_mistakes_name_the_place_and_the_way_out(text, message):
    with pytest.raises(DomainError, match=message) as wrong:
        _ = Domain(columns=COLUMNS, relations=("a < 3", text)).rules
    assert wrong.value.where == "domain.relations[1]"
    assert "\n" not in str(wrong.value)


def test_a_formula_on_a_circle_is_refused():
    with pytest.raises(DomainError, match=r"domain.columns\[0\].formula: `x` follows from itself"):
        _ = Domain(columns=(Column(name="x", formula="y + 1"), Column(name="y", formula="2 * x"), Column(name="z"))).rules


class Holder(msgspec.Struct):
    domain: Domain


YAML = """\
domain:
  columns:
    - {name: a, type: integer, low: 0, high: 10, up: 20%}
    - {name: b, change: increase-only, fixed-cost: 2}
    - {name: c, formula: a + b}
  relations:
    - a <= b
"""


def read(text):
    def mistakes(holder):
        return (mistake._replace(path=("domain", *mistake.path)) for mistake in holder.domain.mistakes())

    return parse_yaml(text, Holder, source="aisecops.yaml", error=ManifestError, mistakes=mistakes)


def test_a_manifest_holds_a_domain():
    assert read(YAML).domain.columns[0].up == "20%"


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("a <= b", "a <= d", r"aisecops.yaml:7:7: relation `a <= d`: there is no column `d` at character 6"),
        ("formula: a + b", "formula: a +", r"aisecops.yaml:5:26: formula of `c`: it ends where a value belongs at character 4"),
        ("type: integer", "type: whole", r"aisecops.yaml:3:23: .*integer"),
        ("low: 0, high: 10", "low: 11, high: 10", r"aisecops.yaml:3:37: column `a`: low \(11\) is above high \(10\); swap them"),
        ("up: 20%", "up: lots", r"aisecops.yaml:3:54: column `a`: `lots` is neither an amount nor a share"),
        ("name: b", "name: a", r"aisecops.yaml:4:14: a column named `a`, again or empty"),
        ("fixed-cost: 2", "prize: 2", r"aisecops.yaml:4:40: .*prize"),
    ],
)
def test_a_manifest_says_where_its_domain_is_wrong(wrong, right, message):
    with pytest.raises(ManifestError, match=message):
        read(YAML.replace(wrong, right))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab(),<>=!+-*/ 0.1e`\"'ifthenandmax^\n\0é", max_size=60))
def test_no_text_gets_past_the_grammar_or_breaks_it(text):
    for parse in (parse_formula, parse_relation):
        try:
            parse(text)
        except FormulaError as wrong:
            assert 1 <= wrong.at <= len(text) + 1 and wrong.fix and "\n" not in str(wrong)


names = st.sampled_from(("a", "b", "`in-bytes`"))
expressions = st.recursive(
    names | st.floats(0, 1e6, allow_nan=False).map(lambda x: repr(float(f"{x:.6g}"))),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})") | inner.map(lambda x: f"-{x}"),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_arithmetic_is_pythons(text):
    a, b, c = POINTS[:, :3].T
    with np.errstate(all="ignore"):
        try:
            wanted = np.broadcast_to(
                np.asarray(eval(text.replace("`in-bytes`", "c"), {}, {"a": a, "b": b, "c": c}) if "a" in text or "b" in text else np.nan), 3
            )
        except ZeroDivisionError:
            reject()  # of two numbers that stand there: Python's raise, and ours are NaN or infinite, as those of columns
    got = value(Binder(COLUMNS).formula(text), POINTS)
    if "a" in text or "b" in text:
        assert got == pytest.approx(wanted, nan_ok=True)
