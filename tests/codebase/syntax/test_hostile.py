"""Source that is made to harm whoever reads it: it costs little and is said to be unread."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.codebase.syntax import DEEPEST, read_python
from tests.bounded import bounded

COSTLY = {
    "brackets": "(" * 5000 + ")" * 5000,
    "lists": "x = " + "[" * 5000 + "]" * 5000,
    "minus": "-" * 100_000 + "1",
    "not": "not " * 100_000 + "1",
    "attributes": "a" + ".b" * 15_000,
    "calls": "a" + "()" * 15_000,
    "sum": "+".join("a" * 15_000),
    "elif": "if a:1\n" + "elif b:2\n" * 4_000,
    "lambdas": "lambda:" * 10_000 + "1",
    "conditions": "a if b else " * 10_000 + "c",
    "blocks": "".join(" " * depth + "if a:\n" for depth in range(1500)) + " " * 1500 + "pass",
    "functions": "".join(" " * depth + "def f():\n" for depth in range(99)) + " " * 99 + "pass",
    "open": "(" * 1_000_000,
    "quotes": "'" * 50_000,
    "statements": "a;" * 500_000,
    "numbers": "x = [" + "1," * 50_000 + "]",
    "f-string": "f'" + "{a}" * 20_000 + "'",
    "f-strings": 'f"{' * 2000,
    "words": "a " * 30_000,
    "for": "for a in b: " * 3_000,
    "at": "@a\n" * 5_000,
    "broken lines": "x = = 1\n" * 2_000,
    "digits": "x = " + "9" * 1_000_000,
    "hash": "x = 1 #" + "#" * 1_000_000,
    "text": "x = '" + "a" * 1_000_000 + "'",
    "continued": "x = 1\n" + "\\\n" * 200_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_the_time_is_bounded_and_the_tree_is_flat(name):
    with bounded():
        source = read_python(COSTLY[name].encode())
    assert depth(source.tree) <= 2 * DEEPEST + 10
    assert source.gaps or source.tree.body


def depth(tree: ast.AST) -> int:
    level, nodes = 0, [tree]
    while nodes:
        nodes = [child for node in nodes for child in ast.iter_child_nodes(node)]
        level += 1
    return level


@pytest.mark.parametrize("name", ["attributes", "calls", "sum", "elif"])
def test_long_chains_lose_nothing(name):
    source = read_python(COSTLY[name].encode())
    assert source.gaps == ()
    kinds = {"attributes": ast.Attribute, "calls": ast.Call, "sum": ast.BinOp, "elif": ast.Expr}
    expected = {"attributes": 15_000, "calls": 15_000, "sum": 14_999, "elif": 7_942}[name]
    assert sum(isinstance(node, kinds[name]) for node in ast.walk(source.tree)) == pytest.approx(expected, abs=1)


def test_flattened_chains_still_mean_the_same():
    source = read_python(("x = a" + "".join(f".f{number}(b{number})" for number in range(200))).encode())
    made: dict[str, ast.expr] = {}
    for statement in source.tree.body:
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.targets[0], ast.Name)
        made[statement.targets[0].id] = statement.value
    names = []
    node = made["x"]
    while not (isinstance(node, ast.Name) and node.id == "a"):
        if isinstance(node, ast.Name):
            node = made[node.id]
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            assert isinstance(node, ast.Attribute)
            names.append(node.attr)
            node = node.value
    assert names == [f"f{number}" for number in reversed(range(200))]


ORDINARY = """
import os

@app.route("/")
class A(B, metaclass=C):
    def f(self, x, *, y=os.environ["A_LONG_NAME"].lower().strip()[1:-1] + str(a - b * c / d) + f"{x + y * (z - 1)}") -> None:
        try:
            return os.system(f"cmd {x}") if x and y or not z else None
        except (E, F) as error:
            raise G(a.b.c.d.e(f.g.h(i.j.k(l.m.n(o.p.q(r.s.t(u.v.w(1 + 2 - 3 * 4 / 5 % 6 ** 7 // 8)))))))) from error
"""


def test_ordinary_trees_are_left_alone():
    assert ast.dump(read_python(ORDINARY.encode()).tree) == ast.dump(ast.parse(ORDINARY))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data):
    read_python(data)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="()[]{}:,.=+-*'\"\\\n\t abf01#@!`<>;_é", max_size=120))
def test_any_text_is_survived_and_the_tree_is_whole(text):
    source = read_python(text.encode())
    compile(ast.fix_missing_locations(source.tree), "<tree>", "exec", flags=ast.PyCF_ONLY_AST)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.stmt | ast.expr):
            assert 1 <= node.lineno <= text.count("\n") + 2
    assert source.tree.body or source.gaps or not text.strip("\\\n\t ;") or "#" in text
