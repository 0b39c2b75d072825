"""What an expression of a module is made of, however many names lie between, and when its code runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import cast

from aisecops.codebase.dataflow.program import Call, Class, Function, Module, Span
from aisecops.codebase.syntax.walking import children, walk, walk_statements

_DEPTH = 7
_MOST_PARTS = 3000
_MOST_VALUES = 8
_SETUPS = frozenset(("setuptools.setup", "distutils.core.setup"))
_STARTING = frozenset(("setup.py", "__init__.py", "sitecustomize.py", "usercustomize.py", "conftest.py"))
_MODEL_CODE = r"(modeling|configuration|tokenization|processing|image_processing|feature_extraction)_\w+\.py"
"""Files of model repositories that ``trust_remote_code`` imports."""
Definition = ast.FunctionDef | ast.AsyncFunctionDef
_HOOKED = (
    "setuptools.command.", "distutils.command.", "setuptools.Command", "setuptools._distutils.command.", "distutils.core.Command", "distutils.cmd.Command",
    "wheel.bdist_wheel.", "setuptools.build_meta.",
)  # fmt: skip


@lru_cache(maxsize=50_000)
def fits(pattern: str, path: str) -> bool:
    """Whether the access path ``path`` is one that ``pattern`` stands for from end to end; remembered, since a program calls the same things all the time."""
    return re.fullmatch(pattern, path) is not None


def slices_of(module: Module) -> Slices:
    """Return the slices of ``module``, which has been interpreted: one object for all that look at it, since they ask for the same values."""
    if module.slices is None:
        module.slices = Slices(module)
    return cast("Slices", module.slices)


class Slices:
    """The calls of a module, the values of its names, and which of its functions run by themselves."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.calls: list[Call] = [call for call in module.calls if call.form == "call" and isinstance(call.node, ast.Call)]
        self._values: dict[str, dict[str, list[ast.expr]]] = {}
        self.name = module.path.rpartition("/")[2]
        self.installs = self.name == "setup.py" or any(call.path in _SETUPS for call in self.calls)
        self.starts = self.name in _STARTING or self.name.endswith(".pth") or re.fullmatch(_MODEL_CODE, self.name) is not None
        """Whether the file is run by others: installed, or imported as a package."""

    @cached_property
    def by_itself(self) -> frozenset[str]:
        """Scopes whose code runs when the file is imported or installed: the top (empty), and functions by qualified name."""
        return frozenset(self._run_at_import()) | frozenset(self._hooks()) | frozenset(self._made_while_loading())

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Functions of the module by their own name; the first of several."""
        found: dict[str, Definition] = {}
        for node in self._inside.values():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.setdefault(node.name, node)
        return found

    @cached_property
    def _inside(self) -> dict[str, Definition | ast.Module]:
        functions = ((function.qualname, function.node) for function in self.module.functions)
        return {"": self.module.tree} | {name: node for name, node in functions if not isinstance(node, ast.Lambda)}

    @cached_property
    def _qualnames(self) -> dict[int, str]:
        return {id(node): name for name, node in self._inside.items()}

    @cached_property
    def _run_by(self) -> dict[str, list[Function]]:
        """Which functions a call of a name runs: those of this qualified name, and constructors of the class."""
        found: dict[str, list[Function]] = {}
        for function in self.module.functions:
            found.setdefault(function.qualname, []).append(function)
            cls, _, name = function.qualname.rpartition(".")
            if cls and name in ("__init__", "__new__"):
                found.setdefault(cls, []).append(function)
        return found

    @cached_property
    def _paths(self) -> dict[int, str]:
        return {id(call.node): call.path for call in self.calls}

    @cached_property
    def _fields(self) -> dict[str, list[ast.expr]]:
        """What attributes are assigned, anywhere in the module."""
        found: dict[str, list[ast.expr]] = {}
        for node in walk_statements(self.module.tree):
            for target, value in _bindings(node) if isinstance(node, (ast.Assign, ast.AnnAssign)) else ():
                if isinstance(target, ast.Attribute) and len(values := found.setdefault(target.attr, [])) < _MOST_VALUES:
                    values.append(value)
        return found

    def path(self, node: ast.AST) -> str:
        """The access path that the call ``node`` calls; empty if it is not known."""
        return self._paths.get(id(node), "")

    def span(self, node: ast.AST, scope: str = "") -> Span:
        """Where ``node`` stands."""
        return Span(self.module.path, node, scope)

    def parts(self, *nodes: ast.AST, scope: str) -> Iterator[ast.AST]:
        """Yield all nodes that ``nodes`` are made of within ``scope``: names are followed to what they were assigned, functions of the module to what they return."""
        todo: list[tuple[ast.AST, int, str]] = [(node, _DEPTH, scope) for node in nodes]
        seen: set[tuple[str, str]] = set()
        asked: set[int] = set()
        left = _MOST_PARTS
        while todo and left:
            node, depth, inside = todo.pop()
            left -= 1
            yield node
            todo += [(child, depth, inside) for child in children(node)]
            if (owner := _asked_for_one(node)) is not None:
                asked.add(id(owner))
            own = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("self", "cls")
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) and own else ""
            if name and depth and (name, inside) not in seen:
                seen.add((name, inside))
                values = self._fields.get(name, []) + self.values(name, "") if own else self.values(name, inside)
                todo += [(value, depth - 1, inside) for value in values if not (id(node) in asked and _is_environment(value))]
                if definition := self.definitions.get(name):
                    within = self._qualnames.get(id(definition), inside)
                    todo += [(s.value, depth - 1, within) for s in walk(definition) if isinstance(s, (ast.Return, ast.Yield)) and s.value is not None]

    def values(self, name: str, scope: str) -> list[ast.expr]:
        """What ``name`` is assigned in ``scope``, or outside of it."""
        return self._bound(scope).get(name) or self._bound("").get(name) or []

    def body(self, scope: str) -> ast.AST:
        """The function with this qualified name, or the module."""
        return self._inside.get(scope, self.module.tree)

    def _bound(self, scope: str) -> dict[str, list[ast.expr]]:
        if scope not in self._values:
            found = self._values[scope] = {}
            for statement in _own(self._inside.get(scope, self.module.tree)):
                if type(statement) not in _BINDING:
                    continue
                for target, value in _bindings(statement):
                    for name in _names(target):
                        if len(values := found.setdefault(name, [])) < _MOST_VALUES:
                            values.append(value)
        return self._values[scope]

    def _run_at_import(self) -> Iterator[str]:
        """The top, and the functions that it calls or hands on (to a thread, to ``atexit``), and those that these call."""
        yield ""
        todo = [name for statement in self.module.tree.body for name in _called(statement)]
        done: set[str] = set()
        while todo:
            name = todo.pop()
            if name in done:
                continue
            done.add(name)
            for function in self._run_by.get(name, ()):
                yield function.qualname
                todo += _called(function.node)

    def _made_while_loading(self) -> Iterator[str]:
        """Constructors in the code of a model repository: loading the model calls them."""
        if re.fullmatch(_MODEL_CODE, self.name):
            for cls in self.module.classes:
                if (method := cls.methods.get("__init__")) is not None:
                    yield method.qualname

    def _hooks(self) -> Iterator[str]:
        """Methods of commands that installing runs, and the functions that these call."""
        for cls in self.module.classes:
            if _is_hook(cls):
                for method in cls.methods.values():
                    yield method.qualname
                    yield from self._reached(method)

    def _reached(self, function: Function) -> Iterator[str]:
        todo = list(_called(function.node))
        done: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in done and (definition := self.definitions.get(name)) is not None:
                done.add(name)
                yield next(f.qualname for f in self.module.functions if f.node is definition)
                todo += _called(definition)


def _asked_for_one(node: ast.AST) -> ast.expr | None:
    """What ``node`` asks for one of its entries: ``env`` of ``env["A"]`` and ``env.get("A")``."""
    if isinstance(node, ast.Subscript):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop", "setdefault"):
        return node.func.value
    return None


def _is_environment(value: ast.expr) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == "environ" for part in walk(value))


def _names(target: ast.expr) -> Iterator[str]:
    todo: list[ast.AST] = [target]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, (ast.Tuple, ast.List, ast.Starred, ast.Subscript)):
            todo += [part.value] if isinstance(part, (ast.Starred, ast.Subscript)) else part.elts


def _is_hook(cls: Class) -> bool:
    return any(base.path.startswith(_HOOKED) for c in cls.lineage() for base in c.bases)


def _called(node: ast.AST) -> list[str]:
    """The names of functions that ``node`` calls or hands to a call; what it only defines, and what runs as a script, left out."""
    found: list[str] = []
    todo: list[ast.AST] = [node] if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else list(node.body)
    while todo:
        part = todo.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _is_main(part):
            continue
        if isinstance(part, ast.Call):
            given = (part.func, *part.args, *(keyword.value for keyword in part.keywords))
            found += [named.id for named in given if isinstance(named, ast.Name)]
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Name) and any(isinstance(target, ast.Attribute) for target in part.targets):
            found.append(part.value.id)  # builtins.__import__ = hook
        todo += children(part)
    return found


def _is_main(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
    )


def _own(node: Definition | ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, functions inside it left out."""
    todo: list[ast.AST] = list(node.body)
    while todo:
        part = todo.pop()
        yield part
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            todo += [child for child in children(part) if type(child) not in _NO_STATEMENTS]


