"""Trees that are too deep for whoever walks them by recursion, made flatter.

Python accepts 3,000 calls in a row or a thousand branches of ``elif``, and allows a thousand frames to whoever follows them. Generated code has such chains; an
attacker writes one to make an examination fail. What is too high of an expression is computed before it, into names of its own; blocks too deep follow each other.
"""

from __future__ import annotations

import ast
from typing import Any

from aisecops.codebase.syntax.source import Gap
from aisecops.codebase.syntax.walking import children
from aisecops.codebase.text import Text

DEEPEST = 60
"""Levels of an expression, and of statements. In 2,500 files of 40 packages none had more than 49 of both together."""
_SHORT = 80
"""Characters of source that nobody looks at closer: they are hardly higher than that."""
_LONG = 5_000
"""Characters of a line that may hold thousands of statements: none of them looks at all of it."""
_DEEPENING = b"([{.-~+*/%|&^@<>"
_NO_SIGN = bytes(sorted(set(range(256)) - set(_DEEPENING)))
_MANY = DEEPEST // 2
"""Signs of a statement that may be too high: each level of an expression needs a sign or word of a kind."""
_DEEPENING_WORDS = (b"not ", b"if ", b"lambda", b"await ")
_FLAT = frozenset((ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal))
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_WITH = (ast.With, ast.AsyncWith)
_TRY = (ast.Try, ast.TryStar)
_COMPOUND = frozenset((*_SCOPES, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match))
_LEAVES = (ast.stmt, ast.Constant, ast.Name, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_OWN_NAMES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_Block = tuple[list[ast.stmt], int]
"""Statements, and how deep they are nested."""
_REASON = "is nested too deeply to be followed"


def flatten(tree: ast.Module, text: Text) -> list[Gap]:
    """Change ``tree`` so that neither its statements nor its expressions are nested deeper than :data:`DEEPEST`; return what was lost.

    Parameters
    ----------
    tree : ast.Module
        The tree; it is changed.
    text : Text
        What it was made from.
    """
    content = text.content
    starts = [*text.starts, len(content), len(content)]
    gaps: list[Gap] = []
    stack: list[_Block] = [(tree.body, 1)]
    while stack:
        body, depth = stack.pop()
        if depth > DEEPEST and any(type(node) in _COMPOUND for node in body):
            body[:] = _one_after_the_other(body, gaps)
        many = {id(node) for node in _long(body, stack, depth + 1, content, starts) if _is_high(node)}
        if many:
            body[:] = [part for node in body for part in ((*_computed_before(node, gaps), node) if id(node) in many else (node,))]
    return gaps


def _signs(written: str) -> int:
    """Return how many signs and words stand in ``written`` that a level of an expression needs."""
    data = written.encode("utf-8", "replace")
    return len(data.translate(None, _NO_SIGN)) + sum(map(data.count, _DEEPENING_WORDS))


def _long(body: list[ast.stmt], stack: list[_Block], depth: int, content: str, starts: list[int]) -> list[ast.stmt]:
    """Return the statements that are long enough to be too high, and push the blocks of all.

    Every statement of a file comes by here: no calls that are not needed.
    """
    found: list[ast.stmt] = []
    for node in body:
        kind = type(node)
        if kind in _COMPOUND:
            first, last = _header(node, stack, depth)
        elif kind in _FLAT:
            continue
        else:
            first, last = node.lineno, node.end_lineno or node.lineno
            if first == last:
                if node.end_col_offset - node.col_offset <= _SHORT:  # type: ignore[operator]
                    continue
            elif kind is ast.Expr and type(node.value) is ast.Constant:  # type: ignore[attr-defined]
                continue
        length = starts[last] - starts[first - 1]
        if length > _SHORT and ((first == last and length > _LONG) or _signs(content[starts[first - 1] : starts[last]]) >= _MANY):
            found.append(node)
    return found


def _header(node: ast.stmt, stack: list[_Block], depth: int) -> tuple[int, int]:
    """Push the blocks of a compound statement, and return the lines of what stands around them (for ``match`` and ``try`` all of it)."""
    kind = type(node)
    if kind is ast.Match:
        stack += [(case.body, depth) for case in node.cases]  # type: ignore[attr-defined]
        return node.lineno, node.end_lineno or node.lineno
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    stack.append((body, depth))
    if kind in _SCOPES:
        decorators = node.decorator_list  # type: ignore[attr-defined]
        first = decorators[0].lineno if decorators else node.lineno
        return first, max(first, body[0].lineno - 1)
    if kind not in _WITH and (block := node.orelse):  # type: ignore[attr-defined]
        stack.append((block, depth))
    if kind in _TRY:
        handlers = node.handlers  # type: ignore[attr-defined]
        stack += [(handler.body, depth) for handler in handlers]
        stack.append((node.finalbody, depth))  # type: ignore[attr-defined]
        return (handlers[0].lineno, handlers[-1].body[0].lineno) if handlers else (1, 0)
    return node.lineno, max(node.lineno, body[0].lineno - 1)


def _is_high(statement: ast.stmt) -> bool:
    """Whether more than :data:`DEEPEST` nodes of ``statement`` hang below each other, its blocks left out."""
    level: list[ast.AST] = [statement]
    for _ in range(DEEPEST):
        level = [below for node in level for below in children(node) if not isinstance(below, _LEAVES)]
        if not level:
            return False
    return True


def _one_after_the_other(body: list[ast.stmt], gaps: list[Gap]) -> list[ast.stmt]:
    """Return the statements without blocks, as if all that they hold happened; definitions have to be left out."""
    found: list[ast.stmt] = []
    left = body[::-1]
    while left:
        node = left.pop()
        if type(node) not in _COMPOUND:
            found.append(node)
        elif isinstance(node, _SCOPES):
            gaps.append(Gap("truncated", _REASON, node.lineno, node.end_lineno or node.lineno))
            found.append(ast.copy_location(ast.Pass(), node))
        else:
            left += _parts(node)[::-1]
    return found


def _parts(node: ast.AST) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr) and name != "target":
            found.append(ast.copy_location(ast.Expr(value), value))
        elif isinstance(value, list):
            for part in value:
                if isinstance(part, ast.stmt):
                    found.append(part)
                elif isinstance(part, ast.withitem):
                    found.append(_bound(part))
                elif isinstance(part, (ast.ExceptHandler, ast.match_case)):
                    found += _parts(part)
    return found


