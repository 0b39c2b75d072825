"""Walking through trees gives what Python's own way gives."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from aisecops.codebase.syntax.walking import blocks, children, walk, walk_statements

_LEFT_OUT = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.type_ignore)
_EVERYTHING = """
import a.b as c, d
from e import f as g
async def h(x: int, /, y=1, *z, k, w=2, **v) -> None:
    global q
    async with a as b, c:
        async for i in j: await k
        else: pass
    return [m async for m in n if o] + [*p] + [{**r, "s": t}, {u for u in v}, {w: x for w, x in y}]
@decorated(by=1)
class K(L, metaclass=M):
    n: int = 0
    def o(self):
        nonlocal_ = lambda a, *b, c=1, **d: (yield)
        yield from nonlocal_
        assert a < b <= c not in d, f"{e!r:>{width}} and {f}"
        del a.b, c[1:2, ...]
        try: raise E from e
        except (A, B) as error: pass
        else: x += -y if not z and w or v else u @ t
        finally: (walrus := 1)
        while True: break
        for i in range(3): continue
        match value:
            case {"a": 1, **rest} | [1, *others] | K(x=1) | None | (2 as two): pass
            case _ if guard: pass
try: pass
except* OSError: pass
"""


def kept(nodes: object) -> list[ast.AST]:
    return [node for node in nodes if not isinstance(node, _LEFT_OUT)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [_EVERYTHING, Path(ast.__file__).read_text(), Path(subprocess.__file__).read_text(), ""])
def test_the_nodes_and_their_order_are_those_of_python(text):
    tree = ast.parse(text)
    found = walk(tree)
    assert found == kept(ast.walk(tree))
    for node in found:
        assert children(node) == kept(ast.iter_child_nodes(node))


@pytest.mark.parametrize("text", [_EVERYTHING, Path(ast.__file__).read_text(), ""])
def test_statements_come_in_the_order_of_all_nodes(text):
    tree = ast.parse(text)
    found = [node for node in walk(tree) if node is tree or isinstance(node, (ast.stmt, ast.excepthandler, ast.match_case))]
    assert walk_statements(tree) == found
    for node in found:
        assert blocks(node) == [child for child in children(node) if child in found]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_syntax_of_later_versions():
    tree = ast.parse("type A[T: int, *U, **V] = list[T]\ndef f[T](x: T): pass\n")
    assert walk(tree) == kept(ast.walk(tree))
