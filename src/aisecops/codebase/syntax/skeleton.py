"""Syntax trees without the bodies of functions, which are read again when somebody wants one.

A tree takes about a kilobyte a line, nearly all of it inside functions. Of the modules that a file imports, a few functions matter: what is kept of the others is
where they stand.
"""

from __future__ import annotations

import ast

from aisecops.codebase.syntax.compiling import parsed
from aisecops.codebase.text import Text

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SHORTEST = 4
"""Lines of a function that is worth it."""


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.ClassDef, ast.If, ast.Try, ast.With)


def skeleton(tree: ast.Module) -> ast.Module:
    """Return ``tree`` without the bodies of its functions. The tree itself stays whole; everything outside of functions belongs to both."""
    return ast.Module(_without_bodies(tree.body), tree.type_ignores)


def _without_bodies(statements: list[ast.stmt]) -> list[ast.stmt]:
    return [_without_body(node) if isinstance(node, _FUNCTIONS) else _with_blocks(node) if isinstance(node, _BLOCKS) else node for node in statements]


def _without_body(node: _Function) -> ast.stmt:
    return _like(node, body=[]) if (node.end_lineno or 0) - node.lineno >= _SHORTEST else node


def _with_blocks(node: ast.ClassDef | ast.If | ast.Try | ast.With) -> ast.stmt:
    changed = {"body": _without_bodies(node.body)}
    if isinstance(node, (ast.If, ast.Try)):
        changed["orelse"] = _without_bodies(node.orelse)
    return _like(node, **changed)


def _like(node: ast.stmt, **changed: list[ast.stmt]) -> ast.stmt:
    """Return a node that is like ``node`` but for what has ``changed``; ``copy.copy`` takes ten times as long."""
    made = type(node).__new__(type(node))
    vars(made).update(vars(node), **changed)
    return made


def body(text: Text, node: _Function) -> list[ast.stmt]:
    """Return the statements of the function ``node`` of the file with this ``text``; none if they cannot be read again."""
    if node.body:
        return node.body
    starts = text.starts
    last = node.end_lineno or node.lineno
    written = text.content[starts[node.lineno - 1] : starts[last] if last < len(starts) else len(text.content)]
    indented = node.col_offset > 0
    blank = node.lineno - (2 if indented else 1)  # lines before it, so that its own have their numbers
    inside = parsed("\n" * blank + ("if 1:\n" if indented else "") + written)
    if inside is None or not inside.body:
        return []
    outer = inside.body[0]
    function = outer.body[0] if indented and isinstance(outer, ast.If) else outer
    return function.body if isinstance(function, _Function) else []
