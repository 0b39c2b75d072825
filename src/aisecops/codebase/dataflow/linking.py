"""The modules of a project as one program: found, read and interpreted when something needs them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from aisecops.codebase.dataflow.binding import bound, substituted
from aisecops.codebase.dataflow.matching import Versions, judge
from aisecops.codebase.dataflow.program import EMPTY_SUMMARY, Arguments, Env, Function, Hit, Later, Module, Reader, Summary, find_module, module_name
from aisecops.codebase.dataflow.statements import Statements
from aisecops.codebase.dataflow.values import NOTHING, Step, Value
from aisecops.knowledge.libraries import Libraries

_DEEPEST = 24
"""Functions under way at once: a longer chain of calls is cut, since what it hands on has become guesswork."""
_MOST_LINES = 60_000
"""Lines of other modules that are kept; beyond that they are dropped and read again when needed: memory stays bounded."""
_MOST_MODULES = 300
"""Other modules that one file may draw in."""


class Program:
    """The project, as seen from one file after the other."""

    def __init__(self, reader: Reader, libraries: Libraries, parse: Callable[[str, bytes], ast.Module | None]) -> None:
        self.libraries = libraries
        self._reader = reader
        self._parse = parse
        self._modules: dict[str, Module | None] = {}
        self._places: dict[tuple[str, str, int], str | None] = {}
        self._lines = 0
        self._loaded = 0
        self._depth = 0
        self._interpreter: Interpreter | None = None

    def examine(self, path: str, tree: ast.Module, versions: Versions) -> Module:
        """Interpret the file at ``path``: its top, then every function that nothing has called."""
        if self._lines > _MOST_LINES:
            self._modules, self._lines = {}, 0
            import gc  # modules and functions refer to each other

            gc.collect()
        self._loaded = 0
        module = Module(path, module_name(path), tree)
        self._modules[path] = module
        self._lines += _lines(tree)
        interpreter = self._interpreter = Interpreter(self, module, versions)
        interpreter.recording = True
        interpreter.run_module(module)
        interpreter.run_rest(module)
        return module

    def summary(self, function: Function) -> Summary:
        """What ``function`` does; nothing for one that is being interpreted just now (it calls itself)."""
        if function.summary is not None:
            return function.summary
        if self._depth >= _DEEPEST or self._interpreter is None:
            return EMPTY_SUMMARY
        self._depth += 1
        try:
            return self._interpreter.run_function(function)
        finally:
            self._depth -= 1

    def handle(self, function: Function, label: str) -> None:
        """Note that a framework calls ``function`` with what carries ``label``."""
        if label not in function.handled:
            function.handled |= {label}
            function.summary = None

    # Names of modules

    def imported(self, importer: Module, name: str) -> Value:
        """Return what ``import name`` binds."""
        path = self._place(importer.path, name, 0)
        return Value(ref=Later(path, "")) if path else Value(name)

    def imported_from(self, importer: Module, name: str, member: str, level: int) -> Value:
        """Return what ``from name import member`` binds."""
        inner = self._place(importer.path, f"{name}.{member}" if name else member, level)
        if inner:
            return Value(ref=Later(inner, ""))
        path = self._place(importer.path, name, level)
        if path:
            return Value(ref=Later(path, member))
        return Value(f"{name}.{member}") if not level else Value("?" + member)

    def star(self, importer: Module, name: str, level: int, env: Env) -> None:
        """Bind everything that ``from name import *`` brings."""
        path = self._place(importer.path, name, level)
        module = self.module(path) if path else None
        if module is not None:
            env.update({key: value for key, value in module.env.items() if not key.startswith("_")})
            importer.stars += [star for star in module.stars if star not in importer.stars]
        elif not level and name not in importer.stars:
            importer.stars.append(name)

    def now(self, value: Value) -> Value:
        """Return ``value`` with what it refers to read, if that was put off."""
        for _ in range(8):
            ref = value.ref
            if not isinstance(ref, Later):
                return value
            module = self.module(ref.path)
            if module is None:
                return Value(f"{module_name(ref.path)}.{ref.name}" if ref.name else module_name(ref.path))
            if not ref.name:
                return Value(ref=module)
            member = module.env.get(ref.name)
            if member is None:
                return Value(f"{module.stars[0]}.{ref.name}") if len(module.stars) == 1 else Value("?" + ref.name)
            value = member
        return NOTHING

    def submodule(self, module: Module, name: str) -> Value | None:
        """Return the module ``name`` inside the package ``module``; None if there is none."""
        if not module.path.endswith("__init__.py"):
            return None
        path = self._place(module.path, name, 1)
        return self.now(Value(ref=Later(path, ""))) if path else None

    def module(self, path: str) -> Module | None:
        """Return the module at ``path``, its top interpreted; None if it cannot be read."""
        if path in self._modules:
            return self._modules[path]
        if self._loaded >= _MOST_MODULES or self._interpreter is None:
            return None
        self._loaded += 1
        self._modules[path] = None  # whoever it imports may import it
        try:
            tree = self._parse(path, self._reader.read(path))
        except (KeyError, OSError):
            tree = None
        if tree is None:
            return None
        module = self._modules[path] = Module(path, module_name(path), tree)
        self._lines += _lines(tree)
        self._interpreter.run_module(module)
        return module

    def _place(self, importer: str, name: str, level: int) -> str | None:
        key = (importer.rpartition("/")[0], name, level)
        if key not in self._places:
            self._places[key] = find_module(self._reader, importer, name, level)
        return self._places[key]

    def path_labels(self, path: str) -> frozenset[str]:
        """Return the labels that the calls and attributes along ``path`` give."""
        return self.libraries.labels(path)


class Interpreter(Statements):
    """Interprets one module after the other; a module or function that turns out to be needed is interpreted in between."""

    def __init__(self, program: Program, module: Module, versions: Versions) -> None:
        self.program = program
        self.module = module
        self.versions = versions
        self.function: Function | None = None
        self.env = module.env
        self.closure: Env | None = None
        self.dotted = False
        self.walrus: set[str] = set()
        self.returns: list[Value] = []
        self.loops = 0
        self.confirmed = False
        self.recording = False
        self.globals: set[str] = set()
        self.leaves: list[Env] = []
        self.exits: list[Env] = []
        self.current = Summary()
        self.parameters: frozenset[str] = frozenset()
        self._builtins = {name: Value("builtins." + name) for name in dir(builtins)}

    def run_module(self, module: Module) -> None:
        """Interpret the top of ``module``."""
        outer = dict(vars(self))
        self.module, self.env, self.function, self.closure = module, module.env, None, None
        self.dotted, self.walrus, self.returns, self.loops, self.confirmed = False, set(), [], 0, False
        self.globals, self.leaves, self.exits, self.current, self.parameters = set(), [], [], Summary(), frozenset()
        self.recording = self.recording and outer["module"] is module
        try:
            for statement in module.tree.body:
                self.block([statement])
                if self.env is not module.env:  # functions look names up in the module's own
                    module.env.update(self.env)
                    self.env = module.env
        finally:
            vars(self).update(outer)

    def run_rest(self, module: Module) -> None:
        """Interpret the functions that nothing has called yet: those that make objects before the methods of these."""
        functions = sorted(module.functions, key=lambda function: function.cls is not None)
        for function in functions:
            if function.name in ("__init__", "__post_init__", "setup") and function.summary is None:
                self.program.summary(function)
        for function in functions:
            if function.summary is None:
                self.program.summary(function)
        for function in module.functions:  # those defined inside them
            if function.summary is None:
                self.program.summary(function)
        self._judge_defaults(module)

    def _judge_defaults(self, module: Module) -> None:
        """What a function does when its caller says nothing: its defaults decide."""
        step = Step(module.path, 1, "")
        for function in module.functions:
            if function.summary is None:
                continue
            binding = bound(function, Arguments([], {}))
            for deferred in function.summary.deferred:
                if deferred.depth or not (binding and deferred.span.path == module.path):
                    continue
                receiver = substituted(deferred.receiver, binding, step, self.program)
                arguments = self.substituted_arguments(deferred.arguments, binding, step)
                for entry in self.program.libraries.calls(deferred.path):
                    if entry.sink:
                        judgement = judge(entry, arguments, receiver, self.versions)
                        if judgement.reported and not judgement.label:
                            module.hits.append(
                                Hit(
                                    entry,
                                    deferred.path,
                                    deferred.span,
                                    None,
                                    judgement.arguments,
                                    lowered=judgement.doubtful,
                                    label="",
                                    trail=deferred.trail,
                                )
                            )

    def builtin(self, name: str) -> Value:
        """Return the builtin ``name``."""
        return self._builtins[name]

    def submodule(self, module: Module, name: str) -> Value | None:
        """Return the module ``name`` inside the package ``module``."""
        return self.program.submodule(module, name)

    def sources(self, path: str) -> tuple[str, ...]:
        """Return the labels that reading ``path`` gives."""
        return self.program.libraries.attribute_labels(path)

    def confirms(self, path: str) -> bool:
        """Whether a value with this path is what a person said."""
        return self.program.libraries.confirms(path)


def _lines(tree: ast.Module) -> int:
    return getattr(tree.body[-1], "end_lineno", 0) or 0 if tree.body else 0
