"""The modules of a project as one program: found, read and interpreted when something needs them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from aisecops.codebase.dataflow.program import (
    EMPTY_SUMMARY,
    MAKERS,
    Class,
    Env,
    Files,
    Function,
    Hit,
    Later,
    Module,
    Summary,
    Versions,
    find_module,
    module_name,
)
from aisecops.codebase.dataflow.statements import Statements
from aisecops.codebase.dataflow.values import NOTHING, Value, fresh
from aisecops.core.depends import name_sum
from aisecops.knowledge.libraries import Libraries

_DEEPEST = 16
"""Functions under way at once: a longer chain of calls is cut, since what it hands on has become guesswork."""
_MOST_FUNCTIONS, _MOST_OF_LARGE = 15_000, 25_000
"""Functions of other modules that are kept (of a large project: more); beyond that all are dropped and read again when needed: memory stays bounded."""
_MOST_PLACES = 20_000
"""Answers to where a name leads that are kept: a tree of ten thousand files asks for two each."""
_NOWHERE = 1 << 30
_MOST_STARS = 16
"""Modules from which one module takes everything: a package that gathers hundreds is an index, and reading it would be reading them all."""
_ROUNDS = 3
"""How often functions are interpreted again because of what others store, and how many calls away that matters."""
_HOPS = 2
"""Imports that are followed from one module into the next; those of a package's ``__init__`` into the package do not count."""


