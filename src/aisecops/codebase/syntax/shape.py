"""What a file says to others: its text without what stands between statements (comments and blank lines), and apart from that the bodies of its functions.

Most of those who import a file look at the bodies of few of its functions; what they rest on is the rest of it and these.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from hashlib import sha256

from aisecops.codebase.syntax.skeleton import left_out
from aisecops.codebase.syntax.source import PythonSource
from aisecops.core.depends import Shape, body_sum

_Lines = tuple[int, int]
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def shape(path: str, source: PythonSource, lines_of_bodies: dict[int, int] | None = None) -> bytes:
    """Return the shape (``aisecops.core.depends.Shape``) of the file at ``path``; empty for one that was not understood as a whole.

    ``lines_of_bodies`` says where the bodies of functions begin (``aisecops.codebase.syntax.skeleton.left_out``), by the line of ``def``, if that is known already.

    Which lines statements stand in does not matter. Comments inside of a function or another statement count as part of it: to find them would cost as much as
    to parse.
    """
    content = source.text.content
    if source.parser != "ast" or source.gaps or "\r" in content or "@\\\n" in content:  # the last: a decorator whose sign stands in another line
        return b""
    starts = [*source.text.starts, len(content)]
    if lines_of_bodies is None:
        lacking = left_out(source.tree)
        lines_of_bodies = dict(zip(lacking[::3], lacking[1::3], strict=True))
    outside: list[_Lines] = []
    bodies: list[tuple[int, bytes]] = []
    for cls, name, lines in _parts(source.tree.body, "", lines_of_bodies):
        if name:
            bodies.append((body_sum(path, cls, name), _digest([lines], content, starts)))
        else:
            outside.append(lines)
    return Shape.encoded(_digest(outside, content, starts), bodies)


def _digest(parts: Iterable[_Lines], content: str, starts: list[int]) -> bytes:
    said = "\n".join([content[starts[first - 1] : starts[last]].rstrip("\n") for first, last in parts])
    return sha256(said.encode("utf-8", "backslashreplace")).digest()


def _parts(statements: list[ast.stmt], cls: str, lines_of_bodies: dict[int, int]) -> Iterator[tuple[str, str, _Lines]]:
    """Yield the first and last line of each statement; of a class, of its head and of what is in it; of a function, of its head, and with its name of its body."""
    for node in statements:
        last = node.end_lineno or node.lineno
        if not isinstance(node, _DEFINITIONS):
            yield "", "", (node.lineno, last)
            continue
        first = _first(node)
        inside = _first(node.body[0]) if isinstance(node, ast.ClassDef) else lines_of_bodies.get(node.lineno, 0)
        if inside <= first:
            yield "", "", (first, last)
            continue
        yield "", "", (first, inside - 1)
        if isinstance(node, ast.ClassDef):
            yield from _parts(node.body, node.name, lines_of_bodies)
        else:
            yield cls, node.name, (inside, last)


def _first(node: ast.stmt) -> int:
    """The first line; that of the first decorator stands behind its ``@``, as a rule in the same line."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, decorators[0].lineno) if decorators else node.lineno
