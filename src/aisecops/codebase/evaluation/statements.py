"""Runs a program over states: the top, what it calls, and the functions that nothing calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import count

import msgspec

from aisecops.codebase.evaluation.calls import Calls, computed
from aisecops.codebase.evaluation.expressions import Env, dotted_name, part_of_name
from aisecops.codebase.evaluation.files import Files
from aisecops.codebase.evaluation.rows import RowNames
from aisecops.codebase.evaluation.states import Called, Data, Kind, Leak, Learner, Many, Named, Part, Score, State, Statistic, data_in, united
from aisecops.codebase.syntax.skeleton import with_body
from aisecops.codebase.syntax.walking import walk

_DEEPEST = 5
"""Functions that are followed into each other."""
_MOST_STEPS = 60_000
"""Statements that are run: calls are followed each time anew."""


class Evaluation(Calls):
    """One program."""

    def __init__(self, path: str, tree: ast.Module, files: Files) -> None:
        self._path, self.tree, self._files = path, tree, files
        self.env: Env = {}
        self.scope = ""
        self.found: dict[tuple[Kind, int, int], Leak] = {}
        self.stopped = []
        self.targets = set()
        self.anchor = None
        self.origins = count(1)
        self._globals: Env = {}
        self._depth = 0
        self._steps = 0
        self._called: set[ast.AST] = set()
        self._loops = 0
        self._modules: dict[str, Env] = {}
        self._homes: dict[int, str] = {}
        """Where the names of another module (by ``id``) are from."""
        self._read: dict[ast.AST, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._names = RowNames(tree)
        self._rows = self._names.of(tree)
        self._learns = False
        """Whether this is the method ``fit`` of a class: what it is given is there to learn from."""

    def leaks(self) -> Iterable[Leak]:
        """Run the program and return what it gets wrong."""
        self.env = self._globals
        self._define(self.tree, self._path)
        self._block(self.tree.body)
        for node in walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node not in self._called:
                self._enter(Called(node, self._globals), {})
        return [
            leak
            for leak in self.found.values()
            if leak.lesson.kind is not Kind.AGGREGATE or not self.targets.isdisjoint(leak.lesson.what.split("\n"))
        ]

    def _define(self, tree: ast.Module, path: str) -> None:
        """Names of imports, functions and classes, which functions further up may use."""
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.env.setdefault(node.name, Called(node, self.env))
            elif isinstance(node, (ast.Try, ast.If)):
                self._imports(node, path)
        for node in tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._import(node, path)

    def _imports(self, node: ast.AST, path: str) -> None:
        for part in walk(node):
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                self._import(part, path)

    def _import(self, node: ast.Import | ast.ImportFrom, path: str) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.env[alias.asname or alias.name.partition(".")[0]] = Named(alias.name if alias.asname else alias.name.partition(".")[0])
            return
        members = self._members(path, node)
        for alias in node.names:
            own = members.get(alias.name) if members is not None else None
            self.env[alias.asname or alias.name] = own if own is not None else Named(f"{node.module or ''}.{alias.name}")

    def _members(self, path: str, node: ast.ImportFrom) -> Env | None:
        """The functions of another module of the project."""
        found = self._files.module(path, node.module or "", node.level) if path == self._path else None
        if found is None:
            return None
        where, tree = found
        if where not in self._modules:
            outer, self.env = self.env, {}
            self._modules[where] = self.env
            self._homes[id(self.env)] = where
            self._depth += 1
            self._define(tree, where)
            self._depth -= 1
            self.env = outer
        return self._modules[where]

    def lookup(self, name: str) -> State:
        """What ``name`` means here."""
        found = self.env[name] if name in self.env else self._globals.get(name)
        return self._appearing(name) if found is None and name in self._rows else found

    def attribute(self, node: ast.Attribute) -> State:
        """What ``x.name`` is."""
        found = super().attribute(node)
        name = dotted_name(node) if found is None else ""
        return self._appearing(name) if name in self._rows else found

    def _appearing(self, name: str) -> Data:
        """Rows that come from where nobody sees: a parameter, a function of another library."""
        part = part_of_name(name)
        unsplit = Part.TRAIN if self._learns else Part.ALL
        self.env[name] = data = Data(frozenset({next(self.origins)}), part=unsplit) if part is None else Data(frozenset({0}), part=part, split=1)
        return data

    # Functions

    def inline(self, called: Called, node: ast.Call, positional: list[State], keywords: dict[str, State]) -> State:
        """Run a function of the project with these arguments."""
        arguments = called.node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        if called.owner and names:
            names = names[1:]
        given = dict(zip(names, positional, strict=False)) | keywords
        outer = self.anchor
        if called.module is not self._globals and self.anchor is None:
            self.anchor = node
        try:
            return self._enter(called, given)
        finally:
            self.anchor = outer

    def _enter(self, called: Called, given: Env) -> State:
        node = self._whole(called)
        self._called.add(node)
        if self._depth >= _DEEPEST or self._steps > _MOST_STEPS:
            return united(data for state in given.values() for data in data_in(state))
        outer = self.env, self.scope, self._globals, self._rows, self._learns
        self.env = {name: state for name, state in self.env.items() if name.startswith("self.")} if called.owner else {}
        self.scope, self._globals = self.scope if self.anchor else node.name, called.module
        self._rows, self._learns = self._names.of(node), bool(called.owner) and node.name == "fit"
        self._depth += 1
        try:
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                self.env[argument.arg] = given[argument.arg] if argument.arg in given else self._parameter(argument.arg, given)
            returned = self._block(node.body)
            kept = {name: state for name, state in self.env.items() if name.startswith("self.")}
        finally:
            self._depth -= 1
            self.env, self.scope, self._globals, self._rows, self._learns = outer
        if called.owner:
            self.env.update(kept)
        return returned

    def _whole(self, called: Called) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """The function with its body, which that of another module may lack."""
        node = called.node
        if node.body or (home := self._homes.get(id(called.module))) is None:
            return node
        if node not in self._read:
            self._read[node] = with_body(node, self._files.body(home, node))
        return self._read[node]

    def _parameter(self, name: str, given: Env) -> State:
        """A parameter that nobody gives: data, if its name says which part of a split it is; ``X_train`` and ``X_test`` come from one set."""
        part = part_of_name(name)
        if part is None or given:
            return None
        return Data(frozenset({0}), part=part, split=1)

    # Statements

    def _block(self, statements: list[ast.stmt]) -> State:
        returned: State = None
        for statement in statements:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                break
            found = self._statement(statement)
            returned = found if returned is None else returned
        return returned

    def _statement(self, node: ast.stmt) -> State:
        match node:
            case ast.Expr():
                self.evaluate(node.value)
            case ast.Assign():
                state = self.evaluate(node.value)
                for target in node.targets:
                    self._assign(target, state)
                    self._compute(target, node.value)
            case ast.AnnAssign():
                self._assign(node.target, self.evaluate(node.value))
            case ast.AugAssign():
                self._assign(node.target, self.evaluate(ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)))
            case ast.Return():
                return self.evaluate(node.value)
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor():
                return self._loop(node, self.evaluate(node.iter))
            case ast.While():
                return self._loop(node, None)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._assign(item.optional_vars, self.evaluate(item.context_expr)) if item.optional_vars else self.evaluate(item.context_expr)
                return self._block(node.body)
            case ast.Try() | ast.TryStar():
                returned = self._block(node.body)
                for handler in node.handlers:
                    self._block(handler.body)
                return returned or self._block(node.orelse) or self._block(node.finalbody)
            case ast.Import() | ast.ImportFrom():
                self._import(node, self._path)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.env[node.name] = Called(node, self._globals)
            case ast.ClassDef():
                self._class(node)
        return None

    def _compute(self, target: ast.expr, value: ast.expr) -> None:
        """``df["gone"] = df["churned"] * df["months"]``: what the new column is made of."""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
            name = dotted_name(target.value)
            table = self.env.get(name)
            if isinstance(table, Data) and table.table:
                self.env[name] = computed(table, target.slice.value, value)

    def _class(self, node: ast.ClassDef) -> None:
        """Methods run as if they shared one object: what one keeps in ``self``, the others find."""
        outer = dict(self.env)
        methods = [part for part in node.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))]
        self._names.together(node, methods)
        for method in methods:
            self.env[f"self.{method.name}"] = Called(method, self._globals, node.name)
        for method in sorted(methods, key=lambda m: m.name != "__init__"):
            if method not in self._called:
                self._enter(Called(method, self._globals, node.name), {})
        self.env = outer

    def _if(self, node: ast.If) -> State:
        state = self.evaluate(node.test)
        if self._loops and isinstance(state, Score) and state.data.part is Part.TEST and self._keeps(node):
            lesson = self.lesson(Kind.TUNED_ON_TEST, node.test, "the best by its score on the test part", state.data.origins)
            self._leak(lesson, state.data.split, node)
        if (taken := self._taken(node.test)) is not None:
            return self._block(node.body if taken else node.orelse)
        before = dict(self.env)
        first = self._block(node.body)
        after, self.env = self.env, before
        second = self._block(node.orelse)
        for name, value in after.items():
            self.env[name] = _met(self.env.get(name), value)
        return first or second

    def _taken(self, test: ast.expr) -> bool | None:
        """Whether the branch is taken, where that hangs on whether something was handed over and it was: ``if scaler is None``."""
        if (
            isinstance(test, ast.Compare)
            and len(test.ops) == 1
            and isinstance(test.comparators[0], ast.Constant)
            and test.comparators[0].value is None
        ):
            given = self.env.get(test.left.id) if isinstance(test.left, ast.Name) else None
            if isinstance(given, Learner):
                return isinstance(test.ops[0], ast.IsNot)
        return None

    def _keeps(self, node: ast.If) -> bool:
        """Whether the branch keeps what did best: ``best = score``."""
        targets = [part for s in node.body if isinstance(s, ast.Assign) for target in s.targets for part in walk(target)]
        names = [getattr(part, "id", "") or getattr(part, "attr", "") for part in targets]
        return any("best" in name.lower() or "max" in name.lower() for name in names)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, source: State) -> State:
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self._assign(node.target, self._element(source, node))
        else:
            self.evaluate(node.test)
        self._loops += 1
        returned = self._block(node.body)
        self._loops -= 1
        return returned or self._block(node.orelse)

    def _element(self, source: State, node: ast.For | ast.AsyncFor) -> State:
        if isinstance(source, Many):
            enumerated = isinstance(node.iter, ast.Call) and getattr(node.iter.func, "id", "") == "enumerate"
            items = list(source.items.values())
            rows = len(items) == 2 and all(type(item).__name__ == "Rows" for item in items)
            if rows:
                return Many({0: None, 1: source}) if enumerated else source
            return items[0] if items and all(type(item) is type(items[0]) for item in items) else None
        return source

    def _assign(self, target: ast.expr | None, state: State) -> None:
        match target:
            case ast.Name(id=name):
                self.env[name] = self._named(name, state)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for number, element in enumerate(elements):
                    self._assign(element, state.items.get(number) if isinstance(state, Many) else state if isinstance(state, (Data, Score)) else None)
            case ast.Attribute():
                if name := dotted_name(target):
                    self.env[name] = self._named(target.attr, state)
            case ast.Subscript():
                self._set_item(target, state)
            case ast.Starred(value=inner):
                self._assign(inner, state)

    def _named(self, name: str, state: State) -> State:
        """Rows that were taken out by hand are the part that their new name speaks of."""
        if isinstance(state, Data) and state.part is Part.TEST and not state.table and part_of_name(name) is Part.VALIDATION:
            return msgspec.structs.replace(state, part=Part.VALIDATION)  # of rows that somebody else may have split before
        if (
            isinstance(state, Data)
            and state.part is Part.ALL
            and (part := part_of_name(name)) is not None
            and (not state.whole or state.dropped is None)
        ):
            return msgspec.structs.replace(state, part=part, split=-1)
        return state

    def _set_item(self, target: ast.Subscript, state: State) -> None:
        """``df["x"] = ...`` becomes part of ``df``."""
        base = self.evaluate(target.value)
        name = dotted_name(target.value)
        if isinstance(base, Many) and isinstance(target.slice, ast.Constant) and isinstance(base.items, dict):
            base.items[target.slice.value] = state
            return
        if not isinstance(base, Data) or not name:
            if dotted := dotted_name(target):
                self.env[dotted] = state
            return
        if isinstance(state, Statistic) and state.column and state.data.origins & base.origins and base.part in (Part.ALL, Part.TEST):
            learned_of = self.lesson(Kind.AGGREGATE, target, state.column, base.origins, uses_labels=True)
            self.env[name] = msgspec.structs.replace(base, lessons=base.lessons | {learned_of})
            return
        learned = united(data_in(state)) if not isinstance(state, Score) else None
        if learned is not None and learned.ordered and not base.ordered and learned.origins & base.origins:
            base = self.env[name] = msgspec.structs.replace(base, ordered=True)
        if isinstance(learned, Data) and learned.lessons - base.lessons and learned.origins & base.origins:
            self.env[name] = msgspec.structs.replace(base, lessons=base.lessons | learned.lessons)


def _met(one: State, other: State) -> State:
    """What a name is where two ways meet."""
    if isinstance(one, Data) and isinstance(other, Data) and one != other:
        return msgspec.structs.replace(other, lessons=one.lessons | other.lessons, dropped=None if one.dropped != other.dropped else one.dropped)
    return other if other is not None else one
