"""Texts that are put together: as much of them is known as their parts tell."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.values import List, Value
from aisecops.codebase.dependencies import NO_VERSIONS
from aisecops.knowledge.libraries import Libraries


class NoFiles:
    def exists(self, path: str) -> bool:
        return False

    def tree(self, path: str) -> ast.Module | None:
        return None


def value_of_x(text: str) -> Value:
    module = Program(NoFiles(), Libraries.of([]), lambda path: NO_VERSIONS).examine("example.py", ast.parse(text), NO_VERSIONS)
    return module.env["x"]


@pytest.mark.parametrize(
    ("source", "start"),
    [
        ("x = '%s:%d' % ('0.0.0.0', 80)", "0.0.0.0:80"),
        ("x = '[::]:%d' % port", "[::]:"),
        ("x = '%s' % 'a'", "a"),
        ("x = '%s:%s' % ('a', unknown())", "a:"),
    ],
)
def test_percent_fills_in_what_is_known(source: str, start: str) -> None:
    assert value_of_x(source).start == start


@pytest.mark.parametrize("source", ["x = '%s %s' % 'a'", "x = '%(a)s' % {'a': 'b'}", "x = '100%% %s' % 'a'"])
def test_what_percent_does_not_fill_plainly_stays_open(source: str) -> None:
    assert value_of_x(source).text is None


def test_a_known_text_splits_into_known_pieces() -> None:
    known = value_of_x("x = 'a,b'.split(',')").known
    assert isinstance(known, List)
    assert [piece.text for piece in known.items] == ["a", "b"]
