"""Trees without the bodies of functions: from the whole tree, from the outline of the text, and back to a single body."""

from __future__ import annotations

import argparse
import ast
import asyncio.base_events
import dataclasses
import inspect
import typing
from pathlib import Path

import pytest

from aisecops.codebase.syntax.reading import understood
from aisecops.codebase.syntax.skeleton import body, left_out, outline, outline_size, skeleton
from aisecops.codebase.syntax.walking import walk
from aisecops.codebase.text import Text

_AWKWARD = '''
class A:
\tdef tabs(self, x=(1,
\t\t2)) -> "B":  # a comment

\t\t"""Say "it".
at the edge
\t\t"""
\t\treturn """
no end """

    # outside

if True:
    @decorated
    async def inner(a,
                    b): return [
        a,
        b, "é",

    ]
    class B(A):
        def head_and_body_on_one_line(self): return (
            1,
            2,
            3,
        )
        def last(self):
            @other(
                1)
            def nested():
                pass
            return nested \\
                or 2
else:
    def otherwise():
        # nothing
        x = 1
        y = 2
        return x

def empty(): ...
'''


def shape(tree: ast.AST) -> str:
    """A dump with all places but the columns where nodes end: an outline ends sooner."""
    for node in ast.walk(tree):
        if hasattr(node, "end_col_offset"):
            node.end_col_offset = 0
    return ast.dump(tree, include_attributes=True)


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


TEXTS = [_AWKWARD, *(Path(inspect.getfile(module)).read_text() for module in (argparse, asyncio.base_events, dataclasses, inspect, typing)), "x = 1"]


@pytest.mark.parametrize("content", TEXTS)
def test_the_outline_has_the_skeleton_of_the_whole_text(content):
    text = Text(content)
    whole = understood(text)
    assert whole.parser == "ast"
    lacking = left_out(whole.tree)
    written = outline(content, lacking)
    again = understood(Text(written))
    assert len(written) <= len(content) and again.parser == "ast"
    assert abs(len(written) - outline_size(text, lacking)) <= 30 * len(lacking)
    assert shape(skeleton(again.tree)) == shape(skeleton(whole.tree))


@pytest.mark.parametrize("content", TEXTS[1:])
def test_a_body_that_was_left_out_can_be_read_again(content):
    text = Text(content)
    tree = understood(text).tree
    bare = {(node.lineno, node.name): node for node in functions(skeleton(tree))}
    stripped = 0
    for node in functions(tree):
        there = bare.get((node.lineno, node.name))
        if there is not None and not there.body:
            stripped += 1
            assert [ast.dump(statement) for statement in body(text, there)] == [ast.dump(statement) for statement in node.body]
    assert stripped or content == "x = 1"


def test_the_tree_itself_stays_whole():
    tree = ast.parse(TEXTS[1])
    before = ast.dump(tree)
    skeleton(tree)
    assert ast.dump(tree) == before
