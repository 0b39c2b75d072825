"""What a file says to others: its text without what stands between statements, which is comments and blank lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from hashlib import sha256

from aisecops.codebase.syntax.source import PythonSource


def shape(source: PythonSource) -> bytes:
    """Return a digest that is the same for two files whose statements are; empty for a file that was not understood as a whole.

    Which lines they stand in does not matter. Comments inside of a function or another statement count as part of it: to find them would cost as much as to parse.
    """
    if source.parser != "ast" or source.gaps or "\r" in source.text.content:
        return b""
    content, starts = source.text.content, [*source.text.starts, len(source.text.content)]
    if "@\\\n" in content:
        return b""  # a decorator whose sign stands in another line
    said = [content[starts[first - 1] : starts[last]].rstrip("\n") for first, last in _lines(source.tree.body)]
    return sha256("\n".join(said).encode("utf-8", "backslashreplace")).digest()


def _lines(statements: list[ast.stmt]) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each statement; of a class, those of its head and of the statements in it."""
    for node in statements:
        first = _first(node)
        if isinstance(node, ast.ClassDef) and (inside := _first(node.body[0])) > first:
            yield first, inside - 1
            yield from _lines(node.body)
        else:
            yield first, node.end_lineno or node.lineno


def _first(node: ast.stmt) -> int:
    """The first line; that of the first decorator stands behind its ``@``, as a rule in the same line."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, decorators[0].lineno) if decorators else node.lineno