def _held(target: ast.expr, iterated: ast.expr) -> ast.expr:
    """What of the ``target`` of a loop holds parts of what is ``iterated``: no keys and no numbers of ``d.items()`` and ``enumerate(x)``."""
    function = iterated.func if isinstance(iterated, ast.Call) else None
    name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    pair = isinstance(target, ast.Tuple) and len(target.elts) == 2
    return target.elts[1] if isinstance(target, ast.Tuple) and pair and name in ("items", "enumerate") else target


_NO_STATEMENTS = frozenset((
    ast.Name, ast.Constant, ast.keyword, ast.arg, ast.arguments, ast.comprehension, ast.alias, ast.MatchValue, ast.MatchSingleton, ast.MatchSequence, ast.MatchMapping,
    ast.MatchClass, ast.MatchStar, ast.MatchAs, ast.MatchOr,
))  # fmt: skip
"""What binds no name and holds nothing that is looked for here, or only what another part of the tree shows."""
_BINDING = frozenset((ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.withitem, ast.Call))


def _bindings(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        return [(target, node.value) for target in node.targets]
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)) and node.value is not None:
        return [(node.target, node.value)]
    if isinstance(node, ast.NamedExpr):
        return [(node.target, node.value)]
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return [(_held(node.target, node.iter), node.iter)]
    if isinstance(node, ast.withitem) and node.optional_vars is not None:
        return [(node.optional_vars, node.context_expr)]
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("append", "extend", "update", "add", "write")
        and isinstance(node.func.value, ast.Name)
    ):
        return [(node.func.value, argument) for argument in node.args[:2]]
    return []