def _bound(item: ast.withitem) -> ast.stmt:
    value = item.context_expr
    made = ast.Expr(value) if item.optional_vars is None else ast.Assign([item.optional_vars], value)
    return ast.copy_location(made, value)


class _Place:
    """A node in a statement: where it hangs, and how high it is."""

    __slots__ = ("field", "height", "index", "inner", "node", "parent")

    def __init__(self, node: ast.AST, parent: _Place | None, field: str, index: int) -> None:
        self.node = node
        self.parent = parent
        self.field = field
        self.index = index
        self.height = 0
        self.inner: bool = parent is not None and (parent.inner or isinstance(parent.node, _OWN_NAMES))
        """Whether it may use names that are not known before the statement."""

    def put(self, node: ast.AST) -> None:
        """Put another node into its place."""
        assert self.parent is not None
        if self.index < 0:
            setattr(self.parent.node, self.field, node)
        else:
            getattr(self.parent.node, self.field)[self.index] = node


def _computed_before(statement: ast.stmt, gaps: list[Gap]) -> list[ast.stmt]:
    """Take out of a statement what is too high, and return the assignments that compute it."""
    before: list[ast.stmt] = []
    for place in reversed(_places(statement)):
        height = place.height + 1
        node = place.node
        if height >= DEEPEST and place.parent is not None:
            if isinstance(node, ast.pattern):
                gaps.append(Gap("truncated", _REASON, node.lineno, node.end_lineno))
                place.put(ast.copy_location(ast.MatchAs(), node))
                height = 1
            elif _is_value(place):
                before.append(_taken_out(place, node, gaps, len(before)))
                height = 1
        if place.parent is not None:
            place.parent.height = max(place.parent.height, height)
    return before


def _places(statement: ast.stmt) -> list[_Place]:
    """Return the nodes of a statement, without those of its blocks, and without names and constants; each comes before what is below it."""
    places = [_Place(statement, None, "", -1)]
    for place in places:
        for field in place.node._fields:
            value: Any = getattr(place.node, field, None)
            if isinstance(value, list):
                places += [_Place(part, place, field, number) for number, part in enumerate(value) if _is_inner(part)]
            elif _is_inner(value):
                places.append(_Place(value, place, field, -1))
    return places


def _is_inner(value: object) -> bool:
    return isinstance(value, ast.AST) and not isinstance(value, _LEAVES)


def _is_value(place: _Place) -> bool:
    node = place.node
    if not isinstance(node, ast.expr) or isinstance(node, (ast.Starred, ast.Slice, ast.FormattedValue)) or place.field == "format_spec":
        return False
    return not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _taken_out(place: _Place, node: ast.AST, gaps: list[Gap], number: int) -> ast.stmt:
    assert isinstance(node, ast.expr)
    if place.inner:
        gaps.append(Gap("truncated", _REASON, node.lineno, node.end_lineno or node.lineno))
    name = f"<deep {number}>"
    place.put(ast.copy_location(ast.Name(name, ast.Load()), node))
    return ast.copy_location(ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), node)], node), node)
