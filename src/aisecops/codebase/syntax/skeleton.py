"""Syntax trees without the bodies of functions, which are read again when somebody wants one.

A tree takes about a kilobyte a line, nearly all of it inside functions. Of the modules that a file imports, a few functions matter: what is kept of the others is
where they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

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
    return [
        (_like(node, body=[]) if _is_long(node) else node)
        if isinstance(node, _FUNCTIONS)
        else _like(node, **{field: _without_bodies(block) for field, block in _blocks(node).items()})
        if isinstance(node, _BLOCKS)
        else node
        for node in statements
    ]


def _is_long(node: _Function) -> bool:
    return (node.end_lineno or 0) - node.lineno >= _SHORTEST


def _blocks(node: ast.ClassDef | ast.If | ast.Try | ast.With) -> dict[str, list[ast.stmt]]:
    return {"body": node.body, "orelse": node.orelse} if isinstance(node, (ast.If, ast.Try)) else {"body": node.body}


def _like(node: ast.stmt, **changed: list[ast.stmt]) -> ast.stmt:
    """Return a node that is like ``node`` but for what has ``changed``; ``copy.copy`` takes ten times as long."""
    made = type(node).__new__(type(node))
    vars(made).update(vars(node), **changed)
    return made


def functions_by_line(tree: ast.Module) -> dict[int, _Function]:
    """Return the functions whose bodies a skeleton of ``tree`` lacks, by the line of ``def``; the last one of a line."""
    return {node.lineno: node for node in _outer_functions(tree)}


def _outer_functions(tree: ast.Module) -> Iterator[_Function]:
    """Yield the functions of ``tree`` that stand in no other function."""
    todo = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, _BLOCKS):
            for block in _blocks(node).values():
                todo += block
        elif isinstance(node, _FUNCTIONS):
            yield node


def with_body(node: _Function, statements: list[ast.stmt]) -> _Function:
    """Return the function ``node`` with these ``statements``; the node itself, which others may hold, stays without."""
    made = _like(node, body=statements)
    assert isinstance(made, _Function)
    return made


def left_out(tree: ast.Module) -> list[int]:
    """Return which lines of the text of ``tree`` its outline lacks: of each body the line of ``def``, the first and the last one, one after the other."""
    found: list[int] = []
    for node in _outer_functions(tree):
        if first := body_line(node):
            found += (node.lineno, first, node.end_lineno or node.lineno)
    return found


def outline_size(text: Text, lacking: Sequence[int]) -> int:
    """Return about how many characters the outline of ``text`` has."""
    starts = [*text.starts, len(text.content)]
    return starts[-1] - sum(starts[last] - starts[first - 1] - (last - first) for first, last in zip(lacking[1::3], lacking[2::3], strict=True))


def outline(text: str, lacking: Sequence[int]) -> str:
    """Return what is left of ``text`` without the bodies of functions: its tree is, but for these, that of the whole text, and all lines keep their numbers.

    To parse that again costs a fraction of what the whole did. ``lacking`` is what ``left_out`` has said.
    """
    lines = text.split("\n")
    numbers = iter(lacking)
    for head, first, last in zip(numbers, numbers, numbers, strict=True):
        start = lines[head - 1]
        lines[first - 1 : last] = [""] * (last - first) + [start[: len(start) - len(start.lstrip())] + " 0"]
    return "\n".join(lines)


def body_line(node: _Function) -> int:
    """Return the line in which the body begins that the outline lacks; 0 where it lacks none."""
    return _first_line(node) if _is_long(node) else 0


def _first_line(node: _Function) -> int:
    """The first line of the body of ``node``; 0 if its head may reach into that line."""
    first = node.body[0]
    line = first.lineno
    for decorator in getattr(first, "decorator_list", ()):
        line = min(line, decorator.lineno)
    head = node.lineno
    for part in _parts_of(node.args):
        head = max(head, part.end_lineno or 0)
    if node.returns is not None:
        head = max(head, node.returns.end_lineno or 0)
    return line if line > head else 0


def _parts_of(arguments: ast.arguments) -> list[ast.arg | ast.expr]:
    named = (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
        *arguments.defaults,
        *arguments.kw_defaults,
    )
    return [part for part in named if part is not None]


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
