"""The forgiving parser's trees are those of Python's own, wherever Python has one."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.codebase.syntax.lowering import Forgiving
from tests.codebase.syntax.corpus import alike, calls, files, readable

PARSER = Forgiving()


def lowered(text: str) -> ast.Module:
    found = PARSER.read(text.replace("\r\n", "\n")).lower()
    assert found.gaps == []
    return ast.Module(found.body, [])


def differing(count: int) -> tuple[list[str], int]:
    different = []
    number = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, text, tree in readable(files(count)):
            number += 1
            mine = ast.Module(PARSER.read(text.replace("\r\n", "\n")).lower().body, [])
            if alike(mine) != alike(tree) or calls(mine) != calls(tree):
                different.append(path.name)
    return different, number


@pytest.mark.slow
def test_the_standard_library_is_lowered_to_the_same_trees():
    different, number = differing(40)
    assert number > 35
    assert different == []


@pytest.mark.slow
def test_nearly_all_of_the_standard_library_is_lowered_to_the_same_trees():
    different, number = differing(300)
    assert len(different) <= number * 0.01, different


NAMES = st.sampled_from(["a", "b", "self", "print", "type", "match", "é"])
ATOMS = st.one_of(
    NAMES,
    st.sampled_from(
        [
            "1",
            "0x1f",
            "1_000",
            "1.5e3",
            "2j",
            "True",
            "None",
            "...",
            "'x'",
            '"""a\nb"""',
            r"b'\x00'",
            r"r'\d'",
            r"'\n\u20ac'",
            "'a' 'b'",
            "()",
            "[]",
            "{}",
        ]
    ),
)


def joined(parts: st.SearchStrategy[str], *forms: str) -> st.SearchStrategy[str]:
    return st.one_of(*[st.tuples(*[parts] * form.count("{}")).map(lambda found, form=form: form.format(*found)) for form in forms])


EXPRESSIONS = st.recursive(
    ATOMS,
    lambda parts: joined(
        parts,
        "({})",
        "({},)",
        "({}, {})",
        "[{}, *{}]",
        "{{{}: {}, **{}}}",
        "{{{}, {}}}",
        "({} + {})",
        "({} ** -{})",
        "({} and {} or not {})",
        "({} < {} is not {} not in {})",
        "({} if {} else {})",
        "(lambda x, *y, z={}, **k: {})",
        "({}).name",
        "({})[{}]",
        "({})[{}:{}, ::{}]",
        "f({}, *{}, k={}, **{})",
        "f(x for x in {} if {})",
        "[x async for x, y in {} for z in {}]",
        "{{x: {} for x in {}}}",
        "f'{{a}} {{b!r:>{{c}}}} {{{{ {{d=}}'",
        "f({})(x := {})",
        "(await {})",
        "(yield {})",
        "(yield from {})",
    ),
    max_leaves=12,
)
SIMPLE = joined(
    EXPRESSIONS,
    "{}",
    "x = y.z = {}",
    "x, *y[0] = {}, {}",
    "x: int = {}",
    "x.y: {}",
    "x += {}",
    "del x, y[{}]",
    "assert {}, {}",
    "raise {} from {}",
    "return {}, {}",
    "import a.b as c, d",
    "from . import (a as b, c,)",
    "from ..x.y import *",
    "global a, b",
    "pass",
)


def indented(block: str) -> str:
    return "\n".join("    " + line for line in block.split("\n")) if '"""' not in block else "    pass"


