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


def strip(tree: ast.Module) -> ast.Module:
    """Take the bodies of functions out of ``tree``, which is changed, and return it."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, _Function):
            if (node.end_lineno or 0) - node.lineno >= _SHORTEST:
                node.body = []
        elif isinstance(node, ast.ClassDef | ast.If | ast.Try | ast.With):
            todo += node.body
            todo += getattr(node, "orelse", ())
    return tree


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