class Program:
    """The project, as seen from one file after the other.

    What is found out about another module is kept from file to file, so it must not depend on who asked first. Each module has its *hops*, the number of imports
    that are still followed from it: with fewer at every step, there are no circles, and what a module is with so many hops is a function of the project's text
    alone. Nothing that happens elsewhere changes a module once it is settled.

    Parameters
    ----------
    files
        The project's Python files.
    versions
        Returns what counts as declared for the file at a path.
    stems
        The names of the project's modules and packages without those around them; most imports name none of these. None: not known.
    """

    def __init__(
        self, files: Files, libraries: Libraries, versions: Callable[[str], Versions], *, large: bool = False, stems: frozenset[str] | None = None
    ) -> None:
        self.libraries = libraries
        self._most_functions = _MOST_OF_LARGE if large else _MOST_FUNCTIONS
        self._files = files
        self._versions = versions
        self._stems = stems
        self._modules: dict[tuple[str, int], Module | None] = {}
        self._places: dict[tuple[str, str, int], str | None] = {}
        self._functions = 0
        self._examined: Module | None = None
        self._running: list[Function] = []
        self._low = _NOWHERE
        self._unsettled: list[Function] = []
        self._readers: dict[str, dict[Function, Class | None]] = {}
        self._stale: dict[Function, None] = {}
        self._interpreter = Interpreter(self, Module("", "", ast.Module([], []), _UNDECLARED), _UNDECLARED)

    def examine(self, path: str, tree: ast.Module, versions: Versions) -> Module:
        """Interpret the file at ``path``: its top, then every function that nothing has called. The module holds until the next file is examined."""
        self.leave()
        if self._functions > self._most_functions:
            self._forget()
        if len(self._places) > _MOST_PLACES:
            self._places = {}
        module = self._examined = Module(path, module_name(path), tree, versions, _HOPS)
        interpreter = self._interpreter = Interpreter(self, module, versions)
        self._running, self._low, self._unsettled = [], _NOWHERE, []
        self._readers, self._stale = {}, {}
        interpreter.run_module(module)
        interpreter.run_rest(module)
        return module

    def reads(self, name: str, cls: Class | None) -> None:
        """Note that the function that is being interpreted looks at what others may have stored as ``name``: in objects of ``cls``, or in the module."""
        function = self._interpreter.function
        if function is not None and function.module is self._examined:
            self._readers.setdefault(name, {})[function] = cls

    def again(self, name: str, owner: Class | None) -> None:
        """Note that what was stored as ``name`` carries more than those knew who have looked at it."""
        for function, cls in self._readers.get(name, {}).items():
            if function.summary is not None and (owner is None if cls is None else owner in cls.lineage()):
                self._stale[function] = None

    def stale(self) -> list[Function]:
        """Return the functions that have to be interpreted again, and forget that."""
        stale, self._stale = list(self._stale), {}
        return stale

    def leave(self) -> None:
        """Let go of the module that was examined last."""
        if self._examined is not None:
            self._examined.dismantle()
            self._examined = None

    def rests_on(self, module: Module) -> tuple[set[str], set[int], set[int]]:
        """Return what the interpretation of ``module`` rests on.

        The paths of other modules; the sums of the last parts of the names that were looked for; the sums of the functions of other modules whose bodies matter.
        """
        used = self._reached(module)
        others = [other for key in used if (other := self._modules.get(key)) is not None]
        asked = module.asked.union(*[other.asked for other in others])
        return {path for path, _ in used}, asked, _sums_of_bodies([module, *others])

    def _reached(self, module: Module) -> set[tuple[str, int]]:
        """The other modules that ``module`` uses, and those that these use."""
        used = step = set(module.used)
        while step:  # all modules that are one import further on at once: each has dozens, most of them seen before
            others = [other for key in step if (other := self._modules.get(key)) is not None]
            step = set[tuple[str, int]]().union(*[other.used for other in others]) - used
            used |= step
        return used

    def _noted(self) -> set[Function]:
        """The functions on whose bodies rests what is interpreted just now: for those to add to it on which it turns out to rest, too."""
        asking = self._interpreter.function
        return self._interpreter.module.bodies if asking is None or asking.module is self._examined else asking.rests

    def _forget(self) -> None:
        """Let go of the other modules. They refer to themselves in circles; taking these apart is cheaper than having them looked for."""
        for module in self._modules.values():
            if module is not None:
                module.dismantle()
        self._modules, self._functions = {}, 0

    def summary(self, function: Function) -> Summary:
        """What ``function`` does; as far as known for one that is being interpreted just now (it calls itself).

        A summary that such a part has gone into depends on where the circle was entered. In a settled module it is used until the function that closes the circle is
        done, and then found anew.
        """
        self._noted().add(function)
        if function.summary is not None:
            if function.running >= 0:
                self._low = min(self._low, function.running)
            return function.summary
        here = len(self._running)
        if here >= _DEEPEST:
            self._low = -1
            return EMPTY_SUMMARY
        outer, self._low = self._low, _NOWHERE
        mark = len(self._unsettled)
        self._running.append(function)
        function.running = here
        try:
            summary = self._interpreter.run_function(function)
        finally:
            self._running.pop()
            function.running = -1
        if self._low < here:
            if function.module.settled:
                self._unsettled.append(function)
            outer = min(outer, self._low)
        if self._low >= here or not here:
            for other in self._unsettled[mark:]:
                other.summary = None
            del self._unsettled[mark:]
        self._low = outer
        return summary

    def make(self, cls: Class) -> None:
        """Find out what the objects of a class of another module hold, by what makes them."""
        for ancestor in cls.lineage():
            if not ancestor.module.settled:
                continue
            if ancestor.made:
                if ancestor.makers:
                    self._noted().update(ancestor.makers)
                continue
            ancestor.made = True
            ancestor.makers = tuple(ancestor.methods[name] for name in sorted(MAKERS & ancestor.methods.keys()))
            outer = self._running, self._low, self._unsettled
            self._running, self._low, self._unsettled = [], _NOWHERE, []
            try:
                for maker in ancestor.makers:
                    self.summary(maker)
            finally:
                self._running, self._low, self._unsettled = outer

    def handle(self, function: Function, label: str) -> None:
        """Note that a framework calls ``function`` with what carries ``label``."""
        if label not in function.handled and not function.module.settled:
            function.handled |= {label}
            function.summary = None

    # Names of modules

    def imported(self, importer: Module, name: str) -> Value:
        """Return what ``import name`` binds."""
        later = self._later(importer, name, 0, "")
        return Value(name) if later is None else Value(ref=later)

    def imported_from(self, importer: Module, name: str, member: str, level: int) -> Value:
        """Return what ``from name import member`` binds."""
        later = self._later(importer, f"{name}.{member}" if name else member, level, "") or self._later(importer, name, level, member)
        if later is not None:
            return Value(ref=later)
        return Value(f"{name}.{member}") if not level else Value("?" + member)

    def star(self, importer: Module, name: str, level: int, env: Env, node: ast.ImportFrom) -> None:
        """Bind everything that ``from name import *`` brings."""
        later = self._later(importer, name, level, "")
        importer.star_imports += later is not None
        if later is not None and importer is self._examined and id(node) in importer.for_checkers:
            return
        module = self.module(later) if later is not None and importer.star_imports <= _MOST_STARS else None
        if module is not None:
            env.update({key: fresh(value) for key, value in module.env.items() if not key.startswith("_")})
            importer.stars += [star for star in module.stars if star not in importer.stars]
        elif not level and name not in importer.stars:
            importer.stars.append(name)

    def _later(self, importer: Module, name: str, level: int, member: str) -> Later | None:
        last = name[name.rfind(".") + 1 :]
        importer.asked.add(name_sum(last))
        if last and self._stems is not None and last not in self._stems:
            return None
        path = self._place(importer.path, name, level)
        if path is None:
            return None
        importer.imports.add(path)
        inside = importer.path.endswith("__init__.py") and path != importer.path and path.startswith(importer.path.removesuffix("__init__.py"))
        hops = importer.hops if inside else importer.hops - 1
        return Later(path, member, hops) if hops >= 0 else None

    def now(self, value: Value) -> Value:
        """Return ``value`` with what it refers to read, if that was put off."""
        for _ in range(8):
            ref = value.ref
            if not isinstance(ref, Later):
                return fresh(value)
            module = self.module(ref)
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
        later = self._later(module, name, 1, "")
        return self.now(Value(ref=later)) if later is not None else None

    def module(self, later: Later) -> Module | None:
        """Return the module that ``later`` puts off, settled; None if it cannot be read."""
        key = (later.path, later.hops)
        self._interpreter.module.used[key] = None
        if key in self._modules:
            return self._modules[key]
        self._modules[key] = None
        tree = self._files.tree(later.path)
        if tree is None:
            return None
        versions = self._versions(later.path)
        module = Module(later.path, module_name(later.path), tree, versions, later.hops)
        outer = self._running, self._low, self._unsettled
        self._running, self._low, self._unsettled = [], _NOWHERE, []
        try:
            self._interpreter.run_module(module)
            module.settled = True
            self._functions += len(module.functions)
        finally:
            self._running, self._low, self._unsettled = outer
        self._modules[key] = module
        return module

    def body(self, function: Function) -> list[ast.stmt]:
        """Return the statements of ``function``, which of another module may have to be read first."""
        node = function.node
        assert not isinstance(node, ast.Lambda)
        self._noted().add(function)
        return node.body or self._files.body(function.module.path, node)

    def _place(self, importer: str, name: str, level: int) -> str | None:
        key = (importer.rpartition("/")[0], name, level)
        if key not in self._places:
            self._places[key] = find_module(self._files, importer, name, level)
        return self._places[key]

    def path_labels(self, path: str) -> frozenset[str]:
        """Return the labels that the calls and attributes along ``path`` give."""
        return self.libraries.labels(path)