STATEMENTS = st.recursive(
    SIMPLE,
    lambda parts: st.one_of(
        st.tuples(parts, parts).map("\n".join),
        *[
            st.tuples(EXPRESSIONS, parts, parts).map(lambda found, form=form: form.format(found[0], indented(found[1]), indented(found[2])))
            for form in (
                "if {}:\n{}\nelif a:\n    pass\nelse:\n{}",
                "for x, y in {}:\n{}\nelse:\n{}",
                "while {}:\n{}\nelse:\n{}",
                "try:\n    {}\nexcept (A, B) as e:\n{}\nelse:\n    pass\nfinally:\n{}",
                "try:\n    {}\nexcept* A:\n{}\nexcept* B:\n{}",
                "with {} as x, a.b:\n{}\nif 1:\n{}",
                "@d({})\nasync def f(a, /, b: int = 1, *args: str, c, d=2, **kw) -> x:\n{}\n\n{}",
                "class C(B, metaclass={}):\n{}\n{}",
                "match {}:\n    case [1, -2, *_] | {{'k': v, **r}} if x:\n    {}\n    case P(a.b, c=3) as d:\n        pass\n    case _:\n    {}",
            )
        ],
    ),
    max_leaves=4,
)


@settings(max_examples=120, deadline=None)
@given(STATEMENTS)
def test_generated_programs_are_lowered_to_the_same_trees(text):
    text += "\n"
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    mine = lowered(text)
    assert alike(mine) == alike(tree)
    assert calls(mine) == calls(tree)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print 'a' % x, y\nprint", "print('a' % x, y)\nprint"),
        ("print >>f, x", "print(x, file=f)"),
        ("print ('a {}').format(x)", "print('a {}'.format(x))"),
        ("print ('a') % x", "print('a' % x)"),
        ("exec code in ns", "exec(code, ns)"),
        ("x = `y + 1`", "x = repr(y + 1)"),
        ("raise E, 'x'", "raise E('x')"),
        ("try:\n    a\nexcept E, e:\n    b", "try:\n    a\nexcept E as e:\n    b"),
        ("try:\n    a\nexcept A, B:\n    b", "try:\n    a\nexcept (A, B):\n    b"),
        ("x = 0777 + 0xFFL + 10L", "x = 511 + 255 + 10"),
        ("a <> b", "a != b"),
        (r"x = ur'\d' + u'é'", r"x = '\\d' + u'é'"),
        ("def f(a, (b, c)):\n    pass", "def f(a, .1):\n    b, c = .1\n    pass"),
        ("lambda (k, v): v", "lambda k, v: v"),
        ("def f[T: int, *U, **P](x: T) -> list[T]:\n    pass", "def f(x: T) -> list[T]:\n    pass"),
        ("class A[T](B[T]):\n    pass", "class A(B[T]):\n    pass"),
        ("type X[T] = list[T]", "X = list[T]"),
        ("type(x).y = 1", "type(x).y = 1"),
        ("f'{a['b']}'", "f\"{a['b']}\""),
        ("f'{f'{x}'}'", "f\"{f'{x}'}\""),
        ("f'{'\\n'.join(x)}'", "f'''{\"\"\"\n\"\"\".join(x)}'''"),
        ("def f[T = int](a: T):\n    pass", "def f(a: T):\n    pass"),
        ("f'{\n  f(x)  # why\n}'", "f'{f(x)}'"),
        ("f'{x:{y}}}}'", "f'{x:{y}}}}'"),
        (r"rf'\{x}\d'", r"rf'\{x}\d'"),
        ("try:\n    a\nexcept* A, B:\n    b", "try:\n    a\nexcept* (A, B):\n    b"),
        ("t'a {x!r} b'", "string.templatelib.Template('a ', string.templatelib.Interpolation(x), ' b')"),
    ],
)
def test_other_versions_of_python_are_expressed_by_this_one(text, expected):
    assert ast.unparse(lowered(text + "\n")) == normal(expected)


def normal(text: str) -> str:
    try:
        return ast.unparse(ast.parse(text))
    except SyntaxError:  # what this Python has no way to write: it is given as `unparse` writes it
        return text


def test_a_number_that_python_refuses_to_convert_is_none_of_our_concern():
    (statement,) = lowered("x = " + "9" * 5000 + "\n").body
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Constant)
