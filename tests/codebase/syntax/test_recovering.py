"""What a file that is broken somewhere still says."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.syntax import read_python


def unparsed(text: str) -> str:
    return ast.unparse(read_python(text.encode()).tree)


def test_a_bracket_that_is_never_closed_costs_only_its_statement():
    source = read_python(
        b"import os\nx = foo(1,\n\ndef f(a):\n    return os.system(a)\n\nclass B:\n    y = (1\n    def g(self):\n        return eval(self.x)\n"
    )
    text = ast.unparse(source.tree)
    assert "def f(a):\n    return os.system(a)" in text
    assert "    def g(self):\n        return eval(self.x)" in text
    assert "foo(1)" in text
    call = next(node for node in ast.walk(source.tree) if isinstance(node, ast.Call) and ast.unparse(node) == "eval(self.x)")
    assert (call.lineno, call.col_offset, call.end_col_offset) == (10, 15, 27)
    assert [(gap.code, gap.first) for gap in source.gaps] == [("bad-input", 2), ("bad-input", 8)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("def f(x) -> None\n    return eval(x)\n", "eval(x)"),
        ("x = 'never closed\ny = eval(z)\n", "y = eval(z)"),
        ('x = """never closed\ny = eval(z)\ndef f():\n    return exec(a)\n', "exec(a)"),
        ("{% if x %}\nos.system(y)\n{% endif %}\n", "os.system(y)"),
        ("if x\n    os.system(y)\nelse:\n    eval(z)\n", "eval(z)"),
        ("  x = 1\n y = = eval(z)\n", "eval(z)"),
        ("f(eval(x)\n", "eval(x)"),
        ("<<<<<<< HEAD\nx = eval(1)\n=======\nx = eval(2)\n>>>>>>> other\n", "x = eval(2)"),
        ("exec open(f).read() in ns\nprint x\n", "exec(open(f).read(), ns)"),
        ("class A:\n    def f(self):\n        return = 1\n    def g(self):\n        return eval(x)\n", "    def g(self):\n        return eval(x)"),
        ("é = 1; ü = = eval(x)\n", "eval(x)"),
    ],
)
def test_what_is_sound_is_kept_and_the_rest_is_said(text, kept):
    source = read_python(text.encode())
    assert kept in ast.unparse(source.tree)
    assert source.gaps or "exec" in text


@pytest.mark.parametrize("text", ["def f[T](x: T): return x\n", "x = f'{a['b']}'\n", "print 'x'\n", "type X = int\n"])
def test_another_version_is_no_gap(text):
    source = read_python(text.encode())
    assert source.gaps == ()
    assert len(source.tree.body) == 1
