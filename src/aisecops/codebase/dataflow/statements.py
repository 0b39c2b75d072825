"""What statements do to the environment."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from aisecops.codebase.dataflow.calls import Calls
from aisecops.codebase.dataflow.chains import INSTRUCTIONS, SYSTEM_BLOCKS, SYSTEM_MESSAGE
from aisecops.codebase.dataflow.guards import dotted_name
from aisecops.codebase.dataflow.matching import judge
from aisecops.codebase.dataflow.options import click_default
from aisecops.codebase.dataflow.program import MAKERS, Annotation, Arguments, Class, Env, Function, Instance, Parameter, Span, Summary
from aisecops.codebase.dataflow.shared import keep, keep_global, place
from aisecops.codebase.dataflow.values import (
    CLEAN,
    INJECTED,
    NOTHING,
    UNKNOWN,
    Dict,
    List,
    Mark,
    Step,
    Value,
    combined,
    extended,
    fresh,
    joined,
    merged,
    passed,
    tainted,
)
from aisecops.codebase.syntax.walking import walk
from aisecops.knowledge.libraries.model import EVERYTHING

_NUMERIC = frozenset(
    (
        "int",
        "float",
        "bool",
        "complex",
        "None",
        "date",
        "datetime",
        "UUID",
        "Decimal",
        "timedelta",
        "Literal",
        "StrictInt",
        "StrictBool",
        "PositiveInt",
    )
)
_OF_NUMBERS = Value(known=CLEAN)
_UNMARKED = Mark(())
_AROUND = frozenset(("Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "Mapped", "Union"))
_MANY = frozenset(("List", "list", "Sequence", "Iterable", "Set", "set", "tuple", "Tuple"))
_MOST_NAMES = 4000
_LITERALS = frozenset(("typing.Literal[]", "typing_extensions.Literal[]"))
_CONTEXTS = frozenset(
    (
        "Context",
        "RunContext",
        "RunContextWrapper",
        "ToolContext",
        "ToolRuntime",
        "RunnableConfig",
        "CancellationToken",
        "Agent",
        "Team",
        "CallbackContext",
        "InvocationContext",
        "FunctionInvocationContext",
        "Kernel",
        "KernelArguments",
    )
)
_CONTEXT_NAMES = frozenset(
    ("ctx", "context", "run_context", "tool_context", "runtime", "wrapper", "run_manager", "cancellation_token", "tool_call_id")
)
_HOLDERS = {
    "pydantic_ai.RunContext": "deps",
    "pydantic_ai.tools.RunContext": "deps",
    "agents.RunContextWrapper": "context",
    "agents.run_context.RunContextWrapper": "context",
    "agents.ToolContext": "context",
    "langgraph.runtime.Runtime": "context",
    "langchain.tools.ToolRuntime": "context",
}
"""What a framework hands a function of the program, to the attribute in which it holds an object of the class in brackets: ``RunContext[Deps]``."""
_NEVER = frozenset((
    "sys.exit()", "os._exit()", "os.abort()", "builtins.exit()", "builtins.quit()", "flask.abort()", "quart.abort()", "werkzeug.exceptions.abort()", "bottle.abort()",
    "streamlit.stop()", "argparse.ArgumentParser().error()", "argparse.ArgumentParser().exit()", "pytest.fail()", "pytest.skip()", "flask_restful.abort()",
))  # fmt: skip
"""Access paths of calls that never come back."""


class Statements(Calls):
    """Runs statements over the current environment."""

    leaves: list[Env]
    answers: list[tuple[object, bool]]
    """What is returned, as far as it is known, each with whether a person has said yes there."""
    unasked: bool
    """Whether the function can be left without a person having said yes."""
    exits: list[Env]
    globals: set[str]

    def block(self, statements: list[ast.stmt]) -> bool:
        """Run ``statements``; tell whether the end can be reached."""
        for statement in statements:  # noqa: SIM110  a generator costs more than the loop
            if not _KINDS.get(type(statement), Statements._other)(self, statement):
                return False
        return True

    def _other(self, node: ast.stmt) -> bool:
        return True

    def _expression(self, node: ast.Expr) -> bool:
        if not isinstance(node.value, ast.Constant):
            self.noted = {}
            value = self.evaluate(node.value)
            self.confirmed = self.confirmed or self.demands(node.value)
            self.noted = None
            self.env = self.insisted(node.value, self.env)
            return value.path not in _NEVER and not self._never_comes_back(node.value)
        return True

    def _never_comes_back(self, node: ast.expr) -> bool:
        """Whether ``node`` calls a function of the project that always raises: ``die("no such command")``."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return False
        function = self.lookup(node.func.id).ref
        return isinstance(function, Function) and function.summary is not None and function.summary.raises

    def _assign(self, node: ast.Assign) -> bool:
        value = self.evaluate(node.value)
        for target in node.targets:
            if isinstance(target, ast.Tuple) and target.elts and isinstance(target.elts[0], ast.Name):
                self.assign(target, value)
                self.env[target.elts[0].id] = self.verdict(node.value, self.env.get(target.elts[0].id, NOTHING))
            else:
                self.assign(target, self.verdict(node.value, value) if isinstance(target, ast.Name) else value)
        return True

    def _annotated(self, node: ast.AnnAssign) -> bool:
        declared = self.annotation(node.annotation)
        if node.value is not None:
            value = self.evaluate(node.value)
            if not value.path and value.ref is None and value.known in (UNKNOWN, None) and (declared.path or declared.ref):
                value = Value(declared.path, value.known, value.taint, declared.ref)
            self.assign(node.target, value)
        elif isinstance(node.target, ast.Name) and (declared.path or declared.ref) and declared.known is not CLEAN:
            self.env.setdefault(node.target.id, declared)
        return True

    def _augmented(self, node: ast.AugAssign) -> bool:
        left = self.evaluate(node.target)
        right = self.evaluate(node.value)
        self.assign(node.target, self._operation(node.op, left, right, node))
        return True

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind ``target``."""
        if isinstance(target, ast.Name):
            if value.taint:
                value = passed(value, Step(self.module.path, target.lineno, f"assigned to `{target.id}`"))
            self.env[target.id] = value
            if target.id in self.globals:
                keep_global(self, target.id, value)
            if self.dotted:
                for key in [key for key in self.env if key.startswith((target.id + ".", target.id + "["))]:
                    del self.env[key]
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Attribute):
            self._set_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            self._set_item(target, value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value)

    def _unpack(self, targets: list[ast.expr], value: Value) -> None:
        known = value.known
        exact = isinstance(known, List) and known.complete and len(known.items) == len(targets)
        for number, target in enumerate(targets):
            if exact and isinstance(known, List):
                self.assign(target, known.items[number])
            else:
                self.assign(target, self.element(value))

    def _set_attribute(self, target: ast.Attribute, value: Value) -> None:
        base = self.evaluate(target.value)
        ref = base.ref
        if isinstance(ref, Instance) and isinstance(target.value, ast.Name):
            keep(self, ref.cls, target.attr, value, making=self.function is not None and self.function.name in MAKERS)
        elif isinstance(ref, Class) and not ref.module.settled:
            ref.fields[target.attr] = value
        if key := dotted_name(target):
            self.dotted = True
            self.env[key] = value
        if at := place(base.path, target.attr):
            keep_global(self, at, value)
        path = extended(base.path, "." + target.attr)
        if path:
            self.assignment("assign", path, target, base, Arguments([], {"value": value}))

    def _set_item(self, target: ast.Subscript, value: Value) -> None:
        base = self.evaluate(target.value)
        key = self.evaluate(target.slice) if not isinstance(target.slice, ast.Slice) else NOTHING
        if isinstance(base.known, Dict):
            if isinstance(key.known, (str, int)) and not isinstance(key.known, bool):
                base.known.items[key.known] = value
            else:
                base.known.items[("?", len(base.known.items))] = value
        if (value.taint or key.taint) and isinstance(target.value, (ast.Name, ast.Attribute)):
            self._rebind(target.value, tainted(base, merged(base.taint, value.taint)))
        if at := place(base.path, key.known):
            keep_global(self, at, value)
        if base.path:
            self.assignment("item", base.path + "[]", target, base, Arguments([], {"key": key, "value": value}))
        elif isinstance(base.known, Dict) and isinstance(key.known, str):
            self.assignment("item", "{}[]", target, base, Arguments([], {"key": key, "value": value}))

    # Ways that part and meet

    def _if(self, node: ast.If) -> bool:
        yes, no = self.tested(node.test)
        before, confirmed = self.env, self.confirmed
        main = isinstance(node.test, ast.Compare) and isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
        self.env = dict(self.refined(node.test, before, truth=True))
        self.confirmed = confirmed or yes
        first = self.block(node.body)
        after_first, self.env = self.env, dict(self.refined(node.test, before, truth=False))
        self.confirmed = confirmed or no
        second = self.block(node.orelse)
        after_second = self.env
        self.confirmed = confirmed or (yes and not second) or (no and not first)
        if main and first:
            self.env = after_first
        elif first and second:
            self.env = _met(after_first, after_second)
        elif first:
            self.env = after_first
        elif second:
            self.env = after_second
        else:
            self.env = before
        return first or second

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> bool:
        before, confirmed = self.env, self.confirmed
        if isinstance(node, ast.While):
            self.confirmed = self.tested(node.test)[0] or confirmed
            self.env = dict(self.refined(node.test, before, truth=True))
        else:
            items = self.evaluate(node.iter)
            self.env = dict(before)
            self.assign(node.target, self.element(items))
        self.loops += 1
        exits, self.exits = self.exits, []
        self.block(node.body)
        if self._grew(before, self.env):  # what the body has done may matter at its own start
            self.env = _met(before, self.env)
            if isinstance(node, (ast.For, ast.AsyncFor)):
                self.assign(node.target, self.element(items))
            recording, self.recording = self.recording, False
            self.block(node.body)
            self.recording = recording
        self.loops -= 1
        self.env = _met(before, self.env)
        for env in self.exits:
            self.env = _met(self.env, env)
        self.exits = exits
        self.confirmed = confirmed
        self.env = self.inspected(node, self.env)
        self.block(node.orelse)
        endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        return not (endless and not any(isinstance(part, ast.Break) for part in walk(node)))

    def _grew(self, before: Env, after: Env) -> bool:
        """Whether a name of before the loop carries more at its end."""
        for name, value in after.items():
            there = before.get(name)
            if there is not value and there is not None and value.taint and not (value.taint.keys() <= (there.taint or {}).keys()):
                return True
        return False

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            value = self.evaluate(item.context_expr)
            if value.path in SYSTEM_BLOCKS:
                self._tells_system(node.body)
            if item.optional_vars is not None:  # a generator's function (@contextmanager) gives what it yields
                self.assign(item.optional_vars, self.element(value) if isinstance(value.known, List) else value)
        return self.block(node.body)

    def _tells_system(self, body: list[ast.stmt]) -> None:
        """What the statements of a block of guidance add to the model is its system message: ``lm += f"You are {role}."``."""
        for statement in body:
            added = statement.value if isinstance(statement, (ast.AugAssign, ast.Assign)) else None
            while isinstance(added, ast.BinOp) and isinstance(added.op, ast.Add):
                self._judge(
                    SYSTEM_MESSAGE, self.span(statement), statement, NOTHING, Arguments([self.evaluate(added.right)], {}), (), 0, self.confirmed
                )
                added = added.left
            if isinstance(statement, ast.AugAssign) and added is statement.value:
                self._judge(SYSTEM_MESSAGE, self.span(statement), statement, NOTHING, Arguments([self.evaluate(added)], {}), (), 0, self.confirmed)

    def _try(self, node: ast.Try) -> bool:
        before = dict(self.env)
        reached = self.block(node.body)
        after_body = self.env
        if reached:
            reached = self.block(node.orelse)
        ends = [self.env] if reached else []
        middle = _met(before, after_body)
        for handler in node.handlers:
            self.env = dict(middle)
            if handler.type is not None:
                self.evaluate(handler.type)
            if handler.name:
                self.env[handler.name] = NOTHING
            if self.block(handler.body):
                ends.append(self.env)
        self.env = ends[0] if ends else middle
        for env in ends[1:]:
            self.env = _met(self.env, env)
        return self.block(node.finalbody) and bool(ends)

    def _match(self, node: ast.Match) -> bool:
        subject = self.evaluate(node.subject)
        before = self.env
        ends = [before]
        for case in node.cases:
            self.env = dict(before)
            if _is_constant(case.pattern):
                self.env = dict(self._clean(node.subject, self.env))
            for part in walk(case.pattern):
                name = part.name if isinstance(part, (ast.MatchAs, ast.MatchStar)) else part.rest if isinstance(part, ast.MatchMapping) else None
                if name:
                    self.env[name] = Value("", UNKNOWN, subject.taint)
            if case.guard is not None:
                self.evaluate(case.guard)
                self.env = self.refined(case.guard, self.env, truth=True)
            if self.block(case.body):
                ends.append(self.env)
        self.env = ends[0]
        for env in ends[1:]:
            self.env = _met(self.env, env)
        return True

    def _return(self, node: ast.Return) -> bool:
        if node.value is not None:
            self.noted = {}
            value = self.evaluate(node.value)
            self.answers.append((value.known, self.confirmed or self.agreed(node.value)[0]))
            self.noted = None
            self.returns.append(value)
            if self.function is not None and INSTRUCTIONS in self.function.handled:
                self._judge(SYSTEM_MESSAGE, self.span(node), node, NOTHING, Arguments([value], {}), (), 0, self.confirmed)
            self._handed_back(value, node)
        self.leaves.append(self.env)
        self.unasked = self.unasked or not self.confirmed
        return False

    def _handed_back(self, value: Value, node: ast.Return) -> None:
        """What a function returns goes to the framework that calls it: an entry of its decorator may be about that (``returned``)."""
        function = self.function
        if function is None or not value.taint or not function.decorators or isinstance(value.known, Dict):
            return
        if isinstance(value.known, List) and value.known.items:  # `return text, 200, {"Content-Type": "text/event-stream"}`
            if any(_says_what_it_is(item) for item in value.known.items[1:]):
                return
            value = value.known.items[0]
        for decorator, written in zip(function.decorators, getattr(function.node, "decorator_list", ()), strict=False):
            path = decorator.path.removesuffix("()")
            for entry in self.program.libraries.decorators(path) if path else ():
                if entry.sink:
                    given = {k.arg: self.evaluate(k.value) for k in getattr(written, "keywords", ()) if k.arg}
                    judgement = judge(entry, Arguments([], {"returned": value, **given}), NOTHING, self.versions)
                    if judgement.reported:
                        self._hit(entry, path, self.span(node), node, judgement, (), None)

    def _alias(self, node: Any) -> bool:
        self.assign(node.name, self.evaluate(node.value))
        return True

    def _raise(self, node: ast.Raise) -> bool:
        if node.exc is not None:
            self.evaluate(node.exc)
        return False

    def _break(self, node: ast.Break) -> bool:
        if len(self.exits) < 20:
            self.exits.append(self.env)
        return False

    def _continue(self, node: ast.Continue) -> bool:
        return False

    def _assert(self, node: ast.Assert) -> bool:
        self.evaluate(node.test)
        self.env = self.refined(node.test, self.env, truth=True)
        self.confirmed = self.confirmed or self.agreed(node.test)[0]
        return True

    def _delete(self, node: ast.Delete) -> bool:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.env.pop(target.id, None)
        return True

    def _globals(self, node: ast.Global) -> bool:
        self.globals.update(node.names)
        return True

    # Imports and definitions

    def _import(self, node: ast.Import) -> bool:
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            found = self.program.imported(self.module, name)
            if not alias.asname and "." in alias.name:
                self.program.imported(self.module, alias.name)  # so that `a.b.c` can be followed
            self.env[alias.asname or name] = found
        return True

    def _import_from(self, node: ast.ImportFrom) -> bool:
        if node.level == 0 and node.module == "__future__":
            return True
        for alias in node.names:
            if alias.name == "*":
                self.program.star(self.module, node.module or "", node.level, self.env, node)
            else:
                self.env[alias.asname or alias.name] = self.program.imported_from(self.module, node.module or "", alias.name, node.level)
        return True

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        function = self.define(node, None)
        value = Value(ref=function)
        for decorator in reversed(function.decorators):
            value = self._decorated(function, decorator, value, node)
        self.env[node.name] = value
        return True

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, cls: Class | None) -> Function:
        """Return the function that ``node`` defines, its decorators and defaults evaluated."""
        function = Function(self.module, self._qualified(node.name, cls), node, self.env if self.function is not None else None, cls)
        if self.closure is not None and function.closure is not None:
            function.closure = _Chained(function.closure, self.closure)
        self._defaults(function, node.args)
        for written in node.decorator_list:
            if (option := click_default(written, self)) is not None:
                function.signature.defaults.setdefault(*option)
        function.decorators = tuple(self.evaluate(decorator) for decorator in node.decorator_list)
        if not self.module.settled:
            self.module.functions.append(function)
        for decorator in function.decorators:
            self._handler(function, decorator)
        if cls is None and self.function is None and function.signature.positional[:2] == ["event", "context"]:
            self.program.handle(function, "untrusted")  # of AWS Lambda: the event is somebody's request, mail or upload
        return function

    def _qualified(self, name: str, cls: Class | None) -> str:
        outer = cls.qualname if cls is not None else self.function.qualname if self.function is not None else ""
        return f"{outer}.{name}" if outer else name

    def make_lambda(self, node: ast.Lambda) -> Function:
        """Return the function that ``node`` makes."""
        function = Function(self.module, self._qualified("<lambda>", None), node, self.env if self.function is not None else None, None)
        self._defaults(function, node.args)
        if not self.module.settled:
            self.module.functions.append(function)
        return function

    def _defaults(self, function: Function, arguments: ast.arguments) -> None:
        defaults = function.signature.defaults
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True):
            defaults[argument.arg] = self.evaluate(default)
        for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if value is not None:
                defaults[argument.arg] = self.evaluate(value)

    def _handler(self, function: Function, decorator: Value) -> None:
        path = decorator.path.removesuffix("()")
        if not path:
            return
        for entry in self.program.libraries.decorators(path):
            if entry.handler:
                self.program.handle(function, entry.handler)

    def _decorated(self, function: Function, decorator: Value, value: Value, node: ast.AST) -> Value:
        """A decorator of the project may do something with what it wraps; those of libraries are taken to hand the function on."""
        ref = decorator.ref
        if isinstance(ref, Function) and ref is not function:
            result = self.call_value(decorator, Arguments([value], {}), node, NOTHING)
            inner = result.ref
            if isinstance(inner, Function) and inner is not function:
                return result
        return value

    def _class(self, node: ast.ClassDef) -> bool:
        bases = tuple(self.evaluate(base) for base in node.bases)
        cls = Class(self.module, self._qualified(node.name, None), node, bases)
        cls.decorators = tuple(self.evaluate(decorator) for decorator in node.decorator_list)
        for keyword in node.keywords:
            self.evaluate(keyword.value)
        self.module.classes.append(cls)
        outer = self.env
        outer[node.name] = Value(ref=cls)
        self.env = dict(outer) if self.function is not None else {}
        start = set(self.env)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                method = self.define(statement, cls)
                cls.methods[statement.name] = method
                self.env[statement.name] = Value(ref=method)
            else:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    cls.annotations[statement.target.id] = self.annotation(statement.annotation)
                self.block([statement])
        cls.attributes = {name: value for name, value in self.env.items() if name not in start and name not in cls.methods}
        self.env = outer
        self._overridden(cls)
        return True

    def _overridden(self, cls: Class) -> None:
        """Methods that a framework calls, since the class derives from one of its own."""
        library = cls.library
        for name, method in cls.methods.items() if library else ():
            for entry in self.program.libraries.methods(f"{library}.{name}"):
                if entry.handler:
                    self.program.handle(method, entry.handler)

    def annotation(self, node: ast.expr) -> Value:
        """Return what an annotation says of a value: an instance of a class (``path()``), or a type in which nothing can hide (``known`` is ``CLEAN``)."""
        if isinstance(node, ast.Name):
            return _OF_NUMBERS if node.id in _NUMERIC else self._type(self.evaluate(node))
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str) or len(node.value) > 200:
                return NOTHING
            try:
                return self.annotation(ast.parse(node.value, mode="eval").body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return NOTHING
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = [self.annotation(side) for side in (node.left, node.right) if not (isinstance(side, ast.Constant) and side.value is None)]
            if sides and all(side.known is CLEAN for side in sides):
                return sides[0]
            return next((side for side in sides if side.path or side.ref), NOTHING)
        if isinstance(node, ast.Subscript):
            name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if name == "Literal":
                return Value(known=CLEAN)
            if name in _AROUND:
                inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
                found = self.annotation(inner)
                if name == "Annotated" and isinstance(node.slice, ast.Tuple) and any(_injected(self.evaluate(part)) for part in node.slice.elts[1:]):
                    return Value(found.path, INJECTED, None, found.ref)
                return found
            if name in _MANY and not isinstance(node.slice, ast.Tuple):
                inner_value = self.annotation(node.slice)
                return (
                    Value(known=CLEAN)
                    if inner_value.known is CLEAN
                    else Value("", List([inner_value], complete=False))
                    if inner_value.path or inner_value.ref
                    else NOTHING
                )
            outer = self.annotation(node.value)
            if (held := _HOLDERS.get(outer.path.removesuffix("()"))) and (inner_value := self.annotation(node.slice)) is not NOTHING:
                return Value(outer.path, Dict({held: inner_value}, complete=False))
            return outer
        if not isinstance(node, ast.Attribute):
            return NOTHING
        return _OF_NUMBERS if node.attr in _NUMERIC else self._type(self.evaluate(node))

    def _type(self, value: Value) -> Value:
        """Return what an annotation with this ``value`` says."""
        if value.path in _LITERALS:
            return Value(known=CLEAN)
        if isinstance(value.ref, Annotation):
            return self.annotation(value.ref.node)
        if isinstance(value.ref, Class):
            if value.ref.inherits("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag"):
                return Value(known=CLEAN)
            return Value(f"{value.ref.library}()" if value.ref.library else "", UNKNOWN, None, Instance(value.ref))
        if value.path and not value.path.startswith(("?", "builtins.", "typing.")):
            return Value(extended(value.path, "()"))
        return NOTHING

    def entry_env(self, function: Function) -> Env:
        """Return the environment in which the body of ``function`` begins."""
        env: Env = {}
        signature = function.signature
        arguments = function.node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.annotation is not None:
                function.annotations[argument.arg] = self.annotation(argument.annotation)
        for position, name in enumerate(signature.names):
            if position == 0 and function.cls is not None and not function.is_static and name in signature.positional:
                library = function.cls.library
                env[name] = Value(f"{library}()" if library else "?self", UNKNOWN, None, Instance(function.cls))
                continue
            env[name] = self._parameter(function, name)
        if signature.rest:
            own = self._own(function, signature.rest)
            env[signature.rest] = Value("?" + signature.rest, List([Value("", UNKNOWN, own)], complete=False), own, Parameter(signature.rest))
        if signature.keywords:
            env[signature.keywords] = Value(
                "?" + signature.keywords, Dict({}, complete=False), self._own(function, signature.keywords), Parameter(signature.keywords)
            )
        return env

    def _parameter(self, function: Function, name: str) -> Value:
        declared = function.annotations.get(name, NOTHING)
        if declared.known is CLEAN:
            return Value("?" + name, UNKNOWN, None, Parameter(name))
        default = function.signature.defaults.get(name)
        if declared.known is INJECTED or (default is not None and _injected(default)):
            return Value(declared.path or extended(default.path if default is not None else "", "[]"), UNKNOWN, None, declared.ref)
        taint = self._own(function, name)
        if default is not None and isinstance(default.ref, Instance) and declared is NOTHING:
            declared = Value(default.path, ref=default.ref)  # what it is unless told otherwise
        if name in function.given:
            return fresh(Value("?" + name, function.given[name], taint))
        if "command-line" in function.handled and default is not None and isinstance(default.known, bool):
            return Value("?" + name, default.known, taint, Parameter(name))  # a switch that nobody has turned
        if declared.path or declared.ref is not None:
            inside = declared.known if isinstance(declared.known, Dict) else UNKNOWN
            return Value(declared.path or "?" + name, inside, taint, declared.ref or Parameter(name))
        return Value("?" + name, declared.known, taint, Parameter(name))

    def _own(self, function: Function, name: str) -> dict[str, Mark]:
        """Every parameter carries its own name; one that a framework fills, what comes with it."""
        taint = {"#" + name: _UNMARKED}
        for label in function.handled:
            if _given_by_framework(function, name, label):
                continue
            taint[label] = Mark((Step(function.module.path, function.node.lineno, f"parameter `{name}` of {function.name}() comes from outside"),))
        return taint

    def run_function(self, function: Function) -> Summary:
        """Interpret the body of ``function``."""
        summary = Summary()
        function.summary = summary
        outer = dict(vars(self))
        self.module = function.module
        self.function, self.closure, self.dotted, self.walrus = function, function.closure, False, set()
        self.returns, self.loops, self.confirmed, self.globals, self.leaves, self.exits = [], 0, False, set(), [], []
        self.recording, self.confirmed, self.versions = function.module is self.examined, False, function.module.versions
        self.answers, self.unasked, self.noted = [], False, None
        self.current, self.parameters = summary, frozenset((*function.signature.names, function.signature.keywords, function.signature.rest))
        try:
            self.env = {}
            self.env = entry = self.entry_env(function)
            inside = dict(entry)
            node = function.node
            if isinstance(node, ast.Lambda):
                self.returns.append(self.evaluate(node.body))
                self.leaves.append(self.env)
            elif self.block(self.program.body(function)):
                self.leaves.append(self.env)
                self.unasked = self.unasked or not self.confirmed
            summary.returns = _all(self.returns)
            summary.checked = self._checked(inside)
            path = summary.returns.path
            summary.confirms = bool(path and self.confirms(path)) or (
                any(sure for _, sure in self.answers) and all(sure or known in (False, None) for known, sure in self.answers)
            )
            summary.asks = bool(self.leaves) and not self.unasked
            summary.raises = not self.leaves and function.cls is None
        finally:
            vars(self).update(outer)
        return summary

    def _checked(self, entry: Env) -> dict[str, frozenset[str]]:
        """Parameters that carry their own name at the start and on no way out; or do so for some categories only."""
        found: dict[str, frozenset[str]] = {}
        if self.leaves:
            for name, value in entry.items():
                if value.taint and "#" + name in value.taint and (categories := self._checked_for(name)):
                    found[name] = categories
        return found

    def _checked_for(self, name: str) -> frozenset[str]:
        """The categories for which parameter ``name`` is harmless on every way out."""
        result = frozenset((EVERYTHING,))
        for env in self.leaves:
            value = env.get(name)
            if value is None or value.ref is None:
                return frozenset()
            mark = value.label("#" + name)
            if mark is not None:
                result = mark.safe if EVERYTHING in result else result & mark.safe
        return result

    def span(self, node: ast.AST) -> Span:
        """Return where ``node`` stands."""
        return Span(self.module.path, node, self.function.qualname if self.function is not None else "")


class _Chained(dict[str, Value]):
    """The names of enclosing functions, the inner one first; looked up when asked for, since they may be assigned later."""

    def __init__(self, inner: Env, outer: Env) -> None:
        super().__init__()
        self._inner = inner
        self._outer = outer

    def __contains__(self, name: object) -> bool:
        return name in self._inner or name in self._outer

    def __getitem__(self, name: str) -> Value:
        return self._inner[name] if name in self._inner else self._outer[name]


def _says_what_it_is(headers: Value) -> bool:
    """Whether ``headers`` of an answer give it another type than HTML."""
    given = headers.known.items if isinstance(headers.known, Dict) else {}
    kind = next((value.start for name, value in given.items() if isinstance(name, str) and name.lower() == "content-type"), "")
    return bool(kind) and not kind.startswith("text/html")


def _all(values: list[Value]) -> Value:
    if not values:
        return NOTHING
    result = values[0]
    for value in values[1:30]:
        result = joined(result, value)
    if len(values) > 30:
        result = tainted(result, merged(result.taint, combined(values[30:])))
    return result


def _met(one: Env, other: Env) -> Env:
    """Return what the names are where two ways meet."""
    if one is other:
        return one
    result = dict(one)
    for name, value in other.items():
        there = one.get(name)
        if there is None:
            if len(result) < _MOST_NAMES:
                result[name] = value
        elif there is not value:
            result[name] = joined(there, value)
    return result


def _is_constant(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return all(_is_constant(p) for p in pattern.patterns)
    return isinstance(pattern, (ast.MatchValue, ast.MatchSingleton))


def _given_by_framework(function: Function, name: str, label: str) -> bool:
    """Whether a framework fills parameter ``name`` itself, with its own objects: a tool's context, a view's request (whose parts are known as sources)."""
    if label == "model-output":
        declared = function.annotations.get(name, NOTHING).path.removesuffix("()").rpartition(".")[2]
        return declared in _CONTEXTS or name in _CONTEXT_NAMES
    return function.cls is not None and name == "request"


def _injected(default: Value) -> bool:
    """``user = Depends(current_user)``: the framework calls a function of ours for it."""
    return default.path.rpartition(".")[2].startswith(("Depends(", "Security("))


_KINDS: dict[type[ast.stmt], Callable[[Any, Any], bool]] = {
    ast.Expr: Statements._expression,
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.If: Statements._if,
    ast.For: Statements._loop,
    ast.AsyncFor: Statements._loop,
    ast.While: Statements._loop,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
    ast.Try: Statements._try,
    ast.TryStar: Statements._try,
    ast.Match: Statements._match,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Break: Statements._break,
    ast.Continue: Statements._continue,
    ast.Assert: Statements._assert,
    ast.Delete: Statements._delete,
    ast.Global: Statements._globals,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import_from,
    ast.FunctionDef: Statements._function,
    ast.AsyncFunctionDef: Statements._function,
    ast.ClassDef: Statements._class,
}
if hasattr(ast, "TypeAlias"):  # Python 3.12
    _KINDS[ast.TypeAlias] = Statements._alias
