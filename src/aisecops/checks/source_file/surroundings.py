"""What stands around a call: its function, what its names are made of, which file it opens.

The engine says what reaches a call. Whether a file was compared with a known digest before, or was written by the same function, stands in the statements around it;
these are read here as text, within one function: names are what they were assigned anywhere in it.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from aisecops.codebase.dataflow.program import Module
from aisecops.codebase.syntax.walking import children, walk

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_BUILTINS = frozenset(dir(builtins)) | {"self", "cls"}
_MOST_STATEMENTS = 4000
_OPENERS = frozenset(
    ("open", "Path", "BytesIO", "BufferedReader", "PosixPath", "str", "GzipFile", "memoryview", "bytes", "bytearray", "fspath", "abspath", "realpath")
)
_READERS = frozenset(("open", "read", "read_bytes", "resolve", "absolute", "expanduser", "read_text", "as_posix", "getvalue", "getbuffer", "encode"))


class Scope:
    """A function, or the top of a module."""

    def __init__(self, node: FunctionNode | ast.Module) -> None:
        self.node = node
        self.statements: list[ast.stmt] = list(_statements(node))[:_MOST_STATEMENTS]
        self._made: dict[int, frozenset[str]] = {}

    @cached_property
    def sources(self) -> dict[str, list[ast.expr]]:
        """Name to the expressions that it was made of."""
        found: dict[str, list[ast.expr]] = defaultdict(list)
        for statement in self.statements:
            for name, value in _bindings(statement):
                found[name].append(value)
        return found

    @cached_property
    def calls(self) -> dict[tuple[int, int], ast.Call]:
        """The calls by line and column (from 1); of two that begin at one place, the outer one."""
        found: dict[tuple[int, int], ast.Call] = {}
        for part in walk(self.node):
            if isinstance(part, ast.Call):
                found.setdefault((part.lineno, part.col_offset + 1), part)
        return found

    def made_of(self, node: ast.AST, depth: int = 6) -> frozenset[str]:
        """The names and texts that ``node`` depends on, however far back; those that everything depends on (modules, functions) left out."""
        if id(node) in self._made:
            return self._made[id(node)]
        seen: set[str] = set()
        todo = [(node, depth)]
        while todo:
            part, left = todo.pop()
            for name in _names(part) - seen:
                seen.add(name)
                if left:
                    todo += [(value, left - 1) for value in self.sources.get(name, ())[:8]]
        result = self._made[id(node)] = frozenset(seen)
        return result

    def file_of(self, node: ast.expr | None, depth: int = 6) -> ast.expr | None:
        """The expression for the path of the file that ``node`` reads or is: ``path`` of ``open(path, "rb")``; None if there is none."""
        if node is None or not depth:
            return node
        if isinstance(node, ast.Name):
            values = self.sources.get(node.id, ())
            opened = [value for value in values if _opened(value) is not None]
            return self.file_of(opened[0], depth - 1) if opened and len(values) <= 4 else node
        inner = _opened(node)
        return self.file_of(inner, depth - 1) if inner is not None else node


class Surroundings:
    """The scopes of one module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._scopes: dict[str, Scope] = {}

    def scope(self, qualname: str) -> Scope:
        """The function with this name, or the top of the module."""
        if qualname not in self._scopes:
            node = next((f.node for f in self._module.functions if f.qualname == qualname and isinstance(f.node, FunctionNode)), None)
            self._scopes[qualname] = Scope(node if node is not None else self._module.tree)
        return self._scopes[qualname]

    @cached_property
    def functions(self) -> dict[str, Scope]:
        """The functions and methods of the module, by their last name."""
        return {f.name: self.scope(f.qualname) for f in self._module.functions if isinstance(f.node, FunctionNode)}


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement of a scope in the order of the text, not of those defined inside."""
    for child in children(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, (FunctionNode, ast.ClassDef, ast.Lambda, ast.expr)):
            yield from _statements(child)


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from ((name, statement.value) for name in _targets(target))
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)) and statement.value is not None:
        yield from ((name, statement.value) for name in _targets(statement.target))
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        yield from ((name, statement.iter) for name in _targets(statement.target))
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from ((name, item.context_expr) for name in _targets(item.optional_vars))
    heads = [value for _, value in ast.iter_fields(statement) if isinstance(value, ast.expr)]
    for head in heads:
        for part in walk(head):
            if isinstance(part, ast.NamedExpr):
                yield part.target.id, part.value
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):  # digest.update(chunk)
                yield from ((name, argument) for name in _targets(part.func.value) for argument in part.args)


def _targets(node: ast.expr) -> list[str]:
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for element in node.elts for name in _targets(element)]
    if isinstance(node, ast.Starred):
        return _targets(node.value)
    name = _dotted(node)
    return [name] if name else []


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    base = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{base}.{node.attr}" if base and isinstance(node, ast.Attribute) else ""


def _names(node: ast.AST) -> set[str]:
    """The names and longer texts in ``node``; of what is called, the receiver alone."""
    found: set[str] = set()
    todo: list[ast.AST] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Call):
            todo += [part.func.value] if isinstance(part.func, ast.Attribute) else []
            todo += [*part.args, *(keyword.value for keyword in part.keywords)]
        elif isinstance(part, (ast.Name, ast.Attribute)):
            name = _dotted(part)
            if name and name not in _BUILTINS:
                found.add(name)
            elif isinstance(part, ast.Attribute) and not name:
                todo.append(part.value)
        elif isinstance(part, ast.Constant):
            if isinstance(part.value, str) and len(part.value) > 3:
                found.add(repr(part.value))
        else:
            todo += children(part)
    return found


def _opened(node: ast.expr) -> ast.expr | None:
    """What ``open(x)``, ``x.open()``, ``Path(x).read_bytes()`` open."""
    if isinstance(node, ast.Await):
        return _opened(node.value)
    if not isinstance(node, ast.Call):
        return None
    name = last_name(node.func)
    if (
        isinstance(node.func, ast.Attribute)
        and name in _READERS
        and not (name == "open" and last_name(node.func.value) in ("gzip", "bz2", "lzma", "io", "fsspec", "os"))
    ):
        return node.func.value
    return node.args[0] if name in _OPENERS and node.args else None
