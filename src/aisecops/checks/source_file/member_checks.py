"""Whether a program looks at the names inside an archive before it unpacks them."""

from __future__ import annotations

import ast
import re

from aisecops.checks.source_file.surroundings import Scope, Surroundings, last_name
from aisecops.codebase.dataflow.program import Hit, Module
from aisecops.codebase.syntax.walking import walk

_CONTAINING = frozenset((
    "is_relative_to", "relative_to", "commonpath", "commonprefix", "safe_join", "secure_filename", "is_within_directory", "is_within", "inside", "is_safe_path",
))  # fmt: skip
"""Functions that tell whether a path stays inside a folder."""
_RESOLVING = frozenset(("resolve", "realpath", "abspath", "normpath"))
_SAFE_NAME = r"(?i)_*(is_|are_|has_|assert_|ensure_)?(path_|member_|name_|file_)?(safe|valid|sanit|within|inside|check|allow|secure|trusted|clean)\w*"
_LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)
_FILTERS = ("tarfile.data_filter", "tarfile.tar_filter")
_BY_HAND = ("data_filter", "tar_filter")
"""The same, called for one member after the other: they raise for a bad one."""


class MemberChecks:
    """Looks for tests of member names around the extractions of one module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._around = Surroundings(module)
        self._answered: dict[str, bool] = {}
        self._lines: dict[int, list[int]] = {}
        self._fallbacks: dict[int, list[ast.Try | ast.If]] = {}

    def filter_is_set(self) -> bool:
        """Whether the module makes a safe filter the default: ``tarfile.TarFile.extraction_filter = ...``."""
        for call in self._module.calls:
            if call.form == "assign" and call.path.endswith(".extraction_filter") and call.path.startswith("tarfile."):
                value = call.arguments.keywords.get("value")
                if value is not None and value.path in _FILTERS:
                    return True
        return False

    def is_fallback(self, hit: Hit) -> bool:
        """Whether ``hit`` is for Pythons that know no filter: it stands behind a failed attempt to extract with one."""
        scope = self._around.scope(hit.span.scope)
        if id(scope) not in self._fallbacks:
            self._fallbacks[id(scope)] = [part for part in scope.statements if isinstance(part, (ast.Try, ast.If)) and _any_filters(part.body)]
        for part in self._fallbacks[id(scope)]:
            others = part.handlers if isinstance(part, ast.Try) else part.orelse
            if any(_has_line(other, hit.span.line) for other in others):
                return True
        return False

    def guard(self, hit: Hit) -> bool:
        """Whether the function around ``hit`` refuses or passes over members whose names lead outside."""
        if hit.span.path != self._module.path:
            return False
        scope = self._around.scope(hit.span.scope)
        return any(line <= hit.span.line for line in self._tests(scope)) or self._by_members(scope, hit)

    def _tests(self, scope: Scope) -> list[int]:
        """The lines of statements that let no bad name pass."""
        if id(scope) not in self._lines:
            self._lines[id(scope)] = [statement.lineno for statement in scope.statements if self._holds(scope, statement)]
        return self._lines[id(scope)]

    def _holds(self, scope: Scope, statement: ast.stmt) -> bool:
        if isinstance(statement, (ast.If, ast.While)):
            used = _diverts(statement.body) or _diverts(statement.orelse) or _unpacks(statement.body)
            return used and self._looks(scope, statement.test)
        if isinstance(statement, ast.Assert):
            return self._looks(scope, statement.test)
        if isinstance(statement, ast.Expr):
            return isinstance(statement.value, ast.Call) and self._insists(statement.value)
        if isinstance(statement, ast.Assign) and any(
            isinstance(part, ast.Call) and last_name(part.func) in _BY_HAND for part in walk(statement.value)
        ):
            return True  # member = tarfile.data_filter(member, folder)
        return isinstance(statement, (ast.Assign, ast.Return, ast.For)) and self._filters(scope, statement)

    def _by_members(self, scope: Scope, hit: Hit) -> bool:
        """``extractall(folder, members=safe_members(tar))``."""
        call = scope.calls.get((hit.span.line, hit.span.column))
        given = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "members")] if call is not None else []
        for node in given:
            for made in (node, *(scope.sources.get(node.id, ()) if isinstance(node, ast.Name) else ())):
                if self._filters(scope, made) or any(self._answers(last_name(part.func)) for part in walk(made) if isinstance(part, ast.Call)):
                    return True
        return False

    def _filters(self, scope: Scope, node: ast.AST) -> bool:
        """A comprehension that keeps the members with harmless names."""
        generators = [g for part in walk(node) if isinstance(part, (ast.ListComp, ast.GeneratorExp, ast.SetComp)) for g in part.generators]
        return any(self._looks(scope, test) for generator in generators for test in generator.ifs)

    def _looks(self, scope: Scope, test: ast.expr) -> bool:
        """Whether ``test`` is about where a path leads."""
        for part in walk(test):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in ("..", "../", "/..", "..\\"):
                return True
            if isinstance(part, ast.Attribute) and part.attr == "parents":  # folder in target.parents
                return True
            if isinstance(part, ast.Call):
                name = last_name(part.func)
                if name in _CONTAINING or self._answers(name):
                    return True
                if name == "startswith" and self._resolves(scope, part):
                    return True
        return False

    def _resolves(self, scope: Scope, call: ast.Call) -> bool:
        """``os.path.realpath(target).startswith(base)``, with whatever names in between."""
        todo: list[tuple[ast.AST, int]] = [(call, 3)]
        while todo:
            node, depth = todo.pop()
            for part in walk(node):
                if isinstance(part, ast.Call):
                    name = last_name(part.func)
                    function = self._around.functions.get(name)
                    if name in _RESOLVING:
                        return True
                    if function is not None and depth:
                        todo += [(returned, 0) for returned in function.statements if isinstance(returned, ast.Return)]
                if isinstance(part, ast.Name) and depth:
                    todo += [(value, depth - 1) for value in scope.sources.get(part.id, ())[:4]]
        return False

    def _insists(self, call: ast.Call) -> bool:
        """A call that raises for a bad name."""
        name = last_name(call.func)
        return name == "relative_to" or (name in self._around.functions and self._answers(name))

    def _answers(self, name: str) -> bool:
        """Whether the function ``name`` looks at where paths lead; of one that cannot be read, its name tells."""
        function = self._around.functions.get(name)
        if function is None:
            return re.fullmatch(_SAFE_NAME, name) is not None and (
                "member" in name or "path" in name or "within" in name or "name" in name or "tar" in name
            )
        if name not in self._answered:
            self._answered[name] = False  # while it is asked: functions call each other
            self._answered[name] = any(
                self._looks(function, part) for part in walk(function.node) if isinstance(part, (ast.Compare, ast.Call, ast.BoolOp))
            )
        return self._answered[name]


def _diverts(body: list[ast.stmt]) -> bool:
    return any(isinstance(part, _LEAVING) for statement in body for part in walk(statement))


def _unpacks(body: list[ast.stmt]) -> bool:
    """Whether the branch does what is guarded: it extracts, writes, or keeps the member."""
    names = ("extract", "extractall", "append", "write", "write_bytes", "open", "copyfileobj", "mkdir", "makedirs", "add")
    return any(
        (isinstance(part, ast.Call) and last_name(part.func) in names) or isinstance(part, ast.Yield)
        for statement in body
        for part in walk(statement)
    )


def _any_filters(body: list[ast.stmt]) -> bool:
    return any(_filters(node) for statement in body for node in walk(statement))


def _filters(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in ("extractall", "extract") and any(k.arg == "filter" for k in node.keywords)


def _has_line(node: ast.AST, line: int) -> bool:
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0)