def _sums_of_bodies(modules: list[Module]) -> set[int]:
    """The sums of the functions on whose bodies ``modules`` rest, and of those on which these do."""
    step = set[Function]().union(*[module.bodies for module in modules])
    rests = set(step)
    while step:
        step = set[Function]().union(*[function.rests for function in step]) - rests
        rests |= step
    return {function.sum or function.summed() for function in rests}


_BUILTINS = {name: Value("builtins." + name) for name in dir(builtins)}


class _Undeclared:
    """Nothing is declared."""

    def holds(self, distribution: str, specifier: str) -> bool | None:
        """Return that it is not known."""
        return None


_UNDECLARED = _Undeclared()


class Interpreter(Statements):
    """Interprets one module after the other; a module or function that turns out to be needed is interpreted in between."""

    def __init__(self, program: Program, module: Module, versions: Versions) -> None:
        self.program = program
        self.examined = module
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
        self.noted: dict[int, Value] | None = None
        self.globals: set[str] = set()
        self.leaves: list[Env] = []
        self.answers: list[tuple[object, bool]] = []
        self.unasked = False
        self.exits: list[Env] = []
        self.current = Summary()
        self.parameters: frozenset[str] = frozenset()

    def run_module(self, module: Module) -> None:
        """Interpret the top of ``module``."""
        outer = dict(vars(self))
        self.module, self.env, self.function, self.closure = module, module.env, None, None
        self.dotted, self.walrus, self.returns, self.loops, self.confirmed = False, set(), [], 0, False
        self.globals, self.leaves, self.exits, self.current, self.parameters = set(), [], [], Summary(), frozenset()
        self.recording, self.versions, self.noted = module is self.examined, module.versions, None
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
            if function.name in MAKERS and function.summary is None:
                self.program.summary(function)
        for function in functions:
            if function.summary is None:
                self.program.summary(function)
        self._run_new(module)  # those defined inside them
        for _ in range(_ROUNDS):
            if not (stale := self.program.stale()):
                break
            self._forget(module, stale)
            self._run_new(module)
        if module.described:
            self._run_described(module)
        self._judge_defaults(module)

    def _run_described(self, module: Module) -> None:
        """What a model asks a tool for reaches the function of that name, where nobody in the module is seen to call it."""
        called = {call.target for call in module.calls}
        functions = [module.member(name).ref for name in sorted(module.described)]
        uncalled = [function for function in functions if isinstance(function, Function) and function not in called and not function.handled]
        if uncalled:
            self._forget(module, uncalled)
            for function in uncalled:
                self.program.handle(function, "model-output")
            self._run_new(module)

    def _run_new(self, module: Module) -> None:
        for function in module.functions:
            if function.summary is None:
                self.program.summary(function)

    def _forget(self, module: Module, stale: list[Function]) -> None:
        """Forget what ``stale`` functions, and those that call them, were found to do: another has stored something that they look at."""
        again = set(stale)
        for _ in range(_ROUNDS):
            again |= {call.function for call in module.calls if call.function is not None and call.target in again}
        module.calls = [call for call in module.calls if call.function not in again]
        for function in again:
            function.summary = None

    def _judge_defaults(self, module: Module) -> None:
        """What a function does when its caller says nothing: its defaults decide."""
        for function in module.functions:
            if function.summary is None:
                continue
            for deferred in function.summary.deferred:
                if (deferred.site or deferred.span).path != module.path:
                    continue
                for path, entry, judgement in self.by_default(function, deferred):
                    lowered, trail = judgement.doubtful, deferred.trail
                    hit = Hit(entry, path, deferred.span, None, judgement.arguments, lowered=lowered, label="", trail=trail)
                    hit.receiver = judgement.receiver
                    hit.sites = (deferred.site,) if deferred.site else ()
                    module.hits.append(hit)

    def builtin(self, name: str) -> Value:
        """Return the builtin ``name``."""
        return _BUILTINS[name]

    def submodule(self, module: Module, name: str) -> Value | None:
        """Return the module ``name`` inside the package ``module``."""
        return self.program.submodule(module, name)

    def confirms(self, path: str) -> bool:
        """Whether a value with this path is what a person said."""
        return self.program.libraries.confirms(path)
